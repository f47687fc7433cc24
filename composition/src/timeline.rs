//! Where each span of a composition lies in time, and how positions map between compositions.

use std::sync::Arc;

use media::{Result, Seconds};
use num_rational::Ratio;

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

impl Timeline {
    pub fn new(composition: &Composition, sources: &Sources) -> Result<Timeline> {
        let mut start = Ratio::from_integer(0);
        let mut stretches = Vec::with_capacity(composition.spans().len());
        for span in composition.spans() {
            let (title, digest) = span.source();
            let source = sources(title, digest)?;
            let duration = source.rate.seconds(span.units() as i64);
            stretches.push(Stretch { span: span.clone(), source, start, duration });
            start += duration;
        }
        Ok(Timeline { stretches, duration: start })
    }

    /// The stretch that is shown at `at`; none at or after the end.
    pub fn stretch_at(&self, at: Seconds) -> Option<&Stretch> {
        let n = self.stretches.partition_point(|s| s.end() <= at);
        self.stretches.get(n).filter(|s| s.start <= at)
    }

    /// Where `other` shows what this composition shows at `at`; when that is cut there, the first
    /// instant that follows it; the end when nothing does. A card maps to what follows it.
    pub fn map(&self, at: Seconds, other: &Timeline) -> Seconds {
        let zero = Ratio::from_integer(0);
        let here = self.stretches.partition_point(|s| s.end() <= at);
        for stretch in self.stretches.iter().skip(here) {
            let Some((from, to)) = stretch.shown() else { continue };
            let into = (at - stretch.start).max(zero);
            if let Some(found) = other.first_from(stretch.source.digest, from + into, to) {
                return found;
            }
        }
        other.duration
    }

    /// When this composition first shows anything of `source` from `from` to `to` (its own axis).
    fn first_from(&self, source: media::Digest, from: Seconds, to: Seconds) -> Option<Seconds> {
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
