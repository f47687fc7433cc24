//! Webhooks: programs of others that are told of decisions (Standard Webhooks 1.0).
//!
//! A subscription is a job of the archive that goes on until it is removed, and the logs are its queue:
//! its progress says how far in each log it has been told. So what must be delivered is durable in the
//! very transaction in which the decision is, without a row for each delivery.
//!
//! Invariants:
//! - A subscription is told every decision that it asks for, at least once, in the order in which they
//!   were taken, each under one id that never changes. The next is sent once the one before was accepted.
//! - No redirect is followed, and the body of an answer is not read. Only public addresses are asked, but
//!   for subscriptions that the operator makes private on the command line.
//! - A message names logs, orders, cases, titles, digests and instants; no person and no document.

use std::collections::BTreeMap;
use std::sync::Arc;

use archive::{Job, JobState};
use hyper::Uri;
use jiff::Timestamp;
use media::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::house::{House, now};
use crate::ledgers::{Keys, random};

pub mod door;
mod follow;
mod message;

pub use follow::follow_all;

/// Kind of the jobs that are subscriptions.
const JOB: &str = "webhook";
/// Subscriptions at most.
const MOST: usize = 32;
/// Characters of an address at most.
const MAX_URL: usize = 2000;

/// Everything that happens, by the names under which it is told.
const EVENTS: [&str; 27] = [
    "order.placed",
    "order.resolved",
    "order.amended",
    "order.escalated",
    "order.approved",
    "order.refused",
    "order.lifted",
    "order.appealed",
    "order.appeal_answered",
    "order.reported",
    "order.in_force",
    "order.frame_accurate",
    "order.patch_failed",
    "proposal.made",
    "proposal.sent",
    "proposal.accepted",
    "proposal.overridden",
    "proposal.refused",
    "case.opened",
    "case.letter",
    "case.question",
    "case.answer",
    "case.closed",
    "avails.entered",
    "avails.removed",
    "title.named",
    "webhook.test",
];

/// What a new subscription asks for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Where messages are sent: an address with https, or with http where it is private.
    pub url: String,
    /// `order.placed`, `proposal.*`, `*`…; all when left out.
    #[serde(default)]
    pub events: Vec<String>,
}

/// The input of a subscription's job.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Subscription {
    url: String,
    events: Vec<String>,
    /// Whether addresses that are not public may be asked.
    private: bool,
    /// Records of each log that it is not told, because they were there before it.
    from: BTreeMap<String, u64>,
}

/// How far a subscription has come: its job's progress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Course {
    /// The first record of each log that it was not told yet; its own `from` where none is named.
    next: BTreeMap<String, u64>,
    delivered: u64,
    /// Attempts at the message under way that failed.
    failures: u32,
    /// When the first of them did.
    failing_since: Option<Timestamp>,
    again_at: Option<Timestamp>,
    last: Option<Attempt>,
}

/// The last attempt at a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The HTTP status; none where no answer came.
    pub status: Option<u16>,
    /// Why it does not count as delivered; empty when it does.
    pub error: String,
}

/// A subscription as it stands.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    pub id: String,
    pub url: String,
    pub events: Vec<String>,
    pub private: bool,
    /// `active`, `failing` (it is tried again) or `dead` (it was given up; `resume` goes on).
    pub status: String,
    pub delivered: u64,
    /// Records that it was not told yet, or need not be.
    pub behind: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub failing_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub again_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Attempt>,
}

/// The same with what its messages are verified with.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = OpenedWebhook)]
pub struct Opened {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// Secret of the signatures `v1` (HMAC-SHA-256), for the receiver alone.
    pub secret: String,
    /// Public key of the signatures `v1a` (Ed25519), the same for every subscription of this house.
    pub public_key: String,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Webhooks {
    pub webhooks: Vec<Webhook>,
}

fn key(id: &str) -> String {
    format!("{JOB} {id}")
}

/// Subscribes. What was decided before is not told.
pub async fn add(house: &Arc<House>, wish: Wish, private: bool) -> Result<Opened> {
    let subscription = Subscription {
        url: checked(&wish.url, private)?,
        events: patterns(wish.events)?,
        private,
        from: sizes(house),
    };
    if jobs(house).await?.len() >= MOST {
        return Err(Error::new(Kind::Conflict, format!("there are {MOST} webhooks already"))
            .remedy("Remove one that nobody needs: phim webhook remove ID"));
    }
    let id = format!("wh_{}", &media::Digest(random()?).to_string()[..16]);
    let input = serde_json::to_value(&subscription).map_err(|e| Error::internal(e.to_string()))?;
    house.archive().catalogue().enter_job(&key(&id), JOB, &input, now()).await?;
    house.webhooks.send_replace(());
    show(house, &id).await
}

pub async fn list(house: &House) -> Result<Webhooks> {
    let webhooks = jobs(house).await?.iter().map(|job| view(house, job)).collect::<Result<_>>()?;
    Ok(Webhooks { webhooks })
}

pub async fn show(house: &House, id: &str) -> Result<Opened> {
    let webhook = view(house, &find(house, id).await?)?;
    Ok(Opened {
        webhook,
        secret: message::secret_text(&secret(&house.keys, id)),
        public_key: message::public_key(&house.keys.webhooks()),
    })
}

/// Ends a subscription; a message under way may still arrive.
pub async fn remove(house: &House, id: &str) -> Result<Webhook> {
    let gone = view(house, &find(house, id).await?)?;
    house.archive().catalogue().remove_job(&key(id)).await?;
    house.webhooks.send_replace(());
    Ok(gone)
}

/// Goes on with one that was given up, or tries one that fails again now.
pub async fn resume(house: &House, id: &str) -> Result<Webhook> {
    let job = find(house, id).await?;
    if job.state == JobState::Failed {
        house.archive().catalogue().enter_job(&job.key, JOB, &job.input, now()).await?;
    }
    house.webhooks.send_replace(());
    view(house, &find(house, id).await?)
}

/// Sends a message that means nothing, once, and says what came of it.
pub async fn test(house: &House, id: &str) -> Result<Attempt> {
    let subscription = subscription(&find(house, id).await?)?;
    let name = format!("test_{}", &media::Digest(random()?).to_string()[..24]);
    let message = message::Message::test(name, Timestamp::now());
    Ok(follow::deliver(house, id, &subscription, &message).await.attempt)
}

async fn jobs(house: &House) -> Result<Vec<Job>> {
    let mut jobs = house.archive().catalogue().jobs().await?;
    jobs.retain(|job| job.kind == JOB);
    Ok(jobs)
}

async fn find(house: &House, id: &str) -> Result<Job> {
    let none =
        |_| Error::not_found(format!("there is no webhook {id:?}")).remedy("phim webhook list shows them");
    house.archive().catalogue().job(&key(id)).await.map_err(none)
}

fn subscription(job: &Job) -> Result<Subscription> {
    let read = serde_json::from_value(job.input.clone());
    read.map_err(|e| Error::new(Kind::DataLoss, format!("not understood: {e}")).at(job.key.clone()))
}

fn course(job: &Job) -> Result<Course> {
    if job.progress == Value::Null {
        return Ok(Course::default());
    }
    let read = serde_json::from_value(job.progress.clone());
    read.map_err(|e| Error::new(Kind::DataLoss, format!("not understood: {e}")).at(job.key.clone()))
}

fn view(house: &House, job: &Job) -> Result<Webhook> {
    let (subscription, course) = (subscription(job)?, course(job)?);
    let told = |log: &str| course.next.get(log).or(subscription.from.get(log)).copied().unwrap_or(0);
    let behind = sizes(house).iter().map(|(log, size)| size.saturating_sub(told(log))).sum();
    let status = match job.state {
        JobState::Failed => "dead",
        _ if course.failures > 0 => "failing",
        _ => "active",
    };
    Ok(Webhook {
        id: job.key.trim_start_matches(JOB).trim_start().to_string(),
        url: subscription.url,
        events: subscription.events,
        private: subscription.private,
        status: status.to_string(),
        delivered: course.delivered,
        behind,
        failing_since: course.failing_since,
        again_at: course.again_at.filter(|_| job.state != JobState::Failed),
        last: course.last,
    })
}

/// How many records each log has.
fn sizes(house: &House) -> BTreeMap<String, u64> {
    house.published.load().all().map(|log| (log.name.clone(), log.tree.size())).collect()
}

/// The secret of one subscription, out of the house's own: nothing is stored.
fn secret(keys: &Keys, id: &str) -> [u8; 32] {
    keys.webhook(id)
}

fn checked(url: &str, private: bool) -> Result<String> {
    let wrong = |what: &str| Error::invalid(what.to_string()).at(url.chars().take(100).collect::<String>());
    let uri: Uri = url.parse().map_err(|_| wrong("this is not an address"))?;
    if url.len() > MAX_URL {
        return Err(wrong(&format!("an address of more than {MAX_URL} characters")));
    }
    if uri.authority().is_none_or(|authority| authority.as_str().contains('@')) {
        return Err(wrong("an address names a host, and no user").remedy("Write https://HOST/PATH"));
    }
    match uri.scheme_str() {
        Some("https") => Ok(url.to_string()),
        Some("http") if private => Ok(url.to_string()),
        _ => Err(wrong("messages go out over https")
            .remedy("Name an https address; one of your own network may be http with --private")),
    }
}

/// What is asked for, each name known.
fn patterns(asked: Vec<String>) -> Result<Vec<String>> {
    if asked.is_empty() {
        return Ok(vec!["*".to_string()]);
    }
    for pattern in &asked {
        if !EVENTS.iter().any(|event| fits(pattern, event)) {
            let shown: String = pattern.chars().take(60).collect();
            return Err(Error::invalid(format!("nothing is called {shown:?}"))
                .at("events")
                .remedy(format!("Use {}, a group such as proposal.*, or *", EVENTS.join(", "))));
        }
    }
    let mut patterns = asked;
    patterns.sort_unstable();
    patterns.dedup();
    Ok(patterns)
}

/// Whether a name is asked for by `pattern`: itself, `GROUP.*`, or `*`.
fn fits(pattern: &str, event: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => true,
        Some(group) => group.ends_with('.') && event.starts_with(group),
        None => pattern == event,
    }
}

pub fn print_list(list: &Webhooks) {
    for webhook in &list.webhooks {
        print(webhook);
    }
}

pub fn print(webhook: &Webhook) {
    println!(
        "{}  {:<8} {} delivered, {} records behind  {}  {}",
        webhook.id,
        webhook.status,
        webhook.delivered,
        webhook.behind,
        webhook.url,
        webhook.events.join(",")
    );
    if let (Some(last), "failing" | "dead") = (&webhook.last, webhook.status.as_str()) {
        println!("  {}: {}", last.at, last.error);
    }
}

pub fn print_opened(opened: &Opened) {
    print(&opened.webhook);
    println!("secret {}", opened.secret);
    println!("key {}", opened.public_key);
}

pub fn print_attempt(attempt: &Attempt) {
    match attempt.error.as_str() {
        "" => println!("delivered: {}", attempt.status.unwrap_or_default()),
        error => println!("not delivered: {error}"),
    }
}

#[cfg(test)]
mod tests;
