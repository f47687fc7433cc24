//! A house with invented films and series, in which orders arrive.

use std::collections::BTreeMap;
use std::sync::Arc;

use composition::{Composition, Source, Span, Timeline, evaluate_bound};
use jiff::Timestamp;
use media::{Digest, Rate, Result};
use policy::{
    Act, Answer, Applied, Decision, Film, Order, OrderId, Packs, Proposed, Question, Resolved, Sealed, Staff,
    State, Territory, Who, decide, resolve,
};

pub struct House {
    pub packs: Packs,
    pub state: State,
    pub decisions: Vec<Decision>,
    pub now: Timestamp,
    pub films: BTreeMap<String, (Film, Arc<Source>)>,
}

pub fn instant(text: &str) -> Timestamp {
    policy::instant::read(text, Some("Asia/Ho_Chi_Minh")).unwrap()
}

pub fn territory(code: &str) -> Territory {
    Territory::parse(code).unwrap()
}

pub fn staff(id: &str) -> Staff {
    Staff::new(id).unwrap()
}

/// A commitment, as if to this document.
pub fn sealed(document: &str) -> Sealed {
    Sealed(Digest::of(document.as_bytes()))
}

impl House {
    pub fn new(now: &str) -> House {
        House {
            packs: Packs::built_in().unwrap(),
            state: State::default(),
            decisions: Vec::new(),
            now: instant(now),
            films: BTreeMap::new(),
        }
    }

    /// A series whose episodes are `minutes` long, at 25 frames a second.
    pub fn series(mut self, id: &str, episodes: u32, minutes: u32) -> House {
        for n in 1..=episodes {
            let title = format!("{id}-s1e{n}");
            let digest = Digest::of(title.as_bytes());
            self.add(Film::episode(id, 1, n, &title, digest), minutes * 60 * 25);
        }
        self
    }

    pub fn film(mut self, id: &str, minutes: u32) -> House {
        self.add(Film::single(id, Digest::of(id.as_bytes())), minutes * 60 * 25);
        self
    }

    pub fn add(&mut self, film: Film, frames: u32) {
        let source = Source {
            title: film.title.clone(),
            digest: film.source,
            rate: Rate::new(25, 1).unwrap(),
            from: 0,
            to: frames,
            video: Vec::new(),
            holds: Vec::new(),
            sounds: Vec::new(),
            texts: Vec::new(),
            chapters: Vec::new(),
            thumbnails: None,
        };
        self.films.insert(film.title.clone(), (film, Arc::new(source)));
    }

    pub fn whole(&self, title: &str) -> Composition {
        let (film, source) = &self.films[title];
        let span = Span::Film { title: title.into(), source: film.source, from: source.from, to: source.to };
        Composition::new([span]).unwrap()
    }

    fn timeline(&self, composition: &Composition) -> Timeline {
        let find = |title: &str, _| Ok(self.films[title].1.clone());
        Timeline::new(composition, &find).unwrap()
    }

    pub fn decide(&mut self, by: &str, act: Act) -> Result<Applied> {
        let decision = Decision::new(self.now, staff(by), act);
        // Everything goes through its record, as it does in a ledger.
        let (kind, body) = (decision.kind(), decision.body()?);
        let read =
            Decision::read(kind, policy::decision::DECISION_VERSION, self.now.as_microsecond(), &body)?;
        assert_eq!(read, decision);
        let applied = self.state.apply(&decision)?;
        self.decisions.push(decision);
        Ok(applied)
    }

    pub fn read(&self, json: &str) -> Order {
        Order::read(json, &self.packs).unwrap()
    }

    /// Where the order's ranges lie in the media that the house has: read on the whole of each title.
    pub fn resolved(&self, order: &Order) -> Vec<Resolved> {
        let mut out = Vec::new();
        for (film, _) in self.films.values() {
            let whole = self.whole(&film.title);
            out.extend(resolve(order, film, whole.digest(), &self.timeline(&whole)).unwrap());
        }
        out
    }

    pub fn place(&mut self, json: &str) -> OrderId {
        let order = self.read(json);
        let act = self.placing(&order);
        self.decide("op-1", act).unwrap();
        order.id()
    }

    pub fn placing(&self, order: &Order) -> Act {
        Act::OrderPlaced {
            due: order.due(&self.packs, self.now).unwrap(),
            second_person: order.needs_second_person(&self.packs),
            resolved: self.resolved(order),
            order: Box::new(order.clone()),
        }
    }

    pub fn propose(&mut self, order: &OrderId, title: &str, composition: &Composition) -> Proposed {
        let proposal = Proposed { title: title.into(), composition: composition.digest() };
        let act = Act::ProposalMade { order: order.clone(), proposal: proposal.clone(), edits: Vec::new() };
        self.decide("op-1", act).unwrap();
        proposal
    }

    pub fn ask(&self, code: &str, title: &str, composition: &Composition, who: Who) -> Answer {
        let shown = composition.spans().iter().map(|span| span.source().0);
        let mut titles: Vec<&str> = shown.chain([title]).collect();
        titles.sort_unstable();
        titles.dedup();
        let films: Vec<Film> =
            titles.iter().filter_map(|t| self.films.get(*t)).map(|(film, _)| film.clone()).collect();
        let question = Question {
            territory: Some(territory(code)),
            title,
            composition: Some(composition),
            made_from: None,
            films: &films,
            now: self.now,
            who,
            viewer: None,
        };
        decide(&self.state, &self.packs, &question)
    }

    /// Whether a viewer gets the whole of a title, and what of it is held: `free`, `held 10..20`, `gone`.
    pub fn plays(&self, code: &str, title: &str) -> String {
        let (film, _) = &self.films[title];
        match self.ask(code, title, &self.whole(title), Who::Viewer) {
            Answer::Refused(_) => "gone".into(),
            Answer::Pass(pass) => match pass.held().source(film.source) {
                None => "free".into(),
                Some(held) => {
                    let ranges = |name: &str, ranges: &composition::Ranges| {
                        ranges.iter().map(|(a, b)| format!("{name} {a}..{b}")).collect::<Vec<_>>()
                    };
                    let sound = held.sound.minus(&held.picture);
                    let text = held.text.minus(&held.sound);
                    let all = [ranges("held", &held.picture), ranges("mute", &sound), ranges("text", &text)];
                    all.concat().join(", ")
                }
            },
        }
    }

    /// The titles, in order, that a viewer does not get.
    pub fn gone(&self, code: &str) -> Vec<String> {
        self.films.keys().filter(|title| self.plays(code, title) == "gone").cloned().collect()
    }

    /// The whole of a title under every order that is live.
    pub fn corrected(&self, code: &str, title: &str) -> Composition {
        let live = self.state.live(territory(code), self.now);
        let edits = live.of(&self.films[title].0).unwrap().edits();
        evaluate_bound(&self.whole(title), &edits).unwrap()
    }

    /// Folding all that was decided gives the state again.
    pub fn check_refold(&self) {
        assert_eq!(State::fold(&self.decisions).unwrap(), self.state);
    }
}
