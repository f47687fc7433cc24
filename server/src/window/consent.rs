//! Consents and notices: what licensors let be edited, and what they were told, entered with the letter.
//!
//! A day counts where the territories that are named have one clock; else an instant needs its offset.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use media::error::{Error, Kind, Result};
use policy::avail::consent::{About, ConsentGiven, ConsentWithdrawn, Edit, NoticeGiven};
use policy::avail::{MayEdit, Territories};
use policy::state::rights::{Rights, Said, What};
use policy::{Act, AvailId, Territory};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answer;
use crate::decide::Proposal;
use crate::house::House;
use crate::order::Letter;

/// What is entered about an edit.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SayOfEdit)]
pub struct Saying {
    pub what: Form,
    pub title: String,
    /// The version that was agreed, by its name or the beginning of its digest; left out: whatever an
    /// authority orders.
    #[serde(default)]
    pub version: Option<String>,
    /// The ALID; the one whose contract asks for it when left out.
    #[serde(default)]
    pub avail: Option<String>,
    #[serde(default)]
    pub licensor: Option<String>,
    /// Codes; wherever the avail's windows are when left out.
    #[serde(default)]
    pub territories: Vec<String>,
    /// The first day of a consent, or when a notice was sent; now when left out.
    #[serde(default)]
    pub from: Option<String>,
    /// The last day of a consent.
    #[serde(default)]
    pub until: Option<String>,
    /// The licensor's letter, the notice as it was sent, or why it counts no longer: `{"text": "…"}`.
    #[schema(value_type = Object)]
    pub letter: Letter,
    #[serde(default = "super::desk")]
    pub by: String,
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormOfSaying)]
pub enum Form {
    Consent,
    Notice,
    /// Neither consent nor notice of this edit counts any longer.
    Withdrawal,
}

/// Something that was said of an edit, as it stands.
#[derive(Serialize, Deserialize)]
pub struct SaidView {
    pub what: Form,
    pub title: String,
    /// The composition's digest; none: whatever is ordered.
    pub composition: Option<String>,
    /// None: wherever the avail's windows are.
    pub territories: Option<Territories>,
    /// From when it counts, or when it was sent; none of a withdrawal.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// When it was recorded, and by whom, as a pseudonym.
    pub at: Timestamp,
    pub by: String,
}

/// Enters what was said.
pub async fn say(house: &Arc<House>, saying: Saying) -> Result<Answer> {
    let snapshot = house.snapshot();
    snapshot.title(&saying.title)?;
    let edit = match &saying.version {
        Some(version) => {
            let playable = crate::classify::composition(&snapshot, &saying.title, Some(version))?;
            Edit::Composition(playable.digest)
        }
        None => Edit::OnOrder,
    };
    let codes = saying.territories.iter().map(|code| Territory::parse(code)).collect::<Result<Vec<_>>>();
    let codes = codes.map_err(|e| e.at("territories"))?;
    let territories = match &codes[..] {
        [] => None,
        some => Some(Territories::new(some.iter().copied(), [])?),
    };
    let avail = avail(snapshot.state.rights(), &saying)?;
    let about = About { avail, title: saying.title.clone(), edit, territories };
    let zone = house.packs.zone(&codes);
    let from = saying.from.as_deref().map(|text| instant("from", text, zone, Side::First)).transpose()?;
    let until = saying.until.as_deref().map(|text| instant("until", text, zone, Side::Last)).transpose()?;
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default();
    let unwanted =
        |field: &str| Err(Error::invalid("only a consent has this").at(field).remedy("Leave it out"));
    let (letter, document) = saying.letter.seal(house)?;
    let act = match saying.what {
        Form::Consent => Act::ConsentGiven(ConsentGiven { about, from: from.unwrap_or(now), until, letter }),
        _ if until.is_some() => return unwanted("until"),
        Form::Notice if from.is_some_and(|from| from > Timestamp::now()) => {
            return Err(Error::invalid("a notice that is still to be sent")
                .at("from")
                .remedy("Enter it once it was sent"));
        }
        Form::Notice => Act::NoticeGiven(NoticeGiven { about, sent: from.unwrap_or(now), letter }),
        Form::Withdrawal if from.is_some() => return unwanted("from"),
        Form::Withdrawal => Act::ConsentWithdrawn(ConsentWithdrawn { about, reason: letter }),
    };
    let proposal = Proposal { act, documents: vec![document], jobs: Vec::new() };
    Ok(Answer::Changed { taken: house.decide(&saying.by, proposal).await? })
}

/// The avail that is named, or the only one of the title whose contract asks for consent or notice.
fn avail(rights: &Rights, saying: &Saying) -> Result<AvailId> {
    let asks = |may: MayEdit| match saying.what {
        Form::Consent => may == MayEdit::WithConsent,
        Form::Notice => may == MayEdit::WithNotice,
        Form::Withdrawal => matches!(may, MayEdit::WithConsent | MayEdit::WithNotice),
    };
    let licensed = rights.covering(&saying.title);
    let mut fits: Vec<AvailId> = licensed
        .iter()
        .filter(|avail| match &saying.avail {
            Some(alid) => avail.id.alid == *alid,
            None => avail.windows.iter().any(|window| asks(window.dealing.may_edit)),
        })
        .map(|avail| avail.id.clone())
        .filter(|id| saying.licensor.as_ref().is_none_or(|licensor| id.licensor == *licensor))
        .collect();
    let all = fits.iter().map(AvailId::to_string).collect::<Vec<_>>().join(", ");
    match (fits.pop(), fits.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(_), false) => Err(Error::new(Kind::Conflict, format!("{all} license {:?}", saying.title))
            .at("avail")
            .remedy("Name one with --avail and --licensor")),
        (None, _) => Err(Error::not_found(format!("no contract about {:?} asks for that", saying.title))
            .at("avail")
            .remedy("phim window list shows the avails; enter the window with --may-edit with-consent or with-notice")),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    First,
    Last,
}

/// An instant; or the beginning of a day, or the end of one.
fn instant(field: &str, text: &str, zone: Option<&str>, side: Side) -> Result<Timestamp> {
    let Ok(day) = text.parse::<Date>() else {
        return policy::instant::read(text, zone).map_err(|e| e.at(field));
    };
    if text.contains('T') {
        return policy::instant::read(text, zone).map_err(|e| e.at(field));
    }
    let day = if side == Side::Last { day.tomorrow().unwrap_or(day) } else { day };
    policy::instant::read(&format!("{day}T00:00:00"), zone).map_err(|e| e.at(field))
}

/// All that was said under an avail, of one title or all; the latest first.
pub fn said(rights: &Rights, avail: &AvailId, title: Option<&str>) -> Vec<SaidView> {
    let all = rights.said(avail).iter().rev();
    all.filter(|said| title.is_none_or(|title| said.about.title == title)).map(|said| view(said)).collect()
}

fn view(said: &Said) -> SaidView {
    let (what, from, until) = match said.what {
        What::Consent { from, until } => (Form::Consent, Some(from), until),
        What::Notice { sent } => (Form::Notice, Some(sent), None),
        What::Withdrawn => (Form::Withdrawal, None, None),
    };
    SaidView {
        what,
        title: said.about.title.clone(),
        composition: match said.about.edit {
            Edit::OnOrder => None,
            Edit::Composition(digest) => Some(digest.to_string()),
        },
        territories: said.about.territories.clone(),
        from,
        until,
        at: said.at,
        by: said.by.id().into(),
    }
}
