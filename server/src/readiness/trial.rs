//! A trial: the house serves where it has declared no territory, without asking law and contracts there.

use std::sync::Arc;

use jiff::Timestamp;
use media::error::{Error, Result};
use policy::readiness::TrialBegan;
use policy::{Act, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::decide::Proposal;
use crate::house::House;
use crate::order::Letter;

/// A trial begins, gets another end, or ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trying {
    /// False: it ends.
    pub begins: bool,
    pub until: Option<String>,
    pub reason: Letter,
    pub by: String,
}

/// Whether the house holds a trial.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Trial)]
pub struct TrialView {
    /// None: there is none, and nobody is served where the house has declared nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// None: until it is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// Records it, and answers how things stand then.
pub async fn hold(house: &Arc<House>, trying: Trying) -> Result<TrialView> {
    let Trying { begins, until, reason, by } = trying;
    if reason.text.trim().is_empty() && reason.file.is_none() {
        return Err(
            Error::invalid("a trial is begun and ended with a reason").remedy("Give --text or --document")
        );
    }
    let read = |text: String| policy::instant::read(&text, None).map_err(|e| e.at("until"));
    let until = until.map(read).transpose()?;
    if until.is_some_and(|until| until <= Timestamp::now()) {
        return Err(Error::invalid("that instant is over").at("until"));
    }
    let (reason, document) = reason.seal(house)?;
    let act = match begins {
        true => Act::TrialBegan(TrialBegan { reason, until }),
        false => Act::TrialEnded { reason },
    };
    house.decide(&by, Proposal { act, documents: vec![document], jobs: Vec::new() }).await?;
    Ok(view(&house.snapshot().state))
}

/// How it stands now.
pub fn view(state: &State) -> TrialView {
    let trial = state.trial(Timestamp::now());
    TrialView { since: trial.map(|trial| trial.since), until: trial.and_then(|trial| trial.until) }
}

/// Says on standard error, before anybody is served, where nobody will be or where the law is not asked.
pub fn warn(house: &House) {
    let snapshot = house.snapshot();
    let declared = snapshot.state.dossiers().any(|(_, dossier)| dossier.declared.is_some());
    match (view(&snapshot.state), declared) {
        (TrialView { since: Some(since), until }, _) => {
            let end = until.map_or(String::new(), |until| format!(", until {until}"));
            eprintln!(
                "a trial since {since}{end}: where no territory is declared, orders are obeyed and nothing else is asked"
            );
        }
        (TrialView { since: None, .. }, false) => eprintln!(
            "no territory is declared, so nobody is served: phim territory declare CC begins to open one, \
             phim territory trial --text WHY serves without"
        ),
        (TrialView { since: None, .. }, true) => {}
    }
    if declared && house.tokens().is_none() {
        eprintln!(
            "media is for whoever knows its address in a country where it may play: --tokens lets only those have \
             it whom the gate gave a pass"
        );
    }
}

pub fn print(view: &TrialView) {
    match (view.since, view.until) {
        (None, _) => println!("no trial: nobody is served where the house has declared nothing"),
        (Some(since), None) => println!("a trial since {since}, until it is ended"),
        (Some(since), Some(until)) => println!("a trial since {since}, until {until}"),
    }
}
