//! `gate`: one decision in a large house, against the `cedar-policy` crate on the same rules.

use std::time::Instant;

use jiff::Timestamp;
use media::{Error, Result};
use policy::browse::{Shelf, Wish};
use policy::{Answer, Gate, Question, Viewer, Who};
use serde_json::json;

use crate::Asked;
use crate::lawful::{Dice, House, decision, noon, placed, viewers};
use crate::measure::{Outcome, Side, median, resident_memory};

#[cfg(feature = "cedar")]
mod cedar;

/// Questions asked of both sides.
const QUESTIONS: usize = 20_000;

/// What is asked: a title, a territory, a viewer, by their numbers.
#[derive(Clone, Copy)]
pub struct Asking {
    pub title: usize,
    pub territory: usize,
    pub viewer: usize,
}

pub fn gate(asked: &Asked) -> Result<Vec<Outcome>> {
    let (titles, territories) = if asked.quick { (2_000, 5) } else { (100_000, 50) };
    let before = resident_memory()?;
    let house = House::new(titles, territories, titles.min(1_000))?;
    let memory = resident_memory()?.saturating_sub(before);
    let viewers = viewers();
    let mut dice = Dice::new(5);
    let askings: Vec<Asking> = (0..QUESTIONS)
        .map(|_| Asking {
            title: dice.below(titles),
            territory: dice.below(territories),
            viewer: dice.below(viewers.len()),
        })
        .collect();
    let now = noon()?;
    let mut shelf = house.shelf(now);
    let kept = resident_memory()?.saturating_sub(before + memory);
    let (answers, ours) = decide_all(&house, &shelf, &viewers, &askings, now);
    let (whole, each) = decide_whole(&house, &viewers, &askings, now);
    let passes = answers.iter().filter(|pass| **pass).count();
    let (peer, theirs) = peer(&house, &viewers, &askings, now)?;
    let same = theirs == answers && whole == answers;
    let ratio = peer.wall_seconds / ours.whole;
    let (apply, follow) = apply(&house, &mut shelf)?;
    Ok(vec![Outcome {
        name: "gate".into(),
        ours: Side {
            name: "phim".into(),
            wall_seconds: ours.whole,
            cpu_seconds: ours.whole,
            more: [
                ("median_nanoseconds".to_string(), json!((ours.whole * 1e9).round())),
                ("pass_nanoseconds".to_string(), json!((ours.pass * 1e9).round())),
                ("refusal_nanoseconds".to_string(), json!((ours.refusal * 1e9).round())),
                ("state_megabytes".to_string(), json!(memory / 1_000_000)),
                ("shelf_megabytes".to_string(), json!(kept / 1_000_000)),
                ("apply_microseconds".to_string(), json!((apply * 1e6 * 10.0).round() / 10.0)),
                ("follow_microseconds".to_string(), json!((follow * 1e6 * 10.0).round() / 10.0)),
                ("without_shelf_nanoseconds".to_string(), json!((each * 1e9).round())),
            ]
            .into(),
            ..Side::default()
        },
        measure: "the peer's median time of a decision over ours".into(),
        ratio: Some(ratio),
        reach: "the same answers, under 1 µs at the median, at least 10 times faster".into(),
        reached: same && ours.whole < 1e-6 && ratio >= 10.0,
        notes: vec![
            format!(
                "{titles} titles, {territories} territories, 3 windows each, {} orders; {passes} of {QUESTIONS} questions pass; \
                 both sides answer {}",
                house.ordered.len(),
                if same { "the same" } else { "DIFFERENTLY" }
            ),
            "the peer knows only the titles that are asked for, and its requests are made before the clock runs; \
             it answers yes or no, ours finds the title by its name and gives a pass or every reason"
                .into(),
            "ours stands on a shelf of every title in every territory, judged once before the clock runs and \
             followed by each decision; without_shelf: the whole gate, asked anew"
                .into(),
        ],
        peer: Some(peer),
    }])
}

/// Medians of seconds a decision.
struct Times {
    whole: f64,
    pass: f64,
    refusal: f64,
}

/// Whether each is answered with a pass from the shelf, and how long that takes.
fn decide_all(
    house: &House,
    shelf: &Shelf,
    viewers: &[Viewer],
    askings: &[Asking],
    now: Timestamp,
) -> (Vec<bool>, Times) {
    // Requests come with their own words, as those of the peer do.
    let request = |asking: &Asking| (house.titles[asking.title].id.clone(), *asking);
    let requests: Vec<(String, Asking)> = askings.iter().map(request).collect();
    let ask = |(title, asking): &(String, Asking)| {
        let territory = house.territories[asking.territory];
        shelf.decide(&Wish { territory, title, viewer: &viewers[asking.viewer], now })
    };
    let answers: Vec<bool> = requests.iter().map(|request| matches!(ask(request), Answer::Pass(_))).collect();
    let only = |pass: bool| -> Vec<(String, Asking)> {
        let answered = requests.iter().zip(&answers).filter(|(_, answer)| **answer == pass);
        answered.map(|(request, _)| request.clone()).collect()
    };
    let times = Times {
        whole: timed(&requests, |request| drop(std::hint::black_box(ask(request)))),
        pass: timed(&only(true), |request| drop(std::hint::black_box(ask(request)))),
        refusal: timed(&only(false), |request| drop(std::hint::black_box(ask(request)))),
    };
    (answers, times)
}

/// The same by the whole gate, and seconds at the median.
fn decide_whole(house: &House, viewers: &[Viewer], askings: &[Asking], now: Timestamp) -> (Vec<bool>, f64) {
    let gate = |territory: &policy::Territory| Gate::new(&house.state, &house.packs, Some(*territory), now);
    let gates: Vec<Gate> = house.territories.iter().map(gate).collect();
    let ask = |asking: &Asking| {
        let title = &house.titles[asking.title];
        let question = Question {
            territory: Some(house.territories[asking.territory]),
            title: &title.id,
            composition: Some(&title.composition),
            made_from: None,
            films: &title.films,
            now,
            who: Who::Viewer,
            viewer: Some(&viewers[asking.viewer]),
        };
        gates[asking.territory].decide(&question)
    };
    let answers = askings.iter().map(|asking| matches!(ask(asking), Answer::Pass(_))).collect();
    (answers, timed(askings, |asking| drop(std::hint::black_box(ask(asking)))))
}

/// The median of seconds a question, over five rounds; reading the clock is part of them.
pub fn timed<T>(all: &[T], ask: impl Fn(&T)) -> f64 {
    let one = |asked: &T| {
        let began = Instant::now();
        ask(asked);
        began.elapsed().as_secs_f64()
    };
    median((0..5).flat_map(|_| all.iter().map(one).collect::<Vec<_>>()).collect())
}

/// Seconds to go from one state to the next by an order on one title, the earlier one kept; and seconds until
/// the shelf has followed it in every territory.
fn apply(house: &House, shelf: &mut Shelf) -> Result<(f64, f64)> {
    let (start, until) =
        (noon()?, "2027-01-01T00:00:00Z".parse().map_err(|_| Error::internal("no instant"))?);
    let (mut times, mut follows) = (Vec::new(), Vec::new());
    let mut state = house.state.clone();
    for n in 0..200 {
        let title = &house.titles[n * 7 % house.titles.len()].id;
        let order = house.order_of(title, &format!("more-{n}"), start, until)?;
        let decision = decision(placed(order))?;
        let began = Instant::now();
        let mut next = state.clone();
        let applied = next.apply(&decision)?;
        times.push(began.elapsed().as_secs_f64());
        let began = Instant::now();
        shelf.follow(&decision, &next, applied);
        follows.push(began.elapsed().as_secs_f64());
        state = next;
    }
    Ok((median(times), median(follows)))
}

#[cfg(feature = "cedar")]
fn peer(house: &House, viewers: &[Viewer], askings: &[Asking], now: Timestamp) -> Result<(Side, Vec<bool>)> {
    cedar::decide_all(house, viewers, askings, now)
}

#[cfg(not(feature = "cedar"))]
fn peer(_: &House, _: &[Viewer], _: &[Asking], _: Timestamp) -> Result<(Side, Vec<bool>)> {
    Err(Error::unsupported("built without its peer").remedy("Use ./phim bench gate"))
}
