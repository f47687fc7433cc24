//! Compression of what Phim writes as text: playlists, subtitles, API answers, web assets.

use std::io::Write as _;

use hyper::header::HeaderValue;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    Identity,
    Gzip,
    Brotli,
}

impl Coding {
    pub fn name(self) -> Option<&'static str> {
        match self {
            Coding::Identity => None,
            Coding::Gzip => Some("gzip"),
            Coding::Brotli => Some("br"),
        }
    }
}

/// Below this a packet carries the text either way.
const WORTHWHILE: usize = 1000;

/// The coding that the client takes and that makes the text smallest (RFC 9110 §12.5.3).
pub fn preferred(accepts: Option<&HeaderValue>, len: usize) -> Coding {
    let Some(accepts) = accepts.and_then(|v| v.to_str().ok()).filter(|_| len >= WORTHWHILE) else {
        return Coding::Identity;
    };
    let takes = |name: &str| {
        accepts.split(',').any(|item| {
            let mut words = item.split(';').map(str::trim);
            let named = words.next().is_some_and(|word| word.eq_ignore_ascii_case(name));
            named
                && !words.any(|w| w.strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty()))
        })
    };
    if takes("br") {
        Coding::Brotli
    } else if takes("gzip") {
        Coding::Gzip
    } else {
        Coding::Identity
    }
}

/// Deterministic: the same text gives the same bytes.
pub fn compress(coding: Coding, bytes: Vec<u8>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4);
    match coding {
        Coding::Identity => return bytes,
        Coding::Gzip => {
            let mut writer = flate2::write::GzEncoder::new(&mut out, flate2::Compression::default());
            writer.write_all(&bytes).and_then(|()| writer.finish().map(drop)).expect("writing to memory");
        }
        Coding::Brotli => {
            let mut writer = brotli::CompressorWriter::new(&mut out, 4096, 5, 22);
            writer.write_all(&bytes).expect("writing to memory");
            drop(writer);
        }
    }
    out
}
