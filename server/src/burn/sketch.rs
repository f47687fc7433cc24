//! Where the signs of showings lie on a picture, and what their boxes hold: the proportions of our own
//! player's (`web/src/player/advisory.ts`, `Signs.svelte`).
//!
//! Invariants:
//! - A label's symbol has at least the diagonal that is asked.
//! - Boxes do not overlap, and lie in the picture.

use composition::{Area, Card, CardLine};
use media::Result;
use policy::advisory::{Place, Showing, Shown};

/// Thousandths of a picture's sides.
const WHOLE: f64 = 1000.0;
/// A symbol is wider than high by this at least.
const SYMBOL_WIDTH: f64 = 1.15;
/// Above what is asked, for what rounding takes.
const MARGIN: f64 = 1.06;
/// Height of a symbol where no share is asked, of the picture's diagonal: a little more than our player's,
/// which knows the screen; this must be read on the smallest.
const USUAL: f64 = 0.035;
/// Room beside and above the signs, of the picture's width.
const INSET: f64 = 0.022;
/// Room between two boxes, in thousandths.
const GAP: f64 = 4.0;
/// Height of a line of words, of a symbol's height; of the room around words, of that line.
const WORDS: f64 = 0.5;
const AROUND: f64 = 0.5;
/// Widths of letters, of a line's height: a little more than the workshop reckons with.
const LATIN: f64 = 0.46;
const WIDE: f64 = 0.78;

/// A box with what it holds.
pub struct Sketch {
    pub area: Area,
    /// Colour of its edge.
    pub edge: [u8; 3],
    pub card: Card,
}

/// The symbol and the words of a showing in a language.
fn parts(showing: &Showing, language: &str) -> (Option<String>, String) {
    let text = super::words(showing, language);
    if !showing.shows.contains(&Shown::Label) {
        return (None, text.to_string());
    }
    let words = text.strip_prefix(&showing.label).unwrap_or(text);
    let words = words.trim_start_matches(|c: char| c.is_whitespace() || ":·–-".contains(c));
    (Some(showing.label.clone()), words.to_string())
}

/// The boxes of showings on a picture of this width for each unit of its height, each with the number of
/// its showing.
pub fn sketches(showings: &[&Showing], language: &str, aspect: f64) -> Result<Vec<(usize, Sketch)>> {
    let rows = [Place::TopCorner, Place::BelowLabel, Place::FirstScreen, Place::Anywhere];
    let row = |place: Place| rows.iter().position(|own| *own == place).unwrap_or(rows.len());
    let mut order: Vec<usize> = (0..showings.len()).collect();
    order.sort_by_key(|n| row(showings[*n].place));
    let mut page = Page { aspect, down: INSET * aspect * WHOLE, out: Vec::new() };
    for n in order {
        page.add(n, showings[n], language)?;
    }
    Ok(page.out)
}

struct Page {
    aspect: f64,
    /// How far down the last box reaches, in thousandths of the picture's height, with the gap below it.
    down: f64,
    out: Vec<(usize, Sketch)>,
}

impl Page {
    /// Lengths are in heights of the picture until they are boxed.
    fn add(&mut self, n: usize, showing: &Showing, language: &str) -> Result<()> {
        let diagonal = self.aspect.hypot(1.0);
        let share = showing.min_diagonal.map_or(0.0, |s| f64::from(s.part) / f64::from(s.whole));
        let high = (diagonal * USUAL).max(diagonal * share * MARGIN / SYMBOL_WIDTH.hypot(1.0));
        let (symbol, words) = parts(showing, language);
        let mut left = INSET * self.aspect;
        let mut tall = 0.0f64;
        if let Some(symbol) = symbol {
            let wide = (high * SYMBOL_WIDTH).max(width(&symbol, 0.84 * high) + 0.3 * high);
            let background = showing.colour.as_deref().and_then(colour).unwrap_or([0, 0, 0]);
            let ink = ink(background);
            self.push(n, (left, wide, high), ink, card(background, ink, language, &symbol))?;
            left += wide + GAP / WHOLE * self.aspect;
            tall = high;
        }
        if !words.is_empty() {
            let line = high * WORDS;
            let room = (1.0 - INSET) * self.aspect - left - AROUND * line;
            let needed = width(&words, line);
            let lines = (needed / room).ceil().max(1.0);
            let (wide, below) = (needed.min(room) + AROUND * line, line * (lines + AROUND));
            let card = card([0; 3], [255; 3], language, &words);
            self.push(n, (left, wide, below.max(tall)), [0; 3], card)?;
            tall = tall.max(below);
        }
        self.down += tall * WHOLE + GAP;
        Ok(())
    }

    fn push(
        &mut self,
        n: usize,
        (left, wide, high): (f64, f64, f64),
        edge: [u8; 3],
        card: Card,
    ) -> Result<()> {
        let part = |length: f64| length.clamp(0.0, WHOLE) as u16;
        let (x, y) = (part(left / self.aspect * WHOLE), part(self.down));
        let w = part((wide / self.aspect * WHOLE).ceil()).min(WHOLE as u16 - x);
        let h = part((high * WHOLE).ceil()).min(WHOLE as u16 - y);
        self.out.push((n, Sketch { area: Area::new(x, y, w, h)?, edge, card }));
        Ok(())
    }
}

fn card(background: [u8; 3], foreground: [u8; 3], language: &str, text: &str) -> Card {
    let line = CardLine { language: language.into(), text: text.into(), percent: 100 };
    Card { background, foreground, lines: vec![line] }
}

fn width(text: &str, line: f64) -> f64 {
    // Letters of Korean, Chinese and Japanese stand beyond these.
    text.chars().map(|c| if c >= '\u{1100}' { WIDE } else { LATIN }).sum::<f64>() * line
}

/// Reads `#rrggbb`.
fn colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    let [_, r, g, b] = number.to_be_bytes();
    Some([r, g, b])
}

/// Black or white, whichever is read more easily on a colour.
fn ink(colour: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = colour.map(|level| (f64::from(level) / 255.0).powf(2.2));
    if 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.22 { [0; 3] } else { [255; 3] }
}

#[cfg(test)]
mod tests;
