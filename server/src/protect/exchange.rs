//! Content keys exchanged with a vendor of DRM, as CPIX documents.

use std::path::Path;
use std::sync::Arc;

use keys::cpix::{self, Seal, Told, TrackFacts, Value};
use keys::{ContentKey, TitleKeys};
use media::error::{Error, Result};
use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::house::House;
use crate::ledgers::random;
use crate::protect::{Protected, keys_of};

/// A document with the keys of a title.
#[derive(Serialize, Deserialize)]
pub struct Exported {
    pub cpix: String,
}

/// Writes the keys of a title, encrypted for the holders of certificates (DER); in the clear for none.
pub fn export(house: &House, id: &str, certificates: &[Vec<u8>]) -> Result<Exported> {
    let keys = keys_of(house, id)?;
    let snapshot = house.snapshot();
    let row = &snapshot.title(id)?.row;
    let kinds: Vec<&str> = keys.keys.iter().map(|key| track_type(house, row, key)).collect::<Result<_>>()?;
    let told: Vec<Told> =
        keys.keys.iter().zip(kinds).map(|(key, track_type)| Told { key, track_type }).collect();
    // The system gives randomness, or this says so before anything is made of it.
    random()?;
    let mut random = keys::rand_core::UnwrapErr(getrandom::SysRng);
    let seal = if certificates.is_empty() { Seal::Clear } else { Seal::For(certificates, &mut random) };
    Ok(Exported { cpix: cpix::write(&told, seal)? })
}

/// The names that vendors use, by the size of the picture.
fn track_type(house: &House, row: &archive::Title, key: &ContentKey) -> Result<&'static str> {
    let Some(n) = key.track.strip_prefix('v').and_then(|n| n.parse::<usize>().ok()) else {
        return Ok("AUDIO");
    };
    let Some(rendition) = row.renditions.get(n) else { return Ok("SD") };
    let index = house.archive().blobs().open_index(&rendition.track.index)?;
    Ok(match index.track().height {
        0..720 => "SD",
        720..1440 => "HD",
        1440..2880 => "UHD1",
        _ => "UHD2",
    })
}

/// Takes the keys of a vendor's document for the tracks of a title, with the boxes of its DRM systems.
/// Tracks that no rule names keep their keys. `private_key` opens encrypted documents (PKCS#8, DER).
pub async fn import(
    house: &Arc<House>,
    id: &str,
    document: &str,
    private_key: Option<&[u8]>,
) -> Result<Protected> {
    let document = cpix::read(document)?;
    let document = match private_key {
        Some(key) => document.opened(key)?,
        None => document,
    };
    super::protect(house, id).await?;
    let _changing = house.changing.lock().await;
    let before = keys_of(house, id)?;
    let mut keys = TitleKeys::clone(&before);
    let snapshot = house.snapshot();
    let row = &snapshot.title(id)?.row;
    let mut taken = 0;
    for key in &mut keys.keys {
        let labels = vec![key.track.clone(), track_type(house, row, key)?.to_string()];
        let facts = TrackFacts { labels, ..facts(house, row, key)? };
        let Some(found) = document.key_for(&facts)? else { continue };
        let theirs = document.keys.iter().find(|theirs| theirs.id == found);
        let theirs = theirs.ok_or_else(|| Error::invalid("a rule for a key that is not there"))?;
        let Value::Clear(value) = theirs.value else {
            return Err(Error::invalid(format!("the key for track {} is not open", key.track))
                .remedy("Give the private key for which the document was made"));
        };
        *key = ContentKey { id: theirs.id, key: value, iv: theirs.iv.unwrap_or(key.iv), ..key.clone() };
        taken += 1;
    }
    if taken == 0 {
        return Err(Error::invalid("no rule of the document applies to a track of this title"));
    }
    let systems = document.systems.into_iter().filter_map(|system| Some((system.key_id, system.pssh?)));
    keys.systems = systems.collect();
    house.content.enter(id, keys.clone())?;
    house.swap(|_| ());
    let ids = keys.keys.iter().map(|key| (key.track.clone(), keys::key_id_text(&key.id)));
    Ok(Protected { title: id.to_string(), keys: ids.collect(), made: taken })
}

/// What filters may ask of a track.
fn facts(house: &House, row: &archive::Title, key: &ContentKey) -> Result<TrackFacts> {
    let number = key.track.get(1..).and_then(|n| n.parse::<usize>().ok()).unwrap_or(usize::MAX);
    let open = |digest: &media::Digest| house.archive().blobs().open_index(digest);
    if key.track.starts_with('v') {
        let Some(rendition) = row.renditions.get(number) else { return Ok(TrackFacts::default()) };
        let track = open(&rendition.track.index)?.track().clone();
        let fps = u64::from(row.rate.num().div_ceil(row.rate.den()));
        let pixels = u64::from(track.width) * u64::from(track.height);
        return Ok(TrackFacts { pixels: Some(pixels), fps, ..TrackFacts::default() });
    }
    let Some(sound) = row.sounds.get(number) else { return Ok(TrackFacts::default()) };
    let channels = u64::from(open(&sound.track.index)?.track().channels);
    Ok(TrackFacts { channels: Some(channels), ..TrackFacts::default() })
}

/// A document as a person names it.
pub fn document(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| archive::from_io(path, e))
}

/// A certificate in DER, whether the file is PEM or DER.
pub fn certificate(path: &Path) -> Result<Vec<u8>> {
    read(path, |pem| CertificateDer::from_pem_slice(pem).map(|der| der.to_vec()))
}

/// A private key in PKCS#8 and DER, whether the file is PEM or DER.
pub fn private_key(path: &Path) -> Result<Vec<u8>> {
    read(path, |pem| PrivatePkcs8KeyDer::from_pem_slice(pem).map(|der| der.secret_pkcs8_der().to_vec()))
}

fn read<E: std::fmt::Display>(
    path: &Path,
    of_pem: impl Fn(&[u8]) -> std::result::Result<Vec<u8>, E>,
) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path).map_err(|e| archive::from_io(path, e))?;
    if !bytes.starts_with(b"-----BEGIN") {
        return Ok(bytes);
    }
    of_pem(&bytes)
        .map_err(|e| Error::invalid(format!("the PEM cannot be read: {e}")).at(path.display().to_string()))
}
