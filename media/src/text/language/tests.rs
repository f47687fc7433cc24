use super::*;

#[test]
fn the_shortest_code_in_its_usual_case() {
    for (given, expected) in [
        ("vi", "vi"),
        ("VI", "vi"),
        ("vie", "vi"),
        ("kor", "ko"),
        ("chi-hant", "zh-Hant"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("en-gb", "en-GB"),
        ("iw", "he"),
        ("haw", "haw"),
        ("und", "und"),
        ("zxx", "zxx"),
        ("mul", "mul"),
        ("x-director", "x-director"),
    ] {
        assert_eq!(language_tag(given).as_deref(), Ok(expected));
    }
}

#[test]
fn what_is_no_tag_is_refused_with_a_remedy() {
    let refusals = ["", "xx_YY", "english", "vn", "jp-JP", "v", "en-", "tiếng"].map(|text| {
        let error = language_tag(text).unwrap_err();
        assert!(!error.remedy.is_empty());
        error.to_string()
    });
    expect_test::expect![[r#"
        "" is not a BCP 47 language tag. Write e.g. `vi`, `ko`, `en-GB`, `zh-Hant`, or `und` where it is unknown
        "xx_YY" is not a BCP 47 language tag. Write e.g. `vi`, `ko`, `en-GB`, `zh-Hant`, or `und` where it is unknown
        "english" starts with a word instead of a language code. English is `en`
        "vn" starts with a code that no language has. Vietnamese is `vi`
        "jp-JP" starts with a code that no language has. Japanese is `ja`
        "v" is not a BCP 47 language tag. Write e.g. `vi`, `ko`, `en-GB`, `zh-Hant`, or `und` where it is unknown
        "en-" is not a BCP 47 language tag. Write e.g. `vi`, `ko`, `en-GB`, `zh-Hant`, or `und` where it is unknown
        "tiếng" is not a BCP 47 language tag. Write e.g. `vi`, `ko`, `en-GB`, `zh-Hant`, or `und` where it is unknown"#]]
    .assert_eq(&refusals.join("\n"));
}

#[test]
fn the_codes_of_mp4() {
    for (code, tag) in
        [("vie", "vi"), ("fre", "fr"), ("fra", "fr"), ("en-us", "en-US"), ("```", "und"), ("", "und")]
    {
        assert_eq!(from_mp4(code), tag);
    }
    for (tag, code) in [("vi-VN", "vie"), ("zh-Hant", "zho"), ("haw", "haw"), ("x-a", "und")] {
        assert_eq!(to_mp4(tag), code);
    }
}

#[test]
fn the_table_is_whole_and_unambiguous() {
    assert_eq!(rows().count(), 184);
    let mut codes: Vec<&str> = rows().flatten().filter(|code| !code.is_empty()).collect();
    codes.sort_unstable();
    assert_eq!(codes.len(), 184 * 2 + 20);
    assert!(codes.windows(2).all(|pair| pair[0] != pair[1]));
}
