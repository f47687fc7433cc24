//! What became of versions: each one that obeys or is proposed, beside the one that it was made of.

use std::collections::HashSet;

use composition::{Layout, Stream};
use media::error::Result;
use policy::Proposed;
use policy::state::Standing;
use serde_json::{Value, json};

use super::scenes::base_of;
use crate::browse::float;
use crate::house::{House, Playable, Snapshot};

/// `versions.json`. Blocks on the disk the first time.
pub fn versions(house: &House, snapshot: &Snapshot, standing: &Standing) -> Result<Value> {
    let mut all = Vec::new();
    for made in &standing.frame_accurate {
        all.extend(one(house, snapshot, made, "order")?);
    }
    for proposal in &standing.proposals {
        all.extend(one(house, snapshot, &proposal.offered, "proposal")?);
    }
    Ok(json!({ "versions": all }))
}

/// None where one of the two is not kept any more.
fn one(house: &House, snapshot: &Snapshot, made: &Proposed, because: &str) -> Result<Option<Value>> {
    let base = base_of(snapshot, made).and_then(|digest| snapshot.compositions.get(&digest));
    let (Some(base), Some(after)) = (base, snapshot.compositions.get(&made.composition)) else {
        return Ok(None);
    };
    let (old, new) = (house.lay_out(snapshot, base)?, house.lay_out(snapshot, after)?);
    let differing = (0..new.renditions()).map(|rendition| differing(&old, &new, rendition));
    Ok(Some(json!({
        "title": made.title,
        "because": because,
        "base": view(base, &old),
        "after": view(after, &new),
        "differing_segments": differing.collect::<Result<Vec<_>>>()?,
    })))
}

fn view(playable: &Playable, layout: &Layout) -> Value {
    json!({
        "composition": playable.digest.to_string(),
        "seconds": float(layout.duration()),
        "segments": layout.segments.len(),
        "text": playable.composition.text(),
    })
}

/// The segments of a rendition whose pictures are in no segment of the old one, with the entity tags
/// under which they are sent. Their number and time may be another one nevertheless.
fn differing(old: &Layout, new: &Layout, rendition: usize) -> Result<Value> {
    let stream = Stream::Video(rendition);
    let of_old = rendition.min(old.renditions() - 1);
    let known = (0..old.segments.len()).map(|n| Ok(ranges(&old.segment(Stream::Video(of_old), n)?)));
    let known = known.collect::<Result<HashSet<_>>>()?;
    let mut segments = Vec::new();
    for (n, segment) in new.segments.iter().enumerate() {
        let plan = new.segment(stream, n)?;
        if !known.contains(&ranges(&plan)) {
            segments.push(json!({
                "number": n,
                "from": float(segment.start),
                "seconds": float(segment.duration),
                "etag": &plan.tag().to_string()[..32],
            }));
        }
    }
    Ok(json!({ "rendition": rendition, "segments": segments }))
}

fn ranges(plan: &composition::SegmentPlan) -> Vec<(media::Digest, u64, u64)> {
    plan.ranges.iter().map(|range| (range.blob, range.from, range.len)).collect()
}
