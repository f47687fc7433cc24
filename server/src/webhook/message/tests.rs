use ed25519_dalek::{Signature, VerifyingKey};
use policy::{OrderId, Sealed, Staff, Territory};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn decided(act: Act) -> Decision {
    Decision::new(at("2026-01-03T10:00:00.000001Z"), Staff::new("s-1").expect("an id"), act)
}

fn told(state: &mut State, act: Act) -> Message {
    let decision = decided(act);
    state.apply(&decision).expect("it follows");
    Message::of("phim/0123456789abcdef/vn", "vn", 7, "the record", &decision, state)
}

#[test]
fn names_of_events() {
    let kinds = [
        "order-placed",
        "took-effect",
        "frame-accurate",
        "patch-failed",
        "appeal-answered",
        "reported",
        "proposal-sent",
        "case-question",
    ];
    expect_test::expect!["order.placed order.in_force order.frame_accurate order.patch_failed order.appeal_answered order.reported proposal.sent case.question"]
        .assert_eq(&kinds.map(event).join(" "));
}

/// Ids, digests and instants; no name of a person, no words of a document.
#[test]
fn what_a_message_says() {
    let mut state = State::default();
    let vn = Territory::parse("VN").expect("a territory");
    let opened =
        Act::CaseOpened {
            case: "map".into(), authority: "Cục Điện ảnh".into(), territories: vec![vn]
        };
    told(&mut state, opened);
    let question = Sealed(Digest::of(b"which versions?"));
    let due = Some(at("2026-01-09T10:00:00Z"));
    let asked = Act::CaseQuestion { case: "map".into(), from: policy::Party::Authority, question, due };
    let message = told(&mut state, asked);
    expect_test::expect![[r#"
        phim_0123456789abcdef_vn_7
        {"data":{"case":"map","document":"2e69c96426cf8d951723d7264107f9b712ca4acdcdf608d5548cdf7aa98a4d46","due":"2026-01-09T10:00:00Z","from":"authority","log":"vn","number":7,"record":"92076f09ce7c22e23a07427d7eece0ca339eb7a9a3a1354861728c107c13b5c3","territories":["VN"]},"timestamp":"2026-01-03T10:00:00.000001Z","type":"case.question"}"#]].assert_eq(&format!("{}\n{}", message.id, message.body));
    let order = OrderId { authority: "A".into(), number: "1".into() };
    let took = at("2026-01-03T10:00:00Z");
    let force = decided(Act::TookEffect { order, node: "origin".into(), took });
    let message = Message::of("phim/0123456789abcdef/vn", "vn", 8, "x", &force, &state);
    expect_test::expect![[r#"{"data":{"log":"vn","node":"origin","number":8,"order":{"authority":"A","number":"1"},"record":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881","took":"2026-01-03T10:00:00Z"},"timestamp":"2026-01-03T10:00:00.000001Z","type":"order.in_force"}"#]].assert_eq(&message.body);
}

/// The symmetric signature of the specification's own example (Standard Webhooks 1.0, its reference
/// libraries' tests), and the asymmetric one under the published key.
#[test]
fn signatures() {
    let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
    let body = r#"{"test": 2432232314}"#;
    let signed = format!("msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{body}");
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret).expect("a key");
    mac.update(signed.as_bytes());
    assert_eq!(STANDARD.encode(mac.finalize().into_bytes()), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

    let message = Message { id: "m".into(), event: "webhook.test".into(), body: body.into() };
    let (secret, key) = ([7; 32], [9; 32]);
    let headers = message.headers(at("2021-02-25T15:15:30.7Z"), &secret, &key);
    let value =
        |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone()).expect("a header");
    assert_eq!(
        (value("webhook-id"), value("webhook-timestamp")),
        ("m".to_string(), "1614266130".to_string())
    );
    let both = value("webhook-signature");
    let (v1, v1a) = both.split_once(' ').expect("two signatures");
    let signed = format!("m.1614266130.{body}");
    assert_eq!(v1, format!("v1,{}", authenticate(&secret, &signed)));
    let published = public_key(&key);
    let published = STANDARD.decode(published.strip_prefix("whpk_").expect("a prefix")).expect("base64");
    let verifier = VerifyingKey::from_bytes(&published.try_into().expect("32 bytes")).expect("a key");
    let signature = STANDARD.decode(v1a.strip_prefix("v1a,").expect("a prefix")).expect("base64");
    verifier
        .verify_strict(signed.as_bytes(), &Signature::from_slice(&signature).expect("64 bytes"))
        .expect("signed");
}
