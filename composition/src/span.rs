//! A composition: the ordered list of spans that is one version of a film.
//!
//! Invariants:
//! - A span is never empty, and there is at least one.
//! - Two spans of one source that meet in the source are one span, so that a composition has one
//!   spelling and one digest.
//! - What lies over the sources stands in the one spelling of [`crate::overlay`].
//! - The text form is the composition: `parse(text(c)) == c`, and the digest is of that text. It is of
//!   version 1 when nothing lies over the sources, as it was before anything could, and of version 2
//!   when no sign does.

use std::fmt::Write as _;
use std::sync::OnceLock;

use media::{Digest, Error, Result};

use crate::card::{Card, CardLine, MAX_CARD_LINES, MAX_CARD_TEXT};
use crate::overlay::{self, MAX_OVERLAYS, Overlay, Overlays};

/// Newest version of the text form: the one with signs.
pub const COMPOSITION_VERSION: u32 = 3;
/// The one with overlays, but without signs.
const WITH_OVERLAYS: u32 = 2;
/// Spans in one composition at most.
pub const MAX_SPANS: usize = 10_000;
/// Edit units in one card at most: ten minutes at 100 a second.
pub const MAX_CARD_UNITS: u32 = 60_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Frames `from` to `to`, end-exclusive, of a title's stored tracks.
    Film { title: String, source: Digest, from: u32, to: u32 },
    /// A card of `units` edit units, made to the measure of the title named.
    Card { card: Card, title: String, source: Digest, units: u32 },
}

impl Span {
    /// Length in edit units of the source it names.
    pub fn units(&self) -> u32 {
        match self {
            Span::Film { from, to, .. } => to - from,
            Span::Card { units, .. } => *units,
        }
    }
    /// The title and source whose ladder this span is played from or made to the measure of.
    pub fn source(&self) -> (&str, Digest) {
        match self {
            Span::Film { title, source, .. } | Span::Card { title, source, .. } => (title, *source),
        }
    }
}

#[derive(Clone)]
pub struct Composition {
    spans: Vec<Span>,
    overlays: Overlays,
    /// Found when it is first asked for: every question at the gate asks for it.
    digest: OnceLock<Digest>,
}

impl PartialEq for Composition {
    fn eq(&self, other: &Composition) -> bool {
        self.spans == other.spans && self.overlays == other.overlays
    }
}

impl Eq for Composition {}

impl std::fmt::Debug for Composition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Composition").field("spans", &self.spans).field("overlays", &self.overlays).finish()
    }
}

impl Composition {
    /// Fails when there is no span, one is empty, or a limit is broken.
    pub fn new(spans: impl IntoIterator<Item = Span>) -> Result<Composition> {
        Composition::with(spans, Overlays::new())
    }

    /// The same with veils, signs, mutes and text drops; what none of the spans can show is left out.
    pub fn with(
        spans: impl IntoIterator<Item = Span>,
        overlays: impl IntoIterator<Item = (Digest, Overlay)>,
    ) -> Result<Composition> {
        let mut joined: Vec<Span> = Vec::new();
        for span in spans {
            check_span(&span)?;
            if let (
                Some(Span::Film { title: t, source: s, to: end, .. }),
                Span::Film { title, source, from, to },
            ) = (joined.last_mut(), &span)
                && t == title
                && s == source
                && end == from
            {
                *end = *to;
                continue;
            }
            joined.push(span);
        }
        if joined.is_empty() {
            return Err(Error::invalid("nothing is left of the film")
                .remedy("Cut less, or withdraw the title instead"));
        }
        if joined.len() > MAX_SPANS {
            return Err(Error::unsupported(format!("{} spans; expected at most {MAX_SPANS}", joined.len())));
        }
        let overlays = overlay::canonical(overlays, &joined)?;
        Ok(Composition { spans: joined, overlays, digest: OnceLock::new() })
    }

    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// What lies over the sources.
    pub fn overlays(&self) -> &Overlays {
        &self.overlays
    }

    /// What lies over `source`, if anything does.
    pub fn overlay(&self, source: Digest) -> Option<&Overlay> {
        self.overlays.get(&source)
    }

    /// The name of this composition.
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| Digest::of(self.text().as_bytes()))
    }

    /// The canonical text, one line a span, one a card's line, and one a veil, sign, mute or text drop.
    pub fn text(&self) -> String {
        let version = match self.overlays.values().any(|overlay| !overlay.signs.is_empty()) {
            true => COMPOSITION_VERSION,
            false if self.overlays.is_empty() => 1,
            false => WITH_OVERLAYS,
        };
        let mut out = format!("phim composition {version}\n");
        for span in &self.spans {
            match span {
                Span::Film { title, source, from, to } => {
                    let _ = writeln!(out, "film {title} {source} {from} {to}");
                }
                Span::Card { card, title, source, units } => {
                    let _ = writeln!(out, "card {title} {source} {units} {}", colours(card));
                    out.push_str(&card_lines(card));
                }
            }
        }
        out + &overlay::text(&self.overlays)
    }

    /// Reads the text form. Errors name the line.
    pub fn parse(text: &str) -> Result<Composition> {
        let mut lines = text.lines().enumerate();
        let version = read_version(lines.next().map_or("", |(_, line)| line))?;
        let mut spans: Vec<Span> = Vec::new();
        let mut overlays: Vec<(Digest, Overlay)> = Vec::new();
        // Whether lines are those of the last sign, and not of the last card.
        let mut is_sign = false;
        for (n, line) in lines {
            let wrong = |what: &str| Error::invalid(what).at(format!("line {}", n + 1));
            if spans.len() > MAX_SPANS || overlays.len() > MAX_OVERLAYS {
                return Err(wrong("too many spans, veils, signs, mutes or text drops"));
            }
            let (verb, rest) = line
                .split_once(' ')
                .ok_or_else(|| wrong("expected `film`, `card` or `line` and its fields"))?;
            match verb {
                "film" => {
                    spans.push(parse_film(rest).ok_or_else(|| wrong("expected `film TITLE DIGEST FROM TO`"))?)
                }
                "card" => spans.push(
                    parse_card(rest)
                        .ok_or_else(|| wrong("expected `card TITLE DIGEST UNITS BACKGROUND FOREGROUND`"))?,
                ),
                "line" => match last_card(&mut spans, &mut overlays, is_sign) {
                    Some(card) if card.lines.len() < MAX_CARD_LINES => {
                        card.lines.push(
                            parse_line(rest).ok_or_else(|| wrong("expected `line LANGUAGE PERCENT TEXT`"))?,
                        );
                    }
                    _ => return Err(wrong("a `line` belongs to a `card` or `sign` of at most 12 lines")),
                },
                "sign" if version >= COMPOSITION_VERSION => {
                    let (source, sign) = overlay::parse_sign(rest).ok_or_else(|| {
                        wrong("expected `sign DIGEST FROM TO X Y W H EDGE BACKGROUND FOREGROUND`")
                    })?;
                    overlays.push((source, Overlay { signs: vec![sign], ..Overlay::default() }));
                }
                "blur" | "mask" | "mute" | "drop" if version >= WITH_OVERLAYS => {
                    overlays.push(overlay::parse_line(verb, rest).ok_or_else(|| {
                        wrong("expected `blur|mask DIGEST FROM TO` and `FRAME X Y W H` one or more times, or `mute|drop DIGEST FROM TO`")
                    })?);
                }
                _ if version == 1 => return Err(wrong("expected `film`, `card` or `line`")),
                _ => {
                    return Err(wrong(
                        "expected `film`, `card`, `line`, `blur`, `mask`, `sign`, `mute` or `drop`",
                    ));
                }
            }
            if verb != "line" {
                is_sign = verb == "sign";
            }
        }
        Composition::with(spans, overlays)
    }
}

/// The card that a line belongs to.
fn last_card<'a>(
    spans: &'a mut [Span],
    overlays: &'a mut [(Digest, Overlay)],
    is_sign: bool,
) -> Option<&'a mut Card> {
    if is_sign {
        return overlays.last_mut()?.1.signs.last_mut().map(|sign| &mut sign.card);
    }
    match spans.last_mut()? {
        Span::Card { card, .. } => Some(card),
        Span::Film { .. } => None,
    }
}

fn read_version(line: &str) -> Result<u32> {
    let version = line.strip_prefix("phim composition ").and_then(|v| v.parse::<u32>().ok());
    match version {
        Some(v) if (1..=COMPOSITION_VERSION).contains(&v) => Ok(v),
        Some(v) => Err(Error::unsupported(format!(
            "a composition of version {v}; this Phim reads up to {COMPOSITION_VERSION}"
        ))
        .remedy("Use the newer Phim that wrote it")),
        None => Err(Error::invalid("expected `phim composition 1`").at("line 1")),
    }
}

fn check_span(span: &Span) -> Result<()> {
    let (title, _) = span.source();
    if !is_title_id(title) {
        return Err(Error::invalid(format!("{title:?} is not a title id"))
            .remedy("Use 1 to 64 of a-z, 0-9, `-`, `_` and `.`"));
    }
    match span {
        Span::Film { from, to, .. } if from >= to => {
            Err(Error::invalid(format!("the span from frame {from} to {to} is empty")))
        }
        Span::Card { units, .. } if *units == 0 || *units > MAX_CARD_UNITS => {
            Err(Error::invalid(format!("a card of {units} frames; expected 1 to {MAX_CARD_UNITS}")))
        }
        Span::Card { card, .. } => check_card(card),
        Span::Film { .. } => Ok(()),
    }
}

pub(crate) fn check_card(card: &Card) -> Result<()> {
    if card.lines.is_empty() || card.lines.len() > MAX_CARD_LINES {
        return Err(Error::invalid(format!(
            "a card of {} lines; expected 1 to {MAX_CARD_LINES}",
            card.lines.len()
        )));
    }
    for line in &card.lines {
        if line.text.is_empty()
            || line.text.chars().count() > MAX_CARD_TEXT
            || line.text.chars().any(|c| c.is_control() && c != '\n')
        {
            return Err(Error::invalid(format!(
                "a card's line must have 1 to {MAX_CARD_TEXT} characters and no control characters"
            )));
        }
        if !(25..=400).contains(&line.percent) {
            return Err(Error::invalid(format!("a card's line at {} %; expected 25 to 400", line.percent)));
        }
        media::text::language_tag(&line.language)?;
        if line.language.contains(char::is_whitespace) {
            return Err(Error::invalid("a language tag has no spaces"));
        }
    }
    Ok(())
}

/// Whether `id` may name a title: 1 to 64 of a-z, 0-9, `-`, `_`, `.`, not starting with a dot or dash.
pub fn is_title_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'))
        && !id.starts_with(['.', '-'])
}

fn parse_film(rest: &str) -> Option<Span> {
    let mut words = rest.split(' ');
    let span = Span::Film {
        title: words.next()?.into(),
        source: words.next()?.parse().ok()?,
        from: number(words.next()?)?,
        to: number(words.next()?)?,
    };
    words.next().is_none().then_some(span)
}

fn parse_card(rest: &str) -> Option<Span> {
    let mut words = rest.split(' ');
    let (title, source, units) = (words.next()?.into(), words.next()?.parse().ok()?, number(words.next()?)?);
    let card = parse_colours(words.next()?, words.next()?)?;
    words.next().is_none().then_some(Span::Card { card, title, source, units })
}

fn parse_line(rest: &str) -> Option<CardLine> {
    let mut words = rest.splitn(3, ' ');
    let (language, percent) = (words.next()?.into(), u16::try_from(number(words.next()?)?).ok()?);
    Some(CardLine { language, percent, text: unescape(words.next()?)? })
}

/// A decimal number in its only spelling: no sign, no leading zero.
pub(crate) fn number(word: &str) -> Option<u32> {
    let n: u32 = word.parse().ok()?;
    (n.to_string() == word).then_some(n)
}

/// The colours of a card as the text form has them.
pub(crate) fn colours(card: &Card) -> String {
    format!("{} {}", colour(card.background), colour(card.foreground))
}

/// The lines of a card, each on its own.
pub(crate) fn card_lines(card: &Card) -> String {
    let line = |line: &CardLine| format!("line {} {} {}\n", line.language, line.percent, escape(&line.text));
    card.lines.iter().map(line).collect()
}

/// A card of these colours, without lines yet.
pub(crate) fn parse_colours(background: &str, foreground: &str) -> Option<Card> {
    let (background, foreground) = (parse_colour(background)?, parse_colour(foreground)?);
    Some(Card { background, foreground, lines: Vec::new() })
}

pub(crate) fn colour([r, g, b]: [u8; 3]) -> String {
    format!("{r:02x}{g:02x}{b:02x}")
}

pub(crate) fn parse_colour(word: &str) -> Option<[u8; 3]> {
    if word.len() != 6 || !word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let n = u32::from_str_radix(word, 16).ok()?;
    Some([(n >> 16) as u8, (n >> 8) as u8, n as u8])
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next()? {
                '\\' => '\\',
                'n' => '\n',
                _ => return None,
            },
            c => c,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests;
