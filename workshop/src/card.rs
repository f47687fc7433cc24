//! Cards: a still picture of text, set in type by libass and encoded to look like a rendition.

use std::ffi::OsString;
use std::path::Path;

use composition::{Card, Sign};
use media::{Error, Kind, Result, Track};

use crate::draft::Draft;
use crate::encoder::{Look, Quality, group_frames, same_sets};
use crate::sandbox::{Job, Limits, Sandbox};
use crate::stored::Reel;
use crate::turn::Turn;

mod script;

/// A card wanted for one rendition.
pub struct CardRequest<'a> {
    /// The rendition that the card must look like.
    pub like: &'a Track,
    pub card: &'a Card,
    /// Frames.
    pub units: u32,
}

/// A card: samples and index of a stored track of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeCard {
    pub samples: Vec<u8>,
    pub index: Vec<u8>,
}

/// Quantiser of a card; text has hard edges, and a still costs little.
const QP: u8 = 16;
/// How wide a sign's edge is, in per cent of its shorter side.
const EDGE: u32 = 4;
/// Frames of one card at most: an hour at a hundred a second.
const MAX_UNITS: u32 = 360_000;

const NEEDS_LIBASS: &str =
    "Cards need an ffmpeg with libass, libx264 and zlib; Debian's and Ubuntu's have all three";

/// Makes cards, as many at once as the machine has processors. `done` is called after each.
pub fn card_all(
    sandbox: &Sandbox,
    requests: &[CardRequest],
    folder: &Path,
    done: &(dyn Fn() + Sync),
) -> Result<Vec<MadeCard>> {
    crate::parallel::map(requests, |at, request| {
        let place = folder.join(format!("card-{at}"));
        std::fs::create_dir_all(&place).map_err(|e| crate::disk(&place, e))?;
        let made = make(sandbox, request, &place);
        let _ = std::fs::remove_dir_all(&place);
        done();
        made
    })
}

/// The card as a PNG file of `width` by `height` pixels, for previews.
pub fn card_png(sandbox: &Sandbox, card: &Card, width: u32, height: u32, folder: &Path) -> Result<Vec<u8>> {
    let graph = format!("{},format=rgb24", still(card, width, height, folder)?);
    let mut out = Vec::new();
    draw(
        sandbox,
        &graph,
        ["-frames:v", "1", "-c:v", "png", "-f", "image2pipe", "-"].map(Into::into).to_vec(),
        folder,
        &mut |bytes| {
            out.extend_from_slice(bytes);
            Ok(())
        },
    )?;
    Ok(out)
}

/// A sign of `shown` pixels, turned and laid down as `coded` pixels of a picture of this look: its samples,
/// raw, in the encoder's pixel format.
pub(crate) fn raw_sign(
    sandbox: &Sandbox,
    sign: &Sign,
    (wide, high): (u32, u32),
    turn: Turn,
    (width, height): (u32, u32),
    look: &Look,
    folder: &Path,
) -> Result<Vec<u8>> {
    let Sign { card, edge: [r, g, b], .. } = sign;
    let graph = format!(
        "{still},drawbox=c=0x{r:02x}{g:02x}{b:02x}:t={edge}{turn},{scale},{format}",
        still = drawn(script::sign(card, wide, high), card, (wide, high), folder)?,
        edge = (wide.min(high) * EDGE).div_ceil(100),
        turn = turn.filter(),
        scale = scale(look, width, height),
        format = look.format_filter(),
    );
    let output = ["-frames:v", "1", "-f", "rawvideo", "-y", "sign.yuv"].map(Into::into).to_vec();
    draw(sandbox, &graph, output, folder, &mut |_| Ok(()))?;
    crate::read_file(&folder.join("sign.yuv"))
}

/// The filter that brings what was drawn to this size and into the rendition's colours.
fn scale(look: &Look, width: u32, height: u32) -> String {
    let range = if look.colour.is_some_and(|c| c.full_range) { "pc" } else { "tv" };
    let matrix = matrix(look);
    format!("scale={width}:{height}:flags=lanczos:out_color_matrix={matrix}:out_range={range}")
}

fn make(sandbox: &Sandbox, request: &CardRequest, folder: &Path) -> Result<MadeCard> {
    if request.units == 0 || request.units > MAX_UNITS {
        return Err(Error::invalid(format!("a card of {} frames; expected 1 to {MAX_UNITS}", request.units)));
    }
    let track = request.like;
    let mut look = Look::of_track(track)?;
    let mut draft = encode(sandbox, request, &look, folder)?;
    if !same_sets(&track.sample_entry, &draft.index.track().sample_entry)? {
        look.sets = media::h264::free_sps_id(&track.sample_entry)?;
        draft = encode(sandbox, request, &look, folder)?;
    }
    let draft = draft.dressed_as(track)?;
    check(sandbox, &draft, request.units, folder)?;
    Ok(MadeCard { samples: draft.samples, index: draft.bytes })
}

fn encode(sandbox: &Sandbox, request: &CardRequest, look: &Look, folder: &Path) -> Result<Draft> {
    let track = request.like;
    let turned = Turn::of(track);
    let (mut wide, mut high) = (track.display_width.max(2) as u32, track.display_height.max(2) as u32);
    if turned.is_sideways() {
        (wide, high) = (high, wide);
    }
    let unit = track.unit_ticks;
    let graph = format!(
        "{still}{turn},{scaled},{format},\
         loop=loop={more}:size=1,settb=1/{scale},setpts=N*{unit},{tags}",
        still = still(request.card, wide, high, folder)?,
        turn = turned.filter(),
        scaled = scale(look, look.width, look.height),
        format = look.format_filter(),
        more = request.units - 1,
        scale = track.timescale,
        tags = look.tag_filter(),
    );
    let mut output = vec!["-frames:v".into(), request.units.to_string().into()];
    output.extend(look.options(Quality::Faithful { qp: QP }, group_frames(look.rate)));
    output.extend(["-f", "mp4", "-y", "card.mp4"].map(OsString::from));
    draw(sandbox, &graph, output, folder, &mut |_| Ok(()))?;
    let draft = Draft::take_in(&crate::read_file(&folder.join("card.mp4"))?, 0)?;
    if draft.index.samples() != request.units {
        return Err(Error::internal(format!(
            "the encoder made {} frames of a card of {}",
            draft.index.samples(),
            request.units
        )));
    }
    Ok(draft)
}

/// The filters that draw the card once, in red, green and blue.
fn still(card: &Card, width: u32, height: u32, folder: &Path) -> Result<String> {
    drawn(script::write(card, width, height), card, (width, height), folder)
}

/// The filters that draw a script on a card's background.
fn drawn(script: String, card: &Card, (width, height): (u32, u32), folder: &Path) -> Result<String> {
    crate::write(&folder.join("card.ass"), script.as_bytes())?;
    let [r, g, b] = card.background;
    Ok(format!(
        "color=c=0x{r:02x}{g:02x}{b:02x}:s={width}x{height}:r=1,trim=end_frame=1,format=rgb24,ass=card.ass,setsar=1"
    ))
}

fn draw(
    sandbox: &Sandbox,
    graph: &str,
    output: Vec<OsString>,
    folder: &Path,
    written: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    // Not `-f lavfi -i`, which loses the colour that frames are tagged with.
    let graph = format!("{graph}[card]");
    let mut args: Vec<OsString> =
        ["-v", "warning", "-filter_complex", &graph, "-map", "[card]"].map(Into::into).to_vec();
    args.extend(output);
    let mut job = Job::new("a card", args);
    job.folder = Some(folder);
    job.limits = Limits { output: 64 << 20, ..Limits::default() };
    let said = sandbox.run_ffmpeg(job, written).map_err(|e| {
        // We wrote every word of this run, so what ffmpeg cannot do is what it was built without.
        if e.kind == Kind::Invalid { Error { kind: Kind::Unavailable, ..e }.remedy(NEEDS_LIBASS) } else { e }
    })?;
    // libass draws a box where no font has the letter; a card with boxes must not be shown.
    match said.lines().find(|line| line.contains("failed to find any fallback with glyph")) {
        None => Ok(()),
        Some(line) => Err(Error::new(Kind::Unavailable, format!("no font here has a letter of the card ({})", line.trim()))
            .remedy("Install fonts for its languages, on Debian or Ubuntu with: apt-get install fonts-noto-core fonts-noto-cjk")),
    }
}

/// ffmpeg's name of the matrix that turns the card's colours into the rendition's.
fn matrix(look: &Look) -> &'static str {
    match look.colour.map(|c| c.matrix) {
        Some(1) => "bt709",
        Some(5 | 6) => "smpte170m",
        Some(4) => "fcc",
        Some(7) => "smpte240m",
        Some(9 | 10) => "bt2020",
        // Players guess by size where the stream does not say; so does the card.
        _ if look.height > 576 => "bt709",
        _ => "smpte170m",
    }
}

/// Decodes the card as it will be served: every frame must be there, one unit after the other.
fn check(sandbox: &Sandbox, draft: &Draft, units: u32, folder: &Path) -> Result<()> {
    let track = draft.index.track();
    let mut reel = Reel::new(track);
    for n in 0..draft.index.blocks() {
        let block = draft.index.block(n)?;
        let bytes = &draft.samples[block.offset as usize..block.offset_of(block.samples.len()) as usize];
        reel.push(&block.samples, bytes)?;
    }
    crate::write(&folder.join("served.mp4"), &reel.finish())?;
    let args = [
        "-v",
        "error",
        "-i",
        "served.mp4",
        "-fps_mode",
        "passthrough",
        "-enc_time_base",
        "-1",
        "-f",
        "framecrc",
        "-",
    ];
    let mut job = Job::new("the check of a card", args.map(Into::into).to_vec());
    job.folder = Some(folder);
    let mut text = Vec::new();
    sandbox.run_ffmpeg(job, &mut |bytes| {
        text.extend_from_slice(bytes);
        Ok(())
    })?;
    let text = String::from_utf8_lossy(&text);
    let shown = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(',').nth(2).map(str::trim).map(str::to_string));
    let expected = (0..units as u64).map(|n| Some((n * track.unit_ticks as u64).to_string()));
    if shown.eq(expected) {
        Ok(())
    } else {
        Err(Error::internal("a card does not decode to the frames it was made of"))
    }
}
