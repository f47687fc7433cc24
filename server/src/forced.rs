//! Labels and warnings as timed text that players show whether or not a viewer wants text: for players that
//! draw nothing over the picture themselves.
//!
//! The text says what holds in the place that it is asked from, now. What must have a size is never in it:
//! text has none that a player keeps to, and the gate gives such a player no pass.

use std::collections::BTreeSet;

use composition::Layout;
use media::Seconds;
use media::error::{Error, Result};
use media::text::{Cue, escape, segment_vtt, write_vtt};
use policy::advisory::{Place as Where, Showing};
use policy::gate::{Obligation, Way};
use policy::{Device, Pass};

use crate::house::{House, Playable, Snapshot};
use crate::label::milliseconds;
use crate::paths::{Asset, Kind};
use crate::territory::Place;
use crate::viewer;

/// A player that shows text only.
const TEXT_ONLY: Device = Device { overlay: false, burnt_in: false, ..Device::FULL };

/// The names of the presentations, HLS and DASH, for who was given these passes.
pub fn names(passes: &[Pass]) -> (&'static str, &'static str) {
    let as_text =
        |obligation: &Obligation| matches!(obligation, Obligation::Show { way: Way::ForcedText, .. });
    match passes.iter().flat_map(Pass::obligations).any(|obligation| as_text(&obligation)) {
        true => ("forced.m3u8", "forced.mpd"),
        false => ("hls.m3u8", "dash.mpd"),
    }
}

/// What a player asks for in such a presentation.
pub fn content(
    house: &House,
    snapshot: &Snapshot,
    place: Place,
    playable: &Playable,
    layout: &Layout,
    asset: Asset,
) -> Result<String> {
    if house.content.of(&playable.title).is_some() {
        return Err(Error::not_found("a protected title has no presentation with forced text"));
    }
    let showings = showings(house, snapshot, place, playable)?;
    let languages = languages(&showings);
    let of = |n: u32| {
        let language = languages.get(n as usize).ok_or_else(|| Error::not_found(format!("no text {n}")))?;
        Ok::<_, Error>(cues(&showings, language))
    };
    match asset {
        Asset::ForcedHls => layout.hls_forced(&languages),
        Asset::ForcedDash => layout.dash_forced(&languages),
        Asset::Playlist(Kind::Forced, n) => of(n).map(|_| layout.hls_forced_text(n as usize)),
        Asset::ForcedSegment { language, number } => {
            let segment = layout.segments.get(number as usize);
            let segment = segment.ok_or_else(|| Error::not_found(format!("no segment {number}")))?;
            Ok(segment_vtt(&of(language)?, segment.start, segment.start + segment.duration, true))
        }
        Asset::ForcedPart { language, part } => {
            let part = layout.parts.get(part as usize).ok_or_else(|| Error::not_found("no such part"))?;
            Ok(write_vtt(&within(of(language)?, part.start, part.start + part.duration())))
        }
        _ => Err(Error::internal("not a presentation with forced text")),
    }
}

/// Everything that text shows here, in the order of the rows.
fn showings(house: &House, snapshot: &Snapshot, place: Place, playable: &Playable) -> Result<Vec<Showing>> {
    let anybody = viewer::anybody(TEXT_ONLY);
    let admitted = viewer::admit(snapshot, &house.packs, place, playable, &anybody);
    let passes =
        admitted.map_err(|_| Error::not_found("no player that shows text only may play this here"))?;
    let length = milliseconds(snapshot, &playable.composition)?;
    let mut all = Vec::new();
    for pass in &passes {
        let mut own = pass.showings(length)?;
        own.retain(|showing| !showing.spans.is_empty());
        own.sort_by_key(|showing| (showing.place != Where::TopCorner, showing.place != Where::BelowLabel));
        all.extend(own);
    }
    Ok(all)
}

fn languages(showings: &[Showing]) -> Vec<String> {
    let all: BTreeSet<&String> = showings.iter().flat_map(|showing| showing.text.keys()).collect();
    all.into_iter().cloned().collect()
}

/// Each showing has a row of its own, from the picture's upper left downwards.
fn cues(showings: &[Showing], language: &str) -> Vec<Cue> {
    let mut cues = Vec::new();
    for (row, showing) in showings.iter().enumerate() {
        let Some(text) = showing.text.get(language).or_else(|| showing.text.get("en")) else { continue };
        cues.extend(showing.spans.iter().map(|span| Cue {
            start: seconds(span.from),
            end: seconds(span.to),
            id: String::new(),
            settings: format!("line:{row} position:2% align:start"),
            payload: escape(text),
        }));
    }
    cues.sort_by_key(|cue| cue.start);
    cues
}

/// Those that touch a stretch, with times that count from its start.
fn within(cues: Vec<Cue>, from: Seconds, to: Seconds) -> Vec<Cue> {
    let touching = cues.into_iter().filter(|cue| cue.start < to && from < cue.end);
    touching
        .map(|cue| Cue { start: cue.start.max(from) - from, end: cue.end.min(to) - from, ..cue })
        .collect()
}

fn seconds(milliseconds: u64) -> Seconds {
    Seconds::new(i64::try_from(milliseconds).unwrap_or(i64::MAX), 1000)
}
