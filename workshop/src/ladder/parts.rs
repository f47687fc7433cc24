//! The parts in which a ladder was encoded, when it was stopped and went on.
//!
//! Part `p` of rendition `r` is `part-p-r.mp4`, one fragment a group. The marker `part-p.last` says
//! that the film ended in part `p`.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use media::{Error, Result};

use crate::read::{ReadTrack, read};
use crate::sandbox::Sandbox;

/// One part, read back.
pub(super) struct Part {
    /// Frames that are complete in every rendition; whole groups unless the film ends here.
    pub frames: u32,
    /// The film ends in this part.
    pub is_last: bool,
    /// By rendition.
    pub tracks: Vec<ReadTrack>,
}

pub(super) fn name(part: usize, rendition: usize) -> String {
    format!("part-{part}-{rendition}.mp4")
}

fn marker(part: usize) -> String {
    format!("part-{part}.last")
}

/// Notes that the film ended in part `part`.
pub(super) fn mark_last(folder: &Path, part: usize) -> Result<()> {
    crate::write(&folder.join(marker(part)), b"")
}

/// Removes the files and folders in `folder` whose names begin with `start`.
pub(super) fn clear(folder: &Path, start: &str) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(|e| crate::disk(folder, e))? {
        let path = entry.map_err(|e| crate::disk(folder, e))?.path();
        let ours = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start));
        let removed = match (ours, path.is_dir()) {
            (false, _) => Ok(()),
            (true, true) => std::fs::remove_dir_all(&path),
            (true, false) => std::fs::remove_file(&path),
        };
        removed.map_err(|e| crate::disk(&path, e))?;
    }
    Ok(())
}

/// The parts that stand in `folder`, in order, each cut to its complete fragments. A part without one
/// complete group is left out, so that the next one takes its place.
pub(super) fn find(sandbox: &Sandbox, folder: &Path, renditions: usize, group: u32) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    while (0..renditions).all(|r| folder.join(name(parts.len(), r)).exists()) {
        let number = parts.len();
        let is_last = folder.join(marker(number)).exists();
        let mut tracks = Vec::new();
        for r in 0..renditions {
            let file = folder.join(name(number, r));
            if cut(&file)? == 0 {
                return Ok(parts);
            }
            let place = folder.join(format!("part-{number}-{r}"));
            std::fs::create_dir_all(&place).map_err(|e| crate::disk(&place, e))?;
            let track = read(sandbox, &file, &place)?.tracks.pop();
            tracks.push(
                track.ok_or_else(|| {
                    Error::internal("a part without a track").at(file.display().to_string())
                })??,
            );
        }
        let frames = frames(&tracks, group, is_last)?;
        if frames == 0 {
            return Ok(parts);
        }
        parts.push(Part { frames, is_last, tracks });
        if is_last {
            break;
        }
    }
    Ok(parts)
}

/// Frames that every rendition has in whole groups. Where the film ends, the last group may be short.
fn frames(tracks: &[ReadTrack], group: u32, is_last: bool) -> Result<u32> {
    let counts = tracks.iter().map(|track| {
        let index = &track.index;
        if is_last {
            return index.samples();
        }
        let whole =
            (0..index.blocks()).take_while(|n| index.block_first(n + 1) - index.block_first(*n) == group);
        whole.count() as u32 * group
    });
    let counts: Vec<u32> = counts.collect();
    let least = counts.iter().copied().min().unwrap_or(0);
    if is_last && counts.iter().any(|count| *count != least) {
        return Err(Error::internal(format!("the renditions have {counts:?} frames")));
    }
    for track in tracks {
        if (1..least.div_ceil(group)).any(|n| !track.index.is_sync(n * group)) {
            return Err(Error::internal("the groups of the renditions do not start together"));
        }
    }
    Ok(least)
}

/// Cuts a fragmented file behind its last complete fragment, and gives the number of fragments.
fn cut(path: &Path) -> Result<usize> {
    let file = File::options().read(true).write(true).open(path).map_err(|e| crate::disk(path, e))?;
    let length = file.metadata().map_err(|e| crate::disk(path, e))?.len();
    let (mut at, mut end, mut fragments, mut in_fragment) = (0, 0, 0, false);
    while let Some((size, kind)) = header(&file, at) {
        if size < 8 || size > length - at {
            break;
        }
        at += size;
        match &kind {
            b"moof" => in_fragment = true,
            b"mdat" if in_fragment => (fragments, end, in_fragment) = (fragments + 1, at, false),
            _ if fragments == 0 => end = at,
            _ => {}
        }
    }
    if end < length {
        file.set_len(end).map_err(|e| crate::disk(path, e))?;
    }
    Ok(fragments)
}

/// Size and kind of the box at `at`; `None` at the end of the file.
fn header(file: &File, at: u64) -> Option<(u64, [u8; 4])> {
    let mut bytes = [0; 16];
    file.read_exact_at(&mut bytes[..8], at).ok()?;
    let (size, kind) = bytes[..8].split_first_chunk::<4>()?;
    let size = u32::from_be_bytes(*size);
    let kind: [u8; 4] = kind.try_into().ok()?;
    if size != 1 {
        return Some((size as u64, kind));
    }
    file.read_exact_at(&mut bytes[8..], at + 8).ok()?;
    Some((u64::from_be_bytes(bytes[8..].try_into().ok()?), kind))
}
