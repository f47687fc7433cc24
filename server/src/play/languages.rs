//! The languages of what plays: which of them contracts let this viewer hear and read.

use media::error::Result;
use policy::avail::Heard;
use policy::{Pass, Viewer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Reason, reasons};
use crate::house::{House, Playable, Snapshot};
use crate::territory::Place;
use crate::viewer;

/// A sound or a subtitle track's language that is not known (ISO 639-2).
const UNKNOWN: &str = "und";

/// One language of what plays.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = PlayLanguage)]
pub struct LanguageView {
    /// BCP 47.
    pub language: String,
    /// `sound` or `text`.
    pub heard: String,
    /// Why it may not be chosen; none: it may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Reason>,
}

/// The languages of a version, sounds first, each once; none where contracts license all of them. A track
/// whose language is not known is never asked about.
pub fn licensed(
    house: &House,
    snapshot: &Snapshot,
    place: Place,
    playable: &Playable,
    (viewer, passes): (&Viewer, &[Pass]),
) -> Result<Vec<LanguageView>> {
    // The windows that are left must not hang on what the viewer chose so far.
    let any = Viewer { sound: None, text: None, ..viewer.clone() };
    let asked = viewer::admit(snapshot, &house.packs, place, playable, &any);
    let passes = asked.as_deref().unwrap_or(passes);
    let mut all: Vec<LanguageView> = Vec::new();
    let shown = std::iter::once(playable.title.as_str()).chain(playable.shows());
    for title in shown {
        let row = &snapshot.title(title)?.row;
        let sounds = row.sounds.iter().map(|sound| (&sound.language, Heard::Audio));
        let texts = row.texts.iter().map(|text| (&text.language, Heard::Subtitle));
        all.extend(sounds.chain(texts).map(|(language, heard)| view(passes, language, heard)));
    }
    let key = |view: &LanguageView| (view.heard.clone(), view.language.clone());
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|view| view.language != UNKNOWN && seen.insert(key(view)));
    if all.iter().all(|view| view.refused.is_none()) {
        all.clear();
    }
    all.sort_by(|a, b| a.heard.cmp(&b.heard));
    Ok(all)
}

fn view(passes: &[Pass], language: &str, heard: Heard) -> LanguageView {
    let refusal = passes.iter().find_map(|pass| pass.language(language, heard));
    LanguageView {
        language: language.into(),
        heard: if heard == Heard::Audio { "sound" } else { "text" }.into(),
        refused: refusal.and_then(|refusal| reasons(&[refusal]).pop()),
    }
}
