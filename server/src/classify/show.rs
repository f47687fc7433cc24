//! What is known of the labels of titles, for people: what holds, why, and how it came about.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use media::error::{Error, Result};
use policy::Territory;
use policy::label::Admits;
use policy::pack::Rules;
use policy::state::ratings::{self as state, By, Entry, Labelled, Noted, Rated, What};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{kind, rules, shown};
use crate::browse::float;
use crate::house::{House, Snapshot, Version};

/// Every title, with what holds for the whole of it in each territory.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Ratings {
    pub titles: Vec<TitleLine>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = RatingLine)]
pub struct TitleLine {
    pub title: String,
    pub names: BTreeMap<String, String>,
    pub territories: Vec<Holds>,
}

/// What holds for one composition in one territory.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = RatingHolds)]
pub struct Holds {
    pub territory: String,
    /// The label that holds; none: `why` says what is missing.
    pub label: Option<String>,
    /// What the label is called, by language.
    pub name: BTreeMap<String, String>,
    /// It admits no one.
    pub banned: bool,
    pub descriptors: Vec<String>,
    /// What is missing, by language.
    pub why: BTreeMap<String, String>,
    /// Who must still be told.
    pub untold: Vec<Untold>,
    /// The regulator's certificate; none: the house gave it.
    pub certificate: Option<String>,
    /// What the house needs for its own label to count: the name of a licence.
    pub grant: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// It was given to a composition that this one was made from.
    pub carried: bool,
    /// What the marks ask for.
    pub because: Vec<Because>,
}

/// Somebody whom the pack wants told.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = RatingUntold)]
pub struct Untold {
    pub rule: String,
    pub to: String,
    pub before_first_play: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
}

/// What a descriptor asks for, the mark that does, and the rule that says so.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = RatingReason)]
pub struct Because {
    pub descriptor: String,
    pub label: String,
    pub mark: String,
    pub rule: String,
}

/// Everything about the labels of one title.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RatingView {
    pub title: String,
    pub names: BTreeMap<String, String>,
    /// `film`, `programme` or `news`.
    pub kind: String,
    pub marks: Vec<MarkView>,
    pub territories: Vec<TerritoryRating>,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct MarkView {
    pub mark: String,
    pub descriptor: String,
    pub strength: String,
    pub manner: Vec<String>,
    /// Seconds on the title; none: of the whole.
    pub from: Option<f64>,
    pub to: Option<f64>,
    /// Where it counts; none: everywhere.
    pub territory: Option<String>,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub withdrawn: bool,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct TerritoryRating {
    pub territory: String,
    pub labels: Vec<Choice>,
    /// Descriptors that the pack knows.
    pub descriptors: Vec<Choice>,
    /// How the house may decide; empty: the pack does not say.
    pub how: Vec<String>,
    /// Whether the pack lets the house rate this kind of work.
    pub self_rating: bool,
    /// Who rates what the house may not.
    pub otherwise: Option<String>,
    pub versions: Vec<VersionRating>,
    pub history: Vec<Happened>,
}

/// Something to choose from.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = RatingChoice)]
pub struct Choice {
    pub code: String,
    pub names: BTreeMap<String, String>,
    pub banned: bool,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct VersionRating {
    pub version: String,
    pub composition: String,
    pub holds: Holds,
    /// The lowest label that the marks allow; none: a person decides.
    pub lowest: Option<String>,
    pub because: Vec<Because>,
    pub votes: Vec<Voted>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = RatingVote)]
pub struct Voted {
    pub by: String,
    pub label: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// One thing that was said, in the order in which it was.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = RatingEntry)]
pub struct Happened {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub by: String,
    /// `vote`, `own`, `regulator`, `revoked` or `told`.
    pub kind: String,
    pub composition: String,
    pub label: Option<String>,
    /// Of a certificate, or of a receipt.
    pub number: Option<String>,
    /// Who was told, or who gave it.
    pub authority: Option<String>,
}

/// Every title and what holds for it.
pub fn all(house: &House) -> Result<Ratings> {
    let snapshot = house.snapshot();
    let packs = rated_in(house, &snapshot)?;
    let line = |(id, title): (&String, &std::sync::Arc<crate::house::Title>)| {
        let whole = snapshot.version(id, crate::house::WHOLE)?;
        let territories = packs.iter().map(|rules| holds(&snapshot, rules, whole)).collect();
        Ok(TitleLine { title: id.clone(), names: title.row.names.clone(), territories })
    };
    Ok(Ratings { titles: snapshot.titles.iter().map(line).collect::<Result<_>>()? })
}

/// The rules of every territory that has labels.
fn rated_in(house: &House, snapshot: &Snapshot) -> Result<Vec<Rules>> {
    let now = Timestamp::now();
    let all = house.packs.iter().map(|pack| rules(house, snapshot, pack.territory, now));
    Ok(all.collect::<Result<Vec<_>>>()?.into_iter().filter(|rules| rules.labels().next().is_some()).collect())
}

/// Everything about the labels of one title; of one territory, or of all that have labels.
pub fn show(house: &House, title: &str, territory: Option<Territory>) -> Result<RatingView> {
    let snapshot = house.snapshot();
    let row = &snapshot.title(title)?.row;
    let mut packs = rated_in(house, &snapshot)?;
    packs.retain(|rules| territory.is_none_or(|only| only == rules.territory));
    if packs.is_empty() {
        return Err(Error::not_found("there is no pack with labels for that territory")
            .remedy("phim territory list shows the territories"));
    }
    let marks = snapshot.state.ratings().title(title).map_or(&[][..], |title| title.marks());
    Ok(RatingView {
        title: title.into(),
        names: row.names.clone(),
        kind: word(kind(row)),
        marks: marks.iter().map(|noted| mark_view(row, noted)).collect(),
        territories: packs
            .iter()
            .map(|rules| territory_view(&snapshot, rules, title))
            .collect::<Result<_>>()?,
    })
}

/// The word that stands for a value in records.
fn word(value: impl Serialize) -> String {
    match json!(value) {
        Value::String(word) => word,
        _ => String::new(),
    }
}

fn mark_view(row: &archive::Title, noted: &Noted) -> MarkView {
    let seconds = |frame: u32| float(row.rate.seconds(i64::from(frame) - i64::from(row.from)));
    let scene = noted.marked.scene;
    MarkView {
        mark: noted.id.to_string(),
        descriptor: noted.marked.mark.descriptor.clone(),
        strength: word(noted.marked.mark.strength),
        manner: noted.marked.mark.manner.iter().map(word).collect(),
        from: scene.map(|scene| seconds(scene.from)),
        to: scene.map(|scene| seconds(scene.to)),
        territory: noted.territory.map(|territory| territory.to_string()),
        by: noted.by.id().into(),
        at: noted.at,
        withdrawn: noted.withdrawn.is_some(),
    }
}

fn territory_view(snapshot: &Snapshot, rules: &Rules, title: &str) -> Result<TerritoryRating> {
    let own = rules.self_rating(kind(&snapshot.title(title)?.row)).map(|(_, own)| own);
    let labels = rules.labels().map(|(_, label)| Choice {
        code: label.code.clone(),
        names: label.names.clone(),
        banned: label.admits == Admits::NoOne,
    });
    let descriptors = rules.descriptors().map(|(_, descriptor)| Choice {
        code: descriptor.code.clone(),
        names: descriptor.names.clone(),
        banned: false,
    });
    let history = snapshot.state.ratings().entries(title, rules.territory);
    // What people made comes first: the whole stands for its title.
    let by_orders = |version: &&Arc<Version>| crate::obey::made_from(&version.row.name).is_some();
    let versions = snapshot.versions_of(title).chain(snapshot.all_versions_of(title).filter(by_orders));
    Ok(TerritoryRating {
        territory: rules.territory.to_string(),
        labels: labels.collect(),
        descriptors: descriptors.collect(),
        how: own.map_or(Vec::new(), |own| own.how.clone()),
        self_rating: own.is_some(),
        otherwise: own.map(|own| own.otherwise.clone()),
        versions: versions.map(|v| version_view(snapshot, rules, v)).collect(),
        history: history.iter().map(|entry| happened(entry)).collect(),
    })
}

fn version_view(snapshot: &Snapshot, rules: &Rules, version: &Version) -> VersionRating {
    let (title, composition) = (&version.row.title, version.row.composition);
    let ratings = snapshot.state.ratings();
    let (shows, unseen) = shown(snapshot, &version.plays, title);
    let lowest = ratings.lowest(rules, title, &shows, &unseen).ok();
    let voted = ratings.votes(title, rules.territory, &composition).into_iter().filter_map(|entry| {
        let What::Vote { label, .. } = &entry.what else { return None };
        Some(Voted { by: entry.by.id().into(), label: label.clone(), at: entry.at })
    });
    VersionRating {
        version: super::list::named(&version.row),
        composition: composition.to_string(),
        holds: holds(snapshot, rules, version),
        votes: voted.collect(),
        because: lowest.iter().flat_map(|(_, reasons)| reasons).map(because).collect(),
        lowest: lowest.map(|(label, _)| label),
    }
}

fn holds(snapshot: &Snapshot, rules: &Rules, version: &Version) -> Holds {
    let composition = version.row.composition;
    match snapshot.state.ratings().standing(rules, &version.row.title, &composition) {
        Rated::Label(labelled) => labelled_view(rules, &labelled, labelled.composition != composition),
        Rated::Not(why) => {
            let words = why.words();
            let why = [("vi", words.vi), ("ko", words.ko), ("en", words.en)];
            Holds {
                territory: rules.territory.to_string(),
                label: None,
                name: BTreeMap::new(),
                banned: false,
                descriptors: Vec::new(),
                why: why.map(|(tag, text)| (tag.to_string(), text)).into(),
                untold: Vec::new(),
                certificate: None,
                grant: None,
                since: None,
                carried: false,
                because: Vec::new(),
            }
        }
    }
}

fn labelled_view(rules: &Rules, labelled: &Labelled, carried: bool) -> Holds {
    let (certificate, grant) = match &labelled.by {
        By::House { grant, .. } => (None, *grant),
        By::Regulator { number, .. } => (Some(number.to_string()), None),
    };
    Holds {
        territory: rules.territory.to_string(),
        label: Some(labelled.label.code.clone()),
        name: labelled.label.names.clone(),
        banned: labelled.label.admits == Admits::NoOne,
        descriptors: labelled.descriptors.to_vec(),
        why: BTreeMap::new(),
        untold: labelled.untold.iter().map(untold).collect(),
        certificate,
        grant: grant.map(str::to_string),
        since: Some(labelled.since),
        carried,
        because: labelled.because.iter().map(because).collect(),
    }
}

fn untold(untold: &state::Untold) -> Untold {
    let state::Untold { rule, to, before_first_play, due } = untold.clone();
    Untold { rule, to, before_first_play, due }
}

fn because(reason: &state::Reason) -> Because {
    let state::Reason { descriptor, label, mark, rule, .. } = reason.clone();
    Because { descriptor, label, mark: mark.to_string(), rule }
}

fn happened(entry: &Entry) -> Happened {
    let (kind, label, number, authority) = match &entry.what {
        What::Vote { label, .. } => ("vote", Some(label), None, None),
        What::Own(own) => ("own", Some(&own.label), None, Some(&own.how)),
        What::Regulator(given) => {
            ("regulator", Some(&given.label), Some(&given.number), Some(&given.authority))
        }
        What::Revoked { number, .. } => ("revoked", None, number.as_ref(), None),
        What::Told { to, label, receipt, .. } => ("told", Some(label), receipt.as_ref(), Some(to)),
    };
    Happened {
        at: entry.at,
        by: entry.by.id().into(),
        kind: kind.into(),
        composition: entry.composition.to_string(),
        label: label.cloned(),
        number: number.cloned(),
        authority: authority.cloned(),
    }
}
