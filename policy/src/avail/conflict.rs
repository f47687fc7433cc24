//! Where windows contradict each other or themselves.
//!
//! A conflict is found and explained; none changes what is in force.

use std::sync::Arc;

use serde::Serialize;

use super::{Avail, AvailId, Spoken, Times, Undated, Window};
use crate::territory::Territory;

/// Two windows that cannot both be right, or one that cannot be right alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    pub rule: Rule,
    pub territory: Territory,
    pub one: Cited,
    /// The other window; none where one contradicts itself.
    pub other: Option<Cited>,
    /// What contradicts what, as a sentence.
    pub says: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// An exclusive window overlaps one of another licensor or for another licensee.
    Exclusive,
    /// A window of a part lies outside every window of the whole that licenses it too.
    OutsideParent,
    /// One transaction has two different terms.
    TwoTerms,
    /// Two licensors use one ALID.
    TwoLicensors,
    /// A language is held back and allowed at once.
    HeldBack,
    /// It hangs on an event that nobody has dated: it never opens.
    Undated,
    /// It shuts before it opens there.
    NeverOpen,
}

/// A window, for people to find.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cited {
    pub avail: AvailId,
    pub place: String,
    pub licence: String,
    pub times: Option<Times>,
}

/// Windows of one work that are compared at most; what is beyond is not looked at.
const MAX_COMPARED: usize = 2_000;

/// The conflicts of the avails of one work, with those of what holds it.
///
/// Each pair is told once, for the first territory that both are for.
pub fn conflicts(avails: &[Arc<Avail>], parents: &[Arc<Avail>]) -> Vec<Conflict> {
    let windows: Vec<(&Avail, &Window)> =
        avails.iter().flat_map(|a| a.windows.iter().map(move |w| (&**a, w))).take(MAX_COMPARED).collect();
    let mut found: Vec<Conflict> = windows.iter().filter_map(|(a, w)| alone(a, w)).collect();
    for (n, one) in windows.iter().enumerate() {
        found.extend(windows[n + 1..].iter().filter_map(|other| pair(*one, *other)));
        found.extend(outside(*one, parents));
    }
    found.extend(two_licensors(avails));
    found
}

fn alone(avail: &Avail, window: &Window) -> Option<Conflict> {
    let territory = window.territories.each().into_iter().next()?;
    let one = |times| cited(avail, window, times);
    let conflict = |rule, times, says| Conflict { rule, territory, one: one(times), other: None, says };
    match avail.times(window, territory) {
        Err(Undated(event)) => Some(conflict(
            Rule::Undated,
            None,
            format!("It hangs on {event}, and nobody has said when that is, so it is in force nowhere"),
        )),
        Ok(times) if times.end.is_some_and(|end| end <= times.open) => Some(conflict(
            Rule::NeverOpen,
            Some(times),
            "It shuts before it opens, so it is in force at no instant".into(),
        )),
        Ok(times) => {
            let both = clash(&window.languages.allowed, &window.languages.held_back)?;
            Some(conflict(Rule::HeldBack, Some(times), format!("{both} is allowed and held back at once")))
        }
    }
}

fn pair(one: (&Avail, &Window), other: (&Avail, &Window)) -> Option<Conflict> {
    let ((a, v), (b, w)) = (one, other);
    let territory = v.territories.shared(&w.territories).into_iter().next()?;
    let (s, t) = (a.times(v, territory).ok()?, b.times(w, territory).ok()?);
    if !s.overlap(&t) {
        return None;
    }
    let (rule, says) = contradiction(one, other)?;
    let (one, other) = (cited(a, v, Some(s)), Some(cited(b, w, Some(t))));
    Some(Conflict { rule, territory, one, other, says })
}

/// What is contradictory about two windows that are open together.
fn contradiction(one: (&Avail, &Window), other: (&Avail, &Window)) -> Option<(Rule, String)> {
    let ((a, v), (b, w)) = (one, other);
    let same_offer = v.licence == w.licence && (v.format == w.format || v.format.is_empty());
    let others = a.id.licensor != b.id.licensor || v.licensee != w.licensee;
    if (v.exclusive || w.exclusive) && v.licence == w.licence && others {
        let exclusive = if v.exclusive { &a.id } else { &b.id };
        return Some((
            Rule::Exclusive,
            format!("{exclusive} licenses {} exclusively, and another does so too", v.licence),
        ));
    }
    if a.id == b.id && !v.transaction.is_empty() && v.transaction == w.transaction && !same_terms(v, w) {
        let says = format!("Transaction {} of {} stands twice with other terms", v.transaction, a.id);
        return Some((Rule::TwoTerms, says));
    }
    if same_offer {
        let both = clash(&v.languages.allowed, &w.languages.held_back)
            .or_else(|| clash(&w.languages.allowed, &v.languages.held_back))?;
        return Some((Rule::HeldBack, format!("One allows {both}, the other holds it back meanwhile")));
    }
    None
}

/// Whether two windows differ in nothing but where they stand and for whom they are.
fn same_terms(v: &Window, w: &Window) -> bool {
    let bare = |window: &Window| Window { place: String::new(), ..window.clone() };
    bare(v) == bare(w)
}

/// A window of a part that none of the whole's windows of the same licence covers.
fn outside((avail, window): (&Avail, &Window), parents: &[Arc<Avail>]) -> Option<Conflict> {
    let territory = window.territories.each().into_iter().next()?;
    let own = avail.times(window, territory).ok()?;
    let of = |parent: &Arc<Avail>| avail.parents.iter().any(|name| parent.names.binary_search(name).is_ok());
    let whole: Vec<(&Arc<Avail>, &Window, Times)> = parents
        .iter()
        .filter(|parent| of(parent))
        .flat_map(|parent| parent.windows.iter().map(move |w| (parent, w)))
        .filter(|(_, w)| w.licence == window.licence && w.territories.contains(territory))
        .filter_map(|(parent, w)| Some((parent, w, parent.times(w, territory).ok()?)))
        .collect();
    let (parent, w, times) = whole.first()?;
    if whole.iter().any(|(_, _, times)| times.covers(&own)) {
        return None;
    }
    let says = format!("No window of {} covers this one of a part of it", parent.id);
    Some(Conflict {
        rule: Rule::OutsideParent,
        territory,
        one: cited(avail, window, Some(own)),
        other: Some(cited(parent, w, Some(*times))),
        says,
    })
}

fn two_licensors(avails: &[Arc<Avail>]) -> impl Iterator<Item = Conflict> {
    let pairs = avails.iter().enumerate().flat_map(|(n, a)| avails[n + 1..].iter().map(move |b| (a, b)));
    pairs.filter(|(a, b)| a.id.alid == b.id.alid && a.id.licensor != b.id.licensor).filter_map(|(a, b)| {
        let (v, w) = (a.windows.first()?, b.windows.first()?);
        let territory = v.territories.each().into_iter().next()?;
        let says = format!("{} and {} use one ALID, {}", a.id.licensor, b.id.licensor, a.id.alid);
        let other = Some(cited(b, w, None));
        Some(Conflict { rule: Rule::TwoLicensors, territory, one: cited(a, v, None), other, says })
    })
}

/// A language that both name.
fn clash(allowed: &[Spoken], held: &[Spoken]) -> Option<String> {
    let meets = |a: &Spoken| held.iter().any(|h| h.language == a.language && h.heard.meets(a.heard));
    allowed.iter().find(|a| meets(a)).map(|a| a.language.clone())
}

fn cited(avail: &Avail, window: &Window, times: Option<Times>) -> Cited {
    Cited { avail: avail.id.clone(), place: window.place.clone(), licence: window.licence.clone(), times }
}
