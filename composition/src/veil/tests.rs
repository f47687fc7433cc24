use proptest::prelude::*;

use super::*;

fn area(x: u16, y: u16, w: u16, h: u16) -> Area {
    Area::new(x, y, w, h).unwrap()
}

#[test]
fn an_area_lies_inside_the_picture() {
    assert!(Area::new(0, 0, 1000, 1000).is_ok());
    for (x, y, w, h) in
        [(0, 0, 0, 5), (0, 0, 5, 0), (900, 0, 101, 5), (0, 1000, 5, 1), (65_535, 0, 65_535, 5)]
    {
        assert!(Area::new(x, y, w, h).is_err(), "{x},{y},{w},{h}");
    }
}

#[test]
fn a_box_moves_evenly_and_is_rounded_outward() {
    let path = Path::new(vec![(10, area(0, 100, 100, 100)), (13, area(10, 100, 200, 100))]).unwrap();
    assert_eq!(path.at(0), area(0, 100, 100, 100));
    assert_eq!(path.at(10), area(0, 100, 100, 100));
    // A third of the way: left at 3.33, right at 136.67.
    assert_eq!(path.at(11), area(3, 100, 134, 100));
    assert_eq!(path.at(13), area(10, 100, 200, 100));
    assert_eq!(path.at(99), area(10, 100, 200, 100));
    assert!(Path::new(vec![]).is_err());
    assert!(Path::new(vec![(5, area(0, 0, 1, 1)), (5, area(0, 0, 1, 1))]).is_err());
}

#[test]
fn a_clipped_path_has_only_the_key_frames_it_needs() {
    let (a, b) = (area(0, 0, 10, 10), area(50, 0, 10, 10));
    let path = Path::new(vec![(0, a), (10, a), (20, b), (30, b), (40, b)]).unwrap();
    assert_eq!(path.clipped(0, 50).keys(), [(10, a), (20, b)]);
    assert_eq!(path.clipped(12, 15).keys(), [(10, a), (20, b)]);
    assert_eq!(path.clipped(3, 8).keys(), [(3, a)]);
    assert_eq!(path.clipped(20, 41).keys(), [(20, b)]);
    assert_eq!(path.clipped(10, 11).keys(), [(10, a)]);
    assert_eq!(path.clipped(50, 60).keys(), [(50, b)]);
}

pub fn any_area() -> impl Strategy<Value = Area> {
    (0u16..900, 0u16..900, 1u16..100, 1u16..100).prop_map(|(x, y, w, h)| area(x, y, w, h))
}

pub fn any_path() -> impl Strategy<Value = Path> {
    let few = prop::sample::select(vec![area(0, 0, 10, 10), area(5, 5, 20, 30), area(0, 0, 1000, 1000)]);
    let keys = prop::collection::btree_map(0u32..120, prop_oneof![few, any_area()], 1..5);
    keys.prop_map(|keys| Path::new(keys.into_iter().collect()).unwrap())
}

proptest! {
    #[test]
    fn clipping_changes_no_frame_and_once_is_enough(path in any_path(), from in 0u32..130, n in 1u32..60, cut in 0u32..60) {
        let clipped = path.clipped(from, from + n);
        for frame in from..from + n {
            prop_assert_eq!(clipped.at(frame), path.at(frame));
        }
        prop_assert_eq!(&clipped.clipped(from, from + n), &clipped);
        // Clipping in two steps is clipping in one.
        let (from2, to2) = (from + cut.min(n - 1), from + n);
        prop_assert_eq!(clipped.clipped(from2, to2), path.clipped(from2, to2));
    }

    #[test]
    fn the_box_covers_the_exact_box_and_stays_inside(path in any_path(), frame in 0u32..130) {
        let at = path.at(frame);
        prop_assert!(Area::new(at.x(), at.y(), at.w(), at.h()).is_ok());
        for pair in path.keys().windows(2).filter(|p| (p[0].0..=p[1].0).contains(&frame)) {
            let ((f0, a), (f1, b)) = (pair[0], pair[1]);
            let exact = |p: u16, q: u16| f64::from(p) + (f64::from(q) - f64::from(p)) * f64::from(frame - f0) / f64::from(f1 - f0);
            for (low, high, p, q, size_p, size_q) in [(at.x(), at.x() + at.w(), a.x(), b.x(), a.w(), b.w()), (at.y(), at.y() + at.h(), a.y(), b.y(), a.h(), b.h())] {
                prop_assert!(f64::from(low) <= exact(p, q) + 1e-9 && exact(p, q) < f64::from(low) + 1.0 + 1e-9);
                let end = exact(p + size_p, q + size_q);
                prop_assert!(f64::from(high) >= end - 1e-9 && f64::from(high) < end + 1.0 + 1e-9);
            }
        }
    }
}
