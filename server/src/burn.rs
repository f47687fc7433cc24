//! Versions with a label in their pictures, for players that can show it in no other way.
//!
//! Such a version is the composition that it was burnt from, with signs over its frames and, where
//! something must be shown before the film, a card in front. It is entered beside that composition, under a
//! name that people cannot give: `+`, the digest of the composition that it was burnt from, and its own. To
//! show what the law demands is no edit: whatever is asked of the law, of contracts and of orders is asked
//! of the composition that it was burnt from.
//!
//! Invariants:
//! - What must be in the pictures is computed anew whenever somebody asks. A version that is not just that,
//!   because the label, its descriptors, the rules or the composition are others now, is found by nobody
//!   and is served to nobody, not even by its address.
//! - Nothing is recorded of it: it decides nothing, and its list tells all that it is.

use std::sync::Arc;

use composition::{Card, CardLine, Composition, Overlay, Sign, Span, Timeline};
use media::error::{Error, Result};
use media::{Digest, Seconds};
use policy::advisory::{Place as Where, Showing, Shown, When};
use policy::gate::Device;
use policy::state::ratings::{Labelled, Rated};
use policy::{Pass, Refusal, Rule, Territory, Viewer};

use crate::house::{House, Playable, Snapshot};
use crate::label::milliseconds;
use crate::ruling::territories;
use crate::territory::Place;
use crate::{classify, obey, viewer};

pub mod door;
mod make;
mod sketch;

pub use make::{Burning, Burnt, burn, print};

/// The composition that a version with this name was burnt from; none for others.
pub fn burnt_from(name: &str) -> Option<Digest> {
    name.strip_prefix('+')?.split_once('-')?.0.parse().ok()
}

fn name_of(base: Digest, own: Digest) -> String {
    format!("+{base}-{own}")
}

/// Whether people made and named a version.
pub fn by_people(name: &str) -> bool {
    obey::made_from(name).is_none() && burnt_from(name).is_none()
}

/// The composition about which the law is asked when this one is served; none when it is gone.
pub fn law<'s>(snapshot: &'s Snapshot, playable: &'s Arc<Playable>) -> Option<&'s Arc<Playable>> {
    match playable.burnt_from {
        Some(base) => snapshot.compositions.get(&base),
        None => Some(playable),
    }
}

/// Why a composition is not served here in this form, although the law lets it be: what is in its pictures
/// is not what must be shown. None where it is.
pub fn stale(
    house: &House,
    snapshot: &Snapshot,
    territory: Option<Territory>,
    playable: &Playable,
) -> Option<Refusal> {
    let base = snapshot.compositions.get(&playable.burnt_from?);
    let answers = |base: &Arc<Playable>| {
        let territory = territory?;
        let languages = languages(house, snapshot, territory, base);
        let own = |language: &String| digest(house, snapshot, territory, base, language);
        languages.iter().filter_map(own).find(|own| *own == playable.digest)
    };
    match base.and_then(answers) {
        Some(_) => None,
        None => Some(Refusal::plain(Rule::UnknownComposition, &playable.title)),
    }
}

/// What is given in the place of something else, and what the gate says of it.
pub type Instead = (Arc<Playable>, std::result::Result<Vec<Pass>, Vec<Refusal>>);

/// The form with the label in its pictures in which this viewer may have what another form was refused of,
/// with what the gate gives for it; else the refusals. None where there is no such form.
pub fn instead(
    house: &House,
    snapshot: &Snapshot,
    place: Place,
    base: &Arc<Playable>,
    viewer: &Viewer,
) -> Option<Instead> {
    if !snapshot.all_versions_of(&base.title).any(|v| v.plays.burnt_from == Some(base.digest)) {
        return None;
    }
    // Each territory's signs would lie over those of the other.
    let governing = territories(snapshot, place);
    let territory = *governing.first().filter(|_| governing.len() == 1)?;
    let mut languages = languages(house, snapshot, territory, base);
    let wanted = [viewer.text.as_deref(), viewer.sound.as_deref(), Some(language_of(territory))];
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    languages.sort_by_key(|own| {
        wanted
            .iter()
            .position(|tag| tag.is_some_and(|tag| primary(tag) == primary(own)))
            .unwrap_or(wanted.len())
    });
    let of =
        |language: &String| snapshot.compositions.get(&digest(house, snapshot, territory, base, language)?);
    let burnt = languages.iter().find_map(of).filter(|burnt| burnt.burnt_from == Some(base.digest))?;
    // Everything is in the pictures, once.
    let device = Device { burnt_in: true, card: false, overlay: false, forced_text: false, ..viewer.device };
    let viewer = Viewer { device, ..viewer.clone() };
    Some((burnt.clone(), viewer::admit(snapshot, &house.packs, place, base, &viewer)))
}

/// The language in which a territory is spoken to, where nobody says another.
pub fn language_of(territory: Territory) -> &'static str {
    match territory.code() {
        "VN" => "vi",
        "KR" => "ko",
        _ => "en",
    }
}

fn words<'a>(showing: &'a Showing, language: &str) -> &'a str {
    let any = || showing.text.get("en").or_else(|| showing.text.values().next());
    showing.text.get(language).or_else(any).map(String::as_str).unwrap_or_default()
}

/// The languages in which something must be shown with a composition.
fn languages(house: &House, snapshot: &Snapshot, territory: Territory, base: &Playable) -> Vec<String> {
    let showings = asked(house, snapshot, territory, base).unwrap_or_default();
    let tags: std::collections::BTreeSet<&String> = showings.iter().flat_map(|s| s.text.keys()).collect();
    tags.into_iter().cloned().collect()
}

fn digest(
    house: &House,
    snapshot: &Snapshot,
    territory: Territory,
    base: &Playable,
    language: &str,
) -> Option<Digest> {
    let burnt = labelled(house, snapshot, territory, base, language).ok()??;
    Some(burnt.digest())
}

/// What must be shown in the pictures of a composition, or before them, by the label that holds for it.
/// Fails when none does.
fn asked(house: &House, snapshot: &Snapshot, territory: Territory, base: &Playable) -> Result<Vec<Showing>> {
    let rules = classify::rules(house, snapshot, territory, snapshot.now())?;
    let ratings = snapshot.state.ratings();
    let Labelled { label, descriptors, .. } = match ratings.standing(&rules, &base.title, &base.digest) {
        Rated::Label(labelled) => labelled,
        Rated::Not(why) => {
            return Err(Error::invalid(why.words().en).remedy("phim classify show says what is asked"));
        }
    };
    let descriptors: Vec<&str> = descriptors.iter().map(String::as_str).collect();
    let length = milliseconds(snapshot, &base.composition)?;
    let mut showings = rules.showings(&label.code, &descriptors, length)?;
    // The page on which a viewer chooses shows no picture of the film.
    showings.retain(|showing| showing.when != When::BeforeChoice);
    Ok(showings)
}

/// A composition with all that must be shown in its pictures, in a language; none where nothing must be.
fn labelled(
    house: &House,
    snapshot: &Snapshot,
    territory: Territory,
    base: &Playable,
    language: &str,
) -> Result<Option<Composition>> {
    let showings = asked(house, snapshot, territory, base)?;
    if showings.is_empty() {
        return Ok(None);
    }
    let timeline = Timeline::new(&base.composition, &|title, digest| house.source(snapshot, title, digest))?;
    let laid = base.composition.overlays().iter().map(|(source, overlay)| (*source, overlay.clone()));
    let signs = signs(&showings, language, &timeline)?.into_iter();
    let signs = signs.map(|(source, sign)| (source, Overlay { signs: vec![sign], ..Overlay::default() }));
    let spans = card(&showings, language, &timeline).into_iter().chain(base.composition.spans().to_vec());
    Composition::with(spans, laid.chain(signs)).map(Some)
}

/// The signs over each source, on every frame that is shown while something must stand.
fn signs(showings: &[Showing], language: &str, timeline: &Timeline) -> Result<Vec<(Digest, Sign)>> {
    let over: Vec<&Showing> = showings.iter().filter(|showing| !showing.spans.is_empty()).collect();
    let mut out = Vec::new();
    for stretch in &timeline.stretches {
        let touches = |showing: &&Showing| {
            showing.spans.iter().any(|s| seconds(s.from) < stretch.end() && stretch.start < seconds(s.to))
        };
        let Span::Film { source, from: first, to: end, .. } = &stretch.span else {
            if over.iter().any(touches) {
                return Err(Error::unsupported("a label cannot be put into the pictures of a card yet")
                    .remedy("Leave the card out of the version"));
            }
            continue;
        };
        let track = stretch.source.video[0].index.track();
        let aspect = f64::from(track.display_width) / f64::from(track.display_height.max(1));
        for (n, sketch) in sketch::sketches(&over, language, aspect)? {
            for span in &over[n].spans {
                let from = (seconds(span.from) - stretch.start).max(seconds(0));
                let to = (seconds(span.to) - stretch.start).min(stretch.duration);
                if from < to {
                    let rate = stretch.source.rate;
                    let (a, b) = (rate.unit_at(from) as u32, rate.unit_from(to) as u32);
                    let sketch::Sketch { area, edge, ref card } = sketch;
                    let (from, to) = (first + a, (first + b).min(*end));
                    out.push((*source, Sign { from, to, area, edge, card: card.clone() }));
                }
            }
        }
    }
    Ok(out)
}

/// The card before the film, where something must stand there: the symbols that stand during the film, and
/// right below them what is shown before it.
fn card(showings: &[Showing], language: &str, timeline: &Timeline) -> Option<Span> {
    let before: Vec<&Showing> = showings.iter().filter(|showing| showing.before > 0).collect();
    let stands = before.iter().map(|showing| showing.before).max()?;
    let line = |percent: u16, text: &str| CardLine { language: language.into(), text: text.into(), percent };
    let corner = showings.iter().filter(|s| s.place == Where::TopCorner && s.shows.contains(&Shown::Label));
    let symbols = corner.map(|showing| line(SYMBOL_PERCENT, &showing.label));
    let words = before.iter().map(|showing| line(100, words(showing, language)));
    let lines = symbols.chain(words).collect();
    let first = timeline.stretches.first()?;
    let (title, source) = first.span.source();
    let units = first.source.rate.unit_from(seconds(stands)) as u32;
    let card = Card { background: [0; 3], foreground: [255; 3], lines };
    Some(Span::Card { card, title: title.to_string(), source, units })
}

/// Size of a symbol on a card, of its other lines.
const SYMBOL_PERCENT: u16 = 180;

fn seconds(milliseconds: u64) -> Seconds {
    Seconds::new(i64::try_from(milliseconds).unwrap_or(i64::MAX), 1000)
}
