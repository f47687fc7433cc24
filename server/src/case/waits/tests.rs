use super::*;

/// Every way in which two waits can lie beside each other, against a count of the seconds.
#[test]
fn time_in_which_several_wait_counts_once() {
    let second = |n: i64| Timestamp::from_second(n).expect("a second");
    let times = || (0..6).flat_map(|from| (from..7).map(move |to| (from, to)));
    for first in times() {
        for other in times() {
            let waits = |at: &i64| [first, other].iter().any(|(from, to)| (*from..*to).contains(at));
            let counted = (0..7).filter(waits).count() as i64;
            let spans = [first, other].map(|(from, to)| (second(from), second(to)));
            assert_eq!(union(spans.into_iter()), counted, "{first:?} {other:?}");
        }
    }
}
