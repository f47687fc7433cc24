//! Classification: marks, votes, labels, certificates, and the lists that authorities are sent.
//!
//! Invariants:
//! - What would not hold is not recorded: before the house decides a label it is asked what that label
//!   would come to under the rules of the day, and what refuses it is the answer.
//! - The same said again changes nothing.
//! - A label is about one composition. What the other compositions of the title changed is found from their
//!   lists and recorded beside it, so the rules can say whether the label holds for them too.

use std::collections::BTreeSet;
use std::sync::Arc;

use composition::Span;
use composition::position::parse_range;
use jiff::Timestamp;
use jiff::civil::Date;
use media::Digest;
use media::error::{Error, Result};
use policy::criteria::{Manner, Mark, Strength};
use policy::pack::Rules;
use policy::pack::duty::Kind;
use policy::rating::{
    Frames, Given, LabelDecided, LabelOfRegulator, LabelRevoked, LabelVoted, MarkId, Marked, ScenesMarked,
};
use policy::state::ratings::{Noted, Rated};
use policy::{Act, Decision, Sealed, Staff, Territory};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::decide::Proposal;
use crate::house::{House, Playable, Snapshot, WHOLE};
use crate::order::Letter;

mod changed;
pub mod door;
mod list;
mod show;
mod told;

pub use changed::remember;
pub use list::{Listing, Notifying, Sent, list, notify};
pub use show::{RatingView, Ratings, all, show};
pub use told::{print, print_all, print_history, print_list, print_sent};

/// Which composition a label is about.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RatingOn)]
pub struct On {
    #[schema(value_type = String)]
    pub territory: Territory,
    /// Name of the version, or the beginning of its composition's digest; the whole title when left out.
    #[serde(default)]
    pub version: Option<String>,
}

/// What can be said about the labels of a title.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Saying {
    /// What a scene shows, or the title as a whole.
    Mark {
        /// `FROM-TO` on the title, end-exclusive; the whole when left out.
        #[serde(default)]
        scene: Option<String>,
        descriptor: String,
        strength: Strength,
        #[serde(default)]
        manner: Vec<Manner>,
        /// Where it counts; everywhere when left out.
        #[serde(default)]
        territory: Option<Territory>,
        #[serde(default)]
        note: String,
    },
    /// A mark no longer counts.
    Unmark {
        mark: MarkId,
        #[serde(default)]
        reason: String,
    },
    Vote {
        on: On,
        label: String,
        #[serde(default)]
        descriptors: Vec<String>,
        #[serde(default)]
        reason: String,
    },
    /// The house's own label.
    Decide {
        on: On,
        /// The lowest that the marks allow, when left out.
        #[serde(default)]
        label: Option<String>,
        /// Those that drove the label, when left out.
        #[serde(default)]
        descriptors: Vec<String>,
        #[serde(default = "council")]
        how: String,
        /// Marks that this version does not show, besides those whose scene is cut.
        #[serde(default)]
        without: Vec<MarkId>,
        #[serde(default)]
        reason: String,
    },
    Regulator {
        on: On,
        label: String,
        #[serde(default)]
        descriptors: Vec<String>,
        authority: String,
        number: String,
        /// The first day on which it holds.
        #[serde(with = "day")]
        date: Date,
        #[serde(default)]
        letter: String,
    },
    Revoke {
        on: On,
        /// Of the regulator's certificate; the house's own label when left out.
        #[serde(default)]
        number: Option<String>,
        reason: String,
    },
}

fn council() -> String {
    "council".into()
}

/// A day as `2026-07-10`.
mod day {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(day: &Date, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(day)
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| D::Error::custom(format!("{text:?} is not a day such as 2026-07-10")))
    }
}

/// Says something about the labels of a title.
pub async fn say(house: &Arc<House>, title: &str, saying: Saying, by: &str) -> Result<RatingView> {
    let snapshot = house.snapshot();
    snapshot.title(title)?;
    let proposal = match saying {
        Saying::Mark { .. } => mark(house, &snapshot, title, saying)?,
        Saying::Unmark { mark, reason } => unmark(house, &snapshot, title, mark, &reason)?,
        Saying::Vote { on, label, descriptors, reason } => {
            let (rules, _) = known(house, &snapshot, title, &on)?;
            let given = given(&snapshot, title, &on, &rules, &label, descriptors)?;
            let (reason, documents) = sealed(house, &reason)?;
            proposal(Act::LabelVoted(LabelVoted { given, reason }), documents)
        }
        Saying::Decide { .. } => decide(house, &snapshot, title, saying, by)?,
        Saying::Regulator { on, label, descriptors, authority, number, date, letter } => {
            let (rules, work) = known(house, &snapshot, title, &on)?;
            let given = given(&snapshot, title, &on, &rules, &label, descriptors)?;
            let (letter, documents) = sealed(house, &letter)?;
            let label = LabelOfRegulator { given, work, authority, number, date, letter };
            proposal(Act::LabelOfRegulator(label), documents)
        }
        Saying::Revoke { on, number, reason } => {
            let (reason, document) = Letter { text: reason, file: None }.seal(house)?;
            let composition = composition(&snapshot, title, on.version.as_deref())?.digest;
            let (title, territory) = (title.to_string(), on.territory);
            let revoked = LabelRevoked { title, territory, composition, number, reason };
            proposal(Act::LabelRevoked(revoked), vec![document])
        }
    };
    house.decide(by, proposal).await?;
    remember(house, title).await?;
    show(house, title, None)
}

fn proposal(act: Act, documents: Vec<archive::Document>) -> Proposal {
    Proposal { act, documents, jobs: Vec::new() }
}

/// A commitment to what was written, where anything was.
fn sealed(house: &House, text: &str) -> Result<(Option<Sealed>, Vec<archive::Document>)> {
    if text.trim().is_empty() {
        return Ok((None, Vec::new()));
    }
    let (sealed, document) = Letter { text: text.into(), file: None }.seal(house)?;
    Ok((Some(sealed), vec![document]))
}

/// The rules of a territory at an instant, as the house reads them.
pub fn rules(house: &House, snapshot: &Snapshot, territory: Territory, at: Timestamp) -> Result<Rules> {
    let pack = house.packs.get(territory).ok_or_else(|| {
        Error::not_found(format!("there is no pack for {territory}"))
            .remedy("phim territory list shows the territories")
    })?;
    let positions = snapshot.state.dossier(territory).map_or(&[][..], |dossier| dossier.positions.as_slice());
    Ok(pack.at_with(pack.day(at), positions))
}

fn known(house: &House, snapshot: &Snapshot, title: &str, on: &On) -> Result<(Rules, Kind)> {
    let work = kind(&snapshot.title(title)?.row);
    Ok((rules(house, snapshot, on.territory, Timestamp::now())?, work))
}

fn kind(row: &archive::Title) -> Kind {
    match row.kind {
        archive::TitleKind::Film => Kind::Film,
        archive::TitleKind::Programme => Kind::Programme,
        archive::TitleKind::News => Kind::News,
    }
}

/// A version of a title by its name or the beginning of its digest.
pub fn composition(snapshot: &Snapshot, title: &str, version: Option<&str>) -> Result<Arc<Playable>> {
    let name = version.unwrap_or(WHOLE);
    if let Ok(version) = snapshot.version(title, name) {
        return Ok(version.plays.clone());
    }
    let fits = |digest: &Digest| name.len() >= 6 && digest.to_string().starts_with(name);
    let own = snapshot.all_versions_of(title).filter(|v| v.plays.burnt_from.is_none());
    let found: BTreeSet<Digest> = own.map(|v| v.row.composition).filter(fits).collect();
    match (found.len(), found.first().and_then(|digest| snapshot.compositions.get(digest))) {
        (1, Some(playable)) => Ok(playable.clone()),
        _ => Err(Error::not_found(format!("{title} has no version {name:?}"))
            .remedy(format!("phim version list --title {title} shows them"))),
    }
}

/// A label as the pack spells it, for one composition. Refuses what the pack does not know.
fn given(
    snapshot: &Snapshot,
    title: &str,
    on: &On,
    rules: &Rules,
    label: &str,
    descriptors: Vec<String>,
) -> Result<Given> {
    descriptors.iter().try_for_each(|code| rules.descriptor(code).map(|_| ()))?;
    Ok(Given {
        title: title.into(),
        territory: on.territory,
        composition: composition(snapshot, title, on.version.as_deref())?.digest,
        label: rules.label(label)?.code.clone(),
        descriptors,
    })
}

fn mark(house: &House, snapshot: &Snapshot, title: &str, saying: Saying) -> Result<Proposal> {
    let Saying::Mark { scene, descriptor, strength, manner, territory, note } = saying else {
        return Err(Error::internal("not a mark"));
    };
    let now = Timestamp::now();
    let codes = house.packs.iter().map(|pack| pack.territory);
    let somewhere: Vec<Rules> = codes
        .filter(|code| territory.is_none_or(|only| only == *code))
        .map(|code| rules(house, snapshot, code, now))
        .collect::<Result<_>>()?;
    if !somewhere.iter().any(|rules| rules.descriptor(&descriptor).is_ok()) {
        let known: BTreeSet<&str> =
            somewhere.iter().flat_map(|rules| rules.descriptors()).map(|(_, d)| d.code.as_str()).collect();
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Error::invalid(format!("no pack has a descriptor {descriptor:?}"))
            .remedy(format!("Use one of {known}")));
    }
    let row = &snapshot.title(title)?.row;
    let scene = scene.map(|text| {
        let (from, to) = parse_range(&text, row.rate, row.to - row.from).map_err(|e| e.at(text))?;
        Ok::<_, Error>(Frames { source: row.source, from: row.from + from, to: row.from + to })
    });
    let (note, documents) = sealed(house, &note)?;
    let mark = Mark { descriptor, strength, manner };
    let marked = Marked { scene: scene.transpose()?, mark, note };
    let act = ScenesMarked { title: title.into(), territory, marks: vec![marked] };
    Ok(proposal(Act::ScenesMarked(act), documents))
}

fn unmark(house: &House, snapshot: &Snapshot, title: &str, mark: MarkId, reason: &str) -> Result<Proposal> {
    let marks = snapshot.state.ratings().title(title).map_or(&[][..], |title| title.marks());
    let territory = marks.iter().rfind(|noted| noted.id == mark).and_then(|noted| noted.territory);
    let (reason, documents) = sealed(house, reason)?;
    Ok(proposal(Act::MarkWithdrawn { title: title.into(), territory, mark, reason }, documents))
}

fn decide(house: &House, snapshot: &Snapshot, title: &str, saying: Saying, by: &str) -> Result<Proposal> {
    let Saying::Decide { on, label, descriptors, how, without, reason } = saying else {
        return Err(Error::internal("not a label"));
    };
    let (rules, work) = known(house, snapshot, title, &on)?;
    let playable = composition(snapshot, title, on.version.as_deref())?;
    let (shows, unseen) = shown(snapshot, &playable, title);
    let without: BTreeSet<MarkId> = without.into_iter().chain(unseen).collect();
    let without: Vec<MarkId> = without.into_iter().collect();
    let ratings = snapshot.state.ratings();
    let lowest = ratings.lowest(&rules, title, &shows, &without);
    let drove = lowest.as_ref().map_or(Vec::new(), |(_, because)| {
        because.iter().map(|because| because.descriptor.clone()).collect()
    });
    let label = match label {
        Some(label) => label,
        None => lowest?.0,
    };
    let descriptors = if descriptors.is_empty() { drove } else { descriptors };
    let given = given(snapshot, title, &on, &rules, &label, descriptors)?;
    let (reason, documents) = sealed(house, &reason)?;
    let act = Act::LabelDecided(LabelDecided { given, work, how, without, shows, reason });
    would_hold(house, snapshot, &rules, act.clone(), title, &playable.digest, by)?;
    Ok(proposal(act, documents))
}

/// Other titles whose film a composition shows, and the marks whose scene it does not show.
fn shown(snapshot: &Snapshot, playable: &Playable, title: &str) -> (Vec<String>, Vec<MarkId>) {
    let others: BTreeSet<String> = playable.shows().filter(|id| *id != title).map(str::to_string).collect();
    let ratings = snapshot.state.ratings();
    let titles = std::iter::once(title).chain(others.iter().map(String::as_str));
    let marks = titles.filter_map(|id| ratings.title(id)).flat_map(|title| title.marks());
    let unseen = marks.filter(|noted| !is_seen(playable, noted)).map(|noted| noted.id.clone()).collect();
    (others.into_iter().collect(), unseen)
}

fn is_seen(playable: &Playable, noted: &Noted) -> bool {
    let Some(scene) = noted.marked.scene else { return true };
    playable.composition.spans().iter().any(|span| match span {
        Span::Film { source, from, to, .. } => {
            *source == scene.source && *from < scene.to && scene.from < *to
        }
        Span::Card { .. } => false,
    })
}

/// Fails when the label would not hold: nothing is recorded that the rules of today refuse.
fn would_hold(
    house: &House,
    snapshot: &Snapshot,
    rules: &Rules,
    act: Act,
    title: &str,
    composition: &Digest,
    by: &str,
) -> Result<()> {
    let mut state = snapshot.state.clone();
    state.apply(&Decision::new(Timestamp::now(), Staff::new(&house.keys.pseudonym(by))?, act))?;
    match state.ratings().standing(rules, title, composition) {
        Rated::Label(_) => Ok(()),
        Rated::Not(why) => {
            Err(Error::invalid(why.words().en).remedy("phim classify show says what is asked"))
        }
    }
}
