//! WebVTT cue settings and regions (W3C WebVTT §6.3, §6.2): read as the standard says, kept in
//! canonical form.

use std::fmt;

/// What the settings of one cue say, defaults left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// `rl` or `lr`.
    pub vertical: Option<&'static str>,
    pub line: Option<Line>,
    pub position: Option<Position>,
    /// Per cent of the video, unless all of it.
    pub size: Option<Thousandths>,
    /// `start`, `end`, `left` or `right`; `center` is the default.
    pub align: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub number: Thousandths,
    /// Per cent of the video; else a count of lines.
    pub percent: bool,
    /// `center` or `end`; `start` is the default.
    pub align: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub percent: Thousandths,
    /// `line-left`, `center` or `line-right`; by default it follows from the text's alignment.
    pub align: Option<&'static str>,
}

/// A decimal number with three places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Thousandths(pub i64);

impl Thousandths {
    pub const HUNDRED: Thousandths = Thousandths(100_000);

    /// `digits[.digits]`; places beyond the third are cut off. `None` for another form, or for a
    /// number of more than nine digits.
    pub fn parse(text: &str) -> Option<Thousandths> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
            Some(_) => return None,
            None => (text, ""),
        };
        if !is_digits(whole) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        if whole.len() > 9 {
            return None;
        }
        let whole = whole.parse::<i64>().unwrap_or(0);
        let places = fraction.bytes().chain(*b"000").take(3);
        let fraction = places.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        Some(Thousandths(whole * 1000 + fraction))
    }

    /// "Parse a percentage string": a number from 0 to 100 with a `%` after it.
    pub fn percent(text: &str) -> Option<Thousandths> {
        let number = Thousandths::parse(text.strip_suffix('%')?)?;
        (number <= Thousandths::HUNDRED).then_some(number)
    }

    /// A number of lines, which may be negative.
    fn signed(text: &str) -> Option<Thousandths> {
        match text.strip_prefix('-') {
            Some(rest) => Thousandths::parse(rest).map(|number| Thousandths(-number.0)),
            None => Thousandths::parse(text),
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.abs() / 1000, self.0.abs() % 1000);
        let text = format!("{sign}{whole}.{fraction:03}");
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A named place for cues (§3.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub id: String,
    width: Thousandths,
    lines: i64,
    anchor: (Thousandths, Thousandths),
    viewport: (Thousandths, Thousandths),
}

impl Region {
    pub fn parse(text: &str) -> Region {
        let bottom_left = (Thousandths(0), Thousandths::HUNDRED);
        let mut region = Region {
            id: String::new(),
            width: Thousandths::HUNDRED,
            lines: 3,
            anchor: bottom_left,
            viewport: bottom_left,
        };
        for (name, value) in pairs(text) {
            region.set(name, value);
        }
        region
    }

    fn set(&mut self, name: &str, value: &str) {
        match name {
            "id" => self.id = value.to_owned(),
            "width" => set(&mut self.width, Thousandths::percent(value)),
            "lines" if is_digits(value) => set(&mut self.lines, value.parse().ok()),
            "regionanchor" => set(&mut self.anchor, point(value)),
            "viewportanchor" => set(&mut self.viewport, point(value)),
            _ => {}
        }
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn point(text: &str) -> Option<(Thousandths, Thousandths)> {
    let (x, y) = text.split_once(',')?;
    Some((Thousandths::percent(x)?, Thousandths::percent(y)?))
}

/// The `name:value` words of a text.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split_ascii_whitespace()
        .filter_map(|word| word.split_once(':'))
        .filter(|(name, value)| !name.is_empty() && !value.is_empty())
}

impl Settings {
    /// Reads settings as the standard does: what it does not know or cannot read is ignored, and
    /// the last of a name counts. A region is not kept but put into the other settings.
    pub fn parse(text: &str, regions: &[Region]) -> Settings {
        let mut settings = Settings::default();
        let mut region = None;
        for (name, value) in pairs(text) {
            match name {
                "region" => region = regions.iter().rev().find(|region| region.id == value),
                _ => settings.set(name, value),
            }
        }
        if let Some(region) = region {
            settings.place_in(region);
        }
        settings
    }

    fn set(&mut self, name: &str, value: &str) {
        match name {
            "vertical" => set(&mut self.vertical, keyword(value, &["rl", "lr"]).map(Some)),
            "line" => set(&mut self.line, line(value).map(Some)),
            "position" => set(&mut self.position, position(value).map(Some)),
            "size" => {
                let size = Thousandths::percent(value);
                set(&mut self.size, size.map(|size| Some(size).filter(|s| *s != Thousandths::HUNDRED)));
            }
            "align" => {
                let align = keyword(value, &["start", "center", "end", "left", "right"]);
                set(&mut self.align, align.map(|align| Some(align).filter(|a| *a != "center")));
            }
            _ => {}
        }
    }

    /// Puts a cue where its region's newest line stands. A cue that says itself where it stands
    /// is in no region (§6.3).
    fn place_in(&mut self, region: &Region) {
        if self.line.is_some() || self.size.is_some() || self.vertical.is_some() {
            return;
        }
        // One line of a region is 5.33 % of the height of the video (§7.2).
        let height = region.lines.min(100) * 5_330;
        let bottom = region.viewport.1.0 - part(height, region.anchor.1) + height;
        let number = Thousandths(bottom.clamp(0, 100_000));
        self.line = Some(Line { number, percent: true, align: Some("end") });
        let left = region.viewport.0.0 - part(region.width.0, region.anchor.0);
        self.place_across(left, region.width.0);
    }

    /// Puts the text between `left` and `left + width`, thousandths of a per cent of the video.
    pub fn place_across(&mut self, left: i64, width: i64) {
        let left = left.clamp(0, 100_000);
        let width = width.clamp(0, 100_000 - left);
        if (left, width) == (0, 100_000) {
            return;
        }
        let (at, align) = match self.align {
            Some("start" | "left") => (left, "line-left"),
            Some("end" | "right") => (left + width, "line-right"),
            _ => (left + width / 2, "center"),
        };
        let centred = align == "center" && at == 50_000;
        let position = Position { percent: Thousandths(at), align: Some(align) };
        self.position = (!centred).then_some(position);
        self.size = Some(Thousandths(width));
    }
}

/// `share` per cent of `whole`.
fn part(whole: i64, share: Thousandths) -> i64 {
    whole * share.0 / Thousandths::HUNDRED.0
}

fn keyword(value: &str, known: &[&'static str]) -> Option<&'static str> {
    known.iter().find(|known| **known == value).copied()
}

/// Splits off what stands behind a comma: the alignment.
fn with_align<'a>(value: &'a str, known: &[&'static str]) -> Option<(&'a str, Option<&'static str>)> {
    match value.split_once(',') {
        Some((number, align)) => Some((number, Some(keyword(align, known)?))),
        None => Some((value, None)),
    }
}

fn line(value: &str) -> Option<Line> {
    let (number, align) = with_align(value, &["start", "center", "end"])?;
    let percent = number.ends_with('%');
    let number = if percent { Thousandths::percent(number) } else { Thousandths::signed(number) }?;
    Some(Line { number, percent, align: align.filter(|align| *align != "start") })
}

fn position(value: &str) -> Option<Position> {
    let (number, align) = with_align(value, &["line-left", "center", "line-right"])?;
    Some(Position { percent: Thousandths::percent(number)?, align })
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        if let Some(vertical) = self.vertical {
            words.push(format!("vertical:{vertical}"));
        }
        if let Some(line) = &self.line {
            let percent = if line.percent { "%" } else { "" };
            words.push(format!("line:{}{percent}{}", line.number, suffix(line.align)));
        }
        if let Some(position) = &self.position {
            words.push(format!("position:{}%{}", position.percent, suffix(position.align)));
        }
        if let Some(size) = self.size {
            words.push(format!("size:{size}%"));
        }
        if let Some(align) = self.align {
            words.push(format!("align:{align}"));
        }
        f.write_str(&words.join(" "))
    }
}

fn suffix(align: Option<&str>) -> String {
    align.map_or_else(String::new, |align| format!(",{align}"))
}
