use super::*;

fn at(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

#[test]
fn addresses_at_once() {
    let streams = Streams::new(2);
    assert!(streams.enter("one", at("203.0.113.1"), 100));
    assert!(streams.enter("one", at("203.0.113.2"), 100));
    assert!(!streams.enter("one", at("203.0.113.3"), 110), "a third");
    assert!(!streams.enter("one", None, 110), "one that is not known is one");
    assert!(streams.enter("two", at("203.0.113.3"), 110), "another session");
    assert!(streams.enter("one", at("203.0.113.2"), 159), "it plays on");
    assert!(streams.enter("one", at("203.0.113.3"), 160), "the first has stopped");
    assert!(!streams.enter("one", at("203.0.113.1"), 161));
}

#[test]
fn one_machine_has_many_addresses() {
    let streams = Streams::new(1);
    assert!(streams.enter("one", at("2001:db8:0:1::1"), 0));
    assert!(streams.enter("one", at("2001:db8:0:1:ffff::9"), 1));
    assert!(!streams.enter("one", at("2001:db8:0:2::1"), 2));
}

#[test]
fn memory_is_bounded() {
    let streams = Streams::with_room(1, 4);
    let taken = (0..SHARDS * 20).filter(|n| streams.enter(&n.to_string(), None, 0)).count();
    assert!(taken <= SHARDS * 4, "{taken}");
    assert!((0..100).all(|n| streams.enter(&format!("late {n}"), None, 60) || n > 0), "those before stopped");
}

/// Whoever finds another at work goes on at once.
#[test]
fn nobody_waits() {
    let streams = Streams::new(1);
    let _held: Vec<_> = streams.shards.iter().map(|shard| shard.lock().unwrap()).collect();
    assert!(streams.enter("one", None, 0));
}
