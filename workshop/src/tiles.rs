//! Thumbnails and poster, cut from a stored rendition.
//!
//! Invariants:
//! - A tile shows exactly the frame that it names, so a cut that removes the frame removes the tile.
//! - All tiles are baseline JPEG with the same tables and sides that are multiples of 16, so that
//!   sheets can be joined without decoding.

use std::ffi::OsString;
use std::path::Path;

use media::{Error, Rate, Result, Track};
use num_rational::Ratio;

use crate::sandbox::{Ceilings, Job, Limits, Sandbox};
use crate::stored::{Reel, Stored, Wanted};

/// The small pictures of a film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// Pixels.
    pub width: u16,
    pub height: u16,
    /// The frame that each shows, and its JPEG file.
    pub tiles: Vec<(u32, Vec<u8>)>,
}

/// Pixels; a tile is as wide as this, and a poster at most as wide as that.
const TILE_WIDTH: u32 = 256;
const POSTER_WIDTH: u32 = 1280;
/// Tiles of one film at most, and seconds between two at least.
const MOST_TILES: i64 = 400;
const LEAST_SECONDS: i64 = 2;
/// JPEG quality of ffmpeg, from 2 (best) to 31.
const TILE_QUALITY: &str = "6";
pub(crate) const POSTER_QUALITY: &str = "3";
/// Sync samples that are looked at for a poster.
const CANDIDATES: usize = 48;
/// Bytes of film that are decoded at once.
const REEL: usize = 256 << 20;

/// Makes a film's tiles from one of its renditions, best a small one, shown from frame `from` to
/// frame `to`. One tile every two seconds, or every four-hundredth of the film if that is longer.
pub fn tiles(sandbox: &Sandbox, track: Stored, from: u32, to: u32, folder: &Path) -> Result<Tiles> {
    let index = track.index;
    let rate = index.track().rate()?;
    let every = interval(rate, to.saturating_sub(from), index.block_first(1));
    let (width, height) = tile_size(index.track());
    let (wide, high) = cover(index.track(), width as u32, height as u32);
    let frames: Vec<u32> = (from..to.min(index.samples())).step_by(every as usize).collect();
    let graph = format!("scale={wide}:{high}:out_range=pc,crop={width}:{height},setsar=1,format=yuvj420p");
    let jpegs = jpegs(sandbox, track, &frames, &graph, TILE_QUALITY, folder)?;
    Ok(Tiles { width, height, tiles: frames.into_iter().zip(jpegs).collect() })
}

/// JPEG files of `frames`, which ascend and differ, drawn through the filters of `graph`. `quality` is
/// ffmpeg's, from 2 (best) to 31.
pub(crate) fn jpegs(
    sandbox: &Sandbox,
    track: Stored,
    frames: &[u32],
    graph: &str,
    quality: &str,
    folder: &Path,
) -> Result<Vec<Vec<u8>>> {
    let mut all = Vec::with_capacity(frames.len());
    let mut rest = frames;
    while !rest.is_empty() {
        let taken = load(track, rest, folder)?;
        let drawn = draw(sandbox, &taken.places, graph, quality, folder)?;
        if drawn.len() != taken.places.len() {
            return Err(Error::internal(format!(
                "{} pictures were made of {} frames",
                drawn.len(),
                taken.places.len()
            )));
        }
        all.extend(drawn);
        rest = &rest[taken.places.len()..];
    }
    Ok(all)
}

/// Makes a poster: a bright, sharp frame, as a JPEG file of at most 1,280 pixels' width. Gives the
/// frame too, so that what removes the frame can remove the poster.
pub fn poster(sandbox: &Sandbox, track: Stored, from: u32, to: u32, folder: &Path) -> Result<(u32, Vec<u8>)> {
    let index = track.index;
    let syncs: Vec<u32> =
        (0..index.blocks()).map(|n| index.block_first(n)).filter(|n| (from..to).contains(n)).collect();
    // Beginnings and endings are titles.
    let (low, high) = (from + (to - from) / 10, from + (to - from) / 5 * 4);
    let inner: Vec<u32> = syncs.iter().copied().filter(|n| (low..high).contains(n)).collect();
    let chosen = if inner.is_empty() { syncs } else { inner };
    let chosen: Vec<u32> = match chosen.len() {
        0 => vec![from],
        many => (0..many.min(CANDIDATES)).map(|n| chosen[n * many / many.min(CANDIDATES)]).collect(),
    };
    let taken = load(track, &chosen, folder)?;
    let place = best(&look(sandbox, &taken.places, folder)?);
    let (wide, high) = shown(index.track());
    let width = wide.min(POSTER_WIDTH);
    let height = (width * high / wide).max(2);
    let graph = format!("scale={width}:{height}:out_range=pc,setsar=1,format=yuvj420p");
    let mut jpegs = draw(sandbox, &taken.places[place..=place], &graph, POSTER_QUALITY, folder)?;
    let jpeg = jpegs.pop().ok_or_else(|| Error::internal("no poster was made"))?;
    Ok((chosen[place], jpeg))
}

/// Frames from one tile to the next, for a film of `frames` frames in groups of `group`: whole groups
/// where groups are shorter, because a group's first frame is decoded alone.
fn interval(rate: Rate, frames: u32, group: u32) -> u32 {
    let least = rate.unit_from(Ratio::from_integer(LEAST_SECONDS)).max(1) as u32;
    let every = least.max(frames.div_ceil(MOST_TILES as u32));
    if (1..=every).contains(&group) { every.div_ceil(group) * group } else { every }
}

/// The size at which a rendition is shown, upright.
pub(crate) fn shown(track: &Track) -> (u32, u32) {
    let (wide, high) = (track.display_width.max(1) as u32, track.display_height.max(1) as u32);
    if track.matrix[0] == 0 { (high, wide) } else { (wide, high) }
}

/// The size of tiles: the rendition's shape, sides rounded to 16.
fn tile_size(track: &Track) -> (u16, u16) {
    let (wide, high) = shown(track);
    let height = (TILE_WIDTH * high / wide).clamp(16, 4 * TILE_WIDTH);
    (TILE_WIDTH as u16, ((height + 8) / 16 * 16) as u16)
}

/// The smallest size of the rendition's shape that covers a tile.
fn cover(track: &Track, width: u32, height: u32) -> (u32, u32) {
    let (wide, high) = shown(track);
    let natural = (width * high).div_ceil(wide);
    if natural >= height { (width, natural) } else { ((height * wide).div_ceil(high), height) }
}

/// Frames that were written to the reel, by their place in it.
struct Taken {
    places: Vec<u32>,
}

/// Writes the groups of as many of `frames` as fit into one reel.
fn load(track: Stored, frames: &[u32], folder: &Path) -> Result<Taken> {
    let index = track.index;
    let mut reel = Reel::new(index.track());
    let mut places = Vec::new();
    let mut at = 0;
    while at < frames.len() && (at == 0 || reel.len() < REEL) {
        let block = index.block_of(frames[at]);
        let mates = frames[at..].iter().take_while(|frame| index.block_of(**frame) == block).count();
        let mut wanted = Wanted::default();
        wanted.range(index, frames[at + mates - 1], frames[at + mates - 1] + 1);
        for (block, count) in wanted.blocks(index)? {
            let first = reel.push(&block.samples[..count], &track.samples(&block, count)?)?;
            places.extend(frames[at..at + mates].iter().map(|frame| first + frame - block.first));
        }
        at += mates;
    }
    crate::write(&folder.join("tiles.mp4"), &reel.finish())?;
    Ok(Taken { places })
}

/// The filter that passes the frames at `places`, which ascend.
fn select(places: &[u32]) -> String {
    // One expression of four hundred terms would be evaluated for every frame; a tree of halves is not.
    match places {
        [one] => format!("eq(n,{one})"),
        _ => {
            let (low, high) = places.split_at(places.len() / 2);
            format!("if(lt(n,{}),{},{})", high[0], select(low), select(high))
        }
    }
}

fn arguments(places: &[u32], graph: &str) -> Vec<OsString> {
    let filter = format!("select='{}',{graph}", select(places));
    ["-v", "error", "-nostdin", "-i", "tiles.mp4", "-fps_mode", "passthrough", "-vf", &filter, "-bitexact"]
        .map(Into::into)
        .to_vec()
}

fn draw(
    sandbox: &Sandbox,
    places: &[u32],
    graph: &str,
    quality: &str,
    folder: &Path,
) -> Result<Vec<Vec<u8>>> {
    let mut args = arguments(places, graph);
    args.extend(
        ["-c:v", "mjpeg", "-huffman", "default", "-q:v", quality, "-qmin", quality, "-qmax", quality]
            .map(OsString::from),
    );
    args.extend(["-f", "image2pipe", "-"].map(OsString::from));
    Ok(split(&run(sandbox, "the small pictures", args, folder)?))
}

fn run(sandbox: &Sandbox, step: &str, args: Vec<OsString>, folder: &Path) -> Result<Vec<u8>> {
    let mut job = Job::new(step, args);
    job.folder = Some(folder);
    job.limits = Limits {
        wall: std::time::Duration::from_secs(3600),
        output: 256 << 20,
        ceilings: Ceilings { cpu_seconds: 4 * 3600, ..Ceilings::default() },
    };
    let mut out = Vec::new();
    sandbox.run_ffmpeg(job, &mut |bytes| {
        out.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(out)
}

/// Cuts a stream of JPEG files: 0xFF inside a scan is always followed by 0 or a restart marker, so
/// the end marker stands nowhere else (ITU-T T.81 §B.1.1).
fn split(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    let mut start = 0;
    let ends = stream.windows(2).enumerate().filter(|(_, pair)| *pair == [0xff, 0xd9]).map(|(at, _)| at + 2);
    for end in ends {
        files.push(stream[start..end].to_vec());
        start = end;
    }
    files
}

/// Sides of the grey pictures that are judged for a poster.
const GREY_WIDTH: usize = 160;
const GREY_HEIGHT: usize = 90;

/// The frames as small grey pictures.
fn look(sandbox: &Sandbox, places: &[u32], folder: &Path) -> Result<Vec<Vec<u8>>> {
    let graph = format!("scale={GREY_WIDTH}:{GREY_HEIGHT}:out_range=pc,format=gray");
    let mut args = arguments(places, &graph);
    args.extend(["-f", "rawvideo", "-"].map(OsString::from));
    let grey = run(sandbox, "the choice of a poster", args, folder)?;
    let pictures: Vec<Vec<u8>> = grey.chunks_exact(GREY_WIDTH * GREY_HEIGHT).map(<[u8]>::to_vec).collect();
    if pictures.len() != places.len() {
        return Err(Error::internal(format!("{} of {} frames were seen", pictures.len(), places.len())));
    }
    Ok(pictures)
}

/// The picture that is brightest and sharpest, without being blank.
fn best(pictures: &[Vec<u8>]) -> usize {
    let score = |picture: &[u8]| {
        let mean = picture.iter().map(|p| *p as u64).sum::<u64>() / picture.len().max(1) as u64;
        let edges: u64 = picture
            .chunks_exact(GREY_WIDTH)
            .flat_map(|row| row.windows(2))
            .map(|p| p[0].abs_diff(p[1]) as u64)
            .sum();
        // Too dark and too bright count less, and hardly at all near black and white.
        let light = match mean {
            0..16 | 240.. => 1,
            16..48 | 208..240 => 6,
            48..80 | 176..208 => 9,
            _ => 10,
        };
        edges * light
    };
    (0..pictures.len()).max_by_key(|n| (score(&pictures[*n]), std::cmp::Reverse(*n))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_has_at_most_four_hundred_tiles() {
        let rate = Rate::new(24, 1).unwrap();
        assert_eq!([interval(rate, 1253, 48), interval(rate, 24 * 7200, 48)], [48, 432]);
        // An hour and a half, in our groups and in somebody's of ten seconds.
        assert_eq!([interval(rate, 130_000, 48), interval(rate, 130_000, 240)], [336, 480]);
        assert_eq!(interval(rate, 1000, 250), 48);
    }

    #[test]
    fn a_stream_of_jpegs_is_cut_at_end_markers() {
        assert_eq!(
            split(&[1, 0xff, 0xd9, 2, 0xff, 0, 0xff, 0xd9]),
            [vec![1, 0xff, 0xd9], vec![2, 0xff, 0, 0xff, 0xd9]]
        );
    }

    #[test]
    fn places_are_selected_by_halves() {
        assert_eq!(select(&[3, 7, 9]), "if(lt(n,7),eq(n,3),if(lt(n,9),eq(n,7),eq(n,9)))");
    }
}
