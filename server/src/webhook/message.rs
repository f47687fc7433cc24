//! One message: what it says, and its signatures (Standard Webhooks 1.0).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use media::Digest;
use policy::{Act, Decision, State};
use serde_json::{Map, Value, json};
use sha2::Sha256;

pub struct Message {
    /// Stays the same however often it is sent.
    pub id: String,
    pub event: String,
    /// The exact text that is signed and sent.
    pub body: String,
}

/// The name under which a kind of decision is told.
pub fn event(kind: &str) -> String {
    match kind {
        "took-effect" => "order.in_force".to_string(),
        "frame-accurate" => "order.frame_accurate".to_string(),
        "patch-failed" => "order.patch_failed".to_string(),
        "reported" => "order.reported".to_string(),
        "appeal-answered" => "order.appeal_answered".to_string(),
        other => other.replacen('-', ".", 1).replace('-', "_"),
    }
}

impl Message {
    /// Tells of a decision: the record of this number in `log`, whose text is `record`. `origin` is the
    /// log's name in the world.
    pub fn of(
        origin: &str,
        log: &str,
        number: u64,
        record: &str,
        decision: &Decision,
        state: &State,
    ) -> Message {
        let event = event(decision.kind());
        let mut data = about(&decision.act, state);
        data.insert("log".to_string(), json!(log));
        data.insert("number".to_string(), json!(number));
        data.insert("record".to_string(), json!(Digest::of(record.as_bytes()).to_string()));
        let id = format!("{}_{number}", origin.replace(['/', '.'], "_"));
        Message::new(id, event, decision.at, data)
    }

    /// Tells of nothing.
    pub fn test(id: String, at: Timestamp) -> Message {
        Message::new(id, "webhook.test".to_string(), at, Map::new())
    }

    fn new(id: String, event: String, at: Timestamp, data: Map<String, Value>) -> Message {
        let body = json!({ "type": event, "timestamp": at, "data": data }).to_string();
        Message { id, event, body }
    }

    /// The headers of an attempt at `at`. The signatures cover id, second and body.
    pub fn headers(&self, at: Timestamp, secret: &[u8; 32], key: &[u8; 32]) -> Vec<(&'static str, String)> {
        let second = at.as_second();
        let signed = format!("{}.{second}.{}", self.id, self.body);
        vec![
            ("content-type", "application/json".to_string()),
            ("webhook-id", self.id.clone()),
            ("webhook-timestamp", second.to_string()),
            ("webhook-signature", format!("v1,{} v1a,{}", authenticate(secret, &signed), sign(key, &signed))),
        ]
    }
}

/// What a decision is about, in ids, digests and instants.
fn about(act: &Act, state: &State) -> Map<String, Value> {
    let mut data = Map::new();
    let mut put = |name: &str, value: Value| {
        data.insert(name.to_string(), value);
    };
    if let Some(id) = act.order() {
        if let Some(standing) = state.order(&id) {
            put("case", json!(standing.order.case_id()));
            put("territories", json!(standing.order.territories));
        }
        put("order", json!({ "authority": id.authority, "number": id.number }));
    }
    if let Some(case) = act.case() {
        put("case", json!(case));
        put("territories", json!(state.case(case).map(|case| &case.territories)));
    }
    if let Some(proposal) = act.proposal() {
        put("title", json!(proposal.title));
        put("composition", json!(proposal.composition.to_string()));
    }
    if let Some(document) = act.document() {
        put("document", json!(document.0.to_string()));
    }
    match act {
        Act::OrderPlaced { due, .. } | Act::OrderAmended { due, .. } | Act::OrderEscalated { due, .. } => {
            put("removal_due", json!(due.removal.as_ref().map(|due| due.at)));
            put("report_due", json!(due.report.as_ref().map(|due| due.at)));
        }
        Act::TookEffect { node, took, .. } => {
            put("node", json!(node));
            put("took", json!(took));
        }
        Act::FrameAccurate { title, composition, .. } => {
            put("title", json!(title));
            put("composition", json!(composition.to_string()));
        }
        Act::PatchFailed { title, .. } => put("title", json!(title)),
        Act::AppealAnswered { outcome, .. } => put("outcome", json!(outcome)),
        Act::CaseLetter { from, .. } => put("from", json!(from)),
        Act::CaseQuestion { from, due, .. } => {
            put("from", json!(from));
            put("due", json!(due));
        }
        Act::CaseAnswer { question, .. } => put("question", json!(question.0.to_string())),
        Act::ApplicationSent(sent) => put("grant", json!(sent.grant)),
        Act::ApplicationAnswered(answered) => {
            put("grant", json!(answered.grant));
            put("granted", json!(answered.granted));
        }
        act => {
            if let Some(territory) = act.territory() {
                put("territories", json!([territory]));
            }
        }
    }
    data
}

/// The symmetric signature: HMAC-SHA-256.
fn authenticate(secret: &[u8; 32], signed: &str) -> String {
    // HMAC takes a key of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { unreachable!("HMAC takes any key") };
    mac.update(signed.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The asymmetric signature: Ed25519.
fn sign(key: &[u8; 32], signed: &str) -> String {
    STANDARD.encode(SigningKey::from_bytes(key).sign(signed.as_bytes()).to_bytes())
}

/// As Standard Webhooks writes a secret.
pub fn secret_text(secret: &[u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// As Standard Webhooks writes the public key of a private one.
pub fn public_key(key: &[u8; 32]) -> String {
    format!("whpk_{}", STANDARD.encode(SigningKey::from_bytes(key).verifying_key().to_bytes()))
}

#[cfg(test)]
mod tests;
