use std::path::Path;

use composition::{Area, Card, CardLine, Sign};
use workshop::patch::{FLOOR, INSIDE, Wish};

use super::patch::{PHIM, check, make};
use crate::stage::{ffmpeg, first_track, make_film, mp4, sandbox};

const RED: [u8; 3] = [0xd0, 0x20, 0x20];

fn card(text: &str) -> Card {
    let line = CardLine { language: "vi".into(), text: text.into(), percent: 100 };
    Card { background: RED, foreground: [255, 255, 255], lines: vec![line] }
}

/// The luma of frame `n` of a file, in a box of `[x, y, w, h]` pixels.
fn luma(file: &Path, n: u32, [x, y, w, h]: [u32; 4]) -> Vec<u8> {
    let out = file.with_extension("gray");
    let graph = format!("select='eq(n,{n})',extractplanes=y,crop={w}:{h}:{x}:{y}");
    ffmpeg(&[
        "-i",
        file.to_str().unwrap(),
        "-vf",
        &graph,
        "-frames:v",
        "1",
        "-f",
        "rawvideo",
        out.to_str().unwrap(),
    ]);
    std::fs::read(out).unwrap()
}

fn distance(a: &[u8], b: &[u8]) -> u32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>() / a.len() as u32
}

/// A sign stands in its frames at its place, in its colour, with words in it; beside it and in the other
/// frames the picture is the rendition's.
#[test]
fn a_sign_is_where_and_when_it_must_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    let encoder = [PHIM, &["-g", "48", "-keyint_min", "48", "-sc_threshold", "0"]].concat();
    make_film(&path, "640x360", "24", 4, &encoder);
    let film = first_track(&sandbox(), &path);
    let area = Area::new(25, 50, 100, 100).unwrap();
    let below = Area::new(25, 200, 400, 100).unwrap();
    let signs = vec![
        Sign { from: 48, to: 96, area, edge: [255; 3], card: card("T16") },
        Sign { from: 48, to: 60, area: below, edge: RED, card: card("Cảnh báo: bạo lực, kinh dị") },
    ];
    let wish = Wish { from: 48, to: 96, idr: 1, veils: Vec::new(), signs };
    let made = make(&film, std::slice::from_ref(&wish)).remove(0);
    check(&film, &wish, &made);
    assert!(made.worst >= FLOOR && made.inside.is_some_and(|db| db >= INSIDE), "{made:?}");
    let index = media::Index::from_vec(made.index.clone()).unwrap();
    let (patch, own) = (folder.path().join("patch.mp4"), folder.path().join("own.mp4"));
    std::fs::write(&patch, mp4(&index, &made.samples)).unwrap();
    std::fs::write(&own, mp4(&film.index, &film.samples)).unwrap();
    let (wide, high) = (640, 360);
    let pixels =
        |[x, y, w, h]: [u32; 4]| [x * wide / 1000, y * high / 1000, w * wide / 1000, h * high / 1000];
    let of = |file: &Path, n: u32, place| luma(file, n, pixels(place));
    for n in [11, 12] {
        let symbol = of(&patch, n, [25, 50, 100, 100]);
        // Red (BT.601, narrow) is 81 at most; white is 235.
        assert!(symbol.iter().filter(|y| **y > 160).count() * 50 > symbol.len(), "words in frame {n}");
        assert!(symbol.iter().filter(|y| **y < 110).count() * 2 > symbol.len(), "the box in frame {n}");
        let words = distance(&of(&patch, n, [25, 200, 400, 100]), &of(&own, n + 48, [25, 200, 400, 100]));
        assert!(if n < 12 { words > 20 } else { words < 4 }, "frame {n}: {words}");
        let beside = distance(&of(&patch, n, [500, 400, 400, 400]), &of(&own, n + 48, [500, 400, 400, 400]));
        assert!(beside < 4, "frame {n}: {beside}");
    }
}
