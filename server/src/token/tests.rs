use hyper::header::HeaderMap;
use hyper::{Method, Uri};

use super::*;
use crate::ledgers::Keys;
use crate::token::carriage;
use crate::token::keyring::{issuer_name, open};

fn tokens(streams: usize) -> (tempfile::TempDir, Tokens) {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::open(dir.path()).unwrap();
    let ring = open(dir.path(), &keys).unwrap();
    (dir, Tokens::new(issuer_name(&keys), ring, streams))
}

fn territory(code: &str) -> Option<Territory> {
    Some(Territory::parse(code).unwrap())
}

fn bearer() -> Bearer {
    Bearer { at: territory("VN"), prefix: "/vn".into(), home: territory("KR") }
}

fn parts(path: &str, cookies: &[&str]) -> Parts {
    let mut request = hyper::Request::new(());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = path.parse().unwrap();
    for cookie in cookies {
        request.headers_mut().append("cookie", cookie.parse().unwrap());
    }
    request.into_parts().0
}

fn refused<T>(result: std::result::Result<T, Refused>) -> &'static str {
    result.err().map_or("admitted", |refused| refused.code())
}

#[test]
fn a_token_opens_one_composition_in_one_place() {
    let (_dir, tokens) = tokens(4);
    let token = tokens.media(&bearer(), "/c/C/", None, false).unwrap().token;
    let ask = |path: &str, at: &str| {
        let at = territory(at).filter(|_| !at.is_empty());
        refused(tokens.admit(&parts(path, &[]), Some(&token), at, None))
    };
    assert_eq!(ask("/vn/c/C/v0/1.m4s", "VN"), "admitted");
    assert_eq!(ask("/vn/c/C/v0/1.m4s", "VN"), "admitted", "as often as it plays");
    assert_eq!(ask("/vn/c/C/v0/1.m4s", "KR"), "token-other-territory");
    assert_eq!(ask("/vn/c/D/v0/1.m4s", "VN"), "token-other-address");
    assert_eq!(ask("/c/C/v0/1.m4s", "VN"), "token-other-address");
    let other = if token.ends_with('A') { 'Q' } else { 'A' };
    let altered = format!("{}{other}", &token[..token.len() - 1]);
    let (head, tail) = token.split_at(60);
    let swapped = format!("{head}{}{}", if tail.starts_with('A') { 'B' } else { 'A' }, &tail[1..]);
    for wrong in [altered.as_str(), swapped.as_str(), "", "x", &token[..20]] {
        let code = refused(tokens.admit(&parts("/vn/c/C/v0/1.m4s", &[]), Some(wrong), territory("VN"), None));
        assert!(["token-altered", "token-malformed", "token-unknown-key"].contains(&code), "{wrong}: {code}");
    }
    assert_eq!(
        refused(tokens.admit(&parts("/vn/c/C/hls.m3u8", &[]), None, territory("VN"), None)),
        "token-missing"
    );
}

#[test]
fn a_place_that_is_not_known_is_a_place_of_its_own() {
    let (_dir, tokens) = tokens(4);
    let nowhere = Bearer::default();
    let token = tokens.media(&nowhere, "/c/C/", None, false).unwrap().token;
    let ask = |at| refused(tokens.admit(&parts("/c/C/hls.m3u8", &[]), Some(&token), at, None));
    assert_eq!((ask(None), ask(territory("VN"))), ("admitted", "token-other-territory"));
}

#[test]
fn the_first_good_cookie_counts() {
    let (_dir, tokens) = tokens(4);
    let cookie = |folder: &str| {
        let issued = tokens.media(&bearer(), folder, None, true).unwrap();
        assert_eq!((issued.life, issued.path), (COOKIE_LIFE, format!("/vn{folder}")));
        format!("CTA-Common-Access-Token={}", issued.token)
    };
    let (one, other) = (cookie("/c/C/"), cookie("/c/D/"));
    let ask = |cookies: &[&str]| {
        refused(tokens.admit(&parts("/vn/c/C/hls.m3u8", cookies), None, territory("VN"), None))
    };
    assert_eq!(ask(&[&format!("a=b; {other}; {one}")]), "admitted");
    assert_eq!(ask(&[&other, &one]), "admitted");
    assert_eq!(ask(&[&other]), "token-other-address");
    assert_eq!(ask(&["a=b; c"]), "token-missing");
}

#[test]
fn a_cookie_is_renewed_when_a_third_is_used_and_never_beyond_its_pass() {
    let (_dir, tokens) = tokens(4);
    let admitted = |in_cookie: bool, age: i64| {
        let issued = tokens.media(&bearer(), "/c/C/", None, in_cookie).unwrap();
        let at = territory("VN");
        let mut claims = tokens.check(&parts("/vn/c/C/hls.m3u8", &[]), &issued.token, at).unwrap();
        claims.issued -= age;
        claims.expires -= age;
        Admitted { claims, in_cookie }
    };
    assert!(tokens.renew(admitted(true, 0), None).is_none(), "fresh");
    let next = tokens.renew(admitted(true, COOKIE_LIFE - COOKIE_DEADLINE + 1), None).unwrap();
    assert_eq!((next.life, next.path.as_str()), (COOKIE_LIFE, "/vn/c/C/"));
    let soon = Timestamp::from_second(now() + 30).unwrap();
    let next = tokens.renew(admitted(true, COOKIE_LIFE - 60), Some(soon)).unwrap();
    assert!(next.life <= 30, "{}", next.life);
    assert!(tokens.renew(admitted(true, COOKIE_LIFE + 1), None).is_none(), "ended");
    assert!(tokens.renew(admitted(false, MAX_LIFE - 1), None).is_none(), "in a path");
}

#[test]
fn what_is_for_one_use_is_used_once() {
    let (_dir, mut tokens) = tokens(4);
    let at = territory("VN");
    let play = parts("/api/v1/play", &[]);
    let token = tokens.play(&bearer()).unwrap().token;
    assert_eq!(tokens.admit_once(&play, Some(&token), at).unwrap(), territory("KR"));
    assert_eq!(refused(tokens.admit_once(&play, Some(&token), at)), "token-replayed");
    assert_eq!(refused(tokens.admit_once(&play, None, at)), "token-missing");
    // A licence is for one composition, and a media token is for no licence.
    let (c, d) = (Digest::of(b"C"), Digest::of(b"D"));
    let token = tokens.licence(&bearer(), &c, None).unwrap().token;
    assert_eq!(
        refused(tokens.admit_once(&parts(&licence_address(&d), &[]), Some(&token), at)),
        "token-other-address"
    );
    assert_eq!(refused(tokens.admit_once(&parts(&licence_address(&c), &[]), Some(&token), at)), "admitted");
    let media = tokens.media(&bearer(), "/c/C/", None, false).unwrap().token;
    assert_eq!(refused(tokens.admit_once(&play, Some(&media), at)), "token-other-address");
    // The memory of a process ends with it.
    let token = tokens.play(&bearer()).unwrap().token;
    tokens.began = now() + 1;
    assert_eq!(refused(tokens.admit_once(&play, Some(&token), at)), "token-replayed");
}

#[test]
fn many_viewers_with_one_token() {
    let (_dir, tokens) = tokens(1);
    let token = tokens.media(&bearer(), "/c/C/", None, false).unwrap().token;
    let ask = |viewer: &str| {
        let viewer = Some(viewer.parse().unwrap());
        refused(tokens.admit(&parts("/vn/c/C/v0/1.m4s", &[]), Some(&token), territory("VN"), viewer))
    };
    assert_eq!((ask("203.0.113.1"), ask("203.0.113.1")), ("admitted", "admitted"));
    assert_eq!(ask("203.0.113.2"), "token-streams");
    assert_eq!(Refused::Streams.status(), 429);
}

#[test]
fn a_token_ends_with_its_pass() {
    let (_dir, tokens) = tokens(4);
    let life = |until: Option<i64>| {
        let until = until.map(|seconds| Timestamp::from_second(now() + seconds).unwrap());
        tokens.media(&bearer(), "/c/C/", until, false).unwrap().life
    };
    assert_eq!(life(None), MAX_LIFE);
    assert_eq!(life(Some(MAX_LIFE * 2)), MAX_LIFE);
    assert!(life(Some(60)) <= 60);
}

#[test]
fn a_token_is_taken_from_the_path() {
    let digest = Digest::of(b"C").to_string();
    let take = |path: &str| {
        let mut uri: Uri = path.parse().unwrap();
        (carriage::take(&mut uri), uri.to_string())
    };
    for rest in [
        format!("/c/{digest}/hls.m3u8"),
        format!("/vn/e/{digest}/v0/1.m4s?s=1"),
        format!("/api/v1/licences/{digest}/v0"),
    ] {
        assert_eq!(take(&format!("/t/abc_-9{rest}")), (Some("abc_-9".into()), rest));
    }
    let whole = take(&format!("http://films.example/t/abc/c/{digest}/dash.mpd"));
    assert_eq!(whole, (Some("abc".into()), format!("http://films.example/c/{digest}/dash.mpd")));
    for path in
        ["/t/abc", "/t/abc/", "/t/abc/watch/x", "/t/abc/api/v1/play", "/t/abc/link/x/c/y", "/tt/a/c/b"]
    {
        assert_eq!(take(path), (None, path.to_string()));
    }
}

#[test]
fn only_pages_of_this_origin_get_cookies() {
    let with = |site: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("sec-fetch-site", site.parse().unwrap());
        carriage::keeps_cookies(&headers)
    };
    assert!(with("same-origin"));
    assert!(!with("same-site") && !with("cross-site") && !with("none"));
    assert!(!carriage::keeps_cookies(&HeaderMap::new()));
    let issued =
        Issued { token: "T".into(), path: "/vn/c/C/".into(), life: 900, expires: Timestamp::UNIX_EPOCH };
    let cookie = |secure| carriage::set_cookie(&issued, secure).unwrap();
    let plain = "CTA-Common-Access-Token=T; Path=/vn/c/C/; Max-Age=900; HttpOnly; SameSite=Lax";
    assert_eq!(
        (cookie(false), cookie(true)),
        (plain.parse().unwrap(), format!("{plain}; Secure").parse().unwrap())
    );
}

#[test]
fn every_reason_is_told_in_three_languages() {
    use tokens::Refusal;
    for (refused, status) in [
        (Refused::None, 401),
        (Refused::Token(Refusal::Expired), 401),
        (Refused::Token(Refusal::Algorithm), 401),
        (Refused::Token(Refusal::Altered), 401),
        (Refused::Token(Refusal::OtherTerritory), 403),
        (Refused::Token(Refusal::OtherAddress), 403),
        (Refused::Token(Refusal::Replayed), 403),
        (Refused::Streams, 429),
    ] {
        let answer = refused.answer();
        assert_eq!(
            (answer.status(), answer.headers()["cache-control"].as_bytes()),
            (refused.status(), &b"no-store"[..])
        );
        assert_eq!(answer.status(), status, "{refused:?}");
        assert_eq!(answer.headers().contains_key("www-authenticate"), status == 401);
    }
}
