//! What an order, or a proposal in answer to it, is about: ranges of frames, with the pictures of them
//! before and after and the dialogue that is heard there.

use std::collections::BTreeMap;
use std::sync::Arc;

use composition::{Layout, Media, Span, Timeline};
use media::error::Result;
use media::text::Cue;
use media::{Digest, Rate};
use policy::state::Standing;
use policy::{Operation, Order, Proposed, Resolved, resolve};
use serde_json::{Value, json};
use workshop::Stored;
use workshop::pictures::{PictureRequest, pictures};

use super::container::Files;
use crate::browse::float;
use crate::house::{House, Snapshot, Title, WHOLE};
use crate::obey::made_from;
use crate::patches::{Scratch, reader};

/// Where pictures stand in an evidence file.
pub const PICTURES: &str = "pictures";
/// Scenes that have pictures at most; the report says when there are more.
pub const MAX_PICTURED: usize = 24;
/// Pixels of a picture's width at most.
const WIDTH: u32 = 480;
/// Lines of dialogue of one scene and language at most.
pub const MAX_LINES: usize = 200;

/// Frames `from` to `to` of a title's stored tracks, end-exclusive.
pub struct Scene {
    pub title: String,
    /// BCP-47 tag to name.
    pub names: BTreeMap<String, String>,
    pub operation: Operation,
    pub source: Digest,
    pub rate: Rate,
    /// The title's first presented frame, from which seconds count.
    pub origin: u32,
    pub from: u32,
    pub to: u32,
    /// The composition that answers the order here: made for it, or proposed.
    pub after: Option<Proposed>,
    pub before_pictures: Vec<Picture>,
    pub after_pictures: Vec<Picture>,
    pub dialogue: Vec<Dialogue>,
}

/// One frame, drawn.
#[derive(Clone)]
pub struct Picture {
    /// Its name in the evidence file; empty until it is drawn.
    pub file: String,
    /// The frame of the stored tracks that it shows, or that stood where it is.
    pub frame: u32,
    pub jpeg: Vec<u8>,
}

/// What the subtitles of one language say in a scene.
pub struct Dialogue {
    pub language: String,
    pub lines: Vec<Cue>,
}

impl Scene {
    /// When a frame is shown, in seconds from the start of the title.
    pub fn seconds(&self, frame: u32) -> f64 {
        float(self.rate.seconds(i64::from(frame) - i64::from(self.origin)))
    }

    /// Whether none of its frames is shown any more.
    pub fn is_gone(&self) -> bool {
        let inside = |p: &Picture| (self.from..self.to).contains(&p.frame);
        !self.after_pictures.is_empty() && !self.after_pictures.iter().any(inside)
    }

    /// The manifest of its pictures and the words said in it.
    pub fn json(&self) -> Value {
        let picture = |p: &Picture| {
            let digest = Digest::of(&p.jpeg).to_string();
            json!({ "file": p.file, "frame": p.frame, "seconds": self.seconds(p.frame), "sha256": digest })
        };
        let line = |cue: &Cue| json!({ "from": float(cue.start), "to": float(cue.end), "text": cue.payload });
        let said = |d: &Dialogue| json!({ "language": d.language, "lines": d.lines.iter().map(line).collect::<Vec<_>>() });
        json!({
            "title": self.title,
            "operation": self.operation,
            "source": self.source.to_string(),
            "from": self.from,
            "to": self.to,
            "seconds": [self.seconds(self.from), self.seconds(self.to)],
            "after": self.after.as_ref().map(|after| after.composition.to_string()),
            "pictures_before": self.before_pictures.iter().map(picture).collect::<Vec<_>>(),
            "pictures_after": self.after_pictures.iter().map(picture).collect::<Vec<_>>(),
            "dialogue": self.dialogue.iter().map(said).collect::<Vec<_>>(),
        })
    }
}

/// The scenes of an order and of the proposals in answer to it, in the order of the record. Of an order
/// that withdraws whole works they are the places that it quotes.
pub fn scenes(house: &House, snapshot: &Snapshot, standing: &Standing) -> Vec<Scene> {
    let mut scenes: Vec<Scene> = Vec::new();
    let mut push = |source: Digest, range: (u32, u32), operation, after: Option<Proposed>| {
        let Some(title) = snapshot.titles.values().find(|title| title.row.source == source) else { return };
        let same = |s: &Scene| {
            (s.source, s.from, s.to, s.operation, &s.after) == (source, range.0, range.1, operation, &after)
        };
        if !scenes.iter().any(same) {
            scenes.push(Scene::new(title, range, operation, after));
        }
    };
    let operation = standing.order.operation;
    if operation == Operation::Withdraw {
        for place in cited(house, snapshot, standing) {
            push(place.source, (place.from, place.to), operation, None);
        }
    } else {
        for range in &standing.resolved {
            let after = obeying(snapshot, standing, &range.title);
            push(range.source, (range.from, range.to), operation, after);
        }
    }
    for proposal in &standing.proposals {
        for edit in &proposal.edits {
            push(edit.source, (edit.from, edit.to), edit.operation, Some(proposal.offered.clone()));
        }
    }
    scenes
}

/// The frames of the places that an order quotes as its grounds, on the whole of each title; what cannot
/// be found there is left out, for nothing is done to it.
fn cited(house: &House, snapshot: &Snapshot, standing: &Standing) -> Vec<Resolved> {
    let Some(scope) = &standing.order.cited else { return Vec::new() };
    let order = Order { operation: Operation::Cut, scope: scope.clone(), ..(*standing.order).clone() };
    let mut found = Vec::new();
    for title in snapshot.titles.values() {
        let film = crate::ruling::film(&title.row);
        if !scope.parts.iter().any(|part| !part.is_whole() && film.is_named(&order.work, part)) {
            continue;
        }
        let Ok(whole) = snapshot.version(&title.row.id, WHOLE) else { continue };
        let source = |title: &str, digest| house.source(snapshot, title, digest);
        let axis = Timeline::new(&whole.plays.composition, &source);
        let places = axis.and_then(|axis| resolve(&order, &film, whole.row.composition, &axis));
        match places {
            Ok(places) => found.extend(places),
            Err(error) => tracing::warn!(%error, title = title.row.id, "a quoted place is not found"),
        }
    }
    found
}

impl Scene {
    fn new(title: &Title, (from, to): (u32, u32), operation: Operation, after: Option<Proposed>) -> Scene {
        let row = &title.row;
        Scene {
            title: row.id.clone(),
            names: row.names.clone(),
            operation,
            source: row.source,
            rate: row.rate,
            origin: row.from,
            from,
            to,
            after,
            before_pictures: Vec::new(),
            after_pictures: Vec::new(),
            dialogue: Vec::new(),
        }
    }

    /// The first, the middle and the last frame.
    fn frames(&self) -> Vec<u32> {
        let mut frames = vec![self.from, self.from + (self.to - 1 - self.from) / 2, self.to - 1];
        frames.dedup();
        frames
    }
}

/// The frame-accurate composition of a title: that of the whole where there are several.
fn obeying(snapshot: &Snapshot, standing: &Standing, title: &str) -> Option<Proposed> {
    let whole = snapshot.version(title, WHOLE).ok().map(|version| version.row.composition);
    let own: Vec<&Proposed> = standing.frame_accurate.iter().filter(|made| made.title == title).collect();
    let of_whole = |made: &&&Proposed| whole.is_some() && base_of(snapshot, made) == whole;
    own.iter().rev().find(of_whole).or_else(|| own.last()).map(|made| (*made).clone())
}

/// The composition of which an obeying or proposed one was made.
pub fn base_of(snapshot: &Snapshot, made: &Proposed) -> Option<Digest> {
    let mut versions = snapshot.all_versions_of(&made.title);
    versions.find(|v| v.row.composition == made.composition).and_then(|v| made_from(&v.row.name))
}

/// Draws the pictures of the scenes, reads what is said in them, and puts the pictures into `files`.
/// Blocks on ffmpeg.
pub fn fill(house: &House, snapshot: &Snapshot, scenes: &mut [Scene], files: &mut Files) -> Result<()> {
    let mut wanted = Wanted::default();
    for scene in scenes.iter_mut() {
        scene.dialogue = dialogue(house, snapshot, scene)?;
    }
    for (n, scene) in scenes.iter().enumerate().take(MAX_PICTURED) {
        want(house, snapshot, n, scene, &mut wanted)?;
    }
    for (place, jpeg) in wanted.draw(house)? {
        let scene = &mut scenes[place.scene];
        let when = if place.after { "after" } else { "before" };
        let file =
            format!("{PICTURES}/{}-{}-{}-{when}-{}.jpg", scene.title, scene.from, scene.to, place.frame);
        // Two proposals may treat one range.
        let file = if files.contains_key(&file) {
            format!("{}-{}.jpg", file.trim_end_matches(".jpg"), place.scene)
        } else {
            file
        };
        files.insert(file.clone(), jpeg.clone());
        let pictures = if place.after { &mut scene.after_pictures } else { &mut scene.before_pictures };
        pictures.push(Picture { file, frame: place.frame, jpeg });
    }
    Ok(())
}

fn dialogue(house: &House, snapshot: &Snapshot, scene: &Scene) -> Result<Vec<Dialogue>> {
    let source = house.source(snapshot, &scene.title, scene.source)?;
    let (from, to) = (source.seconds(scene.from), source.seconds(scene.to));
    let said = source.texts.iter().map(|text| Dialogue {
        language: text.language.clone(),
        lines: text.cues.iter().filter(|c| c.start < to && from < c.end).take(MAX_LINES).cloned().collect(),
    });
    Ok(said.filter(|dialogue| !dialogue.lines.is_empty()).collect())
}

/// Which picture of which scene.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    scene: usize,
    after: bool,
    frame: u32,
}

/// Frames to be drawn: by track, its frame and where the picture goes.
#[derive(Default)]
struct Wanted(BTreeMap<Digest, (Arc<Media>, Vec<Shot>)>);
type Shot = (u32, Place);

impl Wanted {
    fn add(&mut self, media: &Arc<Media>, frame: u32, place: Place) {
        let (_, shots) = self.0.entry(media.blob).or_insert_with(|| (media.clone(), Vec::new()));
        shots.push((frame, place));
    }

    /// Draws all of them; in the order of their places.
    fn draw(self, house: &House) -> Result<BTreeMap<Place, Vec<u8>>> {
        let folder = Scratch::new(house.archive().dir())?;
        let tracks: Vec<_> = self.0.into_values().collect();
        let blobs = tracks.iter().map(|(media, _)| house.archive().blobs().open_blob(&media.blob));
        let readers = blobs.map(|blob| blob.map(|blob| reader(&blob))).collect::<Result<Vec<_>>>()?;
        let requests: Vec<PictureRequest> = tracks
            .iter()
            .zip(&readers)
            .map(|((media, shots), read)| PictureRequest {
                track: Stored { index: &media.index, read },
                frames: shots.iter().map(|(frame, _)| *frame).collect(),
                width: WIDTH,
            })
            .collect();
        let drawn = pictures(&house.sandbox, &requests, &folder.0)?;
        let places = tracks.iter().flat_map(|(_, shots)| shots.iter().map(|(_, place)| *place));
        Ok(places.zip(drawn.into_iter().flatten()).collect())
    }
}

fn want(house: &House, snapshot: &Snapshot, n: usize, scene: &Scene, wanted: &mut Wanted) -> Result<()> {
    let source = house.source(snapshot, &scene.title, scene.source)?;
    // The smallest rendition that is large enough for a picture.
    let wide = |r: &usize| u32::from(source.video[*r].index.track().display_width) >= WIDTH;
    let rendition = (0..source.video.len()).rev().find(wide).unwrap_or(0);
    for frame in scene.frames() {
        wanted.add(&source.video[rendition], frame, Place { scene: n, after: false, frame });
    }
    let Some(playable) = scene.after.as_ref().and_then(|made| snapshot.compositions.get(&made.composition))
    else {
        return Ok(());
    };
    let layout = house.lay_out(snapshot, playable)?;
    let mut shown: Vec<u32> =
        scene.frames().into_iter().filter(|f| find(&layout, scene.source, *f, rendition).is_some()).collect();
    if shown.is_empty() {
        // What was taken out leaves the frames on either side of it.
        let before = scene.from.checked_sub(1).filter(|frame| *frame >= scene.origin);
        shown = before.into_iter().chain([scene.to]).collect();
    }
    for frame in shown {
        if let Some((media, at)) = find(&layout, scene.source, frame, rendition) {
            wanted.add(&media, at, Place { scene: n, after: true, frame });
        }
    }
    Ok(())
}

/// The track and its frame that a layout shows in the place of a source's frame; none when it is gone.
fn find(layout: &Layout, wanted: Digest, frame: u32, rendition: usize) -> Option<(Arc<Media>, u32)> {
    for part in &layout.parts {
        let mut before = 0;
        for stretch in &layout.timeline.stretches[part.stretches.clone()] {
            match &stretch.span {
                Span::Film { source, from, to, .. } if *source == wanted && (*from..*to).contains(&frame) => {
                    let unit = before + frame - from;
                    let lane = part.video.get(rendition.min(part.video.len().checked_sub(1)?))?;
                    let piece = lane.pieces.iter().find(|p| p.at <= unit && unit < p.at + p.count)?;
                    return Some((piece.media.clone(), piece.first + unit - piece.at));
                }
                span => before += span.units(),
            }
        }
    }
    None
}

/// `pictures/manifest.json`, for every scene; `lacking`: the pictures could not be drawn.
pub fn manifest(scenes: &[Scene], lacking: bool) -> Value {
    json!({
        "lacking": lacking,
        "pictured": scenes.len().min(MAX_PICTURED),
        "scenes": scenes.iter().map(Scene::json).collect::<Vec<_>>(),
    })
}
