//! Language tags: BCP 47 at the rim, ISO 639-2 inside MP4.
//!
//! A stored tag is canonical: well formed (RFC 5646 §2.1), the shortest code of its language
//! (§2.2.1), the conventional letter case (§2.1.1).

use oxilangtag::LanguageTag;

use crate::error::{Error, Result};

/// The canonical form of a BCP 47 tag: `VI` → `vi`, `kor` → `ko`, `zh-hant-tw` → `zh-Hant-TW`.
///
/// Refuses what is not a tag, a language written as a word, and a two-letter code that no language
/// has (`vn`, `jp`: those are countries). `und`, `mul` and `zxx` are accepted.
pub fn language_tag(text: &str) -> Result<String> {
    if text.len() > MAX_TAG {
        return Err(refused(text, "is longer than any language tag"));
    }
    let tag = LanguageTag::parse_and_normalize(text)
        .map_err(|_| refused(text, "is not a BCP 47 language tag"))?
        .into_inner();
    let (primary, rest) = tag.split_at(tag.find('-').unwrap_or(tag.len()));
    match primary.len() {
        // `x-…` and `i-…` are whole tags of their own kind.
        1 => Ok(tag),
        2 | 3 => match canonical(primary) {
            Some(code) => Ok(format!("{code}{rest}")),
            None => Err(refused(text, "starts with a code that no language has")),
        },
        _ => Err(refused(text, "starts with a word instead of a language code")),
    }
}

/// The tag for what an MP4 file calls its language, the three letters of `mdhd` or the tag of
/// `elng` (ISO/IEC 14496-12 §8.4.2, §8.4.6): `vie` → `vi`, `fre` and `fra` → `fr`. What is no
/// language becomes `und`.
pub fn from_mp4(language: &str) -> String {
    language_tag(language).unwrap_or_else(|_| "und".to_owned())
}

/// The terminological three-letter code for an `mdhd` box: `vi-VN` → `vie`; `und` where the tag's
/// language has none.
pub fn to_mp4(tag: &str) -> &str {
    let primary = tag.split('-').next().unwrap_or("");
    let three = primary.len() == 3 && primary.bytes().all(|b| b.is_ascii_lowercase());
    if three {
        return primary;
    }
    rows().find(|row| row[0] == primary).map_or("und", |row| row[1])
}

/// The longest tag taken; the longest registered ones have 35 characters (RFC 5646 §4.4.1).
const MAX_TAG: usize = 64;

fn refused(text: &str, why: &str) -> Error {
    let shown: String = text.chars().take(MAX_TAG).collect();
    let remedy = match text.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase().as_str() {
        "vn" | "vietnamese" => "Vietnamese is `vi`",
        "korean" => "Korean is `ko`",
        "jp" | "japanese" => "Japanese is `ja`",
        "cn" | "chinese" => "Chinese is `zh`",
        "english" => "English is `en`",
        _ => "Write e.g. `vi`, `ko`, `en-GB`, `zh-Hant`, or `und` where it is unknown",
    };
    Error::invalid(format!("{shown:?} {why}")).remedy(remedy)
}

/// The shortest current code for a primary subtag in lower case. Three-letter codes without a
/// two-letter one are taken as they are: the registry has some 8,000.
fn canonical(primary: &str) -> Option<&str> {
    let renamed = RENAMED.iter().find(|(old, _)| *old == primary);
    if let Some((_, new)) = renamed {
        return Some(new);
    }
    let known = rows().find(|row| row.contains(&primary)).map(|row| row[0]);
    known.or((primary.len() == 3).then_some(primary))
}

/// Withdrawn codes and what replaced them in the IANA language subtag registry.
const RENAMED: [(&str, &str); 4] = [("in", "id"), ("iw", "he"), ("ji", "yi"), ("mo", "ro")];

/// Each row: the ISO 639-1 code, the terminological ISO 639-2 code, then the bibliographic one
/// where it differs.
fn rows() -> impl Iterator<Item = [&'static str; 3]> {
    LANGUAGES.split(", ").map(|row| {
        let mut codes = row.split(' ');
        let mut next = || codes.next().unwrap_or("");
        [next(), next(), next()]
    })
}

/// Every language that has a two-letter code (ISO 639-1).
const LANGUAGES: &str = "\
    aa aar, ab abk, ae ave, af afr, ak aka, am amh, an arg, ar ara, as asm, av ava, ay aym, az \
    aze, ba bak, be bel, bg bul, bi bis, bm bam, bn ben, bo bod tib, br bre, bs bos, ca cat, ce \
    che, ch cha, co cos, cr cre, cs ces cze, cu chu, cv chv, cy cym wel, da dan, de deu ger, dv \
    div, dz dzo, ee ewe, el ell gre, en eng, eo epo, es spa, et est, eu eus baq, fa fas per, ff \
    ful, fi fin, fj fij, fo fao, fr fra fre, fy fry, ga gle, gd gla, gl glg, gn grn, gu guj, gv \
    glv, ha hau, he heb, hi hin, ho hmo, hr hrv, ht hat, hu hun, hy hye arm, hz her, ia ina, id \
    ind, ie ile, ig ibo, ii iii, ik ipk, io ido, is isl ice, it ita, iu iku, ja jpn, jv jav, ka \
    kat geo, kg kon, ki kik, kj kua, kk kaz, kl kal, km khm, kn kan, ko kor, kr kau, ks kas, ku \
    kur, kv kom, kw cor, ky kir, la lat, lb ltz, lg lug, li lim, ln lin, lo lao, lt lit, lu lub, \
    lv lav, mg mlg, mh mah, mi mri mao, mk mkd mac, ml mal, mn mon, mr mar, ms msa may, mt mlt, \
    my mya bur, na nau, nb nob, nd nde, ne nep, ng ndo, nl nld dut, nn nno, no nor, nr nbl, nv \
    nav, ny nya, oc oci, oj oji, om orm, or ori, os oss, pa pan, pi pli, pl pol, ps pus, pt por, \
    qu que, rm roh, rn run, ro ron rum, ru rus, rw kin, sa san, sc srd, sd snd, se sme, sg sag, \
    sh hbs, si sin, sk slk slo, sl slv, sm smo, sn sna, so som, sq sqi alb, sr srp, ss ssw, st \
    sot, su sun, sv swe, sw swa, ta tam, te tel, tg tgk, th tha, ti tir, tk tuk, tl tgl, tn tsn, \
    to ton, tr tur, ts tso, tt tat, tw twi, ty tah, ug uig, uk ukr, ur urd, uz uzb, ve ven, vi \
    vie, vo vol, wa wln, wo wol, xh xho, yi yid, yo yor, za zha, zh zho chi, zu zul";

#[cfg(test)]
mod tests;
