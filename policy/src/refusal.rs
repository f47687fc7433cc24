//! Refusals: which rule, which order or law, and what would change the answer, in words for people.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::order::OrderId;
use crate::pack;
use crate::state::Standing;

mod words;

/// Why something may not be served. Its words are put together when somebody reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub rule: Rule,
    /// The order that asks for it; none: no order does.
    pub order: Option<OrderId>,
    /// The title that it is about, by its id; may be empty.
    pub title: String,
    /// Until when, where that is known.
    pub until: Option<Timestamp>,
    by: By,
    /// What stands in the places of its words, besides `{title}`.
    fill: Vec<(&'static str, String)>,
    /// What else would change it: Vietnamese, Korean, English.
    or: Option<Box<[Cow<'static, str>; 3]>>,
}

/// The law behind a refusal, and the rule of the pack that says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Basis {
    /// The rule's id; none: an order, or the contract, says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    pub law: String,
}

/// What a refusal rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    Nothing,
    /// A rule of the pack. Words name its law at their end, and may say what it says: `{says}`.
    Rule(Arc<pack::Rule>),
    Law(Basis),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    UnknownTerritory,
    UnknownTitle,
    UnknownComposition,
    /// An order demands all of it.
    Withdrawn,
    /// An order is about places in it, and nobody has found them in these media yet.
    NotLocated,
    /// What an order asks for cannot be read.
    Unreadable,
    /// An authority's private link opens something else.
    OtherLink,

    /// The house has no rules of this territory.
    NoPack,
    /// Something is missing that the territory must have before it is open.
    Closed,
    /// The house has not opened it, or closed it.
    NotOpened,
    /// The whole service is suspended there.
    Suspended,

    /// This version has no label there.
    Unrated,
    /// It had one, and an edit made it stale.
    StaleLabel,
    /// Its label is none that the territory knows now.
    UnknownLabel,
    /// What is marked in it asks for a higher label.
    LabelTooLow,
    /// Only the regulator may give its label.
    NeedsRegulator,
    /// The house has not declared that it offers works of this kind there.
    OtherKind,
    /// An authority must be told of it before it first plays.
    NotNotified,
    /// Its label admits no one.
    Banned,

    /// No contract licenses it there.
    NotLicensed,
    /// Its first window there is still to open.
    NotYetLicensed,
    /// Its windows there are shut.
    LicenceOver,
    /// The contract does not let the house play an edited version.
    EditNotLicensed,
    /// The contract lets it with the licensor's consent, and none is recorded that counts.
    ConsentMissing,
    /// The contract lets it once the licensor was told, and that is not recorded, or not long enough ago.
    NoticeMissing,
    /// No window in force covers the language that was asked for.
    LanguageNotLicensed,
    /// The viewer has not paid for any of the ways in which it may be offered.
    NotPaid,

    TooYoung,
    /// Its label asks for an age, and none is known.
    AgeUnknown,
    /// A parent locked it for this profile.
    Locked,
    NeedsPin,
    NeedsAgeProof,
    NeedsParentalControl,
    /// The viewer's device cannot show what must be shown.
    CannotShow,
}

/// The same in each language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Words {
    pub vi: String,
    pub ko: String,
    pub en: String,
}

impl Rule {
    /// Every rule there is.
    pub const ALL: [Rule; 34] = [
        Rule::UnknownTerritory,
        Rule::UnknownTitle,
        Rule::UnknownComposition,
        Rule::Withdrawn,
        Rule::NotLocated,
        Rule::Unreadable,
        Rule::OtherLink,
        Rule::NoPack,
        Rule::Closed,
        Rule::NotOpened,
        Rule::Suspended,
        Rule::Unrated,
        Rule::StaleLabel,
        Rule::UnknownLabel,
        Rule::LabelTooLow,
        Rule::NeedsRegulator,
        Rule::OtherKind,
        Rule::NotNotified,
        Rule::Banned,
        Rule::NotLicensed,
        Rule::NotYetLicensed,
        Rule::LicenceOver,
        Rule::EditNotLicensed,
        Rule::ConsentMissing,
        Rule::NoticeMissing,
        Rule::LanguageNotLicensed,
        Rule::NotPaid,
        Rule::TooYoung,
        Rule::AgeUnknown,
        Rule::Locked,
        Rule::NeedsPin,
        Rule::NeedsAgeProof,
        Rule::NeedsParentalControl,
        Rule::CannotShow,
    ];

    /// Whether the law closes it to everybody there: an answer of HTTP 451 (RFC 7725), where the others
    /// are 403.
    pub fn is_legal(self) -> bool {
        matches!(
            self,
            Rule::Withdrawn
                | Rule::NotLocated
                | Rule::Unreadable
                | Rule::Closed
                | Rule::NotOpened
                | Rule::Suspended
                | Rule::Unrated
                | Rule::StaleLabel
                | Rule::UnknownLabel
                | Rule::LabelTooLow
                | Rule::NeedsRegulator
                | Rule::OtherKind
                | Rule::NotNotified
                | Rule::Banned
        )
    }
}

impl Words {
    /// In the language of a tag such as `vi` or `ko-KR`; English where it is neither.
    pub fn get(&self, language: &str) -> &str {
        match language.split('-').next().unwrap_or_default() {
            "vi" => &self.vi,
            "ko" => &self.ko,
            _ => &self.en,
        }
    }
    fn of(words: [&str; 3], fill: &[(&str, &str)]) -> Words {
        let [vi, ko, en] = words
            .map(|text| fill.iter().fold(text.to_string(), |text, (name, value)| text.replace(name, value)));
        Words { vi, ko, en }
    }
}

impl Refusal {
    /// A refusal that no order asks for.
    pub fn plain(rule: Rule, title: &str) -> Refusal {
        Refusal::filled(rule, title, &[])
    }

    /// A refusal that this order asks for.
    pub fn of(rule: Rule, standing: &Standing, title: &str) -> Refusal {
        let order = &standing.order;
        let date = order.date.to_string();
        let fill = [
            ("{authority}", order.authority.as_str()),
            ("{number}", order.number.as_str()),
            ("{date}", date.as_str()),
            ("{basis}", order.legal_basis.as_str()),
        ];
        let mut refusal = Refusal::filled(rule, title, &fill);
        refusal.order = Some(order.id());
        refusal.by = By::Law(Basis { rule: None, law: order.legal_basis.clone() });
        match order.until {
            Some(until) => refusal.until_order_ends(until),
            None => refusal,
        }
    }

    pub(crate) fn of_link(order: &OrderId) -> Refusal {
        let fill = [("{authority}", order.authority.as_str()), ("{number}", order.number.as_str())];
        Refusal { order: Some(order.clone()), ..Refusal::filled(Rule::OtherLink, "", &fill) }
    }

    /// A refusal whose words have these places filled in, besides `{title}`.
    pub(crate) fn filled(rule: Rule, title: &str, fill: &[(&'static str, &str)]) -> Refusal {
        Refusal {
            rule,
            order: None,
            title: title.into(),
            until: None,
            fill: fill.iter().map(|(place, text)| (*place, text.to_string())).collect(),
            by: By::Nothing,
            or: None,
        }
    }

    /// The same with the rule of the pack that it rests on, named in its words.
    pub(crate) fn by(self, rule: &Arc<pack::Rule>) -> Refusal {
        Refusal { by: By::Rule(rule.clone()), ..self }
    }

    /// The same with a law that its words do not name at their end.
    pub(crate) fn under(self, law: Basis) -> Refusal {
        Refusal { by: By::Law(law), ..self }
    }

    /// What it rests on; none: on no law.
    pub fn basis(&self) -> Option<Basis> {
        match &self.by {
            By::Nothing => None,
            By::Rule(rule) => Some(Basis { rule: Some(rule.id.clone()), law: rule.law.clone() }),
            By::Law(basis) => Some(basis.clone()),
        }
    }

    /// The same until an instant, where one is known.
    pub(crate) fn until(self, until: Option<Timestamp>) -> Refusal {
        Refusal { until, ..self }
    }

    /// The same with more that would change it: Vietnamese, Korean, English.
    pub(crate) fn or(self, more: [impl Into<Cow<'static, str>>; 3]) -> Refusal {
        Refusal { or: Some(Box::new(more.map(Into::into))), ..self }
    }

    fn until_order_ends(self, until: Timestamp) -> Refusal {
        let vi = format!("Văn bản hết hiệu lực lúc {until}.");
        let ko = format!("이 명령은 {until}에 끝납니다.");
        let en = format!("The order ends at {until}.");
        self.or([vi, ko, en]).until(Some(until))
    }

    /// What happened.
    pub fn says(&self) -> Words {
        let more = self.rule_of_pack().map(|pack::Rule { law, .. }| {
            [format!("Căn cứ: {law}."), format!("근거: {law}."), format!("Basis: {law}.")].map(Cow::from)
        });
        self.words(words::of(self.rule).0, more.as_ref())
    }

    /// What would change it.
    pub fn change(&self) -> Words {
        self.words(words::of(self.rule).1, self.or.as_deref())
    }

    fn rule_of_pack(&self) -> Option<&pack::Rule> {
        match &self.by {
            By::Rule(rule) => Some(rule),
            By::Nothing | By::Law(_) => None,
        }
    }

    fn words(&self, texts: [&str; 3], more: Option<&[Cow<'static, str>; 3]>) -> Words {
        let title = [("{title}", self.title.as_str())];
        let says = self.rule_of_pack().map(|rule| ("{says}", rule.says.as_str()));
        let fill = self.fill.iter().map(|(place, text)| (*place, text.as_str())).chain(title).chain(says);
        let mut words = Words::of(texts, &fill.collect::<Vec<_>>());
        if let Some([vi, ko, en]) = more {
            for (text, more) in [(&mut words.vi, vi), (&mut words.ko, ko), (&mut words.en, en)] {
                text.push(' ');
                text.push_str(more);
            }
        }
        words
    }
}

#[cfg(test)]
mod tests;
