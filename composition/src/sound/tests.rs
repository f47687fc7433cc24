use media::Seconds;
use proptest::prelude::*;

use super::*;
use crate::edit::{Edit, evaluate, evaluate_bound};
use crate::film::House;
use crate::layout::Layout;

#[test]
fn a_sample_is_touched_when_its_window_is() {
    // 2 frames a second, priming of one sample: frame n starts 24,000 ticks after frame n - 1, and
    // sample m's window is 1024 (m - 1) to 1024 (m + 1).
    let house = House::new("a 2 IPPPPPPPPP");
    let source = house.source("a");
    let samples =
        |from, to| touched(&source.sounds[0], &source, &Ranges::new([(from, to)])).iter().collect::<Vec<_>>();
    // Frame 2 is ticks 48,000 to 72,000: sample 46 ends at 48,128 and 71 starts at 71,680.
    assert_eq!(samples(2, 3), [(46, 72)]);
    assert_eq!(samples(0, 1), [(0, 25)]);
    assert_eq!(samples(19, 20), []);
    // An end at the very start of a window does not touch it: 128 frames are 1,500 windows.
    let whole = House::new(&format!("a 24 {}", "IPPPPPPP ".repeat(40)));
    let source = whole.source("a");
    let samples = touched(&source.sounds[0], &source, &Ranges::new([(64, 128)]));
    assert_eq!(samples.iter().collect::<Vec<_>>(), [(125, 251)]);
}

#[test]
fn a_mute_is_silent_and_keeps_the_length() {
    let house = House::new("a 2 IPPPPPPPPP");
    let source = house.source("a").digest;
    let base = house.composition("a[0..10]");
    let show = |edits: &[Edit]| {
        let layout = house.layout(&evaluate(&base, edits).unwrap());
        let one = |p: &Piece| {
            if p.repeated {
                format!("{}:silence*{}", p.at, p.count)
            } else {
                format!("{}:[{}..{}]", p.at, p.first, p.first + p.count)
            }
        };
        let lane = &layout.parts[0].audio[0];
        (lane.end, lane.pieces.iter().map(one).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(
        show(&[Edit::Mute { source, from: 2, to: 3 }]),
        (236, "0:[0..46] 46:silence*26 72:[72..236]".into())
    );
    // An order's cut: only the samples at the seam are touched. Sample 46 carries ticks of the frames that
    // are gone, and so does the one that plays first behind the seam.
    let cut = Edit::Cut { source, from: 2, to: 3 };
    assert_eq!(show(std::slice::from_ref(&cut)), (212, "0:[0..48] 48:[71..235]".into()));
    let mute = Edit::Mute { source, from: 2, to: 3 };
    let both = [cut.clone(), mute];
    assert_eq!(show(&both), (212, "0:[0..46] 46:silence*2 48:silence*1 49:[72..235]".into()));
    assert_eq!(evaluate_bound(&base, &[cut]).unwrap(), evaluate(&base, &both).unwrap());
}

proptest! {
    /// No sample that plays has a window over muted frames, and silence stands only where one would have.
    #[test]
    fn nothing_of_a_mute_is_heard(
        rate in prop::sample::select(&["24000/1001", "25", "60000/1001", "240"][..]),
        cuts in prop::collection::vec((0u32..200, 1u32..40), 0..4),
        mutes in prop::collection::vec((0u32..200, 1u32..40), 1..4),
        offset in -3000i64..3000,
    ) {
        let mut house = House::new(&format!("a {rate} {}", "IbBbPPPPPP ".repeat(20)));
        let mut source = (*house.source("a")).clone();
        source.sounds[0].offset = Ratio::new(offset, 48000);
        house.sources.insert("a".into(), std::sync::Arc::new(source.clone()));
        let (digest, sound) = (source.digest, &source.sounds[0]);
        let cut = cuts.iter().map(|(f, n)| Edit::Cut { source: digest, from: *f, to: f + n });
        let plain = evaluate(&house.composition("a[0..200]"), &cut.clone().collect::<Vec<_>>());
        let mute = mutes.iter().map(|(f, n)| Edit::Mute { source: digest, from: *f, to: f + n });
        let muted = evaluate(&house.composition("a[0..200]"), &cut.chain(mute).collect::<Vec<_>>());
        let (Ok(plain), Ok(muted)) = (plain, muted) else { return Ok(()) };
        // What each output sample plays: a sample of the track, or none.
        let plays = |layout: &Layout| -> Vec<Option<u32>> {
            let pieces = layout.parts[0].audio[0].pieces.iter();
            pieces.flat_map(|p| (0..p.count).map(move |n| (!p.repeated).then_some(p.first + n))).collect()
        };
        let (before, after) = (plays(&house.layout(&plain)), plays(&house.layout(&muted)));
        prop_assert_eq!(before.len(), after.len());
        let carries = |m: u32| {
            let start: Seconds = sound.offset + Ratio::new((i64::from(m) - 1) * 1024, 48000);
            let end = start + Ratio::new(2048, 48000);
            mutes.iter().any(|(f, n)| start < source.seconds(f + n) && source.seconds(*f) < end)
        };
        for (before, after) in before.iter().zip(&after) {
            prop_assert_eq!(*after, before.filter(|m| !carries(*m)));
        }
    }
}
