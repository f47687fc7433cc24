//! Pictures of single frames, for people who must see what an order names, and what became of it.
//!
//! Invariant: a picture shows exactly the frame that was asked for, never the sync sample beside it.

use std::path::Path;

use media::{Error, Result};

use crate::sandbox::Sandbox;
use crate::stored::Stored;
use crate::tiles::{POSTER_QUALITY, jpegs, shown};

/// Frames of one stored track that are to be seen. The track may be a rendition, a patch, a card or a
/// hold: whatever is served at that place.
pub struct PictureRequest<'a> {
    pub track: Stored<'a>,
    /// Numbers of frames in presentation order, in any order, also more than once.
    pub frames: Vec<u32>,
    /// Pixels at most; the height follows from the shape of the picture.
    pub width: u32,
}

/// Frames of one request at most: a bound on memory and time, far above what evidence shows.
pub const MOST_FRAMES: usize = 4096;

/// Draws the frames as JPEG files, upright and with square pixels, as many requests at once as the
/// machine has processors. The answers stand in the order of the requests, and in each in the order of
/// its frames.
pub fn pictures(sandbox: &Sandbox, requests: &[PictureRequest], folder: &Path) -> Result<Vec<Vec<Vec<u8>>>> {
    crate::parallel::map(requests, |at, request| {
        let place = folder.join(format!("pictures-{at}"));
        std::fs::create_dir_all(&place).map_err(|e| crate::disk(&place, e))?;
        let drawn = draw(sandbox, request, &place);
        let _ = std::fs::remove_dir_all(&place);
        drawn
    })
}

fn draw(sandbox: &Sandbox, request: &PictureRequest, folder: &Path) -> Result<Vec<Vec<u8>>> {
    let index = request.track.index;
    if request.frames.len() > MOST_FRAMES {
        return Err(Error::invalid(format!(
            "pictures of {} frames; expected at most {MOST_FRAMES}",
            request.frames.len()
        )));
    }
    if let Some(frame) = request.frames.iter().find(|frame| **frame >= index.samples()) {
        return Err(Error::invalid(format!("a picture of frame {frame} of {}", index.samples())));
    }
    let mut frames = request.frames.clone();
    frames.sort_unstable();
    frames.dedup();
    let (wide, high) = shown(index.track());
    let width = wide.min(request.width).max(2);
    let height = (width * high / wide).max(2);
    let graph = format!("scale={width}:{height}:out_range=pc,setsar=1,format=yuvj420p");
    let drawn = jpegs(sandbox, request.track, &frames, &graph, POSTER_QUALITY, folder)?;
    let picture = |frame: &u32| frames.binary_search(frame).ok().map(|at| drawn[at].clone());
    let lost = || Error::internal("a picture was lost on the way");
    request.frames.iter().map(|frame| picture(frame).ok_or_else(lost)).collect()
}
