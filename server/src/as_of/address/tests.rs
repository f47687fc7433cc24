use super::*;

fn moment() -> Moment {
    Moment {
        instant: "2026-07-10T13:14:00.000001Z".parse().expect("an instant"),
        territory: Territory::parse("VN").expect("a territory"),
        title: "sintel".into(),
        version: "whole".into(),
        ends: "2026-11-22T12:00:00Z".parse().expect("an instant"),
    }
}

#[test]
fn only_what_this_house_sealed_is_read() {
    let (here, there) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let keys = |dir: &tempfile::TempDir| Keys::open(dir.path()).expect("keys");
    let (keys, others) = (keys(&here), keys(&there));
    let sealed = moment().sealed(&keys);
    assert_eq!(Moment::open(&keys, &sealed), Some(moment()));
    assert_eq!(Moment::open(&others, &sealed), None);
    // Nothing in it can be another, and nothing left out or added.
    for (n, c) in sealed.char_indices() {
        let other = if c == '1' { '2' } else { '1' };
        let altered = format!("{}{other}{}", &sealed[..n], &sealed[n + 1..]);
        assert_eq!(Moment::open(&keys, &altered), None, "{altered}");
        assert_eq!(Moment::open(&keys, &sealed[..n]), None);
    }
    assert_eq!(Moment::open(&keys, &format!("0{sealed}")), None);
    assert_eq!(Moment::open(&keys, &format!("{sealed}0")), None);
}

#[test]
fn an_address_is_taken_apart() {
    let address = of_asset("SEAL", &Digest([7; 32]), Asset::Hls);
    let (sealed, rest) = of_path(&address).expect("an address of the past");
    assert_eq!((sealed, rest.ends_with("/hls.m3u8"), rest.starts_with("/c/0707")), ("SEAL", true, true));
    for other in ["/then", "/then/", "/then/SEAL", "/then/SEAL/e/x/hls.m3u8", "/vn/then/SEAL/c/x/y", "/c/x/y"]
    {
        assert_eq!(of_path(other), None, "{other}");
    }
    // A place cannot stand before it, and no token is taken off its path.
    assert_eq!(crate::territory::of_path(&address).0, None);
}
