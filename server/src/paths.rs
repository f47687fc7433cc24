//! The names under `/c/C/`, where C is the digest of a composition. The same names, relative, stand in
//! the playlists and in an exported folder, so this grammar is the only place that spells them.

use std::fmt;

/// One thing that a composition offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asset {
    Hls,
    Dash,
    /// The same two for players that show a label as forced text.
    ForcedHls,
    ForcedDash,
    Playlist(Kind, u32),
    Init {
        kind: Kind,
        stream: u32,
        part: u32,
    },
    Segment {
        kind: Kind,
        stream: u32,
        number: u32,
    },
    /// Subtitles of one HLS segment.
    TextSegment {
        stream: u32,
        number: u32,
    },
    /// Subtitles of one part, for DASH.
    TextPart {
        stream: u32,
        part: u32,
    },
    /// Labels and warnings of one HLS segment, and of one part for DASH, in one language.
    ForcedSegment {
        language: u32,
        number: u32,
    },
    ForcedPart {
        language: u32,
        part: u32,
    },
    Thumbnails,
    Sheet(u32),
    Chapters,
    Poster,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Video,
    Audio,
    /// The sync samples of a video rendition, one a fragment.
    IFrames,
    Text,
    /// What a label obliges, as text.
    Forced,
}

impl Kind {
    fn letter(self) -> char {
        match self {
            Kind::Video => 'v',
            Kind::Audio => 'a',
            Kind::IFrames => 'i',
            Kind::Text => 't',
            Kind::Forced => 'f',
        }
    }
    fn of(letter: char) -> Option<Kind> {
        [Kind::Video, Kind::Audio, Kind::IFrames, Kind::Text, Kind::Forced]
            .into_iter()
            .find(|k| k.letter() == letter)
    }
}

impl Asset {
    /// Reads what follows `/c/C/`. Every asset has exactly one spelling.
    pub fn parse(path: &str) -> Option<Asset> {
        Some(match path {
            "hls.m3u8" => Asset::Hls,
            "dash.mpd" => Asset::Dash,
            "forced.m3u8" => Asset::ForcedHls,
            "forced.mpd" => Asset::ForcedDash,
            "thumbnails.vtt" => Asset::Thumbnails,
            "chapters.vtt" => Asset::Chapters,
            "poster.jpg" => Asset::Poster,
            _ => match path.split_once('/') {
                Some((folder, file)) => in_folder(folder, file)?,
                None => match (path.strip_suffix(".m3u8"), numbered(path, "sheet-", ".jpg")) {
                    (Some(name), _) => {
                        let (kind, stream) = stream(name)?;
                        Asset::Playlist(kind, stream)
                    }
                    (None, sheet) => Asset::Sheet(sheet?),
                },
            },
        })
    }

    /// Whether it is samples, or leads to them: what protection is about.
    pub fn is_media(self) -> bool {
        let leads = matches!(self, Asset::Hls | Asset::Dash | Asset::Playlist(..)) || self.is_forced();
        leads || matches!(self, Asset::Init { .. } | Asset::Segment { .. })
    }

    /// Whether it is, or leads to, what a label obliges as text. It says what holds where it is asked from.
    pub fn is_forced(self) -> bool {
        let text = matches!(self, Asset::ForcedSegment { .. } | Asset::ForcedPart { .. });
        text || matches!(self, Asset::ForcedHls | Asset::ForcedDash | Asset::Playlist(Kind::Forced, _))
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Asset::Hls | Asset::ForcedHls | Asset::Playlist(..) => "application/vnd.apple.mpegurl",
            Asset::Dash | Asset::ForcedDash => "application/dash+xml",
            Asset::Init { kind: Kind::Audio, .. } | Asset::Segment { kind: Kind::Audio, .. } => "audio/mp4",
            Asset::Init { .. } | Asset::Segment { .. } => "video/mp4",
            Asset::TextSegment { .. }
            | Asset::TextPart { .. }
            | Asset::ForcedSegment { .. }
            | Asset::ForcedPart { .. }
            | Asset::Thumbnails
            | Asset::Chapters => "text/vtt; charset=utf-8",
            Asset::Sheet(_) | Asset::Poster => "image/jpeg",
        }
    }
}

fn in_folder(folder: &str, file: &str) -> Option<Asset> {
    let (kind, stream) = stream(folder)?;
    if kind == Kind::Forced {
        return match numbered(file, "part-", ".vtt") {
            Some(part) => Some(Asset::ForcedPart { language: stream, part }),
            None => {
                numbered(file, "", ".vtt").map(|number| Asset::ForcedSegment { language: stream, number })
            }
        };
    }
    if kind == Kind::Text {
        return match numbered(file, "part-", ".vtt") {
            Some(part) => Some(Asset::TextPart { stream, part }),
            None => numbered(file, "", ".vtt").map(|number| Asset::TextSegment { stream, number }),
        };
    }
    match numbered(file, "init-", ".mp4") {
        Some(part) if kind != Kind::IFrames => Some(Asset::Init { kind, stream, part }),
        Some(_) => None,
        None => numbered(file, "", ".m4s").map(|number| Asset::Segment { kind, stream, number }),
    }
}

fn stream(name: &str) -> Option<(Kind, u32)> {
    let kind = Kind::of(name.chars().next()?)?;
    Some((kind, number(&name[1..])?))
}

fn numbered(name: &str, before: &str, after: &str) -> Option<u32> {
    number(name.strip_prefix(before)?.strip_suffix(after)?)
}

/// A number in its only spelling, so that a cache holds each asset once.
fn number(digits: &str) -> Option<u32> {
    let plain = !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|b| b.is_ascii_digit());
    (plain && (digits == "0" || !digits.starts_with('0'))).then(|| digits.parse().ok())?
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asset::Hls => f.write_str("hls.m3u8"),
            Asset::Dash => f.write_str("dash.mpd"),
            Asset::ForcedHls => f.write_str("forced.m3u8"),
            Asset::ForcedDash => f.write_str("forced.mpd"),
            Asset::Playlist(kind, n) => write!(f, "{}{n}.m3u8", kind.letter()),
            Asset::Init { kind, stream, part } => write!(f, "{}{stream}/init-{part}.mp4", kind.letter()),
            Asset::Segment { kind, stream, number } => write!(f, "{}{stream}/{number}.m4s", kind.letter()),
            Asset::TextSegment { stream, number } => write!(f, "t{stream}/{number}.vtt"),
            Asset::TextPart { stream, part } => write!(f, "t{stream}/part-{part}.vtt"),
            Asset::ForcedSegment { language, number } => write!(f, "f{language}/{number}.vtt"),
            Asset::ForcedPart { language, part } => write!(f, "f{language}/part-{part}.vtt"),
            Asset::Thumbnails => f.write_str("thumbnails.vtt"),
            Asset::Sheet(n) => write!(f, "sheet-{n}.jpg"),
            Asset::Chapters => f.write_str("chapters.vtt"),
            Asset::Poster => f.write_str("poster.jpg"),
        }
    }
}

#[cfg(test)]
mod tests;
