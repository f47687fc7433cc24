//! Which sizes a ladder has.

/// One rendition to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rung {
    /// Pixels, even.
    pub width: u32,
    pub height: u32,
    /// Constant quality of x264.
    pub crf: u8,
    /// Bits a second at most, up to thirty frames a second.
    pub peak: u32,
}

/// A rung is a box of 16:9 that the picture fits into, lying or standing: its lower side, its quality
/// and its peak, and the boxes that stand below it in a ladder.
struct Step {
    lines: u32,
    crf: u8,
    peak: u32,
    below: &'static [u32],
}

const STEPS: [Step; 7] = [
    Step { lines: 240, crf: 21, peak: 500_000, below: &[] },
    Step { lines: 360, crf: 21, peak: 900_000, below: &[240] },
    Step { lines: 480, crf: 21, peak: 1_600_000, below: &[360, 240] },
    Step { lines: 720, crf: 22, peak: 3_200_000, below: &[480, 360, 240] },
    Step { lines: 1080, crf: 22, peak: 6_000_000, below: &[720, 480, 360] },
    Step { lines: 1440, crf: 23, peak: 10_000_000, below: &[1080, 720, 360] },
    Step { lines: 2160, crf: 23, peak: 18_000_000, below: &[1080, 720, 360] },
];

/// The least side of a rendition, in pixels.
const LEAST: u32 = 16;

/// The rungs for a picture that is shown at `width` by `height`, highest first: never larger than
/// the picture, the first as large as it is (up to 2160 lines).
pub(super) fn rungs((width, height): (u32, u32)) -> Vec<Rung> {
    let (long, short) = (width.max(height), width.min(height));
    let holds = |b: &&Step| short <= b.lines && long * 9 <= b.lines * 16;
    let top = STEPS.iter().find(holds).unwrap_or(&STEPS[STEPS.len() - 1]);
    let below = top.below.iter().filter_map(|lines| STEPS.iter().find(|b| b.lines == *lines));
    let mut rungs: Vec<Rung> = Vec::new();
    for b in std::iter::once(top).chain(below) {
        let (wide, high) = fit(width, height, b.lines);
        // Two rungs of nearly one size would be a choice without a difference.
        let apart = rungs.last().is_none_or(|last| wide.max(high) * 10 <= last.width.max(last.height) * 9);
        if apart && wide.min(high) >= LEAST {
            rungs.push(Rung { width: wide, height: high, crf: b.crf, peak: b.peak });
        }
    }
    rungs
}

/// The picture made small enough for a box, sides rounded to even.
fn fit(width: u32, height: u32, lines: u32) -> (u32, u32) {
    let (long, short) = (width.max(height) as u64, width.min(height) as u64);
    // The factor is the least of 1, lines * 16/9 / long, lines / short, as a fraction.
    let by_long = (lines as u64 * 16, long * 9);
    let by_short = (lines as u64, short);
    let least = if by_long.0 * by_short.1 < by_short.0 * by_long.1 { by_long } else { by_short };
    let (n, d) = if least.0 < least.1 { least } else { (1, 1) };
    let even = |side: u32| (((side as u64 * n + d) / (2 * d)) * 2).max(2) as u32;
    (even(width), even(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(width: u32, height: u32) -> String {
        rungs((width, height))
            .iter()
            .map(|r| format!("{}x{}", r.width, r.height))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn ladders() {
        assert_eq!(sizes(1920, 1080), "1920x1080 1280x720 854x480 640x360");
        assert_eq!(sizes(3840, 2160), "3840x2160 1920x1080 1280x720 640x360");
        assert_eq!(sizes(4096, 1716), "3840x1608 1920x804 1280x536 640x268");
        assert_eq!(sizes(1280, 720), "1280x720 854x480 640x360 426x240");
        assert_eq!(sizes(1920, 804), "1920x804 1280x536 854x358 640x268");
        assert_eq!(sizes(1080, 1920), "1080x1920 720x1280 480x854 360x640");
        assert_eq!(sizes(1300, 720), "1300x720 854x472 640x354");
        assert_eq!(sizes(853, 479), "854x480 640x360 426x240");
        assert_eq!(sizes(180, 320), "180x320");
        assert_eq!(sizes(8, 8), "");
    }

    #[test]
    fn no_rung_is_larger_than_the_picture_and_all_are_even() {
        for width in (16..4200).step_by(37) {
            for height in (16..2300).step_by(41) {
                for rung in rungs((width, height)) {
                    assert!(
                        rung.width <= width + 1 && rung.height <= height + 1,
                        "{width}x{height} {rung:?}"
                    );
                    assert!(rung.width % 2 == 0 && rung.height % 2 == 0);
                }
            }
        }
    }
}
