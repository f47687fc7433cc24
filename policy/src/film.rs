//! What the gate must know of a title: its media, and where it stands in a series.

use media::Digest;

use crate::order::Work;
use crate::scope::Part;

/// A title that the house holds, as orders see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Film {
    pub title: String,
    /// Names its media; media stored anew have another.
    pub source: Digest,
    /// The series that it is an episode of.
    pub place: Option<Place>,
    /// Titles of which this is a compilation, a trailer or another cut, with pictures in files of its
    /// own. An order on ranges of such a title withdraws this one until the ranges are found in it.
    pub shows: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub series: String,
    pub season: Option<u32>,
    pub episode: Option<u32>,
}

impl Film {
    /// A film that stands alone.
    pub fn single(title: &str, source: Digest) -> Film {
        Film { title: title.into(), source, place: None, shows: Vec::new() }
    }

    pub fn episode(series: &str, season: u32, episode: u32, title: &str, source: Digest) -> Film {
        let place = Place { series: series.into(), season: Some(season), episode: Some(episode) };
        Film { place: Some(place), ..Film::single(title, source) }
    }

    /// Every title id under which an order may name it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let series = self.place.as_ref().map(|p| p.series.as_str());
        std::iter::once(self.title.as_str()).chain(series).chain(self.shows.iter().map(String::as_str))
    }

    /// Whether this part of an order's scope names it, as itself or as an episode. A number that either
    /// side leaves out fits, because an order that says `episode 18` means it in any season.
    pub fn is_named(&self, work: &Work, part: &Part) -> bool {
        let Work::Title(id) = work else { return true };
        if *id == self.title {
            return part.episode.is_none() && part.season.is_none();
        }
        let fits = |asked: Option<u32>, own: Option<u32>| asked.is_none() || own.is_none() || asked == own;
        self.place.as_ref().is_some_and(|place| {
            place.series == *id
                && fits(part.season, place.season)
                && (part.episode.is_none() || part.episode == place.episode)
        })
    }

    /// Whether it shows pictures of the work in a file of its own.
    pub(crate) fn is_derived(&self, work: &Work) -> bool {
        matches!(work, Work::Title(id) if self.shows.contains(id))
    }
}

#[cfg(test)]
mod tests;
