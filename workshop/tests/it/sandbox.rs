use std::ffi::OsString;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use media::{Error, Kind, Result};
use workshop::{Child, Job, Limits, Sandbox};

use crate::stage::{film, sandbox};

fn args(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

/// Runs ffmpeg and gives back its standard output.
fn ffmpeg(sandbox: &Sandbox, job: Job) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    sandbox.run_ffmpeg(job, &mut |bytes| {
        out.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(out)
}

fn noise(seconds: u32) -> Vec<OsString> {
    let source = format!("testsrc2=s=320x180:d={seconds}");
    args(&["-v", "error", "-f", "lavfi", "-i", &source, "-f", "framecrc", "-"])
}

#[test]
fn says_what_the_kernel_gave() {
    let sandbox = sandbox();
    let gained = sandbox.gained().unwrap();
    println!("{}", sandbox.report());
    assert!(gained.limits);
    assert!(gained.seccomp, "{gained}");
}

#[test]
fn runs_ffmpeg_on_a_named_file() {
    let film = film("sintel-trailer.mp4");
    let mut job = Job::new(
        "a test",
        args(&["-v", "error", "-i", film.to_str().unwrap(), "-frames:v", "3", "-an", "-f", "framecrc", "-"]),
    );
    job.reads = vec![film];
    let text = String::from_utf8(ffmpeg(&sandbox(), job).unwrap()).unwrap();
    assert_eq!(text.lines().filter(|line| !line.starts_with('#')).count(), 3);
}

#[test]
fn reads_only_the_named_files() {
    let sandbox = sandbox();
    if sandbox.gained().unwrap().landlock.is_none() {
        return println!("skipped: {}", sandbox.report());
    }
    let film = film("sintel-trailer.mp4");
    let job = Job::new(
        "a test",
        args(&["-v", "error", "-i", film.to_str().unwrap(), "-frames:v", "1", "-f", "null", "-"]),
    );
    let error = ffmpeg(&sandbox, job).unwrap_err();
    assert!(error.message.contains("Permission denied"), "{error}");
}

#[test]
fn writes_only_in_its_folder() {
    let sandbox = sandbox();
    if sandbox.gained().unwrap().landlock.is_none() {
        return println!("skipped: {}", sandbox.report());
    }
    let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (folder, allowed) in [(inside.path(), true), (outside.path(), false)] {
        let target = folder.join("out.mkv");
        let mut job = Job::new(
            "a test",
            args(&["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", target.to_str().unwrap()]),
        );
        job.folder = Some(inside.path());
        let result = ffmpeg(&sandbox, job);
        assert_eq!(result.is_ok(), allowed, "{result:?}");
        assert_eq!(target.exists(), allowed);
    }
}

#[test]
fn opens_no_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("tcp://{}", listener.local_addr().unwrap());
    let error = ffmpeg(&sandbox(), Job::new("a test", args(&["-v", "error", "-i", &url, "-f", "null", "-"])))
        .unwrap_err();
    assert_eq!(error.kind, Kind::Invalid);
    assert!(listener.accept().is_err(), "the child reached the network");
}

#[test]
fn starts_no_other_program() {
    let sandbox = sandbox();
    // A child confined for ffmpeg is asked to execute a shell instead.
    if sandbox.gained().unwrap().landlock.is_none() {
        return println!("skipped: {}", sandbox.report());
    }
    let policy = r#"{"program":"/usr/bin/ffmpeg","reads":[],"folder":null,"ceilings":{"memory":1073741824,"cpu_seconds":5,"file":1024}}"#;
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_workshop-child"))
        .args(["run", policy, "--", "/bin/sh", "-c", "echo free"])
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(127));
    assert_eq!(out.stdout, b"");
}

#[test]
fn is_stopped_when_out_of_time() {
    let sandbox = sandbox();
    let mut job = Job::new("a long encode", noise(100_000));
    job.limits = Limits { wall: Duration::from_millis(300), output: u64::MAX, ..Limits::default() };
    let start = Instant::now();
    let error = ffmpeg(&sandbox, job).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(
        (error.kind, error.message.as_str()),
        (Kind::Unavailable, "a long encode took longer than 0 s and was stopped")
    );
}

#[test]
fn is_stopped_when_it_talks_too_much() {
    let mut job = Job::new("a talkative child", noise(100_000));
    job.limits.output = 10_000;
    let error = ffmpeg(&sandbox(), job).unwrap_err();
    assert_eq!(error.message, "a talkative child wrote more than 10000 bytes and was stopped");
}

#[test]
fn is_stopped_when_its_reader_gives_up() {
    let mut job = Job::new("a test", noise(100_000));
    job.limits.output = u64::MAX;
    let error = sandbox().run_ffmpeg(job, &mut |_| Err(Error::invalid("enough"))).unwrap_err();
    assert_eq!(error.message, "enough");
}

#[test]
fn is_stopped_at_its_file_limit() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = Job::new(
        "a big file",
        args(&["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:d=60", "-c:v", "rawvideo", "out.nut"]),
    );
    job.folder = Some(folder.path());
    job.limits.ceilings.file = 1 << 20;
    let error = ffmpeg(&sandbox(), job).unwrap_err();
    assert_eq!(error.kind, Kind::Unavailable, "{error}");
    assert!(error.message.contains("wrote a file larger than its limit"), "{error}");
}

#[test]
fn a_killed_ffmpeg_is_an_error_that_names_the_step() {
    let sandbox = sandbox();
    let mut job = Job::new("the ladder", noise(100_000));
    // The processor limit makes the kernel kill it.
    job.limits.ceilings.cpu_seconds = 1;
    job.limits.output = u64::MAX;
    let error = ffmpeg(&sandbox, job).unwrap_err();
    assert_eq!(error.kind, Kind::Unavailable);
    assert!(
        error.message.starts_with("the ladder: the child used up its processor time")
            || error.message.contains("signal 9"),
        "{error}"
    );
}

#[test]
fn a_missing_ffmpeg_is_an_error_with_a_remedy() {
    let child = Child { program: env!("CARGO_BIN_EXE_workshop-child").into(), args: Vec::new() };
    let sandbox = Sandbox::new(child, "/nonexistent");
    let error = ffmpeg(&sandbox, Job::new("a test", noise(1))).unwrap_err();
    assert_eq!(error.kind, Kind::Unavailable);
    assert_eq!(
        error.to_string(),
        "ffmpeg is not on the search path. Install it, on Debian or Ubuntu with: apt-get install ffmpeg"
    );
}

#[test]
fn a_missing_child_is_an_error() {
    let sandbox = Sandbox::new(
        Child { program: "/nonexistent/phim".into(), args: Vec::new() },
        std::env::var_os("PATH").unwrap(),
    );
    assert_eq!(ffmpeg(&sandbox, Job::new("a test", noise(1))).unwrap_err().kind, Kind::Unavailable);
}
