use expect_test::{expect, expect_file};
use jiff::civil::date;

use super::*;
use crate::advisory::Showing;
use crate::label::Watcher;

const VN: &str = include_str!("../../../packs/VN.toml");

fn packs() -> Packs {
    Packs::built_in().unwrap()
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The rules of a territory on a day.
fn rules(code: &str, day: Date) -> Rules {
    packs().get(Territory::parse(code).unwrap()).unwrap().at(day)
}

#[test]
fn an_order_is_due_by_the_law_of_its_day() {
    // The order of 3 January 2026 gave 24 hours from 21:00 in Hanoi, and arrived before that.
    let (start, placed) = (instant("2026-01-03T14:00:00Z"), instant("2026-01-03T10:00:00Z"));
    let due = |code: &str, day, route, step| rules(code, day).order_due(route, step, start, placed);
    let january = date(2026, 1, 3);
    let removal = due("VN", january, None, Step::Removal).unwrap().unwrap();
    assert_eq!(removal.at, instant("2026-01-04T14:00:00Z"));
    assert_eq!(due("VN", january, None, Step::Report).unwrap(), None);
    expect![[r#"VN had no route "cybersecurity-urgent" on 2026-01-03. Use one of cybersecurity, film, platform, user-content"#]]
        .assert_eq(&due("VN", january, Some("cybersecurity-urgent"), Step::Removal).unwrap_err().to_string());
    let urgent = due("VN", date(2026, 7, 1), Some("cybersecurity-urgent"), Step::Removal).unwrap().unwrap();
    assert_eq!(urgent.at, instant("2026-01-03T16:00:00Z"));
    assert_eq!(due("KR", january, None, Step::Removal).unwrap(), None);
    expect![[r#"KR had no route "film" on 2026-01-03. Leave the route out and state the deadlines"#]]
        .assert_eq(&due("KR", january, Some("film"), Step::Removal).unwrap_err().to_string());
}

#[test]
fn zones_are_shared_or_there_is_none() {
    let packs = packs();
    let zone = |codes: &str| {
        let territories: Vec<_> = codes.split(' ').map(|c| Territory::parse(c).unwrap()).collect();
        packs.zone(&territories).map(str::to_string)
    };
    assert_eq!(zone("VN").as_deref(), Some("Asia/Ho_Chi_Minh"));
    assert_eq!(zone("VN KR"), None);
    assert_eq!(zone("VN FR"), None);
    assert_eq!(packs.zone(&[]), None);
}

#[test]
fn days_are_those_of_the_territory() {
    let packs = packs();
    let vn = packs.get(Territory::parse("VN").unwrap()).unwrap();
    assert_eq!(vn.day(instant("2026-06-30T16:59:59Z")), date(2026, 6, 30));
    assert_eq!(vn.day(instant("2026-06-30T17:00:00Z")), date(2026, 7, 1));
    assert_eq!(vn.next_change(date(2026, 6, 30)), Some(date(2026, 7, 1)));
    assert_eq!(vn.next_change(date(2026, 7, 1)), None);
}

/// What is shown of a film of 90 minutes.
fn shown(rules: &Rules, label: &str, descriptors: &[&str]) -> Vec<Showing> {
    rules.showings(label, descriptors, 90 * 60_000).unwrap()
}

#[test]
fn a_position_takes_another_reading_and_ends() {
    let packs = packs();
    let vn = packs.get(Territory::parse("VN").unwrap()).unwrap();
    let position = Position {
        rule: "vn.display.warning-during".into(),
        reading: "up-to-three".into(),
        basis: crate::Sealed(media::Digest::of(b"an officer said so in a talk")),
        from: date(2026, 3, 3),
        until: Some(date(2026, 12, 31)),
    };
    position.check(&packs).unwrap();
    let times = |day, positions: &[Position]| {
        let shown = shown(&vn.at_with(day, positions), "T16", &["violence"]);
        shown.iter().find(|s| s.rule == position.rule).unwrap().spans.len()
    };
    let held = std::slice::from_ref(&position);
    assert_eq!(times(date(2026, 3, 2), held), 3);
    assert_eq!(times(date(2026, 3, 3), held), 1);
    assert_eq!(times(date(2026, 12, 31), held), 1);
    assert_eq!(times(date(2027, 1, 1), held), 3);
    // Of two, the one that was taken last.
    let exempt = Position {
        rule: "vn.open.vod-licence-film".into(),
        reading: "films-are-exempt".into(),
        ..position.clone()
    };
    let open = |positions: &[Position]| {
        let rules = vn.at_with(date(2026, 5, 1), positions);
        rules.needed_to_open(&[duty::Kind::Film], true).iter().any(|(rule, _)| *rule == exempt.rule)
    };
    assert!(open(&[]));
    assert!(!open(&[position.clone(), exempt.clone()]));

    let said = |change: &dyn Fn(&mut Position)| {
        let mut wrong = position.clone();
        change(&mut wrong);
        wrong.check(&packs).unwrap_err().to_string()
    };
    expect![[r#"reading: "vn.display.warning-during" has no reading "never". Use one of up-to-three"#]]
        .assert_eq(&said(&|p| p.reading = "never".into()));
    expect![[r#"reading: "vn.label.c" has no reading "up-to-three". The pack names no doubt about this rule, so there is nothing to choose"#]]
        .assert_eq(&said(&|p| p.rule = "vn.label.c".into()));
    expect![[r#"rule: no pack has a rule "vn.none". phim territory show TERRITORY lists the rules"#]]
        .assert_eq(&said(&|p| p.rule = "vn.none".into()));
    expect!["until: ends before it begins on 2026-03-03"]
        .assert_eq(&said(&|p| p.until = Some(date(2026, 3, 2))));
}

#[test]
fn what_changed_between_two_days() {
    let packs = packs();
    let vn = packs.get(Territory::parse("VN").unwrap()).unwrap();
    let told = |a, b| {
        let differences = diff(&vn.at(a), &vn.at(b));
        let told = differences.iter().map(|d| match (&d.was, &d.now) {
            (None, _) => format!("+ {}\n", d.rule),
            (_, None) => format!("- {}\n", d.rule),
            _ => format!("* {}\n    {}\n", d.rule, d.changes.join("\n    ")),
        });
        told.collect::<String>()
    };
    assert_eq!(told(date(2026, 7, 1), date(2026, 11, 22)), "");
    expect![[r#"
        + vn.clock.advertisement
        + vn.clock.data-request-answer
        + vn.clock.data-request-withdraw
        + vn.clock.data-request-withdraw-processor
        + vn.clock.data-request-other
        + vn.clock.breach
        + vn.children.consent
        + vn.age-proof
        * vn.open.data-impact
            law: Decree 13/2023/ND-CP, now Law on Personal Data Protection 91/2025/QH15; Decree 356/2025/ND-CP
            says: An assessment of the impact on personal data exists, in Vietnamese., now An assessment of the impact on personal data exists, and a process for incidents.
            source: frasersvn.com; transatlanticlaw.com, now cdlaf.vn; frasersvn.com; erudituslegal.com
        + vn.open.data-officer
        + vn.open.data-transfer
        + vn.note.history-sensitive
        + vn.note.consent
        + vn.note.advertising
        - vn.clock.data-request
    "#]].assert_eq(&told(date(2025, 12, 31), date(2026, 2, 15)));
    expect![[r#"
        * vn.clock.cybersecurity
            law: Law on Cybersecurity 24/2018/QH14, Article 26, now Law on Cybersecurity 116/2025/QH15, Article 25(2)(b)
            says: Unlawful content is removed within 24 hours of a demand by the cybersecurity force., now Unlawful content is removed within 24 hours of a demand by the cybersecurity force, and system logs are kept.
            source: legalcentrix.com 179404; conventuslaw.com, now mondaq.com 1729070; peopleofinternet
        + vn.clock.cybersecurity-urgent
        + vn.clock.user-data
        + vn.clock.user-data-urgent
        * vn.keep.user-data
            certainty: cited, now partly
            doubt: nothing, now The decree of the new law was described as pending; a draft said up to 2 years after the user leaves.
            law: Decree 53/2022/ND-CP, Articles 26 and 27, now Decree 53/2022/ND-CP, Articles 26 and 27, under the Law on Cybersecurity 116/2025/QH15
            says: Three groups of users' data are kept for at least 24 months from the demand., now Three groups of users' data are kept for at least 24 months from the demand, as before the new law.
            source: dataguidance.com; hanoitimes.vn; cafef.vn; vision-associates.com, now peopleofinternet; a vietnam.vn page on the draft decree
        * vn.keep.system-logs
            certainty: cited, now partly
            doubt: nothing, now The months rest on the older decree; that of the new law was described as pending.
            law: Law on Cybersecurity 24/2018/QH14, Article 26(2)(b); Decree 53/2022/ND-CP, now Law on Cybersecurity 116/2025/QH15, Article 25(2)(b); Decree 53/2022/ND-CP
            says: System logs for investigations are kept for at least 12 months., now System logs are kept when content was demanded to be removed, for at least 12 months as before the new law.
            source: dataguidance.com; hanoitimes.vn, now mondaq.com 1729070; peopleofinternet
        * vn.store.domestic
            certainty: cited, now partly
            doubt: nothing, now The decree of the new law was described as pending.
            law: Decree 53/2022/ND-CP, Articles 26 and 27, now Decree 53/2022/ND-CP, Articles 26 and 27, under the Law on Cybersecurity 116/2025/QH15
            says: Enterprises of Vietnam store three groups of users' data in Vietnam, in a form that they choose., now Enterprises of Vietnam store three groups of users' data in Vietnam, as before the new law.
            source: cafef.vn; vision-associates.com; rhtlawasia.com; tilleke.com print 62094, now peopleofinternet
        * vn.store.foreign
            certainty: cited, now partly
            doubt: Video on demand is not named among the ten services; it is read as if it were., now Whether it binds without a decision, and for how long, waits for the decree; it is read as binding at once.
            is.store.on_decision: true, now nothing
            is.store.within: 12 months, now nothing
            law: Decree 53/2022/ND-CP, Article 26, now Law on Cybersecurity 116/2025/QH15, Article 25(3)
            says: Foreign enterprises in ten services store it in Vietnam within 12 months of the minister's decision, after abuse and a demand that was ignored., now Foreign enterprises store it in Vietnam and have a branch or representative office, for a period that the Government sets.
            source: tilleke.com print 62094; freshfields 102iulg; dlapiperdataprotection.com, now mondaq.com 1729070; longphanpmt; peopleofinternet
        + vn.children.account
    "#]].assert_eq(&told(date(2026, 6, 30), date(2026, 7, 1)));
}

#[test]
fn where_a_pack_is_silent_the_answer_is_the_stricter_one() {
    use duty::{Change, Paper, Travel};
    let empty = Pack::read("territory = \"FR\"\nzone = \"Europe/Paris\"\nsecond_person = false").unwrap();
    let fr = empty.at(date(2026, 1, 1));
    expect![[r#"FR had no label "U" on 2026-01-01. The territory's pack has no labels then"#]]
        .assert_eq(&fr.label("U").unwrap_err().to_string());
    assert_eq!(fr.is_stale(Paper::Label, Change::Blur), (true, None));
    assert_eq!(fr.kept_until("system-logs", true, date(2026, 1, 1)), None);
    assert_eq!(fr.travel(), Travel::Both);
    let portable = "territory = \"FR\"\nzone = \"Europe/Paris\"\nsecond_person = false\n[[rule]]\nid = \"fr.travel\"\n\
        says = \"s\"\nlaw = \"l\"\nsource = \"s\"\ncertainty = \"cited\"\nis.travel = \"home\"";
    assert_eq!(Pack::read(portable).unwrap().at(date(2026, 1, 1)).travel(), Travel::Home);
    expect!["FR had no criteria on 2026-01-01. Let a person decide the label"]
        .assert_eq(&fr.lowest(&[]).unwrap_err().to_string());
    // Korea's pack says nothing of edits.
    let kr = rules("KR", date(2026, 1, 1));
    assert!(Change::ALL.iter().all(|change| kr.is_stale(Paper::Label, *change).0));
}

#[test]
fn labels_that_admit_no_one_admit_no_one() {
    let born = Some(date(1950, 1, 1));
    for pack in packs().iter() {
        let rules = pack.at(date(2026, 11, 22));
        for (id, label) in rules.labels().filter(|(_, label)| label.admits == crate::label::Admits::NoOne) {
            let asked =
                |with_guardian| rules.admission(label, &Watcher { born, with_guardian }).is_admitted();
            assert!(!asked(false) && !asked(true), "{id}");
        }
    }
}

/// What is said of the pack when `change` is made to it. The numbers of lines and rules are left out: they
/// move whenever the pack does.
fn said(change: impl Fn(&str) -> String) -> String {
    let changed = change(VN);
    assert_ne!(changed, VN, "the change must change something");
    let said = Packs::read([("packs/VN.toml", changed.as_str())]).unwrap_err().to_string();
    let unnumbered = |text: String, before: &str| {
        let parts = text.split(before).enumerate();
        let stripped =
            parts.map(
                |(n, part)| if n == 0 { part } else { part.trim_start_matches(|c: char| c.is_ascii_digit()) },
            );
        stripped.collect::<Vec<_>>().join(before)
    };
    unnumbered(unnumbered(said, "line "), "rule[")
}

#[test]
fn a_wrong_pack_is_refused_with_its_place() {
    let swap = |from: &'static str, to: &'static str| said(move |text| text.replacen(from, to, 1));
    expect![[r#"packs/VN.toml: pack VN: zone: "Asia/Hanoi" is not a time zone. Use a name of the IANA time zone database, such as Asia/Ho_Chi_Minh"#]].assert_eq(&swap("Ho_Chi_Minh", "Hanoi"));
    expect![[r#"packs/VN.toml: rule[].is.clock.within: line : "0 h" is not a length of time. Write "24 h", "15 days", "2 working days", "24 months", "5 years" (1 to 8784) or "at once". docs/ref/packs.md lists the keys and their forms"#]].assert_eq(&swap("\"24 h\"", "\"0 h\""));
    expect![[r#"packs/VN.toml: rule[].is.clock.within: line : "a day" is not a length of time. Write "24 h", "15 days", "2 working days", "24 months", "5 years" (1 to 8784) or "at once". docs/ref/packs.md lists the keys and their forms"#]].assert_eq(&swap("\"24 h\"", "\"a day\""));
    expect!["packs/VN.toml: second_persons: line : unknown field `second_persons`, expected one of `territory`, `zone`, `second_person`, `rule`. docs/ref/packs.md lists the keys and their forms"].assert_eq(&swap("second_person", "second_persons"));
    expect!["packs/VN.toml: line : string values must be quoted, expected literal string. docs/ref/packs.md lists the keys and their forms"].assert_eq(&swap("territory = \"VN\"", "territory = "));
    expect!["packs/VN.toml: pack VN: rule kr.label.p: id: is not the id of a rule here. Write vn. and then words of a-z, 0-9 and -, joined by full stops"].assert_eq(&swap("id = \"vn.label.p\"", "id = \"kr.label.p\""));
    expect!["packs/VN.toml: rule[].certainty: line : unknown variant `sure`, expected one of `cited`, `partly`, `recalled`, `inferred`, `house`. docs/ref/packs.md lists the keys and their forms"].assert_eq(&swap("certainty = \"cited\"", "certainty = \"sure\""));
    expect!["packs/VN.toml: pack VN: rule vn.label.k: rank 0 is that of P"]
        .assert_eq(&swap("rank = 1,", "rank = 0,"));
    expect![[r#"packs/VN.toml: pack VN: rule vn.lock.parents: is.lock: the pack has no label "K". Add a rule for it"#]].assert_eq(&swap("code = \"K\"", "code = \"P\""));
    expect![[r##"packs/VN.toml: pack VN: rule vn.label.k: is.label: colour: is not a colour. Write it as "#00a651""##]].assert_eq(&swap("rank = 1,", "rank = 1, colour = \"red\","));
    expect!["packs/VN.toml: rule[].is.label.admits: line : unknown variant `all`, expected one of `everyone`, `from`, `no-one`. docs/ref/packs.md lists the keys and their forms"].assert_eq(&swap("admits = \"everyone\"", "admits = \"all\""));
    expect![[r#"packs/VN.toml: pack VN: rule vn.lock.parents: is.lock: the pack has no label "G". Add a rule for it"#]].assert_eq(&swap("labels = [\"K\"", "labels = [\"G\""));
    expect![[r#"packs/VN.toml: pack VN: rule vn.criteria.theme: is.criteria: the pack has no descriptor "theme park". Add a rule for it"#]].assert_eq(&swap("descriptor = \"theme\"", "descriptor = \"theme park\""));
    expect!["packs/VN.toml: pack VN: rule vn.clock.cybersecurity: two revisions hold on the same day. End the earlier one with until, the day before the later one's from"].assert_eq(&swap("until = \"2026-06-30\"", "until = \"2026-07-01\""));
    expect!["packs/VN.toml: rule[].from: line : parsed date is not valid: parameter 'day' for `2023-02` is invalid, must be in range `1..=28`. docs/ref/packs.md lists the keys and their forms"].assert_eq(&swap("from = \"2023-01-01\"", "from = \"2023-02-30\""));
    expect!["packs/VN.toml: pack VN: rule vn.label.p: until: 2022-12-31 lies before from, 2023-01-01"]
        .assert_eq(&swap("from = \"2023-01-01\"", "from = \"2023-01-01\"\nuntil = \"2022-12-31\""));
    expect!["packs/VN.toml: pack VN: rule vn.open.risk: source: is empty"]
        .assert_eq(&swap("source = \"Phim\"", "source = \" \""));
    expect![[r#"packs/VN.toml: pack VN: rule vn.clock.user-data: is.clock: from: only an order states a start. Write from = "placed""#]].assert_eq(&swap(
        "step = \"answer\", within = \"24 h\", from = \"placed\"",
        "step = \"answer\", within = \"24 h\", from = \"start\"",
    ));
    expect!["packs/VN.toml: pack VN: rule vn.clock.user-data: is.clock: default: only orders have a default. Leave it out"].assert_eq(&swap("matter = \"user-data\",", "matter = \"user-data\", default = true,"));
    expect!["packs/VN.toml: pack VN: rule vn.display.warning-during: is.display: times: cannot be kept. Write at_least as 1 or more, and at_most no lower"].assert_eq(&swap("at_least = 3, at_most = 3", "at_least = 3, at_most = 2"));
    expect!["packs/VN.toml: pack VN: rule vn.note.grounds: information_only: does not fit its kind. A note decides nothing: write information_only = true on notes, and on notes only"].assert_eq(&swap("information_only = true\n", ""));
    expect![[r#"packs/VN.toml: pack VN: rule vn.label.p: is.label: names: has no English. Add en = "…""#]]
        .assert_eq(&swap("names = { en = \"For everyone\",", "names = {"));
    expect!["packs/VN.toml: pack VN: rule vn.display.warning-before: is.display: min_seconds: is missing. Say for how many seconds it is shown"].assert_eq(&swap("min_seconds = 3,", ""));
    expect!["packs/VN.toml: pack VN: rule vn.label.p: doubt: is missing on a rule that was inferred. Say what it was concluded from and what could be wrong with that"].assert_eq(&swap("certainty = \"cited\"", "certainty = \"inferred\""));
    expect!["packs/VN.toml: pack VN: rule vn.open.establishment: is.readiness: met_by: names nothing that would meet it"].assert_eq(&swap("met_by = [{ document = \"company-registration\" }]", "met_by = []"));
    expect!["packs/VN.toml: pack VN: rule vn.display.warning-during: readings: a rule without doubt has one reading. Say in doubt what is not clear, or leave the readings out"].assert_eq(&said(|text| {
        let doubt = text.find("doubt = \"Sources differ").unwrap();
        let end = doubt + text[doubt..].find('\n').unwrap();
        format!("{}{}", &text[..doubt], &text[end..])
    }));
    expect!["packs/VN.toml: rule[].readings[0].nam: line : unknown field `nam`, expected one of `name`, `says`, `is`. docs/ref/packs.md lists the keys and their forms"].assert_eq(&said(|text| text.replacen("name = \"up-to-three\"\n", "name = \"up-to-three\"\nnam = 1\n", 1)));
    assert!(
        Packs::read([("a", VN), ("b", VN)]).unwrap_err().to_string().starts_with("b: VN has a pack already")
    );
}

#[test]
fn the_documented_schema_and_examples_are_what_is_read() {
    expect_file!["../../../docs/ref/pack.schema.json"].assert_eq(&super::read::schema());
    let text = include_str!("../../../docs/ref/packs.md");
    let example = |kind: &str| {
        let (_, rest) = text.split_once(&format!("```{kind}\n")).unwrap();
        rest.split_once("```").unwrap().0
    };
    Pack::read(example("toml")).unwrap();
    let position: Position = serde_json::from_str(example("json")).unwrap();
    position.check(&packs()).unwrap();
}
