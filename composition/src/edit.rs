//! Edits and their evaluation: a base composition and a set of edits give a composition.
//!
//! Invariant: the order of the edits does not matter. Overlaps merge; what any cut names is gone; a cut
//! wins over a card in its place, a mask over a blur.

use media::{Digest, Error, Result};

use crate::card::Card;
use crate::overlay::Overlay;
use crate::ranges::Ranges;
use crate::span::{Composition, Span};
use crate::veil::{Path, Veil, VeilKind};

/// Frames `from` to `to`, end-exclusive, of a source's stored tracks, and what becomes of them wherever
/// they occur.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// They are removed.
    Cut { source: Digest, from: u32, to: u32 },
    /// They are removed, and a card of `units` edit units stands in their place.
    Replace { source: Digest, from: u32, to: u32, card: Card, units: u32 },
    /// A box of the picture is made unrecognisable.
    Blur { source: Digest, from: u32, to: u32, path: Path },
    /// A box of the picture is filled.
    Mask { source: Digest, from: u32, to: u32, path: Path },
    /// No sound of theirs is heard, in any language; subtitles that touch them are gone.
    Mute { source: Digest, from: u32, to: u32 },
    /// Subtitles that touch them are gone.
    DropText { source: Digest, from: u32, to: u32 },
}

impl Edit {
    pub fn source(&self) -> Digest {
        self.place().0
    }
    /// Frames, end-exclusive.
    pub fn range(&self) -> (u32, u32) {
        let (_, from, to) = self.place();
        (from, to)
    }
    fn place(&self) -> (Digest, u32, u32) {
        match self {
            Edit::Cut { source, from, to }
            | Edit::Replace { source, from, to, .. }
            | Edit::Blur { source, from, to, .. }
            | Edit::Mask { source, from, to, .. }
            | Edit::Mute { source, from, to }
            | Edit::DropText { source, from, to } => (*source, *from, *to),
        }
    }
    /// What it is called, and what it does to frames, for messages.
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Edit::Cut { .. } => ("cut", "removes"),
            Edit::Replace { .. } => ("replacement", "replaces"),
            Edit::Blur { .. } => ("blur", "blurs"),
            Edit::Mask { .. } => ("mask", "masks"),
            Edit::Mute { .. } => ("mute", "mutes"),
            Edit::DropText { .. } => ("text drop", "drops"),
        }
    }
    /// What it lays over its source.
    fn overlay(&self) -> Overlay {
        let (from, to) = self.range();
        let veil = |kind, path: &Path| vec![Veil { kind, from, to, path: path.clone() }];
        let range = Ranges::new([(from, to)]);
        match self {
            Edit::Cut { .. } | Edit::Replace { .. } => Overlay::default(),
            Edit::Blur { path, .. } => Overlay { veils: veil(VeilKind::Blur, path), ..Overlay::default() },
            Edit::Mask { path, .. } => Overlay { veils: veil(VeilKind::Mask, path), ..Overlay::default() },
            Edit::Mute { .. } => Overlay { mutes: range, ..Overlay::default() },
            Edit::DropText { .. } => Overlay { text_drops: range, ..Overlay::default() },
        }
    }
}

/// The composition that is `base` under `edits` given by hand.
///
/// Fails when an edit is empty or touches nothing of the base (a mistyped position must not pass
/// silently), or when nothing is left.
pub fn evaluate(base: &Composition, edits: &[Edit]) -> Result<Composition> {
    edits.iter().try_for_each(|edit| check_bites(base, edit))?;
    apply(base, edits, Edit::overlay)
}

/// The composition that is `base` under edits that bind every composition of their sources, as an
/// order's do: those that touch nothing of this base are absent from the result. What they remove is
/// muted too, so that no sound sample at a seam carries anything of it. Fails when an edit is empty, or
/// when nothing is left.
pub fn evaluate_bound(base: &Composition, edits: &[Edit]) -> Result<Composition> {
    edits.iter().try_for_each(check_range)?;
    apply(base, edits, |edit| match edit {
        Edit::Cut { source, from, to } | Edit::Replace { source, from, to, .. } => {
            Edit::Mute { source: *source, from: *from, to: *to }.overlay()
        }
        _ => edit.overlay(),
    })
}

fn apply(base: &Composition, edits: &[Edit], overlay: impl Fn(&Edit) -> Overlay) -> Result<Composition> {
    let before = base.overlays().iter().map(|(source, overlay)| (*source, overlay.clone()));
    let overlays = before.chain(edits.iter().map(|edit| (edit.source(), overlay(edit))));
    Composition::with(kept(base, edits), overlays)
}

/// The spans of `base` without what is removed, and with the cards that stand in its place.
fn kept(base: &Composition, edits: &[Edit]) -> Vec<Span> {
    let mut out = Vec::new();
    let mut sources: Vec<Digest> = base.spans().iter().map(|span| span.source().1).collect();
    sources.sort_unstable();
    sources.dedup();
    let removed: Vec<Vec<Removal>> = sources.iter().map(|source| removals(*source, edits)).collect();
    // The card that was placed last, when no film was kept since: a range that other edits tear apart
    // gets its card once.
    let mut placed: Option<&Edit> = None;
    for span in base.spans() {
        let Span::Film { title, source, from, to } = span else {
            out.push(span.clone());
            placed = None;
            continue;
        };
        let film = |from, to| Span::Film { title: title.clone(), source: *source, from, to };
        let removals = sources.binary_search(source).map_or(&[][..], |n| &removed[n]);
        let begin = removals.partition_point(|r| r.to <= *from);
        let mut at = *from;
        for removal in removals[begin..].iter().take_while(|r| r.from < *to) {
            if removal.from > at {
                out.push(film(at, removal.from));
                placed = None;
            }
            if let Some(edit @ Edit::Replace { card, units, .. }) = removal.replacement
                && placed != Some(edit)
            {
                out.push(Span::Card {
                    card: card.clone(),
                    title: title.clone(),
                    source: *source,
                    units: *units,
                });
                placed = Some(edit);
            }
            at = removal.to.min(*to);
        }
        if at < *to {
            out.push(film(at, *to));
            placed = None;
        }
    }
    out
}

/// Frames that go, and the edit whose card comes in their place.
struct Removal<'a> {
    from: u32,
    to: u32,
    replacement: Option<&'a Edit>,
}

/// What goes of a source, in order and without overlap. Of two replacements of one frame the one that
/// starts first has it.
fn removals(of: Digest, edits: &[Edit]) -> Vec<Removal<'_>> {
    let here = || edits.iter().filter(|edit| edit.source() == of);
    let mut gone: Ranges = here().filter(|e| matches!(e, Edit::Cut { .. })).map(Edit::range).collect();
    let mut out: Vec<Removal> =
        gone.iter().map(|(from, to)| Removal { from, to, replacement: None }).collect();
    let mut replacements: Vec<(&Edit, &Card, u32)> = here()
        .filter_map(|edit| match edit {
            Edit::Replace { card, units, .. } => Some((edit, card, *units)),
            _ => None,
        })
        .collect();
    replacements.sort_by_key(|(edit, card, units)| (edit.range(), *card, *units));
    for (edit, ..) in replacements {
        let (from, to) = edit.range();
        let own = gone.outside(from, to);
        out.extend(own.iter().map(|(from, to)| Removal { from: *from, to: *to, replacement: Some(edit) }));
        gone = gone.union(&Ranges::new(own));
    }
    out.sort_by_key(|removal| removal.from);
    out
}

fn check_range(edit: &Edit) -> Result<()> {
    let (name, _) = edit.words();
    let (a, b) = edit.range();
    if a < b {
        return Ok(());
    }
    Err(Error::invalid(format!("the {name} from frame {a} to {b} is empty"))
        .remedy(format!("A {name} ends after it starts; the end is exclusive")))
}

fn check_bites(base: &Composition, edit: &Edit) -> Result<()> {
    check_range(edit)?;
    let (name, does) = edit.words();
    let (a, b) = edit.range();
    let mut last = 0;
    for span in base.spans() {
        if let Span::Film { source, from, to, .. } = span
            && *source == edit.source()
        {
            if a < *to && *from < b {
                return Ok(());
            }
            last = last.max(*to);
        }
    }
    Err(Error::invalid(format!(
        "the {name} from frame {a} to {b} {does} nothing; the film ends before frame {last}"
    ))
    .remedy("Give positions inside the film"))
}

#[cfg(test)]
mod tests;
