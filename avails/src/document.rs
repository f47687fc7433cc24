//! XML: lists of avails (MovieLabs Avails 2.2 to 2.7), and the common metadata in them.
//!
//! A media manifest is read for its common metadata alone: it holds no avails.

use media::{Error, Result};
use roxmltree::{Document, Node, ParsingOptions};

use crate::column::Column;
use crate::finding::{Findings, Wrong, shown};
use crate::gather::{Gather, Import};
use crate::line::{Line, MAX_VALUE, Place, Value};
use crate::rating::{self, Rating};
use crate::{MAX_LINES, Terms, language, too_large};

/// Elements and texts of a document at most.
const MAX_NODES: u32 = 8_000_000;
const AVAILS: &str = "http://www.movielabs.com/schema/avails/v";
const MANIFEST: &str = "http://www.movielabs.com/schema/manifest/v";

/// Elements of a transaction, and the column that means the same.
const IN_TRANSACTION: [(&str, Column); 15] = [
    ("LicenseType", Column::LicenseType),
    ("FormatProfile", Column::Format),
    ("Start", Column::Start),
    ("StartCondition", Column::Start),
    ("StartLag", Column::StartLag),
    ("End", Column::End),
    ("EndCondition", Column::End),
    ("EndLag", Column::EndLag),
    ("WindowDuration", Column::Duration),
    ("FixedEndDate", Column::FixedEnd),
    ("Exclusive", Column::Exclusive),
    ("AssetLanguage", Column::AssetLanguage),
    ("AllowedLanguage", Column::AllowedLanguage),
    ("HoldbackLanguage", Column::HeldBackLanguage),
    ("ContractID", Column::Contract),
];

/// Elements anywhere in an asset, and the column that means the same.
const IN_ASSET: [(&str, Column); 13] = [
    ("WorkType", Column::WorkType),
    ("VolumeContentID", Column::VolumeContentId),
    ("SeasonContentID", Column::SeasonContentId),
    ("SeriesContentID", Column::SeriesContentId),
    ("TitleEIDR-URN", Column::TitleId),
    ("EditEIDR-URN", Column::EditId),
    ("VolumeEIDR-URN", Column::VolumeId),
    ("SeasonEIDR-URN", Column::SeasonId),
    ("SeriesEIDR-URN", Column::SeriesId),
    ("BundledALID", Column::Bundled),
    ("VolumeFirstEpisodeNumber", Column::VolumeFirst),
    ("VolumeNumberOfEpisodes", Column::VolumeCount),
    ("EpisodeContentID", Column::EpisodeContentId),
];

/// Elements outside transactions whose text is a language.
const LANGUAGES: [&str; 6] = [
    "Language",
    "PrimarySpokenLanguage",
    "OriginalLanguage",
    "SubtitleLanguage",
    "ExcludedLanguage",
    "DubbedLanguage",
];

pub(crate) fn read(text: &str, terms: Terms) -> Result<Import> {
    // Without document type definitions there are no entities to multiply.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|e| {
        let at = e.pos();
        Error::invalid(format!("the XML cannot be read: {e}")).at(format!("line {}", at.row))
    })?;
    let root = document.root_element();
    let space = root.tag_name().namespace().unwrap_or_default();
    let mut gather = Gather::new(terms.dealing);
    let form = match root.tag_name().name() {
        "AvailList" if space.starts_with(AVAILS) => form(space)?,
        "MediaManifest" if space.starts_with(MANIFEST) => "media manifest".to_string(),
        other => {
            return Err(Error::unsupported(format!("{} is no list of avails", shown(other)))
                .at("line 1")
                .remedy("Give a MovieLabs AvailList, version 2.2 to 2.7"));
        }
    };
    let mut reader = Reading { lines: Lines::of(text), gather: &mut gather };
    reader.common(root);
    for avail in root.children().filter(|node| node.is_element() && node.tag_name().name() == "Avail") {
        reader.avail(avail, terms.progress)?;
    }
    Ok(gather.finish(form))
}

/// The version in a namespace, where Phim reads it.
fn form(space: &str) -> Result<String> {
    let version = space[AVAILS.len()..].split('/').next().unwrap_or_default();
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(2)), Some(Ok(2..=7))) => Ok(format!("Avails {version}")),
        _ => Err(Error::unsupported(format!("Avails {version}")).remedy("Phim reads Avails XML 2.2 to 2.7")),
    }
}

/// Where lines begin, so that a place is found without counting from the start each time.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(
            std::iter::once(0)
                .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(n, _)| n + 1))
                .collect(),
        )
    }
    fn at(&self, byte: usize) -> u32 {
        self.0.partition_point(|start| *start <= byte) as u32
    }
}

struct Reading<'a> {
    lines: Lines,
    gather: &'a mut Gather,
}

impl Reading<'_> {
    fn avail(&mut self, avail: Node, progress: &mut dyn FnMut(u32)) -> Result<()> {
        let mut head: Vec<Value> = Vec::new();
        let child = |name: &str| avail.children().find(|n| n.tag_name().name() == name);
        self.put(&mut head, Column::Alid, "ALID", child("ALID"));
        let inner = |outer: &str, name: &str| child(outer)?.children().find(|n| n.tag_name().name() == name);
        self.put(&mut head, Column::EntryType, "EntryType", inner("Disposition", "EntryType"));
        self.put(&mut head, Column::Licensor, "DisplayName", inner("Licensor", "DisplayName"));
        for asset in avail.children().filter(|n| n.tag_name().name() == "Asset") {
            self.asset(asset, &mut head);
        }
        let transactions = avail.children().filter(|n| n.tag_name().name() == "Transaction");
        let mut any = false;
        for transaction in transactions {
            any = true;
            let place = format!("line {}", self.line(transaction));
            let mut line = Line { place, values: head.clone() };
            self.transaction(transaction, &mut line);
            self.take(&line, progress)?;
        }
        if !any {
            // A deletion names the avail and nothing more.
            let place = format!("line {}", self.line(avail));
            self.take(&Line { place, values: head }, progress)?;
        }
        Ok(())
    }

    fn take(&mut self, line: &Line, progress: &mut dyn FnMut(u32)) -> Result<()> {
        self.gather.take(line);
        if self.gather.lines > MAX_LINES {
            return Err(too_large(format!("more than {MAX_LINES} transactions")));
        }
        if self.gather.lines.is_multiple_of(1_000) {
            progress(self.gather.lines);
        }
        Ok(())
    }

    fn asset(&mut self, asset: Node, head: &mut Vec<Value>) {
        if let Some(id) = asset.attribute("contentID").filter(|id| id.len() <= MAX_VALUE) {
            let place = Place::Element { line: self.line(asset), name: "contentID" };
            head.push(Value { column: Column::ContentId, text: id.trim().to_string(), place });
        }
        for node in asset.descendants().filter(Node::is_element) {
            let name = node.tag_name().name();
            if let Some((name, column)) = IN_ASSET.iter().find(|(known, _)| *known == name) {
                self.put(head, *column, name, Some(node));
            }
        }
    }

    fn transaction(&mut self, transaction: Node, line: &mut Line) {
        if let Some(id) = transaction.attribute("TransactionID").filter(|id| id.len() <= MAX_VALUE) {
            let place = Place::Element { line: self.line(transaction), name: "TransactionID" };
            line.values.push(Value { column: Column::Transaction, text: id.trim().to_string(), place });
        }
        for node in transaction.children().filter(Node::is_element) {
            let name = node.tag_name().name();
            let column = match name {
                "Territory" => Column::Territory,
                "TerritoryExcluded" => Column::Excluded,
                _ => {
                    if let Some((name, column)) = IN_TRANSACTION.iter().find(|(known, _)| *known == name) {
                        self.put(&mut line.values, *column, name, Some(node));
                        self.heard(node, line);
                    }
                    continue;
                }
            };
            for code in node.children().filter(Node::is_element) {
                self.put(&mut line.values, column, "Territory", Some(code));
            }
        }
    }

    /// A language says in an attribute whether it is meant as sound or text.
    fn heard(&self, node: Node, line: &mut Line) {
        let (Some(asset), Some(last)) = (node.attribute("asset"), line.values.last_mut()) else { return };
        if node.tag_name().name().ends_with("Language") {
            last.text = format!("{}:{asset}", last.text);
        }
    }

    fn put(&mut self, values: &mut Vec<Value>, column: Column, name: &'static str, node: Option<Node>) {
        let Some(node) = node else { return };
        let text = node.text().unwrap_or_default().trim();
        let value =
            Value { column, text: text.to_string(), place: Place::Element { line: self.line(node), name } };
        if text.len() > MAX_VALUE {
            let says = format!("a text of {} bytes; at most {MAX_VALUE}", text.len());
            self.gather.findings.error(&value, Wrong::new(says, "Shorten it"));
        } else if !text.is_empty() {
            values.push(value);
        }
    }

    fn line(&self, node: Node) -> u32 {
        self.lines.at(node.range().start)
    }

    /// Common metadata outside transactions: countries, languages, ratings, kinds of work.
    fn common(&mut self, root: Node) {
        let mut skip = 0..0;
        for node in root.descendants().filter(Node::is_element) {
            if skip.contains(&node.range().start) {
                continue;
            }
            let name = node.tag_name().name();
            let text = node.text().unwrap_or_default().trim();
            let line = self.line(node);
            let findings = &mut self.gather.findings;
            match name {
                // Read value by value, with the window.
                "Transaction" => skip = node.range(),
                "Rating" => rated(node, line, findings),
                "country" => country(text, line, findings),
                "WorkType" => work(text, line, findings),
                _ if LANGUAGES.contains(&name) => tagged(text, line, name, findings),
                _ => {}
            }
            for attribute in node.attributes().filter(|a| matches!(a.name(), "audioLanguage" | "language")) {
                tagged(attribute.value(), line, attribute.name(), findings);
            }
        }
    }
}

fn country(text: &str, line: u32, findings: &mut Findings) {
    if text != "ZZ"
        && let Err(error) = policy::Territory::parse(text)
    {
        findings.error(format!("line {line}, country"), Wrong::from(error));
    }
}

fn tagged(text: &str, line: u32, name: &str, findings: &mut Findings) {
    if let Err(wrong) = language::tagged(text) {
        findings.error(format!("line {line}, {name}"), wrong);
    }
}

/// Kinds of work begin with a capital.
fn work(text: &str, line: u32, findings: &mut Findings) {
    if !text.starts_with(|c: char| c.is_ascii_uppercase()) {
        let says = format!("{} is not a kind of work", shown(text));
        findings.error(format!("line {line}, WorkType"), Wrong::new(says, "Write Movie, Episode, Season…"));
    }
}

fn rated(node: Node, line: u32, findings: &mut Findings) {
    let of = |name: &'static str| {
        node.descendants()
            .filter(move |n| n.tag_name().name() == name)
            .filter_map(|n| n.text())
            .map(str::trim)
    };
    let first = |name| of(name).next().unwrap_or_default();
    let place = format!("line {line}, Rating");
    let region = if first("country").is_empty() { first("countryRegion") } else { first("country") };
    let rating = Rating {
        system: first("System"),
        value: first("Value"),
        reasons: of("Reason").collect(),
        country: region,
    };
    let (wrong, odd) = rating::check(&rating);
    wrong.into_iter().for_each(|wrong| findings.error(&place, wrong));
    odd.into_iter().for_each(|odd| findings.warn(&place, odd));
}
