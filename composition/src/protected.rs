//! A layout whose samples are encrypted as they are served: same segments, names and times; manifests and
//! init segments name the keys.

use media::protect::Protection;
use media::{Error, Result, dash, hls};

use crate::layout::{Layout, Stream};

/// What everybody is told of the key of one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    pub protection: Protection,
    /// Where a player that is not asked for more gets the sixteen bytes of the key (HLS `identity`).
    pub uri: String,
}

/// The signals of every stream of a layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// By rendition.
    pub video: Vec<Signal>,
    /// By sound group.
    pub sound: Vec<Signal>,
    /// Where ClearKey asks for keys.
    pub licence: String,
}

impl Signals {
    /// The signal of a stream. `NotFound` when it has no key: nothing is then served of it.
    pub fn of(&self, stream: Stream) -> Result<&Signal> {
        match stream {
            Stream::Video(n) => self.video.get(n),
            Stream::Audio(n) => self.sound.get(n),
        }
        .ok_or_else(|| {
            Error::not_found(format!("there is no key for stream {}", stream.folder()))
                .remedy("Run phim title protect once more, which makes the keys that lack")
        })
    }

    pub(crate) fn hls(&self, stream: Stream) -> Result<hls::Key> {
        let Signal { protection, uri } = self.of(stream)?;
        Ok(hls::Key { uri: uri.clone(), iv: protection.iv })
    }

    pub(crate) fn dash(&self, stream: Stream) -> Result<dash::Protection> {
        let key_id = self.of(stream)?.protection.key_id;
        Ok(dash::Protection { key_id, licence: self.licence.clone() })
    }
}

impl Layout {
    /// As [`Layout::hls_media`], with the key of the stream.
    pub fn protected_hls_media(&self, stream: Stream, signals: &Signals) -> Result<String> {
        self.hls_media_with(stream, Some(signals))
    }
    /// As [`Layout::hls_i_frames`], with the key of the rendition.
    pub fn protected_hls_i_frames(&self, rendition: usize, signals: &Signals) -> Result<String> {
        self.hls_i_frames_with(rendition, Some(signals))
    }
    /// As [`Layout::dash`], with the keys of all streams.
    pub fn protected_dash(&self, signals: &Signals) -> Result<String> {
        self.dash_with(Some(signals))
    }
}
