//! Taking a decision: durable first, then in force, then told.
//!
//! Invariants:
//! - A decision is applied to a copy of the state before it is recorded; what does not follow from what
//!   was decided before is refused and leaves no trace.
//! - Nobody is told of a decision before its record, its documents and the jobs that follow from it are
//!   durable, in one transaction.
//! - In force means: the snapshot is swapped, and every connection that may carry what is forbidden now
//!   hands nothing more to the kernel. Only then the decision is answered.

use std::collections::HashMap;
use std::sync::Arc;

use archive::{Document, NewJob, Record};
use jiff::Timestamp;
use media::Digest;
use media::error::{Error, Result};
use policy::decision::DECISION_VERSION;
use policy::{Act, Applied, Decision, Sealed, Staff, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::house::{House, Snapshot, now, unbroken};
use crate::leash::Carrying;
use crate::ledgers::{HOUSE, Ledgers, random, understood};
use crate::paths::Asset;
use crate::segment::{Content, content};

/// Something to be decided, with the documents that it commits to and the jobs that follow.
pub struct Proposal {
    pub act: Act,
    pub documents: Vec<Document>,
    pub jobs: Vec<NewJob>,
}

impl From<Act> for Proposal {
    fn from(act: Act) -> Proposal {
        Proposal { act, documents: Vec::new(), jobs: Vec::new() }
    }
}

/// Decisions on their way into one transaction.
#[derive(Default)]
struct Taking {
    entered: Vec<(Record, Vec<Document>)>,
    /// Their kinds, in words.
    acts: Vec<&'static str>,
    jobs: Vec<NewJob>,
    /// Log, number and instant of the last that changed anything; where none did, of the last.
    last: Option<(String, u64, Timestamp)>,
}

impl Taking {
    /// How many of them go into a log.
    fn of_log(&self, log: &str) -> u64 {
        self.entered.iter().filter(|(record, _)| record.log == log).count() as u64
    }
}

/// When a decision took effect.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Taken {
    /// False when the same was decided before; then nothing was recorded anew.
    pub changed: bool,
    /// The log that it stands in, and its number there.
    pub log: String,
    pub number: u64,
    /// When it was durable.
    #[schema(value_type = String, format = DateTime)]
    pub recorded: Timestamp,
    /// When nothing forbidden left this node any more.
    #[schema(value_type = String, format = DateTime)]
    pub in_force_here: Timestamp,
    /// The latest instant at which anybody else may still be shown what a shared cache holds.
    #[schema(value_type = String, format = DateTime)]
    pub in_force_everywhere: Timestamp,
    /// Connections that carried something forbidden and were cut.
    pub connections_cut: usize,
}

/// How long after an order a shared cache may still show what it kept: the ten seconds that it was told
/// (see [`crate::answer::Cache`]), one because caches count in whole seconds (nginx keeps what it got at
/// 0.0 until 11.0), and one for what was on its way.
pub const CACHED_SECONDS: i64 = 12;

/// A decision as the entry of a log.
pub fn text_of(decision: &Decision) -> Result<String> {
    let at = decision.at.as_microsecond();
    let record = ledger::Record::new(decision.kind(), DECISION_VERSION, at, &decision.body()?);
    let bytes = record.and_then(|record| record.bytes()).map_err(understood)?;
    String::from_utf8(bytes).map_err(|e| Error::internal(e.to_string()))
}

/// The decision that an entry of a log is.
pub fn read(entry: &[u8]) -> Result<Decision> {
    let record = ledger::Record::parse(entry).map_err(understood)?;
    Decision::read(&record.kind, record.version, record.at, &record.body)
}

/// The state that stored records fold to, and the instant of the last.
pub fn refold(records: &[Record]) -> Result<(State, Timestamp)> {
    let decisions = in_time(records)?;
    let last = decisions.last().map_or(Timestamp::UNIX_EPOCH, |decision| decision.at);
    Ok((State::fold(&decisions)?, last))
}

/// The decisions of all logs in the order in which they were taken: no two have the same instant.
pub fn in_time(records: &[Record]) -> Result<Vec<Decision>> {
    let mut decisions = Vec::with_capacity(records.len());
    for record in records {
        let decision = read(record.text.as_bytes())
            .map_err(|e| e.at(format!("record {} of log {}", record.number, record.log)))?;
        decisions.push(decision);
    }
    decisions.sort_by_key(|decision| decision.at);
    Ok(decisions)
}

impl House {
    /// Decides, in the name of `by`. Fails, with nothing changed, when it does not follow.
    ///
    /// It goes on to its end when whoever asked goes away: what is durable is always put in force.
    pub async fn decide(self: &Arc<House>, by: &str, proposal: Proposal) -> Result<Taken> {
        self.decide_all(by, vec![proposal]).await
    }

    /// Decides several things in one transaction, in this order: all of them or none. The answer is about
    /// the last that changed anything.
    pub async fn decide_all(self: &Arc<House>, by: &str, proposals: Vec<Proposal>) -> Result<Taken> {
        let (house, by) = (self.clone(), by.to_string());
        unbroken(async move { house.decide_alone(&by, proposals).await }).await
    }

    async fn decide_alone(self: &Arc<House>, by: &str, proposals: Vec<Proposal>) -> Result<Taken> {
        let mut ledgers = self.ledgers.lock().await;
        let mut state = self.snapshot().state.clone();
        let mut taking = Taking::default();
        for proposal in proposals {
            let at = House::instant(&mut ledgers);
            let decision = Decision::new(at, Staff::new(&self.keys.pseudonym(by))?, proposal.act);
            let log =
                state.log_of(&decision.act).map_or(HOUSE.to_string(), |t| t.code().to_ascii_lowercase());
            let applied = state.apply(&decision)?;
            let number = ledgers.next(&log) + taking.of_log(&log);
            if applied == Applied::Changed || taking.entered.is_empty() {
                taking.last = Some((log.clone(), number, at));
            }
            if applied == Applied::Changed {
                taking.acts.push(decision.kind());
                taking.entered.push((Record { log, number, text: text_of(&decision)? }, proposal.documents));
                taking.jobs.extend(proposal.jobs);
            }
        }
        let Some((log, number, at)) = taking.last else {
            return Err(Error::internal("nothing was to be decided"));
        };
        if taking.entered.is_empty() {
            let connections_cut = 0;
            return Ok(Taken {
                changed: false,
                log,
                number,
                recorded: at,
                in_force_here: at,
                in_force_everywhere: at,
                connections_cut,
            });
        }
        // What follows are the steps of every decision. Tests end the process at each of these lines.
        taking.acts.dedup();
        let acts = taking.acts.join(" ");
        let acts = acts.as_str();
        tracing::debug!(acts, "decided");
        self.archive().catalogue().append(&taking.entered, &taking.jobs, now()).await?;
        let recorded = Timestamp::now();
        tracing::debug!(acts, "durable");
        taking.entered.iter().for_each(|(record, _)| ledgers.append(record));
        let published = ledgers.publish(&self.published.load())?;
        self.swap(|snapshot| snapshot.state = state.clone());
        tracing::debug!(acts, "in the snapshot");
        self.published.store(Arc::new(published));
        tracing::debug!(acts, "published");
        let connections_cut = self.cut_forbidden().await?;
        let in_force_here = Timestamp::now();
        tracing::debug!(acts, "in force here");
        // Whoever watches is told; that nobody does is no error.
        let _ = self.news.send(());
        tracing::debug!(acts, "told");
        let in_force_everywhere = later(in_force_here);
        Ok(Taken {
            changed: true,
            log,
            number,
            recorded,
            in_force_here,
            in_force_everywhere,
            connections_cut,
        })
    }

    /// The instant of a decision: now, and later than every one before.
    /// So decisions of all logs have one order, also when the clock was set back.
    fn instant(ledgers: &mut Ledgers) -> Timestamp {
        let next = ledgers.last.as_microsecond().saturating_add(1);
        let at = Timestamp::now().as_microsecond().max(next);
        ledgers.last = Timestamp::from_microsecond(at).unwrap_or(ledgers.last);
        ledgers.last
    }

    /// Cuts every connection that may carry what is forbidden now; answers how many.
    async fn cut_forbidden(self: &Arc<House>) -> Result<usize> {
        let house = self.clone();
        crate::house::blocking(move || {
            let now = house.snapshot();
            let mut known = HashMap::new();
            Ok(house.leashes.cut_where(|carrying| {
                let matter = (carrying.what, Arc::as_ptr(&carrying.under));
                *known.entry(matter).or_insert_with(|| {
                    // What cannot be judged is forbidden.
                    house.is_forbidden(&now, carrying).unwrap_or(true)
                })
            }))
        })
        .await
    }

    /// Whether an answer holds anything that is forbidden in `now`.
    fn is_forbidden(&self, now: &Snapshot, carrying: &Carrying) -> Result<bool> {
        let (what, under) = (carrying.what, &carrying.under);
        if !under.refusals.is_empty() {
            // It says why, and shows nothing.
            return Ok(false);
        }
        let Some(playable) = now.compositions.get(&what.composition) else { return Ok(true) };
        if let Some(order) = &under.link {
            return Ok(!crate::link::opens(self, now, order, playable));
        }
        let ruling = self.rule(now, what.place, playable)?;
        if Arc::ptr_eq(&ruling, under) {
            return Ok(false);
        }
        if !ruling.refusals.is_empty() {
            return Ok(true);
        }
        // What names segments and what starts them is the same under every order.
        let names = matches!(
            what.asset,
            Asset::Hls
                | Asset::Dash
                | Asset::Playlist(..)
                | Asset::Init { .. }
                | Asset::Thumbnails
                | Asset::Chapters
        ) || what.asset.is_forced();
        let Some(layout) = ruling.layout.as_ref().filter(|_| !names) else { return Ok(false) };
        let planned = match &under.layout {
            Some(layout) => layout.clone(),
            None => self.lay_out(now, playable)?,
        };
        Ok(match content(self, &planned, what.asset)? {
            Content::Planned(plan) => layout.forbidden().touches(&plan),
            was => was != content(self, layout, what.asset)?,
        })
    }

    /// What the passing of an instant changes: an order that begins or ends to bind.
    pub async fn turn(self: &Arc<House>) -> Result<usize> {
        self.swap(|_| {});
        let cut = self.cut_forbidden().await?;
        let _ = self.news.send(());
        Ok(cut)
    }
}

/// Waits for the instants at which orders begin or end to bind and territories open or close, for as long
/// as the house stands.
pub async fn keep_time(house: Arc<House>) {
    const LONGEST: std::time::Duration = std::time::Duration::from_secs(60);
    let mut news = house.news.subscribe();
    // Up to here every instant was seen to, also one that passed while this was busy.
    let mut seen = Timestamp::now();
    loop {
        let now = Timestamp::now();
        let next = next_change(&house, seen);
        if next.is_some_and(|at| at <= now) {
            seen = now;
            if let Err(error) = house.turn().await {
                tracing::error!(%error, "an order's instant has passed and connections could not be judged");
            }
            continue;
        }
        let wait = next.map_or(LONGEST, |at| {
            std::time::Duration::try_from(at.duration_since(now)).unwrap_or_default().min(LONGEST)
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = news.recv() => {}
        }
    }
}

/// The next instant at which an order begins or ends to bind, or a territory may open or close.
fn next_change(house: &House, after: Timestamp) -> Option<Timestamp> {
    let snapshot = house.snapshot();
    let state = &snapshot.state;
    let packs = state.dossiers().filter_map(|(territory, _)| house.packs.get(territory));
    packs.filter_map(|pack| state.next_change_in(pack, after)).chain(state.next_change(after)).min()
}

/// The latest instant at which a shared cache may show what was served before `at`.
pub fn later(at: Timestamp) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_secs(CACHED_SECONDS)).unwrap_or(at)
}

/// A document to commit to, with a salt of its own.
pub fn sealed(content: &Value, blob: Option<Digest>) -> Result<(Sealed, Document)> {
    let salt = random()?;
    let content = content.to_string();
    let commitment = Digest(ledger::commit(&salt, content.as_bytes()).0);
    let document = Document { commitment, salt: Digest(salt).to_string(), content, blob };
    Ok((Sealed(commitment), document))
}
