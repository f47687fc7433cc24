//! Versions: make, list, show, compare, remove.

use std::collections::BTreeMap;
use std::sync::Arc;

use composition::position::{Position, parse_range};
use composition::{Card, Composition, Edit, Layout, Need, Span, Stream, evaluate, needs};
use media::Digest;
use media::error::{Error, Kind, Result};
use media::text::language_tag;
use serde::{Deserialize, Serialize};

use crate::browse::{SpanView, VersionView, version_view};
use crate::house::{House, Playable, Snapshot, Version, WHOLE, blocking, now};
use crate::patches;
use crate::progress::Teller;

/// A version as it is asked for: edits of a title, in the words of the command line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Make {
    pub title: String,
    pub name: String,
    #[serde(default)]
    pub cut: Vec<String>,
    #[serde(default)]
    pub card: Vec<String>,
    pub card_seconds: String,
    #[serde(default)]
    pub span: Vec<String>,
    #[serde(default)]
    pub label: Vec<String>,
}

/// What a version is and what making it cost.
#[derive(Serialize, Deserialize)]
pub struct Shown {
    pub title: String,
    #[serde(flatten)]
    pub version: VersionView,
    /// Frames of the highest rendition that were encoded again, patch by patch.
    pub patches: Vec<PatchView>,
    /// Which frames of which stored rendition were encoded again, over all renditions.
    pub encoded: Vec<EncodedView>,
    /// The composition's canonical text.
    pub text: String,
}

/// Frames `from` to `to`, end-exclusive, of a rendition of a title, counted from its first presented frame.
#[derive(Serialize, Deserialize)]
pub struct EncodedView {
    pub title: String,
    pub rendition: usize,
    pub from: u32,
    pub to: u32,
}

/// Frames that are not the stored ones.
#[derive(Serialize, Deserialize)]
pub struct PatchView {
    /// First frame on the version's timeline.
    pub at_unit: u64,
    pub units: u32,
    /// Seconds on the version's timeline.
    pub at: f64,
}

#[derive(Serialize, Deserialize)]
pub struct Listed {
    pub versions: Vec<ListedVersion>,
}

#[derive(Serialize, Deserialize)]
pub struct ListedVersion {
    pub title: String,
    #[serde(flatten)]
    pub version: VersionView,
}

#[derive(Serialize, Deserialize)]
pub struct Difference {
    pub from: String,
    pub to: String,
    /// Runs of film that only the first, or only the second, shows.
    pub only_from: Vec<Run>,
    pub only_to: Vec<Run>,
    pub seconds_from: f64,
    pub seconds_to: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub title: String,
    pub from_unit: u32,
    pub to_unit: u32,
    pub from: f64,
    pub seconds: f64,
}

#[derive(Serialize, Deserialize)]
pub struct RemovedVersion {
    pub removed: String,
    pub bytes_freed: u64,
}

/// Makes a version: resolves positions, makes what must be encoded, lays it out as a trial, and only
/// then enters it. The same version made again is found, not made.
pub async fn make(house: &Arc<House>, make: Make, teller: Teller) -> Result<Shown> {
    if !composition::span::is_title_id(&make.name) {
        return Err(Error::invalid(format!("{:?} is not a name of a version", make.name))
            .remedy("Use 1 to 64 of a-z, 0-9, `-`, `_` and `.`"));
    }
    let _changing = house.changing.lock().await;
    let snapshot = house.snapshot();
    let composition = compose(&snapshot, &make)?;
    let labels = named(&make.label)?;
    if let Ok(known) = snapshot.version(&make.title, &make.name)
        && known.row.composition != composition.digest()
    {
        return Err(Error::new(
            Kind::Conflict,
            format!("{}/{} is another version already", make.title, make.name),
        )
        .remedy("Choose another --name, or remove that version first"));
    }
    enter(house, &make.title, &make.name, labels, composition, teller).await?;
    let snapshot = house.snapshot();
    let version = snapshot.version(&make.title, &make.name)?.clone();
    crate::obey::start_for(house, &version.plays.composition);
    let house = house.clone();
    blocking(move || shown(&house, &snapshot, &version)).await
}

/// Makes what `composition` needs and enters it as a version. The caller holds `house.changing`.
pub async fn enter(
    house: &Arc<House>,
    title: &str,
    name: &str,
    labels: BTreeMap<String, String>,
    composition: Composition,
    teller: Teller,
) -> Result<()> {
    let (here, snapshot, list) = (house.clone(), house.snapshot(), composition.clone());
    let needed =
        blocking(move || needs(&list, &|title, digest| here.source(&snapshot, title, digest))).await?;
    patches::make(house, &composition, &needed, teller).await?;
    let mut shows: Vec<String> = composition.spans().iter().map(|s| s.source().0.to_string()).collect();
    shows.sort();
    shows.dedup();
    let row = archive::Version {
        title: title.to_string(),
        name: name.to_string(),
        labels,
        spans: composition.text(),
        composition: composition.digest(),
        shows,
        made: needed.iter().map(Need::key).collect(),
        created: now(),
    };
    let (here, trial) = (house.clone(), row.clone());
    blocking(move || here.lay_out(&here.snapshot(), &*Playable::new(&trial)?).map(drop)).await?;
    tracing::debug!("version laid out");
    // As late as can be: from then on it plays, as far as anybody asks later what played. What is entered
    // again has played all the while.
    let known = house.snapshot().version(title, name).ok().map(|known| known.row.created);
    let row = archive::Version { created: known.unwrap_or_else(now), ..row };
    house.archive().catalogue().put_version(&row).await?;
    tracing::debug!("version entered");
    house.swap(|snapshot| {
        // Its text was read a moment ago.
        let _ = snapshot.put_version(row.clone());
    });
    tracing::debug!("version shown");
    crate::classify::remember(house, title).await
}

/// The composition that the options describe.
fn compose(snapshot: &Snapshot, make: &Make) -> Result<Composition> {
    let row = &snapshot.title(&make.title)?.row;
    let mut spans = Vec::new();
    for text in &make.span {
        spans.push(span(snapshot, text).map_err(|e| e.at(format!("--span {text}")))?);
    }
    if spans.is_empty() {
        spans.push(whole(row));
    }
    let base = Composition::new(spans)?;
    let mut cuts = Vec::new();
    for text in &make.cut {
        let (from, to) =
            parse_range(text, row.rate, row.to - row.from).map_err(|e| e.at(format!("--cut {text}")))?;
        cuts.push(Edit::Cut { source: row.source, from: row.from + from, to: row.from + to });
    }
    let edited = evaluate(&base, &cuts)?;
    if make.card.is_empty() {
        return Ok(edited);
    }
    let front = card(row, make)?;
    Composition::new([front].into_iter().chain(edited.spans().iter().cloned()))
}

/// All of a title.
pub fn whole(row: &archive::Title) -> Span {
    Span::Film { title: row.id.clone(), source: row.source, from: row.from, to: row.to }
}

fn span(snapshot: &Snapshot, text: &str) -> Result<Span> {
    let (title, range) = text.split_once(':').ok_or_else(|| {
        Error::invalid("a span names a title and a range").remedy("Write TITLE:FROM-TO, e.g. sintel:2-14")
    })?;
    let row = &snapshot.title(title)?.row;
    let (from, to) = parse_range(range, row.rate, row.to - row.from)?;
    Ok(Span::Film { title: title.to_string(), source: row.source, from: row.from + from, to: row.from + to })
}

fn card(row: &archive::Title, make: &Make) -> Result<Span> {
    let lines = make.card.iter().map(|line| language_and(line)).collect::<Result<Vec<_>>>()?;
    let units = Position::parse(&make.card_seconds)?.unit_after(row.rate)?;
    let units = u32::try_from(units)
        .map_err(|_| Error::invalid(format!("a card of {} seconds", make.card_seconds)))?;
    Ok(Span::Card { card: Card::plain(lines), title: row.id.clone(), source: row.source, units })
}

/// Reads `LANG=TEXT`.
pub fn language_and(text: &str) -> Result<(String, String)> {
    let (language, rest) = text.split_once('=').ok_or_else(|| {
        Error::invalid(format!("{text:?} has no language")).remedy("Write LANG=TEXT, e.g. vi=Bản đầy đủ")
    })?;
    Ok((language_tag(language)?, rest.to_string()))
}

/// Reads several `LANG=TEXT`.
pub fn named(texts: &[String]) -> Result<BTreeMap<String, String>> {
    texts.iter().map(|text| language_and(text)).collect()
}

pub fn list(house: &House, title: Option<&str>) -> Result<Listed> {
    let snapshot = house.snapshot();
    if let Some(id) = title {
        snapshot.title(id)?;
    }
    let ids = snapshot.titles.keys().filter(|id| title.is_none_or(|wanted| wanted == *id));
    let mut versions = Vec::new();
    for id in ids {
        for version in snapshot.versions_of(id) {
            versions.push(ListedVersion { title: id.clone(), version: version_view(&snapshot, version)? });
        }
    }
    Ok(Listed { versions })
}

pub async fn show(house: &Arc<House>, version: &str) -> Result<Shown> {
    let snapshot = house.snapshot();
    let version = snapshot.find(version)?.clone();
    let house = house.clone();
    blocking(move || shown(&house, &snapshot, &version)).await
}

fn shown(house: &House, snapshot: &Snapshot, version: &Version) -> Result<Shown> {
    let layout = house.lay_out(snapshot, &version.plays)?;
    let (added, shared) = bytes(house, snapshot, version)?;
    let view = version_view(snapshot, version)?;
    Ok(Shown {
        title: version.row.title.clone(),
        version: VersionView { bytes_added: Some(added), bytes_shared: Some(shared), ..view },
        patches: patch_views(snapshot, version, &layout)?,
        encoded: encoded_views(house, snapshot, version)?,
        text: version.row.spans.clone(),
    })
}

/// The runs of the highest rendition that come from made media.
fn patch_views(snapshot: &Snapshot, version: &Version, layout: &Layout) -> Result<Vec<PatchView>> {
    let made: Vec<_> =
        version.row.made.iter().filter_map(|key| snapshot.made(key)).map(|track| track.blob).collect();
    let mut out = Vec::new();
    let mut before = 0u64;
    for (n, part) in layout.parts.iter().enumerate() {
        for piece in layout.lane(Stream::Video(0), n)?.pieces.iter().filter(|p| made.contains(&p.media.blob))
        {
            let at = part.start + part.rate.seconds(piece.at as i64);
            out.push(PatchView {
                at_unit: before + piece.at as u64,
                units: piece.count,
                at: crate::browse::float(at),
            });
        }
        before += part.units as u64;
    }
    Ok(out)
}

fn encoded_views(house: &House, snapshot: &Snapshot, version: &Version) -> Result<Vec<EncodedView>> {
    let source = |title: &str, digest| house.source(snapshot, title, digest);
    let composition = &version.plays.composition;
    let sources = composition.spans().iter().map(|span| source(span.source().0, span.source().1));
    let sources = sources.collect::<Result<Vec<_>>>()?;
    let mut out = Vec::new();
    for need in needs(composition, &source)? {
        let Need::Patch { track, from, to, .. } = need else { continue };
        let found = sources.iter().find_map(|s| Some((s, s.video.iter().position(|v| v.blob == track)?)));
        if let Some((source, rendition)) = found {
            let title = source.title.clone();
            out.push(EncodedView { title, rendition, from: from - source.from, to: to - source.from });
        }
    }
    Ok(out)
}

/// Bytes that a version adds to the archive, and bytes that it plays as they were stored.
pub fn bytes(house: &House, snapshot: &Snapshot, version: &Version) -> Result<(u64, u64)> {
    let mut added = 0;
    let made: Vec<_> = version.row.made.iter().filter_map(|key| snapshot.made(key)).collect();
    for track in &made {
        added += house.archive().blobs().len_of(&track.blob)?.unwrap_or(0)
            + house.archive().blobs().len_of(&track.index)?.unwrap_or(0);
    }
    let layout = house.lay_out(snapshot, &version.plays)?;
    let mut shared = 0;
    for part in &layout.parts {
        for piece in part.video.iter().chain(&part.audio).flat_map(|lane| &lane.pieces) {
            if !piece.repeated && !made.iter().any(|track| track.blob == piece.media.blob) {
                let index = &piece.media.index;
                shared += index.offset_of(piece.first + piece.count)? - index.offset_of(piece.first)?;
            }
        }
    }
    Ok((added, shared))
}

/// What one version shows of films that the other does not.
pub async fn diff(house: &Arc<House>, from: &str, to: &str) -> Result<Difference> {
    let snapshot = house.snapshot();
    let (a, b) = (snapshot.find(from)?, snapshot.find(to)?);
    let (a_view, b_view) = (version_view(&snapshot, a)?, version_view(&snapshot, b)?);
    Ok(Difference {
        from: format!("{}/{}", a.row.title, a.row.name),
        to: format!("{}/{}", b.row.title, b.row.name),
        only_from: only(&a_view.spans, &b_view.spans),
        only_to: only(&b_view.spans, &a_view.spans),
        seconds_from: a_view.seconds,
        seconds_to: b_view.seconds,
    })
}

/// The runs of film in `these` that no span of `those` shows.
fn only(these: &[SpanView], those: &[SpanView]) -> Vec<Run> {
    let mut out = Vec::new();
    for span in these {
        let (Some(title), Some(from)) = (&span.title, span.from_unit) else { continue };
        let mut holes: Vec<(u32, u32)> = those
            .iter()
            .filter(|other| other.title.as_ref() == Some(title))
            .filter_map(|other| other.from_unit.map(|unit| (unit, unit + other.units)))
            .collect();
        holes.sort_unstable();
        let per_unit = span.seconds / span.units as f64;
        let mut push = |from: u32, to: u32| {
            if from < to {
                let (start, seconds) = (from as f64 * per_unit, (to - from) as f64 * per_unit);
                out.push(Run { title: title.clone(), from_unit: from, to_unit: to, from: start, seconds });
            }
        };
        let (mut at, end) = (from, from + span.units);
        for (a, b) in holes {
            push(at, a.min(end));
            at = at.max(b);
        }
        push(at, end);
    }
    out
}

/// Removes a version, and what was made for it and nobody else needs.
pub async fn remove(house: &House, version: &str) -> Result<RemovedVersion> {
    let _changing = house.changing.lock().await;
    let (title, name) = {
        let snapshot = house.snapshot();
        let row = &snapshot.find(version)?.row;
        (row.title.clone(), row.name.clone())
    };
    if name == WHOLE {
        return Err(Error::new(Kind::Conflict, "the whole of a title is not removed apart from the title")
            .remedy(format!("phim title remove {title}")));
    }
    for (title, name) in with_derived(&house.snapshot(), &title, &name) {
        drop_one(house, &title, &name).await?;
    }
    Ok(RemovedVersion { removed: format!("{title}/{name}"), bytes_freed: house.sweep().await? })
}

/// Removes one version and nothing else. The caller holds `house.changing`.
pub async fn drop_one(house: &House, title: &str, name: &str) -> Result<()> {
    let at = now();
    house.archive().catalogue().remove_version(title, name, at).await?;
    house.swap(|snapshot| {
        snapshot.remember(title, name, at);
        snapshot.drop_version(title, name);
    });
    Ok(())
}

/// A version and, where no other version is the same composition, what orders made of it, and what labels
/// were put into the pictures of any of them.
fn with_derived(snapshot: &Snapshot, title: &str, name: &str) -> Vec<(String, String)> {
    let mut all = vec![(title.to_string(), name.to_string())];
    let Ok(version) = snapshot.version(title, name) else { return all };
    let composition = version.row.composition;
    let same = snapshot.versions.values().filter(|v| v.row.composition == composition).count();
    if same == 1 {
        let made: Vec<_> =
            snapshot.versions.values().filter(|v| v.plays.made_from == Some(composition)).collect();
        let gone: Vec<Digest> = made.iter().map(|v| v.row.composition).chain([composition]).collect();
        let burnt =
            snapshot.versions.values().filter(|v| v.plays.burnt_from.is_some_and(|b| gone.contains(&b)));
        all.extend(made.into_iter().chain(burnt).map(|v| (v.row.title.clone(), v.row.name.clone())));
    }
    all
}

pub fn print_line(name: &str, version: &VersionView) {
    let cost = version.bytes_added.map(|b| format!("  +{b} bytes")).unwrap_or_default();
    println!(
        "  {name:<32} {:>9.3} s  {} spans{cost}  {}",
        version.seconds,
        version.spans.len(),
        &version.composition[..12]
    );
}

pub fn print_list(list: &Listed) {
    for one in &list.versions {
        print_line(&format!("{}/{}", one.title, one.version.name), &one.version);
    }
}

pub fn print_shown(shown: &Shown) {
    print_line(&format!("{}/{}", shown.title, shown.version.name), &shown.version);
    for span in &shown.version.spans {
        match (&span.title, span.from_unit) {
            (Some(title), Some(from)) => {
                println!("    {:>9.3}  {title} frames {from} to {}", span.at, from + span.units)
            }
            _ => println!("    {:>9.3}  a card of {} frames", span.at, span.units),
        }
    }
    let frames: u32 = shown.patches.iter().map(|p| p.units).sum();
    println!("  {frames} frames encoded again in {} patches; the rest is shared", shown.patches.len());
}

pub fn print_difference(difference: &Difference) {
    for (sign, name, runs) in
        [("-", &difference.from, &difference.only_from), ("+", &difference.to, &difference.only_to)]
    {
        println!("{sign} only {name}:");
        for run in runs {
            println!(
                "{sign}   {} frames {} to {} ({:.3} s)",
                run.title, run.from_unit, run.to_unit, run.seconds
            );
        }
    }
}

#[cfg(test)]
mod tests;
