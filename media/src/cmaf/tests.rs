use super::language::pack;

#[test]
fn languages_in_fifteen_bits() {
    let unpack = |n: u16| {
        [10, 5, 0]
            .map(|shift| ((n >> shift & 31) as u8 + 0x60) as char)
            .iter()
            .collect::<String>()
    };
    let cases = [
        ("vi", "vie"),
        ("ko-KR", "kor"),
        ("DE", "deu"),
        ("zh-Hant-TW", "zho"),
        ("yue", "yue"),
        ("zu", "zul"),
        ("aa", "aar"),
        ("", "und"),
        ("xx", "und"),
        ("x-private", "und"),
        ("é", "und"),
        ("i-klingon", "und"),
        ("abcd", "und"),
    ];
    for (tag, letters) in cases {
        assert_eq!(unpack(pack(tag)), letters, "{tag}");
    }
}
