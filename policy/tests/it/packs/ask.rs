//! Questions to the rules of a day, and their answers as text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use jiff::Timestamp;
use jiff::civil::date;
use policy::criteria::{Manner, Mark, Strength};
use policy::label::{Admission, Watcher};
use policy::pack::duty::{Change, ChildAct, Kind, Paper};
use policy::pack::{Body, Matter, Pack, Rules, Step};

pub const KINDS: [&str; 16] = [
    "label",
    "descriptor",
    "criteria",
    "display",
    "lock",
    "clock",
    "self-rating",
    "stale",
    "keep",
    "store",
    "readiness",
    "notify",
    "clearance",
    "children",
    "age-proof",
    "travel",
];

/// What is asked about by name: everything that the pack as it stands names.
pub struct Questions {
    spellings: BTreeSet<String>,
    labels: BTreeSet<String>,
    cmr: BTreeSet<String>,
    descriptors: Vec<String>,
    routes: BTreeSet<String>,
    kept: BTreeSet<String>,
    stored: BTreeSet<String>,
    cleared: BTreeSet<String>,
    proofs: BTreeSet<String>,
}

impl Questions {
    pub fn of(pack: &Pack) -> Questions {
        let bodies = || {
            let all = pack.rules().iter();
            all.flat_map(|rule| {
                std::iter::once(&rule.is).chain(rule.readings.iter().filter_map(|r| r.is.as_ref()))
            })
        };
        macro_rules! named {
            ($kind:ident, $body:ident => $names:expr) => {
                bodies()
                    .flat_map(|body| match body {
                        Body::$kind($body) => $names,
                        _ => Vec::new(),
                    })
                    .collect()
            };
        }
        let mut descriptors: Vec<String> = named!(Descriptor, d => vec![d.code.clone()]);
        descriptors.dedup();
        Questions {
            spellings: named!(Label, l => [vec![l.code.clone(), "X".into(), "".into()], l.also.clone()].concat()),
            labels: named!(Label, l => vec![l.code.clone()]),
            cmr: named!(Label, l => l.cmr.clone().into_iter().collect()),
            descriptors,
            routes: named!(Clock, c => c.route.clone().into_iter().collect()),
            kept: named!(Keep, k => k.what.clone()),
            stored: named!(Store, s => s.what.clone()),
            cleared: named!(Clearance, c => c.what.clone()),
            proofs: named!(AgeProof, p => p.not_by.clone()),
        }
    }
}

/// What the rules answer, one line a question. `kind` says which questions.
pub fn answers(kind: &str, rules: &Rules, questions: &Questions) -> String {
    let mut out = String::new();
    match kind {
        "label" => labels(rules, questions, &mut out),
        "descriptor" => descriptors(rules, &mut out),
        "criteria" => criteria(rules, questions, &mut out),
        "display" => displays(rules, questions, &mut out),
        "lock" => locks(rules, questions, &mut out),
        "clock" => clocks(rules, questions, &mut out),
        "self-rating" => self_rating(rules, &mut out),
        "stale" => stale(rules, &mut out),
        "keep" => keep(rules, questions, &mut out),
        "store" => store(rules, questions, &mut out),
        "readiness" => readiness(rules, &mut out),
        "notify" => notify(rules, &mut out),
        "clearance" => by_name(&questions.cleared, |what| format!("{:?}", rules.cleared_by(what)), &mut out),
        "children" => children(rules, &mut out),
        "age-proof" => {
            by_name(&questions.proofs, |by| format!("{:?}", rules.age_proof_forbidden(by)), &mut out)
        }
        "travel" => line(&mut out, format!("{:?}", rules.travel())),
        other => panic!("no questions about {other}"),
    }
    out
}

fn line(out: &mut String, text: String) {
    writeln!(out, "{text}").unwrap();
}

fn by_name(names: &BTreeSet<String>, answer: impl Fn(&str) -> String, out: &mut String) {
    names.iter().for_each(|name| line(out, format!("{name:?}: {}", answer(name))));
}

fn labels(rules: &Rules, questions: &Questions, out: &mut String) {
    for text in &questions.spellings {
        line(
            out,
            match rules.label(text) {
                Ok(label) => format!("{text:?} means {}", label.code),
                Err(_) => format!("{text:?} is refused"),
            },
        );
    }
    for name in &questions.cmr {
        line(out, format!("{name}: {:?}", rules.label_of_cmr(name).map(|label| &label.code)));
    }
    for (_, label) in rules.labels() {
        let admitted = |born, with_guardian| match rules.admission(label, &Watcher { born, with_guardian }) {
            Admission::Admitted => 'A',
            Admission::Accompanied => 'a',
            Admission::TooYoung { guardian_helps: true, .. } => 'g',
            Admission::TooYoung { .. } => '.',
            Admission::AgeUnknown { guardian_helps } => {
                if guardian_helps {
                    '!'
                } else {
                    '?'
                }
            }
            Admission::Never => 'X',
        };
        // Whose birthday is on that day or the day after, by their age of that year; then: age unknown.
        let asked = |shift: i64, with_guardian| {
            let born = |age: i16| {
                let birthday = rules.day.checked_add(jiff::Span::new().days(shift)).unwrap();
                birthday.checked_sub(jiff::Span::new().years(age)).ok()
            };
            (0..=22)
                .map(|age| admitted(born(age), with_guardian))
                .chain([admitted(None, with_guardian)])
                .collect::<String>()
        };
        line(
            out,
            format!(
                "{} of {} rank {} advised {:?} colour {:?} {:?}: on the day {} {}, a day before {} {}",
                label.code,
                label.system,
                label.rank,
                label.advised,
                label.colour,
                label.names,
                asked(0, false),
                asked(0, true),
                asked(1, false),
                asked(1, true)
            ),
        );
    }
}

fn descriptors(rules: &Rules, out: &mut String) {
    rules.descriptors().for_each(|(_, d)| line(out, format!("{} {:?} {:?}", d.code, d.trade, d.names)));
}

const STRENGTHS: [Strength; 5] =
    [Strength::None, Strength::Mild, Strength::Medium, Strength::Strong, Strength::Excessive];
const MANNERS: [Manner; 10] = [
    Manner::Detailed,
    Manner::Frequent,
    Manner::Long,
    Manner::Continuous,
    Manner::CloseUp,
    Manner::Sexual,
    Manner::Trade,
    Manner::Harassing,
    Manner::Condemned,
    Manner::Reassuring,
];

/// Every strength of every descriptor: plainly, and where that can decide, in each manner and in each besides
/// being condemned. What a manner does not change is not repeated.
fn criteria(rules: &Rules, questions: &Questions, out: &mut String) {
    let mut manners: Vec<Vec<Manner>> = Vec::new();
    for manner in MANNERS {
        manners.push(vec![manner]);
        manners.push(vec![manner, Manner::Condemned]);
    }
    for descriptor in &questions.descriptors {
        for strength in STRENGTHS {
            let label = |manner: &[Manner]| {
                let mark = Mark { descriptor: descriptor.clone(), strength, manner: manner.into() };
                rules.lowest(&[mark]).map_or("refused".into(), |lowest| lowest.label)
            };
            let plain = label(&[]);
            let mut others: BTreeMap<String, Vec<&[Manner]>> = BTreeMap::new();
            let decides = !matches!(strength, Strength::None | Strength::Excessive);
            for manner in manners.iter().filter(|_| decides) {
                others.entry(label(manner)).or_default().push(manner);
            }
            others.remove(&plain);
            line(out, format!("{descriptor} {strength:?}: {plain}, but {others:?}").replace(", but {}", ""));
        }
    }
}

/// In full for a film of 90 minutes; of other lengths, when it is shown.
fn displays(rules: &Rules, questions: &Questions, out: &mut String) {
    let all: Vec<&str> = questions.descriptors.iter().map(String::as_str).collect();
    for label in &questions.labels {
        for descriptors in [&all[..0], &all[..1], &all[..]] {
            let asked = format!("{label} with {}", descriptors.len());
            let Ok(showings) = rules.showings(label, descriptors, 5_400_000) else {
                line(out, format!("{asked}: refused"));
                continue;
            };
            showings.iter().for_each(|s| line(out, format!("{asked}: {s:?}")));
            for milliseconds in [500, 1_199_999, 1_200_000, 1_260_000] {
                for showing in rules.showings(label, descriptors, milliseconds).unwrap() {
                    let spans: Vec<_> = showing.spans.iter().map(|s| (s.from, s.to)).collect();
                    line(
                        out,
                        format!(
                            "{asked}, {milliseconds} ms: {} {spans:?} {:?}",
                            showing.rule, showing.at_most
                        ),
                    );
                }
            }
        }
    }
}

fn locks(rules: &Rules, questions: &Questions, out: &mut String) {
    let needs =
        |label: &str| rules.label(label).map_or("refused".into(), |l| format!("{:?}", rules.needs(l)));
    by_name(&questions.labels, needs, out);
}

const MATTERS: [Matter; 6] =
    [Matter::Order, Matter::UserData, Matter::DataRequest, Matter::Breach, Matter::Complaint, Matter::Label];
const STEPS: [Step; 8] = [
    Step::Removal,
    Step::Report,
    Step::Acknowledge,
    Step::Answer,
    Step::Finish,
    Step::TellAuthority,
    Step::TellPeople,
    Step::Show,
];

/// Something that arrives on a Friday morning in Hanoi; the order starts that evening.
fn clocks(rules: &Rules, questions: &Questions, out: &mut String) {
    let placed: Timestamp = "2026-11-20T03:00:00Z".parse().unwrap();
    let start: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
    let routes = || std::iter::once(None).chain(questions.routes.iter().map(|r| Some(r.as_str())));
    for step in STEPS {
        for route in routes() {
            match rules.order_due(route, step, start, placed) {
                Ok(Some(due)) => {
                    line(out, format!("an order {route:?} {step:?}: {} by {}", due.at, due.basis))
                }
                Ok(None) => {}
                Err(_) => line(out, format!("an order {route:?} {step:?}: refused")),
            }
            for matter in MATTERS {
                if let Some((at, rule)) = rules.due(matter, route, step, placed) {
                    line(out, format!("{matter:?} {route:?} {step:?}: {at} by {rule}"));
                }
            }
        }
    }
    for (rule, clock) in rules.clocks() {
        if let Some(extension) = clock.extension {
            line(out, format!("{rule} may be put off by {extension}"));
        }
    }
}

const WORKS: [Kind; 3] = [Kind::Film, Kind::Programme, Kind::News];

fn self_rating(rules: &Rules, out: &mut String) {
    WORKS.iter().for_each(|kind| line(out, format!("{kind:?}: {:?}", rules.self_rating(*kind))));
}

fn stale(rules: &Rules, out: &mut String) {
    for paper in [Paper::Label, Paper::Certificate, Paper::Notification] {
        for change in Change::ALL {
            line(out, format!("{paper:?} after {change:?}: {:?}", rules.is_stale(paper, change)));
        }
    }
    for (rule, stale) in rules.stales() {
        line(out, format!("{rule}: again within {:?}", stale.again_within));
    }
}

fn keep(rules: &Rules, questions: &Questions, out: &mut String) {
    let until = |what: &str| {
        format!("{:?}", [true, false].map(|domestic| rules.kept_until(what, domestic, date(2026, 1, 31))))
    };
    by_name(&questions.kept, until, out);
    for (rule, keep) in rules.keeps() {
        line(out, format!("{rule}: {:?} by {:?}", keep.what, keep.of));
    }
}

fn store(rules: &Rules, questions: &Questions, out: &mut String) {
    let at_home = |what: &str| {
        let asked = [(true, false), (true, true), (false, false), (false, true)];
        format!("{:?}", asked.map(|(domestic, decided)| rules.stored_at_home(what, domestic, decided)))
    };
    by_name(&questions.stored, at_home, out);
}

fn readiness(rules: &Rules, out: &mut String) {
    for domestic in [true, false] {
        for kind in WORKS {
            let whose = if domestic { "domestic" } else { "foreign" };
            for (rule, item) in rules.needed_to_open(&[kind], domestic) {
                line(
                    out,
                    format!(
                        "{whose} with {kind:?} {rule}: {:?} fresh {:?} mandatory {} grace {:?} {:?}",
                        item.met_by, item.fresh, item.mandatory, item.grace, item.names["en"]
                    ),
                );
            }
        }
    }
    rules.readiness().for_each(|(rule, item)| line(out, format!("{rule} {:?}", item.names)));
}

fn notify(rules: &Rules, out: &mut String) {
    for kind in WORKS {
        let before: Vec<&str> = rules.before_first_play(kind).map(|(rule, _)| rule).collect();
        line(out, format!("before a {kind:?} first plays: {before:?}"));
        let told = rules.notifies().filter(|(_, notify)| notify.kinds.contains(&kind));
        told.for_each(|(rule, notify)| {
            line(out, format!("{kind:?} {rule}: {:?} to {}", notify.what, notify.to))
        });
    }
}

fn children(rules: &Rules, out: &mut String) {
    for act in [ChildAct::Account, ChildAct::DataConsent] {
        let asked = (10..=19).map(|age| {
            rules.needs_representative(act, rules.day.checked_sub(jiff::Span::new().years(age)).ok())
        });
        let asked = asked.chain([rules.needs_representative(act, None)]);
        line(out, format!("{act:?} from 10 to 19, then unknown: {:?}", asked.collect::<Vec<_>>()));
    }
}
