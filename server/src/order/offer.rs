//! Proposals: corrected versions offered in answer to an order that demands a whole work.

use std::sync::Arc;

use composition::position::parse_range;
use composition::{Area, Edit, evaluate};
use media::error::{Error, Result};
use policy::{Act, Edited, Operation, OrderId, Proposed, Station};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Letter, Stepped, find, proposed, view};
use crate::decide::Proposal;
use crate::house::{House, Snapshot, WHOLE, blocking};
use crate::obey;

/// A corrected version to be made and offered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Offer {
    pub order: OrderId,
    /// The title that it is offered for; the order's own when left out.
    #[serde(default)]
    pub title: Option<String>,
    /// The version that it is made of; the whole title when left out.
    #[serde(default)]
    pub version: Option<String>,
    /// `cut`, `blur`, `mask`, `mute` or `drop-text`, and a range: `FROM-TO` or `FROM-TO@X,Y,W,H`, on the
    /// version's title, end-exclusive.
    pub edits: Vec<(String, String)>,
    pub by: String,
}

/// Makes the corrected version, verified, and records that it is offered. It opens for nobody yet.
pub async fn propose(house: &Arc<House>, offer: Offer) -> Result<Stepped> {
    let snapshot = house.snapshot();
    let order = find(&snapshot, &offer.order)?;
    let title = match &offer.title {
        Some(title) => title.clone(),
        None => own_title(&snapshot, &order)?,
    };
    let base = snapshot.version(&title, offer.version.as_deref().unwrap_or(WHOLE))?.clone();
    let edits = read_edits(&snapshot, &title, &offer.edits)?;
    let (list, whole) = (edits.clone(), base.clone());
    let composition = blocking(move || evaluate(&whole.plays.composition, &edits_of(&list)?)).await?;
    let proposal = Proposed { title: title.clone(), composition: composition.digest() };
    obey::make_one(house, &base, composition).await?;
    let act = Act::ProposalMade { order: order.clone(), proposal, edits };
    let taken = house.decide(&offer.by, act.into()).await?;
    Ok(Stepped { order: view(house, &order)?, taken })
}

/// What the authority, or the house in its place, says of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Sent,
    Accepted,
    Refused,
    /// The house opens it without an acceptance, by name and with a reason.
    Overridden,
}

/// Records what became of a proposal; an acceptance or an override opens it.
pub async fn answer_offer(
    house: &Arc<House>,
    order: &OrderId,
    composition: Option<&str>,
    verdict: Verdict,
    letter: Letter,
    by: &str,
) -> Result<Stepped> {
    let snapshot = house.snapshot();
    let order = find(&snapshot, order)?;
    let proposal = proposed(&snapshot, &order, composition)?;
    let (letter, document) = letter.seal(house)?;
    let id = order.clone();
    let act = match verdict {
        Verdict::Sent => Act::ProposalSent { order: id, proposal, letter },
        Verdict::Accepted => Act::ProposalAccepted { order: id, proposal, letter },
        Verdict::Refused => Act::ProposalRefused { order: id, proposal, letter },
        Verdict::Overridden => Act::ProposalOverridden { order: id, proposal, reason: letter },
    };
    let taken = house.decide(by, Proposal { act, documents: vec![document], jobs: Vec::new() }).await?;
    Ok(Stepped { order: view(house, &order)?, taken })
}

fn own_title(snapshot: &Snapshot, order: &OrderId) -> Result<String> {
    let standing =
        snapshot.state.order(order).ok_or_else(|| Error::not_found(format!("there is no order {order}")))?;
    match &standing.order.work {
        policy::Work::Title(id) if snapshot.titles.contains_key(id) => Ok(id.clone()),
        _ => Err(Error::invalid("the order is about more than one title")
            .remedy("Name the title that is offered with --title")),
    }
}

fn read_edits(snapshot: &Snapshot, title: &str, texts: &[(String, String)]) -> Result<Vec<Edited>> {
    let row = &snapshot.title(title)?.row;
    if texts.is_empty() {
        return Err(Error::invalid("a proposal without an edit")
            .remedy("Say what is corrected: --cut, --blur, --mask, --mute or --drop-text"));
    }
    let mut edits = Vec::new();
    for (operation, text) in texts {
        let operation: Operation = serde_json::from_value(operation.as_str().into())
            .map_err(|_| Error::invalid(format!("{operation:?} is not an edit")))?;
        let (times, area) = text.split_once('@').map_or((text.as_str(), None), |(t, a)| (t, Some(a)));
        let (from, to) = parse_range(times, row.rate, row.to - row.from).map_err(|e| e.at(text.clone()))?;
        let (from, to) = (row.from + from, row.from + to);
        let path = match area {
            Some(area) => {
                let [x, y, w, h] = super::ask::read_area(area)?;
                Area::new(x, y, w, h)?;
                vec![Station { frame: from, sides: [x, y, w, h] }]
            }
            None => Vec::new(),
        };
        edits.push(Edited { operation, source: row.source, from, to, path });
    }
    Ok(edits)
}

/// The edits themselves; a cut takes the sound of its frames along.
fn edits_of(list: &[Edited]) -> Result<Vec<Edit>> {
    let mut edits = Vec::new();
    for edited in list {
        let (source, from, to) = (edited.source, edited.from, edited.to);
        if edited.operation == Operation::Cut {
            edits.push(Edit::Mute { source, from, to });
        }
        edits.extend(edited.edit()?);
    }
    Ok(edits)
}
