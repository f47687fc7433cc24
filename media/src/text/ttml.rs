//! TTML: the text profiles of IMSC 1.1 (W3C), and the TTML1 and DFXP that the field still holds.
//!
//! Kept: all timing (`par` and `seq`, `begin`, `end`, `dur`, on regions, `div`, `p`, `span` and
//! `set`), line breaks, white space, italic, bold, underline, the colours that WebVTT knows, ruby,
//! forced display, and what is not shown (`display`, `visibility`, an opacity of 0). A region's
//! place and alignment become the WebVTT settings nearest to it; text that names no region goes
//! to the bottom centre.
//! Refused by name: pictures as subtitles, wall clocks, the discontinuous time base, entities and
//! document types.

mod clock;
mod paragraph;
mod style;
mod timing;

use std::collections::HashMap;

use roxmltree::{Document, Node, ParsingOptions};

use super::{Cue, MAX_CUES};
use crate::error::{Error, Result};
use clock::Clock;
use style::Styles;
use timing::{Timed, Timer};

/// Reads a TTML document in UTF-8, or UTF-16 with a byte order mark.
pub fn read_ttml(bytes: &[u8]) -> Result<Vec<Cue>> {
    let text = super::decode(bytes)?;
    let text = text.trim_start();
    refuse_hostile(text)?;
    let document = parse(text)?;
    let mut cues = Vec::new();
    if let Some(scene) = Scene::read(&document)? {
        paragraph::show(&scene, &mut cues)?;
    }
    if cues.len() > MAX_CUES {
        return Err(Error::unsupported(format!("more than {MAX_CUES} cues")));
    }
    cues.sort_by_key(|cue| cue.start);
    Ok(cues)
}

/// A document with all of its times and styles resolved.
struct Scene<'a> {
    regions: HashMap<&'a str, Timed<'a>>,
    body: Timed<'a>,
}

impl<'a> Scene<'a> {
    /// `None` where there is no body, which shows nothing.
    fn read(document: &'a Document<'a>) -> Result<Option<Scene<'a>>> {
        let root = document.root_element();
        if !is_ttml(root, "tt") {
            return Err(at(root, Error::unsupported("the document is not TTML")));
        }
        let clock = Clock::read(root)?;
        let styles = Styles::read(root)?;
        let timer = Timer { clock: &clock, styles: &styles };
        let mut regions = HashMap::new();
        for node in root.descendants().filter(|node| is_ttml(*node, "region")) {
            if let Some(id) = style::xml_id(node) {
                regions.insert(id, timer.region(node)?);
            }
        }
        let body = root.children().find(|node| is_ttml(*node, "body"));
        let body = body.map(|node| timer.body(node)).transpose()?;
        Ok(body.map(|body| Scene { regions, body }))
    }
}

const NAMESPACES: [&str; 3] =
    ["http://www.w3.org/ns/ttml", "http://www.w3.org/2006/10/ttaf1", "http://www.w3.org/2006/04/ttaf1"];

fn is_ttml(node: Node, name: &str) -> bool {
    let tag = node.tag_name();
    node.is_element()
        && tag.name() == name
        && tag.namespace().is_some_and(|namespace| NAMESPACES.contains(&namespace))
}

/// The attribute `name` of one of TTML's own vocabularies: `parameter`, `styling` (`style` in
/// drafts). IMSC's extensions to styling count as styling.
fn vocabulary<'a>(node: Node<'a, '_>, vocabulary: &str, name: &str) -> Option<&'a str> {
    let fits = |namespace: &str| {
        namespace.split_once('#').is_some_and(|(base, found)| {
            let extension = base == "http://www.w3.org/ns/ttml/profile/imsc1";
            (NAMESPACES.contains(&base) || extension)
                && (found == vocabulary || vocabulary == "styling" && found == "style")
        })
    };
    let found = node
        .attributes()
        .find(|attribute| attribute.name() == name && attribute.namespace().is_some_and(fits));
    found.map(|attribute| attribute.value().trim())
}

/// Adds the line of a node to an error.
fn at(node: Node, error: Error) -> Error {
    let row = node.document().text_pos_at(node.range().start).row;
    error.at(format!("line {row}"))
}

fn parse(text: &str) -> Result<Document<'_>> {
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        let row = error.pos().row;
        let message = match error {
            roxmltree::Error::DtdDetected => "a document type is not read".to_owned(),
            other => format!("not well-formed XML: {other}"),
        };
        Error::invalid(message).at(format!("line {row}"))
    })
}

/// The most elements and texts of one document.
const MAX_NODES: u32 = 2_000_000;
/// The deepest nesting, far above any real document and below what a stack holds.
const MAX_DEPTH: usize = 64;
/// The most attributes of a tag: the XML reader compares them with each other.
const MAX_ATTRIBUTES: usize = 100;
/// The most declarations of namespaces: the XML reader copies those in scope at each of them.
const MAX_NAMESPACES: usize = 1_000;

/// Refuses what would make the XML reader slow: deep nesting, many attributes, many namespaces.
fn refuse_hostile(text: &str) -> Result<()> {
    if text.matches("xmlns").nth(MAX_NAMESPACES).is_some() {
        return Err(Error::invalid(format!("more than {MAX_NAMESPACES} namespaces")));
    }
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        rest = &rest[open + 1..];
        let Some(skipped) = skip(rest) else { return Ok(()) };
        let tag = &rest[..skipped];
        let markup = tag.starts_with('!') || tag.starts_with('?');
        if !markup && tag.matches('=').nth(MAX_ATTRIBUTES).is_some() {
            return Err(Error::invalid(format!("a tag of more than {MAX_ATTRIBUTES} attributes")));
        }
        match tag {
            _ if markup || tag.ends_with('/') => {}
            _ if tag.starts_with('/') => depth = depth.saturating_sub(1),
            _ => depth += 1,
        }
        if depth > MAX_DEPTH {
            return Err(Error::invalid(format!("elements nested more than {MAX_DEPTH} deep")));
        }
        rest = &rest[skipped..];
    }
    Ok(())
}

/// The length of the tag, comment or the like whose `<` was read; `None` where it does not end.
fn skip(rest: &str) -> Option<usize> {
    if rest.starts_with("!--") {
        return rest.find("-->").map(|end| end + 2);
    }
    if rest.starts_with("![CDATA[") {
        return rest.find("]]>").map(|end| end + 2);
    }
    let mut quote = None;
    rest.bytes().position(|byte| match (quote, byte) {
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), _) if open == byte => {
            quote = None;
            false
        }
        (None, b'>') => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests;
