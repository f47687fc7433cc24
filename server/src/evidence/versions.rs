//! What became of versions: each one that obeys or is proposed, beside the one that it was made of.

use std::collections::HashSet;

use composition::{Layout, Part, Stream};
use media::Digest;
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
    let laid = house.lay_out(snapshot, base).and_then(|old| Ok((old, house.lay_out(snapshot, after)?)));
    let (old, new) = match laid {
        Ok(laid) => laid,
        // Stored media was lost since; what the version was is known all the same.
        Err(error) => {
            return Ok(Some(json!({
                "title": made.title,
                "because": because,
                "base": { "composition": base.digest.to_string(), "text": base.composition.text() },
                "after": { "composition": after.digest.to_string(), "text": after.composition.text() },
                "lacking": error.message,
            })));
        }
    };
    let made_segments = streams(&new).map(|stream| made_segments(&old, &new, stream));
    Ok(Some(json!({
        "title": made.title,
        "because": because,
        "base": view(base, &old),
        "after": view(after, &new),
        "made_segments": made_segments.collect::<Result<Vec<_>>>()?,
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

fn streams(layout: &Layout) -> impl Iterator<Item = Stream> + use<> {
    (0..layout.renditions()).map(Stream::Video).chain((0..layout.sounds.len()).map(Stream::Audio))
}

/// The segments of a stream that carry samples which the old version has nowhere: patches, veils, cards,
/// silence. Every other segment is made of the old version's own stored samples. With the entity tags
/// under which they are sent.
fn made_segments(old: &Layout, new: &Layout, stream: Stream) -> Result<Value> {
    let lanes = |part: &Part| part.video.iter().chain(&part.audio).cloned().collect::<Vec<_>>();
    let known: HashSet<Digest> =
        old.parts.iter().flat_map(lanes).flat_map(|lane| lane.pieces).map(|piece| piece.media.blob).collect();
    let mut segments = Vec::new();
    for (n, segment) in new.segments.iter().enumerate() {
        let plan = new.segment(stream, n)?;
        if plan.ranges.iter().any(|range| !known.contains(&range.blob)) {
            segments.push(json!({
                "number": n,
                "from": float(segment.start),
                "seconds": float(segment.duration),
                "etag": &plan.tag().to_string()[..32],
            }));
        }
    }
    let (kind, number) = match stream {
        Stream::Video(n) => ("video", n),
        Stream::Audio(n) => ("audio", n),
    };
    Ok(json!({ "stream": kind, "number": number, "segments": segments }))
}
