//! Cues from paragraphs: each `p` gives one cue for every time in which it looks the same.

use super::Scene;
use super::style::{DisplayAlign, Point, Ruby, Style};
use super::timing::{Timed, What};
use crate::error::{Error, Result};
use crate::text::markup::{self, Face, Piece};
use crate::text::settings::{Line, Settings, Thousandths};
use crate::text::{Cue, MAX_SECONDS};
use crate::time::Seconds;

/// Adds the cues of a whole document.
pub(super) fn show(scene: &Scene, cues: &mut Vec<Cue>) -> Result<()> {
    let mut stage = Stage { scene, cues, steps: 0 };
    let all = Window { from: Seconds::ZERO, to: Seconds::from_integer(MAX_SECONDS) };
    stage.walk(&scene.body, &[], all)
}

/// A document that takes more steps than this was made to take long. A film's takes some 50,000.
const MAX_STEPS: usize = 5_000_000;
/// Characters of text that count as one step, in bytes.
const STEP_BYTES: usize = 16;

#[derive(Clone, Copy)]
struct Window {
    from: Seconds,
    to: Seconds,
}

impl Window {
    /// What is left of it while an element is active.
    fn within(self, element: &Timed) -> Option<Window> {
        let from = self.from.max(element.begin);
        let to = element.end.map_or(self.to, |end| end.min(self.to));
        (from < to).then_some(Window { from, to })
    }
}

struct Stage<'a> {
    scene: &'a Scene<'a>,
    cues: &'a mut Vec<Cue>,
    steps: usize,
}

impl Stage<'_> {
    fn walk(&mut self, element: &Timed, parents: &[&Timed], window: Window) -> Result<()> {
        let Some(window) = window.within(element) else { return Ok(()) };
        let mut chain = parents.to_vec();
        chain.push(element);
        if element.what == What::Paragraph {
            return self.paragraph(&chain, window);
        }
        for child in element.children.iter().filter(|child| !matches!(child.what, What::Text(_))) {
            self.walk(child, &chain, window)?;
        }
        Ok(())
    }

    /// Adds the cues of the paragraph that ends a chain of elements.
    fn paragraph(&mut self, chain: &[&Timed], window: Window) -> Result<()> {
        let named = chain.iter().rev().find_map(|element| element.region);
        let region = named.and_then(|id| self.scene.regions.get(id));
        let window = region.map_or(Some(window), |region| window.within(region));
        let Some(window) = window else { return Ok(()) };
        let chain: Vec<&Timed> = region.into_iter().chain(chain.iter().copied()).collect();
        let first = self.cues.len();
        let (instants, size) = instants(&chain, window);
        self.steps = self.steps.saturating_add(instants.len().saturating_mul(size));
        if self.steps > MAX_STEPS {
            return Err(Error::unsupported("the times in the document are too intricate"));
        }
        for pair in instants.windows(2) {
            let Some((settings, payload)) = appearance(&chain, region, pair[0]) else { continue };
            let cue = Cue { start: pair[0], end: pair[1], id: String::new(), settings, payload };
            append(self.cues, first, cue);
        }
        Ok(())
    }
}

/// Adds a cue, or makes the one before it longer if nothing changes. Those before `first` belong
/// to other paragraphs.
fn append(cues: &mut Vec<Cue>, first: usize, cue: Cue) {
    match cues[first..].last_mut() {
        Some(last)
            if last.end == cue.start && last.settings == cue.settings && last.payload == cue.payload =>
        {
            last.end = cue.end;
        }
        _ => cues.push(cue),
    }
}

/// The instants in a window at which a paragraph may change, both ends included, and how many
/// things decide how it looks.
fn instants(chain: &[&Timed], window: Window) -> (Vec<Seconds>, usize) {
    let mut instants = vec![window.from, window.to];
    let mut size = 0;
    let mut note = |begin: Seconds, end: Option<Seconds>, bytes: usize| {
        size += 1 + bytes / STEP_BYTES;
        let inside = |at: &Seconds| window.from < *at && *at < window.to;
        instants.extend([Some(begin), end].into_iter().flatten().filter(inside));
    };
    for element in chain {
        element.sets.iter().for_each(|set| note(set.begin, set.end, 0));
    }
    if let Some(paragraph) = chain.last() {
        paragraph.children.iter().for_each(|child| note_times(child, &mut note));
    }
    instants.sort_unstable();
    instants.dedup();
    (instants, size)
}

fn note_times(element: &Timed, note: &mut impl FnMut(Seconds, Option<Seconds>, usize)) {
    let bytes = if let What::Text(text) = element.what { text.len() } else { 0 };
    note(element.begin, element.end, bytes);
    element.sets.iter().for_each(|set| note(set.begin, set.end, 0));
    element.children.iter().for_each(|child| note_times(child, note));
}

/// The settings and the text of a paragraph at an instant; `None` where nothing is seen.
fn appearance(chain: &[&Timed], region: Option<&Timed>, at: Seconds) -> Option<(String, String)> {
    let mut style = Style::default();
    for element in chain {
        let own = element.style_at(at);
        if !own.shows() {
            return None;
        }
        style = own.inherit(style);
    }
    let mut pieces = Vec::new();
    inline(chain.last()?, style, at, &mut pieces);
    markup::trim(&mut pieces);
    let payload = markup::cue_text(&pieces);
    let settings = settings(region.map(|region| region.style_at(at)), style.align);
    (!payload.is_empty()).then(|| (settings.to_string(), payload))
}

type Pieces = Vec<(Face, Piece)>;

fn inline(element: &Timed, style: Style, at: Seconds, pieces: &mut Pieces) {
    for child in element.children.iter().filter(|child| child.active_at(at)) {
        match child.what {
            What::Text(text) if style.visible != Some(false) => {
                push_text(pieces, face(style), text, child.preserve);
            }
            What::Break => pieces.push((face(style), Piece::Break)),
            What::Span => span(child, style, at, pieces),
            _ => {}
        }
    }
}

fn span(element: &Timed, parent: Style, at: Seconds, pieces: &mut Pieces) {
    let own = element.style_at(at);
    let style = own.inherit(parent);
    match own.ruby {
        _ if !own.shows() => {}
        Some(Ruby::Container) => {
            let mut ruby = Annotated::default();
            ruby.read(element, style, at);
            ruby.write(pieces);
        }
        Some(Ruby::Delimiter) => {}
        _ => inline(element, style, at, pieces),
    }
}

/// The bases in a ruby container, and the texts that belong to them in order.
#[derive(Default)]
struct Annotated {
    bases: Vec<Pieces>,
    texts: Vec<Pieces>,
}

impl Annotated {
    fn read(&mut self, element: &Timed, parent: Style, at: Seconds) {
        let spans = element.children.iter().filter(|child| child.what == What::Span);
        for child in spans.filter(|child| child.active_at(at)) {
            let own = child.style_at(at);
            let style = own.inherit(parent);
            let mut pieces = Pieces::new();
            match own.ruby {
                Some(Ruby::Group) => self.read(child, style, at),
                Some(Ruby::Base | Ruby::Text) => inline(child, style, at, &mut pieces),
                _ => {}
            }
            // A line break would part a base from its text.
            pieces.retain(|(_, piece)| *piece != Piece::Break);
            match own.ruby {
                Some(Ruby::Base) => self.bases.push(pieces),
                Some(Ruby::Text) => self.texts.push(pieces),
                _ => {}
            }
        }
    }

    fn write(self, pieces: &mut Pieces) {
        if self.bases.is_empty() {
            return;
        }
        let tag = |name| (Face::default(), Piece::Tag(name));
        pieces.push(tag("<ruby>"));
        let mut texts = self.texts.into_iter();
        for base in self.bases {
            pieces.extend(base);
            if let Some(text) = texts.next() {
                pieces.push(tag("<rt>"));
                pieces.extend(text);
                pieces.push(tag("</rt>"));
            }
        }
        pieces.push(tag("</ruby>"));
    }
}

fn face(style: Style) -> Face {
    Face {
        italic: style.italic == Some(true),
        bold: style.bold == Some(true),
        underline: style.underline == Some(true),
        color: style.color.flatten(),
        forced: style.forced == Some(true),
    }
}

/// White space runs into one space, also over the ends of spans, unless it is preserved.
fn push_text(pieces: &mut Pieces, face: Face, text: &str, preserve: bool) {
    if preserve {
        for (count, line) in text.split(['\n', '\r']).enumerate() {
            if count > 0 {
                pieces.push((face, Piece::Break));
            }
            pieces.push((face, Piece::Text(line.to_owned())));
        }
        return;
    }
    let open = match pieces.last() {
        None | Some((_, Piece::Break)) => true,
        Some((_, Piece::Text(text))) => text.ends_with(' '),
        Some((_, Piece::Tag(_))) => false,
    };
    let mut collapsed = String::with_capacity(text.len());
    for character in text.chars() {
        let space = matches!(character, ' ' | '\t' | '\n' | '\r');
        let repeated = if collapsed.is_empty() { open } else { collapsed.ends_with(' ') };
        if !space {
            collapsed.push(character);
        } else if !repeated {
            collapsed.push(' ');
        }
    }
    if !collapsed.is_empty() {
        pieces.push((face, Piece::Text(collapsed)));
    }
}

/// The WebVTT settings nearest to where a region puts text of an alignment.
fn settings(region: Option<Style>, align: Option<&'static str>) -> Settings {
    let mut settings = Settings { align: align.filter(|align| *align != "center"), ..Settings::default() };
    let Some(region) = region else { return settings };
    settings.vertical = region.vertical.flatten();
    let stated = region.origin.is_some() || region.extent.is_some() || region.display_align.is_some();
    // What a region says across and down is turned for vertical text, and left to the player.
    if !stated || settings.vertical.is_some() {
        return settings;
    }
    // The initial value of `tts:textAlign` is `start` (TTML2 §10.2.39).
    settings.align = Some(align.unwrap_or("start")).filter(|align| *align != "center");
    let origin = region.origin.unwrap_or((0, 0));
    let extent = region.extent.unwrap_or((100_000, 100_000));
    settings.line = line(region.display_align.unwrap_or(DisplayAlign::Before), origin, extent);
    settings.place_across(origin.0, extent.0);
    settings
}

/// The top and the bottom fifth of the video become the player's own first and last lines, so
/// that cues stack and keep clear of its controls.
fn line(display_align: DisplayAlign, origin: Point, extent: Point) -> Option<Line> {
    let at = |percent: i64, align| {
        let number = Thousandths(percent.clamp(0, 100_000));
        Some(Line { number, percent: true, align })
    };
    let (top, bottom) = (origin.1, origin.1.saturating_add(extent.1));
    match display_align {
        DisplayAlign::Before if top <= 20_000 => {
            Some(Line { number: Thousandths(0), percent: false, align: None })
        }
        DisplayAlign::Before => at(top, None),
        DisplayAlign::Center => at(top.saturating_add(bottom) / 2, Some("center")),
        DisplayAlign::After if bottom >= 80_000 => None,
        DisplayAlign::After => at(bottom, Some("end")),
    }
}
