//! Two countries in which the sample films play: what is entered so that each opens, windows, labels.

use std::sync::Arc;

use jiff::Timestamp;
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
use crate::classify::{self, Notifying, On, Saying};
use crate::house::{House, blocking};
use crate::order::Letter;
use crate::readiness::{self, Asked, What};
use crate::window;

const COUNTRIES: [&str; 2] = ["VN", "KR"];
/// The titles of the demonstration, and what is marked in them: a scene, a descriptor, how strong.
const MARKS: [(&str, &str, &str, Strength); 2] =
    [("sintel", "24-40", "violence", Strength::Medium), ("sintel", "40-46", "horror", Strength::Mild)];
const TITLES: [&str; 2] = ["sintel", "bunny"];
/// Why an item is overridden.
const REASON: &str = "A demonstration on one machine, not a service: nobody has been asked for this.";
/// Those who sign the register of risks.
const SIGNERS: [&str; 2] = [BY, "demo.second"];

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
        for name in documents(house, pack) {
            let text = format!("A sample document in the place of: {name}");
            let document = Letter { text, file: None };
            enter(house, territory, What::AddEvidence { name, from: None, until: None, document }, BY)
                .await?;
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

/// The names of the documents that would meet what is missing.
fn documents(house: &House, pack: &Pack) -> Vec<String> {
    let items = house.snapshot().state.readiness(pack, Timestamp::now());
    let missing = items.into_iter().filter(|item| matches!(item.stands, Stands::Missing { .. }));
    let met_by = missing.flat_map(|item| item.met_by);
    met_by
        .filter_map(|by| match by {
            Evidence::Document(name) => Some(name),
            Evidence::Grant(_) | Evidence::Check(_) => None,
        })
        .collect()
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
        ("break-in", Area::Security, "Files are encrypted and the desk asks for a token."),
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
    for by in SIGNERS {
        enter(house, territory, What::SignRisks { register: None }, by).await?;
    }
    Ok(())
}

/// Both films are licensed from the midnight with which today began in each country, and the contract lets
/// the house edit them on orders and with notice.
pub async fn license(house: &Arc<House>) -> Result<()> {
    let now = Timestamp::now();
    let Some(start) = packs(house).map(|pack| pack.day(now)).min() else { return Ok(()) };
    for title in TITLES {
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

/// Marks scenes, gives every version the lowest label that its marks allow, and records that the
/// authorities were told.
pub async fn rate(house: &Arc<House>) -> Result<()> {
    for (title, scene, descriptor, strength) in MARKS {
        let known = house.snapshot().state.ratings().title(title).is_some_and(|title| {
            title.marks().iter().any(|noted| noted.marked.mark.descriptor == descriptor)
        });
        if !known {
            let saying = Saying::Mark {
                scene: Some(scene.into()),
                descriptor: descriptor.into(),
                strength,
                manner: Vec::new(),
                territory: None,
                note: String::new(),
            };
            classify::say(house, title, saying, BY).await?;
        }
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

/// Gives a version, named or by its digest, the lowest label that its marks allow, where it has none.
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
    let saying = Saying::Decide {
        on: On { territory, version: Some(version.into()) },
        label: None,
        descriptors: Vec::new(),
        how: "council".into(),
        without: Vec::new(),
        reason: "The lowest label that the marked scenes allow.".into(),
    };
    classify::say(house, title, saying, BY).await.map(drop)
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
