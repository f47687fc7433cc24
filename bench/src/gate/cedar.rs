//! The peer of `gate`: Cedar, with the rules as policies and what is known of a title in a territory as
//! one entity.
//!
//! Cedar has no loop over windows or orders, so an entity bears its three windows and its order as
//! attributes: the form in which it is fastest. Ages are compared as days written YYYYMMDD.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use media::{Error, Result};
use policy::Viewer;
use policy::gate::Paid;
use serde_json::{Value, json};

use super::{Asking, timed};
use crate::lawful::{House, LABELS, LICENCES};
use crate::measure::Side;

const POLICIES: &str = r#"
permit(principal, action == Action::"play", resource) when {
  resource in Open::"open" && (
    (resource.w0.from <= context.now && context.now < resource.w0.until && principal.paid.contains(resource.w0.licence)) ||
    (resource.w1.from <= context.now && context.now < resource.w1.until && principal.paid.contains(resource.w1.licence)) ||
    (resource.w2.from <= context.now && context.now < resource.w2.until && principal.paid.contains(resource.w2.licence)))
};
forbid(principal, action, resource) when { resource.label == "C" };
forbid(principal, action, resource) when {
  resource.label == "K" && principal.born > context.thirteen && !principal.accompanied };
forbid(principal, action, resource) when { resource.label == "T13" && principal.born > context.thirteen };
forbid(principal, action, resource) when { resource.label == "T16" && principal.born > context.sixteen };
forbid(principal, action, resource) when { resource.label == "T18" && principal.born > context.eighteen };
forbid(principal, action, resource) when {
  resource.label != "P" && !(principal.overlay && principal.control) };
forbid(principal, action, resource) when {
  resource has order && resource.order.from <= context.now && context.now < resource.order.until };
"#;

pub fn decide_all(
    house: &House,
    viewers: &[Viewer],
    askings: &[Asking],
    now: Timestamp,
) -> Result<(Side, Vec<bool>)> {
    let wrong = |e: &dyn std::fmt::Display| Error::internal(format!("Cedar: {e}"));
    let policies: PolicySet = POLICIES.parse().map_err(|e| wrong(&e))?;
    let entities =
        Entities::from_json_value(entities(house, viewers, askings), None).map_err(|e| wrong(&e))?;
    let day = TimeZone::UTC.to_datetime(now).date();
    let days = json!({
        "now": now.as_second(), "thirteen": number(day) - 130_000, "sixteen": number(day) - 160_000,
        "eighteen": number(day) - 180_000,
    });
    let play = uid("Action", "play")?;
    let requests: Vec<Request> = askings
        .iter()
        .map(|asking| {
            let context = Context::from_json_value(days.clone(), None).map_err(|e| wrong(&e))?;
            let (viewer, cell) = (uid("Viewer", &asking.viewer.to_string())?, uid("Title", &cell(asking))?);
            Request::new(viewer, play.clone(), cell, context, None).map_err(|e| wrong(&e))
        })
        .collect::<Result<_>>()?;
    let authorizer = Authorizer::new();
    let ask = |request: &Request| authorizer.is_authorized(request, &policies, &entities);
    let answers = requests.iter().map(|request| ask(request).decision() == Decision::Allow).collect();
    let seconds = timed(&requests, |request| drop(std::hint::black_box(ask(request))));
    let side = Side {
        name: "cedar-policy".into(),
        wall_seconds: seconds,
        cpu_seconds: seconds,
        more: [("median_nanoseconds".to_string(), json!((seconds * 1e9).round()))].into(),
        ..Side::default()
    };
    Ok((side, answers))
}

fn uid(kind: &str, id: &str) -> Result<EntityUid> {
    EntityUid::from_json(json!({"type": kind, "id": id})).map_err(|e| Error::internal(format!("Cedar: {e}")))
}

fn cell(asking: &Asking) -> String {
    format!("{}/{}", asking.title, asking.territory)
}

/// A day as a number that rises with it.
fn number(day: Date) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

fn entities(house: &House, viewers: &[Viewer], askings: &[Asking]) -> Value {
    let ordered: BTreeMap<usize, (Timestamp, Timestamp)> =
        house.ordered.iter().map(|(title, from, until)| (*title, (*from, *until))).collect();
    let asked: BTreeSet<(usize, usize)> = askings.iter().map(|a| (a.title, a.territory)).collect();
    let of_title = |(title, territory): (usize, usize)| {
        let times = house.times(title, house.territories[territory]);
        let window = |n: usize| {
            let end = times[n].end.map_or(i64::MAX, Timestamp::as_second);
            json!({"from": times[n].open.as_second(), "until": end, "licence": LICENCES[n]})
        };
        let label = LABELS[house.labels[title][territory] as usize];
        let mut attrs = json!({"label": label, "w0": window(0), "w1": window(1), "w2": window(2)});
        if let Some((from, until)) = ordered.get(&title) {
            attrs["order"] = json!({"from": from.as_second(), "until": until.as_second()});
        }
        let asking = Asking { title, territory, viewer: 0 };
        json!({"uid": {"type": "Title", "id": cell(&asking)}, "attrs": attrs, "parents": [{"type": "Open", "id": "open"}]})
    };
    let of_viewer = |(n, viewer): (usize, &Viewer)| {
        let paid: Vec<&str> = match &viewer.paid {
            Paid::Holds(held) => held.iter().map(|one| one.licence.as_str()).collect(),
            Paid::NotAsked => LICENCES.to_vec(),
        };
        let attrs = json!({
            "born": viewer.watcher.born.map_or(i64::MAX, number), "accompanied": viewer.watcher.with_guardian,
            "control": viewer.device.parental_control, "overlay": viewer.device.overlay, "paid": paid,
        });
        json!({"uid": {"type": "Viewer", "id": n.to_string()}, "attrs": attrs, "parents": []})
    };
    let open = json!({"uid": {"type": "Open", "id": "open"}, "attrs": {}, "parents": []});
    let titles = asked.into_iter().map(of_title);
    Value::Array(titles.chain(viewers.iter().enumerate().map(of_viewer)).chain([open]).collect())
}
