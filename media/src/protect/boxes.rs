//! The boxes of protection (ISO/IEC 14496-12 §8.12 and ISO/IEC 23001-7 §8, here C).

use super::{PATTERN, Protection, Subsample};
use crate::cmaf::{self, AuxiliaryOffset, boxed, full_box, put16, put32};
use crate::entry;
use crate::error::{Error, Result};
use crate::track::{Track, TrackKind};

/// The system id of the `pssh` box that names keys and nothing else, for any system
/// (W3C, "cenc" Initialization Data Format).
pub const COMMON_SYSTEM: [u8; 16] =
    [0x10, 0x77, 0xef, 0xec, 0xc0, 0xb2, 0x4d, 0x02, 0xac, 0xe3, 0x3c, 0x1e, 0x52, 0xe2, 0xfb, 0x4b];

/// The init segment of an encrypted track: as [`cmaf::init`], with the sample entry that says so, and
/// `pssh` boxes at the end of the `moov`.
pub fn init(track: &Track, media_time: u32, language: &str, protection: &Protection) -> Result<Vec<u8>> {
    let sample_entry = protected_entry(track, protection)?;
    let track = Track { sample_entry, ..track.clone() };
    let mut out = cmaf::init(&track, media_time, language);
    let moov = u32::from_be_bytes([out[0], out[1], out[2], out[3]]) as usize;
    out.extend(pssh(&COMMON_SYSTEM, &[protection.key_id], &[]));
    protection.systems.iter().for_each(|system| out.extend(system));
    let size = (out.len() - moov) as u32;
    out[moov..moov + 4].copy_from_slice(&size.to_be_bytes());
    Ok(out)
}

/// C §8.1: version 1 names keys, version 0 leaves that to the data.
pub fn pssh(system: &[u8; 16], key_ids: &[[u8; 16]], data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    full_box(&mut out, b"pssh", u8::from(!key_ids.is_empty()), 0, |b| {
        b.extend(system);
        if !key_ids.is_empty() {
            put32(b, key_ids.len() as u32);
            key_ids.iter().for_each(|id| b.extend(id));
        }
        put32(b, data.len() as u32);
        b.extend(data);
    });
    out
}

/// The entry under the name `encv` or `enca`, with its own name kept in `sinf` (§8.12.1).
fn protected_entry(track: &Track, protection: &Protection) -> Result<Vec<u8>> {
    let clear = &track.sample_entry;
    let parts = entry::read(clear, track.kind())?;
    if parts.protection.is_some() || clear[..4] == [0, 0, 0, 1] {
        return Err(Error::unsupported("a sample entry that is encrypted, or has a 64-bit size"));
    }
    let mut out = clear.clone();
    let sound = track.kind() == TrackKind::Audio;
    out[4..8].copy_from_slice(if sound { b"enca" } else { b"encv" });
    boxed(&mut out, b"sinf", |b| {
        boxed(b, b"frma", |b| b.extend(parts.kind));
        full_box(b, b"schm", 0, 0, |b| {
            b.extend(b"cbcs");
            put32(b, 0x0001_0000); // scheme_version (C §4.1)
        });
        boxed(b, b"schi", |b| track_encryption(b, sound, protection));
    });
    let size = out.len() as u32;
    out[..4].copy_from_slice(&size.to_be_bytes());
    Ok(out)
}

/// C §8.2 TrackEncryptionBox.
fn track_encryption(out: &mut Vec<u8>, sound: bool, protection: &Protection) {
    full_box(out, b"tenc", 1, 0, |b| {
        b.push(0); // reserved
        // default_crypt_byte_block, default_skip_byte_block; none for sound, which is encrypted whole.
        b.push(if sound { 0 } else { (PATTERN.0 << 4 | PATTERN.1) as u8 });
        b.push(1); // default_isProtected
        b.push(0); // default_Per_Sample_IV_Size: the IV is constant
        b.extend(protection.key_id);
        b.push(protection.iv.len() as u8); // default_constant_IV_size
        b.extend(protection.iv);
    });
}

/// `saiz`, `saio` and `senc` of a fragment (§8.7.8, §8.7.9, C §7.2), when its samples have maps.
pub fn auxiliary(out: &mut Vec<u8>, maps: &[Vec<Subsample>]) -> Option<AuxiliaryOffset> {
    let first = maps.first()?;
    let size = |map: &Vec<Subsample>| (2 + map.len() * 6) as u8;
    full_box(out, b"saiz", 0, 0, |b| {
        let equal = maps.iter().all(|map| map.len() == first.len());
        b.push(if equal { size(first) } else { 0 }); // default_sample_info_size
        put32(b, maps.len() as u32);
        if !equal {
            b.extend(maps.iter().map(size));
        }
    });
    let mut field = 0;
    full_box(out, b"saio", 0, 0, |b| {
        put32(b, 1); // entry_count
        field = b.len();
        put32(b, 0); // known when senc stands
    });
    let mut target = 0;
    // Flag 2: subsamples. There are no IVs, because it is constant.
    full_box(out, b"senc", 0, 2, |b| {
        put32(b, maps.len() as u32);
        target = b.len();
        for map in maps {
            put16(b, map.len() as u16);
            for run in map {
                put16(b, run.clear);
                put32(b, run.protected);
            }
        }
    });
    Some(AuxiliaryOffset { field, target })
}
