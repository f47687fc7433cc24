//! Language tags, and whether each is meant as sound or as text.

use language_tags::{LanguageTag, ValidationError};
use policy::avail::{Heard, Spoken};

use crate::finding::{Wrong, shown};

/// Reads `es`, `EN:audio` or `fr:subdub`.
pub(crate) fn spoken(text: &str) -> Result<Spoken, Wrong> {
    let (tag, heard) = text.split_once(':').map_or((text, ""), |(tag, heard)| (tag, heard));
    let heard = match heard.trim().to_ascii_lowercase().as_str() {
        "" | "any" => Heard::Any,
        "audio" => Heard::Audio,
        "dub" => Heard::Dub,
        "sub" => Heard::Subtitle,
        "subdub" => Heard::SubtitleAndDub,
        other => {
            let says = format!(
                "{} says how a language is heard; expected audio, sub, dub, subdub or any",
                shown(other)
            );
            return Err(Wrong::new(says, ""));
        }
    };
    Ok(Spoken { language: tagged(tag.trim())?, heard })
}

/// A tag of BCP 47 whose parts are all registered, in its usual case.
///
/// Codes for private use (`XA` to `XZ`) name no country, so they are refused too.
pub(crate) fn tagged(text: &str) -> Result<String, Wrong> {
    let wrong = || {
        let says = format!("{} is not a language", shown(text));
        let remedy = "Use a tag of BCP 47 whose parts are registered, such as vi, ko or es-419";
        Wrong::new(says, remedy)
    };
    let tag = LanguageTag::parse(text).map_err(|_| wrong())?;
    let private = tag.region().is_some_and(|region| region.starts_with('X') && region.len() == 2);
    // A variant should have the prefix that the registry names, and need not.
    let registered = matches!(tag.validate(), Ok(()) | Err(ValidationError::WrongVariantPrefix));
    if private || !registered { Err(wrong()) } else { Ok(tag.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        for (text, tag) in [
            ("EN", "en"),
            ("es-419", "es-419"),
            ("cmn-hans-cn", "cmn-Hans-CN"),
            ("yee-HK", "yee-HK"),
            ("en-1694acad", "en-1694acad"),
        ] {
            assert_eq!(tagged(text).unwrap(), tag);
        }
        for text in ["XYZ", "fr-xx", "ENg", "canuk", "english", "en-USA", "sr-Latin-RS", "", "en_US"] {
            assert!(tagged(text).is_err(), "{text}");
        }
        assert_eq!(spoken("es:subdub").unwrap().heard, Heard::SubtitleAndDub);
        assert_eq!(spoken("EN : audio").unwrap(), Spoken { language: "en".into(), heard: Heard::Audio });
        assert!(spoken("en:sung").is_err());
    }
}
