//! Signs in pixels: each is drawn once for a rendition, as it lies in the coded picture, and laid over the
//! frames of patches sample by sample.
//!
//! Invariants:
//! - A sign's rectangle has even edges, so that whole chroma samples lie in it, and covers the sign's area.
//! - What is compared with is what was drawn, not what a filter made of it.

use std::path::Path;

use composition::{Area, Card, Sign};
use media::{Error, Result, Track};

use super::veil::{Rectangle, overlay_format};
use super::{Request, Wish};
use crate::card;
use crate::encoder::Look;
use crate::sandbox::Sandbox;
use crate::turn::Turn;

/// A sign that was drawn for a rendition.
pub(super) struct Board {
    area: Area,
    edge: [u8; 3],
    card: Card,
    pub place: Rectangle,
    /// Raw, in the encoder's pixel format: three planes one after the other.
    pub bytes: Vec<u8>,
}

/// A board that stands in some frames of one patch, counted from its start; `to` is exclusive.
#[derive(Clone, Copy)]
pub(super) struct Post {
    /// Place in the list of boards.
    pub board: usize,
    pub from: u32,
    pub to: u32,
}

/// Draws every sign that a request's patches bear, each once.
pub(super) fn draw_all(
    sandbox: &Sandbox,
    request: &Request,
    look: &Look,
    folder: &Path,
) -> Result<Vec<Board>> {
    let mut boards: Vec<Board> = Vec::new();
    for sign in request.wishes.iter().flat_map(|wish| &wish.signs) {
        if boards.iter().any(|board| board.shows(sign)) {
            continue;
        }
        std::fs::create_dir_all(folder).map_err(|e| crate::disk(folder, e))?;
        boards.push(draw(sandbox, request.track.index.track(), look, sign, folder)?);
    }
    let _ = std::fs::remove_dir_all(folder);
    Ok(boards)
}

/// What stands when in a patch, in the order in which it is laid.
pub(super) fn posts(wish: &Wish, boards: &[Board]) -> Result<Vec<Post>> {
    let mut posts = Vec::with_capacity(wish.signs.len());
    for sign in &wish.signs {
        let board = boards.iter().position(|board| board.shows(sign));
        let board = board.ok_or_else(|| Error::internal("a sign was not drawn"))?;
        let (from, to) = (sign.from.max(wish.from), sign.to.min(wish.to));
        if from < to {
            posts.push(Post { board, from: from - wish.from, to: to - wish.from });
        }
    }
    Ok(posts)
}

fn draw(sandbox: &Sandbox, track: &Track, look: &Look, sign: &Sign, folder: &Path) -> Result<Board> {
    let turn = Turn::of(track);
    let place = rectangle(sign.area, turn, (look.width, look.height));
    // Pixels need not be square: words are set on the picture as it is shown.
    let shown = |coded: u32, whole: u32, display: u16| (coded * u32::from(display) / whole).max(2);
    let (mut wide, mut high) =
        (shown(place.w, look.width, track.display_width), shown(place.h, look.height, track.display_height));
    if turn.is_sideways() {
        (wide, high) = (high, wide);
    }
    let bytes = card::raw_sign(sandbox, sign, (wide, high), turn, (place.w, place.h), look, folder)?;
    Ok(Board { area: sign.area, edge: sign.edge, card: sign.card.clone(), place, bytes })
}

/// Where an area lies in the coded picture: rounded outward to even edges.
fn rectangle(area: Area, turn: Turn, (width, height): (u32, u32)) -> Rectangle {
    let [x, y, w, h] = turn.lay_down([area.x(), area.y(), area.w(), area.h()].map(u32::from), 1000);
    let side = |from: u32, size: u32, whole: u32| {
        let low = (from * whole / 1000) & !1;
        let high = ((from + size) * whole).div_ceil(1000).next_multiple_of(2).min(whole);
        (low.min(high - 2), high - low.min(high - 2))
    };
    let ((x, w), (y, h)) = (side(x, w, width), side(y, h, height));
    Rectangle { x, y, w, h }
}

impl Board {
    fn shows(&self, sign: &Sign) -> bool {
        (self.area, self.edge) == (sign.area, sign.edge) && self.card == sign.card
    }
    /// Its samples, of one byte or two each, plane after plane.
    pub fn samples(&self, depth: u32) -> Vec<u16> {
        match depth {
            8 => self.bytes.iter().map(|byte| u16::from(*byte)).collect(),
            _ => self.bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect(),
        }
    }
}

/// The name of the file in which a board is handed to ffmpeg.
pub(super) fn file(board: usize) -> String {
    format!("sign-{board}.yuv")
}

/// The filters that hand every board to those who use it, `uses` times each; input 0 is the feed.
pub(super) fn sources(uses: &[usize], look: &Look) -> String {
    let mut out = String::new();
    for (board, uses) in uses.iter().enumerate().filter(|(_, uses)| **uses > 0) {
        // Its samples are those of the feed: as that, they are called narrow whatever they are.
        let tags = look.tag_filter();
        out.push_str(&format!(";[{}:v]{tags},setparams=range=tv,split={uses}", board + 1));
        (0..*uses).for_each(|use_| out.push_str(&format!("[b{board}u{use_}]")));
    }
    out
}

impl Post {
    /// Filters to be appended to a chain of the patch's frames, timed in ticks of which `scale` last a
    /// second, and each `unit` ticks, from 0 on. `name` makes the labels of pads differ from all others of
    /// the graph; it is the board's `use_`th use.
    pub fn filters(
        &self,
        name: &str,
        use_: usize,
        place: Rectangle,
        (scale, unit): (u32, u32),
        look: &Look,
    ) -> String {
        let Post { board, from, to } = self;
        let frame = format!("st(0,floor(t*{scale}/{unit}+0.5))");
        format!(
            "[{name}];[{name}][b{board}u{use_}]overlay=x='{frame};if(between(ld(0),{from},{last}),{x},W)'\
             :y={y}:format={format}:eof_action=repeat",
            last = to - 1,
            x = place.x,
            y = place.y,
            format = overlay_format(look.profile),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_covers_its_area_in_even_pixels() {
        let area = Area::new(22, 39, 61, 83).unwrap();
        let at = |turn, whole| {
            let Rectangle { x, y, w, h } = rectangle(area, turn, whole);
            [x, y, w, h]
        };
        // 42.2 to 159.4 across and 42.1 to 131.8 down.
        assert_eq!(at(Turn::Upright, (1920, 1080)), [42, 42, 118, 90]);
        assert_eq!(at(Turn::Upright, (64, 36)), [0, 0, 6, 6]);
        assert_eq!(at(Turn::UpsideDown, (1920, 1080)), [1760, 948, 118, 90]);
        let corner = Area::new(999, 999, 1, 1).unwrap();
        let Rectangle { x, y, w, h } = rectangle(corner, Turn::Upright, (64, 36));
        assert_eq!([x, y, w, h], [62, 34, 2, 2]);
    }
}
