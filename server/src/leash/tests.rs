use std::sync::atomic::AtomicBool;

use super::*;

fn carried(number: u32) -> Carried {
    let asset = Asset::Segment { kind: crate::paths::Kind::Video, stream: 0, number };
    Carried { place: Place::Unknown, composition: Digest::of(b"film"), asset }
}

fn number(carrying: &Carrying) -> u32 {
    match carrying.what.asset {
        Asset::Segment { number, .. } => number,
        _ => u32::MAX,
    }
}

fn ruling() -> Arc<Ruling> {
    Arc::new(Ruling::free())
}

/// Carries an answer that is planned.
fn carry(held: &Held, number: u32, at_once: bool) {
    let number = held.leash.carry(carried(number), at_once);
    assert!(held.leash.planned(number, &ruling()));
}

#[test]
fn only_those_that_carry_it_are_cut() {
    let leashes = Arc::new(Leashes::default());
    let (one, other) = (leashes.hold(), leashes.hold());
    carry(&one, 1, false);
    carry(&one, 2, false);
    carry(&other, 3, false);
    assert_eq!(leashes.cut_where(|c| number(c) == 2), 1);
    assert!(one.leash.write(|| Ok(())).is_err());
    assert!(other.leash.write(|| Ok(())).is_ok());
    drop(other);
    assert_eq!(leashes.cut_where(|_| true), 1, "a closed connection is forgotten");
}

#[test]
fn nothing_is_written_after_a_cut_has_returned() {
    let leashes = Arc::new(Leashes::default());
    let held = leashes.hold();
    carry(&held, 0, false);
    let done = Arc::new(AtomicBool::new(false));
    let late = Arc::new(AtomicBool::new(false));
    let writer = {
        let (leash, done, late) = (held.leash.clone(), done.clone(), late.clone());
        std::thread::spawn(move || {
            while leash
                .write(|| {
                    late.fetch_or(done.load(Ordering::SeqCst), Ordering::SeqCst);
                    std::thread::yield_now();
                    late.fetch_or(done.load(Ordering::SeqCst), Ordering::SeqCst);
                    Ok(())
                })
                .is_ok()
            {}
        })
    };
    std::thread::sleep(std::time::Duration::from_millis(5));
    leashes.cut_where(|_| true);
    done.store(true, Ordering::SeqCst);
    writer.join().unwrap();
    assert!(!late.load(Ordering::SeqCst));
}

/// An order looks while an answer is not planned yet: it is planned anew, not cut.
#[test]
fn what_is_not_planned_yet_is_planned_anew() {
    let leashes = Arc::new(Leashes::default());
    let held = leashes.hold();
    let first = held.leash.carry(carried(1), false);
    assert_eq!(leashes.cut_where(|_| true), 0);
    assert!(!held.leash.planned(first, &ruling()));
    assert!(held.leash.planned(first, &ruling()));
    assert_eq!(leashes.cut_where(|c| number(c) == 1), 1);
}

#[test]
fn the_same_answer_is_remembered_once() {
    let leashes = Arc::new(Leashes::default());
    let held = leashes.hold();
    let ruling = ruling();
    for _ in 0..3000 {
        let number = held.leash.carry(carried(7), true);
        assert!(held.leash.planned(number, &ruling));
    }
    let mut seen = 0;
    let cut = leashes.cut_where(|_| {
        seen += 1;
        false
    });
    assert_eq!((cut, seen), (0, 1));
}

/// One answer goes on while many others come and end: it is found, or all that may be it is cut.
#[test]
fn an_answer_under_way_is_never_forgotten() {
    let leashes = Arc::new(Leashes::default());
    let held = leashes.hold();
    (0..MOST_AT_ONCE as u32).for_each(|n| carry(&held, n, true));
    assert_eq!(leashes.cut_where(|c| number(c) == u32::MAX), 0);
    carry(&held, u32::MAX, true);
    assert_eq!(leashes.cut_where(|_| false), 1);
    let in_turn = leashes.hold();
    (0..1000).for_each(|n| carry(&in_turn, n, false));
    assert_eq!(leashes.cut_where(|c| number(c) == 999), 2);
}

/// What the kernel has is let go of; what is still to be handed over is not.
#[test]
fn what_is_flushed_is_settled() {
    let leashes = Arc::new(Leashes::default());
    let (one, other) = (leashes.hold(), leashes.hold());
    for (held, flushed) in [(&one, true), (&other, false)] {
        carry(held, 1, false);
        held.leash.flushed(flushed);
        held.leash.settle();
    }
    assert_eq!(leashes.cut_where(|_| true), 1);
    assert!(one.leash.write(|| Ok(())).is_ok());
    assert!(other.leash.write(|| Ok(())).is_err());
}
