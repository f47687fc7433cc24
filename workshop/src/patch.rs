//! Patches: the few frames of a rendition that are encoded again so that a cut may stand anywhere.
//!
//! Invariants:
//! - A patch depends on its own frames and settings alone: it has an encoder of its own, with one
//!   thread, so its bytes do not depend on the machine or on what else is made in the same run.
//! - No patch leaves this room unless it was decoded, beside the copied groups it will stand beside,
//!   and found right: count, timestamps, copies bit-equal, every frame of it at or above [`FLOOR`]. Under
//!   veils the floors are [`OUTSIDE`] and [`INSIDE`] them; a sign must be there as it was drawn, [`INSIDE`].

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use composition::{Sign, Veil};
use media::{Error, Result, Track, h264};

use crate::decoded;
use crate::draft::Draft;
use crate::encoder::{Look, Quality, group_frames, same_sets};
use crate::sandbox::{Ceilings, Job, Limits, Sandbox};
use crate::stored::Stored;
use feed::Feed;
use measure::{Measure, Worst};
use sign::{Board, Post, posts};
use veil::{Cover, covers};
use verify::Window;

mod feed;
mod lots;
mod measure;
mod sign;
mod veil;
mod verify;

/// Frames to encode again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wish {
    /// Frames of the stored track, `to` exclusive.
    pub from: u32,
    pub to: u32,
    /// The `idr_pic_id` that the first picture must have: 0 or 1.
    pub idr: u16,
    /// What lies over the pictures, in frames of the stored track, laid in this order.
    pub veils: Vec<Veil>,
    /// The same, over the veils.
    pub signs: Vec<Sign>,
}

/// Patches wanted of one rendition.
pub struct Request<'a> {
    pub track: Stored<'a>,
    pub wishes: Vec<Wish>,
    /// Something that was made to stand behind one init segment with the track, its hold say: it tells
    /// which parameter sets the encoder writes, which is found out anew otherwise.
    pub like: Option<&'a Track>,
}

/// A patch: samples and index of a stored track of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub samples: Vec<u8>,
    pub index: Vec<u8>,
    /// The quantiser at which it passed.
    pub qp: u8,
    /// Luma PSNR of its worst frame against the rendition's own, in hundredths of a decibel; what is under
    /// a veil or a sign, or near one, does not count.
    pub worst: u32,
    /// PSNR of the worst frame and plane inside veils and signs against what they must show, if there are
    /// any.
    pub inside: Option<u32>,
    /// Frames given to an encoder for it, over all attempts.
    pub encoded: u32,
}

/// The least luma PSNR of a patch's frame, in hundredths of a decibel.
pub const FLOOR: u32 = 4000;
/// The same of a patch with veils, outside and inside them. Outside, it covers whole groups that would
/// else be copied; inside, nothing is left that must be seen well, but nothing may be seen through it.
pub const OUTSIDE: u32 = 4500;
pub const INSIDE: u32 = 4000;
/// Quantiser of the first attempt, and the finest that is ever tried. At 22 a step is 8 levels of luma
/// (H.264 8.5.9), so that even noise, whose error spreads evenly over a step, stays above [`FLOOR`]:
/// 10 log10(255² · 12 / 8²) is 40.9 dB.
const FIRST_QP: u8 = 22;
/// The first of a patch with veils, whose floor is higher.
const FIRST_VEILED_QP: u8 = 17;
const FINEST_QP: u8 = 4;
/// Attempts at most.
const ATTEMPTS: usize = 4;
/// Makes the patches of several renditions, as many at once as the machine has processors. `done` is
/// called with the number of patches made so far. The answers stand in the order of the requests.
pub fn patch_all(
    sandbox: &Sandbox,
    requests: &[Request],
    folder: &Path,
    done: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Vec<Made>>> {
    let looks = crate::parallel::map(requests, |at, request| {
        look_of(sandbox, request, &folder.join(format!("sets-{at}"))).map_err(|e| of_request(e, request))
    })?;
    let boards = crate::parallel::map(requests, |at, request| {
        sign::draw_all(sandbox, request, &looks[at], &folder.join(format!("signs-{at}")))
            .map_err(|e| of_request(e, request))
    })?;
    let lots = lots::of_all(requests, &looks)?;
    let made = crate::parallel::map(&lots, |at, (number, lot)| {
        let place = folder.join(format!("patch-{at}"));
        std::fs::create_dir_all(&place).map_err(|e| crate::disk(&place, e))?;
        let wishes: Vec<&Wish> = lot.iter().map(|(_, wish)| *wish).collect();
        let drawn = (&looks[*number], boards[*number].as_slice());
        let made = patch_lot(sandbox, &requests[*number], &wishes, drawn, &place);
        // What is left in the folder is of no use to anybody, and the folder goes with its owner.
        let _ = std::fs::remove_dir_all(&place);
        let made = made.map_err(|e| of_request(e, &requests[*number]))?;
        done(made.len());
        Ok(made)
    })?;
    let mut answers: Vec<Vec<Option<Made>>> = requests.iter().map(|r| vec![None; r.wishes.len()]).collect();
    for ((number, lot), made) in lots.iter().zip(made) {
        for ((place, _), one) in lot.iter().zip(made) {
            answers[*number][*place] = Some(one);
        }
    }
    let missing = || Error::internal("a patch was lost on the way");
    answers.into_iter().map(|all| all.into_iter().map(|one| one.ok_or_else(missing)).collect()).collect()
}

fn of_request(error: Error, request: &Request) -> Error {
    error.at(format!("patches of {}", request.track.index.track().codec_string))
}

/// The look of a request's patches, found out in `folder` where nothing tells it.
fn look_of(sandbox: &Sandbox, request: &Request, folder: &Path) -> Result<Look> {
    let track = request.track.index.track();
    let Some(like) = request.like else {
        std::fs::create_dir_all(folder).map_err(|e| crate::disk(folder, e))?;
        let look = look_of_patches(sandbox, track, folder);
        let _ = std::fs::remove_dir_all(folder);
        return look;
    };
    let look = Look::of_track(track)?;
    if same_sets(&track.sample_entry, &like.sample_entry)? {
        return Ok(look);
    }
    Ok(Look { sets: h264::free_sps_id(&track.sample_entry)?, ..look })
}

/// The look of a rendition's patches and holds: with the rendition's own parameter sets where Phim's encoder writes
/// just those, which one frame of no matter what shows, else with sets under an id that is free.
pub(crate) fn look_of_patches(sandbox: &Sandbox, track: &Track, folder: &Path) -> Result<Look> {
    let look = Look::of_track(track)?;
    let graph = format!(
        "color=s={}x{}:r={},trim=end_frame=1,{},{}[one]",
        look.width,
        look.height,
        look.rate,
        look.format_filter(),
        look.tag_filter()
    );
    let mut args: Vec<OsString> =
        ["-v", "error", "-filter_complex", &graph, "-map", "[one]"].map(Into::into).to_vec();
    args.extend(look.options(Quality::Faithful { qp: FIRST_QP }, group_frames(look.rate)));
    args.extend(["-f", "mp4", "-y", "one.mp4"].map(OsString::from));
    let mut job = Job::new("the parameter sets of patches", args);
    job.folder = Some(folder);
    job.limits = Limits { output: 1 << 16, ..Limits::default() };
    sandbox.run_ffmpeg(job, &mut |_| Ok(()))?;
    let one = Draft::take_in(&crate::read_file(&folder.join("one.mp4"))?, 0)?;
    if same_sets(&track.sample_entry, &one.index.track().sample_entry)? {
        return Ok(look);
    }
    Ok(Look { sets: h264::free_sps_id(&track.sample_entry)?, ..look })
}

fn patch_lot(
    sandbox: &Sandbox,
    request: &Request,
    wishes: &[&Wish],
    (look, boards): (&Look, &[Board]),
    folder: &Path,
) -> Result<Vec<Made>> {
    let track = request.track;
    let own = track.index.track();
    let mut look = look.clone();
    let feed = Feed::write(track, wishes, folder)?;
    let covers: Vec<Vec<Cover>> = wishes.iter().map(|wish| covers(wish, own, &look)).collect();
    let posts = wishes.iter().map(|wish| posts(wish, boards)).collect::<Result<Vec<_>>>()?;
    for (n, board) in boards.iter().enumerate() {
        crate::write(&folder.join(sign::file(n)), &board.bytes)?;
    }
    let mut made: Vec<Option<Made>> = vec![None; wishes.len()];
    let mut encoded = vec![0; wishes.len()];
    let mut found = vec![Worst { outside: 0, inside: None }; wishes.len()];
    let mut qp: Vec<u8> = wishes.iter().map(|wish| first_qp(wish)).collect();
    for _ in 0..ATTEMPTS {
        let open: Vec<usize> = (0..wishes.len()).filter(|n| made[*n].is_none()).collect();
        open.iter().for_each(|n| encoded[*n] += frames_to_encode(wishes[*n]));
        let ask = |n: &usize| Asked { wish: wishes[*n], covers: &covers[*n], posts: &posts[*n], qp: qp[*n] };
        let asked: Vec<Asked> = open.iter().map(ask).collect();
        let mut drafts = encode(sandbox, own, (&look, boards), &feed, &asked, folder)?;
        if !drafts.iter().all(|draft| is_like(draft, request.like)) {
            // The encoder is another one than it was then.
            look = look_of_patches(sandbox, own, folder)?;
            drafts = encode(sandbox, own, (&look, boards), &feed, &asked, folder)?;
        }
        let window = |(n, draft)| {
            let n: &usize = n;
            Window { wish: wishes[*n], covers: &covers[*n], posts: &posts[*n], draft }
        };
        let windows: Vec<Window> = open.iter().zip(&drafts).map(window).collect();
        let worst = verify::verify(sandbox, track, (&look, boards), &windows, &feed, folder)?;
        for ((n, draft), worst) in open.iter().zip(drafts).zip(worst) {
            let missing = missing(wishes[*n], worst);
            found[*n] = worst;
            if missing == 0 {
                made[*n] = Some(Made {
                    samples: draft.samples,
                    index: draft.bytes,
                    qp: qp[*n],
                    worst: worst.outside,
                    inside: worst.inside,
                    encoded: encoded[*n],
                });
            }
            qp[*n] = finer(qp[*n], missing);
        }
        if made.iter().all(Option::is_some) {
            break;
        }
    }
    let unmade = |n: usize| {
        let Wish { from, to, .. } = wishes[n];
        let (outside, inside) = floors(wishes[n]);
        let decibels = |v: u32| format!("{}.{:02} dB", v / 100, v % 100);
        let mut said = format!("{}, expected {}", decibels(found[n].outside), decibels(outside));
        if let Some(worst) = found[n].inside {
            said.push_str(&format!(
                "; under veils and signs {}, expected {}",
                decibels(worst),
                decibels(inside)
            ));
        }
        Error::unsupported(format!("frames {from} to {to} cannot be encoded again well enough ({said})"))
            .remedy("Cut the scene at sync samples instead")
    };
    made.into_iter().enumerate().map(|(n, one)| one.ok_or_else(|| unmade(n))).collect()
}

/// Whether a patch has the parameter sets that it was thought to have.
fn is_like(draft: &Draft, like: Option<&Track>) -> bool {
    like.is_none_or(|like| like.sample_entry == draft.index.track().sample_entry)
}

/// The quantiser for the next attempt: a step is worth about a decibel, and one more is taken so that
/// two attempts are enough as a rule.
fn finer(qp: u8, missing: u32) -> u8 {
    let steps = missing.div_ceil(100) + 1;
    qp.saturating_sub(u8::try_from(steps).unwrap_or(u8::MAX)).max(FINEST_QP)
}

fn first_qp(wish: &Wish) -> u8 {
    if wish.veils.is_empty() { FIRST_QP } else { FIRST_VEILED_QP }
}

/// The floors outside and inside veils and signs.
fn floors(wish: &Wish) -> (u32, u32) {
    match (wish.veils.is_empty(), wish.signs.is_empty()) {
        (true, true) => (FLOOR, 0),
        // A film with signs is encoded again from end to end: what more is asked of it costs more of a disk.
        (true, false) => (FLOOR, INSIDE),
        (false, _) => (OUTSIDE, INSIDE),
    }
}

/// By how much a patch misses its floors, in hundredths of a decibel.
fn missing(wish: &Wish, worst: Worst) -> u32 {
    let (outside, inside) = floors(wish);
    outside.saturating_sub(worst.outside).max(inside.saturating_sub(worst.inside.unwrap_or(u32::MAX)))
}

/// Every encoder starts with `idr_pic_id` 0 and alternates; for 1, a first frame is thrown away.
fn thrown_away(wish: &Wish) -> u32 {
    wish.idr as u32
}

fn frames_to_encode(wish: &Wish) -> u32 {
    wish.to - wish.from + thrown_away(wish)
}

/// Where ffmpeg writes when each frame of the feed is shown.
const FED: &str = "fed.hash";

/// One patch of a lot, in one attempt.
struct Asked<'a> {
    wish: &'a Wish,
    covers: &'a [Cover],
    posts: &'a [Post],
    qp: u8,
}

/// One ffmpeg decodes the feed, keeps what is compared later, and encodes the patches.
fn encode(
    sandbox: &Sandbox,
    track: &Track,
    (look, boards): (&Look, &[Board]),
    feed: &Feed,
    asked: &[Asked],
    folder: &Path,
) -> Result<Vec<Draft>> {
    let mut args: Vec<OsString> = ["-v", "error", "-noautorotate", "-i", feed.name].map(Into::into).to_vec();
    for (n, board) in boards.iter().enumerate() {
        args.extend(["-f", "rawvideo", "-pixel_format", look.pixel_format(), "-video_size"].map(Into::into));
        args.extend(
            [format!("{}x{}", board.place.w, board.place.h), "-i".into(), sign::file(n)].map(Into::into),
        );
    }
    args.push("-filter_complex".into());
    let (kept, keeping) = feed.kept()?;
    args.push(format!("{};[k]{kept}[kept]", graph(track, (look, boards), feed, asked)?).into());
    args.extend(decoded::times("0:v", FED));
    args.extend(["-map", "[kept]"].iter().chain(&keeping).map(OsString::from));
    for (n, Asked { wish, qp, .. }) in asked.iter().enumerate() {
        args.extend(["-map".into(), format!("[p{n}]").into()]);
        // One group, however long; x264 allows fewer B-frames, and says so in its sets, when groups are short.
        let group = group_frames(look.rate).max(frames_to_encode(wish) + 1);
        args.extend(look.options(Quality::Faithful { qp: *qp }, group));
        if thrown_away(wish) > 0 {
            args.extend(["-force_key_frames".into(), "expr:eq(n,1)".into()]);
        }
        args.extend(["-f", "mp4", "-y"].map(OsString::from));
        args.push(output(n).into());
    }
    let frames =
        feed.len() as u64 + asked.iter().map(|one| u64::from(frames_to_encode(one.wish))).sum::<u64>();
    let pixels = frames * u64::from(track.width) * u64::from(track.height);
    let kept = feed.kept_frames() * Measure::frame_bytes(look) as u64;
    let ceilings = Ceilings { file: Ceilings::default().file.max(kept), ..Ceilings::default() };
    let mut job = Job::new("a patch", args);
    job.folder = Some(folder);
    job.limits = Limits { output: 1 << 16, wall: patience(pixels), ceilings };
    sandbox.run_ffmpeg(job, &mut |_| Ok(()))?;
    let fed = decoded::read(&crate::read_file(&folder.join(FED))?)?;
    decoded::in_step(&fed, feed.len(), track.unit_ticks).map_err(|e| e.at("the rendition decoded"))?;
    let drafts = asked
        .iter()
        .enumerate()
        .map(|(n, one)| draft_of(&crate::read_file(&folder.join(output(n)))?, one.wish)?.dressed_as(track));
    drafts.collect()
}

/// How long ffmpeg may take to decode or encode so many pixels. Somebody waits for a patch: what takes
/// ten times longer than a slow machine does has come to a stop.
fn patience(pixels: u64) -> Duration {
    Duration::from_secs(60 + pixels / 1_000_000)
}

/// The filters that cut the frames of every patch out of the feed and lay its veils and signs over them.
fn graph(track: &Track, (look, boards): (&Look, &[Board]), feed: &Feed, asked: &[Asked]) -> Result<String> {
    let clock = (track.timescale, track.unit_ticks);
    let mut uses = vec![0; boards.len()];
    let mut graph = format!("[0:v]split={}[k]", asked.len() + 1);
    (0..asked.len()).for_each(|n| graph.push_str(&format!("[s{n}]")));
    for (n, Asked { wish, covers, posts, .. }) in asked.iter().enumerate() {
        let from = feed.place(wish.from)?;
        let to = feed.place(wish.to - 1)? + 1;
        graph.push_str(&format!(
            ";[s{n}]trim=start_frame={from}:end_frame={to},settb=1/{},setpts=N*{},{}",
            track.timescale,
            track.unit_ticks,
            look.in_filter()
        ));
        for (k, cover) in covers.iter().enumerate() {
            graph.push_str(&cover.filters(&format!("p{n}v{k}"), clock, look));
        }
        for (k, post) in posts.iter().enumerate() {
            let place = boards[post.board].place;
            graph.push_str(&post.filters(&format!("p{n}g{k}"), uses[post.board], place, clock, look));
            uses[post.board] += 1;
        }
        if thrown_away(wish) > 0 {
            graph.push_str(",tpad=start=1:start_mode=clone");
        }
        graph.push_str(&format!(",{}[p{n}]", look.out_filter()));
    }
    graph.push_str(&sign::sources(&uses, look));
    Ok(graph)
}

fn output(n: usize) -> String {
    format!("patch-{n}.mp4")
}

fn draft_of(file: &[u8], wish: &Wish) -> Result<Draft> {
    let draft = Draft::take_in(file, thrown_away(wish) as usize)?;
    let block = draft.index.block(0)?;
    if draft.index.blocks() != 1
        || block.samples.len() as u32 != wish.to - wish.from
        || block.idr_pic_id != wish.idr
    {
        return Err(Error::internal(format!(
            "the encoder made {} frames in {} groups, idr_pic_id {}; expected {} in one, {}",
            draft.index.samples(),
            draft.index.blocks(),
            block.idr_pic_id,
            wish.to - wish.from,
            wish.idr
        )));
    }
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use super::finer;

    #[test]
    fn the_next_attempt_makes_up_for_what_is_missing() {
        assert_eq!(finer(19, 10), 17);
        assert_eq!(finer(19, 350), 14);
        assert_eq!(finer(19, 3000), 4);
        assert_eq!(finer(4, 1), 4);
    }
}
