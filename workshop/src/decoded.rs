//! What a stream decodes to, frame by frame: when each is shown, and a hash of its picture.

use std::ffi::OsString;

use media::{Error, Result};

/// A decoded frame.
pub(crate) struct Decoded {
    /// Ticks.
    pub pts: u64,
    pub hash: String,
}

/// Options of an output of ffmpeg that writes what `filter` passes of `input` (as in `0:v`) to the file
/// `name`, for [`read`]. Frames keep the ticks of their file.
pub(crate) fn output(input: &str, filter: &str, name: &str) -> Vec<OsString> {
    let options = ["-map", input, "-vf", filter, "-fps_mode", "passthrough", "-enc_time_base", "-1"];
    let format = ["-f", "framehash", "-hash", "murmur3", "-y", name];
    options.into_iter().chain(format).map(OsString::from).collect()
}

/// The same for what only times are wanted of: a corner is enough, and costs nothing to hash.
pub(crate) fn times(input: &str, name: &str) -> Vec<OsString> {
    output(input, "crop=2:2:0:0", name)
}

/// Reads ffmpeg's framehash: `stream, dts, pts, duration, size, hash` a line.
pub(crate) fn read(text: &[u8]) -> Result<Vec<Decoded>> {
    let text = std::str::from_utf8(text).map_err(|_| Error::internal("the frame hashes are not text"))?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let frame = |line: &str| {
        let mut fields = line.split(',').map(str::trim);
        let pts = fields.nth(2)?.parse().ok()?;
        Some(Decoded { pts, hash: fields.nth(2)?.to_string() })
    };
    lines
        .map(|line| frame(line).ok_or_else(|| Error::internal(format!("a frame hash reads {line:?}"))))
        .collect()
}

/// Fails unless there are `count` frames, each shown one unit after the other from 0 on.
pub(crate) fn in_step(frames: &[Decoded], count: usize, unit_ticks: u32) -> Result<()> {
    if frames.len() != count {
        return Err(Error::internal(format!("{} frames decode; expected {count}", frames.len())));
    }
    for (n, frame) in frames.iter().enumerate() {
        let expected = n as u64 * unit_ticks as u64;
        if frame.pts != expected {
            return Err(Error::internal(format!(
                "frame {n} is shown at tick {}; expected {expected}",
                frame.pts
            )));
        }
    }
    Ok(())
}
