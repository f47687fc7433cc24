//! `serve`: segments made just in time over 200 versions of one stored film, beside nginx sending the
//! same bytes as static files. `serve-version`: versions of 50 cuts beside whole films. `serve-encrypted`:
//! the same film encrypted as it is sent, and in the clear for those who show a token, beside it in the clear.
//!
//! The film is larger than the last-level cache, the page cache is hot, no segment is asked twice, one
//! thread stands against one worker on the same processor, and the client has the other.

use std::path::{Path, PathBuf};
use std::process::Command;

use media::{Digest, Error, Result};
use serde_json::json;

use crate::Asked;
use crate::film::{Film, Noise, RATE, Rung, files};
use crate::measure::{Outcome, Side, cpu_seconds, failed, last_level_cache, median, run};
use crate::peers::{Nginx, wrk};
use crate::program::{Program, Server, fetch};

/// Frames in a group of pictures of the bench film.
const GROUP: u32 = 48;
const SERVER_CPU: u32 = 0;
const CLIENT_CPU: u32 = 1;
/// Segments whose bytes are compared after each run.
const SAMPLED: usize = 24;

/// Seconds of film when a run shall be quick; fifty cuts need room.
const QUICK: u32 = 120;
const QUICK_CUT: u32 = 420;

mod encrypted;

pub use encrypted::serve_encrypted;

struct Stand<'a> {
    program: Program<'a>,
    groups: u32,
    bytes: u64,
    work: PathBuf,
    rounds: usize,
    versions: u32,
    /// The file of the film.
    film: PathBuf,
}

/// A title, and whether its versions stand under `/c/` or, encrypted, under `/e/`.
struct Shelf {
    title: &'static str,
    folder: &'static str,
}

const CLEAR: Shelf = Shelf { title: "bench", folder: "c" };

pub fn serve(asked: &Asked) -> Result<Vec<Outcome>> {
    let stand = stand(asked, QUICK)?;
    let versions = make_versions(&stand, &CLEAR, "whole", |k| vec![whole_groups(k, stand.groups)])?;
    let statics = stand.work.join("static");
    export(&stand, &versions, &statics)?;
    let (cert, key) = certificate(&stand.work)?;
    let words: Vec<&str> = vec!["--tls-cert", path(&cert), "--tls-key", path(&key)];
    let plain = against_nginx(&stand, &versions, &statics, None, &[])?;
    let tls = against_nginx(&stand, &versions, &statics, Some((&cert, &key)), &words)?;
    Ok(vec![plain, tls])
}

pub fn serve_version(asked: &Asked) -> Result<Vec<Outcome>> {
    let stand = stand(asked, QUICK_CUT)?;
    let whole = make_versions(&stand, &CLEAR, "whole", |k| vec![whole_groups(k, stand.groups)])?;
    let step = stand.groups / 50;
    let cut = make_versions(&stand, &CLEAR, "cut50", |k| {
        let mut cuts: Vec<(u32, u32)> =
            (0..50).map(|n| (n * step * GROUP + 10, n * step * GROUP + 40)).collect();
        // One more cut, of a whole group, makes each version another without another patch.
        cuts.push(whole_group((k % 50) * step + 2 + (k / 50) % (step - 2)));
        cuts
    })?;
    let server = start(&stand, &[])?;
    let (mut ours, mut theirs, mut ratios) = (Side::default(), Side::default(), Vec::new());
    for (a, b) in rounds(&cut, stand.rounds).iter().zip(&rounds(&whole, stand.rounds)) {
        let one = load_ours(&stand, &server, a)?;
        let two = load_ours(&stand, &server, b)?;
        ratios.push(per_cpu(&one) / per_cpu(&two));
        add_up(&mut ours, &one);
        add_up(&mut theirs, &two);
    }
    ours.name = "versions of 50 cuts".into();
    theirs.name = "whole films".into();
    let ratio = median(ratios);
    Ok(vec![Outcome {
        name: "serve-version".into(),
        ours,
        peer: Some(theirs),
        measure: "bytes per CPU second, median of the rounds".into(),
        ratio: Some(ratio),
        reach: ">= 0.95".into(),
        reached: ratio >= 0.95,
        notes: notes(&stand),
    }])
}

/// A fresh archive that holds the bench film.
fn stand(asked: &Asked, quick: u32) -> Result<Stand<'_>> {
    let work = asked.work.join("serve");
    let data = work.join("data");
    let _ = std::fs::remove_dir_all(&data);
    std::fs::create_dir_all(&work).map_err(failed("making the work folder"))?;
    // 1.5 MB a segment of four seconds; a tenth more film than the last-level cache holds.
    let seconds =
        if asked.quick { quick } else { (last_level_cache() * 11 / 10 / 375_000).max(600) as u32 / 4 * 4 };
    let rung = [Rung { width: 1920, height: 1080, kbps: 3000 }];
    let film = Film {
        name: "serve",
        seconds,
        rungs: &rung,
        preset: "ultrafast",
        noise: Noise::EachFrame,
        sound: false,
    };
    let file = files(&asked.work, &film)?.remove(0);
    let program = Program { phim: &asked.phim, data };
    program.verb(&["add", "--ready", "--title", "bench", path(&file)])?;
    let bytes = std::fs::metadata(&file).map_err(failed("measuring the film"))?.len();
    Ok(Stand { program, groups: seconds * RATE / GROUP, bytes, work, rounds: 5, versions: 200, film: file })
}

fn whole_group(n: u32) -> (u32, u32) {
    (n * GROUP, (n + 1) * GROUP)
}

/// For each version other whole groups, so that no patch is needed and no two versions are equal.
fn whole_groups(k: u32, groups: u32) -> (u32, u32) {
    let starts = groups - 16;
    let first = k % starts;
    (first * GROUP, (first + 1 + k / starts) * GROUP)
}

/// Makes the versions through the running program; answers the digest of each.
fn make_versions(
    stand: &Stand,
    shelf: &Shelf,
    prefix: &str,
    cuts: impl Fn(u32) -> Vec<(u32, u32)>,
) -> Result<Vec<Vec<String>>> {
    let server = stand.program.serve(None, &[])?;
    let mut all = Vec::new();
    for k in 0..stand.versions {
        let name = format!("{prefix}-{k}");
        let ranges: Vec<String> = cuts(k).iter().map(|(from, to)| format!("{from}f-{to}f")).collect();
        let mut words = vec!["version", "make", "--title", shelf.title, "--name", &name];
        ranges.iter().for_each(|range| words.extend(["--cut", range]));
        let (_, answer) = stand.program.verb(&words)?;
        let digest = answer["composition"]
            .as_str()
            .ok_or_else(|| Error::invalid("a version without a composition"))?;
        let base = format!("/{}/{digest}", shelf.folder);
        let playlist = fetch(&format!("{}{base}/v0.m3u8", server.url))?;
        let lines = String::from_utf8_lossy(&playlist).into_owned();
        all.push(lines.lines().filter(|l| l.ends_with(".m4s")).map(|l| format!("{base}/{l}")).collect());
    }
    Ok(all)
}

/// Writes one version as files, and gives every other version's folder the same files.
fn export(stand: &Stand, versions: &[Vec<String>], root: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(root);
    let folder = |path: &str| {
        root.join(path.trim_start_matches('/')).parent().map(Path::to_path_buf).unwrap_or_default()
    };
    let first = folder(&versions[0][0]);
    std::fs::create_dir_all(&first).map_err(failed("making the static folder"))?;
    let server = stand.program.serve(None, &[])?;
    for path in &versions[0] {
        let bytes = fetch(&format!("{}{path}", server.url))?;
        std::fs::write(root.join(path.trim_start_matches('/')), bytes)
            .map_err(failed("writing a static segment"))?;
    }
    for version in &versions[1..] {
        let other = folder(&version[0]);
        std::fs::create_dir_all(other.parent().unwrap_or(root)).map_err(failed("making a static folder"))?;
        std::os::unix::fs::symlink(&first, &other).map_err(failed("linking a static folder"))?;
    }
    Ok(())
}

/// The paths of all versions, one after the other from each, in `n` rounds that share none.
fn rounds(versions: &[Vec<String>], n: usize) -> Vec<Vec<String>> {
    let longest = versions.iter().map(Vec::len).max().unwrap_or(0);
    let all: Vec<String> =
        (0..longest).flat_map(|k| versions.iter().filter_map(move |v| v.get(k).cloned())).collect();
    all.chunks(all.len().div_ceil(n)).map(<[String]>::to_vec).collect()
}

fn start(stand: &Stand, more: &[&str]) -> Result<Server> {
    let mut words = vec!["--threads", "1"];
    words.extend(more);
    let server = stand.program.serve(Some(SERVER_CPU), &words)?;
    warm(&stand.program.data)?;
    Ok(server)
}

/// Reads every file below a folder once, so that the page cache is hot for either side.
fn warm(folder: &Path) -> Result<()> {
    let quoted = format!("find -L '{}' -type f -exec cat {{}} + > /dev/null", folder.display());
    run(Command::new("sh").args(["-c", &quoted])).map(drop)
}

fn load_ours(stand: &Stand, server: &Server, paths: &[String]) -> Result<Side> {
    let before = cpu_seconds(server.child.id(), false)?;
    let load = wrk(&stand.work, &server.url, paths, CLIENT_CPU)?;
    let cpu = cpu_seconds(server.child.id(), false)? - before;
    Ok(Side {
        cpu_seconds: cpu,
        wall_seconds: load.wall_seconds,
        bytes: Some(load.bytes),
        more: [("requests".into(), json!(load.requests))].into(),
        ..Side::default()
    })
}

fn against_nginx(
    stand: &Stand,
    versions: &[Vec<String>],
    statics: &Path,
    tls: Option<(&Path, &Path)>,
    more: &[&str],
) -> Result<Outcome> {
    let server = start(stand, more)?;
    let nginx = Nginx::start(&stand.work, statics, SERVER_CPU, tls)?;
    warm(&statics.join(versions[0][0].trim_start_matches('/')).with_file_name(""))?;
    let (mut ours, mut theirs, mut ratios) = (Side::default(), Side::default(), Vec::new());
    for paths in rounds(versions, stand.rounds) {
        let one = load_ours(stand, &server, &paths)?;
        let before = nginx.cpu_seconds()?;
        let load = wrk(&stand.work, &nginx.url, &paths, CLIENT_CPU)?;
        let cpu = nginx.cpu_seconds()? - before;
        let two = Side {
            cpu_seconds: cpu,
            wall_seconds: load.wall_seconds,
            bytes: Some(load.bytes),
            more: [("requests".into(), json!(load.requests))].into(),
            ..Side::default()
        };
        ratios.push(per_cpu(&one) / per_cpu(&two));
        add_up(&mut ours, &one);
        add_up(&mut theirs, &two);
    }
    let same = compare_bytes(&server.url, &nginx.url, &versions[0])?;
    ours.name = "phim, one thread".into();
    theirs.name = "nginx static, one worker".into();
    let ratio = median(ratios);
    let (name, reach) = if tls.is_some() { ("serve with TLS", "stated") } else { ("serve", ">= 0.55") };
    let mut notes = notes(stand);
    notes.push(format!("{same} segments compared byte for byte between both sides: equal"));
    Ok(Outcome {
        name: name.into(),
        ours,
        peer: Some(theirs),
        measure: "bytes per CPU second, median of the rounds".into(),
        ratio: Some(ratio),
        reach: reach.into(),
        reached: tls.is_some() || ratio >= 0.55,
        notes,
    })
}

/// Compares a sample of segments by digest; answers how many.
fn compare_bytes(ours: &str, theirs: &str, paths: &[String]) -> Result<usize> {
    let step = (paths.len() / SAMPLED).max(1);
    let sample: Vec<&String> = paths.iter().step_by(step).collect();
    for path in &sample {
        let (a, b) = (fetch(&format!("{ours}{path}"))?, fetch(&format!("{theirs}{path}"))?);
        if Digest::of(&a) != Digest::of(&b) {
            return Err(Error::internal(format!("{path} differs between the two sides")));
        }
    }
    Ok(sample.len())
}

fn certificate(work: &Path) -> Result<(PathBuf, PathBuf)> {
    let (cert, key) = (work.join("cert.pem"), work.join("key.pem"));
    let mut command = Command::new("openssl");
    command.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-keyout",
    ]);
    run(command.arg(&key).arg("-out").arg(&cert))?;
    Ok((cert, key))
}

fn per_cpu(side: &Side) -> f64 {
    side.bytes.unwrap_or(0) as f64 / side.cpu_seconds
}

fn add_up(total: &mut Side, one: &Side) {
    total.wall_seconds += one.wall_seconds;
    total.cpu_seconds += one.cpu_seconds;
    total.bytes = Some(total.bytes.unwrap_or(0) + one.bytes.unwrap_or(0));
    let requests = |side: &Side| side.more.get("requests").and_then(|n| n.as_u64()).unwrap_or(0);
    total.more.insert("requests".into(), json!(requests(total) + requests(one)));
}

fn notes(stand: &Stand) -> Vec<String> {
    let cache = last_level_cache();
    vec![format!(
        "{} versions of a film of {} MB; last-level cache as the kernel reports it {} MB; every request another segment, no response cache, so no hits",
        stand.versions,
        stand.bytes / 1_000_000,
        cache / 1_000_000
    )]
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
