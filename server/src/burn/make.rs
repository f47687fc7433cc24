//! `phim classify burn`: what a version with its label in the pictures costs, and making it.
//!
//! Invariants:
//! - Nothing is made before its cost was told and somebody said yes.
//! - What is encoded is entered a batch at a time, and found when the same is asked again: whoever stops it,
//!   or is killed, goes on from the last batch. What is never asked again goes with the next sweep.
//! - No lock is held while it encodes: an order's own version never waits for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use composition::{Composition, Need, needs};
use media::Digest;
use media::error::{Error, Result};
use media::text::language_tag;
use policy::Territory;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{burnt_from, labelled, language_of, languages, name_of};
use crate::house::{House, Playable, Snapshot, WHOLE, blocking};
use crate::progress::{Step, Teller, silent};
use crate::{obey, patches, version};

/// What is to be put into the pictures of what.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Burning {
    /// ISO 3166-1 alpha-2: whose law says what must be shown.
    #[schema(value_type = String)]
    pub territory: Territory,
    /// Name of the version; the whole title when left out.
    #[serde(default)]
    pub version: Option<String>,
    /// BCP-47: the language of the words; that of the territory when left out.
    #[serde(default)]
    pub language: Option<String>,
    /// Make it. Left out: only tell what it costs.
    #[serde(default)]
    pub yes: bool,
}

/// What a version with its label in the pictures costs, or what it cost.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Burnt {
    pub title: String,
    pub version: String,
    pub territory: String,
    pub language: String,
    /// Digest of its composition, and the name under which it stands beside the version, once made.
    pub composition: String,
    pub name: String,
    /// Whether it is made, and given to players that can show the label in no other way.
    pub made: bool,
    pub renditions: u64,
    /// Frames that are encoded again, over all renditions, and how many there are in all.
    pub frames: u64,
    pub of_frames: u64,
    /// Frames of those that are missing still.
    pub missing: u64,
    /// Frames that were encoded on this machine to tell bytes and seconds; those of all frames are
    /// extrapolated from them. None: nothing is missing, or all of it was made now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<u64>,
    /// Bytes that it adds to the archive.
    pub bytes: u64,
    /// Seconds that it takes here, or took.
    pub seconds: f64,
    /// Bytes freed of versions that were made for another label or another cut, and answer nowhere any more.
    pub freed: u64,
}

/// Patches of each rendition that are made to tell what all of them cost.
const SAMPLES: usize = 2;
/// Patches that are made and entered together, for each processor: few, because a kill loses a batch.
const BATCH: usize = 8;

/// Times that what is missing is looked for: a sweep meanwhile takes what no version needs yet.
const PASSES: usize = 3;

/// Tells what it costs to put the label of a version into its pictures; makes it when that was agreed to.
pub async fn burn(house: &Arc<House>, title: &str, burning: Burning, teller: Teller) -> Result<Burnt> {
    let (here, id, asked) = (house.clone(), title.to_string(), burning.clone());
    let plan = blocking(move || Plan::of(&here, &id, &asked)).await?;
    let begun = Instant::now();
    let mut burnt = plan.view(house)?;
    if !burning.yes || burnt.made {
        if !burnt.made {
            plan.measure(house, &mut burnt, teller).await?;
        }
        return Ok(burnt);
    }
    for _ in 0..PASSES {
        plan.encode(house, &teller).await?;
    }
    let composition = plan.composition.clone();
    let name = name_of(plan.base.digest, composition.digest());
    let changing = house.changing.lock().await;
    version::enter(house, title, &name, plan.labels.clone(), composition, silent()).await?;
    let freed = clear(house, title).await?;
    drop(changing);
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Burnt { seconds, freed, ..plan.view(house)? })
}

/// Removes the versions of a title with labels in their pictures that no territory asks for any more. The
/// caller holds `house.changing`.
async fn clear(house: &Arc<House>, title: &str) -> Result<u64> {
    let (here, id) = (house.clone(), title.to_string());
    let stale = blocking(move || Ok(stale(&here, &here.snapshot(), &id))).await?;
    for name in &stale {
        version::drop_one(house, title, name).await?;
    }
    if stale.is_empty() { Ok(0) } else { house.sweep().await }
}

fn stale(house: &House, snapshot: &Snapshot, title: &str) -> Vec<String> {
    let answers = |playable: &Playable| {
        house.packs.iter().any(|pack| super::stale(house, snapshot, Some(pack.territory), playable).is_none())
    };
    let burnt = snapshot.all_versions_of(title).filter(|v| burnt_from(&v.row.name).is_some());
    burnt.filter(|version| !answers(&version.plays)).map(|version| version.row.name.clone()).collect()
}

/// What is to be made of what.
struct Plan {
    asked: Burning,
    language: String,
    base: Arc<Playable>,
    labels: BTreeMap<String, String>,
    composition: Composition,
    needs: Vec<Need>,
    /// Pixels of a picture of each rendition.
    pixels: BTreeMap<Digest, u64>,
    /// Frames of all renditions.
    of_frames: u64,
    renditions: u64,
}

impl Plan {
    fn of(house: &House, title: &str, asked: &Burning) -> Result<Plan> {
        let snapshot = house.snapshot();
        let version = snapshot.version(title, asked.version.as_deref().unwrap_or(WHOLE))?;
        let base = obey::standing(&snapshot, asked.territory, &version.plays).clone();
        let language = match &asked.language {
            Some(tag) => language_tag(tag)?,
            None => language_of(asked.territory).to_string(),
        };
        let Some(composition) = labelled(house, &snapshot, asked.territory, &base, &language)? else {
            return Err(Error::invalid(format!("nothing must be shown over {title} in {}", asked.territory))
                .remedy("Every player may have it as it is"));
        };
        let known = languages(house, &snapshot, asked.territory, &base);
        if !known.contains(&language) {
            return Err(Error::invalid(format!("the pack has no words in {language:?}"))
                .remedy(format!("Use one of {}", known.join(", "))));
        }
        let sources = |title: &str, digest| house.source(&snapshot, title, digest);
        let needs = needs(&composition, &sources)?;
        let mut pixels = BTreeMap::new();
        for span in composition.spans() {
            let source = sources(span.source().0, span.source().1)?;
            for media in &source.video {
                let track = media.index.track();
                pixels.insert(media.blob, u64::from(track.width) * u64::from(track.height));
            }
        }
        let renditions = composition::need::renditions(&composition, &sources)? as u64;
        let of_frames =
            composition.spans().iter().map(|span| u64::from(span.units())).sum::<u64>() * renditions;
        Ok(Plan {
            asked: asked.clone(),
            language,
            labels: version.row.labels.clone(),
            base,
            composition,
            needs,
            pixels,
            of_frames,
            renditions,
        })
    }

    fn missing(&self, house: &House) -> Vec<Need> {
        let snapshot = house.snapshot();
        let missing = |need: &&Need| !need.keys().any(|key| snapshot.has_made(&key));
        self.needs.iter().filter(missing).cloned().collect()
    }

    fn view(&self, house: &House) -> Result<Burnt> {
        let snapshot = house.snapshot();
        let composition = self.composition.digest();
        let known = snapshot.all_versions_of(&self.base.title).find(|v| v.row.composition == composition);
        let bytes = known.map(|version| version::bytes(house, &snapshot, version)).transpose()?;
        Ok(Burnt {
            title: self.base.title.clone(),
            version: self.asked.version.clone().unwrap_or_else(|| WHOLE.into()),
            territory: self.asked.territory.to_string(),
            language: self.language.clone(),
            composition: composition.to_string(),
            name: name_of(self.base.digest, composition),
            made: known.is_some(),
            renditions: self.renditions,
            frames: frames(&self.needs),
            of_frames: self.of_frames,
            missing: if known.is_some() { 0 } else { frames(&self.missing(house)) },
            measured: None,
            bytes: bytes.map_or(0, |(added, _)| added),
            seconds: 0.0,
            freed: 0,
        })
    }

    /// Encodes a few patches of each rendition, keeps none, and extrapolates from them.
    async fn measure(&self, house: &Arc<House>, burnt: &mut Burnt, teller: Teller) -> Result<()> {
        let missing = self.missing(house);
        let samples = samples(&missing);
        burnt.bytes = self.stored(house)?;
        if samples.is_empty() {
            return Ok(());
        }
        let (here, list, tried) = (house.clone(), self.composition.clone(), samples.clone());
        let begun = Instant::now();
        let bytes = blocking(move || patches::try_out(&here, &list, &tried, &teller)).await?;
        let spent = begun.elapsed().as_secs_f64();
        let weight = |needs: &[Need]| needs.iter().map(|need| self.weight(need)).sum::<u64>().max(1) as f64;
        burnt.measured = Some(frames(&samples));
        burnt.seconds = spent * weight(&missing) / weight(&samples);
        burnt.bytes += extrapolated(&missing, &samples, &bytes);
        Ok(())
    }

    /// Bytes of what is stored already.
    fn stored(&self, house: &House) -> Result<u64> {
        let (snapshot, blobs) = (house.snapshot(), house.archive().blobs());
        let found = self.needs.iter().filter_map(|need| need.keys().find_map(|key| snapshot.made(&key)));
        let bytes = |digest: &Digest| Ok::<_, Error>(blobs.len_of(digest)?.unwrap_or(0));
        found.map(|track| Ok(bytes(&track.blob)? + bytes(&track.index)?)).sum()
    }

    /// Pixels that are encoded for it.
    fn weight(&self, need: &Need) -> u64 {
        u64::from(need.units()) * self.pixels.get(&need.track()).copied().unwrap_or(1)
    }

    async fn encode(&self, house: &Arc<House>, teller: &Teller) -> Result<()> {
        let missing = self.missing(house);
        let total = missing.len() as u64;
        let size = BATCH * std::thread::available_parallelism().map_or(1, |n| n.get());
        for (n, batch) in missing.chunks(size).enumerate() {
            let (before, teller) = ((n * size) as u64, teller.clone());
            let told: Teller = Arc::new(move |step| {
                teller(Step::new("putting the label into the pictures", before + step.done, total));
            });
            patches::make(house, &self.composition, batch, told).await?;
            tracing::debug!("a batch of labelled pictures stored");
        }
        Ok(())
    }
}

fn frames(needs: &[Need]) -> u64 {
    needs.iter().map(|need| u64::from(need.units())).sum()
}

/// Those that are tried out: of the patches of each rendition some that lie apart, and every card.
fn samples(missing: &[Need]) -> Vec<Need> {
    let mut by_track: BTreeMap<Digest, Vec<&Need>> = BTreeMap::new();
    let mut out: Vec<Need> = Vec::new();
    for need in missing {
        match need {
            Need::Patch { track, .. } => by_track.entry(*track).or_default().push(need),
            _ => out.push(need.clone()),
        }
    }
    for patches in by_track.values() {
        let count = SAMPLES.min(patches.len());
        out.extend((0..count).map(|n| patches[(2 * n + 1) * patches.len() / (2 * count)].clone()));
    }
    out
}

/// Bytes of all, from those of samples: of each rendition by its frames.
fn extrapolated(needs: &[Need], samples: &[Need], bytes: &[u64]) -> u64 {
    let kind = |need: &Need| (need.track(), matches!(need, Need::Patch { .. }));
    let mut tried: BTreeMap<(Digest, bool), (u64, u64)> = BTreeMap::new();
    for (need, bytes) in samples.iter().zip(bytes) {
        let (frames, sum) = tried.entry(kind(need)).or_default();
        *frames += u64::from(need.units());
        *sum += bytes;
    }
    let of = |need: &Need| {
        let (frames, sum) = tried.get(&kind(need)).copied().unwrap_or_default();
        u64::from(need.units()) * sum / frames.max(1)
    };
    needs.iter().map(of).sum()
}

pub fn print(burnt: &Burnt) {
    let Burnt { title, version, territory, language, .. } = burnt;
    println!("{title}/{version} with its label for {territory} in the pictures, in {language}:");
    let (frames, all) = (burnt.frames, burnt.of_frames);
    println!(
        "  {frames} of {all} frames are encoded, over {} renditions; sound and text are shared",
        burnt.renditions
    );
    let megabytes = burnt.bytes as f64 / 1e6;
    match (burnt.made, burnt.measured) {
        (true, _) => {
            println!("  made: {megabytes:.1} MB{}", took(burnt.seconds));
            println!("  phim version remove {title}/{} frees it", burnt.name);
        }
        (false, Some(measured)) => {
            println!(
                "  about {megabytes:.1} MB and {:.0} s on this machine, extrapolated from {measured} frames that were \
                 encoded to find out",
                burnt.seconds.ceil()
            );
            println!("  {} frames are missing; nothing is made yet: add --yes to make it", burnt.missing);
        }
        (false, None) => println!("  all of it is encoded; add --yes to enter it"),
    }
    if burnt.freed > 0 {
        println!("  {:.1} MB freed of what was made for another label", burnt.freed as f64 / 1e6);
    }
}

fn took(seconds: f64) -> String {
    if seconds > 0.0 { format!(", in {seconds:.0} s") } else { String::new() }
}

#[cfg(test)]
mod tests;
