//! What a composition lays over its sources: veils, signs, mutes, text drops.
//!
//! Invariants:
//! - An overlay counts frames of a source's stored tracks, whatever spans show them.
//! - Only what can be seen, heard or read in the composition stays: a veil or a sign is clipped to the
//!   frames that the spans show, a mute and a text drop to those frames and [`REACH`] more at each side.
//! - Overlaps merge. Veils of one kind and one still area that touch are one veil, and so are equal signs; a
//!   mask takes away the blur that it covers. So the order in which they are given does not matter.

use std::collections::BTreeMap;

use media::{Digest, Error, Result};

use crate::ranges::Ranges;
use crate::sign::{self, Sign};
use crate::span::{Span, check_card, number, parse_colour, parse_colours};
use crate::veil::{Area, Path, Veil, VeilKind};

/// Frames beyond a span in which a mute still counts: a sound sample that plays in the span may carry
/// sound from there. No window of a codec that Phim stores, with half a sample of rounding, is longer
/// at up to 250 frames a second.
pub const REACH: u32 = 64;
/// Veils, signs, mutes and text drops in one composition at most, and key frames of all its veils.
pub const MAX_OVERLAYS: usize = 10_000;
pub const MAX_ALL_KEYS: usize = 100_000;

/// What lies over one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    /// In the order in which they are applied to a picture.
    pub veils: Vec<Veil>,
    /// Over the veils.
    pub signs: Vec<Sign>,
    /// Frames whose sound is not heard.
    pub mutes: Ranges,
    /// Frames whose subtitles are not shown. (Those of a mute are not shown either.)
    pub text_drops: Ranges,
}

impl Overlay {
    pub fn is_empty(&self) -> bool {
        self.veils.is_empty() && self.signs.is_empty() && self.mutes.is_empty() && self.text_drops.is_empty()
    }
    fn join(all: &[Overlay]) -> Overlay {
        Overlay {
            veils: all.iter().flat_map(|o| o.veils.iter().cloned()).collect(),
            signs: all.iter().flat_map(|o| o.signs.iter().cloned()).collect(),
            mutes: all.iter().flat_map(|o| o.mutes.iter()).collect(),
            text_drops: all.iter().flat_map(|o| o.text_drops.iter()).collect(),
        }
    }
}

/// What lies over each source.
pub type Overlays = BTreeMap<Digest, Overlay>;

/// The one spelling over `spans` of what `overlays` say together.
pub(crate) fn canonical(
    overlays: impl IntoIterator<Item = (Digest, Overlay)>,
    spans: &[Span],
) -> Result<Overlays> {
    let mut by_source: BTreeMap<Digest, Vec<Overlay>> = BTreeMap::new();
    for (source, overlay) in overlays {
        by_source.entry(source).or_default().push(overlay);
    }
    let mut out = Overlays::new();
    for (source, all) in by_source {
        let all = Overlay::join(&all);
        let shown = frames_of(source, spans);
        let near = shown.grown(REACH);
        let overlay = Overlay {
            veils: merged(clipped(&all.veils, &shown)?),
            signs: sign::merged(all.signs, &shown),
            mutes: all.mutes.both(&near),
            text_drops: all.text_drops.both(&near),
        };
        if !overlay.is_empty() {
            out.insert(source, overlay);
        }
    }
    check_limits(&out)?;
    Ok(out)
}

/// The frames of `source` that `spans` show.
fn frames_of(source: Digest, spans: &[Span]) -> Ranges {
    let film = |span: &Span| match span {
        Span::Film { source: of, from, to, .. } if *of == source => Some((*from, *to)),
        _ => None,
    };
    spans.iter().filter_map(film).collect()
}

fn clipped(veils: &[Veil], shown: &Ranges) -> Result<Vec<Veil>> {
    let mut out = Vec::new();
    for veil in veils {
        out.extend(shown.within(veil.from, veil.to).filter_map(|(from, to)| veil.clipped(from, to)));
        if out.len() > MAX_OVERLAYS {
            return Err(too_many("veils", out.len(), MAX_OVERLAYS));
        }
    }
    Ok(out)
}

fn merged(veils: Vec<Veil>) -> Vec<Veil> {
    let mut still: BTreeMap<(VeilKind, Area), Vec<(u32, u32)>> = BTreeMap::new();
    let mut out = Vec::new();
    for veil in veils {
        match veil.path.area() {
            Some(area) => still.entry((veil.kind, area)).or_default().push((veil.from, veil.to)),
            None => out.push(veil),
        }
    }
    for ((kind, area), ranges) in &still {
        let mut ranges = Ranges::new(ranges.iter().copied());
        if *kind == VeilKind::Blur {
            let masks =
                still.iter().filter(|((kind, mask), _)| *kind == VeilKind::Mask && mask.covers(*area));
            ranges = ranges.minus(&masks.flat_map(|(_, ranges)| ranges.iter().copied()).collect());
        }
        let veil = |(from, to)| Veil { kind: *kind, from, to, path: Path::still(*area).clipped(from, to) };
        out.extend(ranges.iter().map(veil));
    }
    out.sort();
    out.dedup();
    out
}

fn check_limits(overlays: &Overlays) -> Result<()> {
    let lines = |o: &Overlay| o.veils.len() + o.signs.len() + o.mutes.len() + o.text_drops.len();
    let lines: usize = overlays.values().map(lines).sum();
    if lines > MAX_OVERLAYS {
        return Err(too_many("veils, signs, mutes and text drops", lines, MAX_OVERLAYS));
    }
    overlays.values().flat_map(|o| &o.signs).try_for_each(|sign| check_card(&sign.card))?;
    let keys: usize = overlays.values().flat_map(|o| &o.veils).map(|v| v.path.keys().len()).sum();
    if keys > MAX_ALL_KEYS {
        return Err(too_many("key frames", keys, MAX_ALL_KEYS));
    }
    Ok(())
}

fn too_many(what: &str, count: usize, limit: usize) -> Error {
    Error::unsupported(format!("{count} {what} in one version; expected at most {limit}"))
        .remedy("Join those that follow each other, or cut instead")
}

/// The lines of the text form, one a veil, mute or text drop, and several a sign.
pub(crate) fn text(overlays: &Overlays) -> String {
    let mut out = String::new();
    for (source, overlay) in overlays {
        for veil in &overlay.veils {
            out.push_str(&format!("{} {source} {}\n", veil.kind.word(), veil.text()));
        }
        for sign in &overlay.signs {
            out.push_str(&format!("sign {source} {}", sign.text()));
        }
        for (word, ranges) in [("mute", &overlay.mutes), ("drop", &overlay.text_drops)] {
            for (from, to) in ranges.iter() {
                out.push_str(&format!("{word} {source} {from} {to}\n"));
            }
        }
    }
    out
}

/// Reads one line of the text form, without its first word; `None` when it is none.
pub(crate) fn parse_line(verb: &str, rest: &str) -> Option<(Digest, Overlay)> {
    let mut words = rest.split(' ');
    let source: Digest = words.next()?.parse().ok()?;
    let numbers: Vec<u32> = words.map(number).collect::<Option<_>>()?;
    let (&[from, to], keys) = numbers.split_first_chunk()?;
    if from >= to {
        return None;
    }
    let mut overlay = Overlay::default();
    match (verb, VeilKind::ALL.into_iter().find(|kind| kind.word() == verb)) {
        (_, Some(kind)) => overlay.veils.push(Veil { kind, from, to, path: parse_path(keys)? }),
        ("mute", _) if keys.is_empty() => overlay.mutes = Ranges::new([(from, to)]),
        ("drop", _) if keys.is_empty() => overlay.text_drops = Ranges::new([(from, to)]),
        _ => return None,
    }
    Some((source, overlay))
}

/// Reads the first line of a sign without its first word; its lines follow. `None` when it is none.
pub(crate) fn parse_sign(rest: &str) -> Option<(Digest, Sign)> {
    let words: Vec<&str> = rest.split(' ').collect();
    let [source, from, to, x, y, w, h, edge, background, foreground] = words[..] else { return None };
    let (from, to) = (number(from)?, number(to)?);
    let part = |word: &str| Some(u16::try_from(number(word)?).unwrap_or(u16::MAX));
    let area = Area::new(part(x)?, part(y)?, part(w)?, part(h)?).ok()?;
    let (edge, card) = (parse_colour(edge)?, parse_colours(background, foreground)?);
    let sign = Sign { from, to, area, edge, card };
    (from < to).then_some((source.parse().ok()?, sign))
}

fn parse_path(numbers: &[u32]) -> Option<Path> {
    let (keys, rest) = numbers.as_chunks::<5>();
    let key = |[frame, area @ ..]: &[u32; 5]| {
        let [x, y, w, h] = area.map(|n| u16::try_from(n).unwrap_or(u16::MAX));
        Some((*frame, Area::new(x, y, w, h).ok()?))
    };
    let keys = keys.iter().map(key).collect::<Option<Vec<_>>>()?;
    Path::new(keys).ok().filter(|_| rest.is_empty())
}

#[cfg(test)]
pub(crate) mod tests;
