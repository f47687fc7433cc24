//! A new title: its ladder taken in, checked to be one, and entered with all that goes with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use archive::{Chapter, Rendition, StoredTrack, Text};
use media::error::{Error, Result};
use media::text::write_vtt;
use media::{Digest, Seconds, TrackKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use workshop::silence::silence;

use super::inputs::{Inputs, Subtitles, look};
use super::intake::{Opened, Taken, take};
use super::{Attempt, Order, enter};
use crate::house::{House, blocking, now};
use crate::patches::Scratch;
use crate::progress::{Step, Teller};
use crate::version::named;

/// What an `add` has done so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Progress {
    taken: Vec<Taken>,
}

pub async fn add(house: &Arc<House>, order: &Order, attempt: &Attempt, teller: Teller) -> Result<()> {
    let kind: archive::TitleKind = order.kind.parse()?;
    let (names, labels) = (names(order)?, named(&order.labels)?);
    let (here, asked) = (house.clone(), order.clone());
    let inputs = Arc::new(blocking(move || look(&here.sandbox, &asked)).await?);
    if inputs.films.is_empty() {
        return Err(Error::not_found(format!("there is no title {:?} to add tracks to", order.title))
            .remedy("Name its film file as well"));
    }
    let mut progress: Progress = serde_json::from_value(attempt.progress.clone()).unwrap_or_default();
    let files: Vec<_> = inputs
        .films
        .iter()
        .map(|film| film.file.clone())
        .chain(inputs.sounds.iter().map(|s| s.1.file.clone()))
        .collect();
    for (n, file) in files.iter().enumerate() {
        teller(Step::new("taking in files", n as u64, files.len() as u64));
        if n >= progress.taken.len() {
            let (here, file) = (house.clone(), file.clone());
            let taken = blocking(move || take(&here, &file, None)).await?;
            let stored = taken.blobs()?;
            progress.taken.push(taken);
            attempt.record(house, &json!(progress), &stored).await?;
        }
    }
    teller(Step::new("taking in files", files.len() as u64, files.len() as u64));
    let (here, title) = (house.clone(), order.title.clone());
    let row =
        blocking(move || assemble(&here, title, kind, names, &labels, &inputs, &progress.taken)).await?;
    enter(house, row, attempt).await
}

/// The names of the title; its id where none is given.
fn names(order: &Order) -> Result<BTreeMap<String, String>> {
    let mut names = named(&order.names)?;
    if names.is_empty() {
        names.insert("und".to_string(), order.title.clone());
    }
    Ok(names)
}

fn assemble(
    house: &House,
    id: String,
    kind: archive::TitleKind,
    names: BTreeMap<String, String>,
    labels: &BTreeMap<String, String>,
    inputs: &Inputs,
    taken: &[Taken],
) -> Result<archive::Title> {
    let (films, sounds) = taken.split_at(inputs.films.len());
    let ladder = ladder(house, films)?;
    let first = &ladder[0];
    let start = first.start;
    let renditions: Vec<Rendition> = ladder
        .iter()
        .map(|track| Rendition { track: track.stored, original: track.original.clone() })
        .collect();
    let chapters = films.iter().map(|film| &film.chapters).find(|chapters| !chapters.is_empty());
    let chapters = chapters.into_iter().flatten().map(|((num, den), name)| Chapter {
        at: (Seconds::new(*num, *den) - start).max(Seconds::from_integer(0)),
        name: name.clone(),
    });
    let mut heard = Vec::new();
    for film in films {
        heard.extend(film.open(house, TrackKind::Audio)?);
    }
    heard = without_repeats(heard);
    for ((language, _), taken) in inputs.sounds.iter().zip(sounds) {
        heard.extend(named_sound(house, taken, language)?);
    }
    Ok(archive::Title {
        source: source_digest(&id, first, &renditions),
        kind,
        names,
        rate: first.index.track().rate()?,
        from: first.hidden,
        to: first.hidden + first.shown,
        poster: None,
        chapters: chapters.collect(),
        created: now(),
        renditions,
        sounds: sound_rows(house, &heard, start, labels, 0)?,
        texts: inputs.texts.iter().map(|text| text_row(house, text, labels)).collect::<Result<_>>()?,
        thumbnails: None,
        id,
    })
}

/// Names this very media: the title, its pictures, and which of them are presented.
fn source_digest(id: &str, first: &Opened, renditions: &[Rendition]) -> Digest {
    let mut text = format!("phim source 1\n{id} {} {}\n", first.hidden, first.hidden + first.shown);
    for rendition in renditions {
        text += &format!("{}\n", rendition.track.blob);
    }
    Digest::of(text.as_bytes())
}

/// The renditions, highest first, checked to be one ladder: the same frames, entered at the same places.
fn ladder(house: &House, films: &[Taken]) -> Result<Vec<Opened>> {
    let mut all = Vec::new();
    for film in films {
        let pictures = film.open(house, TrackKind::Video)?;
        if pictures.is_empty() {
            return Err(Error::invalid("the file holds no picture").at(film.name.clone()));
        }
        all.extend(pictures);
    }
    all.sort_by_key(|t| {
        std::cmp::Reverse((t.index.track().height, t.index.track().width, t.index.blob_len()))
    });
    let first = &all[0];
    for other in &all {
        if other.interlaced {
            return Err(Error::unsupported("the pictures are interlaced")
                .at(other.original.name.clone())
                .remedy("Add the film as a single file; Phim deinterlaces it"));
        }
        same_ladder(first, other).map_err(|e| e.at(other.original.name.clone()))?;
    }
    Ok(all)
}

fn same_ladder(first: &Opened, other: &Opened) -> Result<()> {
    let name = &first.original.name;
    let remedy = "Encode all files of a ladder from one source with the same frame rate and key frames, or add the film as a single file";
    let differs = |what: String| Err(Error::invalid(what).remedy(remedy));
    let (rate, wanted) = (other.index.track().rate()?, first.index.track().rate()?);
    if rate != wanted {
        return differs(format!("{rate} frames a second, but {name} has {wanted}"));
    }
    if (other.hidden, other.shown) != (first.hidden, first.shown) {
        return differs(format!(
            "frames {} to {} are shown, but {} to {} of {name}",
            other.hidden,
            other.hidden + other.shown,
            first.hidden,
            first.hidden + first.shown
        ));
    }
    let blocks = first.index.blocks().max(other.index.blocks());
    for n in 0..blocks {
        let (here, there) = (other.index.block_first(n), first.index.block_first(n));
        if here != there {
            return Err(Error::invalid(format!(
                "a group of pictures starts at frame {here}, but in {name} at frame {there}"
            ))
            .at(format!("frame {}", here.min(there)))
            .remedy(remedy));
        }
    }
    match other.index.samples() == first.index.samples() {
        true => Ok(()),
        false => {
            differs(format!("{} frames, but {name} has {}", other.index.samples(), first.index.samples()))
        }
    }
}

/// Each file of a ladder often carries the same sound: one of each language, coding and layout is kept.
fn without_repeats(all: Vec<Opened>) -> Vec<Opened> {
    let mut kept: Vec<Opened> = Vec::new();
    for one in all {
        let same = |k: &Opened| {
            let (a, b) = (k.index.track(), one.index.track());
            k.original.name != one.original.name
                && k.language == one.language
                && (a.codec, a.channels) == (b.codec, b.channels)
        };
        if !kept.iter().any(same) {
            kept.push(one);
        }
    }
    kept
}

/// The sound of a file of its own, in the language that was named for it.
pub fn named_sound(house: &House, taken: &Taken, language: &str) -> Result<Vec<Opened>> {
    let sounds = taken.open(house, TrackKind::Audio)?;
    if sounds.is_empty() {
        return Err(Error::invalid("the file holds no sound").at(taken.name.clone()));
    }
    Ok(sounds.into_iter().map(|sound| Opened { language: language.to_string(), ..sound }).collect())
}

/// Rows for sounds that begin on the axis on which the picture begins at `start`; `before` sounds stand
/// before them.
pub fn sound_rows(
    house: &House,
    sounds: &[Opened],
    start: Seconds,
    labels: &BTreeMap<String, String>,
    before: usize,
) -> Result<Vec<archive::Sound>> {
    let folder = Scratch::new(house.archive().dir())?;
    let mut rows: Vec<archive::Sound> = Vec::new();
    for (n, sound) in sounds.iter().enumerate() {
        let track = sound.index.track();
        let quiet =
            silence(&house.sandbox, track, &folder.0).map_err(|e| e.at(sound.original.name.clone()))?;
        let blobs = house.archive().blobs();
        let alone = sounds.iter().filter(|s| s.language == sound.language).count() == 1;
        let label = labels.get(&sound.language).cloned().unwrap_or_default();
        rows.push(archive::Sound {
            language: sound.language.clone(),
            label: if alone {
                label
            } else {
                format!("{label} {}", layout(track.channels)).trim().to_string()
            },
            default: before + n == 0,
            track: sound.stored,
            silence: StoredTrack { blob: blobs.put(&quiet.samples)?, index: blobs.put(&quiet.index)? },
            offset: sound.start - start,
            loudness: None,
            original: sound.original.clone(),
        });
    }
    Ok(rows)
}

fn layout(channels: u16) -> String {
    match channels {
        1 => "mono".to_string(),
        2 => "stereo".to_string(),
        6 => "5.1".to_string(),
        8 => "7.1".to_string(),
        n => format!("{n} channels"),
    }
}

pub fn text_row(house: &House, text: &Subtitles, labels: &BTreeMap<String, String>) -> Result<Text> {
    Ok(Text {
        language: text.language.clone(),
        label: labels.get(&text.language).cloned().unwrap_or_default(),
        forced: false,
        blob: house.archive().blobs().put(write_vtt(&text.cues).as_bytes())?,
        original: archive::Original { digest: Digest::of(&text.bytes), name: text.name.clone() },
    })
}
