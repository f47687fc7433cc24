/* A file layer that remembers what is durable, to be loaded into a process before its C library.
 *
 * What a file system promises after a power cut is what was synced, and no more: the bytes of a file as
 * they stood at its last fsync, and the names in a folder as they stood at the folder's. So every sync
 * leaves a copy of the one or the other beside the archive, and after the process was killed the test
 * puts back what was copied (layer.rs). The disk itself is not waited for.
 *
 * Invariants:
 * - A copy is whole or absent at any instant, and stands before the sync returns: nobody is told of
 *   something as durable that is not in the copies.
 * - Files are known by inode and the instant of their birth, for an inode's number is used again.
 *
 * A process can be made to die, without a word, at the nth call that writes, names or sends, in the
 * middle of that write; or at a line of its log. Calls that do not go through the C library (rustix,
 * sendfile) are not counted; syncs all do.
 *
 * Environment: PHIM_LAYER the folder of the copies and of `clock`; PHIM_LAYER_ROOT the archive;
 * PHIM_LAYER_LIES part of a path whose syncs do nothing; PHIM_LAYER_STEP `N:TEXT`, a line of the log.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Calls so far, and the one at which the process dies. */
static struct clock { _Atomic uint64_t now, death; } *clock_;
static const char *layer, *root, *lies, *step;
static atomic_int steps_left;
static pthread_mutex_t syncing = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    layer = getenv("PHIM_LAYER");
    root = getenv("PHIM_LAYER_ROOT");
    if (!layer || !root) return;
    lies = getenv("PHIM_LAYER_LIES");
    const char *named = getenv("PHIM_LAYER_STEP");
    if (named) {
        step = strchr(named, ':') + 1;
        steps_left = atoi(named);
    }
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/clock", layer);
    int fd = open(path, O_RDWR);
    void *mapped = mmap(NULL, sizeof *clock_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED) abort();
    clock_ = mapped;
}

static void die(void) {
    for (;;) syscall(SYS_kill, getpid(), SIGKILL);
}

/* Counts a call. Whether it is the last one. */
static int last(void) { return clock_ && atomic_fetch_add(&clock_->now, 1) + 1 == clock_->death; }
static void tick(void) {
    if (last()) die();
}

/* ---- what is durable -------------------------------------------------------------------------------------- */

static void key_of(int folder, const char *name, char *out, size_t len) {
    struct statx it;
    if (syscall(SYS_statx, folder, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &it)) abort();
    snprintf(out, len, "%llu-%lld.%09u", (unsigned long long)it.stx_ino, (long long)it.stx_btime.tv_sec,
             it.stx_btime.tv_nsec);
}

static void copy_file(int fd, const char *partial) {
    int out = open(partial, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    static char buffer[1 << 16];
    off_t at = 0;
    ssize_t got;
    char own[64];
    /* The descriptor may be open for writing only. */
    snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    int in = open(own, O_RDONLY);
    if (in < 0 || out < 0) abort();
    while ((got = pread(in, buffer, sizeof buffer, at)) > 0) {
        if (syscall(SYS_pwrite64, out, buffer, got, at) != got) abort();
        at += got;
    }
    close(in);
    close(out);
}

static void copy_names(int fd, const char *partial) {
    FILE *out = fopen(partial, "w");
    DIR *all = fdopendir(openat(fd, ".", O_RDONLY | O_DIRECTORY));
    struct dirent *one;
    if (!out || !all) abort();
    while ((one = readdir(all))) {
        char key[64];
        struct stat is;
        if (!strcmp(one->d_name, ".") || !strcmp(one->d_name, "..")) continue;
        if (fstatat(dirfd(all), one->d_name, &is, AT_SYMLINK_NOFOLLOW)) continue;
        key_of(dirfd(all), one->d_name, key, sizeof key);
        fprintf(out, "%c %s %s\n", S_ISDIR(is.st_mode) ? 'd' : S_ISREG(is.st_mode) ? 'f' : 'o', key, one->d_name);
    }
    closedir(all);
    fclose(out);
}

/* Copies the bytes of a file, or the names in a folder, of the archive. */
static void keep(int fd) {
    char link[64], path[PATH_MAX], partial[PATH_MAX], kept[2 * PATH_MAX], key[64];
    struct stat is;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0 || fstat(fd, &is)) return;
    path[len] = 0;
    size_t above = strlen(root);
    if (strncmp(path, root, above) || (path[above] && path[above] != '/')) return;
    if (lies && strstr(path + above, lies)) return;
    pthread_mutex_lock(&syncing);
    snprintf(partial, sizeof partial, "%s/partial", layer);
    if (S_ISDIR(is.st_mode)) {
        for (char *c = path + above; *c; c++)
            if (*c == '/') *c = '%';
        copy_names(fd, partial);
        snprintf(kept, sizeof kept, "%s/folders/%%%s", layer, path[above] ? path + above + 1 : "");
    } else {
        key_of(fd, "", key, sizeof key);
        copy_file(fd, partial);
        snprintf(kept, sizeof kept, "%s/files/%s", layer, key);
    }
    if (syscall(SYS_rename, partial, kept)) abort();
    pthread_mutex_unlock(&syncing);
}

static int sync_call(int fd, long number) {
    if (!clock_) return syscall(number, fd);
    tick();
    keep(fd);
    return 0;
}
int fsync(int fd) { return sync_call(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_call(fd, SYS_fdatasync); }

/* ---- what can be the last call ------------------------------------------------------------------------------ */

ssize_t write(int fd, const void *bytes, size_t len) {
    if (last()) {
        syscall(SYS_write, fd, bytes, len / 2);
        die();
    }
    ssize_t done = syscall(SYS_write, fd, bytes, len);
    if (fd == 2 && step && memmem(bytes, len, step, strlen(step)) && atomic_fetch_sub(&steps_left, 1) == 1) die();
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at) {
    if (last()) {
        syscall(SYS_pwrite64, fd, bytes, len / 2, at);
        die();
    }
    return syscall(SYS_pwrite64, fd, bytes, len, at);
}
ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at) { return pwrite64(fd, bytes, len, at); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
    tick();
    return syscall(SYS_writev, fd, parts, count);
}
ssize_t send(int fd, const void *bytes, size_t len, int flags) {
    tick();
    return syscall(SYS_sendto, fd, bytes, len, flags, NULL, 0);
}
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    tick();
    return syscall(SYS_sendmsg, fd, message, flags);
}
int ftruncate64(int fd, off64_t len) {
    tick();
    return syscall(SYS_ftruncate, fd, len);
}
int ftruncate(int fd, off_t len) { return ftruncate64(fd, len); }
int rename(const char *from, const char *to) {
    tick();
    return syscall(SYS_rename, from, to);
}
int unlink(const char *path) {
    tick();
    return syscall(SYS_unlink, path);
}
