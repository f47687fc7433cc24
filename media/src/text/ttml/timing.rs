//! Active intervals of elements (TTML2 §12.4, which rests on SMIL 3.0).
//!
//! Every element runs from its begin to its end, both on the document's timeline. A child in a
//! `par` counts from the begin of its parent, a child in a `seq` from the end of the child before.
//! What has no end of its own ends with the last of its children; text and `br` never end in a
//! `par`, and take no time in a `seq`. The intervals here are those that the attributes give: an
//! element shows only while all of its parents do, which is for the reader of the tree to see to.

use num_rational::Ratio;
use roxmltree::Node;

use super::clock::Clock;
use super::style::{Style, Styles};
use super::{MAX_DEPTH, NAMESPACES, at, is_ttml};
use crate::error::{Error, Result};
use crate::text::{MAX_SECONDS, rounded};
use crate::time::Seconds;

/// An element, or a text, with its times.
pub(super) struct Timed<'a> {
    pub what: What<'a>,
    pub begin: Seconds,
    /// `None`: it never ends.
    pub end: Option<Seconds>,
    pub style: Style,
    /// The region it names.
    pub region: Option<&'a str>,
    /// Whether white space in it stands as it is.
    pub preserve: bool,
    /// Changes of style for a time, in the order of the document.
    pub sets: Vec<Set>,
    pub children: Vec<Timed<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What<'a> {
    /// `body`, `div` and regions.
    Block,
    Paragraph,
    Span,
    Break,
    Text(&'a str),
}

pub(super) struct Set {
    pub begin: Seconds,
    pub end: Option<Seconds>,
    pub style: Style,
}

impl Timed<'_> {
    pub fn active_at(&self, at: Seconds) -> bool {
        self.begin <= at && self.end.is_none_or(|end| at < end)
    }

    /// The style of its own at an instant.
    pub fn style_at(&self, at: Seconds) -> Style {
        let active = |set: &&Set| set.begin <= at && set.end.is_none_or(|end| at < end);
        self.sets.iter().filter(active).fold(self.style, |style, set| set.style.or(style))
    }
}

pub(super) struct Timer<'a> {
    pub clock: &'a Clock,
    pub styles: &'a Styles<'a>,
}

/// What a child takes from its parent.
#[derive(Clone, Copy)]
struct Context {
    /// From where the child's times count.
    from: Seconds,
    in_seq: bool,
    preserve: bool,
    depth: usize,
}

/// The times that an element's attributes give.
struct Attributes {
    begin: Seconds,
    end: Option<Seconds>,
    duration: Option<Seconds>,
}

impl Attributes {
    /// The earlier of what `end` and `dur` give; without both, the `implicit` end.
    fn end_after(&self, from: Seconds, begin: Seconds, implicit: Option<Seconds>) -> Option<Seconds> {
        let by_end = self.end.map(|end| add(from, end));
        let by_duration = self.duration.map(|length| add(begin, length));
        match (by_end, by_duration) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (None, None) => implicit,
            (one, other) => one.or(other),
        }
    }
}

impl Timer<'_> {
    pub fn body<'d>(&self, node: Node<'d, 'd>) -> Result<Timed<'d>> {
        let preserve = preserves(node.parent_element()).unwrap_or(false);
        let context = Context { from: Seconds::ZERO, in_seq: false, preserve, depth: 0 };
        self.element(node, What::Block, context)
    }

    /// A region: its own times, and the changes of its style. By default it is always there.
    pub fn region<'d>(&self, node: Node<'d, 'd>) -> Result<Timed<'d>> {
        let mut region = self.body(node)?;
        let given = self.attributes(node)?;
        region.end = given.end_after(Seconds::ZERO, region.begin, None);
        region.style = self.styles.of_region(node)?;
        Ok(region)
    }

    fn element<'d>(&self, node: Node<'d, 'd>, what: What<'d>, context: Context) -> Result<Timed<'d>> {
        if context.depth > MAX_DEPTH {
            let message = format!("elements nested more than {MAX_DEPTH} deep");
            return Err(at(node, Error::invalid(message)));
        }
        let given = self.attributes(node)?;
        let begin = add(context.from, given.begin);
        let mut timed = Timed {
            what,
            begin,
            end: None,
            style: self.styles.of(node)?,
            region: node.attribute("region"),
            preserve: preserves(Some(node)).unwrap_or(context.preserve),
            sets: Vec::new(),
            children: Vec::new(),
        };
        let implicit = match what {
            What::Break => context.in_seq.then_some(begin),
            _ => self.contents(node, &mut timed, context.depth)?,
        };
        timed.end = given.end_after(context.from, begin, implicit);
        Ok(timed)
    }

    /// Resolves what is in an element. The end that follows for it from its children.
    fn contents<'d>(
        &self,
        node: Node<'d, 'd>,
        timed: &mut Timed<'d>,
        depth: usize,
    ) -> Result<Option<Seconds>> {
        let in_seq = node.attribute("timeContainer") == Some("seq");
        let mut end = Some(timed.begin);
        for child in node.children() {
            // In a sequence nothing follows what never ends.
            let Some(last) = end.filter(|_| in_seq).or((!in_seq).then_some(timed.begin)) else {
                break;
            };
            let context = Context { from: last, in_seq, preserve: timed.preserve, depth: depth + 1 };
            let Some(child_end) = self.child(child, timed, context)? else { continue };
            end = match (end, child_end) {
                (Some(end), Some(child_end)) if !in_seq => Some(end.max(child_end)),
                (None, _) => None,
                (_, child_end) => child_end,
            };
        }
        Ok(end)
    }

    /// Adds one child, if it takes part in timing; its end.
    fn child<'d>(
        &self,
        node: Node<'d, 'd>,
        parent: &mut Timed<'d>,
        context: Context,
    ) -> Result<Option<Option<Seconds>>> {
        if node.is_text() {
            let inline = matches!(parent.what, What::Paragraph | What::Span);
            return Ok(inline.then(|| text(node, parent, context)));
        }
        if is_ttml(node, "set") {
            let set = self.set(node, context)?;
            let end = set.end;
            parent.sets.push(set);
            return Ok(Some(end));
        }
        let Some(what) = content(node)? else { return Ok(None) };
        let child = self.element(node, what, context)?;
        let end = child.end;
        parent.children.push(child);
        Ok(Some(end))
    }

    fn set(&self, node: Node, context: Context) -> Result<Set> {
        let given = self.attributes(node)?;
        let begin = add(context.from, given.begin);
        let implicit = context.in_seq.then_some(begin);
        let end = given.end_after(context.from, begin, implicit);
        Ok(Set { begin, end, style: self.styles.of(node)? })
    }

    fn attributes(&self, node: Node) -> Result<Attributes> {
        let time = |name: &str| match node.attribute(name) {
            Some(text) => self.clock.parse(text.trim()).map(Some).ok_or_else(|| {
                let shown: String = text.chars().take(40).collect();
                let wrong = format!("{name}={shown:?} is not a time, or beyond 1,000 hours");
                at(node, Error::invalid(wrong).remedy("Write e.g. `00:01:02.500` or `62.5s`"))
            }),
            None => Ok(None),
        };
        let begin = time("begin")?.unwrap_or(Seconds::ZERO);
        Ok(Attributes { begin, end: time("end")?, duration: time("dur")? })
    }
}

/// The sum, held below twice the limit of a cue: what begins there is never shown.
fn add(one: Seconds, other: Seconds) -> Seconds {
    let wide = |at: Seconds| Ratio::<i128>::new((*at.numer()).into(), (*at.denom()).into());
    rounded(wide(one) + wide(other)).min(Seconds::from_integer(2 * MAX_SECONDS))
}

/// Text makes an anonymous span. The end of it.
fn text<'d>(node: Node<'d, 'd>, parent: &mut Timed<'d>, context: Context) -> Option<Seconds> {
    let end = context.in_seq.then_some(context.from);
    parent.children.push(Timed {
        what: What::Text(node.text().unwrap_or("")),
        begin: context.from,
        end,
        style: Style::default(),
        region: None,
        preserve: parent.preserve,
        sets: Vec::new(),
        children: Vec::new(),
    });
    end
}

fn preserves(node: Option<Node>) -> Option<bool> {
    let space = node?.attribute((roxmltree::NS_XML_URI, "space"))?;
    Some(space == "preserve")
}

/// What kind of content an element is, if it is content that Phim shows.
fn content<'d>(node: Node<'d, 'd>) -> Result<Option<What<'d>>> {
    let ours = node.tag_name().namespace().is_some_and(|found| NAMESPACES.contains(&found));
    let picture = node.attributes().any(|attribute| attribute.name() == "backgroundImage");
    match node.tag_name().name() {
        "div" if picture => Err(at(node, pictures())),
        "image" if ours => Err(at(node, pictures())),
        "div" if ours => Ok(Some(What::Block)),
        "p" if ours => Ok(Some(What::Paragraph)),
        "span" if ours => Ok(Some(What::Span)),
        "br" if ours => Ok(Some(What::Break)),
        _ => Ok(None),
    }
}

fn pictures() -> Error {
    Error::unsupported("subtitles that are pictures").remedy("Ask for the document in a text profile")
}
