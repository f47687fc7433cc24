//! Two countries in which the sample films play: what is entered so that each opens, windows, labels.

use std::sync::Arc;

use jiff::Timestamp;
use media::Digest;
use media::error::{Error, Result};
use policy::Territory;
use policy::avail::{Dealing, MayEdit};
use policy::criteria::Strength;
use policy::pack::Pack;
use policy::pack::duty::{Evidence, Kind};
use policy::readiness::Area;
use policy::state::Stands;
use policy::state::ratings::Rated;

use super::BY;
use super::films::PREMIERE;
use crate::classify::{self, Notifying, On, Saying};
use crate::house::{House, WHOLE, blocking};
use crate::order::Letter;
use crate::readiness::{self, Asked, What};
use crate::window::{self, consent::Form};

const COUNTRIES: [&str; 2] = ["VN", "KR"];
/// A scene that is marked, so that its film is for children in company only, and for everybody without it.
const MARKED: (&str, &str, &str, Strength) = ("bunny", "3-5", "violence", Strength::Mild);
/// Labels that are stricter than what the marks ask for, with their reason: version, territory.
const STRICTER: [(&str, &str, &str, &str, &str); 2] =
    [("sintel", "rating-card", "VN", "T13", "violence"), ("sintel", "rating-card", "KR", "12", "violence")];
/// What a film gets in a territory whose criteria the pack does not know.
const FOR_ALL: &str = "ALL";
const TITLES: [&str; 3] = ["sintel", "bunny", PREMIERE];
/// What stands in the place of a licence or a document.
const SAMPLE: &str = "A sample of the demonstration; no authority gave it";
/// Why an item is overridden.
const REASON: &str = "A demonstration on one machine, not a service: nobody has been asked for this.";
/// Those who vote on labels and sign the register of risks.
const TWO: [&str; 2] = [BY, "demo.second"];

fn packs(house: &House) -> impl Iterator<Item = &Pack> {
    let codes = COUNTRIES.iter().filter_map(|code| Territory::parse(code).ok());
    codes.filter_map(|territory| house.packs.get(territory))
}

/// Declares and opens each country that is not open.
pub async fn open(house: &Arc<House>) -> Result<()> {
    for pack in packs(house) {
        if house.snapshot().state.openness(pack, Timestamp::now()).is_open() {
            continue;
        }
        eprintln!("opening {}", pack.territory);
        let territory = pack.territory;
        enter(house, territory, What::Declare { kinds: vec![Kind::Film], domestic: true }, BY).await?;
        for paper in papers(house, pack) {
            enter(house, territory, paper, BY).await?;
        }
        assess(house, territory).await?;
        enter(house, territory, What::Drill { title: None }, BY).await?;
        enter(house, territory, What::Check {}, BY).await?;
        for rule in missing(house, pack) {
            let reason = Letter { text: REASON.into(), file: None };
            enter(house, territory, What::Override { rule, reason, until: None }, BY).await?;
        }
        enter(house, territory, What::Open {}, BY).await?;
    }
    Ok(())
}

async fn enter(house: &Arc<House>, territory: Territory, what: What, by: &str) -> Result<()> {
    readiness::ask(house, Asked { territory, what, by: by.into() }).await.map(drop)
}

/// Samples of the documents and licences that would meet what is missing. Each says that it is one.
fn papers(house: &House, pack: &Pack) -> Vec<What> {
    let items = house.snapshot().state.readiness(pack, Timestamp::now());
    let missing = items.into_iter().filter(|item| matches!(item.stands, Stands::Missing { .. }));
    missing.flat_map(|item| item.met_by).filter_map(sample).collect()
}

fn sample(by: Evidence) -> Option<What> {
    let document = Letter { text: SAMPLE.into(), file: None };
    Some(match by {
        Evidence::Document(name) => What::AddEvidence { name, from: None, until: None, document },
        Evidence::Grant(grant) => What::AddLicence {
            grant,
            number: "SAMPLE".into(),
            authority: SAMPLE.into(),
            kinds: Vec::new(),
            from: None,
            until: None,
            document,
        },
        Evidence::Check(_) => return None,
    })
}

/// The rules of the mandatory items that are still missing.
fn missing(house: &House, pack: &Pack) -> Vec<String> {
    let items = house.snapshot().state.readiness(pack, Timestamp::now());
    let missing =
        items.into_iter().filter(|item| item.mandatory && matches!(item.stands, Stands::Missing { .. }));
    missing.filter(|item| item.overridden.is_none()).map(|item| item.rule).collect()
}

/// A register of risks, signed.
async fn assess(house: &Arc<House>, territory: Territory) -> Result<()> {
    let areas = [
        ("break-in", Area::Security, "The desk asks for a token, and one process owns the archive."),
        ("maps", Area::Political, "Every map is marked and looked at by two raters."),
        ("history", Area::UserData, "The house keeps no accounts and no history."),
        ("violence", Area::SensitiveContent, "Scenes are marked before a title is rated."),
    ];
    let review = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let review = review.checked_add(jiff::Span::new().days(300));
    let review = review.map_err(|e| Error::internal(format!("no such day: {e}")))?.to_string();
    for (id, area, text) in areas {
        let what = What::AddRisk {
            id: id.into(),
            area,
            likelihood: 2,
            impact: 3,
            owner: BY.into(),
            review: review.clone(),
            mitigation: Letter { text: text.into(), file: None },
        };
        enter(house, territory, what, BY).await?;
    }
    for by in TWO {
        enter(house, territory, What::SignRisks { register: None }, by).await?;
    }
    Ok(())
}

/// Two films are licensed from the midnight with which today began in each country, and one from the midnight
/// there with which the next day begins that has begun in none: its premiere. The contract lets the house edit them on orders and with notice.
pub async fn license(house: &Arc<House>) -> Result<()> {
    let now = Timestamp::now();
    let days = || packs(house).map(|pack| pack.day(now));
    let (Some(today), Some(latest)) = (days().min(), days().max()) else { return Ok(()) };
    let next = latest.tomorrow().map_err(|e| Error::internal(format!("no such day: {e}")))?;
    for title in TITLES {
        let start = if title == PREMIERE { next } else { today };
        if house.snapshot().state.rights().avails().any(|avail| avail.names.iter().any(|name| name == title))
        {
            continue;
        }
        let tell = "rights office of the demonstration".into();
        let adding = window::Adding {
            title: title.into(),
            territories: COUNTRIES.map(String::from).to_vec(),
            except: Vec::new(),
            start: start.to_string(),
            end: "open".into(),
            licence: "FVOD".into(),
            format: String::new(),
            languages: Vec::new(),
            held_back: Vec::new(),
            exclusive: false,
            contract: "demonstration".into(),
            licensor: "demonstration".into(),
            alid: None,
            dealing: Dealing { may_edit: MayEdit::WithNotice, tell, ..Dealing::default() },
            by: BY.into(),
        };
        window::add(house, adding).await?;
    }
    Ok(())
}

/// The licensor was told of the house's own versions, and that the house obeys orders.
pub async fn notify(house: &Arc<House>) -> Result<()> {
    let snapshot = house.snapshot();
    for title in TITLES {
        let own = snapshot.versions_of(title).map(|version| version.row.name.clone());
        let edited = own.filter(|name| name != WHOLE).map(Some);
        for version in edited.chain([None]) {
            let saying = window::Saying {
                what: Form::Notice,
                title: title.into(),
                version,
                avail: None,
                licensor: None,
                territories: Vec::new(),
                from: None,
                until: None,
                letter: Letter { text: "A demonstration: what a house would have sent".into(), file: None },
                by: BY.into(),
            };
            window::consent::say(house, saying).await?;
        }
    }
    Ok(())
}

/// Marks a scene, gives every version its label, and records that the authorities were told.
pub async fn rate(house: &Arc<House>) -> Result<()> {
    let (title, scene, descriptor, strength) = MARKED;
    if house.snapshot().state.ratings().title(title).is_none_or(|title| title.marks().is_empty()) {
        let (scene, descriptor) = (Some(scene.into()), descriptor.into());
        let (manner, note) = (Vec::new(), String::new());
        let saying = Saying::Mark { scene, descriptor, strength, manner, territory: None, note };
        classify::say(house, title, saying, BY).await?;
    }
    for pack in packs(house) {
        let snapshot = house.snapshot();
        let versions = TITLES.iter().flat_map(|title| snapshot.versions_of(title));
        for version in versions {
            label(house, pack.territory, &version.row.title, &version.row.name).await?;
        }
        tell(house, pack.territory).await?;
    }
    Ok(())
}

/// Has two people vote on a version, named or by its digest, and gives it their label, where it has none.
pub async fn label(house: &Arc<House>, territory: Territory, title: &str, version: &str) -> Result<()> {
    let snapshot = house.snapshot();
    let rules = classify::rules(house, &snapshot, territory, Timestamp::now())?;
    let composition = match snapshot.version(title, version) {
        Ok(version) => version.row.composition,
        Err(_) => version.parse()?,
    };
    if let Rated::Label(_) = snapshot.state.ratings().standing(&rules, title, &composition) {
        return Ok(());
    }
    let on = On { territory, version: Some(version.into()) };
    let stricter = STRICTER.iter().find(|(a, b, c, ..)| (*a, *b, *c) == (title, version, territory.code()));
    let (label, descriptors) = match stricter {
        Some((.., label, descriptor)) => (label.to_string(), vec![descriptor.to_string()]),
        None => (lowest(house, territory, title, &composition)?, Vec::new()),
    };
    for by in TWO {
        let (on, label, descriptors) = (on.clone(), label.clone(), descriptors.clone());
        let vote = Saying::Vote { on, label, descriptors, reason: String::new() };
        classify::say(house, title, vote, by).await?;
    }
    let (label, how, without) = (Some(label), "council".to_string(), Vec::new());
    let reason = "What the marked scenes ask for, or stricter.".to_string();
    let saying = Saying::Decide { on, label, descriptors, how, without, reason };
    classify::say(house, title, saying, BY).await.map(drop)
}

/// The lowest label that the marks of a composition allow.
fn lowest(house: &House, territory: Territory, title: &str, composition: &Digest) -> Result<String> {
    let view = classify::show(house, title, Some(territory))?;
    let versions = view.territories.into_iter().flat_map(|territory| territory.versions);
    let mut named = versions.filter(|version| version.composition == composition.to_string());
    Ok(named.find_map(|version| version.lowest).unwrap_or_else(|| FOR_ALL.to_string()))
}

/// Records that whoever must be told of the labels was.
pub async fn tell(house: &Arc<House>, territory: Territory) -> Result<()> {
    let here = house.clone();
    let listing = blocking(move || classify::list(&here, territory, true)).await?;
    let mut offices: Vec<String> = listing.lines.into_iter().flat_map(|line| line.untold).collect();
    offices.sort_unstable();
    offices.dedup();
    for to in offices {
        let receipt = Some("demonstration: nothing was sent".into());
        let by = BY.into();
        let notifying = Notifying { territory, to, titles: Vec::new(), sent: None, receipt, by };
        classify::notify(house, notifying).await?;
    }
    Ok(())
}
