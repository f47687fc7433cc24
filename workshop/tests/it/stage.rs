//! What every test needs: a sandbox around the real tools, and the films of the repository.

use std::path::PathBuf;

use workshop::{Child, Sandbox};

pub fn sandbox() -> Sandbox {
    let child = Child { program: env!("CARGO_BIN_EXE_workshop-child").into(), args: Vec::new() };
    Sandbox::new(child, std::env::var_os("PATH").unwrap_or_default())
}

pub fn film(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../films")
        .join(name)
        .canonicalize()
        .expect("the films stand in the repository")
}

/// Runs the system's ffmpeg outside the sandbox, to make material for tests.
pub fn ffmpeg(args: &[&str]) {
    let out = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(args)
        .output()
        .unwrap();
    assert!(out.status.success(), "ffmpeg {args:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A film of a few seconds in which no two frames are equal: a moving test picture with noise.
pub fn make_film(path: &std::path::Path, size: &str, rate: &str, seconds: u32, encoder: &[&str]) {
    let source = format!("testsrc2=s={size}:r={rate}:d={seconds},noise=alls=6:allf=t,format=yuv420p");
    let mut args = vec!["-f", "lavfi", "-i", &source];
    args.extend(encoder);
    args.push(path.to_str().unwrap());
    ffmpeg(&args);
}

/// A track that was read by the sandboxed child, in memory.
pub struct Held {
    pub index: media::Index,
    pub samples: Vec<u8>,
}

impl Held {
    pub fn of(track: workshop::read::ReadTrack) -> Held {
        Held { index: track.index, samples: std::fs::read(track.samples).unwrap() }
    }
    pub fn read(&self) -> impl Fn(u64, u64) -> media::Result<Vec<u8>> + Sync + '_ {
        |at, len| Ok(self.samples[at as usize..(at + len) as usize].to_vec())
    }
}

/// The first track of a file, read in the sandbox.
pub fn first_track(sandbox: &Sandbox, file: &std::path::Path) -> Held {
    let folder = tempfile::tempdir().unwrap();
    let mut reading = workshop::read::read(sandbox, file, folder.path()).unwrap();
    Held::of(reading.tracks.remove(0).unwrap())
}

/// A stored picture track as an MP4 file, for tools that know nothing of Phim.
pub fn mp4(index: &media::Index, samples: &[u8]) -> Vec<u8> {
    let (unit, reorder) = (index.track().unit_ticks, index.track().reorder as i32);
    let mut bytes = media::cmaf::init(index.track(), reorder as u32 * unit, "und");
    for n in 0..index.blocks() {
        let block = index.block(n).unwrap();
        let written = block.samples.iter().enumerate().map(|(n, sample)| media::cmaf::Sample {
            size: sample.size,
            duration: unit,
            offset: (sample.shift + reorder) as u32 * unit,
            sync: n == 0,
        });
        let written: Vec<_> = written.collect();
        bytes.extend(media::cmaf::fragment_header(n as u32 + 1, block.first as u64 * unit as u64, &written));
        let end = block.offset_of(block.samples.len());
        bytes.extend(&samples[block.offset as usize..end as usize]);
    }
    bytes
}
