//! Everything that a verb can ask of a house, as one type that travels over the owner's socket.

use std::sync::Arc;

use media::error::{Error, Result};
use policy::OrderId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::house::House;
use crate::progress::Teller;
use crate::token::keyring;
use crate::{
    add, as_of, burn, case, check, classify, evidence, export, order, play_url, protect, readiness, title,
    token, transparency, version, webhook, window,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Act {
    Add(add::Intake),
    TitleList,
    TitleShow {
        id: String,
    },
    TitleRemove {
        id: String,
    },
    TitleProtect {
        id: String,
    },
    /// The keys of a title for the holders of certificates (DER).
    TitleKeys {
        id: String,
        certificates: Vec<Vec<u8>>,
    },
    /// A vendor's document, and the private key that opens it (PKCS#8, DER).
    TitleTakeKeys {
        id: String,
        document: String,
        private_key: Option<Vec<u8>>,
    },
    VersionMake(version::Make),
    VersionList {
        title: Option<String>,
    },
    VersionShow {
        version: String,
    },
    VersionDiff {
        from: String,
        to: String,
    },
    VersionRemove {
        version: String,
    },
    /// An order from options, or as it was sent.
    OrderAsk {
        ask: Box<order::Ask>,
        place: Box<order::Place>,
    },
    OrderPlace(Box<order::Place>),
    OrderList(order::Which),
    OrderShow {
        order: OrderId,
    },
    OrderStep {
        order: OrderId,
        step: Box<order::Step>,
        by: String,
    },
    OrderPropose(order::Offer),
    OrderVerdict {
        order: OrderId,
        composition: Option<String>,
        verdict: order::Verdict,
        letter: order::Letter,
        by: String,
    },
    OrderReport {
        order: OrderId,
        out: std::path::PathBuf,
        pdf: bool,
    },
    OrderReported {
        order: OrderId,
        letter: order::Letter,
        by: String,
    },
    OrderTransparency(transparency::Span),
    CaseOpen(case::Opening),
    CaseList,
    CaseShow {
        case: String,
    },
    CaseEnter {
        case: String,
        entry: Box<case::Entering>,
        by: String,
    },
    TerritoryList,
    Readiness(Box<readiness::Asked>),
    Trial(readiness::trial::Trying),
    WebhookAdd {
        wish: webhook::Wish,
        private: bool,
    },
    WebhookList,
    WebhookShow {
        id: String,
    },
    WebhookTest {
        id: String,
    },
    WebhookResume {
        id: String,
    },
    WebhookRemove {
        id: String,
    },
    WindowImport(window::Importing),
    WindowAdd(Box<window::Adding>),
    WindowSay(Box<window::Saying>),
    WindowList {
        title: Option<String>,
        limit: usize,
    },
    WindowConflicts {
        title: Option<String>,
    },
    WindowExplain {
        title: String,
        territory: policy::Territory,
        at: Option<String>,
    },
    WindowName {
        title: String,
        names: Vec<String>,
        by: String,
    },
    WindowRemove {
        alid: String,
        licensor: Option<String>,
        by: String,
    },
    ClassifySay {
        title: String,
        saying: Box<classify::Saying>,
        by: String,
    },
    /// Of all titles without one.
    ClassifyShow {
        title: Option<String>,
        territory: Option<policy::Territory>,
    },
    ClassifyList {
        territory: policy::Territory,
        due: bool,
    },
    ClassifyNotified(classify::Notifying),
    ClassifyBurn {
        title: String,
        burning: burn::Burning,
    },
    Desk,
    TokenKeys,
    TokenRotate {
        algorithm: keyring::Kept,
    },
    TokenIssue(token::door::Wish),
    PlayUrl {
        version: String,
        base: String,
        territory: Option<policy::Territory>,
    },
    /// The same as it was at an instant.
    Then {
        asked: as_of::told::Asked,
        base: String,
    },
    Export {
        version: String,
        folder: std::path::PathBuf,
    },
    Check {
        level: check::Depth,
    },
}

impl Act {
    /// Whether it may begin an archive where there is none.
    pub fn makes_archive(&self) -> bool {
        matches!(self, Act::Add(_))
    }
}

/// Does what is asked and answers with what `--json` prints.
pub async fn perform(house: &Arc<House>, act: Act, teller: Teller) -> Result<Value> {
    match act {
        Act::Add(intake) => answer(add::add(house, intake, teller).await?),
        Act::TitleList => answer(title::list(house).await?),
        Act::TitleShow { id } => answer(title::show(house, id).await?),
        Act::TitleRemove { id } => answer(title::remove(house, &id).await?),
        Act::TitleProtect { id } => answer(protect::protect(house, &id).await?),
        Act::TitleKeys { id, certificates } => answer(protect::exchange::export(house, &id, &certificates)?),
        Act::TitleTakeKeys { id, document, private_key } => {
            answer(protect::exchange::import(house, &id, &document, private_key.as_deref()).await?)
        }
        Act::VersionMake(make) => answer(version::make(house, make, teller).await?),
        Act::VersionList { title } => answer(version::list(house, title.as_deref())?),
        Act::VersionShow { version } => answer(version::show(house, &version).await?),
        Act::VersionDiff { from, to } => answer(version::diff(house, &from, &to).await?),
        Act::VersionRemove { version } => answer(version::remove(house, &version).await?),
        Act::OrderAsk { ask, place } => {
            let order = ask.json(&house.snapshot())?;
            answer(order::place(house, order::Place { order, ..*place }).await?)
        }
        Act::OrderPlace(place) => answer(order::place(house, *place).await?),
        Act::OrderList(which) => answer(order::list(house, &which)),
        Act::OrderShow { order } => {
            let id = order::find(&house.snapshot(), &order)?;
            answer(order::view(house, &id)?)
        }
        Act::OrderStep { order, step, by } => answer(order::step(house, &order, *step, &by).await?),
        Act::OrderPropose(offer) => answer(order::propose(house, offer).await?),
        Act::OrderVerdict { order, composition, verdict, letter, by } => {
            answer(order::answer_offer(house, &order, composition.as_deref(), verdict, letter, &by).await?)
        }
        Act::OrderReport { order, out, pdf } => answer(evidence::report(house, &order, out, pdf).await?),
        Act::OrderReported { order, letter, by } => {
            answer(evidence::reported(house, &order, letter, &by).await?)
        }
        Act::OrderTransparency(span) => transparency::report(house, &span),
        Act::CaseOpen(opening) => answer(case::open(house, opening).await?),
        Act::CaseList => answer(case::list(house)),
        Act::CaseShow { case } => answer(case::show(house, &case).await?),
        Act::CaseEnter { case, entry, by } => answer(case::enter(house, &case, *entry, &by).await?),
        Act::TerritoryList => answer(readiness::list(house)),
        Act::Trial(trying) => answer(readiness::trial::hold(house, trying).await?),
        Act::Readiness(asked) => answer(readiness::ask(house, *asked).await?),
        Act::WebhookAdd { wish, private } => answer(webhook::add(house, wish, private).await?),
        Act::WebhookList => answer(webhook::list(house).await?),
        Act::WebhookShow { id } => answer(webhook::show(house, &id).await?),
        Act::WebhookTest { id } => answer(webhook::test(house, &id).await?),
        Act::WebhookResume { id } => answer(webhook::resume(house, &id).await?),
        Act::WebhookRemove { id } => answer(webhook::remove(house, &id).await?),
        Act::WindowImport(importing) => answer(window::import(house, importing, teller).await?),
        Act::WindowAdd(adding) => answer(window::add(house, *adding).await?),
        Act::WindowSay(saying) => answer(window::consent::say(house, *saying).await?),
        Act::WindowList { title, limit } => answer(window::list(house, title.as_deref(), limit)),
        Act::WindowConflicts { title } => answer(window::conflicts(house, title.as_deref())?),
        Act::WindowExplain { title, territory, at } => {
            answer(window::explain(house, &title, territory, at.as_deref())?)
        }
        Act::WindowName { title, names, by } => answer(window::name(house, &title, &names, &by).await?),
        Act::WindowRemove { alid, licensor, by } => {
            answer(window::remove(house, &alid, licensor.as_deref(), &by).await?)
        }
        Act::ClassifySay { title, saying, by } => answer(classify::say(house, &title, *saying, &by).await?),
        Act::ClassifyShow { title: Some(title), territory } => {
            answer(classify::show(house, &title, territory)?)
        }
        Act::ClassifyShow { title: None, .. } => answer(classify::all(house)?),
        Act::ClassifyList { territory, due } => answer(classify::list(house, territory, due)?),
        Act::ClassifyNotified(notifying) => answer(classify::notify(house, notifying).await?),
        Act::ClassifyBurn { title, burning } => answer(burn::burn(house, &title, burning, teller).await?),
        Act::Desk => answer(serde_json::json!({ "token": house.keys.desk_token() })),
        Act::TokenKeys => answer(keyring::list(house)?),
        Act::TokenRotate { algorithm } => answer(keyring::rotate(house, algorithm)?),
        Act::TokenIssue(wish) => answer(token::door::issue(house, &wish)?),
        Act::PlayUrl { version, base, territory } => {
            answer(play_url::show(house, &version, &base, territory)?)
        }
        Act::Then { asked, base } => answer(as_of::told::tell(house, &asked, &base).await?),
        Act::Export { version, folder } => answer(export::export(house, &version, folder, teller).await?),
        Act::Check { level } => answer(check::check(house, level, teller).await?),
    }
}

fn answer(value: impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|e| Error::internal(format!("an answer cannot be written: {e}")))
}
