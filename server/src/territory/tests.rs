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
    let vn = Territory::parse("VN").unwrap();
    assert_eq!(prefix(Some(vn)), "/vn");
    assert_eq!(prefix(None), "");
    assert_eq!(of_path("/vn/c/00/hls.m3u8"), (Some(vn), "/c/00/hls.m3u8"));
    for path in ["/c/00/hls.m3u8", "/VN/c/00", "/vnm/c/00", "/vn/d/00", "/é/c/", "/v", "/xx/c/00", ""] {
        assert_eq!(of_path(path), (None, path));
    }
    let wrong = Map::new(&["10.0.0.0/8=vietnam".into()], &[], None).err().unwrap();
    assert_eq!(wrong.kind, Kind::Invalid);
}
