//! Whether what a label asks of players is done by the pages that this house serves, and asked of all others.
//!
//! Two things are looked at: that the pages built into this program hold the control, and that the gate
//! refuses every version whose label asks for it to a player which does not have it.

use jiff::Timestamp;
use media::error::Result;
use policy::label::Need;
use policy::state::ratings::{Labelled, Rated};
use policy::{Answer, Device, Gate, Question, Rule, Territory, Who};

use super::checks::Found;
use crate::house::{House, Playable, Snapshot};
use crate::pages;
use crate::ruling::films;
use crate::viewer::anybody;

/// What a player may lack.
struct Control {
    /// What it is called in a finding.
    name: &'static str,
    /// What the scripts of pages that have it say.
    words: &'static [&'static str],
    /// A player that can do all but this.
    without: Device,
    /// What it is refused by.
    rule: Rule,
}

const PARENTS: Control = Control {
    name: "parental control",
    words: &["parental-control", "profile-page", "pin-ask", "age-lock"],
    without: Device { parental_control: false, ..Device::FULL },
    rule: Rule::NeedsParentalControl,
};

const LABELS: Control = Control {
    name: "labels and warnings over the picture, before the film and in the catalogue",
    words: &["catalogue", "overlay", "advisory-symbol", "advisory-card"],
    without: Device {
        catalogue: false,
        card: false,
        overlay: false,
        forced_text: false,
        burnt_in: false,
        parental_control: true,
    },
    rule: Rule::CannotShow,
};

pub(super) fn parents(house: &House, snapshot: &Snapshot, territory: Territory) -> Result<Found> {
    look(house, snapshot, territory, &PARENTS, |rules, labelled| {
        Ok(rules.needs(labelled.label).contains(&Need::ParentalControl))
    })
}

pub(super) fn labels(house: &House, snapshot: &Snapshot, territory: Territory) -> Result<Found> {
    look(house, snapshot, territory, &LABELS, |rules, labelled| {
        let descriptors: Vec<&str> = labelled.descriptors.iter().map(String::as_str).collect();
        Ok(!rules.showings(&labelled.label.code, &descriptors, 0)?.is_empty())
    })
}

/// Whether viewers can report a title. That a report becomes an entry of a case is this program's own doing.
pub(super) fn report() -> Found {
    let missing: Vec<&str> =
        ["report-title", "/api/v1/report"].into_iter().filter(|word| !pages::say(word)).collect();
    let says = match missing.is_empty() {
        true => "The pages that this program serves have a button that reports a title; a report is entered into a case.".into(),
        false => format!("The pages that this program serves have no button that reports a title: {}.", missing.join(", ")),
    };
    Found { passed: missing.is_empty(), says: vec![says] }
}

fn look(
    house: &House,
    snapshot: &Snapshot,
    territory: Territory,
    control: &Control,
    asks: impl Fn(&policy::pack::Rules, &Labelled) -> Result<bool>,
) -> Result<Found> {
    let missing: Vec<&str> = control.words.iter().copied().filter(|word| !pages::say(word)).collect();
    let mut says = vec![match missing.is_empty() {
        true => format!("The pages that this program serves have {}.", control.name),
        false => format!("The pages that this program serves lack {}: {}.", control.name, missing.join(", ")),
    }];
    let (mut asked, mut open) = (0, Vec::new());
    let now = Timestamp::now();
    if let Some(pack) = house.packs.get(territory) {
        let positions = snapshot.state.dossier(territory).map_or(&[][..], |dossier| &dossier.positions);
        let rules = pack.at_with(pack.day(now), positions);
        let gate = snapshot.gate(&house.packs, Some(territory), now);
        for playable in snapshot.compositions.values() {
            let rated = snapshot.state.ratings().standing(&rules, &playable.title, &playable.digest);
            let Rated::Label(labelled) = rated else { continue };
            if asks(&rules, &labelled)? {
                asked += 1;
                if !is_refused(&gate, snapshot, (territory, now), playable, control) {
                    open.push(playable.title.as_str());
                }
            }
        }
    }
    open.sort_unstable();
    open.dedup();
    says.push(format!("{asked} versions have a label that asks for it."));
    says.push(match open.is_empty() {
        true => "A player without it is refused all of them.".into(),
        false => format!("A player without it gets {}.", open.join(", ")),
    });
    Ok(Found { passed: missing.is_empty() && open.is_empty(), says })
}

/// Whether the gate refuses this to a grown viewer, of whom all else is known, because the player lacks the
/// control; what it does not know at all, it refuses to everybody.
fn is_refused(
    gate: &Gate,
    snapshot: &Snapshot,
    (territory, now): (Territory, Timestamp),
    playable: &Playable,
    control: &Control,
) -> bool {
    let viewer = anybody(control.without);
    let films = films(snapshot, &playable.title, &playable.composition);
    let base = playable.made_from.as_ref().and_then(|digest| snapshot.compositions.get(digest));
    let question = Question {
        territory: Some(territory),
        title: &playable.title,
        composition: Some(&playable.composition),
        made_from: base.map(|base| &base.composition),
        films: &films,
        now,
        who: Who::Viewer,
        viewer: Some(&viewer),
    };
    match gate.decide(&question) {
        Answer::Pass(_) => false,
        Answer::Refused(refusals) => {
            let unknown = [Rule::UnknownTitle, Rule::UnknownComposition];
            refusals.iter().any(|refusal| refusal.rule == control.rule || unknown.contains(&refusal.rule))
        }
    }
}
