//! What a label obliges: who may play, what the player must show, and that a player which says nothing
//! gets nothing.

use serde_json::{Value, json};

use super::{Cinema, KOREA, VIETNAM};
use crate::client::ask;

/// Declares a territory and opens it: a named person answers for everything that is missing.
pub fn open(cinema: &Cinema, territory: &str) {
    let mut view = cinema.verb(&["territory", "declare", territory, "--kind", "film", "--by", "an.tran"]);
    let items = view["items"].as_array_mut().expect("a list");
    for item in items.iter().filter(|item| item["state"] == "missing") {
        let rule = item["rule"].as_str().expect("a rule");
        let over = ["territory", "override", territory, rule, "--by", "chi.pham", "--text", "Phòng thử"];
        cinema.verb(&over);
    }
    cinema.verb(&["territory", "open", territory, "--by", "an.tran"]);
}

pub fn rate(cinema: &Cinema, territory: &str, label: &str, descriptors: &str) {
    let of = ["classify", "regulator", "noise", "--territory", territory, "--label", label];
    let by = ["--descriptor", descriptors, "--authority", "A", "--number", "1", "--date", "2026-01-01"];
    cinema.verb(&[&of[..], &by].concat());
}

pub fn rules(answer: &Value) -> Vec<&str> {
    answer["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .filter_map(|reason| reason["rule"].as_str())
        .collect()
}

const ALL: [&str; 5] = ["catalogue", "card", "overlay", "forced-text", "parental-control"];

#[test]
fn a_label_obliges() {
    let cinema = Cinema::open(500);
    for territory in ["VN", "KR"] {
        open(&cinema, territory);
    }
    let window = ["window", "add", "--title", "noise", "--territory", "VN,KR", "--start", "2020-01-01"];
    cinema.verb(&[&window[..], &["--licence", "SVOD"]].concat());
    rate(&cinema, "VN", "T16", "violence,horror");
    cinema.verb(&["classify", "notifications", "--territory", "VN", "--sent-to", "MCST"]);
    rate(&cinema, "KR", "15", "violence");

    // A client that says nothing of itself.
    let (status, answer) = cinema.play(VIETNAM, json!({"title": "noise"}));
    assert_eq!(status, 403, "{answer}");
    assert_eq!(
        rules(&answer),
        ["age-unknown", "needs-parental-control", "cannot-show", "cannot-show", "cannot-show", "cannot-show"]
    );
    let asked = |from: &str, viewer: Value| {
        cinema.play(from, json!({"title": "noise", "device": ALL, "viewer": viewer}))
    };
    let refused = |viewer: Value| rules(&asked(VIETNAM, viewer).1).join(" ");
    assert_eq!(refused(json!({"born": "2020-01-01"})), "too-young");
    assert_eq!(refused(json!({"born": "1980-01-01", "hidden": ["noise"]})), "locked");
    assert_eq!(refused(json!({"born": "1980-01-01", "up_to": 13})), "locked");
    assert_eq!(asked(VIETNAM, json!({"born": "yesterday"})).0, 400);

    let (status, play) = asked(VIETNAM, json!({"born": "1980-01-01", "up_to": 16}));
    assert_eq!(status, 200, "{play}");
    assert_eq!((&play["labels"][0]["code"], &play["labels"][0]["territory"]), (&json!("T16"), &json!("VN")));
    let ways: Vec<&str> =
        play["obligations"].as_array().expect("a list").iter().filter_map(|o| o["way"].as_str()).collect();
    assert_eq!(ways, ["catalogue", "overlay", "card", "overlay"]);
    let showings = play["showings"].as_array().expect("a list");
    let symbol = showings.iter().find(|showing| showing["rule"] == "vn.display.symbol").expect("the symbol");
    let length = (play["seconds"].as_f64().expect("seconds") * 1000.0).ceil();
    assert_eq!((&symbol["place"], symbol["spans"][0]["to"].as_f64()), (&json!("top-corner"), Some(length)));
    let before = showings.iter().find(|showing| showing["before"] != 0).expect("the warning before");
    assert_eq!((&before["before"], &before["rule"]), (&json!(3000), &json!("vn.display.warning-before")));
    assert_eq!(before["text"]["en"], "Warning: violence, horror");

    let (status, play) = asked(KOREA, json!({"born": "1980-01-01"}));
    assert_eq!(status, 200, "{play}");
    let card = &play["showings"][0];
    assert_eq!((&card["place"], &card["min_diagonal"]), (&json!("first-screen"), &json!([1, 20])));

    // A player that draws nothing over the picture gets it as text that is always on.
    let text_only = json!(["catalogue", "card", "forced-text", "parental-control"]);
    let (status, play) = cinema
        .play(VIETNAM, json!({"title": "noise", "device": text_only, "viewer": {"born": "1980-01-01"}}));
    assert_eq!(status, 200, "{play}");
    let ways = play["obligations"].as_array().expect("a list").iter().filter(|o| o["way"] == "forced-text");
    assert_eq!(ways.count(), 2);
    let hls = play["hls"].as_str().expect("an address");
    let folder = hls.strip_suffix("/forced.m3u8").expect("the presentation with text").to_string();
    let read = |name: &str| {
        let answer = cinema.get(VIETNAM, &format!("{folder}/{name}"));
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        answer.text()
    };
    let playlist = read("forced.m3u8");
    let forced = |line: &&str| line.contains("FORCED=YES") && line.contains("AUTOSELECT=YES");
    let languages: Vec<&str> = playlist.lines().filter(forced).collect();
    assert_eq!(languages.len(), 3, "{playlist}");
    assert!(languages[2].contains(r#"LANGUAGE="vi""#) && languages[2].contains(r#"URI="f2.m3u8""#));
    assert!(read("f2.m3u8").contains("f2/0.vtt"));
    let first = read("f2/0.vtt");
    assert!(first.contains("line:0 position:2% align:start\nT16\n"), "{first}");
    assert!(
        first.contains("--> 00:00:03.000 line:1 position:2% align:start\nCảnh báo: bạo lực, kinh dị\n"),
        "{first}"
    );
    assert!(!read("f2/1.vtt").contains("Cảnh báo") && read("f2/1.vtt").contains("T16"));
    assert!(read("forced.mpd").contains("urn:mpeg:dash:role:2011\" value=\"forced-subtitle\""));
    assert_eq!(cinema.get(VIETNAM, &format!("{folder}/f3.m3u8")).status, 404);
    let korean = folder.replacen("/vn/", "/kr/", 1);
    assert_eq!(cinema.get(KOREA, &format!("{korean}/forced.m3u8")).status, 404, "Korea's box has a size");

    // The page on which a viewer chooses shows it too.
    let answer = cinema.get(VIETNAM, "/api/v1/titles/noise");
    let title: Value = serde_json::from_slice(&answer.body).expect("json");
    assert_eq!(title["versions"][0]["labels"][0]["says"]["en"], "T16: From 16");
}

/// What a viewer reports stands in a case of the title, without a word about who it was.
#[test]
fn a_viewer_reports_a_title() {
    let cinema = Cinema::open(500);
    let headers = [("x-forwarded-for", VIETNAM)];
    let report = |asked: Value| {
        let answer = ask(cinema.server.at(), "POST", "/api/v1/report", &headers, &asked.to_string());
        (answer.status, answer.text())
    };
    let words = json!({"title": "noise", "kind": "unlawful", "at": 61.5, "words": "Bản đồ ở hậu cảnh"});
    let (status, taken) = report(words.clone());
    assert_eq!(status, 201, "{taken}");
    assert_eq!(taken, r#"{"case":"viewers/VN/noise"}"#);
    let (status, case) = cinema.desk("GET", "/api/v1/cases/viewers%2FVN%2Fnoise", &json!(null));
    assert_eq!((status, &case["authority"]), (200, &json!("viewers")), "{case}");
    let entry = &case["timeline"][0];
    assert_eq!(entry["document"]["text"], "[unlawful] 00:01:01 Bản đồ ở hậu cảnh", "{case}");
    assert!(!case.to_string().contains(VIETNAM));

    assert_eq!(report(json!({"title": "nothing", "kind": "other"})).0, 404);
    assert_eq!(report(json!({"title": "noise", "kind": "other", "words": "x".repeat(1001)})).0, 400);
    let more: Vec<u16> = (0..6).map(|_| report(words.clone()).0).collect();
    assert_eq!(more, [201, 201, 201, 201, 429, 429]);
    assert_eq!(cinema.verb(&["check"])["faults"], json!([]));
}

/// Where billing signs what was paid for, nobody else gets what is not free.
#[test]
fn only_who_has_paid() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("billing.json");
    let billing = tokens::Issuer::eddsa(b"b-1", &[7; 32]).expect("a key");
    let public = media::Digest(billing.key().material().try_into().expect("32 bytes"));
    let keys = json!({"issuer": "shop", "keys": [{"id": "b-1", "ed25519": public.to_string()}]});
    std::fs::write(&file, keys.to_string()).expect("a file");
    let cinema = Cinema::with(&["--billing", file.to_str().expect("a path")], |archive| {
        Box::pin(crate::film::put(archive, "noise", 500, 1))
    });
    open(&cinema, "KR");
    let window = ["window", "add", "--title", "noise", "--territory", "KR", "--start", "2020-01-01"];
    cinema.verb(&[&window[..], &["--licence", "SVOD"]].concat());
    rate(&cinema, "KR", "ALL", "violence");
    let receipt = |licence: &str| {
        let right = tokens::Right { licence: licence.into(), title: None, until: None };
        let now = jiff::Timestamp::now().as_second();
        let receipt = tokens::Receipt {
            issuer: "shop".into(),
            issued: now - 60,
            expires: now + 600,
            rights: vec![right],
        };
        receipt.seal(&billing).expect("sealed")
    };
    let play = |receipt: Option<String>| {
        cinema.play(KOREA, json!({"title": "noise", "device": ALL, "receipt": receipt}))
    };
    let (status, answer) = play(None);
    assert_eq!((status, rules(&answer)), (403, vec!["not-paid"]), "{answer}");
    assert_eq!(rules(&play(Some(receipt("EST"))).1), ["not-paid"]);
    let (status, answer) = play(Some(receipt("SVOD")));
    assert_eq!(status, 200, "{answer}");
    assert_eq!(play(Some("forged".into())).0, 400);
}
