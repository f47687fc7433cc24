//! What follows an order: a second person, refusing, appealing, amending, demanding more, proposals.

use serde_json::{Value, json};

use super::{Cinema, KOREA, VIETNAM, cut, leaked, of, ordered};

/// A step over HTTP that must be taken.
fn step(cinema: &Cinema, number: &str, step: &Value) -> Value {
    let (status, stepped) = cinema.desk("POST", &format!("/api/v1/orders/{number}/steps"), step);
    assert_eq!(status, 200, "{stepped}");
    stepped
}

fn words_of(order: &Value) -> Vec<&str> {
    let history = order["history"].as_array().expect("a history");
    let acts = history.iter().filter_map(|happened| happened["what"].as_str());
    acts.filter(|what| !matches!(*what, "took-effect" | "frame-accurate" | "patch-failed")).collect()
}

/// Whether a viewer is shown anything of frames 60 to 70.
fn is_shown(cinema: &Cinema, from: &str) -> bool {
    let answer = cinema.get(from, &format!("{}/v0/0.m4s", cinema.whole("noise")));
    answer.status == 200 && !leaked(&answer.body, &ordered(1, 60, 71)).is_empty()
}

/// Every act about an order, each with its place in the history, and what each does to viewers.
#[test]
fn the_life_of_an_order() {
    let cinema = Cinema::open(500);
    cinema.place(&cut("1", &["VN"], 60, 70));
    assert!(!is_shown(&cinema, VIETNAM));
    step(&cinema, "1", &json!({"appeal": {"letter": {"text": "The map is not in the scene."}}}));
    let (status, _) = cinema.desk(
        "POST",
        "/api/v1/orders/1/steps",
        &json!({"appeal": {"letter": {"text": "Another one, too early."}}}),
    );
    assert_eq!(status, 409);
    assert!(!is_shown(&cinema, VIETNAM), "an appeal does not suspend");
    cinema.verb(&["order", "answer", "1", "--outcome", "upheld", "--reason", "It is."]);
    step(&cinema, "1", &json!({"refuse": {"reason": "Not competent"}}));
    assert!(is_shown(&cinema, VIETNAM));
    cinema.verb(&["order", "approve", "1"]);
    assert!(!is_shown(&cinema, VIETNAM), "obeyed after all");
    // Another text: another place.
    let amended = json!({"amend": {"order": cut("1", &["VN"], 200, 210), "reason": "a slip of the pen"}});
    step(&cinema, "1", &amended);
    assert!(is_shown(&cinema, VIETNAM));
    let later = cinema.get(VIETNAM, &format!("{}/v0/2.m4s", cinema.whole("noise")));
    assert_eq!(leaked(&later.body, &ordered(1, 200, 211)), []);
    // Less is no escalation; all of it is.
    let mut less = cut("1", &["VN"], 200, 205);
    less["operation"] = json!("mute");
    let ask = |order: &Value| json!({"escalate": {"order": order, "reason": "not enough"}});
    assert_eq!(cinema.desk("POST", "/api/v1/orders/1/steps", &ask(&less)).0, 409);
    step(&cinema, "1", &ask(&of("noise", "1", &["VN"], "withdraw", "whole")));
    assert_eq!(cinema.play(VIETNAM, json!({"title": "noise"})).0, 451);
    cinema.lift("1");
    assert!(is_shown(&cinema, VIETNAM));
    let order = cinema.order("1");
    let expected = [
        "order-placed",
        "order-appealed",
        "appeal-answered",
        "order-refused",
        "order-approved",
        "order-amended",
        "order-escalated",
        "order-lifted",
    ];
    assert_eq!(words_of(&order), expected);
    assert_eq!((&order["status"], &order["appeals"]), (&json!("lifted"), &json!(1)));
    // What was lifted is over.
    assert_eq!(cinema.desk("POST", "/api/v1/orders/1/steps", &json!({"approve": null})).0, 409);
    assert_eq!(cinema.desk("POST", "/api/v1/orders/none/steps", &json!({"approve": null})).0, 404);
}

/// A corrected version is offered for a work that is withdrawn: closed until it is accepted, open then,
/// and closed again when the authority thinks otherwise.
#[test]
fn a_proposal() {
    let cinema = Cinema::open(500);
    cinema.place(&of("noise", "1", &["VN"], "withdraw", "toàn bộ phim"));
    let offered = cinema.verb(&["order", "propose", "1", "--cut", "4-8"]);
    let composition = offered["proposals"][0]["composition"].as_str().expect("a composition").to_string();
    let path = format!("/c/{composition}/v0/0.m4s");
    let asked = || cinema.play(VIETNAM, json!({"title": "noise"}));
    let closed = |when: &str| {
        assert_eq!((asked().0, cinema.get(VIETNAM, &path).status), (451, 451), "{when}");
    };
    closed("made");
    // Elsewhere the whole plays on; the corrected version is no secret there, and nobody is sent to it.
    assert_ne!(cinema.play(KOREA, json!({"title": "noise"})).1["composition"], json!(composition));
    cinema.verb(&["order", "send", "1", "--reason", "Here it is."]);
    closed("sent");
    let verdict = |verdict: &str| {
        let said = json!({"verdict": verdict, "letter": "Công văn 5/ĐA"});
        let (status, stepped) = cinema.desk("POST", "/api/v1/orders/1/verdicts", &said);
        assert_eq!(status, 200, "{stepped}");
    };
    verdict("refused");
    closed("refused");
    verdict("accepted");
    let (status, play) = asked();
    assert_eq!((status, &play["composition"], &play["seconds"]), (200, &json!(composition), &json!(16.0)));
    let whole = cinema.whole("noise");
    assert_eq!(cinema.get(VIETNAM, &format!("{whole}/v0/0.m4s")).status, 451, "the whole stays withdrawn");
    let ordered = ordered(1, 96, 192);
    let playlist = cinema.get(VIETNAM, &format!("/c/{composition}/v0.m3u8")).text();
    for segment in playlist.lines().filter(|line| line.ends_with(".m4s")) {
        let answer = cinema.get(VIETNAM, &format!("/c/{composition}/{segment}"));
        assert_eq!((answer.status, leaked(&answer.body, &ordered)), (200, vec![]), "{segment}");
    }
    // An order on a scene that the accepted version still shows binds it too.
    cinema.place(&cut("2", &["VN"], 20, 30));
    let scene = super::ordered(1, 20, 31);
    let held = cinema.get(VIETNAM, &path);
    assert_eq!((held.status, leaked(&held.body, &scene)), (200, vec![]));
    cinema.lift("2");
    // Another text of the order ends the acceptance.
    let amended = json!({"amend": {
        "order": of("noise", "1", &["VN"], "withdraw", "whole"), "reason": "more was found",
    }});
    step(&cinema, "1", &amended);
    closed("amended");
    assert_eq!(cinema.order("1")["proposals"][0]["status"], "stale");
}

/// A named person opens a version without the authority's word.
#[test]
fn an_override() {
    let cinema = Cinema::open(500);
    cinema.place(&of("noise", "1", &["VN"], "withdraw", "whole"));
    cinema.verb(&["order", "propose", "1", "--cut", "4-8"]);
    let silent = cinema.try_verb(&["order", "override", "1"]);
    assert_eq!(silent.status.code(), Some(2), "{}", silent.err);
    let opened = cinema.verb(&["order", "override", "1", "--reason", "No answer in a month", "--by", "Lan"]);
    assert_eq!(opened["proposals"][0]["status"], "overridden");
    assert_eq!(cinema.play(VIETNAM, json!({"title": "noise"})).0, 200);
    // The record holds a pseudonym, not a name.
    let last = &opened["history"].as_array().expect("a history").last().expect("an act")["by"];
    assert!(last.as_str().is_some_and(|by| !by.contains("Lan") && by.len() >= 8), "{last}");
}
