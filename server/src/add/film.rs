//! A new title: its ladder taken in or made, checked to be one, and entered with all that goes with it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use archive::{Rendition, StoredTrack, Text, Thumbnails, Tile};
use media::error::{Error, Result};
use media::text::write_vtt;
use media::{Digest, Seconds, Track, TrackKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::JoinSet;
use workshop::Stored;
use workshop::hold::{HoldRequest, hold_all};
use workshop::silence::silence;
use workshop::tiles::{poster, tiles};

use super::inputs::{Inputs, Subtitles, look};
use super::intake::{Opened, Taken, encode, take, take_sound};
use super::ladder::ladder;
use super::{Attempt, Intake, enter};
use crate::house::{House, blocking, now};
use crate::patches::{Scratch, reader};
use crate::progress::{Step, Teller};
use crate::version::named;

/// Files taken in at once: one is read and hashed while another waits for the disk.
const TOGETHER: usize = 3;

/// What an `add` has done so far: film files, then files of sound, in the order in which they were named.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Done {
    taken: BTreeMap<usize, Taken>,
}

/// What is said of the title in words, understood.
struct Words {
    id: String,
    kind: archive::TitleKind,
    names: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    /// Of sound that does not say its own.
    language: String,
    year: Option<u16>,
    credits: String,
    place: Option<archive::Place>,
    derived_from: Vec<String>,
}

impl Words {
    fn of(intake: &Intake) -> Result<Words> {
        let mut names = named(&intake.names)?;
        if names.is_empty() {
            names.insert("und".to_string(), intake.title.clone());
        }
        Ok(Words {
            id: intake.title.clone(),
            kind: intake.kind.parse()?,
            names,
            labels: named(&intake.labels)?,
            language: media::text::language_tag(intake.language.as_deref().unwrap_or("und"))?,
            year: intake.year,
            credits: intake.credits.clone(),
            place: intake.episode.as_deref().map(episode).transpose()?,
            derived_from: intake.of.clone(),
        })
    }
}

/// Reads `SERIES:S1E18`, `SERIES:E18` or `SERIES:S1`.
fn episode(text: &str) -> Result<archive::Place> {
    let wrong = || {
        Error::invalid(format!("{text:?} does not name an episode"))
            .remedy("Write SERIES:S1E18, or SERIES:E18 where there are no seasons")
    };
    let (series, rest) = text.split_once(':').ok_or_else(wrong)?;
    let rest = rest.to_ascii_uppercase();
    let (season, episode) = match rest.strip_prefix('S') {
        Some(numbers) => numbers.split_once('E').map_or((Some(numbers), None), |(s, e)| (Some(s), Some(e))),
        None => (None, rest.strip_prefix('E')),
    };
    let number = |text: Option<&str>| text.map(|t| t.parse::<u32>().map_err(|_| wrong())).transpose();
    let place =
        archive::Place { series: series.to_string(), season: number(season)?, episode: number(episode)? };
    if !composition::span::is_title_id(series) || (place.season, place.episode) == (None, None) {
        return Err(wrong());
    }
    Ok(place)
}

pub async fn add(house: &Arc<House>, intake: &Intake, attempt: &Attempt, teller: Teller) -> Result<()> {
    let words = Words::of(intake)?;
    let (here, asked) = (house.clone(), intake.clone());
    let inputs = Arc::new(blocking(move || look(&here.sandbox, &asked)).await?);
    if inputs.films.is_empty() {
        return Err(Error::not_found(format!("there is no title {:?} to add tracks to", intake.title))
            .remedy("Name its film file as well"));
    }
    let ready = intake.ready || inputs.films.len() > 1;
    let mut done: Done = serde_json::from_value(attempt.progress.clone()).unwrap_or_default();
    // Film files first: those of sound are heard on the axis of the first film.
    let films = inputs.films.len();
    take_all(house, attempt, &mut done, &inputs, 0..films, ready, &teller).await?;
    take_all(house, attempt, &mut done, &inputs, films..films + inputs.sounds.len(), ready, &teller).await?;
    let taken: Vec<Taken> = done.taken.into_values().collect();
    let here = house.clone();
    let row = blocking(move || assemble(&here, words, &inputs, &taken, &teller)).await?;
    enter(house, row, attempt).await
}

/// Takes in those of `group` that are missing, a few at a time, and records each. When one is refused,
/// those under way are waited for, so that nothing is stored after the refusal.
async fn take_all(
    house: &Arc<House>,
    attempt: &Attempt,
    done: &mut Done,
    inputs: &Arc<Inputs>,
    group: Range<usize>,
    ready: bool,
    teller: &Teller,
) -> Result<()> {
    let zero = done.taken.get(&0).map(Taken::zero).unwrap_or_default();
    let missing: Vec<usize> = group.filter(|n| !done.taken.contains_key(n)).collect();
    let mut waiting = missing.into_iter();
    let mut under_way = JoinSet::new();
    let mut refused = None;
    loop {
        while refused.is_none()
            && under_way.len() < TOGETHER
            && let Some(n) = waiting.next()
        {
            let (here, inputs) = (house.clone(), inputs.clone());
            let (folder, teller) = (attempt.folder.clone(), teller.clone());
            under_way.spawn_blocking(move || {
                take_nth(&here, &inputs, n, ready, zero, &folder, &teller).map(|taken| (n, taken))
            });
        }
        let Some(ended) = under_way.join_next().await else { break };
        match ended.map_err(|e| Error::internal(format!("work ended early: {e}"))).flatten() {
            Ok((n, taken)) => {
                let stored = taken.blobs()?;
                done.taken.insert(n, taken);
                attempt.record(house, &json!(done), &stored).await?;
                let all = inputs.films.len() + inputs.sounds.len();
                teller(Step::new("taking in files", done.taken.len() as u64, all as u64));
            }
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    refused.map_or(Ok(()), Err)
}

/// Takes in the nth of all files, films first.
fn take_nth(
    house: &House,
    inputs: &Inputs,
    n: usize,
    ready: bool,
    zero: Seconds,
    folder: &Path,
    teller: &Teller,
) -> Result<Taken> {
    match inputs.films.get(n) {
        Some(film) if ready => take(house, &film.file),
        Some(film) => encode(house, film, folder, teller),
        None => take_sound(house, &inputs.sounds[n - inputs.films.len()].1, zero, teller),
    }
}

fn assemble(
    house: &House,
    words: Words,
    inputs: &Inputs,
    taken: &[Taken],
    teller: &Teller,
) -> Result<archive::Title> {
    let (films, sounds) = taken.split_at(inputs.films.len());
    let ladder = ladder(house, films)?;
    let first = &ladder[0];
    let (from, to) = (first.hidden, first.hidden + first.shown);
    let renditions: Vec<Rendition> = ladder
        .iter()
        .zip(holds(house, &ladder)?)
        .map(|(track, hold)| Rendition { track: track.stored, original: track.original.clone(), hold })
        .collect();
    let mut heard = Vec::new();
    for film in films {
        heard.extend(film.open(house, TrackKind::Audio)?);
    }
    for sound in heard.iter_mut().filter(|sound| sound.language == "und") {
        sound.language = words.language.clone();
    }
    heard = without_repeats(heard);
    for ((language, _), taken) in inputs.sounds.iter().zip(sounds) {
        heard.extend(named_sound(house, taken, language)?);
    }
    let texts =
        inputs.texts.iter().map(|text| text_row(house, text, &words.labels)).collect::<Result<_>>()?;
    teller(Step::new("pictures for the page", 0, 1));
    // Each waits for a program of its own.
    let smallest = ladder.last().unwrap_or(first);
    let (tiles, still, rows) = std::thread::scope(|scope| {
        let tiles = scope.spawn(|| thumbnails(house, smallest, from, to));
        let still = scope.spawn(|| still(house, first, from, to));
        let rows = sound_rows(house, &heard, first.start, &words.labels, 0);
        (tiles.join(), still.join(), rows)
    });
    let panicked = |_| Error::internal("a thread that makes pictures panicked");
    let (tiles, (poster_frame, poster)) = (tiles.map_err(panicked)??, still.map_err(panicked)??);
    teller(Step::new("pictures for the page", 1, 1));
    Ok(archive::Title {
        source: source_digest(&words.id, from, to, &renditions),
        kind: words.kind,
        names: words.names,
        rate: first.index.track().rate()?,
        from,
        to,
        poster: Some(poster),
        poster_frame: Some(poster_frame),
        year: words.year,
        credits: words.credits,
        place: words.place,
        derived_from: words.derived_from,
        chapters: films.iter().map(Taken::chapters).find(|chapters| !chapters.is_empty()).unwrap_or_default(),
        created: now(),
        renditions,
        sounds: rows?,
        texts: with_those_inside(texts, films, &words.labels)?,
        thumbnails: Some(tiles),
        id: words.id,
    })
}

/// For each rendition, black pictures to show in place of a scene that is held: made now, so that an
/// order need not wait. Where they cannot be made, an order on a scene withdraws the whole title.
fn holds(house: &House, ladder: &[Opened]) -> Result<Vec<Option<StoredTrack>>> {
    let folder = Scratch::new(house.archive().dir())?;
    let blobs = house.archive().blobs();
    let opened =
        ladder.iter().map(|track| blobs.open_blob(&track.stored.blob)).collect::<Result<Vec<_>>>()?;
    let readers: Vec<_> = opened.iter().map(reader).collect();
    let requests: Vec<HoldRequest> = ladder
        .iter()
        .zip(&readers)
        .map(|(track, read)| {
            let units = composition::need::longest_group(&track.index);
            HoldRequest { track: Stored { index: &track.index, read }, units, idr: 0 }
        })
        .collect();
    let made = hold_all(&house.sandbox, &requests, &folder.0, &|| ())?;
    let mut holds = Vec::with_capacity(made.len());
    for (track, made) in ladder.iter().zip(made) {
        holds.push(match made {
            Ok(made) => Some(StoredTrack { blob: blobs.put(&made.samples)?, index: blobs.put(&made.index)? }),
            Err(error) => {
                tracing::warn!(%error, file = track.original.name, "an order on a scene will withdraw this title whole");
                None
            }
        });
    }
    Ok(holds)
}

/// Names this very media: the title, its pictures, and which of them are presented.
fn source_digest(id: &str, from: u32, to: u32, renditions: &[Rendition]) -> Digest {
    let mut text = format!("phim source 1\n{id} {from} {to}\n");
    for rendition in renditions {
        text += &format!("{}\n", rendition.track.blob);
    }
    Digest::of(text.as_bytes())
}

/// Small pictures of the film, of its smallest rendition.
fn thumbnails(house: &House, track: &Opened, from: u32, to: u32) -> Result<Thumbnails> {
    let folder = Scratch::new(house.archive().dir())?;
    let read = reader(&house.archive().blobs().open_blob(&track.stored.blob)?);
    let made = tiles(&house.sandbox, Stored { index: &track.index, read: &read }, from, to, &folder.0)?;
    let (mut bytes, mut places) = (Vec::new(), Vec::new());
    for (frame, jpeg) in made.tiles {
        places.push(Tile { frame, offset: bytes.len() as u64, len: jpeg.len() as u32 });
        bytes.extend(jpeg);
    }
    Ok(Thumbnails {
        blob: house.archive().blobs().put(&bytes)?,
        width: made.width,
        height: made.height,
        tiles: places,
    })
}

/// The poster, and the frame that it shows.
fn still(house: &House, track: &Opened, from: u32, to: u32) -> Result<(u32, Digest)> {
    let folder = Scratch::new(house.archive().dir())?;
    let read = reader(&house.archive().blobs().open_blob(&track.stored.blob)?);
    let (frame, jpeg) =
        poster(&house.sandbox, Stored { index: &track.index, read: &read }, from, to, &folder.0)?;
    Ok((frame, house.archive().blobs().put(&jpeg)?))
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
        return Err(Error::invalid("the file holds no sound").at(taken.name().to_string()));
    }
    Ok(sounds.into_iter().map(|sound| Opened { language: language.to_string(), ..sound }).collect())
}

/// Rows for sounds on the axis on which the picture begins at `start`; `before` sounds stand before them.
pub fn sound_rows(
    house: &House,
    sounds: &[Opened],
    start: Seconds,
    labels: &BTreeMap<String, String>,
    before: usize,
) -> Result<Vec<archive::Sound>> {
    let mut quiet = Vec::new();
    let mut rows: Vec<archive::Sound> = Vec::new();
    for (n, sound) in sounds.iter().enumerate() {
        let track = sound.index.track();
        let alone = sounds.iter().filter(|s| s.language == sound.language).count() == 1;
        let label = labels.get(&sound.language).unwrap_or(&sound.label);
        rows.push(archive::Sound {
            language: sound.language.clone(),
            label: if alone {
                label.clone()
            } else {
                format!("{label} {}", layout(track.channels)).trim().to_string()
            },
            default: before + n == 0,
            track: sound.stored,
            silence: silent_sample(house, sound, &mut quiet)?,
            offset: sound.start - start,
            loudness: sound.loudness,
            original: sound.original.clone(),
        });
    }
    Ok(rows)
}

/// A silent sample of a sound's configuration. `made` remembers those made before: one fits every track
/// of the same coding.
fn silent_sample(
    house: &House,
    sound: &Opened,
    made: &mut Vec<(Arc<Track>, StoredTrack)>,
) -> Result<StoredTrack> {
    let track = sound.index.track();
    let alike = |one: &Track| {
        (&one.sample_entry, one.unit_ticks, one.timescale)
            == (&track.sample_entry, track.unit_ticks, track.timescale)
    };
    if let Some((_, stored)) = made.iter().find(|(one, _)| alike(one)) {
        return Ok(*stored);
    }
    let folder = Scratch::new(house.archive().dir())?;
    let quiet = silence(&house.sandbox, track, &folder.0).map_err(|e| e.at(sound.original.name.clone()))?;
    let blobs = house.archive().blobs();
    let stored = StoredTrack { blob: blobs.put(&quiet.samples)?, index: blobs.put(&quiet.index)? };
    made.push((track.clone(), stored));
    Ok(stored)
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

/// Subtitles from inside the films behind those from files, which take their place.
fn with_those_inside(
    mut texts: Vec<Text>,
    films: &[Taken],
    labels: &BTreeMap<String, String>,
) -> Result<Vec<Text>> {
    let given: Vec<String> = texts.iter().map(|t| t.language.clone()).collect();
    for film in films {
        for text in film.texts.iter().filter(|t| t.forced || !given.contains(&t.language)) {
            texts.push(Text {
                language: text.language.clone(),
                label: labels.get(&text.language).unwrap_or(&text.label).clone(),
                forced: text.forced,
                blob: text.digest()?,
                original: film.original()?,
            });
        }
    }
    Ok(texts)
}
