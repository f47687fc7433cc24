use std::sync::atomic::AtomicBool;

use super::*;

fn carried(number: u32) -> Carried {
    let asset = Asset::Segment { kind: crate::paths::Kind::Video, stream: 0, number };
    Carried { place: None, composition: Digest::of(b"film"), asset }
}

fn number(carried: &Carried) -> u32 {
    match carried.asset {
        Asset::Segment { number, .. } => number,
        _ => u32::MAX,
    }
}

#[test]
fn only_those_that_carry_it_are_cut() {
    let leashes = Arc::new(Leashes::default());
    let (one, other) = (leashes.hold(), leashes.hold());
    one.leash.carry(carried(1));
    one.leash.carry(carried(2));
    other.leash.carry(carried(3));
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
    held.leash.carry(carried(0));
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

#[test]
fn a_connection_remembers_as_many_answers_as_can_be_under_way() {
    let leashes = Arc::new(Leashes::default());
    let held = leashes.hold();
    (0..1000).for_each(|n| held.leash.carry(carried(n)));
    let mut seen = Vec::new();
    leashes.cut_where(|c| {
        seen.push(number(c));
        false
    });
    assert_eq!((seen.len(), seen[0]), (MOST_CARRIED, 1000 - MOST_CARRIED as u32));
}
