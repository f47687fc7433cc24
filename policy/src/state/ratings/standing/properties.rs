//! Sequences of anything that can be said, against a second reading of the rules: Vietnam's, where every
//! edit ends every paper, so that nothing is ever carried from one composition to another.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::state::ratings::tests::{Desk, digest, given, mark, rules};

#[derive(Clone, Debug)]
enum Said {
    Own {
        of: usize,
        label: usize,
        software: bool,
    },
    Regulator {
        of: usize,
        label: usize,
        day: i64,
    },
    RevokedOwn {
        of: usize,
    },
    /// The certificate that was entered as the n-th thing.
    RevokedRegulator {
        nth: usize,
    },
    Changed {
        to: usize,
        from: usize,
    },
    Marked {
        strength: usize,
    },
}

const OF: [&str; 3] = ["a", "b", "c"];
/// From the lowest; the last two the pack does not have.
const LABELS: [&str; 8] = ["P", "K", "T13", "T16", "T18", "C", "18+", ""];
const STRENGTHS: [(&str, usize); 4] = [("mild", 1), ("medium", 3), ("strong", 4), ("excessive", 5)];

fn said() -> impl Strategy<Value = Said> {
    let (of, label) = (0..OF.len(), 0..7usize);
    prop_oneof![
        4 => (of.clone(), label.clone(), any::<bool>()).prop_map(|(of, label, software)| Said::Own { of, label, software }),
        3 => (of.clone(), label, -3..3i64).prop_map(|(of, label, day)| Said::Regulator { of, label, day }),
        1 => of.clone().prop_map(|of| Said::RevokedOwn { of }),
        2 => (0..12usize).prop_map(|nth| Said::RevokedRegulator { nth }),
        2 => (of.clone(), of).prop_map(|(to, from)| Said::Changed { to, from }),
        1 => (0..STRENGTHS.len()).prop_map(|strength| Said::Marked { strength }),
    ]
}

/// What holds for a composition, read off the sequence from its end.
fn second_reading(all: &[Said], of: usize) -> Option<usize> {
    let revoked =
        |at: usize| all[at..].iter().any(|s| matches!(s, Said::RevokedRegulator { nth } if *nth == at));
    // Of one certificate once; again changes nothing.
    let first_revocation = |nth: usize| match all.get(nth) {
        Some(Said::Regulator { .. }) => (nth..all.len())
            .find(|at| matches!(all[*at], Said::RevokedRegulator { nth: again } if again == nth)),
        _ => None,
    };
    let certificates = || {
        all.iter().enumerate().filter_map(|(at, said)| match said {
            Said::Regulator { of, label, day } if *day <= 0 && !revoked(at) => Some((*of, *label, *day)),
            _ => None,
        })
    };
    if let Some((_, label, _)) = certificates().filter(|(on, ..)| *on == of).max_by_key(|(.., day)| *day) {
        return Some(label).filter(|label| *label <= 5);
    }
    let (label, software) = all.iter().enumerate().rev().find_map(|(at, said)| match said {
        Said::Own { of: on, label, software } if *on == of => Some(Some((*label, *software))),
        Said::RevokedOwn { of: on } if *on == of => Some(None),
        Said::RevokedRegulator { nth } if first_revocation(*nth) == Some(at) => Some(None),
        _ => None,
    })??;
    let marks = all.iter().filter_map(|s| match s {
        Said::Marked { strength } => Some(STRENGTHS[*strength].1),
        _ => None,
    });
    let high_enough = marks.max().is_none_or(|floor| floor <= label);
    let floor = certificates().all(|(_, above, _)| above < 5 && above <= label);
    (label <= 5 && software && high_enough && floor).then_some(label)
}

fn say(desk: &mut Desk, at: usize, said: &Said, sequence: &[Said]) {
    let certificate = |at: usize| format!("{at}/GP");
    // What does not follow is refused, and the sequence goes on.
    let _ = match said {
        Said::Own { of, label, software } => desk
            .decided(given("VN", OF[*of], LABELS[*label]), if *software { "software" } else { "a feeling" }),
        Said::Regulator { of, label, day } => {
            let day = rules("VN").day.checked_add(jiff::Span::new().days(*day)).unwrap();
            desk.regulator(given("VN", OF[*of], LABELS[*label]), &certificate(at), &day.to_string())
        }
        Said::RevokedOwn { of } => desk.revoke(OF[*of], None),
        Said::RevokedRegulator { nth } => match sequence.get(*nth) {
            Some(Said::Regulator { of, .. }) if *nth < at => desk.revoke(OF[*of], Some(&certificate(*nth))),
            _ => return,
        },
        Said::Changed { to, from } if to != from => Ok(desk.changed(OF[*to], OF[*from], &["cut"])),
        Said::Changed { .. } => return,
        Said::Marked { strength } => {
            let (strength, _) = STRENGTHS[*strength];
            let body = json!({"title": "flight", "marks": [mark("violence", strength, &[])]});
            desk.say("an", "scenes-marked", body)
        }
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn two_readings_agree(sequence in prop::collection::vec(said(), 0..12)) {
        let vn = rules("VN");
        let mut desk = Desk::new();
        for (at, said) in sequence.iter().enumerate() {
            say(&mut desk, at, said, &sequence);
            let so_far = &sequence[..=at];
            for (of, name) in OF.iter().enumerate() {
                let holds = match desk.state.ratings().standing(&vn, "flight", &digest(name)) {
                    Rated::Label(labelled) => {
                        prop_assert_eq!(labelled.composition, digest(name));
                        Some(labelled.label.code.clone())
                    }
                    Rated::Not(_) => None,
                };
                let expected = second_reading(so_far, of).map(|label| LABELS[label].to_string());
                prop_assert_eq!(holds, expected, "{} after {:?}", name, so_far);
            }
        }
    }
}
