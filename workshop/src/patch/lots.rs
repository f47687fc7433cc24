//! Patches in lots, each for one ffmpeg: small enough that no processor waits long for another, large
//! enough that starting a program costs little beside its work.

use media::{Error, Index, Result, Track};

use super::veil::covers;
use super::{Request, Wish};
use crate::encoder::Look;

/// Wishes of one request, each with its place there; in order, and disjoint.
pub(super) type Lot<'a> = Vec<(usize, &'a Wish)>;

/// Pixels of the pictures of all encoders that live at once in one ffmpeg, twelve of 1080p; each holds
/// some tens of frames in memory.
const TOGETHER: usize = 12 * 1920 * 1080;
/// Encoders in one ffmpeg at most.
const MOST_TOGETHER: usize = 24;
/// Bytes of filters for veils in one ffmpeg at most; Linux takes 128 KiB in one argument of a program.
const MOST_FILTERS: usize = 100 << 10;
/// What a lot costs at least before it is split, and at most where it can be: 32 frames of 1080p, which
/// take some ten times longer than starting the programs, and 160, which are 500 MB of raw frames.
const LEAST: u64 = 32 * FRAME;
const MOST: u64 = 160 * FRAME;
const FRAME: u64 = ENCODED * 1920 * 1080;
/// What it costs to encode a pixel and to decode what was made, where to decode one of the feed costs 1.
const ENCODED: u64 = 4;

/// The lots of all requests, each with the number of its request; the dearest first, so that no processor
/// is left with a long one at the end.
pub(super) fn of_all<'a>(requests: &'a [Request], looks: &[Look]) -> Result<Vec<(usize, Lot<'a>)>> {
    let costs = |r: &Request| r.wishes.iter().map(|wish| cost(r.track.index, wish)).sum::<u64>();
    let processors = std::thread::available_parallelism().map_or(1, |n| n.get()) as u64;
    let share = (requests.iter().map(costs).sum::<u64>() / (2 * processors)).clamp(LEAST, MOST);
    let mut lots = Vec::new();
    for (number, (request, look)) in requests.iter().zip(looks).enumerate() {
        lots.extend(of_one(request, look, share)?.into_iter().map(|(lot, cost)| (number, lot, cost)));
    }
    lots.sort_by_key(|(.., cost)| std::cmp::Reverse(*cost));
    Ok(lots.into_iter().map(|(number, lot, _)| (number, lot)).collect())
}

/// The lots of a request with their costs, none above `share` where it can be split.
fn of_one<'a>(request: &'a Request, look: &Look, share: u64) -> Result<Vec<(Lot<'a>, u64)>> {
    let index = request.track.index;
    let samples = index.samples();
    let mut wishes: Lot = request.wishes.iter().enumerate().collect();
    for (_, wish) in &wishes {
        if wish.from >= wish.to || wish.to > samples || wish.idr > 1 {
            return Err(Error::internal(format!(
                "a patch of frames {} to {} of {samples}",
                wish.from, wish.to
            )));
        }
    }
    wishes.sort_by_key(|(_, wish)| *wish);
    let track = index.track();
    let together = (TOGETHER / pixels(track).max(1) as usize).clamp(1, MOST_TOGETHER);
    // Each with what it costs, and the bytes of its filters.
    let mut lots: Vec<(Lot, u64, usize)> = Vec::new();
    for wish in wishes {
        let (cost, filters) = (cost(index, wish.1), filters(track, look, wish.1)?);
        let fits = |(lot, spent, written): &&mut (Lot, u64, usize)| {
            let disjoint = lot.last().is_none_or(|last| last.1.to <= wish.1.from);
            disjoint && lot.len() < together && *spent + cost <= share && *written + filters <= MOST_FILTERS
        };
        match lots.iter_mut().find(fits) {
            Some((lot, spent, written)) => {
                lot.push(wish);
                *spent += cost;
                *written += filters;
            }
            None => lots.push((vec![wish], cost, filters)),
        }
    }
    Ok(lots.into_iter().map(|(lot, cost, _)| (lot, cost)).collect())
}

/// Bytes of the filters of a wish's veils. Fails when one ffmpeg cannot take them.
fn filters(track: &Track, look: &Look, wish: &Wish) -> Result<usize> {
    let covers = covers(wish, track, look);
    let clock = (track.timescale, track.unit_ticks);
    let bytes = covers.iter().map(|cover| cover.filters("p00v000", clock, look).len()).sum();
    if bytes > MOST_FILTERS {
        return Err(Error::unsupported(format!(
            "{} veils move over frames {} to {}; so many cannot be laid at once",
            covers.len(),
            wish.from,
            wish.to
        ))
        .remedy("Lay one veil that covers several of them, or cut the scene"));
    }
    Ok(bytes)
}

/// What a patch costs, in pixels: those that lead to it are decoded, its own are encoded too.
fn cost(index: &Index, wish: &Wish) -> u64 {
    let lead = wish.from - index.block_first(index.block_of(wish.from));
    (u64::from(wish.to - wish.from) * ENCODED + u64::from(lead)) * pixels(index.track())
}

fn pixels(track: &Track) -> u64 {
    u64::from(track.width) * u64::from(track.height)
}

#[cfg(test)]
mod tests;
