use super::*;

fn map() -> Map {
    let networks = ["10.0.0.0/8=VN", "10.9.0.0/16=KR", "2001:db8::/32=JP"].map(String::from);
    Map::new(&networks, &["127.0.0.1".into(), "192.0.2.0/24".into()], None).unwrap()
}

fn place(peer: &str, forwarded: &[&str]) -> Option<String> {
    let mut headers = HeaderMap::new();
    for line in forwarded {
        headers.append("x-forwarded-for", line.parse().unwrap());
    }
    let (map, peer) = (map(), peer.parse().unwrap());
    let viewer = map.viewer(peer, &headers);
    viewer.and_then(|viewer| map.country(viewer)).map(|territory| territory.code().to_string())
}

#[test]
fn the_narrowest_network_counts() {
    assert_eq!(place("10.1.1.1", &[]).as_deref(), Some("VN"));
    assert_eq!(place("10.9.1.1", &[]).as_deref(), Some("KR"));
    assert_eq!(place("2001:db8::1", &[]).as_deref(), Some("JP"));
    assert_eq!(place("::ffff:10.1.1.1", &[]).as_deref(), Some("VN"), "an IPv4 address in IPv6");
    assert_eq!(place("203.0.113.1", &[]), None);
}

#[test]
fn a_client_cannot_claim_a_place() {
    assert_eq!(place("10.1.1.1", &["10.9.1.1"]).as_deref(), Some("VN"), "no proxy that is trusted");
    assert_eq!(place("127.0.0.1", &["10.9.1.1"]).as_deref(), Some("KR"));
    assert_eq!(place("127.0.0.1", &["10.9.1.1, 10.1.1.1"]).as_deref(), Some("VN"), "the last hop counts");
    assert_eq!(place("127.0.0.1", &["10.9.1.1", "10.1.1.1, 192.0.2.7"]).as_deref(), Some("VN"));
    assert_eq!(place("127.0.0.1", &["10.9.1.1, unknown"]), None, "a hop that cannot be read");
    assert_eq!(place("127.0.0.1", &[]), None);
}

#[test]
fn places_stand_in_front_of_addresses() {
    let [vn, kr] = ["VN", "KR"].map(|code| Territory::parse(code).unwrap());
    let away = Place::Away { at: vn, home: kr };
    assert_eq!([Place::In(vn), away, Place::Unknown].map(prefix), ["/vn", "/vn-kr", ""]);
    assert_eq!(of_path("/vn/c/00/hls.m3u8"), (Some(Place::In(vn)), "/c/00/hls.m3u8"));
    assert_eq!(of_path("/vn-kr/e/00/hls.m3u8"), (Some(away), "/e/00/hls.m3u8"));
    for path in [
        "/c/00/hls.m3u8",
        "/VN/c/00",
        "/vnm/c/00",
        "/vn/d/00",
        "/é/c/",
        "/v",
        "/xx/c/00",
        "",
        "/",
        "é/c/0",
        "/vn-vn/c/00",
        "/vn-/c/00",
        "/-kr/c/00",
        "/vn-kr-us/c/00",
        "//c/00",
    ] {
        assert_eq!(of_path(path), (None, path));
    }
    let wrong = Map::new(&["10.0.0.0/8=vietnam".into()], &[], None).err().unwrap();
    assert_eq!(wrong.kind, Kind::Invalid);
}

/// Every pair of what two packs can say: one country's rules alone hold only where both say so.
#[test]
fn travellers_are_under_the_stricter_rules() {
    let [vn, kr] = ["VN", "KR"].map(|code| Territory::parse(code).unwrap());
    let all = [Travel::Place, Travel::Home, Travel::Both];
    for (here, there) in all.iter().flat_map(|a| all.iter().map(move |b| (*a, *b))) {
        let travel = |territory| if territory == vn { here } else { there };
        let place = |at, home| Place::of_traveller(at, home, travel);
        let expected = match (here, there) {
            (Travel::Place, Travel::Place) => Place::In(vn),
            (Travel::Home, Travel::Home) => Place::In(kr),
            _ => Place::Away { at: vn, home: kr },
        };
        assert_eq!(place(Some(vn), Some(kr)), expected, "{here:?} {there:?}");
        assert_eq!(place(Some(vn), Some(vn)), Place::In(vn));
        assert_eq!(place(Some(vn), None), Place::In(vn));
        assert_eq!(place(None, Some(kr)), Place::Unknown, "where they are may be anywhere");
    }
    let packs = Packs::built_in().unwrap();
    for pack in packs.iter() {
        assert_eq!(super::travel(&packs, &[], pack.territory, Timestamp::UNIX_EPOCH), Travel::Both);
    }
    assert_eq!(super::travel(&packs, &[], Territory::parse("FR").unwrap(), Timestamp::now()), Travel::Both);
}
