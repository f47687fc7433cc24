use composition::Card;

use super::*;

fn patch(track: &str, from: u32) -> Need {
    let track = Digest::of(track.as_bytes());
    Need::Patch { track, from, to: from + 48, idr: 0, veils: Vec::new(), signs: Vec::new() }
}

/// Patches that lie apart are tried out, of each rendition as many, and what they cost is that of all.
#[test]
fn a_few_tell_of_all() {
    let all: Vec<Need> = (0..10).flat_map(|n| [patch("a", n * 48), patch("b", n * 48)]).collect();
    let card = Card::plain([("vi".to_string(), "T16".to_string())]);
    let all = [all, vec![Need::Card { track: Digest::of(b"a"), card, units: 72 }]].concat();
    let tried = samples(&all);
    let of = |track: &str| {
        let own = tried.iter().filter(|need| need.track() == Digest::of(track.as_bytes()));
        own.filter_map(|need| if let Need::Patch { from, .. } = need { Some(from / 48) } else { None })
            .collect()
    };
    let (a, b): (Vec<u32>, Vec<u32>) = (of("a"), of("b"));
    assert_eq!((tried.len(), a, b), (5, vec![2, 7], vec![2, 7]));
    let bytes: Vec<u64> = tried
        .iter()
        .map(|need| match need {
            Need::Patch { track, .. } if *track == Digest::of(b"a") => 4800,
            Need::Patch { .. } => 480,
            _ => 7,
        })
        .collect();
    assert_eq!(extrapolated(&all, &tried, &bytes), 10 * 4800 + 10 * 480 + 7);
    assert_eq!(samples(&all[..1]), all[..1]);
    assert_eq!((samples(&[]), extrapolated(&[], &[], &[])), (Vec::new(), 0));
}
