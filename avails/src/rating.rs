//! Ratings that stand in avails: whether the system has such a value, reason and country.
//!
//! Only common systems are known here; packs decide what a label means. A system that is not known is
//! told, and refuses nothing.

use crate::finding::{Wrong, shown};

/// System, countries, values, codes of reasons (none: any).
const SYSTEMS: [(&str, &str, &str, &str); 9] = [
    ("MPAA", "US", "G PG PG-13 R NC-17 X M GP NR", ""),
    ("TVPG", "US", "TV-Y TV-Y7 TV-Y7-FV TV-G TV-PG TV-14 TV-MA", ""),
    ("CHVRS", "CA", "G PG 14A 18A R E Exempt", ""),
    ("FSK", "DE", "0 6 12 16 18", ""),
    ("BBFC", "GB", "Uc U PG 12 12A 15 18 R18", ""),
    ("CSA", "FR BE", "U TP -10 -12 -16 -18 10 12 16 18", ""),
    ("KMRB", "KR", "ALL All 12 15 18 19 R", ""),
    ("EIRIN", "JP", "G PG12 PG-12 R15+ R-15 R18+ R-18", ""),
    (
        "FPB",
        "ZA",
        "A PG 7-9-PG 7-9PG 10 10M 10-12-PG 10-12PG 13 16 18 X18 XX",
        "D H CT IAT L N P S SV V B Photo CI",
    ),
];

/// A rating as it is written.
pub(crate) struct Rating<'a> {
    pub system: &'a str,
    pub value: &'a str,
    pub reasons: Vec<&'a str>,
    /// Where it is said to hold; empty: nowhere in particular.
    pub country: &'a str,
}

/// What is wrong with it, and what is only odd.
pub(crate) fn check(rating: &Rating) -> (Vec<Wrong>, Vec<Wrong>) {
    let Rating { system, value, reasons, country } = rating;
    if system.is_empty() {
        return (
            vec![Wrong::new("a rating without its system", "Name the system, such as MPAA")],
            Vec::new(),
        );
    }
    let Some((_, countries, values, codes)) = SYSTEMS.iter().find(|(name, ..)| name == system) else {
        return (
            Vec::new(),
            vec![Wrong::new(format!("the rating system {} is not known here", shown(system)), "")],
        );
    };
    let has = |list: &str, wanted: &str| list.split(' ').any(|known| known == wanted);
    let mut errors = Vec::new();
    if !has(values, value) {
        let says = format!("{system} has no rating {}; it has {}", shown(value), values.replace(' ', ", "));
        errors.push(Wrong::new(says, "Correct the rating or its system"));
    }
    let unknown = reasons.iter().filter(|reason| !codes.is_empty() && !has(codes, reason));
    errors.extend(unknown.map(|reason| {
        Wrong::new(
            format!("{system} has no reason {}; it has {}", shown(reason), codes.replace(' ', ", ")),
            "",
        )
    }));
    let elsewhere = !country.is_empty() && !has(countries, country);
    let odd = elsewhere.then(|| Wrong::new(format!("{system} does not rate for {country}"), ""));
    (errors, odd.into_iter().collect())
}
