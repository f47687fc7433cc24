//! Reading a scope as authorities write it.
//!
//! Parts are separated by `;` or a new line, or by naming another place. What could be read in two
//! ways is refused, because an order misread in silence lets a scene through.

use composition::Area;
use media::{Error, Result};

use super::words::{Token, Word, tokens};
use super::{MAX_NUMBER, MAX_PARTS, MAX_WRITTEN, Part, Time, TimeRange};

pub(super) const REMEDY: &str =
    "Write places and times, for example S1E18 41:18-41:55, 43:02; S1E19; or whole";

/// The parts that a text names.
pub(super) fn parts(written: &str) -> Result<Vec<Part>> {
    if written.chars().count() > MAX_WRITTEN {
        return Err(Error::unsupported(format!("a scope of more than {MAX_WRITTEN} characters")));
    }
    let mut reader = Reader { tokens: tokens(written)?, at: 0, open: Open::default(), parts: Vec::new() };
    while reader.at < reader.tokens.len() {
        reader.step()?;
    }
    reader.close()?;
    Ok(reader.parts)
}

/// The part being read.
#[derive(Default)]
struct Open {
    season: Option<u32>,
    /// Whether this part names its season itself, and does not only go on with the one before.
    own_season: bool,
    episodes: Vec<u32>,
    ranges: Vec<TimeRange>,
    whole: bool,
    begun: bool,
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    open: Open,
    parts: Vec<Part>,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn step(&mut self) -> Result<()> {
        match self.tokens[self.at].clone() {
            Token::Semicolon => {
                self.at += 1;
                self.close()
            }
            Token::Comma | Token::Word(Word::Filler | Word::Minutes | Word::Hours | Word::Seconds) => {
                self.at += 1;
                Ok(())
            }
            Token::Word(Word::Whole) => {
                self.at += 1;
                (self.open.whole, self.open.begun) = (true, true);
                Ok(())
            }
            Token::Word(Word::Season) => self.season(),
            Token::Word(Word::Episode) => {
                self.at += 1;
                self.new_place(!self.open.episodes.is_empty() && !self.goes_on())?;
                self.episodes()
            }
            Token::Number(_) if self.counts_episodes() => {
                self.new_place(!self.open.episodes.is_empty())?;
                self.episodes()
            }
            Token::Number(_) | Token::Clock(_) => self.range(),
            Token::To => Err(wrong("a range has no start")),
            Token::Region(_) => Err(wrong("a region stands without a range")),
            Token::Word(Word::EpisodeAfter) => Err(wrong("an episode has no number")),
        }
    }

    /// Another place begins: what was read of the one before is a part of its own.
    fn new_place(&mut self, also: bool) -> Result<()> {
        if also || !self.open.ranges.is_empty() || self.open.whole { self.close() } else { Ok(()) }
    }

    /// Whether the episode word just read only repeats that of a list: `E18, E19`.
    fn goes_on(&self) -> bool {
        self.open.ranges.is_empty() && !self.open.whole
    }

    fn season(&mut self) -> Result<()> {
        self.at += 1;
        self.new_place(self.open.own_season || !self.open.episodes.is_empty())?;
        self.skip_filler();
        let Some(Token::Number(n)) = self.peek(0).cloned() else {
            return Err(wrong("a season has no number"));
        };
        self.at += 1;
        (self.open.season, self.open.own_season, self.open.begun) = (Some(limited(n)?), true, true);
        Ok(())
    }

    /// Whether the numbers here end in a word for episodes that stands after them: `18, 19회`, `제18회`.
    fn counts_episodes(&self) -> bool {
        let mut ahead = 1;
        loop {
            match (self.peek(ahead), self.peek(ahead + 1)) {
                (Some(Token::Word(Word::EpisodeAfter)), _) => return true,
                (Some(Token::Comma | Token::To), Some(Token::Number(_))) => ahead += 2,
                _ => return false,
            }
        }
    }

    /// Numbers of episodes: `18`, `18, 19, 24-27`, `18-E21`.
    fn episodes(&mut self) -> Result<()> {
        self.open.begun = true;
        self.skip_filler();
        loop {
            let Some(Token::Number(first)) = self.peek(0).cloned() else {
                return Err(wrong("an episode has no number"));
            };
            self.at += 1;
            self.skip_episode_word();
            let last = self.last_of_run()?.unwrap_or(first);
            if last < first {
                return Err(wrong(&format!("the episodes {first}-{last} run backwards")));
            }
            if self.open.episodes.len() + (last - first) as usize >= MAX_PARTS {
                return Err(Error::unsupported(format!("more than {MAX_PARTS} episodes")));
            }
            limited(last)?;
            self.open.episodes.extend(first..=last);
            match (self.peek(0), self.peek(1), self.peek(2)) {
                // In `18, 41분 18초` the second number is a time.
                (Some(Token::Comma), Some(Token::Number(_)), after) if !is_unit(after) => self.at += 1,
                _ => return Ok(()),
            }
        }
    }

    fn last_of_run(&mut self) -> Result<Option<u32>> {
        let to = self.peek(0) == Some(&Token::To);
        let skip = 1 + usize::from(self.peek(1) == Some(&Token::Word(Word::Episode)));
        match self.peek(skip).cloned() {
            Some(Token::Number(n)) if to => {
                self.at += skip + 1;
                self.skip_episode_word();
                Ok(Some(n))
            }
            _ => Ok(None),
        }
    }

    fn skip_episode_word(&mut self) {
        if self.peek(0) == Some(&Token::Word(Word::EpisodeAfter)) {
            self.at += 1;
        }
    }

    fn range(&mut self) -> Result<()> {
        self.open.begun = true;
        let from = self.time()?;
        self.skip_filler();
        let to = if self.peek(0) == Some(&Token::To) {
            self.at += 1;
            self.skip_filler();
            self.time()?
        } else {
            from.clone()
        };
        self.skip_filler();
        let path = match self.peek(0).cloned() {
            Some(Token::Region(text)) => {
                self.at += 1;
                path(&text)?
            }
            _ => Vec::new(),
        };
        self.open.ranges.push(TimeRange::new(from, to, path)?);
        Ok(())
    }

    fn skip_filler(&mut self) {
        while self.peek(0) == Some(&Token::Word(Word::Filler)) {
            self.at += 1;
        }
    }

    /// `41:18`, or `1시간 41분 18초`, `41 phút 18 giây`.
    fn time(&mut self) -> Result<Time> {
        match self.peek(0).cloned() {
            Some(Token::Clock(text)) => {
                self.at += 1;
                Time::parse(&text)
            }
            Some(Token::Number(n)) if is_unit(self.peek(1)) => self.spoken(n),
            Some(Token::Number(n)) => Err(wrong(&format!("{n} is neither an episode nor a time"))),
            // `phút 41:18`: the word stands before.
            Some(Token::Word(Word::Minutes)) => match self.peek(1).cloned() {
                Some(Token::Clock(text)) => {
                    self.at += 2;
                    Time::parse(&text)
                }
                _ => Err(wrong("a time has no number")),
            },
            _ => Err(wrong("a range has no end")),
        }
    }

    fn spoken(&mut self, first: u32) -> Result<Time> {
        let mut fields = [0u32; 3];
        let mut next = Some(first);
        let mut least = 0;
        while let Some(n) = next {
            let field = match self.peek(1) {
                Some(Token::Word(Word::Hours)) => 0,
                Some(Token::Word(Word::Minutes)) => 1,
                _ => 2,
            };
            if field < least {
                return Err(wrong("hours, minutes and seconds stand in another order"));
            }
            fields[field] = n;
            least = field + 1;
            self.at += 2;
            next = match (self.peek(0), is_unit(self.peek(1))) {
                (Some(Token::Number(n)), true) if least < 3 => Some(*n),
                _ => None,
            };
        }
        let [h, m, s] = fields;
        if m >= 60 && h > 0 || s >= 60 {
            return Err(wrong("there are more than 59 minutes or seconds"));
        }
        Time::parse(&if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") })
    }

    /// Ends the part being read.
    fn close(&mut self) -> Result<()> {
        let open = std::mem::take(&mut self.open);
        self.open.season = open.season;
        if !open.begun {
            return Ok(());
        }
        if open.whole && !open.ranges.is_empty() {
            return Err(wrong("a part is named whole and by ranges"));
        }
        if open.episodes.len() > 1 && !open.ranges.is_empty() {
            return Err(Error::invalid(
                "times follow several episodes, and could belong to each or to the last",
            )
            .remedy("Write every episode with its own times, for example E18 41:18-41:55; E19 02:10"));
        }
        let nowhere = open.episodes.is_empty() && !open.own_season;
        if nowhere && !open.ranges.is_empty() && self.parts.iter().any(|p| p.episode.is_some()) {
            return Err(Error::invalid(format!("{} stands without an episode", open.ranges[0].text()))
                .remedy("Name the episode again, or put a comma where the semicolon is"));
        }
        // `whole` alone means the work, whatever season was named before.
        let season = open.season.filter(|_| !(nowhere && open.whole));
        if open.episodes.is_empty() {
            self.parts.push(Part { season, episode: None, ranges: open.ranges });
        } else {
            let ranges = open.ranges;
            self.parts.extend(open.episodes.iter().map(|e| Part {
                season,
                episode: Some(*e),
                ranges: ranges.clone(),
            }));
        }
        if self.parts.len() > MAX_PARTS {
            return Err(Error::unsupported(format!("more than {MAX_PARTS} parts")));
        }
        Ok(())
    }
}

fn is_unit(token: Option<&Token>) -> bool {
    matches!(token, Some(Token::Word(Word::Hours | Word::Minutes | Word::Seconds)))
}

fn limited(n: u32) -> Result<u32> {
    if n > MAX_NUMBER { Err(wrong(&format!("{n} is not the number of a season or episode"))) } else { Ok(n) }
}

fn wrong(what: &str) -> Error {
    Error::invalid(what).remedy(REMEDY)
}

/// Stations of a box, separated by `>`: thousandths (`250,100,500,200`), per cent
/// (`25%,10%,50%,20%`), or pixels of a picture (`480,108,960,216/1920x1080`).
fn path(text: &str) -> Result<Vec<Area>> {
    text.split('>').map(area).collect()
}

fn area(text: &str) -> Result<Area> {
    let malformed = || {
        Error::invalid(format!("{text:?} is not a region")).remedy(
            "Write x,y,width,height in thousandths of the picture (250,100,500,200), in per cent \
             (25%,10%,50%,20%) or in pixels with the picture's size (480,108,960,216/1920x1080)",
        )
    };
    let digits = |word: &str| -> Option<u32> {
        (word.len() <= 6 && !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()))
            .then(|| word.parse().ok())?
    };
    let (sides, size) = match text.split_once('/') {
        Some((sides, size)) => (sides, Some(size.split_once('x').ok_or_else(malformed)?)),
        None => (text, None),
    };
    let percent = sides.contains('%');
    let numbers: Option<Vec<u32>> = sides
        .split(',')
        .map(|word| if percent { digits(word.strip_suffix('%')?)?.checked_mul(10) } else { digits(word) })
        .collect();
    let [x, y, w, h] = numbers.ok_or_else(malformed)?[..] else { return Err(malformed()) };
    let Some((width, height)) = size else { return thousandths([x, y, w, h]) };
    match (digits(width), digits(height)) {
        (Some(width @ 1..), Some(height @ 1..)) if !percent => pixels([x, y, w, h], width, height),
        _ => Err(malformed()),
    }
}

fn thousandths(sides: [u32; 4]) -> Result<Area> {
    // What does not fit is outside the picture in any case.
    let [x, y, w, h] = sides.map(|n| u16::try_from(n).unwrap_or(u16::MAX));
    Area::new(x, y, w, h)
}

/// Pixels in thousandths, rounded outward.
fn pixels([x, y, w, h]: [u32; 4], width: u32, height: u32) -> Result<Area> {
    if w == 0 || h == 0 || x + w > width || y + h > height {
        return Err(Error::invalid(format!(
            "the region {x},{y},{w},{h} leaves a picture of {width}x{height}"
        ))
        .remedy("Give a box inside the picture"));
    }
    let low = |at: u32, of: u32| at * 1000 / of;
    let high = |at: u32, of: u32| (at * 1000).div_ceil(of);
    let (left, top) = (low(x, width), low(y, height));
    thousandths([left, top, high(x + w, width) - left, high(y + h, height) - top])
}
