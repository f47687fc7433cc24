//! Follows the logs for each subscription and sends what it asks for.

use std::sync::Arc;
use std::time::Duration;

use archive::{Claim, JobState};
use jiff::{SignedDuration, Timestamp};
use media::error::{Error, Kind, Result};
use policy::Decision;

use super::message::{Message, event};
use super::{Attempt, Course, JOB, Subscription, course, fits, jobs, key, secret, sizes, subscription};
use crate::house::{House, now};
use crate::ledgers::random;
use crate::outward::{self, Post, Reach};

/// Records of one log that are read at once.
const BATCH: u64 = 256;
/// Records that no subscription asks for and that may be looked at again after a crash.
const LOOKED_AT: u64 = 64;
/// The longest wait between two attempts.
const LONGEST: Duration = Duration::from_secs(6 * 3600);
/// A subscription that fails for so long is given up.
const PATIENCE: SignedDuration = SignedDuration::from_hours(5 * 24);
/// How long one is left alone when the house itself is in trouble.
const REST: Duration = Duration::from_secs(30);
const LEASE: i64 = i64::MAX / 4;

/// Follows every subscription for as long as the house stands, also those that are made meanwhile.
pub async fn follow_all(house: Arc<House>) {
    let mut changed = house.webhooks.subscribe();
    loop {
        match jobs(&house).await {
            Ok(jobs) => {
                let waiting = jobs.into_iter().filter(|job| job.state == JobState::Waiting);
                for id in waiting.filter_map(|job| Some(job.key.strip_prefix(JOB)?.trim_start().to_string()))
                {
                    tokio::spawn(follow(house.clone(), id));
                }
            }
            Err(error) => tracing::error!(%error, "the webhooks cannot be read"),
        }
        if changed.changed().await.is_err() {
            return;
        }
    }
}

/// Tells one subscription everything until it is removed or given up.
async fn follow(house: Arc<House>, id: String) {
    if let Err(error) = tell(&house, &id).await {
        tracing::error!(%error, webhook = id, "a webhook is told no more");
    }
}

/// What is to be done next.
enum Next {
    /// Look when something was decided.
    Idle,
    /// There may be more.
    Again,
    At(Timestamp),
    /// It was removed, or given up.
    Over,
}

async fn tell(house: &Arc<House>, id: &str) -> Result<()> {
    let catalogue = house.archive().catalogue();
    let Some(claim) = catalogue.claim_job(&key(id), now(), LEASE).await? else { return Ok(()) };
    let job = catalogue.job(&claim.key).await?;
    let mut follower = Follower { id, claim, subscription: subscription(&job)?, course: course(&job)? };
    let (mut news, mut changed) = (house.news.subscribe(), house.webhooks.subscribe());
    loop {
        let next = match follower.turn(house).await {
            Ok(next) => next,
            // Somebody removed it just now.
            Err(error) if error.kind == Kind::Conflict => return Ok(()),
            // A full disk, most likely. Nothing is lost: what is not remembered is sent again.
            Err(error) => {
                tracing::error!(%error, webhook = id, "a webhook cannot be told now");
                Next::At(Timestamp::now().checked_add(REST).map_err(|e| Error::internal(e.to_string()))?)
            }
        };
        match next {
            Next::Again => {}
            Next::Over => return Ok(()),
            Next::Idle => tokio::select! {
                // That news were missed is no matter: the logs are read.
                _ = news.recv() => {}
                _ = changed.changed() => {}
            },
            Next::At(at) => {
                let wait = Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default();
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    _ = changed.changed() => {}
                }
            }
        }
    }
}

struct Follower<'a> {
    id: &'a str,
    claim: Claim,
    subscription: Subscription,
    course: Course,
}

/// A record that a subscription was not told yet.
struct Untold {
    log: String,
    number: u64,
    text: String,
    decision: Decision,
}

impl Follower<'_> {
    async fn turn(&mut self, house: &Arc<House>) -> Result<Next> {
        let mut unwanted = 0;
        for untold in self.untold(house).await? {
            let name = event(untold.decision.kind());
            let wanted = self.subscription.events.iter().any(|pattern| fits(pattern, &name));
            if wanted {
                if !self.holds(house).await? {
                    return Ok(Next::Over);
                }
                let state = &house.snapshot().state;
                let origin = house.keys.origin(&untold.log);
                let message =
                    Message::of(&origin, &untold.log, untold.number, &untold.text, &untold.decision, state);
                if let Some(next) = self.send(house, &message).await? {
                    return Ok(next);
                }
            }
            self.course.next.insert(untold.log, untold.number + 1);
            unwanted += 1;
            // What was accepted is not sent again; what nobody asks for costs no write each.
            if wanted || unwanted >= LOOKED_AT {
                self.remember(house).await?;
                unwanted = 0;
            }
        }
        let more = sizes(house).iter().any(|(log, size)| self.told(log) < *size);
        Ok(if more { Next::Again } else { Next::Idle })
    }

    fn told(&self, log: &str) -> u64 {
        let named = self.course.next.get(log).or(self.subscription.from.get(log));
        named.copied().unwrap_or(0)
    }

    /// The next records of all logs, in the order in which they were decided.
    async fn untold(&self, house: &House) -> Result<Vec<Untold>> {
        let mut all = Vec::new();
        // Of a log that has more than was read, nothing later than that may come before it.
        let mut until = Timestamp::MAX;
        for (log, size) in sizes(house) {
            let from = self.told(&log);
            let to = size.min(from.saturating_add(BATCH));
            if from >= to {
                continue;
            }
            let texts = house.archive().catalogue().records(&log, from, to).await?;
            for (number, text) in (from..).zip(texts) {
                let decision = crate::decide::read(text.as_bytes())?;
                all.push(Untold { log: log.clone(), number, text, decision });
            }
            if let Some(last) = all.last().filter(|_| to < size) {
                until = until.min(last.decision.at);
            }
        }
        all.retain(|untold| untold.decision.at <= until);
        all.sort_by_key(|untold| untold.decision.at);
        Ok(all)
    }

    /// Whether the subscription was not removed, nor begun by another.
    async fn holds(&self, house: &House) -> Result<bool> {
        match house.archive().catalogue().job(&self.claim.key).await {
            Ok(job) => Ok(job.state == JobState::Running && job.attempts == self.claim.attempt),
            Err(error) if error.kind == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn remember(&self, house: &House) -> Result<()> {
        let progress = serde_json::to_value(&self.course).map_err(|e| Error::internal(e.to_string()))?;
        house.archive().catalogue().advance_job(&self.claim, &progress, &[], now(), LEASE).await
    }

    /// Sends a message once. None: it was accepted, and that is remembered with the next record's number.
    async fn send(&mut self, house: &House, message: &Message) -> Result<Option<Next>> {
        let came = deliver(house, self.id, &self.subscription, message).await;
        let (at, refused) = (came.attempt.at, came.attempt.error.clone());
        self.course.last = Some(came.attempt);
        if refused.is_empty() {
            self.course.delivered += 1;
            (self.course.failures, self.course.failing_since, self.course.again_at) = (0, None, None);
            return Ok(None);
        }
        self.course.failures += 1;
        let since = *self.course.failing_since.get_or_insert(at);
        if came.gone || at.duration_since(since) >= PATIENCE {
            tracing::warn!(webhook = self.id, refused, "a webhook is given up");
            // Who goes on with it later begins to count anew.
            (self.course.failures, self.course.failing_since, self.course.again_at) = (0, None, None);
            self.remember(house).await?;
            let error = Error::new(Kind::Unavailable, refused);
            house.archive().catalogue().fail_job(&self.claim, &error, now()).await?;
            return Ok(Some(Next::Over));
        }
        let wait = gap(self.course.failures, random()?[0]).max(came.wait.unwrap_or_default().min(LONGEST));
        let again = at.checked_add(wait).map_err(|e| Error::internal(e.to_string()))?;
        self.course.again_at = Some(again);
        self.remember(house).await?;
        Ok(Some(Next::At(again)))
    }
}

/// How long to wait after so many failures: one second, twice as long each time, up to six hours, and up
/// to a tenth more by `chance`, so that not all come back at once.
pub(super) fn gap(failures: u32, chance: u8) -> Duration {
    let doubled = Duration::from_secs(1).saturating_mul(1 << failures.saturating_sub(1).min(20));
    let wait = doubled.min(LONGEST);
    wait + wait / 10 * u32::from(chance) / 255
}

/// What came of an attempt.
pub(super) struct Came {
    pub attempt: Attempt,
    /// The receiver wants no more (410).
    gone: bool,
    /// How long the receiver asks to be left alone.
    wait: Option<Duration>,
}

/// Sends a message once.
pub(super) async fn deliver(house: &House, id: &str, to: &Subscription, message: &Message) -> Came {
    let at = Timestamp::now();
    let headers = message.headers(at, &secret(&house.keys, id), &house.keys.webhooks());
    let reach = if to.private { Reach::Anywhere } else { Reach::Public };
    let sent = match to.url.parse() {
        Ok(url) => {
            outward::post(Post { to: &url, headers, body: message.body.clone(), limit: None, reach }).await
        }
        Err(_) => Err(Error::invalid("this is not an address")),
    };
    let (status, error, wait) = match sent {
        Ok(reply) if (200..300).contains(&reply.status) => (Some(reply.status), String::new(), None),
        Ok(reply) => {
            let wait = reply.retry_after.map(Duration::from_secs);
            (Some(reply.status), format!("{} is answered with {}", message.event, reply.status), wait)
        }
        Err(error) => (None, error.to_string(), None),
    };
    Came { attempt: Attempt { at, status, error }, gone: status == Some(410), wait }
}
