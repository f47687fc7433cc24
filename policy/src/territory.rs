//! A territory: a country, by its code of two letters.

use std::fmt;

use media::{Error, Result};
use serde::{Deserialize, Serialize};

/// An officially assigned ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Territory([u8; 2]);

/// The 249 officially assigned codes.
const ASSIGNED: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ \
BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET \
FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR \
IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN \
MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY \
QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR \
TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

impl Territory {
    /// Reads a code. Only capitals: `vi` and `ko` are languages, `VI` is the Virgin Islands.
    pub fn parse(text: &str) -> Result<Territory> {
        let code = <[u8; 2]>::try_from(text.as_bytes()).ok().filter(|_| is_assigned(text));
        code.map(Territory).ok_or_else(|| {
            let shown: String = text.chars().take(20).collect();
            Error::invalid(format!("{shown:?} is not a territory")).remedy(remedy(&shown))
        })
    }
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
    /// Every territory there is.
    pub fn all() -> impl Iterator<Item = Territory> {
        ASSIGNED.split(' ').filter_map(|code| <[u8; 2]>::try_from(code.as_bytes()).ok()).map(Territory)
    }
}

fn is_assigned(text: &str) -> bool {
    ASSIGNED.split(' ').any(|code| code == text)
}

fn remedy(text: &str) -> String {
    let upper = text.to_ascii_uppercase();
    match text.to_ascii_lowercase().as_str() {
        "vi" | "vietnam" | "viet nam" => "Vietnam is VN".into(),
        "ko" | "korea" | "south korea" => "South Korea is KR".into(),
        "uk" => "The United Kingdom is GB".into(),
        _ if is_assigned(&upper) => format!("Write it in capitals: {upper}"),
        _ => "Use a code of ISO 3166-1 with two capital letters, such as VN or KR".into(),
    }
}

impl TryFrom<String> for Territory {
    type Error = Error;
    fn try_from(text: String) -> Result<Territory> {
        Territory::parse(&text)
    }
}

impl From<Territory> for String {
    fn from(territory: Territory) -> String {
        territory.code().into()
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests;
