use expect_test::{Expect, expect, expect_file};

use super::*;

/// Every field at once.
const FULL: &str = r#"{
  "authority": "Cục Điện ảnh",
  "number": "1551/ĐA-VP",
  "date": "2026-01-03",
  "legal_basis": "Decree 131/2022/ND-CP, Article 15(2)",
  "reason": "The picture infringes national sovereignty.",
  "route": "film",
  "territories": ["VN"],
  "work": {"title": "flight"},
  "scope": {"written": "tập 18, bản đồ lúc 41:18 đến 41:55", "typed": "S1E18 41:18-41:55 @250,100,500,200"},
  "operation": "blur",
  "cited": "S1E19, 21",
  "looked": "2026-01-02 09:00",
  "start": "2026-01-03T21:00:00+07:00",
  "until": "2027-01-01 00:00",
  "removal_due": "2026-01-04 21:00",
  "report_due": "2026-01-04T22:00:00[Asia/Ho_Chi_Minh]",
  "attachments": [{"digest": "0000000000000000000000000000000000000000000000000000000000000000", "name": "scan.pdf"}],
  "margin": 12,
  "case": "flight-to-you"
}"#;

fn packs() -> Packs {
    Packs::built_in().unwrap()
}

fn read(json: &str) -> Result<Order> {
    Order::read(json, &packs())
}

/// What is said when `from` stands as `to` in an otherwise good order.
fn refused(from: &str, to: &str, expect: Expect) {
    assert!(FULL.contains(from), "{from}");
    expect.assert_eq(&read(&FULL.replace(from, to)).unwrap_err().to_string());
}

#[test]
fn an_order_with_every_field() {
    let order = read(FULL).unwrap();
    assert_eq!(order.start.unwrap().to_string(), "2026-01-03T14:00:00Z");
    assert_eq!(order.report_due.unwrap().to_string(), "2026-01-04T15:00:00Z");
    assert_eq!(order.looked.unwrap().to_string(), "2026-01-02T02:00:00Z");
    assert_eq!(order.scope.written, "tập 18, bản đồ lúc 41:18 đến 41:55");
    expect![[r#"{"authority":"Cục Điện ảnh","number":"1551/ĐA-VP","date":"2026-01-03","legal_basis":"Decree 131/2022/ND-CP, Article 15(2)","reason":"The picture infringes national sovereignty.","route":"film","territories":["VN"],"work":{"title":"flight"},"scope":{"written":"tập 18, bản đồ lúc 41:18 đến 41:55","parts":[{"season":1,"episode":18,"ranges":[{"from":"41:18","to":"41:55","path":[[250,100,500,200]]}]}]},"operation":"blur","cited":{"written":"S1E19, 21","parts":[{"season":1,"episode":19},{"season":1,"episode":21}]},"looked":"2026-01-02T02:00:00Z","start":"2026-01-03T14:00:00Z","until":"2026-12-31T17:00:00Z","removal_due":"2026-01-04T14:00:00Z","report_due":"2026-01-04T15:00:00Z","attachments":[{"digest":"0000000000000000000000000000000000000000000000000000000000000000","name":"scan.pdf"}],"margin":12,"case":"flight-to-you"}"#]]
        .assert_eq(&serde_json::to_string(&order).unwrap());
    // The stored form is read again, as itself.
    assert_eq!(read(&serde_json::to_string(&order).unwrap()).unwrap(), order);
}

#[test]
fn what_is_wrong_is_named_with_its_field_and_what_to_do() {
    refused(
        "\"number\"",
        "\"nummer\"",
        expect![
            "nummer: unknown field `nummer`, expected one of `authority`, `number`, `date`, `legal_basis`, `reason`, `route`, `territories`, `work`, `scope`, `operation`, `card`, `cited`, `looked`, `start`, `until`, `removal_due`, `report_due`, `attachments`, `margin`, `case` at line 3 column 10. docs/ref/orders.md lists the fields and their forms"
        ],
    );
    refused(
        "[\"VN\"]",
        "[\"VN\", \"vi\"]",
        expect![[r#"territories[1]: "vi" is not a territory. Vietnam is VN"#]],
    );
    refused("[\"VN\"]", "[\"VN\", \"VN\"]", expect!["territories: VN is named twice"]);
    refused("[\"VN\"]", "[]", expect!["territories: none is named. Name at least one, such as VN"]);
    refused(
        "\"2026-01-03\"",
        "\"3 Jan 2026\"",
        expect![[r#"date: "3 Jan 2026" is not a day. Write year-month-day, for example 2026-01-03"#]],
    );
    refused(
        "2026-01-02 09:00",
        "soon",
        expect![[
            r#"looked: "soon" is not an instant. Write date, time and offset, for example 2026-01-03T21:00:00+07:00"#
        ]],
    );
    refused(
        "2027-01-01 00:00",
        "2026-01-01 00:00",
        expect![
            "until: 2025-12-31T17:00:00Z is not after the start, 2026-01-03T14:00:00Z. Leave it out for an order without end"
        ],
    );
    refused(
        "\"title\": \"flight\"",
        "\"title\": \"Flight to You\"",
        expect![[r#"work: "Flight to You" is not a title id. Use 1 to 64 of a-z, 0-9, `-`, `_` and `.`"#]],
    );
    refused(
        "{\"title\": \"flight\"}",
        "\"service\"",
        expect![
            "work: a service can only be withdrawn as a whole. Name the titles, or use withdraw with the scope `whole`"
        ],
    );
    refused("\"film\"", "\"\"", expect!["route: 0 characters; expected 1 to 100"]);
    refused(
        "41:18-41:55 @",
        "41:55-41:18 @",
        expect!["scope: typed: the range 41:55-41:18 ends before it starts. Did the order say 41:18-41:55?"],
    );
    refused(
        "250,100,500,200",
        "800,100,500,200",
        expect![
            "scope: typed: the area 800,100,500,200 is empty or reaches outside the picture. Give left, top, width and height in thousandths of the picture; 0,0,1000,1000 is all of it"
        ],
    );
    refused(
        "\"blur\"",
        "\"smear\"",
        expect![
            "operation: unknown variant `smear`, expected one of `withdraw`, `cut`, `replace`, `mask`, `blur`, `mute`, `drop-text` at line 11 column 22. docs/ref/orders.md lists the fields and their forms"
        ],
    );
    refused(
        "\"blur\"",
        "\"cut\"",
        expect!["scope: a region belongs to blur or mask. Leave the region out, or blur or mask it"],
    );
    refused(
        "\"blur\"",
        "\"withdraw\"",
        expect![
            "scope: a withdrawal takes whole titles, seasons or episodes. Put the places that the order quotes into `cited`, or cut where only scenes are demanded"
        ],
    );
    refused(
        "\"blur\"",
        "\"replace\"",
        expect!["scope: a region belongs to blur or mask. Leave the region out, or blur or mask it"],
    );
    refused(
        "\"margin\": 12",
        "\"margin\": 5000",
        expect!["margin: 5000 frames; expected at most 1000. Widen the ranges themselves"],
    );
    refused(
        "\"margin\": 12",
        "\"margin\": -1",
        expect![
            "margin: invalid value: integer `-1`, expected u32 at line 19 column 14. docs/ref/orders.md lists the fields and their forms"
        ],
    );
    refused(
        "0000000000\"",
        "000000000g\"",
        expect![[
            r#"attachments[0].digest: "000000000000000000000000000000000000000000000000000000000000000g" is not a digest of 64 lower-case hexadecimal digits at line 18 column 95. docs/ref/orders.md lists the fields and their forms"#
        ]],
    );
    refused(
        "\"S1E19, 21\"",
        "\"the map\"",
        expect![[
            r#"cited: the word "map" is not understood. Write places and times, for example S1E18 41:18-41:55, 43:02; S1E19; or whole"#
        ]],
    );
    refused(
        "\"typed\"",
        "\"parts\"",
        expect![[
            r#"scope: parts: invalid type: string "S1E18 41:18-41:55 @250,100,500,200", expected a sequence. docs/ref/orders.md lists the fields and their forms"#
        ]],
    );
    refused(
        "\"case\": \"flight-to-you\"",
        "\"case\": \"\"",
        expect!["case: 0 characters; expected 1 to 350"],
    );
    refused("1551/ĐA-VP", "  ", expect!["number: 0 characters; expected 1 to 100"]);
}

#[test]
fn what_is_no_order_at_all() {
    for json in ["", "null", "[]", "{}", "{\"authority\": 1}", "nonsense"] {
        assert!(read(json).is_err(), "{json}");
    }
    let long = FULL.replace("national", &"n".repeat(MAX_JSON));
    expect!["an order of 262944 bytes. Send at most 262144 bytes; documents go by their digest"]
        .assert_eq(&read(&long).unwrap_err().to_string());
    let deep = "[".repeat(10_000);
    assert!(read(&deep).is_err());
}

#[test]
fn local_times_need_one_zone() {
    let both = FULL.replace("[\"VN\"]", "[\"VN\", \"KR\"]");
    expect![[r#"looked: "2026-01-02 09:00" does not say in which time zone. Add the offset, for example 2026-01-03T21:00:00+07:00"#]].assert_eq(&read(&both).unwrap_err().to_string());
}

#[test]
fn deadlines_come_from_the_order_or_from_the_law() {
    let placed: Timestamp = "2026-01-03T10:00:00Z".parse().unwrap();
    let due = |json: &str| {
        let due = read(json).unwrap().due(&packs(), placed).unwrap();
        let text = |d: Option<Deadline>| d.map_or("none".into(), |d| format!("{} ({})", d.at, d.basis));
        format!("{}; report {}", text(due.removal), text(due.report))
    };
    expect!["2026-01-04T14:00:00Z (order); report 2026-01-04T15:00:00Z (order)"].assert_eq(&due(FULL));
    let silent = FULL.replace("  \"removal_due\": \"2026-01-04 21:00\",\n", "");
    expect!["2026-01-04T14:00:00Z (Decree 131/2022/ND-CP, Article 15(2); Law on Cinema 05/2022/QH15, Article 18(2)); report 2026-01-04T15:00:00Z (order)"].assert_eq(&due(&silent));
    // The urgent route is law from 1 July 2026 on. Two territories: the earlier deadline of those known.
    let urgent = silent.replace("\"film\"", "\"cybersecurity-urgent\"");
    let both = urgent
        .replace("[\"VN\"]", "[\"FR\", \"VN\"]")
        .replace(" 09:00", "T09:00Z")
        .replace(" 00:00", "T00:00Z");
    let july = "2026-07-01T10:00:00Z".parse().unwrap();
    for json in [&urgent, &both] {
        let removal = read(json).unwrap().due(&packs(), july).unwrap().removal.unwrap();
        expect!["2026-07-01T16:00:00Z (Law on Cybersecurity 116/2025/QH15, Article 25(2)(b), threat to national security)"]
            .assert_eq(&format!("{} ({})", removal.at, removal.basis));
    }
    let refused = |json: &str| read(json).unwrap().due(&packs(), placed).unwrap_err().to_string();
    expect![[r#"route: VN had no route "cybersecurity-urgent" on 2026-01-03. Use one of cybersecurity, film, platform, user-content"#]].assert_eq(&refused(&urgent));
    expect![[r#"route: VN had no route "court" on 2026-01-03. Use one of cybersecurity, film, platform, user-content"#]].assert_eq(&refused(&silent.replace("\"film\"", "\"court\"")));
}

#[test]
fn a_card_stands_in_the_place_of_what_is_replaced() {
    let card = |lines: &str, seconds: u32| {
        let json = FULL.replace(" @250,100,500,200", "").replace(
            "\"blur\"",
            &format!(r#""replace", "card": {{"seconds": {seconds}, "lines": {lines}}}"#),
        );
        read(&json).map_err(|e| e.to_string())
    };
    let line = r#"[{"language": "vi", "text": "Đã cắt theo yêu cầu"}]"#;
    assert_eq!(card(line, 5).unwrap().card.unwrap().card().lines.len(), 1);
    expect!["card: seconds: 0; expected 1 to 600"].assert_eq(&card(line, 0).unwrap_err());
    expect!["card: lines: 0 of them; expected 1 to 12"].assert_eq(&card("[]", 5).unwrap_err());
    expect![[r#"card: lines[0].language: "vn" starts with a code that no language has. Vietnamese is `vi`"#]]
        .assert_eq(&card(&line.replace("vi", "vn"), 5).unwrap_err());
    expect!["card: lines[0].text: control characters are not accepted"]
        .assert_eq(&card(&line.replace("Đã", "\\u0007"), 5).unwrap_err());
}

#[test]
fn the_documented_schema_is_what_is_read() {
    expect_file!["../../../docs/ref/order.schema.json"].assert_eq(&super::read::schema());
}

#[test]
fn the_documented_examples_are_orders() {
    let text = include_str!("../../../docs/ref/orders.md");
    let examples: Vec<&str> =
        text.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() >= 3);
    for example in examples {
        read(example).unwrap_or_else(|e| panic!("{e}: {example}"));
    }
}
