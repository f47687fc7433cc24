//! One digest over everything that the catalogue says of a title, and one of a version.
//!
//! An order binds frames of a source. Were one bit of the title's source, rate, offset or tiles to flip on
//! the disk, the order would bind other frames, and nobody would see it. So the digest stands beside the
//! title, and a title that does not have it is not served.
//!
//! Invariant: what is equal has equal sums in every release. A field that is added later is put in only
//! where it has another value than rows of before have.

use std::collections::BTreeSet;

use media::Digest;
use media::digest::Hasher;

use super::rows::*;

#[derive(Default)]
struct Sum(Hasher);

/// The sum of a title and all its tracks.
pub(super) fn of_title(title: &Title) -> Digest {
    let mut sum = Sum::default();
    sum.text(&title.id).text(title.kind.name());
    sum.number(title.names.len() as i64);
    for (language, name) in &title.names {
        sum.text(language).text(name);
    }
    sum.number(title.rate.num().into()).number(title.rate.den().into());
    sum.number(title.from.into()).number(title.to.into()).digest(Some(&title.source));
    sum.digest(title.poster.as_ref()).number(title.poster_frame.map_or(-1, i64::from));
    sum.number(title.year.map_or(-1, i64::from)).text(&title.credits).number(title.created);
    let place = title.place.as_ref();
    sum.text(place.map_or("", |place| &place.series));
    sum.number(place.and_then(|place| place.season).map_or(-1, i64::from));
    sum.number(place.and_then(|place| place.episode).map_or(-1, i64::from));
    sum.number(title.derived_from.len() as i64);
    for id in &title.derived_from {
        sum.text(id);
    }
    sum.number(title.chapters.len() as i64);
    for chapter in &title.chapters {
        sum.number(*chapter.at.numer()).number(*chapter.at.denom()).text(&chapter.name);
    }
    sum.tracks(title);
    sum.0.finish()
}

/// The sum of a version. Not in it are the instant at which it was entered first, which the same entered
/// again keeps, and what was made for it, which may be removed and made again.
pub(super) fn of_version(version: &Version) -> Digest {
    let mut sum = Sum::default();
    sum.text(&version.title).text(&version.name).number(version.labels.len() as i64);
    for (language, label) in &version.labels {
        sum.text(language).text(label);
    }
    sum.text(&version.spans).digest(Some(&version.composition));
    // A set, as the catalogue keeps it.
    let shows: BTreeSet<&String> = version.shows.iter().collect();
    sum.number(shows.len() as i64);
    for title in shows {
        sum.text(title);
    }
    sum.0.finish()
}

impl Sum {
    fn text(&mut self, text: &str) -> &mut Sum {
        self.number(text.len() as i64);
        self.0.update(text.as_bytes());
        self
    }
    fn number(&mut self, number: i64) -> &mut Sum {
        self.0.update(&number.to_le_bytes());
        self
    }
    fn digest(&mut self, digest: Option<&Digest>) -> &mut Sum {
        self.0.update(&digest.map_or([0; 32], |digest| digest.0));
        self
    }
    fn track(&mut self, track: Option<&StoredTrack>) -> &mut Sum {
        self.digest(track.map(|track| &track.blob)).digest(track.map(|track| &track.index))
    }
    fn original(&mut self, original: &Original) -> &mut Sum {
        self.digest(Some(&original.digest)).text(&original.name)
    }

    fn tracks(&mut self, title: &Title) {
        self.number(title.renditions.len() as i64);
        for rendition in &title.renditions {
            self.track(Some(&rendition.track)).track(rendition.hold.as_ref()).original(&rendition.original);
        }
        self.number(title.sounds.len() as i64);
        for sound in &title.sounds {
            self.text(&sound.language).text(&sound.label).number(sound.default.into());
            self.track(Some(&sound.track)).track(Some(&sound.silence)).original(&sound.original);
            self.number(*sound.offset.numer()).number(*sound.offset.denom());
            let loudness = sound.loudness.map(|l| [l.integrated, l.range, l.peak]);
            for number in loudness.into_iter().flatten() {
                self.number(number.into());
            }
        }
        self.number(title.texts.len() as i64);
        for text in &title.texts {
            self.text(&text.language).text(&text.label).number(text.forced.into());
            self.digest(Some(&text.blob)).original(&text.original);
        }
        if let Some(thumbnails) = &title.thumbnails {
            self.digest(Some(&thumbnails.blob));
            self.number(thumbnails.width.into()).number(thumbnails.height.into());
            for tile in &thumbnails.tiles {
                self.number(tile.frame.into()).number(tile.offset as i64).number(tile.len.into());
            }
        }
    }
}
