//! Has the workshop make what a composition needs and nobody has made yet.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use archive::{Blob, Made, StoredTrack, from_io};
use composition::{Composition, Media, Need};
use media::error::{Error, Result};
use media::{Digest, Index};
use workshop::Stored;
use workshop::card::{CardRequest, card_all};
use workshop::patch::{Request, Wish, patch_all};

use crate::house::{House, blocking, now};
use crate::progress::{Step, Teller};

/// Makes what is missing and enters it, durably. What exists already is found, not made again.
pub async fn make(
    house: &Arc<House>,
    composition: &Composition,
    needs: &[Need],
    teller: Teller,
) -> Result<()> {
    let snapshot = house.snapshot();
    let missing: Vec<Need> = needs.iter().filter(|need| !snapshot.has_made(&need.key())).cloned().collect();
    house.metrics.patches_found.inc_by((needs.len() - missing.len()) as u64);
    if missing.is_empty() {
        return Ok(());
    }
    let (here, list) = (house.clone(), composition.clone());
    let rows = blocking(move || encode(&here, &list, &missing, &teller)).await?;
    tracing::debug!("patches stored");
    house.archive().catalogue().put_made(&rows).await?;
    tracing::debug!("patches entered");
    house.metrics.patches_made.inc_by(rows.len() as u64);
    house.swap(|snapshot| rows.iter().for_each(|row| snapshot.put_made(row)));
    Ok(())
}

/// A rendition that is encoded for: its index, its hold, and its samples opened for reading.
struct Track {
    media: Arc<Media>,
    hold: Option<Arc<Media>>,
    blob: Arc<Blob>,
}

/// Bytes that each of these would take, encoded and verified, and not kept.
pub fn try_out(
    house: &House,
    composition: &Composition,
    needs: &[Need],
    teller: &Teller,
) -> Result<Vec<u64>> {
    let teller = teller.clone();
    let told: Teller =
        Arc::new(move |step| teller(Step::new("encoding samples of it", step.done, step.total)));
    let finished = finished(house, composition, needs, &told)?;
    let bytes = |need: &Need| {
        let found = finished.iter().find(|(own, ..)| *own == need);
        found.map_or(0, |(_, samples, index)| (samples.len() + index.len()) as u64)
    };
    Ok(needs.iter().map(bytes).collect())
}

fn encode(house: &House, composition: &Composition, needs: &[Need], teller: &Teller) -> Result<Vec<Made>> {
    store_all(house, &finished(house, composition, needs, teller)?)
}

/// What was made for a need: samples and index.
type Finished<'a> = (&'a Need, Vec<u8>, Vec<u8>);

fn finished<'a>(
    house: &House,
    composition: &Composition,
    needs: &'a [Need],
    teller: &Teller,
) -> Result<Vec<Finished<'a>>> {
    let tracks = tracks(house, composition)?;
    let track = |digest: Digest| {
        tracks.get(&digest).ok_or_else(|| Error::internal(format!("nothing is known of the track {digest}")))
    };
    let folder = Scratch::new(house.archive().dir())?;
    let told = Told { teller, done: AtomicU64::new(0), total: needs.len() as u64 };
    let mut finished: Vec<Finished> = Vec::with_capacity(needs.len());

    let mut by_track: Vec<(Digest, Vec<(&Need, Wish)>)> = Vec::new();
    for need in needs {
        if let Need::Patch { track, from, to, idr, veils, signs } = need {
            let (veils, signs) = (veils.clone(), signs.clone());
            let wish = (need, Wish { from: *from, to: *to, idr: *idr, veils, signs });
            match by_track.iter_mut().find(|(digest, _)| digest == track) {
                Some((_, wishes)) => wishes.push(wish),
                None => by_track.push((*track, vec![wish])),
            }
        }
    }
    let wanted = by_track.iter().map(|(digest, _)| track(*digest)).collect::<Result<Vec<_>>>()?;
    let readers: Vec<_> = wanted.iter().map(|track| reader(&track.blob)).collect();
    let requests = by_track.iter().zip(&wanted).zip(&readers).map(|(((_, wishes), track), read)| Request {
        track: Stored { index: &track.media.index, read },
        wishes: wishes.iter().map(|(_, wish)| wish.clone()).collect(),
        like: track.hold.as_ref().map(|hold| &**hold.index.track()),
    });
    let requests: Vec<Request> = requests.collect();
    let patches = patch_all(&house.sandbox, &requests, &folder.0, &|n| told.add(n as u64))?;
    tracing::debug!("patches made and verified");
    for ((_, wishes), made) in by_track.iter().zip(patches) {
        for ((need, _), patch) in wishes.iter().zip(made) {
            finished.push((*need, patch.samples, patch.index));
        }
    }

    let cards: Vec<&Need> = needs.iter().filter(|need| matches!(need, Need::Card { .. })).collect();
    let mut requests = Vec::with_capacity(cards.len());
    for need in &cards {
        if let Need::Card { track: like, card, units } = need {
            requests.push(CardRequest { like: track(*like)?.media.index.track(), card, units: *units });
        }
    }
    for (need, made) in cards.iter().zip(card_all(&house.sandbox, &requests, &folder.0, &|| told.add(1))?) {
        finished.push((need, made.samples, made.index));
    }
    Ok(finished)
}

struct Told<'a> {
    teller: &'a Teller,
    done: AtomicU64,
    total: u64,
}

impl Told<'_> {
    fn add(&self, n: u64) {
        let done = self.done.fetch_add(n, Ordering::Relaxed) + n;
        (self.teller)(Step::new("encoding the frames at the seams", done, self.total));
    }
}

/// Every rendition of every source of the composition, by the blob of its samples.
fn tracks(house: &House, composition: &Composition) -> Result<HashMap<Digest, Track>> {
    let snapshot = house.snapshot();
    let mut all = HashMap::new();
    for span in composition.spans() {
        let (title, source) = span.source();
        let source = house.source(&snapshot, title, source)?;
        let holds = source.holds.iter().cloned().chain(std::iter::repeat(None));
        for (media, hold) in source.video.iter().zip(holds) {
            let blob = house.archive().blobs().open_blob(&media.blob)?;
            all.insert(media.blob, Track { media: media.clone(), hold, blob });
        }
    }
    Ok(all)
}

/// Reads ranges of a blob, for the workshop.
pub fn reader(blob: &Arc<Blob>) -> impl Fn(u64, u64) -> Result<Vec<u8>> + Sync + use<> {
    let blob = blob.clone();
    move |offset, len| {
        let mut bytes = vec![0; len as usize];
        blob.read_at(offset, &mut bytes)?;
        Ok(bytes)
    }
}

/// How long one run of ffmpeg may take at most: `PHIM_PATIENCE` in seconds, else as long as its own limit.
pub fn patience() -> Result<Duration> {
    let Ok(text) = std::env::var("PHIM_PATIENCE") else { return Ok(Duration::MAX) };
    text.parse().map(Duration::from_secs).map_err(|_| {
        Error::invalid(format!("{text:?} is not a number of seconds")).at("PHIM_PATIENCE").remedy("Write 120")
    })
}

/// Threads that store at once. Each waits for the disk, which makes many small files durable in about
/// the time that it takes for one.
const STORING: usize = 16;

fn store_all(house: &House, finished: &[Finished]) -> Result<Vec<Made>> {
    let next = AtomicU64::new(0);
    let lost = || Error::internal("a thread that stores panicked");
    std::thread::scope(|scope| {
        let work = || {
            let taken = std::iter::from_fn(|| finished.get(next.fetch_add(1, Ordering::Relaxed) as usize));
            taken.map(|(need, samples, index)| store(house, need, samples, index)).collect()
        };
        let threads: Vec<_> = (0..STORING.min(finished.len())).map(|_| scope.spawn(work)).collect();
        let mut rows = Vec::with_capacity(finished.len());
        for thread in threads {
            let stored: Result<Vec<Made>> = thread.join().map_err(|_| lost())?;
            rows.extend(stored?);
        }
        Ok(rows)
    })
}

fn store(house: &House, need: &Need, samples: &[u8], index: &[u8]) -> Result<Made> {
    // What cannot be read again must not be entered.
    Index::from_vec(index.to_vec())?;
    let blobs = house.archive().blobs();
    let track = StoredTrack { blob: blobs.put(samples)?, index: blobs.put(index)? };
    let what = match need {
        Need::Patch { track, from, to, .. } => format!("frames {from} to {to} of {track}"),
        Need::Card { track, units, .. } => format!("a card of {units} frames like {track}"),
        Need::Hold { track, units, .. } => format!("{units} black frames like {track}"),
    };
    Ok(Made { key: need.key(), track, what, created: now() })
}

/// A folder for the files of one piece of work; it goes with the value.
pub struct Scratch(pub PathBuf);

/// Where such folders stand, below the archive.
pub const SCRATCH: &str = "scratch";

impl Scratch {
    pub fn new(archive: &Path) -> Result<Scratch> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let path = archive.join(SCRATCH).join(NEXT.fetch_add(1, Ordering::Relaxed).to_string());
        std::fs::create_dir_all(&path).map_err(|e| from_io(&path, e))?;
        Ok(Scratch(path))
    }
    /// Removes what a killed process left; only the archive's owner may call this.
    pub fn clear(archive: &Path) -> Result<()> {
        let path = archive.join(SCRATCH);
        match std::fs::remove_dir_all(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(from_io(&path, e)),
            _ => Ok(()),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
