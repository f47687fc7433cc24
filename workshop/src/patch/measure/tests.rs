use media::time::Rate;
use proptest::prelude::*;

use super::*;

/// The mean of every cell and the shading between them as one reads them in a book: in floating point,
/// pixel by pixel.
fn by_the_book(plane: &[u8], width: usize, place: Rectangle, (across, down): (u32, u32)) -> Vec<u8> {
    let (w, h) = (place.w as f64, place.h as f64);
    let (cell_w, cell_h) = (w / across as f64, h / down as f64);
    let overlap = |at: u32, cell: f64, size: f64| {
        let (from, to) = (cell * size, (cell + 1.0) * size);
        ((at as f64 + 1.0).min(to) - (at as f64).max(from)).max(0.0)
    };
    let mean = |column: f64, row: f64| {
        let mut sum = 0.0;
        for y in 0..place.h {
            for x in 0..place.w {
                let value = plane[(place.y + y) as usize * width + (place.x + x) as usize] as f64;
                sum += value * overlap(x, column, cell_w) * overlap(y, row, cell_h);
            }
        }
        sum / (cell_w * cell_h)
    };
    let mut out = plane.to_vec();
    for y in 0..place.h {
        for x in 0..place.w {
            let column = ((x as f64 + 0.5) / cell_w - 0.5).clamp(0.0, across as f64 - 1.0);
            let row = ((y as f64 + 0.5) / cell_h - 0.5).clamp(0.0, down as f64 - 1.0);
            let (left, above) = (column.floor(), row.floor());
            let (right, below) =
                ((left + 1.0).min(across as f64 - 1.0), (above + 1.0).min(down as f64 - 1.0));
            let blend = |a: f64, b: f64, far: f64| a + (b - a) * far;
            let high = blend(mean(left, above), mean(right, above), column - left);
            let low = blend(mean(left, below), mean(right, below), column - left);
            let at = (place.y + y) as usize * width + (place.x + x) as usize;
            out[at] = blend(high, low, row - above).round() as u8;
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn a_mosaic_is_what_the_book_says(
        plane in prop::collection::vec(any::<u8>(), 24 * 20),
        x in 0u32..8, y in 0u32..8, w in 4u32..=16, h in 4u32..=12, across in 1u32..=4, down in 1u32..=4,
    ) {
        let place = Rectangle { x, y, w, h };
        let mut ours = plane.clone();
        mosaic(&mut ours, 24, place, (across, down));
        let theirs = by_the_book(&plane, 24, place, (across, down));
        prop_assert!(ours.iter().zip(&theirs).all(|(a, b)| a.abs_diff(*b) <= 2), "{:?}\n{:?}", ours, theirs);
    }

    #[test]
    fn a_row_is_covered_or_not(places in prop::collection::vec((0u32..30, 0u32..5, 1u32..10, 1u32..5), 0..5)) {
        let places: Vec<Rectangle> =
            places.into_iter().map(|(x, y, w, h)| Rectangle { x, y, w, h }).collect();
        for row in 0..10usize {
            let expected = |at: usize| places.iter().any(|p| {
                (p.x as usize..(p.x + p.w) as usize).contains(&at)
                    && (p.y as usize..(p.y + p.h) as usize).contains(&row)
            });
            let of = |ranges: Vec<(usize, usize)>| ranges.into_iter().flat_map(|(a, b)| a..b).collect::<Vec<_>>();
            let (hit, free) = (of(covered(&places, row, 32)), of(uncovered(&places, row, 32)));
            prop_assert_eq!(hit, (0..32).filter(|at| expected(*at)).collect::<Vec<_>>());
            prop_assert_eq!(free, (0..32).filter(|at| !expected(*at)).collect::<Vec<_>>());
        }
    }
}

fn look() -> Look {
    Look::of_rung(64, 32, Rate::new(24, 1).unwrap(), None)
}

/// A frame of the rendition, with `change` made to its luma.
fn picture(change: impl Fn(usize, usize) -> Option<u8>) -> Vec<u8> {
    let own = |x: usize, y: usize| ((x * 7 + y * 13) % 200) as u8;
    let places = (0..32).flat_map(|y| (0..64).map(move |x| (x, y)));
    places.map(|(x, y)| change(x, y).unwrap_or(own(x, y))).chain([128; 2 * 32 * 16]).collect()
}

/// Measures raw frames, in whatever pieces they come, that must all show frame 7 of the rendition.
fn measure(patch: Option<usize>, veils: Vec<(VeilKind, Rectangle)>, frames: &[Vec<u8>]) -> Result<Worst> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("kept"), picture(|_, _| None)).unwrap();
    let originals = Originals::of(&folder.path().join("kept"), &[(7, 8)], 64 * 48).unwrap();
    let judged = vec![Judged { frame: 7, patch, veils, signs: Vec::new() }];
    let mut measure = Measure::new((&look(), &[]), judged, 1, &originals);
    assert_eq!(measure.bytes(), 64 * 48);
    frames.concat().chunks(1000).try_for_each(|bytes| measure.take(bytes))?;
    Ok(measure.finish()?.remove(0))
}

#[test]
fn what_is_under_a_mask_must_be_black() {
    let place = Rectangle { x: 16, y: 0, w: 8, h: 8 };
    let inside = |x: usize, y: usize| (16..24).contains(&x) && y < 8;
    let take = |frame: Vec<u8>| measure(Some(0), vec![(VeilKind::Mask, place)], &[frame]).unwrap();
    let best = Worst { outside: u32::MAX, inside: Some(u32::MAX) };
    assert_eq!(take(picture(|x, y| inside(x, y).then_some(16))), best);
    // Nothing was masked.
    let shown = take(picture(|_, _| None));
    assert!(shown.inside.is_some_and(|db| db < 1500), "{shown:?}");
    // A pixel beside the mask is not measured; one far from it is.
    assert_eq!(
        take(picture(|x, y| if inside(x, y) { Some(16) } else { ((x, y) == (30, 4)).then_some(255) })),
        best
    );
    let far = take(picture(|x, y| if inside(x, y) { Some(16) } else { ((x, y) == (45, 4)).then_some(255) }));
    assert!(far.outside < 5000, "{far:?}");
}

#[test]
fn text_that_shows_through_a_blur_is_found() {
    let place = Rectangle { x: 0, y: 0, w: 32, h: 16 };
    let take = |frame: &[u8]| {
        let veils = vec![(VeilKind::Blur, place)];
        measure(Some(0), veils, &[frame.to_vec()]).unwrap().inside.unwrap()
    };
    let clear = picture(|_, _| None);
    assert!(take(&clear) < 2500, "{}", take(&clear));
    let mut blurred = clear.clone();
    mosaic(&mut blurred[..64 * 32], 64, place, grid(32, 16));
    assert_eq!(take(&blurred), u32::MAX);
}

#[test]
fn a_copy_must_be_equal() {
    let best = Worst { outside: u32::MAX, inside: None };
    assert_eq!(measure(None, Vec::new(), &[picture(|_, _| None)]).unwrap(), best);
    let error = measure(None, Vec::new(), &[picture(|x, y| ((x, y) == (63, 31)).then_some(1))]).unwrap_err();
    assert_eq!(error.message, "frame 0, a copy, decodes to another picture");
}

#[test]
fn frames_that_are_missing_or_too_many_are_noticed() {
    let frame = picture(|_, _| None);
    assert!(measure(Some(0), Vec::new(), &[frame.clone(), frame.clone()]).is_err());
    assert!(measure(Some(0), Vec::new(), &[]).is_err());
    assert!(measure(Some(0), Vec::new(), &[frame[1..].to_vec()]).is_err());
}

proptest! {
    #[test]
    fn psnr_is_what_the_book_says(pairs in prop::collection::vec((0u16..1024, 0u16..1024), 600)) {
        let (ours, theirs): (Vec<u16>, Vec<u16>) = pairs.iter().copied().unzip();
        let shape = Shape { depth: 10, ..Shape::of(&look()) };
        let found = psnr(shape, &ours, &theirs, 600, |_| vec![(0, 600)]);
        let squares = pairs.iter().map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
        let expected = 1000.0 * (1023.0f64.powi(2) / (squares.sum::<f64>() / 600.0)).log10();
        prop_assert!((f64::from(found) - expected).abs() <= 1.0, "{} {}", found, expected);
    }
}
