//! Where each span of a composition lies in time, and how positions map between compositions.

use std::collections::BTreeMap;
use std::sync::Arc;

use media::{Digest, Result, Seconds};
use num_rational::Ratio;

use crate::held::Withheld;
use crate::source::{Source, Sources};
use crate::span::{Composition, Span};

/// A composition on its own time axis, which starts at zero.
#[derive(Clone, Debug)]
pub struct Timeline {
    pub stretches: Vec<Stretch>,
    pub duration: Seconds,
}

/// One span with its place in time.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub span: Span,
    pub source: Arc<Source>,
    /// What of its source is not seen, heard or read, though the span shows those frames.
    pub withheld: Arc<Withheld>,
    /// When it starts on the composition's axis.
    pub start: Seconds,
    pub duration: Seconds,
}

impl Stretch {
    pub fn end(&self) -> Seconds {
        self.start + self.duration
    }
    /// For film: the seconds of the source axis (from its first presented frame) that it shows.
    pub fn shown(&self) -> Option<(Seconds, Seconds)> {
        match &self.span {
            Span::Film { from, to, .. } => Some((self.source.seconds(*from), self.source.seconds(*to))),
            Span::Card { .. } => None,
        }
    }
}

/// Frames `from` to `to`, end-exclusive, of a title's stored tracks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRange {
    pub title: String,
    pub source: Digest,
    pub from: u32,
    pub to: u32,
}

impl Timeline {
    pub fn new(composition: &Composition, sources: &Sources) -> Result<Timeline> {
        let mut start = Ratio::from_integer(0);
        let nothing = Arc::<Withheld>::default();
        let laid: BTreeMap<Digest, Arc<Withheld>> =
            composition.overlays().iter().map(|(source, over)| (*source, Arc::new(over.into()))).collect();
        let mut stretches = Vec::with_capacity(composition.spans().len());
        for span in composition.spans() {
            let (title, digest) = span.source();
            let source = sources(title, digest)?;
            let duration = source.rate.seconds(span.units() as i64);
            let withheld = laid.get(&digest).unwrap_or(&nothing).clone();
            stretches.push(Stretch { span: span.clone(), source, withheld, start, duration });
            start += duration;
        }
        Ok(Timeline { stretches, duration: start })
    }

    /// The stretch that is shown at `at`; none at or after the end.
    pub fn stretch_at(&self, at: Seconds) -> Option<&Stretch> {
        let n = self.stretches.partition_point(|s| s.end() <= at);
        self.stretches.get(n).filter(|s| s.start <= at)
    }

    /// Where `new` shows the frame that this composition shows at `at`; where that frame is gone, the next
    /// one that `new` still shows; none when it shows nothing of what follows. A card maps to what follows it.
    pub fn map(&self, new: &Timeline, at: Seconds) -> Option<Seconds> {
        let zero = Ratio::from_integer(0);
        let here = self.stretches.partition_point(|s| s.end() <= at);
        self.stretches[here..].iter().find_map(|stretch| {
            let (from, to) = stretch.shown()?;
            new.first_from(stretch.source.digest, from + (at - stretch.start).max(zero), to)
        })
    }

    /// The frames of film that are shown between `from` and `to` seconds of the composition, rounded
    /// outward to whole frames, in the order of the composition. Cards have none.
    pub fn source_ranges(&self, from: Seconds, to: Seconds) -> Vec<SourceRange> {
        let begin = self.stretches.partition_point(|s| s.end() <= from);
        let touched = self.stretches[begin..].iter().take_while(|s| s.start < to && from < to);
        touched
            .filter_map(|stretch| match &stretch.span {
                Span::Film { title, source, from: first, to: end } => {
                    let rate = stretch.source.rate;
                    let a = rate.unit_at((from - stretch.start).max(Ratio::from_integer(0))) as u32;
                    let b = rate.unit_from((to - stretch.start).min(stretch.duration)) as u32;
                    let (from, to) = (first + a, (first + b).min(*end));
                    Some(SourceRange { title: title.clone(), source: *source, from, to })
                }
                Span::Card { .. } => None,
            })
            .collect()
    }

    /// When this composition first shows anything of `source` from `from` to `to` (its own axis).
    fn first_from(&self, source: Digest, from: Seconds, to: Seconds) -> Option<Seconds> {
        let shown = self.stretches.iter().filter(|s| s.source.digest == source);
        shown
            .filter_map(|s| s.shown().map(|(a, b)| (s, a, b)))
            .filter(|(_, a, b)| *a < to && from < *b)
            .map(|(s, a, _)| (a.max(from), s.start + a.max(from) - a))
            .min()
            .map(|(_, at)| at)
    }
}

#[cfg(test)]
mod tests;
