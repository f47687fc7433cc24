//! Films written as strings, for tests.
//!
//! `a 24 IbBbP IbBbPP` is title `a` at 24 frames a second with one rendition of two groups of
//! pictures, in presentation order: `I` an IDR picture, `P` an anchor, `B` a B-frame that others refer
//! to, `b` one that none does. Sizes are 100, 50, 20 and 10 bytes. A name with `*` after it has two
//! renditions, one with `+` two sounds; every film has at least one sound of 1024-sample frames.

use std::collections::BTreeMap;
use std::sync::Arc;

use media::index::{AUDIO_BLOCK_SAMPLES, Sample};
use media::track::UNIT_MATRIX;
use media::{Codec, Digest, Error, Index, IndexWriter, Rate, Track};
use num_rational::Ratio;

use crate::need::Need;
use crate::source::{Media, Sound, Source};
use crate::span::{Composition, Span};
use crate::{Edit, Layout, evaluate};

pub struct House {
    pub sources: BTreeMap<String, Arc<Source>>,
}

impl House {
    /// One film a line.
    pub fn new(text: &str) -> House {
        let films = text.lines().map(str::trim).filter(|l| !l.is_empty()).map(film);
        House { sources: films.map(|s| (s.title.clone(), Arc::new(s))).collect() }
    }
    pub fn source(&self, title: &str) -> Arc<Source> {
        self.sources[title].clone()
    }
    pub fn find(&self, title: &str, digest: Digest) -> media::Result<Arc<Source>> {
        let found = self.sources.get(title).filter(|s| s.digest == digest).cloned();
        found.ok_or_else(|| Error::not_found(format!("no title {title}")))
    }
    /// Spans such as `a[2..9] card:4@a b[0..3]`.
    pub fn composition(&self, text: &str) -> Composition {
        Composition::new(text.split_whitespace().map(|word| self.span(word))).unwrap()
    }
    pub fn cut(&self, title: &str, cuts: &[(u32, u32)]) -> Composition {
        let source = self.source(title);
        let base = self.composition(&format!("{title}[{}..{}]", source.from, source.to));
        let edits: Vec<Edit> =
            cuts.iter().map(|(from, to)| Edit::Cut { source: source.digest, from: *from, to: *to }).collect();
        evaluate(&base, &edits).unwrap()
    }
    pub fn layout(&self, composition: &Composition) -> Layout {
        Layout::new(composition, &|t, d| self.find(t, d), &|need| Some(self.make(need))).unwrap()
    }
    /// What a workshop would make: I-frames and P-frames only, of 7 bytes.
    pub fn make(&self, need: &Need) -> Arc<Media> {
        let like = self.sources.values().flat_map(|s| &s.video).find(|m| m.blob == need.track()).unwrap();
        let mut writer = IndexWriter::new((**like.index.track()).clone());
        let samples = vec![Sample { size: 7, shift: 0 }; need.units() as usize];
        let idr = if let Need::Patch { idr, .. } | Need::Hold { idr, .. } = need { *idr } else { 0 };
        writer.push_block(&samples, idr).unwrap();
        Arc::new(Media { blob: need.key(), index: Index::from_vec(writer.finish().unwrap()).unwrap() })
    }
    fn span(&self, word: &str) -> Span {
        if let Some(card) = word.strip_prefix("card:") {
            let (units, title) = card.split_once('@').unwrap();
            let card = crate::Card::plain([("vi".to_string(), "Phim".to_string())]);
            return Span::Card {
                card,
                title: title.into(),
                source: self.source(title).digest,
                units: units.parse().unwrap(),
            };
        }
        let (title, range) = word.strip_suffix(']').unwrap().split_once('[').unwrap();
        let (from, to) = range.split_once("..").unwrap();
        Span::Film {
            title: title.into(),
            source: self.source(title).digest,
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        }
    }
}

fn film(line: &str) -> Source {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap();
    let rate = words.next().unwrap();
    let (num, den) = rate.split_once('/').unwrap_or((rate, "1"));
    let rate = Rate::new(num.parse().unwrap(), den.parse().unwrap()).unwrap();
    let groups: Vec<&str> = words.collect();
    let title: String = name.chars().filter(|c| c.is_ascii_lowercase()).collect();
    let track = video_track(rate, &title);
    let video: Vec<Arc<Media>> = (0..if name.contains('*') { 2 } else { 1 })
        .map(|r| media(&format!("{title} v{r}"), video_index(&track, &groups)))
        .collect();
    let units = video[0].index.samples();
    let seconds = rate.seconds(units as i64);
    let languages: &[&str] = if name.contains('+') { &["en", "vi"] } else { &["en"] };
    let sounds = languages.iter().map(|language| sound(&title, language, seconds)).collect();
    Source {
        digest: Digest::of(title.as_bytes()),
        title,
        rate,
        from: 0,
        to: units,
        holds: video.iter().map(hold).collect(),
        video,
        sounds,
        texts: Vec::new(),
        chapters: Vec::new(),
        thumbnails: None,
    }
}

/// Black pictures of 3 bytes, as many as the longest group has.
fn hold(video: &Arc<Media>) -> Option<Arc<Media>> {
    let index = &video.index;
    let longest = (0..index.blocks()).map(|b| index.block_first(b + 1) - index.block_first(b)).max()?;
    let mut writer = IndexWriter::new((**index.track()).clone());
    writer.push_block(&vec![Sample { size: 3, shift: 0 }; longest as usize], 0).unwrap();
    let name = Need::Hold { track: video.blob, units: longest, idr: 0 }.key();
    Some(Arc::new(Media { blob: name, index: Index::from_vec(writer.finish().unwrap()).unwrap() }))
}

fn media(name: &str, index: Index) -> Arc<Media> {
    Arc::new(Media { blob: Digest::of(name.as_bytes()), index })
}

fn video_track(rate: Rate, title: &str) -> Track {
    Track {
        codec: Codec::Avc,
        // Not a real sample entry: films of other names differ in it, so they do not share a part.
        sample_entry: format!("sample entry of {}", &title[..1]).into_bytes(),
        codec_string: "avc1.64001f".into(),
        timescale: rate.num(),
        unit_ticks: rate.den(),
        priming: 0,
        reorder: 0,
        width: 640,
        height: 360,
        display_width: 640,
        display_height: 360,
        matrix: UNIT_MATRIX,
        channels: 0,
        sample_rate: 0,
    }
}

fn video_index(track: &Track, groups: &[&str]) -> Index {
    let mut writer = IndexWriter::new(track.clone());
    for (n, group) in groups.iter().enumerate() {
        writer.push_block(&decode_order(group), n as u16 % 2).unwrap();
    }
    Index::from_vec(writer.finish().unwrap()).unwrap()
}

/// Decode order of a group written in presentation order: each anchor, then its B, then its b.
fn decode_order(group: &str) -> Vec<Sample> {
    let mut order: Vec<usize> = Vec::new();
    let mut waiting: Vec<usize> = Vec::new();
    let letters: Vec<char> = group.chars().collect();
    for (n, letter) in letters.iter().enumerate() {
        match letter {
            'b' | 'B' => waiting.push(n),
            _ => {
                order.push(n);
                order.extend(waiting.iter().filter(|w| letters[**w] == 'B'));
                order.extend(waiting.iter().filter(|w| letters[**w] == 'b'));
                waiting.clear();
            }
        }
    }
    assert!(waiting.is_empty(), "a closed group ends with an anchor");
    let size = |c| match c {
        'I' => 100,
        'P' => 50,
        'B' => 20,
        _ => 10,
    };
    order
        .iter()
        .enumerate()
        .map(|(n, rank)| Sample { size: size(letters[*rank]), shift: *rank as i32 - n as i32 })
        .collect()
}

/// AAC at 48 kHz, priming of one frame, as long as the picture.
fn sound(title: &str, language: &str, seconds: media::Seconds) -> Sound {
    let track = Track {
        codec: Codec::Aac,
        sample_entry: b"sample entry of sound".to_vec(),
        codec_string: "mp4a.40.2".into(),
        timescale: 48000,
        unit_ticks: 1024,
        priming: 1024,
        reorder: 0,
        width: 0,
        height: 0,
        display_width: 0,
        display_height: 0,
        matrix: UNIT_MATRIX,
        channels: 2,
        sample_rate: 48000,
    };
    let frames = (seconds * Ratio::new(48000, 1024)).ceil().to_integer() as usize + 1;
    let index = |count: usize| {
        let mut writer = IndexWriter::new(track.clone());
        for chunk in vec![Sample { size: 30, shift: 0 }; count].chunks(AUDIO_BLOCK_SAMPLES) {
            writer.push_block(chunk, 0).unwrap();
        }
        Index::from_vec(writer.finish().unwrap()).unwrap()
    };
    Sound {
        language: language.into(),
        label: String::new(),
        media: media(&format!("{title} {language}"), index(frames)),
        offset: Ratio::from_integer(0),
        silence: media("silence", index(1)),
    }
}
