//! A drill: an order rehearsed from end to end on a private copy of the snapshot.
//!
//! It goes the way of a real order: the text is read, its frames are found, the decision is applied and
//! synced to the archive's disk, every composition that shows the title is judged in every territory, and
//! every segment is planned under the scene's hold and looked through for what it must not send. Then the
//! order is lifted, and everything must be as it was.
//!
//! Invariant: nothing of it is swapped into the house's own snapshot, recorded as an order, or sent. Only
//! what was measured is recorded, as evidence.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use composition::Held;
use jiff::Timestamp;
use media::error::{Error, Result};
use policy::pack::Pack;
use policy::readiness::DrillHeld;
use policy::{Act, Decision, Order, Resolved, Staff, State, Territory};
use serde_json::{Value, json};

use crate::burn;
use crate::decide::{Proposal, sealed, text_of};
use crate::house::{House, Playable, Snapshot, blocking};
use crate::order::located;
use crate::ruling::films;
use crate::segment::{Content, assets, content};
use crate::territory::Place;

/// Rehearses the withdrawal of a title and of one scene in it, and records what was found.
pub async fn hold(house: &Arc<House>, pack: &Pack, title: Option<String>, by: &str) -> Result<()> {
    let snapshot = house.snapshot();
    let title = match title {
        Some(title) => snapshot.title(&title)?.row.id.clone(),
        None => some_title(&snapshot)?,
    };
    let scene = middle(&snapshot, &title)?;
    let began = Instant::now();
    let whole = Rehearsal::begin(house, pack.territory, &title, "whole", "withdraw").await?;
    let whole = whole.go(house, false).await?;
    let took = began.elapsed();
    let cut = Rehearsal::begin(house, pack.territory, &title, &scene, "cut").await?;
    let cut = cut.go(house, true).await?;
    let passed = whole.passed() && cut.passed();
    let report = json!({
        "text": format!("{title}: {}", if passed { "passed" } else { "not passed" }),
        "title": title,
        "withdrawn": whole.report(),
        "scene": cut.report(),
    });
    let (report, document) = sealed(&report, None)?;
    let milliseconds = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
    let act = Act::DrillHeld(DrillHeld { territory: pack.territory, title, passed, milliseconds, report });
    house.decide(by, Proposal { act, documents: vec![document], jobs: Vec::new() }).await.map(drop)
}

/// The title that most people may be watching: any will do, so it is the first.
fn some_title(snapshot: &Snapshot) -> Result<String> {
    let first = snapshot.titles.keys().next().cloned();
    first.ok_or_else(|| {
        Error::not_found("there is no title to rehearse with")
            .remedy("Bring a film in: phim add FILE --title ID")
    })
}

/// Two seconds in the middle of a title, as an authority would write them.
fn middle(snapshot: &Snapshot, title: &str) -> Result<String> {
    let row = &snapshot.title(title)?.row;
    let length = crate::browse::float(row.rate.seconds(i64::from(row.to - row.from)));
    let at = |second: u64| format!("{}:{:02}", second / 60, second % 60);
    let half = (length / 2.0) as u64;
    Ok(format!("{}-{}", at(half.saturating_sub(1)), at(half)))
}

/// One order that is rehearsed.
struct Rehearsal {
    live: Arc<Snapshot>,
    territory: Territory,
    order: Order,
    resolved: Vec<Resolved>,
    began: Instant,
    located: Duration,
}

/// What was found.
#[derive(Default)]
struct Found {
    located: Duration,
    decided: Duration,
    synced: Duration,
    judged: Duration,
    /// Compositions that show the title.
    compositions: usize,
    /// Segments and other files that were planned under the hold.
    planned: usize,
    /// What is not as it must be.
    faults: Vec<String>,
}

impl Found {
    fn passed(&self) -> bool {
        self.faults.is_empty() && self.compositions > 0
    }

    fn report(&self) -> Value {
        let ms = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
        json!({
            "passed": self.passed(),
            "milliseconds": {
                "located": ms(self.located),
                "decided": ms(self.decided),
                "synced": ms(self.synced),
                "judged": ms(self.judged),
                "in_force": ms(self.located + self.decided + self.synced + self.judged),
            },
            "compositions": self.compositions,
            "planned": self.planned,
            "faults": self.faults,
        })
    }
}

impl Rehearsal {
    async fn begin(
        house: &Arc<House>,
        territory: Territory,
        title: &str,
        scope: &str,
        operation: &str,
    ) -> Result<Rehearsal> {
        let (live, began) = (house.snapshot(), Instant::now());
        let now = Timestamp::now();
        let text = json!({
            "authority": "phim drill",
            "number": now.to_string(),
            "date": house.packs.get(territory).map(|pack| pack.day(now).to_string()),
            "legal_basis": "a rehearsal",
            "territories": [territory],
            "work": { "title": title },
            "scope": scope,
            "operation": operation,
        });
        let order = Order::read(&text.to_string(), &house.packs)?;
        let resolved = located(house, &order, None).await?;
        Ok(Rehearsal { live, territory, order, resolved, began, located: began.elapsed() })
    }

    async fn go(self, house: &Arc<House>, scene: bool) -> Result<Found> {
        let house = house.clone();
        blocking(move || self.rehearse(&house, scene)).await
    }

    fn rehearse(self, house: &House, scene: bool) -> Result<Found> {
        let mut found = Found { located: self.located, ..Found::default() };
        let (id, state) = (self.order.id(), self.placed(house, &mut found)?);
        let mark = Instant::now();
        let copy = self.live.under(state.clone());
        let shows = |playable: &&Arc<Playable>| {
            let films = films(&self.live, &playable.title, &playable.composition);
            let about = films.iter().any(|film| film.names().any(|name| self.is_about(name)));
            about && burn::stale(house, &self.live, Some(self.territory), playable).is_none()
        };
        let touched: Vec<Arc<Playable>> = self.live.compositions.values().filter(shows).cloned().collect();
        for playable in &touched {
            let ruling = house.rule(&copy, Place::In(self.territory), playable)?;
            let refused = ruling.refusals.iter().any(|refusal| refusal.order.as_ref() == Some(&id));
            if refused == scene {
                found.fault(
                    playable,
                    if scene { "the whole is refused for a scene" } else { "it still plays" },
                );
            }
        }
        found.judged = mark.elapsed();
        found.compositions = touched.len();
        if scene {
            for playable in &touched {
                self.plan(house, &copy, playable, &mut found)?;
            }
        }
        self.elsewhere(house, &copy, &touched, &mut found)?;
        self.lifted(house, state, &touched, &mut found)?;
        Ok(found)
    }

    fn is_about(&self, name: &str) -> bool {
        matches!(&self.order.work, policy::Work::Title(title) if title == name)
    }

    /// The state with the order in it, after its record was synced where records are.
    fn placed(&self, house: &House, found: &mut Found) -> Result<State> {
        let due = self.order.due(&house.packs, Timestamp::now())?;
        let order = Box::new(self.order.clone());
        let resolved = self.resolved.clone();
        let act = Act::OrderPlaced { order, due, second_person: false, resolved };
        let decision = Decision::new(Timestamp::now(), Staff::new("drill")?, act);
        let mut state = self.live.state.clone();
        state.apply(&decision)?;
        let text = text_of(&decision)?;
        found.decided = self.began.elapsed().saturating_sub(found.located);
        let mark = Instant::now();
        let path = house.archive().dir().join("drill.tmp");
        let written = std::fs::File::create(&path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        found.synced = mark.elapsed();
        let removed = std::fs::remove_file(&path);
        written.and(removed).map_err(|e| archive::from_io(&path, e))?;
        Ok(state)
    }

    /// Plans everything that a player can ask for, and looks for what must not be sent.
    fn plan(&self, house: &House, copy: &Snapshot, playable: &Playable, found: &mut Found) -> Result<()> {
        let films = films(copy, &playable.title, &playable.composition);
        let mut edits = Vec::new();
        for film in &films {
            if let Ok(bites) = copy.state.live(self.territory, Timestamp::now()).of(film) {
                edits.extend(bites.edits());
            }
        }
        let held = Held::of(&edits);
        let shown = playable.composition.spans().iter().any(|span| held.source(span.source().1).is_some());
        if !shown {
            return Ok(());
        }
        let layout = house.lay_out(copy, playable)?.held(&held)?;
        let forbidden = layout.forbidden();
        for asset in assets(&layout)? {
            let touches = match content(house, &layout, asset)? {
                Content::Planned(plan) => forbidden.touches(&plan),
                _ => false,
            };
            found.planned += 1;
            if touches {
                found.fault(playable, &format!("{asset:?} would send the scene"));
            }
        }
        Ok(())
    }

    /// In every other territory the gate must say what it said before.
    fn elsewhere(
        &self,
        house: &House,
        copy: &Snapshot,
        touched: &[Arc<Playable>],
        found: &mut Found,
    ) -> Result<()> {
        let others: BTreeSet<Territory> = house.packs.iter().map(|pack| pack.territory).collect();
        for territory in others.into_iter().filter(|territory| *territory != self.territory) {
            for playable in touched {
                if !self.same(house, copy, territory, playable)? {
                    found.fault(playable, &format!("{territory} is touched"));
                }
            }
        }
        Ok(())
    }

    /// After the order is lifted, the gate must say what it said before.
    fn lifted(
        &self,
        house: &House,
        mut state: State,
        touched: &[Arc<Playable>],
        found: &mut Found,
    ) -> Result<()> {
        let (reason, _) = sealed(&json!({ "text": "a rehearsal" }), None)?;
        let act = Act::OrderLifted { order: self.order.id(), letter: None, reason };
        state.apply(&Decision::new(Timestamp::now(), Staff::new("drill")?, act))?;
        let copy = self.live.under(state);
        for playable in touched {
            if !self.same(house, &copy, self.territory, playable)? {
                found.fault(playable, "it is not back after the order was lifted");
            }
        }
        Ok(())
    }

    fn same(
        &self,
        house: &House,
        copy: &Snapshot,
        territory: Territory,
        playable: &Arc<Playable>,
    ) -> Result<bool> {
        let before = house.rule(&self.live, Place::In(territory), playable)?;
        let after = house.rule(copy, Place::In(territory), playable)?;
        Ok((&before.refusals, &before.held) == (&after.refusals, &after.held))
    }
}

impl Found {
    fn fault(&mut self, playable: &Playable, what: &str) {
        self.faults.push(format!("{} {}: {what}", playable.title, playable.digest));
    }
}
