//! Reads sample entries: the boxes in `stsd` that say how samples are coded (ISO/IEC 14496-12 §8.5.2).
//!
//! Phim keeps an entry as the bytes that it found and looks into it only for what it must know.

#[cfg(test)]
mod tests;

use crate::error::{Error, Result};
use crate::foreign::boxes::{BoxRef, Budget, FourCc, children, decode_box, name, only};
use crate::track::TrackKind;

/// Colour description as in ISO/IEC 23091-2; 1/1/1 is BT.709.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    pub primaries: u8,
    pub transfer: u8,
    pub matrix: u8,
    pub full_range: bool,
}

/// How the samples of a track are encrypted (ISO/IEC 14496-12 §8.12, ISO/IEC 23001-7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// The kind of the entry before encryption, e.g. `avc1`.
    pub original: FourCc,
    /// `cenc`, `cbcs`, …; zeros when the file does not say.
    pub scheme: FourCc,
    /// The default key id of `tenc`.
    pub key_id: Option<[u8; 16]>,
}

/// A sample entry taken apart.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    pub kind: FourCc,
    /// The whole box.
    pub whole: &'a [u8],
    pub children: Vec<BoxRef<'a>>,
    pub protection: Option<Protection>,
    /// Video: size in pixels as the entry says it. Otherwise 0.
    pub width: u16,
    pub height: u16,
    /// Audio: channels and samples a second as the entry says them. Otherwise 0.
    pub channels: u16,
    pub sample_rate: u32,
    /// Where the children begin within the body; differs for QuickTime's longer audio entries.
    fields: usize,
}

const VIDEO_FIELDS: usize = 78;
const AUDIO_FIELDS: usize = 28;

/// Reads one entry, which `entry` holds from its header on. Extra bytes after it are an error.
pub fn read(entry: &[u8], kind: TrackKind) -> Result<Entry<'_>> {
    let whole = decode_box(entry, 0)?;
    if whole.whole.len() != entry.len() {
        return Err(whole.blame(Error::invalid("bytes after the end of the sample entry")));
    }
    let mut budget = Budget::of_a_file();
    let fields = match kind {
        TrackKind::Video => VIDEO_FIELDS,
        TrackKind::Audio => audio_fields(&whole),
    };
    let mut inner = children(&whole, fields, &mut budget)?;
    if kind == TrackKind::Audio {
        // QuickTime puts the decoder's configuration into a `wave` box.
        if let Some(wave) = only(&inner, b"wave")? {
            inner.extend(children(&wave, 0, &mut budget)?);
        }
    }
    let u16_at = |at: usize| u16::from_be_bytes([whole.body[at], whole.body[at + 1]]);
    let video = kind == TrackKind::Video;
    Ok(Entry {
        kind: whole.kind,
        whole: entry,
        protection: read_protection(&inner, &mut budget)?,
        children: inner,
        width: if video { u16_at(24) } else { 0 },
        height: if video { u16_at(26) } else { 0 },
        channels: if video { 0 } else { u16_at(16) },
        sample_rate: if video { 0 } else { u16_at(24) as u32 },
        fields,
    })
}

impl<'a> Entry<'a> {
    /// The body of the only child of a kind.
    pub fn config(&self, kind: &FourCc) -> Result<&'a [u8]> {
        let found = only(&self.children, kind)?;
        found.map(|b| b.body).ok_or_else(|| {
            Error::invalid(format!("the {} sample entry has no {} box", name(self.kind), name(*kind)))
        })
    }

    /// The `pasp` box: width to height of a pixel (§12.1.4).
    pub fn pixel_aspect(&self) -> Result<Option<(u32, u32)>> {
        let Some(found) = only(&self.children, b"pasp")? else { return Ok(None) };
        let fields: &[u8; 8] =
            found.body.first_chunk().ok_or_else(|| found.blame(Error::invalid("the box is too short")))?;
        let [x, y] =
            [0, 4].map(|at| u32::from_be_bytes([fields[at], fields[at + 1], fields[at + 2], fields[at + 3]]));
        Ok(Some((x, y)).filter(|(x, y)| *x > 0 && *y > 0))
    }

    /// The first `colr` box of type `nclx` (§12.1.5).
    pub fn colour(&self) -> Option<Colour> {
        self.children.iter().filter(|b| b.kind == *b"colr").find_map(|b| match b.body {
            [b'n', b'c', b'l', b'x', _, primaries, _, transfer, _, matrix, range, ..] => Some(Colour {
                primaries: *primaries,
                transfer: *transfer,
                matrix: *matrix,
                full_range: range & 0x80 != 0,
            }),
            _ => None,
        })
    }

    /// Bytes before the body: 8, or 16 with a 64-bit size.
    fn header(&self) -> usize {
        if self.whole[..4] == [0, 0, 0, 1] { 16 } else { 8 }
    }

    /// The entry as ISO files write it: QuickTime's longer audio fields and its `wave` box are
    /// taken out, everything else is kept byte for byte.
    pub fn plain(&self) -> Vec<u8> {
        if self.fields == VIDEO_FIELDS
            || self.fields == AUDIO_FIELDS && !self.children.iter().any(|b| b.kind == *b"wave")
        {
            return self.whole.to_vec();
        }
        let mut out = [&[0; 4], &self.kind[..], &self.whole[self.header()..][..AUDIO_FIELDS]].concat();
        out[16..24].fill(0); // version, revision, vendor
        // Of a `wave` box only the decoder's configuration means something in an ISO file.
        for kept in self
            .children
            .iter()
            .filter(|b| matches!(&b.kind, b"esds" | b"dac3" | b"dec3" | b"dOps" | b"btrt"))
        {
            out.extend_from_slice(kept.whole);
        }
        let size = out.len() as u32;
        out[..4].copy_from_slice(&size.to_be_bytes());
        out
    }
}

/// Where the children of an audio entry begin. QuickTime's version 1 has 16 more bytes of fields,
/// version 2 has 36; ISO's own version 1 has none, so it is told apart by what stands there.
fn audio_fields(entry: &BoxRef) -> usize {
    let version = entry.body.get(8..10).map_or(0, |v| u16::from_be_bytes([v[0], v[1]]));
    let is_box = |at: usize| {
        entry.body.get(at..at + 8).is_some_and(|b| {
            let size = u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize;
            size >= 8
                && size <= entry.body.len() - at
                && b[4..8].iter().all(|c| c.is_ascii_graphic() || *c == b' ')
        })
    };
    match version {
        1 if !is_box(AUDIO_FIELDS) => AUDIO_FIELDS + 16,
        2 if !is_box(AUDIO_FIELDS) => AUDIO_FIELDS + 36,
        _ => AUDIO_FIELDS,
    }
}

/// Reads `sinf`, the mark of an encrypted entry.
fn read_protection(children_of_entry: &[BoxRef], budget: &mut Budget) -> Result<Option<Protection>> {
    let Some(sinf) = children_of_entry.iter().find(|b| b.kind == *b"sinf") else { return Ok(None) };
    let parts = children(sinf, 0, budget)?;
    let code = |bytes: &[u8]| bytes.first_chunk::<4>().copied().unwrap_or_default();
    let original = only(&parts, b"frma")?.map_or([0; 4], |b| code(b.body));
    let scheme = match only(&parts, b"schm")? {
        Some(schm) => code(schm.full()?.2),
        None => [0; 4],
    };
    let mut key_id = None;
    let inner = match only(&parts, b"schi")? {
        Some(schi) => children(&schi, 0, budget)?,
        None => Vec::new(),
    };
    if let Some(tenc) = only(&inner, b"tenc")? {
        // Four bytes (reserved, pattern, protected, size of the vector) precede the key id.
        key_id = tenc.full()?.2.get(4..).and_then(|b| b.first_chunk::<16>()).copied();
    }
    Ok(Some(Protection { original, scheme, key_id }))
}
