use super::*;

fn ask(headers: &[(&'static str, &str)]) -> Response {
    let mut request = hyper::Request::builder().method(Method::GET);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).expect("a request").into_parts();
    let pieces = vec![Piece::Memory("0123".into()), Piece::Memory("456789".into())];
    let entity = Entity {
        tag: Digest::of(b"x"),
        content_type: "text/plain",
        cache: Cache::Short,
        titles: None,
        pieces,
    };
    answer(&parts, entity, false).expect("bytes in memory are not lost")
}

fn brief(response: &Response) -> String {
    let header = |name| {
        response.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or("-").to_string()
    };
    format!(
        "{} {} {}",
        response.status().as_u16(),
        header(header::CONTENT_LENGTH),
        header(header::CONTENT_RANGE)
    )
}

#[test]
fn ranges() {
    let cases = [
        ("bytes=0-0", "206 1 bytes 0-0/10"),
        ("bytes=2-5", "206 4 bytes 2-5/10"),
        ("bytes=4-", "206 6 bytes 4-9/10"),
        ("bytes=-3", "206 3 bytes 7-9/10"),
        ("bytes=-30", "206 10 bytes 0-9/10"),
        ("bytes=8-99999999999999999999999", "206 2 bytes 8-9/10"),
        ("bytes=10-", "416 - bytes */10"),
        ("bytes=-0", "416 - bytes */10"),
        ("bytes=5-2", "200 10 -"),
        ("bytes=0-1,4-5", "200 10 -"),
        ("bytes=-", "200 10 -"),
        ("frames=1-2", "200 10 -"),
    ];
    for (range, expected) in cases {
        assert_eq!(brief(&ask(&[("range", range)])), expected, "{range}");
    }
}

#[test]
fn conditions() {
    let tag = ask(&[]).headers()[header::ETAG].to_str().expect("text").to_string();
    assert_eq!(brief(&ask(&[("if-none-match", &tag)])), "304 - -");
    assert_eq!(brief(&ask(&[("if-none-match", &format!("\"other\", W/{tag}"))])), "304 - -");
    assert_eq!(brief(&ask(&[("if-none-match", "\"other\"")])), "200 10 -");
    assert_eq!(brief(&ask(&[("if-range", &tag), ("range", "bytes=0-1")])), "206 2 bytes 0-1/10");
    assert_eq!(brief(&ask(&[("if-range", "\"other\""), ("range", "bytes=0-1")])), "200 10 -");
}
