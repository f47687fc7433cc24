//! What one composition of a title changed of another, found from their lists.

use std::collections::BTreeSet;
use std::sync::Arc;

use composition::{Composition, Overlay, Ranges, Span, VeilKind};
use media::Digest;
use media::error::Result;
use policy::Act;
use policy::pack::duty::Change;
use policy::rating::CompositionChanged;
use policy::state::ratings::What;

use crate::decide::Proposal;
use crate::house::{House, Snapshot};

/// Records what the compositions of a title changed of those that have a label. Of a title without labels
/// there is nothing to record.
pub async fn remember(house: &Arc<House>, title: &str) -> Result<()> {
    let proposals = found(&house.snapshot(), title);
    if !proposals.is_empty() {
        house.decide_all("phim", proposals).await?;
    }
    Ok(())
}

fn found(snapshot: &Snapshot, title: &str) -> Vec<Proposal> {
    let Some(known) = snapshot.state.ratings().title(title) else { return Vec::new() };
    let entries =
        known.territories().flat_map(|territory| snapshot.state.ratings().entries(title, territory));
    let labelled: BTreeSet<Digest> = entries
        .filter(|entry| matches!(entry.what, What::Own(_) | What::Regulator(_)))
        .map(|entry| entry.composition)
        .collect();
    // What has a label in its pictures is, for the law, what it was burnt from.
    let own = snapshot.all_versions_of(title).filter(|v| v.plays.burnt_from.is_none());
    let all: BTreeSet<Digest> = own.map(|v| v.row.composition).collect();
    let mut proposals = Vec::new();
    for from in labelled.iter().filter_map(|digest| snapshot.compositions.get(digest)) {
        for to in all.iter().filter(|to| **to != from.digest) {
            let recorded = known.changes().iter().any(|d| d.composition == *to && d.from == from.digest);
            let Some(made) = snapshot.compositions.get(to).filter(|_| !recorded) else { continue };
            if let Some(changes) = changes(&from.composition, &made.composition) {
                let (title, composition, from) = (title.to_string(), *to, from.digest);
                let act = CompositionChanged { title, composition, from, changes };
                proposals.push(Act::CompositionChanged(act).into());
            }
        }
    }
    proposals
}

/// What must be done to `from` to have `to`; none where edits alone do not lead there: it shows film that
/// `from` does not, or in another order, or something that was veiled is bare.
pub fn changes(from: &Composition, to: &Composition) -> Option<Vec<Change>> {
    let (before, after) = (film(from)?, film(to)?);
    if before.source != after.source || !after.frames.minus(&before.frames).is_empty() {
        return None;
    }
    let mut changes = BTreeSet::new();
    if after.frames != before.frames {
        changes.insert(Change::Cut);
    }
    if after.cards != before.cards {
        changes.insert(Change::Card);
    }
    let over = |composition: &Composition| composition.overlay(after.source).cloned().unwrap_or_default();
    changes.extend(laid_over(&over(from), &over(to), &after.frames)?);
    (!changes.is_empty()).then(|| changes.into_iter().collect())
}

/// The film of a composition that shows one source, each frame once and in its order.
struct Film {
    source: Digest,
    frames: Ranges,
    cards: Vec<Span>,
}

fn film(composition: &Composition) -> Option<Film> {
    let (mut source, mut ranges, mut cards) = (None, Vec::<(u32, u32)>::new(), Vec::new());
    for span in composition.spans() {
        match span {
            Span::Film { source: digest, from, to, .. } => {
                let follows = ranges.last().is_none_or(|(_, end)| end <= from);
                if !follows || source.is_some_and(|known| known != *digest) {
                    return None;
                }
                source = Some(*digest);
                ranges.push((*from, *to));
            }
            card => cards.push(card.clone()),
        }
    }
    Some(Film { source: source?, frames: Ranges::new(ranges), cards })
}

/// What was laid over in addition; none where something that is still shown was laid bare.
fn laid_over(before: &Overlay, after: &Overlay, shown: &Ranges) -> Option<BTreeSet<Change>> {
    let mut changes = BTreeSet::new();
    let seen = |ranges: &Ranges| ranges.both(shown);
    for (was, is, change) in [
        (&before.mutes, &after.mutes, Change::Mute),
        (&before.text_drops, &after.text_drops, Change::TextDrop),
    ] {
        if !seen(was).minus(is).is_empty() {
            return None;
        }
        if !is.minus(was).is_empty() {
            changes.insert(change);
        }
    }
    let gone = |veil: &&composition::Veil| shown.touches(veil.from, veil.to) && !after.veils.contains(veil);
    if before.veils.iter().any(|veil| gone(&veil)) {
        return None;
    }
    for veil in after.veils.iter().filter(|veil| !before.veils.contains(veil)) {
        changes.insert(if veil.kind == VeilKind::Blur { Change::Blur } else { Change::Mask });
    }
    Some(changes)
}

#[cfg(test)]
mod tests;
