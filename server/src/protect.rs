//! Protected titles: their content keys, what is served of them, and licences.
//!
//! Keys are made when a title is protected, one a track, and kept in the folder `content-keys`, each
//! wrapped under the key that stands there too; they appear in no record. A protected title plays from
//! `/e/C/…` only, encrypted as it is sent, from the same stored bytes as before.
//!
//! Invariants:
//! - Of a composition that shows a protected title, no sample leaves under `/c/`.
//! - A licence is given when the gate lets the composition play in the place of the request, and holds
//!   keys of that composition's title only.
//! - Keys that cannot be read darken their title; they never make it clear.

pub mod door;
pub mod exchange;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use composition::{Fragment, Layout, Signal, Signals, Stream};
use keys::{ContentKey, TitleKeys};
use media::digest::Hasher;
use media::error::{Error, Kind, Result};
use media::protect::{Protection, Protector};
use media::{Digest, FORMAT_VERSION};
use serde::{Deserialize, Serialize};

use crate::house::{House, Playable};
use crate::ledgers::{random, secret};
use crate::paths::{self, Asset};
use crate::segment::{self, Content};

const FOLDER: &str = "content-keys";
const HOUSE_KEY: &str = "house.key";

/// The content keys of a house.
pub struct ContentKeys {
    folder: PathBuf,
    titles: ArcSwap<BTreeMap<String, Arc<TitleKeys>>>,
}

/// What a protected composition is served with.
pub struct Guard {
    keys: Arc<TitleKeys>,
    signals: Signals,
}

#[derive(Serialize, Deserialize)]
pub struct Protected {
    pub title: String,
    /// The id of each track's key.
    pub keys: BTreeMap<String, String>,
    /// How many of them were made now.
    pub made: usize,
}

impl ContentKeys {
    /// Reads the keys of the archive in `dir`.
    pub fn open(dir: &Path) -> Result<ContentKeys> {
        let folder = dir.join(FOLDER);
        let mut titles = BTreeMap::new();
        if folder.exists() {
            let house = secret(&folder.join(HOUSE_KEY))?;
            let entries = std::fs::read_dir(&folder).map_err(|e| archive::from_io(&folder, e))?;
            for entry in entries.filter_map(|entry| Some(entry.ok()?.path())) {
                if entry.extension().is_none_or(|kind| kind != "json") {
                    continue;
                }
                let id = entry.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let keys = std::fs::read_to_string(&entry).map_err(|e| archive::from_io(&entry, e));
                let keys = keys.and_then(|text| TitleKeys::open(&text, &house)).unwrap_or_else(|error| {
                    tracing::error!(%error, title = id, "the title stays dark: its keys cannot be read");
                    TitleKeys::default()
                });
                titles.insert(id, Arc::new(keys));
            }
        }
        Ok(ContentKeys { folder, titles: ArcSwap::from_pointee(titles) })
    }

    pub fn of(&self, title: &str) -> Option<Arc<TitleKeys>> {
        self.titles.load().get(title).cloned()
    }

    /// Makes the keys of a title durable, and serves under them from then on.
    fn enter(&self, title: &str, keys: TitleKeys) -> Result<()> {
        std::fs::create_dir_all(&self.folder).map_err(|e| archive::from_io(&self.folder, e))?;
        let house = secret(&self.folder.join(HOUSE_KEY))?;
        let path = self.folder.join(format!("{title}.json"));
        archive::write_durably(&path, keys.store(&house)?.as_bytes())?;
        let keys = Arc::new(keys);
        self.titles.rcu(|titles| {
            let mut titles = (**titles).clone();
            titles.insert(title.to_string(), keys.clone());
            titles
        });
        Ok(())
    }

    /// What a composition is served with at an address of one of the two kinds; none in the clear.
    /// `NotFound` at the address of the other kind.
    pub fn guard(&self, playable: &Playable, encrypted: bool, asset: Asset) -> Result<Option<Guard>> {
        let titles = self.titles.load();
        let shows = |title: &&String| playable.shows().any(|shown| shown == title.as_str());
        let protected = titles.keys().any(|title| shows(&title)) || titles.contains_key(&playable.title);
        match (protected, encrypted) {
            (false, false) => Ok(None),
            // Pictures of the page and words are no samples; pages ask for them where they always did.
            (true, false) if !asset.is_media() => Ok(None),
            (true, false) => Err(Error::not_found("this title is protected, and is not served in the clear")
                .remedy("POST /api/v1/play answers with its addresses")),
            (false, true) => Err(Error::not_found("this title is not protected")),
            (true, true) => {
                let keys = titles.get(&playable.title).cloned().ok_or_else(|| {
                    Error::not_found("this version shows a protected title, and has no keys of its own")
                        .remedy(format!("phim title protect {}", playable.title))
                })?;
                Ok(Some(Guard { signals: signals(&keys, &playable.digest), keys }))
            }
        }
    }

    /// Where the media of a composition stands: `/c/` or `/e/`.
    pub fn address(&self, playable: &Playable, file: &str) -> String {
        let protected = matches!(self.guard(playable, true, Asset::Dash), Ok(Some(_)));
        let clear = crate::browse::address(&playable.digest, file);
        if protected { clear.replacen("/c/", "/e/", 1) } else { clear }
    }
}

/// Splits `/c/…` and `/e/…` into whether samples are encrypted there, and the rest.
pub fn of_path(path: &str) -> Option<(bool, &str)> {
    let clear = path.strip_prefix("/c/").map(|rest| (false, rest));
    clear.or_else(|| path.strip_prefix("/e/").map(|rest| (true, rest)))
}

/// Where ClearKey asks for the keys of a composition.
pub fn licence_address(composition: &Digest) -> String {
    format!("/api/v1/licences/{composition}")
}

fn signals(keys: &TitleKeys, composition: &Digest) -> Signals {
    let licence = licence_address(composition);
    let of = |kind: char| {
        let tracks = (0..).map_while(|n: usize| keys.of(&format!("{kind}{n}")));
        tracks.map(|key| signal(keys, key, &licence)).collect()
    };
    Signals { video: of('v'), sound: of('a'), licence: licence.clone() }
}

fn signal(keys: &TitleKeys, key: &ContentKey, licence: &str) -> Signal {
    let protection = Protection { key_id: key.id, iv: key.iv, systems: keys.systems_of(&key.id) };
    Signal { protection, uri: format!("{licence}/{}", key.track) }
}

impl Guard {
    /// The content of an asset, its samples encrypted.
    pub fn content(&self, house: &House, layout: &Layout, asset: Asset) -> Result<Content> {
        let stream = segment::stream;
        Ok(match asset {
            Asset::Dash => Content::Text(layout.protected_dash(&self.signals)?),
            Asset::Playlist(paths::Kind::Text, _) => segment::content(house, layout, asset)?,
            Asset::Playlist(paths::Kind::IFrames, n) => {
                Content::Text(layout.protected_hls_i_frames(n as usize, &self.signals)?)
            }
            Asset::Playlist(kind, n) => {
                Content::Text(layout.protected_hls_media(stream(kind, n)?, &self.signals)?)
            }
            Asset::Init { kind, stream: n, part } => {
                let stream = stream(kind, n)?;
                let protection = &self.signals.of(stream)?.protection;
                Content::Bytes(layout.protected_init(stream, part as usize, protection)?)
            }
            Asset::Segment { kind: paths::Kind::IFrames, stream: n, number } => {
                let fragment = layout.i_frame_fragment(n as usize, number as usize)?;
                self.encrypted(house, layout, Stream::Video(n as usize), number as usize, fragment)?
            }
            Asset::Segment { kind, stream: n, number } => {
                let stream = stream(kind, n)?;
                let fragment = layout.fragment(stream, number as usize)?;
                self.encrypted(house, layout, stream, number as usize, fragment)?
            }
            _ => segment::content(house, layout, asset)?,
        })
    }

    /// Reads the samples of a fragment and encrypts them.
    fn encrypted(
        &self,
        house: &House,
        layout: &Layout,
        stream: Stream,
        number: usize,
        fragment: Fragment,
    ) -> Result<Content> {
        // The last look, as for what is sent in the clear.
        if fragment.ranges.iter().any(|range| layout.forbidden().touches_range(range)) {
            return Err(Error::internal("a plan would send what an order forbids"));
        }
        let track = stream.folder();
        let key = self.keys.of(&track).ok_or_else(|| Error::not_found(format!("no key for {track}")))?;
        let part = match &stream {
            _ if layout.parts.len() == 1 => 0,
            _ => layout.parts.iter().position(|part| part.segments.contains(&number)).unwrap_or(0),
        };
        let protector = Protector::new(&layout.lane(stream, part)?.track, &key.key, &key.iv)?;
        let mut payload = Vec::with_capacity(fragment.ranges.iter().map(|range| range.len as usize).sum());
        for range in &fragment.ranges {
            let from = payload.len();
            payload.resize(from + range.len as usize, 0);
            house.blob(&range.blob)?.blob().read_at(range.from, &mut payload[from..])?;
        }
        let Fragment { sequence, decode_time, delay, ref samples, .. } = fragment;
        let header = protector.fragment(sequence, decode_time, delay, samples, &mut payload)?;
        let tag = encrypted_tag(&fragment, key);
        Ok(Content::Encrypted { tag, header, payload })
    }
}

/// Names the bytes without reading them: the plan in the clear and the key.
fn encrypted_tag(fragment: &Fragment, key: &ContentKey) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(b"cbcs");
    hasher.update(&FORMAT_VERSION.to_le_bytes());
    hasher.update(&fragment.clone().plan().tag().0);
    hasher.update(&key.id);
    hasher.update(&key.iv);
    hasher.finish()
}

/// Makes keys for the tracks of a title that have none. From then on the title is served encrypted.
pub async fn protect(house: &Arc<House>, id: &str) -> Result<Protected> {
    let _changing = house.changing.lock().await;
    let snapshot = house.snapshot();
    let row = snapshot.title(id)?.row.clone();
    check_tracks(house, &row)?;
    let mut keys = house.content.of(id).map(|keys| TitleKeys::clone(&keys)).unwrap_or_default();
    let tracks = (0..row.renditions.len()).map(|n| format!("v{n}"));
    let tracks = tracks.chain((0..row.sounds.len()).map(|n| format!("a{n}")));
    let mut made = 0;
    for track in tracks {
        if keys.of(&track).is_none() {
            keys.keys.push(new_key(track)?);
            made += 1;
        }
    }
    if made > 0 {
        house.content.enter(id, keys.clone())?;
        house.swap(|_| ());
    }
    let ids = keys.keys.iter().map(|key| (key.track.clone(), keys::key_id_text(&key.id)));
    Ok(Protected { title: id.to_string(), keys: ids.collect(), made })
}

/// Fails where a track could not be encrypted, before anything is entered.
fn check_tracks(house: &House, row: &archive::Title) -> Result<()> {
    for rendition in &row.renditions {
        let index = house.archive().blobs().open_index(&rendition.track.index)?;
        Protector::new(index.track(), &[0; 16], &[0; 16]).map_err(|e| e.at(format!("title {}", row.id)))?;
    }
    Ok(())
}

/// A key id is public: it has randomness of its own.
fn new_key(track: String) -> Result<ContentKey> {
    let half = |bytes: &[u8; 32], from: usize| std::array::from_fn(|n| bytes[from + n]);
    let (secret, open) = (random()?, random()?);
    Ok(ContentKey { id: half(&open, 0), iv: half(&open, 16), key: half(&secret, 0), track })
}

/// The keys of a title that must be there.
fn keys_of(house: &House, title: &str) -> Result<Arc<TitleKeys>> {
    house.content.of(title).ok_or_else(|| {
        Error::new(Kind::NotFound, format!("title {title} is not protected"))
            .remedy(format!("phim title protect {title}"))
    })
}

pub fn print(protected: &Protected) {
    println!("{} is protected; {} keys made", protected.title, protected.made);
    for (track, id) in &protected.keys {
        println!("  {track:<4} {id}");
    }
}
