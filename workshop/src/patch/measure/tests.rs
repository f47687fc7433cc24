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

fn measured(veils: Vec<(VeilKind, Rectangle)>) -> Vec<Measured> {
    vec![Measured { patch: 0, veils }]
}

/// A frame as it is, above itself with `change` made to the luma of the patch.
fn pair(change: impl Fn(usize, usize) -> Option<u8>) -> Vec<u8> {
    let own = |x: usize, y: usize| ((x * 7 + y * 13) % 200) as u8;
    let rows = |change: &dyn Fn(usize, usize) -> Option<u8>| -> Vec<u8> {
        (0..32)
            .flat_map(|y| (0..64).map(move |x| (x, y)))
            .map(|(x, y)| change(x, y).unwrap_or(own(x, y)))
            .collect()
    };
    let mut out = rows(&change);
    out.extend(rows(&|_, _| None));
    out.extend([128; 4 * 32 * 16]);
    out
}

#[test]
fn what_is_under_a_mask_must_be_black() {
    let place = Rectangle { x: 16, y: 0, w: 8, h: 8 };
    let inside = |x: usize, y: usize| (16..24).contains(&x) && y < 8;
    let take = |pair: Vec<u8>| {
        let mut measure = Measure::new(&look(), measured(vec![(VeilKind::Mask, place)]), 1);
        assert_eq!(measure.bytes(), pair.len() as u64);
        // In whatever pieces it comes.
        pair.chunks(1000).for_each(|bytes| measure.take(bytes).unwrap());
        measure.finish().unwrap().remove(0)
    };
    let best = Worst { outside: u32::MAX, inside: Some(u32::MAX) };
    assert_eq!(take(pair(|x, y| inside(x, y).then_some(16))), best);
    // Nothing was masked.
    let shown = take(pair(|_, _| None));
    assert!(shown.inside.is_some_and(|db| db < 1500), "{shown:?}");
    // A pixel beside the mask is not measured; one far from it is.
    assert_eq!(
        take(pair(|x, y| if inside(x, y) { Some(16) } else { ((x, y) == (30, 4)).then_some(255) })),
        best
    );
    let far = take(pair(|x, y| if inside(x, y) { Some(16) } else { ((x, y) == (45, 4)).then_some(255) }));
    assert!(far.outside < 5000, "{far:?}");
}

#[test]
fn text_that_shows_through_a_blur_is_found() {
    let place = Rectangle { x: 0, y: 0, w: 32, h: 16 };
    let take = |pair: &[u8]| {
        let mut measure = Measure::new(&look(), measured(vec![(VeilKind::Blur, place)]), 1);
        measure.take(pair).unwrap();
        measure.finish().unwrap().remove(0).inside.unwrap()
    };
    let clear = pair(|_, _| None);
    assert!(take(&clear) < 2500, "{}", take(&clear));
    let mut blurred = clear.clone();
    mosaic(&mut blurred[..64 * 32], 64, place, grid(32, 16));
    assert_eq!(take(&blurred), u32::MAX);
}

#[test]
fn frames_that_are_missing_or_too_many_are_noticed() {
    let mut measure = Measure::new(&look(), measured(Vec::new()), 1);
    let pair = pair(|_, _| None);
    measure.take(&pair).unwrap();
    assert!(measure.take(&pair).is_err());
    assert!(Measure::new(&look(), measured(Vec::new()), 1).finish().is_err());
}
