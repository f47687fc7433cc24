//! The list of orders: what presses first, then what came last; a page at a time.

use std::cmp::Reverse;
use std::collections::HashMap;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use policy::state::{Standing, Status};
use policy::{OrderId, Work};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::{OrderView, of_standing};
use crate::house::House;

/// Orders on a page at most.
const MOST: usize = 1_000;

/// Which orders.
#[derive(Args, Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those whose number, authority or title has this in it, whatever the case of its letters.
    #[arg(long, value_name = "TEXT", help = "Only those whose number, authority or title has this in it")]
    pub matching: Option<String>,
    /// Only those that are waited for or bind, or only those that are refused or lifted.
    #[param(inline)]
    #[arg(long, help = "Only those that are waited for or bind, or only those that are over")]
    pub state: Option<State>,
    /// So many are left out at the beginning.
    #[serde(default)]
    #[arg(long, default_value_t = 0, value_name = "N", help = "So many are left out at the beginning")]
    pub skip: usize,
    /// Orders at most; 1,000 when left out, and at most that.
    #[arg(long, value_name = "N", help = "Orders at most; 1,000 when left out, and at most that")]
    pub limit: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, ValueEnum)]
#[serde(rename_all = "kebab-case")]
#[schema(as = OrderState)]
pub enum State {
    Open,
    Ended,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Orders {
    pub orders: Vec<OrderView>,
    /// How many there are on all pages.
    pub total: usize,
}

/// The orders asked for: those with a clock that runs first, by that; then the last that were entered.
pub fn list(house: &House, which: &Which) -> Orders {
    let snapshot = house.snapshot();
    let matching = which.matching.as_deref().unwrap_or_default().trim().to_lowercase();
    let asked = |standing: &&Standing| {
        which.state.is_none_or(|state| state == state_of(standing)) && matches(standing, &matching)
    };
    let orders = snapshot.state.orders().map(|standing| &**standing);
    let mut found: Vec<&Standing> = orders.filter(asked).collect();
    let mut pressing: HashMap<OrderId, Timestamp> = HashMap::new();
    for clock in snapshot.state.clocks() {
        if let Some(order) = clock.order {
            pressing.entry(order).or_insert(clock.due);
        }
    }
    found.sort_by_cached_key(|standing| {
        let due = pressing.get(&standing.order.id());
        (due.is_none(), due.copied(), Reverse(standing.placed_at))
    });
    let page = found.iter().skip(which.skip).take(which.limit.unwrap_or(MOST).min(MOST));
    Orders { orders: page.map(|standing| of_standing(standing)).collect(), total: found.len() }
}

fn state_of(standing: &Standing) -> State {
    match standing.status {
        Status::Waiting | Status::Standing => State::Open,
        Status::Refused | Status::Lifted => State::Ended,
    }
}

fn matches(standing: &Standing, text: &str) -> bool {
    let order = &standing.order;
    let title = match &order.work {
        Work::Title(id) => id,
        Work::Service => "",
    };
    let resolved = standing.resolved.iter().map(|range| range.title.as_str());
    let mut names = [order.number.as_str(), order.authority.as_str(), title].into_iter().chain(resolved);
    text.is_empty() || names.any(|name| name.to_lowercase().contains(text))
}
