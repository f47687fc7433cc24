//! Resolved ranges in a record: those that follow each other in one place stand together, so that many
//! fit into one record.

use media::Digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Resolved, Station};
use crate::text;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    title: String,
    #[serde(with = "text::digest")]
    source: Digest,
    #[serde(with = "text::digest")]
    named: Digest,
    #[serde(with = "text::digest")]
    read_on: Digest,
    ranges: Vec<Range>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    from: u32,
    to: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    path: Vec<Station>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    card: Option<u32>,
}

pub fn serialize<S: Serializer>(resolved: &[Resolved], to: S) -> Result<S::Ok, S::Error> {
    let same = |a: &Resolved, b: &Resolved| {
        (&a.title, a.source, a.named, a.read_on) == (&b.title, b.source, b.named, b.read_on)
    };
    to.collect_seq(resolved.chunk_by(same).map(|ranges| {
        Place {
            title: ranges[0].title.clone(),
            source: ranges[0].source,
            named: ranges[0].named,
            read_on: ranges[0].read_on,
            ranges: ranges
                .iter()
                .map(|r| Range { from: r.from, to: r.to, path: r.path.clone(), card: r.card })
                .collect(),
        }
    }))
}

pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Resolved>, D::Error> {
    let mut out = Vec::new();
    for place in Vec::<Place>::deserialize(from)? {
        out.extend(place.ranges.into_iter().map(|range| Resolved {
            title: place.title.clone(),
            source: place.source,
            from: range.from,
            to: range.to,
            path: range.path,
            card: range.card,
            named: place.named,
            read_on: place.read_on,
        }));
    }
    Ok(out)
}
