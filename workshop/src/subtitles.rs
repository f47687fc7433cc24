//! Subtitles inside a film file, brought out as WebVTT.

use std::ffi::OsString;
use std::path::Path;

use media::Result;

use crate::ladder::Start;
use crate::probe::{Probe, TextStream, input_name};
use crate::sandbox::{Job, Limits, Sandbox};

/// The subtitles of one stream; times count from frame 0 of the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtitles {
    /// As the file says it, `und` when it does not.
    pub language: String,
    pub title: String,
    pub forced: bool,
    /// A WebVTT file.
    pub vtt: Vec<u8>,
}

/// Brings out every stream of text. Streams of pictures are left where they are; [`Probe::texts`]
/// says which these are.
pub fn subtitles(sandbox: &Sandbox, probe: &Probe, start: Start, folder: &Path) -> Result<Vec<Subtitles>> {
    let streams: Vec<&TextStream> = probe.texts.iter().filter(|t| t.is_text).collect();
    if streams.is_empty() {
        return Ok(Vec::new());
    }
    let shift = -start.zero;
    let micro = (shift * 1_000_000).round().to_integer();
    let mut args: Vec<OsString> =
        ["-v", "error", "-nostdin", "-protocol_whitelist", "file", "-copyts", "-i"].map(Into::into).to_vec();
    args.push(input_name(&probe.file));
    for (n, stream) in streams.iter().enumerate() {
        args.extend(["-map".into(), format!("0:{}", stream.stream).into()]);
        args.extend([
            "-c:s".into(),
            "webvtt".into(),
            "-output_ts_offset".into(),
            format!("{micro}us").into(),
        ]);
        args.extend(["-f".into(), "webvtt".into(), "-y".into(), file_name(n).into()]);
    }
    let mut job = Job::new("the subtitles in the file", args);
    job.reads = vec![probe.file.clone()];
    job.folder = Some(folder);
    job.limits = Limits { wall: std::time::Duration::from_secs(7200), output: 1 << 16, ..Limits::default() };
    sandbox.run_ffmpeg(job, &mut |_| Ok(()))?;
    let brought = streams.iter().enumerate().map(|(n, stream)| {
        Ok(Subtitles {
            language: stream.language.clone(),
            title: stream.title.clone(),
            forced: stream.forced,
            vtt: crate::read_file(&folder.join(file_name(n)))?,
        })
    });
    brought.collect()
}

fn file_name(n: usize) -> String {
    format!("subtitles-{n}.vtt")
}
