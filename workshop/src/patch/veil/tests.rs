use composition::Path;
use media::time::Rate;
use proptest::prelude::*;

use super::*;

const WHOLE: (u32, u32) = (1920, 1080);

fn wish(from: u32, to: u32) -> Wish {
    Wish { from, to, idr: 0, veils: Vec::new(), signs: Vec::new() }
}

fn veil(from: u32, to: u32, keys: &[(u32, [u16; 4])]) -> Veil {
    let keys = keys.iter().map(|(frame, [x, y, w, h])| (*frame, Area::new(*x, *y, *w, *h).unwrap()));
    Veil { kind: VeilKind::Blur, from, to, path: Path::new(keys.collect()).unwrap() }
}

fn look() -> Look {
    Look::of_rung(WHOLE.0, WHOLE.1, Rate::new(24, 1).unwrap(), None)
}

#[test]
fn a_still_veil_covers_its_area_and_a_little_more() {
    let veil = veil(100, 200, &[(100, [100, 500, 250, 100])]);
    let cover = Cover::of(&veil, &wish(96, 144), Turn::Upright, WHOLE).unwrap();
    assert_eq!((cover.at(3), cover.at(48)), (None, None));
    // 192 to 672 across and 540 to 648 down, with two pixels around.
    let place = Rectangle { x: 190, y: 538, w: 488, h: 112 };
    assert_eq!((cover.at(4), cover.at(47)), (Some(place), Some(place)));
    assert_eq!(cover.runs().len(), 1);
    assert!(Cover::of(&veil, &wish(200, 248), Turn::Upright, WHOLE).is_none());
}

#[test]
fn a_veil_over_all_is_the_picture() {
    let veil = veil(0, 10, &[(0, [0, 0, 1000, 1000])]);
    for whole in [WHOLE, (426, 240), (2, 2)] {
        let cover = Cover::of(&veil, &wish(0, 10), Turn::Upright, whole).unwrap();
        assert_eq!(cover.at(5), Some(Rectangle { x: 0, y: 0, w: whole.0, h: whole.1 }));
    }
}

#[test]
fn a_veil_that_moves_has_a_filter_that_knows_where() {
    let veil = veil(0, 3, &[(0, [0, 0, 100, 100]), (2, [100, 0, 100, 100])]);
    let cover = Cover::of(&veil, &wish(0, 48), Turn::Upright, WHOLE).unwrap();
    expect_test::expect![[r#"
        ,split[am0][ac0];[ac0]select='between(n,0,2)',crop=200:112:'st(0,floor(t*24000/1000+0.5));if(lt(ld(0),1),0,if(lt(ld(0),2),94,190))':'st(0,floor(t*24000/1000+0.5));0',scale=3:2:flags=area,format=yuv444p,scale=200:112:flags=area,format=yuv420p[ao0];[am0][ao0]overlay=x='st(0,floor(t*24000/1000+0.5));if(between(ld(0),0,2),if(lt(ld(0),1),0,if(lt(ld(0),2),94,190)),W)':y='st(0,floor(t*24000/1000+0.5));0':format=yuv420:eof_action=pass"#]]
    .assert_eq(&cover.filters("a", (24_000, 1000), &look()));
}

#[test]
fn a_veil_that_only_moves_keeps_its_size() {
    // Rounding makes it a pixel or two wider and narrower all the time.
    let veil = veil(0, 240, &[(0, [3, 7, 331, 217]), (240, [600, 700, 331, 217])]);
    for whole in [WHOLE, (854, 480), (426, 240)] {
        let cover = Cover::of(&veil, &wish(0, 240), Turn::Upright, whole).unwrap();
        assert!(cover.runs().len() <= 2, "{:?}", cover.runs().len());
        assert!(cover.filters("a", (24_000, 1001), &look()).len() < 25_000);
    }
}

#[test]
fn cells_are_few_however_large_the_rectangle() {
    assert_eq!([grid(8, 8), grid(12, 400), grid(488, 112)], [(2, 2), (2, 66), (8, 2)]);
    assert_eq!(grid(3840, 2160), (3, 2));
    assert_eq!(
        blur(3840, 2160, &look()),
        "scale=48:32:flags=area,scale=3:2:flags=area,format=yuv444p,scale=3840:2160:flags=area,format=yuv420p"
    );
}

prop_compose! {
    fn area()(x in 0u16..999, y in 0u16..999)(w in 1..=1000 - x, h in 1..=1000 - y, x in Just(x), y in Just(y))
        -> [u16; 4] { [x, y, w, h] }
}

proptest! {
    #[test]
    fn every_frame_is_covered_with_even_edges_inside_the_picture(
        a in area(), b in area(), frames in 1u32..5000, turn in 0usize..4,
        whole in prop::sample::select(vec![WHOLE, (426, 240), (640, 360), (180, 320), (3840, 2160), (16, 16)]),
    ) {
        let turn = [Turn::Upright, Turn::Clockwise, Turn::UpsideDown, Turn::Anticlockwise][turn];
        let veil = veil(10, 10 + frames, &[(10, a), (10 + frames, b)]);
        let cover = Cover::of(&veil, &wish(4, 20 + frames), turn, whole).unwrap();
        for frame in 10..10 + frames {
            let place = cover.at(frame - 4).unwrap();
            prop_assert!([place.x, place.y, place.w, place.h].iter().all(|n| n % 2 == 0));
            prop_assert!(place.w > 0 && place.x + place.w <= whole.0);
            prop_assert!(place.h > 0 && place.y + place.h <= whole.1);
            // Outward: every edge in thousandths of the picture, multiplied out.
            let area = veil.path.at(frame);
            let [x, y, w, h] = turn.lay_down([area.x(), area.y(), area.w(), area.h()].map(u32::from), 1000);
            prop_assert!(place.x * 1000 <= x * whole.0 && (place.x + place.w) * 1000 >= (x + w) * whole.0);
            prop_assert!(place.y * 1000 <= y * whole.1 && (place.y + place.h) * 1000 >= (y + h) * whole.1);
        }
        prop_assert_eq!(cover.at(5), None);
        prop_assert_eq!(cover.at(6 + frames), None);
        let runs = cover.runs();
        prop_assert!(runs.len() <= MOST_SIZES);
        prop_assert!(runs.iter().map(|run| run.across.len()).sum::<usize>() <= MOST_PLACES + MOST_SIZES);
    }
}
