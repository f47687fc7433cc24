//! One story, told by the records that it leaves: a film that plays in two countries is ordered away in one,
//! is withdrawn in moments, comes back in a corrected version once that is accepted and rated again. In the
//! other country nothing changes. The desk shows each step, and what viewers saw at each moment.

use std::sync::Arc;

use media::Digest;
use media::error::{Error, Result};
use policy::state::Standing;
use policy::{OrderId, Territory};
use serde_json::json;

use super::{BY, countries};
use crate::house::House;
use crate::order::{self, Letter, Offer, Place, Verdict};

const TITLE: &str = "bunny";
/// The scene that the order quotes, in seconds, end included.
const QUOTED: &str = "00:03-00:04";
/// What the corrected version leaves out.
const CUT: &str = "3-5";
const AUTHORITY: &str = "Cơ quan minh họa";
const NUMBER: &str = "01/MH";

/// Goes on with the story where it was left.
pub async fn tell(house: &Arc<House>) -> Result<()> {
    let vietnam = Territory::parse("VN")?;
    let id = OrderId { authority: AUTHORITY.into(), number: NUMBER.into() };
    if house.snapshot().state.order(&id).is_none() {
        withdraw(house).await?;
    }
    let composition = match standing(house, &id)?.proposals.first() {
        Some(proposal) => proposal.offered.composition,
        None => propose(house, &id).await?,
    };
    if !is_accepted(&*standing(house, &id)?) {
        answer(house, &id, Verdict::Sent, "Gửi bản đã chỉnh sửa. / The corrected version.").await?;
        answer(house, &id, Verdict::Accepted, "Chấp nhận bản đã chỉnh sửa. / Accepted.").await?;
    }
    countries::label(house, vietnam, TITLE, &composition.to_string()).await?;
    countries::tell(house, vietnam).await
}

fn standing(house: &House, id: &OrderId) -> Result<Arc<Standing>> {
    let snapshot = house.snapshot();
    snapshot.state.order(id).cloned().ok_or_else(|| Error::internal("the order of the story is not there"))
}

fn is_accepted(standing: &Standing) -> bool {
    standing.proposals.iter().any(|proposal| matches!(proposal.status, policy::state::Offer::Accepted { .. }))
}

async fn withdraw(house: &Arc<House>) -> Result<()> {
    let order = json!({
        "authority": AUTHORITY,
        "number": NUMBER,
        "date": jiff::Zoned::now().date().to_string(),
        "legal_basis": "An invented order of the demonstration; no authority gave it",
        "territories": ["VN"],
        "work": { "title": TITLE },
        "scope": "whole",
        "operation": "withdraw",
        "cited": QUOTED,
        "reason": "A scene that the demonstration takes for one that offends.",
    });
    let placed = order::place(house, Place { order, by: BY.into(), ..Place::default() }).await?;
    if let Some(taken) = placed.taken {
        let took = taken.in_force_here.duration_since(taken.recorded);
        eprintln!(
            "{TITLE} is ordered away in Vietnam: in force {:.1} ms after it was recorded; Korea goes on",
            took.as_secs_f64() * 1e3
        );
    }
    Ok(())
}

async fn propose(house: &Arc<House>, id: &OrderId) -> Result<Digest> {
    eprintln!("making a corrected version of {TITLE}");
    let edits = vec![("cut".to_string(), CUT.to_string())];
    let offer = Offer { order: id.clone(), title: None, version: None, edits, by: BY.into() };
    order::propose(house, offer).await?;
    let standing = standing(house, id)?;
    let made = standing.proposals.first().map(|proposal| proposal.offered.composition);
    made.ok_or_else(|| Error::internal("the corrected version was not recorded"))
}

async fn answer(house: &Arc<House>, id: &OrderId, verdict: Verdict, letter: &str) -> Result<()> {
    let letter = Letter { text: letter.into(), file: None };
    order::answer_offer(house, id, None, verdict, letter, BY).await.map(drop)
}
