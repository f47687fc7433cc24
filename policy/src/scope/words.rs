//! The words in which authorities name seasons, episodes and times: English, Vietnamese, Korean.

use media::{Error, Result};
use unicode_normalization::UnicodeNormalization;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare number.
    Number(u32),
    /// A position with a colon, a point or an `f`.
    Clock(String),
    /// `@` and what follows it.
    Region(String),
    Word(Word),
    /// Between ends of a range.
    To,
    /// Between ranges or episodes.
    Comma,
    /// Between parts.
    Semicolon,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Season,
    Episode,
    /// Stands after its number: `18회`.
    EpisodeAfter,
    Whole,
    Hours,
    Minutes,
    Seconds,
    /// Says nothing that the rest does not.
    Filler,
}

/// Splits what was written into tokens. Fails on a word that is not in the list.
pub(super) fn tokens(written: &str) -> Result<Vec<Token>> {
    let text: Vec<char> = written.nfc().flat_map(char::to_lowercase).collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        let len = match c {
            c if c.is_whitespace() && c != '\n' => 1,
            // A colon after a place, brackets and full stops between words carry nothing.
            ':' | '(' | ')' | '[' | ']' | '.' | '"' | '“' | '”' => 1,
            '\n' | ';' => push(&mut tokens, Token::Semicolon, 1),
            ',' | '、' | '·' | '&' | '+' => push(&mut tokens, Token::Comma, 1),
            '-' | '–' | '—' | '−' | '~' | '～' | '〜' | '→' => push(&mut tokens, Token::To, 1),
            '@' => {
                let run = run(&text[at + 1..], |c| c.is_ascii_digit() || "%,/x>".contains(c));
                let kept = run.trim_end_matches(',');
                push(&mut tokens, Token::Region(kept.to_string()), 1 + kept.chars().count())
            }
            c if c.is_ascii_digit() => number(&text[at..], &mut tokens)?,
            c if c.is_alphabetic() => {
                let word = run(&text[at..], char::is_alphabetic);
                tokens.extend(meanings(&word)?);
                word.chars().count()
            }
            other => {
                return Err(Error::invalid(format!("{other:?} is not expected")).remedy(super::read::REMEDY));
            }
        };
        at += len;
    }
    Ok(tokens)
}

fn push(tokens: &mut Vec<Token>, token: Token, len: usize) -> usize {
    tokens.push(token);
    len
}

fn run(text: &[char], keep: impl Fn(char) -> bool) -> String {
    text.iter().take_while(|c| keep(**c)).collect()
}

/// A bare number, or a position. In `01:02:03;12` the semicolon belongs to drop-frame timecode.
fn number(text: &[char], tokens: &mut Vec<Token>) -> Result<usize> {
    let mut word = run(text, |c| c.is_ascii_digit() || c == ':' || c == '.');
    word.truncate(word.trim_end_matches([':', '.']).len());
    let rest = &text[word.chars().count()..];
    if let [';', a, b, after @ ..] = rest
        && word.matches(':').count() == 2
        && a.is_ascii_digit()
        && b.is_ascii_digit()
        && !after.first().is_some_and(|c| c.is_ascii_digit() || *c == ':')
    {
        word.extend([';', *a, *b]);
    }
    let alone = |after: Option<&char>| !after.is_some_and(|c| c.is_alphabetic());
    if rest.first() == Some(&'f') && alone(rest.get(1)) {
        word.push('f');
    }
    let len = word.chars().count();
    let token = if word.bytes().all(|b| b.is_ascii_digit()) {
        let n = word.parse().map_err(|_| Error::invalid(format!("{word} is too large a number")))?;
        Token::Number(n)
    } else {
        Token::Clock(word)
    };
    tokens.push(token);
    Ok(len)
}

/// What a run of letters means: one word, or Korean words written together (`초부터`).
fn meanings(run: &str) -> Result<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = run;
    while !rest.is_empty() {
        let ends = rest.char_indices().map(|(n, c)| n + c.len_utf8()).rev();
        let mut ends = ends.filter(|end| *end == rest.len() || is_hangul(rest));
        let Some((token, end)) = ends.find_map(|end| Some((meaning(&rest[..end])?, end))) else {
            let shown: String = run.chars().take(40).collect();
            return Err(
                Error::invalid(format!("the word {shown:?} is not understood")).remedy(super::read::REMEDY)
            );
        };
        found.push(token);
        rest = &rest[end..];
    }
    Ok(found)
}

fn is_hangul(word: &str) -> bool {
    word.chars().all(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c))
}

fn meaning(word: &str) -> Option<Token> {
    let found = match word {
        "s" | "season" | "phần" | "mùa" | "시즌" => Word::Season,
        "e" | "ep" | "eps" | "episode" | "episodes" | "tập" | "에피소드" => Word::Episode,
        "회" | "화" => Word::EpisodeAfter,
        "whole" | "all" | "bộ" | "전체" | "전편" => Word::Whole,
        "h" | "giờ" | "시간" | "hour" | "hours" => Word::Hours,
        "m" | "min" | "minute" | "minutes" | "phút" | "분" => Word::Minutes,
        "sec" | "second" | "seconds" | "giây" | "초" => Word::Seconds,
        "to" | "until" | "đến" | "tới" | "부터" | "에서" => return Some(Token::To),
        "and" | "và" | "및" | "와" | "과" => return Some(Token::Comma),
        "from" | "at" | "of" | "the" | "in" | "từ" | "tại" | "lúc" | "ở" | "của" | "các" | "toàn" | "cả"
        | "phim" | "series" | "film" | "scene" | "scenes" | "cảnh" | "thứ" | "số" | "number" | "no"
        | "까지" | "제" | "의" | "장면" | "작품" | "시리즈" | "영화" => Word::Filler,
        _ => return None,
    };
    Some(Token::Word(found))
}
