//! WebVTT cue text made from runs of text, each with its look.

/// How a run of text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Face {
    pub italic: bool,
    pub bold: bool,
    pub underline: bool,
    /// A class that WebVTT defines as a colour (W3C WebVTT §5.1). White is the default.
    pub color: Option<&'static str>,
    /// Shown even to those who switched subtitles off (IMSC `itts:forcedDisplay`).
    pub forced: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Break,
    /// A tag that is not a look: `<ruby>`, `<rt>` and their ends.
    Tag(&'static str),
}

/// The cue text of a sequence of pieces. Every tag that it opens it closes.
pub(super) fn cue_text(pieces: &[(Face, Piece)]) -> String {
    let mut out = String::new();
    let mut open = Face::default();
    for (face, piece) in pieces {
        match piece {
            Piece::Text(text) => {
                turn(&mut out, &mut open, *face);
                out.push_str(&super::escape(text));
            }
            Piece::Break => out.push('\n'),
            Piece::Tag(tag) => {
                turn(&mut out, &mut open, Face::default());
                out.push_str(tag);
            }
        }
    }
    turn(&mut out, &mut open, Face::default());
    out
}

fn turn(out: &mut String, open: &mut Face, face: Face) {
    if *open == face {
        return;
    }
    let (close, _) = tags(*open);
    out.push_str(&close);
    let (_, begin) = tags(face);
    out.push_str(&begin);
    *open = face;
}

/// The tags that end a face, and those that begin it.
fn tags(face: Face) -> (String, String) {
    let mut names = Vec::new();
    let classes = [face.forced.then_some("forced"), face.color];
    let classes: String = classes.into_iter().flatten().map(|class| format!(".{class}")).collect();
    if !classes.is_empty() {
        names.push(format!("c{classes}"));
    }
    let looks = [(face.bold, "b"), (face.italic, "i"), (face.underline, "u")];
    names.extend(looks.iter().filter(|(on, _)| *on).map(|(_, name)| (*name).to_owned()));
    let close = names.iter().rev().map(|name| format!("</{}>", &name[..1])).collect();
    (close, names.iter().map(|name| format!("<{name}>")).collect())
}

/// The class for a colour by name or `#rrggbb`, with or without an alpha of full. White, black and
/// what WebVTT has no class for give `None`: the text then shows in the player's colour.
pub(super) fn color(text: &str) -> Option<&'static str> {
    let text = text.trim().to_ascii_lowercase();
    let text = match text.len() {
        9 => text.strip_suffix("ff").unwrap_or(&text),
        _ => &text,
    };
    Some(match text {
        "lime" | "#00ff00" => "lime",
        "cyan" | "aqua" | "#00ffff" => "cyan",
        "red" | "#ff0000" => "red",
        "yellow" | "#ffff00" => "yellow",
        "magenta" | "fuchsia" | "#ff00ff" => "magenta",
        "blue" | "#0000ff" => "blue",
        _ => return None,
    })
}

/// Drops the spaces at both ends of each line, and lines without text.
pub(super) fn trim(pieces: &mut Vec<(Face, Piece)>) {
    let mut kept: Vec<(Face, Piece)> = Vec::with_capacity(pieces.len());
    for (face, piece) in pieces.drain(..) {
        match piece {
            Piece::Text(text) => push_text(&mut kept, face, text),
            Piece::Break => {
                trim_end(&mut kept);
                if !matches!(kept.last(), None | Some((_, Piece::Break))) {
                    kept.push((face, Piece::Break));
                }
            }
            tag => kept.push((face, tag)),
        }
    }
    loop {
        trim_end(&mut kept);
        if kept.pop_if(|(_, piece)| *piece == Piece::Break).is_none() {
            break;
        }
    }
    *pieces = kept;
}

fn push_text(kept: &mut Vec<(Face, Piece)>, face: Face, text: String) {
    let at_start = matches!(kept.last(), None | Some((_, Piece::Break)));
    let text = if at_start { text.trim_start_matches(SPACES).to_owned() } else { text };
    if !text.is_empty() {
        kept.push((face, Piece::Text(text)));
    }
}

/// Drops the spaces that end a line.
fn trim_end(kept: &mut Vec<(Face, Piece)>) {
    while let Some((_, Piece::Text(text))) = kept.last_mut() {
        let end = text.trim_end_matches(SPACES).len();
        text.truncate(end);
        if end > 0 {
            break;
        }
        kept.pop();
    }
}

/// No-break spaces are text: they are set to hold a line apart.
const SPACES: [char; 2] = [' ', '\t'];
