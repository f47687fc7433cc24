//! Takes the tracks of a file into the archive: as they are, or encoded as a ladder first.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use archive::{Loudness, Original, StoredTrack, from_io};
use media::digest::Hasher;
use media::error::{Error, Result};
use media::{Digest, Index, Seconds, TrackKind};
use serde::{Deserialize, Serialize};
use workshop::ladder::{Start, ladder};
use workshop::probe::Probe;
use workshop::read::read;
use workshop::sound::sounds;
use workshop::subtitles::subtitles;
use workshop::{Encoded, Progress};

use super::inputs::{file_name, tag};
use crate::house::House;
use crate::patches::Scratch;
use crate::progress::{Step, Teller};

/// A file whose tracks are stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Taken {
    original: OriginalFile,
    /// The instant on the file's axis at which the first presented frame is shown.
    zero: Fraction,
    tracks: Vec<TakenTrack>,
    pub texts: Vec<TakenText>,
    /// When each begins on the file's axis, and its name.
    chapters: Vec<(Fraction, String)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct OriginalFile {
    digest: String,
    name: String,
}

/// An exact number of seconds as JSON.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Fraction(i64, i64);

impl From<Seconds> for Fraction {
    fn from(at: Seconds) -> Fraction {
        Fraction(*at.numer(), *at.denom())
    }
}
impl From<Fraction> for Seconds {
    fn from(at: Fraction) -> Seconds {
        Seconds::new(at.0, at.1.max(1))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct TakenTrack {
    blob: String,
    index: String,
    /// When its first presented sample is presented, on the file's axis.
    start: Fraction,
    hidden: u32,
    shown: u32,
    language: String,
    label: String,
    interlaced: bool,
    loudness: Option<Loudness>,
}

/// Subtitles that were in the file. Times count from the first presented frame.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakenText {
    pub language: String,
    pub label: String,
    pub forced: bool,
    blob: String,
}

/// A stored track, opened.
pub struct Opened {
    pub stored: StoredTrack,
    pub index: Index,
    /// When its first presented sample is presented, on the file's axis.
    pub start: Seconds,
    pub hidden: u32,
    pub shown: u32,
    /// BCP-47.
    pub language: String,
    pub label: String,
    pub interlaced: bool,
    pub loudness: Option<Loudness>,
    pub original: Original,
}

impl Taken {
    pub fn name(&self) -> &str {
        &self.original.name
    }
    pub fn zero(&self) -> Seconds {
        self.zero.into()
    }
    pub fn original(&self) -> Result<Original> {
        Ok(Original { digest: self.original.digest.parse()?, name: self.original.name.clone() })
    }
    /// Chapters in seconds after the first presented frame.
    pub fn chapters(&self) -> Vec<archive::Chapter> {
        let after = |at: Fraction| (Seconds::from(at) - self.zero()).max(Seconds::from_integer(0));
        self.chapters
            .iter()
            .map(|(at, name)| archive::Chapter { at: after(*at), name: name.clone() })
            .collect()
    }
    /// Every blob that was stored for it.
    pub fn blobs(&self) -> Result<Vec<Digest>> {
        let tracks = self.tracks.iter().flat_map(|t| [&t.blob, &t.index]);
        tracks.chain(self.texts.iter().map(|t| &t.blob)).map(|digest| digest.parse()).collect()
    }
    /// The tracks of one kind, in the order of the file.
    pub fn open(&self, house: &House, kind: TrackKind) -> Result<Vec<Opened>> {
        let mut all = Vec::new();
        for track in &self.tracks {
            let stored = StoredTrack { blob: track.blob.parse()?, index: track.index.parse()? };
            let index = house.archive().blobs().open_index(&stored.index)?;
            if index.track().kind() == kind {
                all.push(Opened {
                    stored,
                    index,
                    start: track.start.into(),
                    hidden: track.hidden,
                    shown: track.shown,
                    language: track.language.clone(),
                    label: track.label.clone(),
                    interlaced: track.interlaced,
                    loudness: track.loudness,
                    original: self.original()?,
                });
            }
        }
        Ok(all)
    }
}

impl TakenText {
    pub fn digest(&self) -> Result<Digest> {
        self.blob.parse()
    }
}

/// Reads `file` in the sandbox and stores its tracks as they are. Fails when any of them cannot be
/// stored, naming it.
pub fn take(house: &House, file: &Path) -> Result<Taken> {
    let folder = Scratch::new(house.archive().dir())?;
    let (digest, reading) = beside_digest(file, || read(&house.sandbox, file, &folder.0))?;
    // All or none: nothing is stored of a file that is refused.
    let read = reading.tracks.into_iter().collect::<Result<Vec<_>>>()?;
    let mut tracks = Vec::new();
    let mut zero = None;
    for track in read {
        if track.index.track().kind() == TrackKind::Video {
            zero = zero.or(Some(track.start));
        }
        // The sandbox's copy of the samples becomes the blob.
        let blob = house.archive().blobs().adopt(&track.samples)?;
        let stored = stored(house, blob, &track.index, &track.index_bytes)?;
        tracks.push(TakenTrack {
            start: track.start.into(),
            hidden: track.hidden,
            shown: track.shown,
            language: tag(&track.language),
            interlaced: track.interlaced,
            ..stored
        });
    }
    Ok(Taken {
        original: OriginalFile { digest: digest.to_string(), name: file_name(file) },
        zero: zero.unwrap_or_default().into(),
        tracks,
        texts: Vec::new(),
        chapters: reading.chapters.into_iter().map(|c| (c.start.into(), c.name)).collect(),
    })
}

/// Encodes a film as a ladder with its sounds and brings out its subtitles. `folder` keeps what is
/// done, so that a later call goes on from there.
pub fn encode(house: &House, probe: &Probe, folder: &Path, teller: &Teller) -> Result<Taken> {
    let tell = |p: Progress| teller(Step::new(p.step, p.done, p.total));
    let (digest, made) = beside_digest(&probe.file, || {
        let ladder = ladder(&house.sandbox, probe, folder, &tell)?;
        let sounds = sounds(&house.sandbox, probe, ladder.start, folder, &tell)?;
        let texts = subtitles(&house.sandbox, probe, ladder.start, folder)?;
        Ok((ladder, sounds, texts))
    })?;
    let (ladder, sounds, texts) = made;
    let zero = ladder.start.zero;
    let mut tracks = Vec::new();
    for rendition in &ladder.renditions {
        tracks.push(TakenTrack { start: zero.into(), ..store(house, rendition)? });
    }
    for sound in sounds {
        tracks.push(sound_track(house, sound, zero)?);
    }
    let texts = texts.into_iter().map(|text| {
        let cues = media::text::read(&text.vtt, &file_name(&probe.file))?;
        let blob = house.archive().blobs().put(media::text::write_vtt(&cues).as_bytes())?;
        Ok(TakenText {
            language: tag(&text.language),
            label: text.title,
            forced: text.forced,
            blob: blob.to_string(),
        })
    });
    Ok(Taken {
        original: OriginalFile { digest: digest.to_string(), name: file_name(&probe.file) },
        zero: zero.into(),
        tracks,
        texts: texts.collect::<Result<_>>()?,
        chapters: probe.chapters.iter().map(|c| (c.start.into(), c.name.clone())).collect(),
    })
}

/// Takes a file of sound: as it is where Phim can store it, encoded otherwise. `zero` is the instant on
/// the film's axis, which is the sound's too, at which the picture begins.
pub fn take_sound(house: &House, probe: &Probe, zero: Seconds, teller: &Teller) -> Result<Taken> {
    let stored_as_it_is = |codec: &str| matches!(codec, "aac" | "ac3" | "eac3" | "opus");
    if probe.container.contains("mp4") && probe.sounds.iter().all(|s| stored_as_it_is(&s.codec)) {
        return take(house, &probe.file);
    }
    let folder = Scratch::new(house.archive().dir())?;
    let tell = |p: Progress| teller(Step::new(p.step, p.done, p.total));
    let start = Start { zero, repeated: 0 };
    let (digest, made) =
        beside_digest(&probe.file, || sounds(&house.sandbox, probe, start, &folder.0, &tell))?;
    let tracks = made.into_iter().map(|sound| sound_track(house, sound, zero)).collect::<Result<_>>()?;
    let original = OriginalFile { digest: digest.to_string(), name: file_name(&probe.file) };
    Ok(Taken { original, zero: zero.into(), tracks, texts: Vec::new(), chapters: Vec::new() })
}

fn sound_track(house: &House, sound: workshop::sound::Sound, zero: Seconds) -> Result<TakenTrack> {
    let stored = store(house, &sound.encoded)?;
    let of = sound.loudness;
    let loudness = match (of.integrated, of.range, of.peak) {
        (Some(i), Some(r), Some(p)) => Some(Loudness { integrated: i * 10, range: r * 10, peak: p * 10 }),
        _ => None,
    };
    Ok(TakenTrack {
        start: zero.into(),
        language: tag(&sound.language),
        label: sound.title,
        loudness,
        ..stored
    })
}

/// Stores a track that the encoder made. Its file stays, so that a later call finds it.
fn store(house: &House, track: &Encoded) -> Result<TakenTrack> {
    let samples = File::open(&track.samples).map_err(|e| from_io(&track.samples, e))?;
    let blob = house.archive().blobs().put_file(&samples)?;
    stored(house, blob, &track.index, &track.index_bytes)
}

/// A track whose samples are stored, and now its index too.
fn stored(house: &House, blob: Digest, index: &Index, index_bytes: &[u8]) -> Result<TakenTrack> {
    Ok(TakenTrack {
        blob: blob.to_string(),
        index: house.archive().blobs().put(index_bytes)?.to_string(),
        start: Fraction(0, 1),
        hidden: 0,
        shown: index.samples(),
        language: "und".to_string(),
        label: String::new(),
        interlaced: false,
        loudness: None,
    })
}

/// Does `work` on a file while the file's digest is computed beside it.
fn beside_digest<T>(file: &Path, work: impl FnOnce() -> Result<T>) -> Result<(Digest, T)> {
    std::thread::scope(|scope| {
        let hashing = scope.spawn(|| digest_of(file));
        let done = work()?;
        let digest = hashing.join().map_err(|_| Error::internal("the hashing thread panicked"))?;
        Ok((digest?, done))
    })
}

fn digest_of(path: &Path) -> Result<Digest> {
    let mut file = File::open(path).map_err(|e| from_io(path, e))?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(|e| from_io(path, e))? {
            0 => return Ok(hasher.finish()),
            n => hasher.update(&buffer[..n]),
        }
    }
}
