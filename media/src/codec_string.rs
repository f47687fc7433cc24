//! RFC 6381 codec strings of the seven codings, read from their sample entries.

use crate::entry;
use crate::error::Result;
use crate::track::{Codec, TrackKind};
use crate::{aac, av1, h264, hevc};

/// The codec string of a sample entry, as HLS, DASH and Media Source Extensions want it.
pub fn of(codec: Codec, sample_entry: &[u8]) -> Result<String> {
    match codec {
        Codec::Avc => h264::codec_string(sample_entry),
        Codec::Hevc => {
            let parts = entry::read(sample_entry, TrackKind::Video)?;
            let kind = if parts.kind == *b"hev1" { "hev1" } else { "hvc1" };
            Ok(hevc::Config::read(parts.config(b"hvcC")?)?.codec_string(kind))
        }
        Codec::Av1 => {
            let parts = entry::read(sample_entry, TrackKind::Video)?;
            Ok(av1::Config::read(parts.config(b"av1C")?)?.codec_string(parts.colour()))
        }
        Codec::Aac => {
            let parts = entry::read(sample_entry, TrackKind::Audio)?;
            Ok(aac::Config::of_esds(parts.config(b"esds")?)?.codec_string())
        }
        Codec::Ac3 => Ok("ac-3".into()),
        Codec::Eac3 => Ok("ec-3".into()),
        Codec::Opus => Ok("opus".into()),
    }
}
