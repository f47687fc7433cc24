//! Many invented histories, against a simple reference that knows nothing of indexes or folds.

use policy::{Act, Answer, Operation, OrderId, Outcome, Proposed, Who};
use proptest::prelude::*;

use super::house::{House, instant, sealed};

const TERRITORIES: [&str; 3] = ["VN", "KR", "FR"];
const EPISODES: u32 = 3;
const OPERATIONS: [Operation; 6] = [
    Operation::Withdraw,
    Operation::Cut,
    Operation::Mask,
    Operation::Blur,
    Operation::Mute,
    Operation::DropText,
];

/// One thing that somebody does; numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Place(Demand),
    Amend(usize, Demand),
    Approve(usize),
    Refuse(usize),
    Lift(usize),
    Appeal(usize),
    Answer(usize),
    Propose(usize, u32),
    Accept(usize, u32),
    Override(usize, u32),
    Reject(usize, u32),
    Wait(i64),
}

/// What an order demands, in the reference's own terms.
#[derive(Clone, Debug)]
struct Demand {
    /// Indexes of [`TERRITORIES`]: at least one.
    territories: Vec<usize>,
    /// All of the series, or one episode.
    episode: Option<u32>,
    /// Seconds, end inclusive.
    range: Option<(u32, u32)>,
    operation: usize,
    /// Minutes after it is placed at which it begins, and after that at which it ends.
    start: i64,
    length: Option<i64>,
}

fn demand() -> impl Strategy<Value = Demand> {
    (
        prop::sample::subsequence(vec![0, 1, 2], 1..=2),
        prop::option::of(1..=EPISODES),
        prop::option::of((0u32..50, 0u32..9)),
        0..OPERATIONS.len(),
        0i64..3,
        prop::option::of(1i64..4),
    )
        .prop_map(|(territories, episode, range, operation, start, length)| Demand {
            territories,
            // A withdrawal has no ranges; every range stands in an episode.
            episode: if range.is_some() { Some(episode.unwrap_or(1)) } else { episode },
            range: range.map(|(from, len)| (from, from + len)).filter(|_| operation > 0),
            operation,
            start,
            length,
        })
}

fn step() -> impl Strategy<Value = Step> {
    let n = 0usize..6;
    let e = 1..=EPISODES;
    prop_oneof![
        4 => demand().prop_map(Step::Place),
        2 => (n.clone(), demand()).prop_map(|(n, d)| Step::Amend(n, d)),
        1 => n.clone().prop_map(Step::Approve),
        1 => n.clone().prop_map(Step::Refuse),
        2 => n.clone().prop_map(Step::Lift),
        1 => n.clone().prop_map(Step::Appeal),
        1 => n.clone().prop_map(Step::Answer),
        2 => (n.clone(), e.clone()).prop_map(|(n, e)| Step::Propose(n, e)),
        2 => (n.clone(), e.clone()).prop_map(|(n, e)| Step::Accept(n, e)),
        1 => (n.clone(), e.clone()).prop_map(|(n, e)| Step::Override(n, e)),
        1 => (n, e).prop_map(|(n, e)| Step::Reject(n, e)),
        2 => (1i64..3).prop_map(Step::Wait),
    ]
}

/// An order as the reference keeps it.
struct Known {
    demand: Demand,
    placed: i64,
    obeyed: bool,
    lifted: bool,
    /// Episodes whose version was proposed, and whether it is open; gone when it is stale.
    offers: Vec<(u32, bool)>,
}

#[derive(Default)]
struct Reference {
    orders: Vec<Known>,
    minutes: i64,
}

/// What a viewer meets in one second of an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Meets {
    Film,
    NoText,
    Silence,
    Black,
    Gone,
}

impl Reference {
    fn meets(&self, territory: usize, episode: u32, second: u32, offered: bool) -> Meets {
        self.orders
            .iter()
            .map(|o| self.one(o, territory, episode, second, offered))
            .max()
            .unwrap_or(Meets::Film)
    }
    fn one(&self, order: &Known, territory: usize, episode: u32, second: u32, offered: bool) -> Meets {
        let demand = &order.demand;
        let begins = order.placed + demand.start;
        let live = order.obeyed
            && !order.lifted
            && begins <= self.minutes
            && demand.length.is_none_or(|length| self.minutes < begins + length);
        let named = demand.territories.contains(&territory)
            && demand.episode.is_none_or(|e| e == episode)
            && demand.range.is_none_or(|(from, to)| (from..=to).contains(&second));
        let answered = offered && order.offers.contains(&(episode, true));
        if !live || !named || answered {
            return Meets::Film;
        }
        match (OPERATIONS[demand.operation], demand.range) {
            (Operation::Withdraw, _) | (Operation::Cut, None) => Meets::Gone,
            (Operation::Mute, _) => Meets::Silence,
            (Operation::DropText, _) => Meets::NoText,
            _ => Meets::Black,
        }
    }
}

struct Run {
    house: House,
    reference: Reference,
}

fn title(episode: u32) -> String {
    format!("flight-s1e{episode}")
}

impl Run {
    fn new() -> Run {
        Run {
            house: House::on_trial("2026-01-03 12:00").series("flight", EPISODES, 1),
            reference: Reference::default(),
        }
    }

    fn json(&self, number: usize, demand: &Demand, placed: i64) -> String {
        let at = |minutes: i64| {
            let from = instant("2026-01-03 12:00");
            (from + jiff::SignedDuration::from_mins(minutes)).to_string()
        };
        let codes: Vec<&str> = demand.territories.iter().map(|t| TERRITORIES[*t]).collect();
        let place = demand.episode.map_or("whole".into(), |e| format!("S1E{e}"));
        let range = demand.range.map_or(String::new(), |(from, to)| format!(" 0:{from:02}-0:{to:02}"));
        let begins = placed + demand.start;
        let until = demand.length.map_or(String::new(), |l| format!(r#", "until": "{}""#, at(begins + l)));
        let operation = serde_json::to_string(&OPERATIONS[demand.operation]).unwrap();
        format!(
            r#"{{"authority": "A", "number": "{number}", "date": "2026-01-03", "legal_basis": "B",
                "territories": {codes:?}, "work": {{"title": "flight"}}, "scope": "{place}{range}",
                "operation": {operation}, "start": "{}"{until}}}"#,
            at(begins)
        )
    }

    fn id(n: usize) -> OrderId {
        OrderId::new("A", &n.to_string())
    }

    /// The version offered for an episode: it shows the first five seconds only.
    fn offered(&self, episode: u32) -> composition::Composition {
        let source = self.house.films[&title(episode)].0.source;
        let cut = composition::Edit::Cut { source, from: 125, to: 1500 };
        composition::evaluate(&self.house.whole(&title(episode)), &[cut]).unwrap()
    }

    fn proposed(&self, episode: u32) -> Proposed {
        Proposed { title: title(episode), composition: self.offered(episode).digest() }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Place(demand) => self.place(demand),
            Step::Wait(minutes) => {
                self.reference.minutes += minutes;
                self.house.now += jiff::SignedDuration::from_mins(*minutes);
            }
            Step::Amend(n, demand) => self.amend(*n, demand),
            Step::Approve(n) => self.simple(*n, |order| Act::OrderApproved { order }, |o| o.obeyed = true),
            Step::Refuse(n) => {
                let reason = sealed("no");
                self.simple(*n, |order| Act::OrderRefused { order, reason }, |o| o.obeyed = false);
            }
            Step::Lift(n) => {
                let act = |order| Act::OrderLifted { order, letter: None, reason: sealed("lifted") };
                self.simple(*n, act, |o| o.lifted = true);
            }
            Step::Appeal(n) => {
                let letter = sealed(&self.house.decisions.len().to_string());
                let _ = self.house.decide("op-1", Act::OrderAppealed { order: Self::id(*n), letter });
            }
            Step::Answer(n) => {
                let letter = sealed(&self.house.decisions.len().to_string());
                let (order, outcome) = (Self::id(*n), Outcome::Overturned);
                let _ = self.house.decide("op-1", Act::AppealAnswered { order, outcome, letter });
            }
            Step::Propose(n, e) => self.propose(*n, *e),
            Step::Accept(n, e) => self.offer(*n, *e, true, |order, proposal| Act::ProposalAccepted {
                order,
                proposal,
                letter: sealed("yes"),
            }),
            Step::Override(n, e) => self.offer(*n, *e, true, |order, proposal| Act::ProposalOverridden {
                order,
                proposal,
                reason: sealed("because"),
            }),
            Step::Reject(n, e) => self.offer(*n, *e, false, |order, proposal| Act::ProposalRefused {
                order,
                proposal,
                letter: sealed("no"),
            }),
        }
    }

    fn place(&mut self, demand: &Demand) {
        let number = self.reference.orders.len();
        let json = self.json(number, demand, self.reference.minutes);
        self.house.place(&json);
        let placed = self.reference.minutes;
        let demand = demand.clone();
        self.reference.orders.push(Known { demand, placed, obeyed: true, lifted: false, offers: Vec::new() });
    }

    fn amend(&mut self, n: usize, demand: &Demand) {
        let Some(known) = self.reference.orders.get(n) else { return };
        let demand = Demand { territories: known.demand.territories.clone(), ..demand.clone() };
        let order = self.house.read(&self.json(n, &demand, known.placed));
        let same = *self.house.state.order(&Self::id(n)).unwrap().order == order;
        let (due, resolved) = (Default::default(), self.house.resolved(&order));
        let act = Act::OrderAmended { order: Box::new(order), due, resolved, reason: sealed("amended") };
        let done = self.house.decide("op-1", act).is_ok();
        let known = &mut self.reference.orders[n];
        assert_eq!(done, !known.lifted || same);
        if done && !same {
            known.demand = demand;
            known.offers.retain(|(_, open)| !open);
        }
    }

    fn simple(&mut self, n: usize, act: impl Fn(OrderId) -> Act, change: impl Fn(&mut Known)) {
        let done = self.house.decide("op-2", act(Self::id(n))).is_ok();
        let Some(known) = self.reference.orders.get_mut(n) else { return assert!(!done) };
        if known.lifted {
            return;
        }
        assert!(done);
        change(known);
    }

    fn propose(&mut self, n: usize, episode: u32) {
        let (order, proposal) = (Self::id(n), self.proposed(episode));
        let done =
            self.house.decide("op-1", Act::ProposalMade { order, proposal, edits: Vec::new() }).is_ok();
        let Some(known) = self.reference.orders.get_mut(n) else { return assert!(!done) };
        assert_eq!(done, !known.lifted);
        if done && !known.offers.iter().any(|(e, _)| *e == episode) {
            known.offers.push((episode, false));
        }
    }

    fn offer(&mut self, n: usize, episode: u32, open: bool, act: impl Fn(OrderId, Proposed) -> Act) {
        let done = self.house.decide("op-1", act(Self::id(n), self.proposed(episode))).is_ok();
        let Some(known) = self.reference.orders.get_mut(n) else { return assert!(!done) };
        let offer = known.offers.iter_mut().find(|(e, _)| *e == episode);
        assert_eq!(done, offer.is_some() && !known.lifted);
        if let (true, Some(offer)) = (done, offer) {
            offer.1 = open;
        }
    }

    fn check(&self) {
        for (t, code) in TERRITORIES.iter().enumerate() {
            for episode in 1..=EPISODES {
                let whole = self.house.whole(&title(episode));
                let met = self.met(code, episode, &whole, 60);
                let expected: Vec<Meets> =
                    (0..60).map(|s| self.reference.meets(t, episode, s, false)).collect();
                // One second gone is all of it gone.
                let expected = gone_as_a_whole(expected);
                assert_eq!(met, expected, "{code} episode {episode}");
                let offered = self.offered(episode);
                let met = self.met(code, episode, &offered, 5);
                let expected: Vec<Meets> =
                    (0..60).map(|s| self.reference.meets(t, episode, s, true)).collect();
                assert_eq!(met, gone_as_a_whole(expected)[..5], "{code} offered {episode}");
            }
        }
    }

    fn met(&self, code: &str, episode: u32, shown: &composition::Composition, seconds: u32) -> Vec<Meets> {
        let source = self.house.films[&title(episode)].0.source;
        match self.house.ask(code, &title(episode), shown, Who::Viewer) {
            Answer::Refused(refusals) => {
                assert!(refusals.iter().all(|r| r.order.is_some()));
                vec![Meets::Gone; seconds as usize]
            }
            Answer::Pass(pass) => (0..seconds)
                .map(|s| {
                    let (from, to) = (s * 25, s * 25 + 25);
                    let Some(held) = pass.held().source(source) else { return Meets::Film };
                    let all = |r: &composition::Ranges| r.within(from, to).eq([(from, to)]);
                    match (all(&held.picture), all(&held.sound), all(&held.text)) {
                        (true, ..) => Meets::Black,
                        (_, true, _) => Meets::Silence,
                        (_, _, true) => Meets::NoText,
                        _ => Meets::Film,
                    }
                })
                .collect(),
        }
    }
}

fn gone_as_a_whole(seconds: Vec<Meets>) -> Vec<Meets> {
    if seconds.contains(&Meets::Gone) { vec![Meets::Gone; seconds.len()] } else { seconds }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_history_ends_as_the_reference_says(steps in prop::collection::vec(step(), 1..40)) {
        let mut run = Run::new();
        for step in &steps {
            run.take(step);
            run.check();
        }
        run.house.check_refold();
    }

    #[test]
    fn lifting_everything_brings_back_everything(steps in prop::collection::vec(step(), 1..30)) {
        let mut run = Run::new();
        let free: Vec<Answer> = (1..=EPISODES)
            .map(|e| run.house.ask("VN", &title(e), &run.house.whole(&title(e)), Who::Viewer))
            .collect();
        for step in &steps {
            run.take(step);
        }
        for n in 0..run.reference.orders.len() {
            run.take(&Step::Lift(n));
        }
        for (e, before) in (1..=EPISODES).zip(free) {
            let after = run.house.ask("VN", &title(e), &run.house.whole(&title(e)), Who::Viewer);
            prop_assert_eq!(after, before);
        }
        prop_assert_eq!(run.house.state.next_change(run.house.now), None);
    }

    #[test]
    fn a_clone_of_the_state_is_untouched_by_what_follows(
        before in prop::collection::vec(step(), 1..15), after in prop::collection::vec(step(), 1..15)
    ) {
        let mut run = Run::new();
        for step in &before {
            run.take(step);
        }
        let kept = run.house.state.clone();
        let count = run.house.decisions.len();
        for step in &after {
            run.take(step);
        }
        prop_assert_eq!(kept, policy::State::fold(&run.house.decisions[..count]).unwrap());
    }
}

#[test]
fn ten_thousand_orders_fold_and_answer_quickly() {
    let mut run = Run::new();
    let demand = Demand {
        territories: vec![0],
        episode: Some(1),
        range: Some((3, 4)),
        operation: 1,
        start: 0,
        length: None,
    };
    let order = run.house.read(&run.json(0, &demand, 0));
    for n in 0..10_000 {
        let mut order = order.clone();
        order.number = n.to_string();
        order.work = policy::Work::Title(format!("title-{n}"));
        let act = Act::OrderPlaced {
            order: Box::new(order),
            due: Default::default(),
            second_person: false,
            resolved: Vec::new(),
        };
        let decision = policy::Decision::new(run.house.now, super::house::staff("op-1"), act);
        run.house.decisions.push(decision);
    }
    let begun = std::time::Instant::now();
    run.house.state = policy::State::fold(&run.house.decisions).unwrap();
    let folded = begun.elapsed();
    let begun = std::time::Instant::now();
    for _ in 0..1000 {
        assert_eq!(run.house.plays("VN", "flight-s1e1"), "free");
    }
    println!("folded 10,000 orders in {folded:?}; 1,000 answers in {:?}", begun.elapsed());
    assert!(run.house.state.order(&OrderId::new("A", "9999")).is_some());
}
