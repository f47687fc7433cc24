use super::follow::gap;
use super::*;

#[test]
fn what_a_pattern_asks_for() {
    let fitting = |pattern: &str| EVENTS.iter().filter(|event| fits(pattern, event)).count();
    let counts = ["*", "order.*", "order.placed", "proposal.*", "case.*", "order*", "order", "", ".*"];
    expect_test::expect!["27 13 1 5 5 0 0 0 0"]
        .assert_eq(&counts.map(|pattern| fitting(pattern).to_string()).join(" "));
}

#[test]
fn patterns_and_addresses_that_are_refused() {
    let say = |e: Error| e.to_string().split(". Use order.placed").next().unwrap_or_default().to_string();
    let pattern = |text: &str| patterns(vec![text.to_string()]).map(|p| p.join(",")).unwrap_or_else(say);
    let address = |url: &str, private| checked(url, private).unwrap_or_else(|e| e.to_string());
    let told = [
        pattern("order.plaed"),
        pattern("order*"),
        pattern("proposal.*"),
        address("https://desk.example/phim?a=b", false),
        address("http://desk.example/phim", false),
        address("http://10.0.0.7:9000/", true),
        address("ftp://desk.example/", true),
        address("https://user:word@desk.example/", false),
        address("/phim", true),
        address(&format!("https://desk.example/{}", "a".repeat(2000)), false),
    ];
    expect_test::expect![[r#"
        events: nothing is called "order.plaed"
        events: nothing is called "order*"
        proposal.*
        https://desk.example/phim?a=b
        http://desk.example/phim: messages go out over https. Name an https address; one of your own network may be http with --private
        http://10.0.0.7:9000/
        ftp://desk.example/: messages go out over https. Name an https address; one of your own network may be http with --private
        https://user:word@desk.example/: an address names a host, and no user. Write https://HOST/PATH
        /phim: an address names a host, and no user. Write https://HOST/PATH
        https://desk.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: an address of more than 2000 characters"#]].assert_eq(&told.join("\n"));
}

/// Doubling from a second to six hours, with up to a tenth more; five days of it are some thirty attempts.
#[test]
fn the_waits_between_attempts() {
    let waits: Vec<u64> = [1, 2, 3, 4, 10, 15, 16, 17, 1000].map(|n| gap(n, 0).as_secs()).to_vec();
    assert_eq!(waits, [1, 2, 4, 8, 512, 16_384, 21_600, 21_600, 21_600]);
    assert_eq!(gap(16, 255).as_secs(), 23_760);
    let five_days = 5 * 24 * 3600;
    let mut passed = 0;
    let attempts = (1..).take_while(|n| {
        passed += gap(*n, 128).as_secs();
        passed < five_days
    });
    assert_eq!(attempts.count(), 32);
}
