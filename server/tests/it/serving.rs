//! Bytes on the wire: the right ones, over plain TCP and TLS, and what happens when the disk fails.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::client::{Answer, ask, connect, get, read_answer, send};
use crate::film::archive_with_film;
use crate::phim::{Server, hold_trial, run};

/// An archive with one film of `frame` bytes a frame, and the address of its whole.
fn film(frame: u32) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async { archive_with_film(dir.path(), frame).await.close().await });
    hold_trial(dir.path());
    let whole = run(dir.path(), &["version", "show", "noise", "--json"]).json();
    let base = format!("/c/{}", whole["composition"].as_str().expect("a digest"));
    (dir, base)
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

/// The blob files, largest first.
fn blobs(data: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    files_below(&data.join("blobs"), &mut all);
    all.sort_by_key(|path| std::cmp::Reverse(std::fs::metadata(path).expect("a file").len()));
    all
}

fn cut_off(path: &Path, len: u64) {
    OpenOptions::new().write(true).open(path).and_then(|f| f.set_len(len)).expect("the file is cut off");
}

fn sent_by_kernel(at: &str) -> u64 {
    let metrics = get(at, "/metrics").text();
    let line = metrics.lines().find(|l| l.starts_with("phim_sendfile_bytes_total")).expect("the metric");
    line.rsplit(' ').next().and_then(|n| n.parse().ok()).expect("a number")
}

/// Every file that `export` writes is what the server answers under the same name, in whole and in
/// parts; large ranges went through the kernel.
#[test]
fn the_server_and_the_export_agree() {
    let (dir, base) = film(20_000);
    let out = dir.path().join("static");
    let exported =
        run(dir.path(), &["export", "--version", "noise", out.to_str().expect("a path"), "--json"]).json();
    let server = Server::start(dir.path(), &[]);
    let mut files = Vec::new();
    files_below(&out, &mut files);
    assert_eq!(files.len() as u64, exported["files"].as_u64().expect("a number"));
    assert!(files.len() > 40);
    for file in files {
        let name = file.strip_prefix(&out).expect("below").to_str().expect("a name");
        let path = format!("{base}/{name}");
        let bytes = std::fs::read(&file).expect("a file");
        let whole = get(server.at(), &path);
        assert_eq!((whole.status, whole.body == bytes), (200, true), "{name}");
        let (from, to) = (bytes.len() / 3, bytes.len() * 2 / 3);
        let part = ask(server.at(), "GET", &path, &[("range", &format!("bytes={from}-{to}"))], "");
        assert_eq!((part.status, part.body == bytes[from..=to]), (206, true), "{name}");
    }
    assert!(sent_by_kernel(server.at()) > 5_000_000);
}

/// One connection, many requests, a client that reads in drips: the order and the bytes hold.
#[test]
fn a_slow_client_on_one_connection() {
    let (dir, base) = film(20_000);
    let server = Server::start(dir.path(), &[]);
    let expected: Vec<Vec<u8>> =
        (0..5).map(|n| get(server.at(), &format!("{base}/v0/{n}.m4s")).body).collect();
    let mut stream = connect(server.at());
    for n in 0..5 {
        send(&mut stream, "GET", &format!("{base}/v0/{n}.m4s"), &[], "");
    }
    let mut reader = BufReader::with_capacity(3000, stream);
    for (n, bytes) in expected.iter().enumerate() {
        std::thread::sleep(Duration::from_millis(30));
        assert!(read_answer(&mut reader, false).body == *bytes, "segment {n}");
    }
}

/// A stored file that is cut off while it is sent ends that answer; the server lives, and says
/// `data_loss` of that rendition until the file is put back.
#[test]
fn a_stored_file_cut_off_while_it_is_served() {
    // Segments of 19 MB, so that the sockets cannot swallow one whole.
    let (dir, base) = film(200_000);
    let mut server = Server::start(dir.path(), &[]);
    let mut stream = connect(server.at());
    send(&mut stream, "GET", &format!("{base}/v0/2.m4s"), &[], "");
    let mut reader = BufReader::new(stream);
    let mut begun = [0; 1];
    reader.read_exact(&mut begun).expect("the answer begins");
    let stored = blobs(dir.path()).remove(0);
    let kept = dir.path().join("kept");
    std::fs::copy(&stored, &kept).expect("a backup");
    cut_off(&stored, 1000);
    std::thread::sleep(Duration::from_millis(100));
    let mut rest = Vec::new();
    let _ = reader.read_to_end(&mut rest);
    assert!(rest.len() < 19_000_000, "{} bytes came of a file that was cut off", rest.len());
    assert!(server.lives());
    let lost = get(server.at(), &format!("{base}/v0/2.m4s"));
    assert_eq!(lost.status, 500);
    assert!(lost.text().contains("data_loss") && lost.text().contains("phim check"), "{}", lost.text());
    assert_eq!(get(server.at(), &format!("{base}/v1/2.m4s")).status, 200);
    assert_eq!(get(server.at(), &format!("{base}/a0/2.m4s")).status, 200);
    assert_eq!(get(server.at(), "/healthz").status, 200);
    let checked = run(dir.path(), &["check", "--json"]);
    assert_eq!(checked.status.code(), Some(6), "{}{}", checked.out, checked.err);
    assert!(checked.out.contains("rendition 0") || checked.out.contains("needed_by"), "{}", checked.out);
    // Put back, it plays again without a new start.
    std::fs::rename(&kept, &stored).expect("put back");
    let back = (0..40).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        get(server.at(), &format!("{base}/v0/2.m4s")).status == 200
    });
    assert!(back);
}

/// An index lies in a memory map. When its file is cut off, reading it must not end the process.
#[test]
fn an_index_cut_off_while_it_is_open() {
    let (dir, base) = film(2000);
    let mut server = Server::start(dir.path(), &[]);
    assert_eq!(get(server.at(), &format!("{base}/v0/0.m4s")).status, 200);
    for blob in blobs(dir.path()) {
        let mut start = [0; 8];
        let is_index =
            File::open(&blob).and_then(|mut f| f.read_exact(&mut start)).is_ok() && &start == b"phim-ix\n";
        if is_index {
            cut_off(&blob, 0);
        }
    }
    let lost = get(server.at(), &format!("{base}/v0/1.m4s"));
    assert_eq!(lost.status, 500, "{}", lost.text());
    assert!(lost.text().contains("data_loss"), "{}", lost.text());
    assert!(server.lives());
}

/// The same bytes over TLS, with HTTP/2 on offer.
#[test]
fn over_tls() {
    let (dir, base) = film(20_000);
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    if !make_certificate(&cert, &key) {
        println!("skipped: there is no openssl to make a certificate with");
        return;
    }
    let mut config = trusting(&cert);
    let plain = Server::start(dir.path(), &[]);
    let expected = get(plain.at(), &format!("{base}/v0/1.m4s")).body;
    plain.end();
    let server = Server::start(
        dir.path(),
        &["--tls-cert", cert.to_str().expect("a path"), "--tls-key", key.to_str().expect("a path")],
    );
    assert!(server.url.starts_with("https://"));
    let mut stream = shake_hands(&server, config.clone());
    send(&mut stream, "GET", &format!("{base}/v0/1.m4s"), &[], "");
    let answer: Answer = read_answer(&mut BufReader::new(stream), false);
    assert_eq!((answer.status, answer.body == expected), (200, true));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let mut stream = shake_hands(&server, config);
    stream.flush().expect("the handshake ends");
    assert_eq!(stream.conn.alpn_protocol(), Some(b"h2".as_slice()));
}

/// A client that trusts one certificate.
pub fn trusting(cert: &Path) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(cert).expect("a certificate")).expect("a root");
    ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

/// A certificate for `localhost` that vouches for itself.
pub fn make_certificate(cert: &Path, key: &Path) -> bool {
    let args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
                -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE";
    let mut openssl = Command::new("openssl");
    openssl.args(args.split_whitespace()).arg("-keyout").arg(key).arg("-out").arg(cert).stderr(Stdio::null());
    openssl.status().is_ok_and(|status| status.success())
}

pub fn shake_hands(
    server: &Server,
    config: ClientConfig,
) -> StreamOwned<ClientConnection, std::net::TcpStream> {
    let name = ServerName::try_from("localhost").expect("a name");
    let mut connection = ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut stream = connect(server.at());
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).expect("the handshake goes on");
    }
    StreamOwned::new(connection, stream)
}

/// A server that is asked to end finishes what it has begun.
#[test]
fn an_orderly_end() {
    let (dir, base) = film(200_000);
    let server = Server::start(dir.path(), &[]);
    let mut stream = connect(server.at());
    send(&mut stream, "GET", &format!("{base}/v0/1.m4s"), &[], "");
    let mut reader = BufReader::new(stream);
    let mut begun = [0; 1];
    reader.read_exact(&mut begun).expect("the answer begins");
    let ended = std::thread::spawn(move || server.end());
    std::thread::sleep(Duration::from_millis(100));
    let mut rest = begun.to_vec();
    reader.read_to_end(&mut rest).expect("the answer goes on");
    let answer = read_answer(&mut rest.as_slice(), false);
    assert_eq!((answer.status, answer.cut_off), (200, false));
    assert!(ended.join().expect("the server ends").success());
    assert!(!dir.path().join("phim.sock").exists());
}

/// Requests that are too large are refused in words, and garbage ends the connection.
#[test]
fn requests_beyond_the_limits() {
    let (dir, _) = film(500);
    let mut server = Server::start(dir.path(), &[]);
    let long = format!("/{}", "a".repeat(5000));
    assert_eq!(get(server.at(), &long).status, 414);
    let many: Vec<(String, String)> = (0..100).map(|n| (format!("x-{n}"), "1".to_string())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(ask(server.at(), "GET", "/healthz", &many, "").status, 431);
    let large = format!("{{\"title\":\"{}\"}}", "a".repeat(70_000));
    assert_eq!(ask(server.at(), "POST", "/api/v1/play", &[], &large).status, 413);
    let mut stream = connect(server.at());
    stream.write_all(b"\x16\x03\x01\x00\x00 nonsense\r\n\r\n").expect("taken");
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    assert!(server.lives());
}
