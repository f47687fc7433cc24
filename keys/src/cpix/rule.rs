//! Which track uses which key (§ContentKeyUsageRule).

/// A rule: it applies to a track when, for each kind of filter that it has, one of that kind accepts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRule {
    pub key_id: [u8; 16],
    /// `intendedTrackType`, such as `SD` or `AUDIO`; a name between the parties, compared with labels.
    pub track_type: Option<String>,
    pub filters: Vec<Filter>,
}

/// One filter; bounds are inclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    Label(String),
    /// Of video only.
    Video {
        pixels: (u64, u64),
        hdr: Option<bool>,
        wcg: Option<bool>,
        fps: (u64, u64),
    },
    /// Of sound only.
    Audio {
        channels: (u64, u64),
    },
    /// Bits a second.
    Bitrate(u64, u64),
    /// A crypto-period by its id.
    Period(String),
}

/// What is known of a track. What is not known matches no filter that asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackFacts {
    pub labels: Vec<String>,
    /// Width times height of a video track.
    pub pixels: Option<u64>,
    pub hdr: bool,
    pub wcg: bool,
    /// Whole frames a second, rounded up.
    pub fps: u64,
    /// Channels of a sound track.
    pub channels: Option<u64>,
    /// Bits a second.
    pub bitrate: Option<u64>,
    pub period: Option<String>,
}

impl UsageRule {
    pub fn applies(&self, track: &TrackFacts) -> bool {
        let kinds = self.filters.iter().map(std::mem::discriminant);
        let of_kind = |kind| self.filters.iter().filter(move |f| std::mem::discriminant(*f) == kind);
        let named = self.track_type.as_ref().is_none_or(|name| track.labels.contains(name));
        named && kinds.into_iter().all(|kind| of_kind(kind).any(|filter| filter.accepts(track)))
    }
}

impl Filter {
    fn accepts(&self, track: &TrackFacts) -> bool {
        let within = |(min, max): (u64, u64), value: u64| (min..=max).contains(&value);
        match self {
            Filter::Label(label) => track.labels.contains(label),
            Filter::Video { pixels, hdr, wcg, fps } => {
                track.pixels.is_some_and(|n| within(*pixels, n))
                    && hdr.is_none_or(|hdr| hdr == track.hdr)
                    && wcg.is_none_or(|wcg| wcg == track.wcg)
                    && within(*fps, track.fps)
            }
            Filter::Audio { channels } => track.channels.is_some_and(|n| within(*channels, n)),
            Filter::Bitrate(min, max) => track.bitrate.is_some_and(|n| within((*min, *max), n)),
            Filter::Period(id) => track.period.as_ref() == Some(id),
        }
    }
}
