//! What a question is about, once all of it is known to the house.

use composition::Composition;
use media::Digest;

use super::{Question, distinct};
use crate::refusal::{Refusal, Rule};
use crate::territory::Territory;

pub(super) struct Known<'a> {
    pub territory: Territory,
    pub composition: &'a Composition,
    pub digest: Digest,
}

impl<'a> Known<'a> {
    pub(super) fn of(question: &Question<'a>) -> Result<Known<'a>, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let film = |title: &str, source: Option<Digest>| {
            question.films.iter().any(|f| f.title == title && source.is_none_or(|s| f.source == s))
        };
        if question.territory.is_none() {
            refusals.push(Refusal::plain(Rule::UnknownTerritory, ""));
        }
        if !film(question.title, None) {
            refusals.push(Refusal::plain(Rule::UnknownTitle, question.title));
        }
        let spans = question.composition.map_or(&[][..], |c| c.spans()).iter();
        let unknown = spans.map(|span| span.source()).filter(|(title, source)| !film(title, Some(*source)));
        refusals.extend(unknown.map(|(title, _)| Refusal::plain(Rule::UnknownTitle, title)));
        match (question.territory, question.composition) {
            (Some(territory), Some(composition)) if refusals.is_empty() => {
                Ok(Known { territory, composition, digest: composition.digest() })
            }
            (_, Some(_)) => Err(distinct(refusals)),
            (_, None) => {
                refusals.push(Refusal::plain(Rule::UnknownComposition, question.title));
                Err(distinct(refusals))
            }
        }
    }
}
