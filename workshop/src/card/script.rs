//! The ASS script of a card. Text is data: nothing in it is taken for markup.

use std::fmt::Write;

use composition::{Card, CardLine};

/// Parts of the picture that stay free on every side, in per cent.
const MARGIN: u32 = 10;
/// The same of a sign, of its shorter side.
const SIGN_MARGIN: u32 = 8;
/// A line of normal size is this part of the picture's height.
const LINES: u32 = 12;
/// Room between two lines of the card, in per cent of the normal size.
const GAP: u32 = 30;
/// Height of a line in per cent of its size, and width of a letter, as fonts have them.
const LEADING: u32 = 100;
const WIDTH_LATIN: u32 = 42;
const WIDTH_CJK: u32 = 72;

/// A script for a picture of `width` by `height` pixels.
pub(super) fn write(card: &Card, width: u32, height: u32) -> String {
    let (aside, above) = (width * MARGIN / 100, height * MARGIN / 100);
    let sizes = sizes(card, width - 2 * aside, height - 2 * above, height / LINES);
    let gap = height / LINES * GAP / 100;
    script(card, (width, height), (aside, above), &sizes, gap)
}

/// A script for a sign of `width` by `height` pixels: its lines are as large as all of them fit.
pub(super) fn sign(card: &Card, width: u32, height: u32) -> String {
    let (aside, above) = (width.min(height) * SIGN_MARGIN / 100, height * SIGN_MARGIN / 100);
    let (wide, high) = (width - 2 * aside, height - 2 * above);
    let fits = |size: &u32| {
        let rows: u32 = card.lines.iter().map(|line| rows(line, *size, wide)).sum();
        rows * size * LEADING / 100 <= high
    };
    let size = (1..=high).rev().find(fits).unwrap_or(1);
    script(card, (width, height), (aside, above), &vec![size; card.lines.len()], 0)
}

/// `sizes` are those of the lines, and `gap` the room between them, in pixels.
fn script(
    card: &Card,
    (width, height): (u32, u32),
    (aside, above): (u32, u32),
    sizes: &[u32],
    gap: u32,
) -> String {
    let [r, g, b] = card.foreground;
    let mut lines = Vec::new();
    for (line, size) in card.lines.iter().zip(sizes.iter().copied()) {
        let font = font(&line.language);
        lines.push(format!(
            "{{\\fn{}\\fs{}}}{}",
            font.name,
            size * font.scale / 100,
            text(line, (width - 2 * aside) / size.max(1))
        ));
    }
    let between = if gap > 0 { format!("\\N{{\\fs{gap}}}\\h\\N") } else { "\\N".to_string() };
    let mut out = String::new();
    // `WrapStyle: 0` breaks long lines into lines of even length; alignment 5 is the middle.
    let _ = write!(
        out,
        "[Script Info]\nScriptType: v4.00+\nPlayResX: {width}\nPlayResY: {height}\nWrapStyle: 0\nScaledBorderAndShadow: yes\n\n\
         [V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, Bold, Alignment, MarginL, MarginR, MarginV, BorderStyle, Outline, Shadow, Encoding\n\
         Style: Card,Noto Sans,{size},&H00{b:02X}{g:02X}{r:02X},0,5,{aside},{aside},{above},1,0,0,1\n\n\
         [Events]\nFormat: Layer, Start, End, Style, Text\nDialogue: 0,0:00:00.00,9:00:00.00,Card,{body}\n",
        size = height / LINES,
        body = lines.join(&between),
    );
    out
}

/// The size of each line in pixels: as asked, or less, so that all of them fit.
fn sizes(card: &Card, width: u32, height: u32, normal: u32) -> Vec<u32> {
    let mut scale = 100;
    loop {
        let sizes: Vec<u32> =
            card.lines.iter().map(|l| (normal * l.percent as u32 * scale / 10_000).max(1)).collect();
        let tall: u32 = card
            .lines
            .iter()
            .zip(&sizes)
            .map(|(line, size)| rows(line, *size, width) * size * LEADING / 100)
            .sum();
        let gaps = (card.lines.len() as u32).saturating_sub(1) * normal * GAP / 100;
        if tall + gaps <= height || scale <= 10 {
            return sizes;
        }
        scale -= 5;
    }
}

/// How many rows a line will take, estimated from the widths of letters.
fn rows(line: &CardLine, size: u32, width: u32) -> u32 {
    let letters: u32 = line.text.chars().map(|c| if is_wide(c) { WIDTH_CJK } else { WIDTH_LATIN }).sum();
    (letters * size / 100).div_ceil(width.max(1)).max(1)
}

/// Letters of Chinese, Japanese and Korean, which are as wide as high.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}')
}

struct Font {
    name: &'static str,
    /// libass makes ascent and descent together as high as the size asked for; fonts with more room
    /// above and below would look smaller. In per cent.
    scale: u32,
}

/// Fonts are named, so that a card looks the same on machines with more of them.
fn font(language: &str) -> Font {
    let lower = language.to_ascii_lowercase();
    let mut parts = lower.split('-');
    let primary = parts.next().unwrap_or("");
    let rest: Vec<&str> = parts.collect();
    let (name, scale) = match primary {
        "ko" => ("Noto Sans CJK KR", 106),
        "ja" => ("Noto Sans CJK JP", 106),
        "zh" if rest.contains(&"hk") => ("Noto Sans CJK HK", 106),
        "zh" if rest.iter().any(|p| matches!(*p, "hant" | "tw" | "mo")) => ("Noto Sans CJK TC", 106),
        "zh" => ("Noto Sans CJK SC", 106),
        "th" => ("Noto Sans Thai", 100),
        "lo" => ("Noto Sans Lao", 100),
        "km" => ("Noto Sans Khmer", 100),
        "my" => ("Noto Sans Myanmar", 100),
        "ar" | "fa" | "ur" => ("Noto Sans Arabic", 100),
        "he" => ("Noto Sans Hebrew", 100),
        "hi" | "mr" | "ne" => ("Noto Sans Devanagari", 100),
        _ => ("Noto Sans", 100),
    };
    Font { name, scale }
}

/// A line as ASS text. Chinese and Japanese have no spaces to break at; `room`, in letters, says where.
fn text(line: &CardLine, room: u32) -> String {
    let mut out = String::new();
    for row in rows_without_spaces(&line.text, room as usize) {
        if !out.is_empty() {
            out.push_str("\\N");
        }
        row.chars().for_each(|c| escape(&mut out, c));
    }
    out
}

fn escape(out: &mut String, c: char) {
    match c {
        // A word joiner, which has no shape, keeps the backslash from making a command of what follows.
        '\\' => out.push_str("\\\u{2060}"),
        '{' => out.push_str("\\{"),
        '}' => out.push_str("\\}"),
        '\n' | '\u{2028}' | '\u{2029}' => out.push_str("\\N"),
        '\t' => out.push(' '),
        c if c.is_control() => {}
        c => out.push(c),
    }
}

/// Breaks a text of wide letters without spaces into rows of even length of at most `room` letters.
fn rows_without_spaces(text: &str, room: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let wide = letters.iter().filter(|c| is_wide(**c)).count();
    if letters.contains(&' ') || wide * 2 < letters.len() || letters.len() <= room || room == 0 {
        return vec![text.to_string()];
    }
    let rows = letters.len().div_ceil(room);
    letters.chunks(letters.len().div_ceil(rows)).map(|row| row.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(language: &str, line: &str) -> String {
        let script = write(&Card::plain([(language.to_string(), line.to_string())]), 1280, 720);
        script.rsplit_once("Card,").unwrap().1.to_string()
    }

    #[test]
    fn text_is_never_markup() {
        assert_eq!(body("en", "{\\pos(0,0)}a"), "{\\fnNoto Sans\\fs60}\\{\\\u{2060}pos(0,0)\\}a\n");
        assert_eq!(body("en", "a\nDialogue: 0,b\r\u{7}"), "{\\fnNoto Sans\\fs60}a\\NDialogue: 0,b\n");
    }

    #[test]
    fn languages_choose_fonts() {
        assert_eq!(font("ko-KR").name, "Noto Sans CJK KR");
        assert_eq!(font("zh-Hant-TW").name, "Noto Sans CJK TC");
        assert_eq!(font("zh-HK").name, "Noto Sans CJK HK");
        assert_eq!(font("vi").name, "Noto Sans");
    }

    #[test]
    fn too_much_text_is_set_smaller() {
        let long = "a word ".repeat(57);
        let card = Card::plain((0..12).map(|_| ("en".to_string(), long.clone())));
        let sizes = sizes(&card, 1024, 576, 60);
        assert!(sizes[0] < 20, "{sizes:?}");
    }

    #[test]
    fn japanese_is_broken_evenly() {
        assert_eq!(rows_without_spaces("一二三四五六七", 4), ["一二三四", "五六七"]);
        assert_eq!(rows_without_spaces("한국어 카드입니다", 4), ["한국어 카드입니다"]);
    }
}
