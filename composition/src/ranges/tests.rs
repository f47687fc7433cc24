use proptest::prelude::*;

use super::*;

fn set(ranges: &Ranges) -> Vec<u32> {
    ranges.iter().flat_map(|(from, to)| from..to).collect()
}

fn any_ranges() -> impl Strategy<Value = Ranges> {
    prop::collection::vec((0u32..60, 0u32..9), 0..8)
        .prop_map(|all| all.iter().map(|(a, n)| (*a, a + n)).collect())
}

#[test]
fn ranges_that_touch_are_one() {
    assert_eq!(Ranges::new([(5, 7), (0, 2), (2, 4), (9, 9), (6, 8)]).0, [(0, 4), (5, 8)]);
}

proptest! {
    #[test]
    fn they_are_sets(a in any_ranges(), b in any_ranges(), from in 0u32..70, n in 0u32..20) {
        let (ours, theirs) = (set(&a), set(&b));
        let both: Vec<u32> = ours.iter().copied().filter(|x| theirs.contains(x)).collect();
        let minus: Vec<u32> = ours.iter().copied().filter(|x| !theirs.contains(x)).collect();
        let union: Vec<u32> = (0..80).filter(|x| ours.contains(x) || theirs.contains(x)).collect();
        prop_assert_eq!(set(&a.both(&b)), both);
        prop_assert_eq!(set(&a.minus(&b)), minus);
        prop_assert_eq!(set(&a.union(&b)), union);
        let inside: Vec<u32> = ours.iter().copied().filter(|x| (from..from + n).contains(x)).collect();
        prop_assert_eq!(a.touches(from, from + n), !inside.is_empty());
        prop_assert_eq!(set(&a.within(from, from + n).collect()), inside);
        let outside: Vec<u32> = (from..from + n).filter(|x| !ours.contains(x)).collect();
        prop_assert_eq!(set(&a.outside(from, from + n).into_iter().collect()), outside);
        prop_assert_eq!(a.contains(from), ours.contains(&from));
        let grown: Vec<u32> = (0u32..80).filter(|x| ours.iter().any(|y| x.abs_diff(*y) <= 3)).collect();
        prop_assert_eq!(set(&a.grown(3)), grown);
    }
}
