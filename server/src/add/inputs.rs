//! What the files named for an `add` are.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use archive::from_io;
use media::error::{Error, Result};
use media::text::{Cue, language_tag};
use serde_json::{Value, json};
use workshop::Sandbox;
use workshop::probe::{Probe, probe};

use super::Intake;

/// Films, sounds and subtitles, told apart.
pub struct Inputs {
    pub films: Vec<Probe>,
    /// Files of sound with the language named for them.
    pub sounds: Vec<(String, Probe)>,
    pub texts: Vec<Subtitles>,
}

pub struct Subtitles {
    pub language: String,
    pub name: String,
    pub bytes: Vec<u8>,
    pub cues: Vec<Cue>,
}

/// Endings of subtitle files.
const TEXTS: [&str; 5] = ["srt", "vtt", "ttml", "dfxp", "xml"];
/// Subtitle files of this length at most are read.
const MAX_TEXT: u64 = 64 << 20;

/// Names what was asked and the very files that it names, without reading them.
pub fn identity(intake: &Intake) -> Result<Value> {
    let files =
        intake.files.iter().chain(intake.audio.iter().map(|a| &a.1)).chain(intake.text.iter().map(|t| &t.1));
    let files = files.map(|path| {
        let found = std::fs::metadata(path).map_err(|e| from_io(path, e))?;
        let changed = found
            .modified()
            .ok()
            .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
            .map_or(0, |at| at.as_nanos());
        Ok(json!({ "path": path, "bytes": found.len(), "changed": changed.to_string() }))
    });
    let files: Vec<Value> = files.collect::<Result<_>>()?;
    let intake = serde_json::to_value(intake).map_err(|e| Error::internal(e.to_string()))?;
    Ok(json!({ "intake": intake, "files": files, "format": media::FORMAT_VERSION }))
}

/// Looks into every file. Subtitles are read whole, so that a mistake in them is found before hours of
/// encoding.
pub fn look(sandbox: &Sandbox, intake: &Intake) -> Result<Inputs> {
    let mut inputs = Inputs { films: Vec::new(), sounds: Vec::new(), texts: Vec::new() };
    for (language, path) in &intake.text {
        inputs.texts.push(subtitles(language.clone(), path)?);
    }
    let (texts, media): (Vec<_>, Vec<_>) = intake.files.iter().partition(|path| is_text(path));
    for path in texts {
        inputs.texts.push(subtitles(language_in_name(path)?, path)?);
    }
    let named: Vec<_> = intake.audio.iter().map(|(_, path)| path).collect();
    let mut probes = probe_all(sandbox, &[media.as_slice(), named.as_slice()].concat())?;
    let named = probes.split_off(media.len());
    for probe in probes {
        match (&probe.video, probe.sounds.first()) {
            (Some(_), _) => inputs.films.push(probe),
            (None, Some(sound)) => {
                let language = language_in_name(&probe.file).unwrap_or_else(|_| tag(&sound.language));
                inputs.sounds.push((language, probe));
            }
            (None, None) => {
                return Err(Error::invalid("the file holds neither picture nor sound")
                    .at(probe.file.display().to_string())
                    .remedy("Name film, sound and subtitle files only"));
            }
        }
    }
    for ((language, _), probe) in intake.audio.iter().zip(named) {
        if probe.sounds.is_empty() {
            return Err(Error::invalid("the file holds no sound").at(probe.file.display().to_string()));
        }
        inputs.sounds.push((language.clone(), probe));
    }
    Ok(inputs)
}

/// Files looked into at once: each look waits for a program to start.
const LOOKS: usize = 8;

fn probe_all(sandbox: &Sandbox, files: &[&PathBuf]) -> Result<Vec<Probe>> {
    let mut probes = Vec::with_capacity(files.len());
    for some in files.chunks(LOOKS) {
        std::thread::scope(|scope| {
            let looks: Vec<_> = some.iter().map(|file| scope.spawn(|| probe(sandbox, file))).collect();
            for look in looks {
                probes.push(look.join().map_err(|_| Error::internal("a look into a file panicked"))??);
            }
            Ok::<(), Error>(())
        })?;
    }
    Ok(probes)
}

fn is_text(path: &Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| TEXTS.contains(&e.to_ascii_lowercase().as_str()))
}

/// The tag in `name.LANG.ending`.
fn language_in_name(path: &Path) -> Result<String> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let unknown = || {
        Error::invalid("the file's name does not tell its language")
            .at(path.display().to_string())
            .remedy("Name it NAME.LANG.srt, or write --text LANG=FILE (--audio LANG=FILE for sound)")
    };
    let (_, tag) = stem.rsplit_once('.').ok_or_else(unknown)?;
    language_tag(tag).map_err(|_| unknown())
}

fn subtitles(language: String, path: &Path) -> Result<Subtitles> {
    let name = path.display().to_string();
    let len = std::fs::metadata(path).map_err(|e| from_io(path, e))?.len();
    if len > MAX_TEXT {
        return Err(Error::invalid(format!("{len} bytes are too many for subtitles")).at(name));
    }
    let bytes = std::fs::read(path).map_err(|e| from_io(path, e))?;
    let cues = media::text::read(&bytes, &name)?;
    Ok(Subtitles { language, name: file_name(path), bytes, cues })
}

/// What a file says of a language as a tag; `und` where it says nothing that can be understood.
pub fn tag(said: &str) -> String {
    language_tag(said).unwrap_or_else(|_| "und".to_string())
}

pub fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
