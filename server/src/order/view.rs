//! Orders as people and programs see them.

use jiff::Timestamp;
use media::error::{Error, Result};
use policy::state::Standing;
use policy::{OrderId, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Orders, Placed};
use crate::house::House;

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderView {
    pub authority: String,
    pub number: String,
    /// The order as it stands now.
    #[schema(value_type = Object)]
    pub order: Value,
    /// `waiting`, `standing`, `refused` or `lifted`.
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub placed: Timestamp,
    /// From when it binds.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// By when what is ordered must be done and reported, and on what basis.
    #[schema(value_type = Object)]
    pub due: Value,
    /// The frames of stored tracks that its times came to.
    pub resolved: Vec<Range>,
    pub proposals: Vec<ProposalView>,
    pub appeals: usize,
    #[schema(value_type = Vec<String>)]
    pub reported: Vec<Timestamp>,
    /// When each node had it in force.
    #[schema(value_type = Vec<Vec<String>>)]
    pub took_effect: Vec<(String, Timestamp)>,
    /// Titles and the compositions that obey it frame by frame.
    #[schema(value_type = Vec<Vec<String>>)]
    pub frame_accurate: Vec<(String, String)>,
    /// Titles where none could be made, and why; what is ordered stays held there.
    #[schema(value_type = Vec<Vec<String>>)]
    pub failed: Vec<(String, String)>,
    pub history: Vec<Happened>,
}

/// Frames of a title's stored tracks, end-exclusive.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderedRange)]
pub struct Range {
    pub title: String,
    pub source: String,
    pub from: u32,
    pub to: u32,
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Proposal)]
pub struct ProposalView {
    pub title: String,
    pub composition: String,
    /// `made`, `sent`, `accepted`, `overridden`, `refused` or `stale`.
    pub status: String,
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Happened {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub by: String,
    pub what: String,
}

pub fn view(house: &House, id: &OrderId) -> Result<OrderView> {
    of(&house.snapshot().state, id)
}

pub fn of(state: &State, id: &OrderId) -> Result<OrderView> {
    let standing = state.order(id).ok_or_else(|| Error::not_found(format!("there is no order {id}")))?;
    Ok(of_standing(standing))
}

pub fn of_standing(standing: &Standing) -> OrderView {
    let id = standing.order.id();
    OrderView {
        authority: id.authority,
        number: id.number,
        order: json(&*standing.order),
        status: format!("{:?}", standing.status).to_lowercase(),
        placed: standing.placed_at,
        start: standing.start(),
        due: json(&standing.due),
        resolved: standing.resolved.iter().map(range).collect(),
        proposals: standing.proposals.iter().map(proposal).collect(),
        appeals: standing.appeals.len(),
        reported: standing.reported.clone(),
        took_effect: standing.took_effect.iter().map(|e| (e.node.clone(), e.latest)).collect(),
        frame_accurate: standing
            .frame_accurate
            .iter()
            .map(|made| (made.title.clone(), made.composition.to_string()))
            .collect(),
        failed: standing.failed.clone(),
        history: standing
            .history
            .iter()
            .map(|h| Happened { at: h.at, by: h.by.id().to_string(), what: h.what.clone() })
            .collect(),
    }
}

fn range(resolved: &policy::Resolved) -> Range {
    Range {
        title: resolved.title.clone(),
        source: resolved.source.to_string(),
        from: resolved.from,
        to: resolved.to,
    }
}

fn json(value: &impl Serialize) -> Value {
    // Everything here was read from JSON once.
    serde_json::to_value(value).unwrap_or_default()
}

fn proposal(proposal: &policy::state::Proposal) -> ProposalView {
    use policy::state::Offer;
    let status = match proposal.status {
        Offer::Made => "made",
        Offer::Sent { .. } => "sent",
        Offer::Accepted { .. } => "accepted",
        Offer::Overridden { .. } => "overridden",
        Offer::Refused { .. } => "refused",
        Offer::Stale => "stale",
    };
    ProposalView {
        title: proposal.offered.title.clone(),
        composition: proposal.offered.composition.to_string(),
        status: status.to_string(),
    }
}

pub fn print_list(Orders { orders, total }: &Orders) {
    for order in orders {
        print_line(order);
    }
    if orders.len() < *total {
        println!("{} of {total} orders; --skip, --limit and --matching choose others", orders.len());
    }
}

fn print_line(order: &OrderView) {
    let text = |field: &str| order.order[field].as_str().unwrap_or_default().to_string();
    let territories: Vec<&str> =
        order.order["territories"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    println!(
        "{:<16} {:<24} {:<9} {:<9} {:<6} {}  {}",
        order.number,
        order.authority,
        order.status,
        text("operation"),
        territories.join(","),
        order.order["work"]["title"].as_str().unwrap_or("the whole service"),
        order.order["scope"]["written"].as_str().unwrap_or_default(),
    );
}

pub fn print_order(order: &OrderView) {
    print_line(order);
    println!("  binds from {}", order.start);
    for (name, clock) in
        [("to be done by", &order.due["removal"]), ("to be reported by", &order.due["report"])]
    {
        if let Some(at) = clock["at"].as_str() {
            println!("  {name} {at} ({})", clock["basis"].as_str().unwrap_or_default());
        }
    }
    for (node, at) in &order.took_effect {
        println!("  in force at {node} since {at}");
    }
    for (title, composition) in &order.frame_accurate {
        println!("  {title}: frame-accurate as {}", &composition[..12]);
    }
    for (title, why) in &order.failed {
        println!("  {title}: stays held, because {why}");
    }
    for proposal in &order.proposals {
        println!("  proposal {} of {}: {}", &proposal.composition[..12], proposal.title, proposal.status);
    }
    for happened in &order.history {
        println!("  {}  {}", happened.at, happened.what);
    }
}

pub fn print_placed(placed: &Placed) {
    match &placed.taken {
        Some(taken) if taken.changed => println!(
            "in force here since {}; everywhere by {} at the latest (record {} of log {})",
            taken.in_force_here, taken.in_force_everywhere, taken.number, taken.log
        ),
        Some(_) => println!("known already; nothing has changed"),
        None => println!("nothing was changed; this is what would be"),
    }
    print_line(&placed.order);
    for effect in &placed.effects {
        let after = match (&effect.becomes, effect.withdrawn) {
            (_, true) => "withdrawn".to_string(),
            (Some(becomes), false) => {
                format!("becomes {} of {:.3} s", &becomes[..12], effect.seconds.unwrap_or_default())
            }
            (None, false) => "held".to_string(),
        };
        println!("  {} {}/{}: {after}", effect.territory, effect.title, effect.version);
        for (from, to) in &effect.ordered {
            println!("    {from:.3} to {to:.3} s of the title");
        }
    }
}
