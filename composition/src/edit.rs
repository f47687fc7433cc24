//! Edits and their evaluation: a base composition and a set of edits give a composition.
//!
//! Invariant: the order of the edits does not matter. Overlaps merge; what any cut names is gone.

use media::{Digest, Error, Result};

use crate::span::{Composition, Span};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Frames `from` to `to`, end-exclusive, of the source are removed wherever they occur.
    Cut { source: Digest, from: u32, to: u32 },
}

/// The composition that is `base` under `edits`.
///
/// Fails when a cut is empty or touches nothing of the base (a mistyped position must not pass
/// silently), or when nothing is left.
pub fn evaluate(base: &Composition, edits: &[Edit]) -> Result<Composition> {
    for edit in edits {
        check_bites(base, edit)?;
    }
    let spans = base.spans().iter().flat_map(|span| match span {
        Span::Film { title, source, from, to } => keep(*source, *from, *to, edits)
            .into_iter()
            .map(|(from, to)| Span::Film { title: title.clone(), source: *source, from, to })
            .collect(),
        card => vec![card.clone()],
    });
    Composition::new(spans)
}

/// The ranges of frames `from..to` that no cut removes, in order.
fn keep(of: Digest, from: u32, to: u32, edits: &[Edit]) -> Vec<(u32, u32)> {
    let mut cuts: Vec<(u32, u32)> = edits
        .iter()
        .filter_map(|Edit::Cut { source, from, to }| (*source == of).then_some((*from, *to)))
        .collect();
    cuts.sort_unstable();
    let mut kept = Vec::new();
    let mut at = from;
    for (a, b) in cuts {
        if a > at && at < to {
            kept.push((at, a.min(to)));
        }
        at = at.max(b);
    }
    if at < to {
        kept.push((at, to));
    }
    kept
}

fn check_bites(base: &Composition, edit: &Edit) -> Result<()> {
    let Edit::Cut { source: cut, from: a, to: b } = edit;
    if a >= b {
        return Err(Error::invalid(format!("the cut from frame {a} to {b} is empty"))
            .remedy("A cut ends after it starts; the end is exclusive"));
    }
    let mut last = 0;
    for span in base.spans() {
        if let Span::Film { source, from, to, .. } = span
            && source == cut
        {
            if a < to && from < b {
                return Ok(());
            }
            last = last.max(*to);
        }
    }
    Err(Error::invalid(format!(
        "the cut from frame {a} to {b} removes nothing; the film ends before frame {last}"
    ))
    .remedy("Give positions inside the film"))
}

#[cfg(test)]
mod tests;
