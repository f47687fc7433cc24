//! From lines to avails: the lines of one licensor's ALID are one avail.

use std::collections::{BTreeMap, BTreeSet};

use policy::avail::identifier::{BadEidr, eidr, name};
use policy::avail::{Avail, AvailId, Dealing, MAX_NAMES, MAX_WINDOWS, Window};
use serde::Serialize;

use crate::column::Column;
use crate::finding::{Finding, Findings, Wrong, shown};
use crate::line::Line;
use crate::rating::{self, Rating};
use crate::volume::Volumes;
use crate::window;

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Import {
    /// `workbook`, or the version of the XML: `Avails 2.3`.
    pub form: String,
    /// Rows or transactions.
    pub lines: u32,
    /// Each stands in the place of what was known of it.
    pub entered: Vec<Avail>,
    pub removed: Vec<AvailId>,
    pub errors: u32,
    pub warnings: u32,
    /// The first of them, in the order in which they were found.
    pub findings: Vec<Finding>,
}

/// Avails while lines come.
pub(crate) struct Gather {
    dealing: Dealing,
    avails: BTreeMap<AvailId, Known>,
    volumes: Volumes,
    pub findings: Findings,
    pub lines: u32,
}

#[derive(Default)]
struct Known {
    /// Where the first line stands.
    place: String,
    deletes: bool,
    names: BTreeSet<String>,
    parents: BTreeSet<String>,
    bundle: BTreeSet<String>,
    windows: Vec<Window>,
}

/// Columns that name the work itself, and those that name what holds it.
const WHOLES: [(Column, Column); 3] = [
    (Column::VolumeContentId, Column::VolumeId),
    (Column::SeasonContentId, Column::SeasonId),
    (Column::SeriesContentId, Column::SeriesId),
];

impl Gather {
    pub fn new(dealing: Dealing) -> Gather {
        let findings = Findings::default();
        Gather { dealing, avails: BTreeMap::new(), volumes: Volumes::default(), findings, lines: 0 }
    }

    /// Takes a line in. What is wrong with it is told.
    pub fn take(&mut self, line: &Line) {
        self.lines += 1;
        let Some((id, deletes)) = self.header(line) else { return };
        let names = self.names(line);
        self.rated(line);
        self.volumes.see(line, &mut self.findings);
        let window = match deletes {
            true => None,
            false => window::window(line, &self.dealing, &mut self.findings),
        };
        let known = self.avails.entry(id.clone()).or_insert_with(|| Known {
            place: line.place.clone(),
            deletes,
            ..Known::default()
        });
        if known.deletes != deletes {
            let says = format!("{id} is deleted and extracted in one file; see {}", known.place);
            let remedy = "Leave one of the two out";
            self.findings.error(line.place_of(Column::EntryType), Wrong::new(says, remedy));
            return;
        }
        let Some((own, parents)) = names else { return };
        known.names.extend(own);
        known.parents.extend(parents);
        known.bundle.extend(line.each(Column::Bundled).map(|(alid, _)| alid.to_string()));
        known.windows.extend(window);
        let most = [known.names.len(), known.parents.len(), known.bundle.len()].into_iter().max();
        if known.windows.len() > MAX_WINDOWS || most > Some(MAX_NAMES) {
            let says = format!("{id} has more than {MAX_WINDOWS} windows or {MAX_NAMES} names");
            self.findings.error(&line.place, Wrong::new(says, "Split it into several ALIDs"));
            known.windows.truncate(MAX_WINDOWS);
            for set in [&mut known.names, &mut known.parents, &mut known.bundle] {
                while set.len() > MAX_NAMES {
                    set.pop_last();
                }
            }
        }
    }

    /// Which avail the line is about, and whether it takes it away.
    fn header(&mut self, line: &Line) -> Option<(AvailId, bool)> {
        let content = [Column::SeasonContentId, Column::ContentId].map(|column| line.text(column));
        let alid = match line.text(Column::Alid) {
            "" => content.into_iter().find(|id| !id.is_empty()).unwrap_or_default(),
            alid => alid,
        };
        if line.text(Column::Alid).is_empty() && !alid.is_empty() {
            let says = format!("no ALID; the avail is named by its work, {}", shown(alid));
            self.findings.warn(line.place_of(Column::Alid), Wrong::new(says, ""));
        }
        if alid.is_empty() || alid.len() > policy::avail::MAX_TEXT {
            let wrong = Wrong::new("no ALID of 1 to 300 bytes", "Write the licensor's name of the avail");
            self.findings.error(line.place_of(Column::Alid), wrong);
            return None;
        }
        let licensor = line.text(Column::Licensor);
        if licensor.len() > policy::avail::MAX_TEXT {
            self.findings
                .error(line.place_of(Column::Licensor), Wrong::new("a licensor of over 300 bytes", ""));
            return None;
        }
        let entry = line.text(Column::EntryType);
        let deletes = match entry.to_ascii_lowercase().as_str() {
            "full extract" | "full update" | "create" | "update" => false,
            "full delete" | "delete" => true,
            _ => {
                let says = format!("{} is not an entry; expected Full Extract or Full Delete", shown(entry));
                self.findings.error(line.place_of(Column::EntryType), Wrong::new(says, ""));
                return None;
            }
        };
        Some((AvailId::new(licensor, alid), deletes))
    }

    /// Names of the work and of what holds it; none where it has no name.
    fn names(&mut self, line: &Line) -> Option<(Vec<String>, Vec<String>)> {
        let kind = line.text(Column::WorkType).to_ascii_lowercase();
        let whole = WHOLES.iter().position(|(column, _)| {
            column.name().to_ascii_lowercase().strip_suffix("contentid").is_some_and(|of| of == kind)
        });
        let content = match whole {
            Some(at) => &[WHOLES[at].0, Column::ContentId, Column::EpisodeContentId][..],
            None => &[Column::EpisodeContentId, Column::ContentId],
        };
        let own = content.iter().find(|column| !line.text(**column).is_empty());
        let mut names: Vec<String> = own.map(|column| name(line.text(*column))).into_iter().collect();
        let eidrs = [Column::TitleId, Column::EditId, Column::EpisodeId, Column::EpisodeTitleId];
        names.extend(eidrs.into_iter().filter_map(|column| self.eidr(line, column)));
        if let Some(at) = whole {
            names.extend(self.eidr(line, WHOLES[at].1));
        }
        let mut parents = Vec::new();
        for (content, id) in &WHOLES[whole.map_or(0, |at| at + 1)..] {
            parents.extend(Some(name(line.text(*content))).filter(|text| !text.is_empty()));
            parents.extend(self.eidr(line, *id));
        }
        names.retain(|name| name.len() <= policy::avail::MAX_TEXT);
        parents.retain(|parent| !names.contains(parent) && parent.len() <= policy::avail::MAX_TEXT);
        if names.is_empty() {
            // A bundle often has no name but its ALID.
            names.push(line.text(Column::Alid).to_string());
        }
        let controlled = names.iter().chain(&parents).any(|name| name.chars().any(char::is_control));
        if controlled {
            self.findings.error(&line.place, Wrong::new("a name with control characters", ""));
            return None;
        }
        Some((names, parents))
    }

    /// The EIDR in a column. What is meant to be one and is not is told, and names nothing.
    fn eidr(&mut self, line: &Line, column: Column) -> Option<String> {
        let value = line.get(column).filter(|value| !value.text.is_empty())?;
        match eidr(&value.text)? {
            Ok(name) => Some(name),
            Err(bad) => {
                let says = match bad {
                    BadEidr::Form => "not an EIDR: 10.5240/ and five groups of four hexadecimal digits and a check character".to_string(),
                    BadEidr::Check(right) => format!("an EIDR whose check character should be {right}"),
                };
                let wrong =
                    Wrong::new(format!("{} is {says}", shown(&value.text)), "The work is not found by it");
                self.findings.warn(value, wrong);
                None
            }
        }
    }

    /// What a row of a workbook says about its rating.
    fn rated(&mut self, line: &Line) {
        let (system, value) = (line.text(Column::RatingSystem), line.text(Column::RatingValue));
        if system.is_empty() || value.is_empty() {
            return;
        }
        let reasons = line.each(Column::RatingReason).map(|(reason, _)| reason).collect();
        let (wrong, odd) = rating::check(&Rating { system, value, reasons, country: "" });
        let place = line.place_of(Column::RatingValue);
        wrong.into_iter().for_each(|wrong| self.findings.error(&place, wrong));
        odd.into_iter().for_each(|odd| self.findings.warn(&place, odd));
    }

    pub fn finish(mut self, form: String) -> Import {
        let (mut entered, mut removed) = (Vec::new(), Vec::new());
        for (id, known) in std::mem::take(&mut self.avails) {
            if known.deletes {
                removed.push(id);
                continue;
            }
            if known.windows.is_empty() {
                continue;
            }
            let avail = Avail {
                id,
                names: known.names.into_iter().collect(),
                parents: known.parents.into_iter().collect(),
                bundle: known.bundle.into_iter().collect(),
                windows: joined(known.windows),
            };
            match avail.check() {
                Ok(()) => entered.push(avail),
                Err(error) => self.findings.error(known.place, Wrong::from(error)),
            }
        }
        let Findings { kept, errors, warnings } = self.findings;
        Import { form, lines: self.lines, entered, removed, errors, warnings, findings: kept }
    }
}

/// Windows that differ in nothing but their territories, as one.
///
/// Contracts list a row for each territory; the state holds one window for all of them.
fn joined(windows: Vec<Window>) -> Vec<Window> {
    let mut at: std::collections::HashMap<Window, usize> = std::collections::HashMap::new();
    let mut joined: Vec<Window> = Vec::new();
    for window in windows {
        let anywhere = policy::avail::Territories::world([]);
        let terms = Window { territories: anywhere, place: String::new(), ..window.clone() };
        match at.get(&terms) {
            Some(at) => joined[*at].territories = joined[*at].territories.joined(&window.territories),
            None => {
                at.insert(terms, joined.len());
                joined.push(window);
            }
        }
    }
    joined
}
