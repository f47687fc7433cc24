//! HLS and DASH for a layout. Every URI is relative to the composition's own folder:
//! `v0/init-0.mp4`, `v0/12.m4s`, `a0/12.m4s`, `t0/12.vtt`, `i0/7.m4s`.
//!
//! Invariant: HLS and DASH name the same files; only subtitles differ, because a DASH Period takes
//! one WebVTT file whose times count from the Period's start.

use media::picture::{Colour, pixel_aspect};
use media::time::ticks;
use media::{Error, Result, dash, hls};

use crate::layout::{Lane, Layout, Part, Stream};
use crate::plan::{BitRate, IFrame};
use crate::protected::Signals;

impl Stream {
    /// The folder of the stream: `v0`, `a1`.
    pub fn folder(self) -> String {
        match self {
            Stream::Video(n) => format!("v{n}"),
            Stream::Audio(n) => format!("a{n}"),
        }
    }
}

impl Layout {
    /// The HLS multivariant playlist, `hls.m3u8`.
    pub fn hls(&self) -> Result<String> {
        self.hls_forced(&[])
    }

    /// The same with a text in each of these languages that players show whether or not a viewer wants text:
    /// `f0.m3u8`, `f1.m3u8`… Whoever serves it makes their segments.
    pub fn hls_forced(&self, languages: &[String]) -> Result<String> {
        let renditions = (0..self.renditions()).map(|r| self.hls_rendition(r)).collect::<Result<_>>()?;
        let sounds = (0..self.sounds.len()).map(|g| self.hls_sound(g)).collect::<Result<_>>()?;
        let texts = self.main.texts.iter().enumerate().map(|(n, text)| hls::Text {
            uri: format!("t{n}.m3u8"),
            language: text.language.clone(),
            label: text.label.clone(),
            forced: text.forced,
        });
        let forced = languages.iter().enumerate().map(|(n, language)| hls::Text {
            uri: format!("f{n}.m3u8"),
            language: language.clone(),
            label: String::new(),
            forced: true,
        });
        let texts = texts.chain(forced).collect();
        Ok(hls::multivariant(&hls::Multivariant { renditions, sounds, texts }))
    }

    fn hls_rendition(&self, r: usize) -> Result<hls::Rendition> {
        let lanes = self.lanes(Stream::Video(r))?;
        let first = lanes[0];
        let range = Colour::of(&first.track.sample_entry).map(Colour::range).unwrap_or_default();
        let frames = self.i_frames(r)?;
        Ok(hls::Rendition {
            uri: format!("v{r}.m3u8"),
            codecs: codecs(&lanes),
            width: first.track.display_width.into(),
            height: first.track.display_height.into(),
            rate: self.parts[0].rate,
            range,
            bandwidth: bandwidth(self.bit_rate(Stream::Video(r))?),
            frames: Some(hls::Frames {
                uri: format!("i{r}.m3u8"),
                bandwidth: self.i_frame_rate(r, &frames)?,
            }),
        })
    }

    fn hls_sound(&self, g: usize) -> Result<hls::Sound> {
        let lanes = self.lanes(Stream::Audio(g))?;
        Ok(hls::Sound {
            uri: format!("a{g}.m3u8"),
            language: self.sounds[g].language.clone(),
            label: self.sounds[g].label.clone(),
            codecs: codecs(&lanes),
            channels: lanes[0].track.channels,
            bandwidth: bandwidth(self.bit_rate(Stream::Audio(g))?),
        })
    }

    /// The HLS media playlist of a stream, `v0.m3u8` or `a0.m3u8`.
    pub fn hls_media(&self, stream: Stream) -> Result<String> {
        self.hls_media_with(stream, None)
    }

    pub(crate) fn hls_media_with(&self, stream: Stream, signals: Option<&Signals>) -> Result<String> {
        self.lanes(stream)?;
        let folder = stream.folder();
        let key = signals.map(|signals| signals.hls(stream)).transpose()?;
        let parts = self.parts.iter().enumerate().map(|(p, part)| hls::Part {
            map: Some(format!("{folder}/init-{p}.mp4")),
            segments: self.hls_segments(part, |n| format!("{folder}/{n}.m4s")),
        });
        Ok(hls::media(&hls::Playlist { frames_only: false, key, parts: parts.collect() }))
    }

    /// The HLS media playlist of subtitle group `n`, `t0.m3u8`.
    pub fn hls_text(&self, n: usize) -> Result<String> {
        if n >= self.main.texts.len() {
            return Err(Error::not_found(format!("no subtitle track {n}")));
        }
        Ok(self.hls_texts(&format!("t{n}")))
    }

    /// The HLS media playlist of the forced text in language `n`, `f0.m3u8`.
    pub fn hls_forced_text(&self, n: usize) -> String {
        self.hls_texts(&format!("f{n}"))
    }

    fn hls_texts(&self, folder: &str) -> String {
        let parts = self.parts.iter().map(|part| hls::Part {
            map: None,
            segments: self.hls_segments(part, |k| format!("{folder}/{k}.vtt")),
        });
        hls::media(&hls::Playlist { frames_only: false, key: None, parts: parts.collect() })
    }

    /// The HLS I-frame playlist of a rendition, `i0.m3u8`.
    pub fn hls_i_frames(&self, r: usize) -> Result<String> {
        self.hls_i_frames_with(r, None)
    }

    pub(crate) fn hls_i_frames_with(&self, r: usize, signals: Option<&Signals>) -> Result<String> {
        let key = signals.map(|signals| signals.hls(Stream::Video(r))).transpose()?;
        let frames = self.i_frames(r)?;
        let parts = (0..self.parts.len()).map(|p| hls::Part {
            map: Some(format!("v{r}/init-{p}.mp4")),
            segments: frames
                .iter()
                .enumerate()
                .filter(|(_, f)| f.part == p)
                .map(|(n, f)| hls::Segment {
                    uri: format!("i{r}/{n}.m4s"),
                    from: f.start,
                    to: f.start + f.duration,
                })
                .collect(),
        });
        Ok(hls::media(&hls::Playlist { frames_only: true, key, parts: parts.collect() }))
    }

    fn hls_segments(&self, part: &Part, uri: impl Fn(usize) -> String) -> Vec<hls::Segment> {
        let segments = part.segments.clone().map(|n| (n, &self.segments[n]));
        segments.map(|(n, s)| hls::Segment { uri: uri(n), from: s.start, to: s.start + s.duration }).collect()
    }

    /// The DASH presentation, `dash.mpd`.
    pub fn dash(&self) -> Result<String> {
        self.dash_with(None)
    }

    /// The same with a text in each of these languages that players show whether or not a viewer wants text:
    /// `f0/part-0.vtt`…
    pub fn dash_forced(&self, languages: &[String]) -> Result<String> {
        let mut periods: Vec<dash::Period> =
            (0..self.parts.len()).map(|p| self.dash_period(p, None)).collect::<Result<_>>()?;
        for (p, period) in periods.iter_mut().enumerate() {
            period.texts.extend(languages.iter().enumerate().map(|(n, language)| dash::Text {
                id: format!("f{n}"),
                language: language.clone(),
                label: String::new(),
                forced: true,
                uri: format!("f{n}/part-{p}.vtt"),
            }));
        }
        Ok(dash::write(&dash::Presentation { periods }))
    }

    pub(crate) fn dash_with(&self, signals: Option<&Signals>) -> Result<String> {
        let periods = (0..self.parts.len()).map(|p| self.dash_period(p, signals)).collect::<Result<_>>()?;
        Ok(dash::write(&dash::Presentation { periods }))
    }

    fn dash_period(&self, p: usize, signals: Option<&Signals>) -> Result<dash::Period> {
        let part = &self.parts[p];
        let video = (0..self.renditions()).map(|r| self.dash_video(p, r, signals)).collect::<Result<_>>()?;
        let sounds = (0..self.sounds.len()).map(|g| self.dash_sound(p, g, signals)).collect::<Result<_>>()?;
        let texts = self.main.texts.iter().enumerate().map(|(n, text)| dash::Text {
            id: format!("t{n}"),
            language: text.language.clone(),
            label: text.label.clone(),
            forced: text.forced,
            uri: format!("t{n}/part-{p}.vtt"),
        });
        Ok(dash::Period {
            from: part.start,
            to: part.start + part.duration(),
            video,
            sounds,
            texts: texts.collect(),
            thumbnails: None,
        })
    }

    fn dash_video(&self, p: usize, r: usize, signals: Option<&Signals>) -> Result<dash::Video> {
        let lane = self.lane(Stream::Video(r), p)?;
        let track = &lane.track;
        Ok(dash::Video {
            id: format!("v{r}"),
            codecs: track.codec_string.clone(),
            bandwidth: self.bit_rate(Stream::Video(r))?.peak,
            width: track.width.into(),
            height: track.height.into(),
            pixel_aspect: pixel_aspect(&track.sample_entry),
            rate: self.parts[p].rate,
            colour: Colour::of(&track.sample_entry),
            protection: signals.map(|signals| signals.dash(Stream::Video(r))).transpose()?,
            stream: self.dash_stream(Stream::Video(r), p, lane)?,
        })
    }

    fn dash_sound(&self, p: usize, g: usize, signals: Option<&Signals>) -> Result<dash::Sound> {
        let lane = self.lane(Stream::Audio(g), p)?;
        Ok(dash::Sound {
            id: format!("a{g}"),
            codecs: lane.track.codec_string.clone(),
            bandwidth: self.bit_rate(Stream::Audio(g))?.peak,
            language: self.sounds[g].language.clone(),
            label: self.sounds[g].label.clone(),
            channels: lane.track.channels,
            sample_rate: lane.track.sample_rate,
            protection: signals.map(|signals| signals.dash(Stream::Audio(g))).transpose()?,
            stream: self.dash_stream(Stream::Audio(g), p, lane)?,
        })
    }

    fn dash_stream(&self, stream: Stream, p: usize, lane: &Lane) -> Result<dash::Stream> {
        // Times of the timeline are presentation times: what the edit list takes back is taken off.
        let priming = if let Stream::Audio(_) = stream { lane.track.priming as u64 } else { 0 };
        let instant = |sample: u32| {
            (lane.base + sample as u64 * lane.track.unit_ticks as u64).saturating_sub(priming).max(lane.base)
        };
        let mut durations = Vec::new();
        for n in self.parts[p].segments.clone() {
            let (from, to) = self.sample_range(stream, n)?;
            durations.push(instant(to) - instant(from));
        }
        Ok(dash::Stream {
            timescale: lane.track.timescale,
            offset: lane.base,
            initialization: format!("$RepresentationID$/init-{p}.mp4"),
            media: "$RepresentationID$/$Number$.m4s".into(),
            first: self.parts[p].segments.start as u32,
            start: instant(lane.first),
            durations,
            continues: false,
        })
    }

    fn lanes(&self, stream: Stream) -> Result<Vec<&Lane>> {
        (0..self.parts.len()).map(|p| self.lane(stream, p)).collect()
    }

    fn i_frame_rate(&self, r: usize, frames: &[IFrame]) -> Result<hls::Bandwidth> {
        if let Some(plain) = &self.plain {
            return plain.i_frame_rate(r, &plain.i_frames(r)?);
        }
        let mut rate = hls::Bandwidth::default();
        let mut total = 0;
        for frame in frames {
            let bytes = self.i_frame_bytes(r, frame)?;
            total += bytes;
            let micros = ticks(frame.duration, 1_000_000).max(1) as u64;
            rate.peak = rate.peak.max((bytes * 8_000_000).div_ceil(micros));
        }
        let micros = ticks(self.duration(), 1_000_000).max(1) as u64;
        rate.average = (total * 8_000_000).div_ceil(micros);
        Ok(rate)
    }
}

/// Every codec string that occurs, the first first.
fn codecs(lanes: &[&Lane]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for lane in lanes {
        if !all.contains(&lane.track.codec_string) {
            all.push(lane.track.codec_string.clone());
        }
    }
    all
}

fn bandwidth(rate: BitRate) -> hls::Bandwidth {
    hls::Bandwidth { peak: rate.peak, average: rate.average }
}
