//! The styles that Phim keeps (TTML2 §10), resolved from attributes and references.

use std::collections::HashMap;

use roxmltree::Node;

use super::{at, is_ttml, vocabulary};
use crate::error::{Error, Result};
use crate::text::markup;
use crate::text::settings::Thousandths;

/// What an element says of its look; `None` where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    // These are inherited.
    pub italic: Option<bool>,
    pub bold: Option<bool>,
    pub underline: Option<bool>,
    /// The inner `None` is a colour that is not kept.
    pub color: Option<Option<&'static str>>,
    pub align: Option<&'static str>,
    pub visible: Option<bool>,
    pub forced: Option<bool>,
    // These are not.
    /// `display`, and whether an opacity of 0 leaves anything to see.
    pub displayed: Option<bool>,
    pub opaque: Option<bool>,
    pub ruby: Option<Ruby>,
    pub display_align: Option<DisplayAlign>,
    /// `rl` or `lr` for vertical text; the inner `None` is horizontal.
    pub vertical: Option<Option<&'static str>>,
    pub origin: Option<Point>,
    pub extent: Option<Point>,
}

/// Two lengths across and down, in thousandths of a per cent of the video.
pub(super) type Point = (i64, i64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ruby {
    Container,
    Base,
    Text,
    /// Holds several bases, or several texts.
    Group,
    /// Shown only where ruby is not.
    Delimiter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DisplayAlign {
    Before,
    Center,
    After,
}

impl Style {
    /// These styles, and `other` where they say nothing.
    pub fn or(self, other: Style) -> Style {
        Style {
            displayed: self.displayed.or(other.displayed),
            opaque: self.opaque.or(other.opaque),
            ruby: self.ruby.or(other.ruby),
            display_align: self.display_align.or(other.display_align),
            vertical: self.vertical.or(other.vertical),
            origin: self.origin.or(other.origin),
            extent: self.extent.or(other.extent),
            ..self.inherit(other)
        }
    }

    /// These styles in an element with the styles `parent`.
    pub fn inherit(self, parent: Style) -> Style {
        Style {
            italic: self.italic.or(parent.italic),
            bold: self.bold.or(parent.bold),
            underline: self.underline.or(parent.underline),
            color: self.color.or(parent.color),
            align: self.align.or(parent.align),
            visible: self.visible.or(parent.visible),
            forced: self.forced.or(parent.forced),
            ..self
        }
    }

    /// Whether the element itself leaves its contents to be seen.
    pub fn shows(&self) -> bool {
        self.displayed != Some(false) && self.opaque != Some(false)
    }
}

/// The named styles of a document, each with those that it refers to.
pub(super) struct Styles<'a> {
    named: HashMap<&'a str, Style>,
    lengths: Lengths,
}

pub(super) fn xml_id<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.attribute((roxmltree::NS_XML_URI, "id"))
}

/// The longest chain of styles that refer to each other.
const MAX_CHAIN: usize = 16;

impl<'a> Styles<'a> {
    pub fn read(root: Node<'a, 'a>) -> Result<Styles<'a>> {
        let lengths = Lengths::read(root);
        let nodes: HashMap<&str, Node> = root
            .descendants()
            .filter(|node| is_ttml(*node, "style"))
            .filter_map(|node| Some((xml_id(node)?, node)))
            .collect();
        let mut styles = Styles { named: HashMap::new(), lengths };
        for id in nodes.keys() {
            styles.resolve(id, &nodes, 0)?;
        }
        Ok(styles)
    }

    fn resolve(&mut self, id: &'a str, nodes: &HashMap<&'a str, Node<'a, 'a>>, depth: usize) -> Result<()> {
        let Some(node) = nodes.get(id).filter(|_| !self.named.contains_key(id)) else {
            return Ok(());
        };
        if depth > MAX_CHAIN {
            let message = format!("a chain of more than {MAX_CHAIN} styles, or a ring of them");
            return Err(at(*node, Error::invalid(message)));
        }
        for reference in references(*node) {
            self.resolve(reference, nodes, depth + 1)?;
        }
        let style = self.of(*node)?;
        self.named.insert(id, style);
        Ok(())
    }

    /// The style of an element: its own attributes, then what it refers to, the last first.
    pub fn of(&self, node: Node) -> Result<Style> {
        let own = self.lengths.style(node);
        Ok(references(node)
            .rev()
            .filter_map(|id| self.named.get(id))
            .fold(own, |style, named| style.or(*named)))
    }

    /// The style of a region: attributes, then the styles nested in it, then references.
    pub fn of_region(&self, node: Node) -> Result<Style> {
        let own = self.lengths.style(node);
        let nested: Vec<Node> = node.children().filter(|child| is_ttml(*child, "style")).collect();
        let mut style = own;
        for child in nested.into_iter().rev() {
            style = style.or(self.of(child)?);
        }
        Ok(style.or(self.of(node)?))
    }
}

fn references<'a>(node: Node<'a, '_>) -> impl DoubleEndedIterator<Item = &'a str> {
    node.attribute("style").unwrap_or("").split_ascii_whitespace()
}

/// What lengths in other units than per cent are measured by.
struct Lengths {
    /// The extent of the document in pixels.
    pixels: Option<Point>,
    /// Columns and rows.
    cells: Point,
}

impl Lengths {
    fn read(root: Node) -> Lengths {
        let two = |text: &str, unit: &str| {
            let mut numbers = text
                .split_ascii_whitespace()
                .map(|word| Thousandths::parse(word.strip_suffix(unit)?).map(|n| n.0).filter(|n| *n > 0));
            Some((numbers.next()??, numbers.next()??))
        };
        let pixels = vocabulary(root, "styling", "extent").and_then(|text| two(text, "px"));
        let cells = vocabulary(root, "parameter", "cellResolution").and_then(|text| two(text, ""));
        Lengths { pixels, cells: cells.unwrap_or((32_000, 15_000)) }
    }

    fn style(&self, node: Node) -> Style {
        let get = |name| vocabulary(node, "styling", name);
        let yes = |name, word| get(name).map(|value| value == word);
        let extent = get("extent").and_then(|text| self.point(text));
        let origin = get("origin").and_then(|text| self.point(text));
        let origin = origin.or_else(|| get("position").and_then(|text| self.place(text, extent?)));
        Style {
            italic: get("fontStyle").map(|value| value != "normal"),
            bold: yes("fontWeight", "bold"),
            underline: get("textDecoration").and_then(underline),
            color: get("color").map(markup::color),
            align: get("textAlign").and_then(align),
            visible: get("visibility").map(|value| value != "hidden"),
            forced: yes("forcedDisplay", "true"),
            displayed: get("display").map(|value| value != "none"),
            opaque: get("opacity").map(|value| Thousandths::parse(value) != Some(Thousandths(0))),
            ruby: get("ruby").and_then(ruby),
            display_align: get("displayAlign").and_then(display_align),
            vertical: get("writingMode").map(vertical),
            origin,
            extent,
        }
    }

    fn point(&self, text: &str) -> Option<Point> {
        let mut words = text.split_ascii_whitespace();
        let across = self.length(words.next()?, |point| point.0)?;
        let down = self.length(words.next()?, |point| point.1)?;
        Some((across, down))
    }

    /// Thousandths of a per cent.
    fn length(&self, text: &str, axis: fn(Point) -> i64) -> Option<i64> {
        let unit = text.find(|c: char| c.is_ascii_alphabetic() || c == '%')?;
        let (number, unit) = text.split_at(unit);
        let number = Thousandths::parse(number)?.0;
        let share = |whole: i64| number.checked_mul(100_000).map(|part| part / whole);
        match unit {
            "%" | "rw" | "rh" | "vw" | "vh" => Some(number),
            "px" => share(axis(self.pixels?)),
            "c" => share(axis(self.cells)),
            _ => None,
        }
    }

    /// `tts:position` (TTML2 §10.2.31) in its forms of one or two words: where the free space
    /// goes. Longer forms are not kept.
    fn place(&self, text: &str, extent: Point) -> Option<Point> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let (across, down) = match words[..] {
            [one @ ("top" | "bottom")] => ("center", one),
            [one] => (one, "center"),
            [one @ ("top" | "bottom"), two] | [two, one @ ("top" | "bottom")] => (two, one),
            [one, two @ ("left" | "right")] => (two, one),
            [one, two] => (one, two),
            _ => return None,
        };
        let share = |word: &str| match word {
            "left" | "top" => Some(0),
            "center" => Some(50_000),
            "right" | "bottom" => Some(100_000),
            _ => Thousandths::percent(word).map(|percent| percent.0),
        };
        let free = |size: i64| (100_000 - size).max(0);
        let part = |word: &str, size: i64| Some(share(word)? * free(size) / 100_000);
        Some((part(across, extent.0)?, part(down, extent.1)?))
    }
}

fn underline(value: &str) -> Option<bool> {
    let last = value.split_ascii_whitespace().rev();
    last.filter_map(|word| match word {
        "underline" => Some(true),
        "none" | "noUnderline" => Some(false),
        _ => None,
    })
    .next()
}

fn align(value: &str) -> Option<&'static str> {
    ["start", "center", "end", "left", "right"].into_iter().find(|known| *known == value)
}

fn display_align(value: &str) -> Option<DisplayAlign> {
    match value {
        "before" => Some(DisplayAlign::Before),
        "center" => Some(DisplayAlign::Center),
        "after" => Some(DisplayAlign::After),
        _ => None,
    }
}

fn ruby(value: &str) -> Option<Ruby> {
    match value {
        "container" => Some(Ruby::Container),
        "base" => Some(Ruby::Base),
        "text" => Some(Ruby::Text),
        "baseContainer" | "textContainer" => Some(Ruby::Group),
        "delimiter" => Some(Ruby::Delimiter),
        _ => None,
    }
}

fn vertical(value: &str) -> Option<&'static str> {
    match value {
        "tbrl" | "tb" => Some("rl"),
        "tblr" => Some("lr"),
        _ => None,
    }
}
