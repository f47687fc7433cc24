use crate::Timeline;
use crate::film::House;
use media::Seconds;
use num_rational::Ratio;

fn half(n: i64) -> Seconds {
    Ratio::new(n, 2)
}

#[test]
fn positions_map_between_versions() {
    let house = House::new("a 2 IPPPPPPPPP\nb 2 IPPPPPPPPP");
    let find = |t: &str, d| house.find(t, d);
    let line = |c: &crate::Composition| Timeline::new(c, &find).unwrap();
    let whole = line(&house.composition("a[0..10]"));
    let cut = line(&house.cut("a", &[(2, 4), (6, 7)]));
    let carded = line(&house.composition("card:4@a a[0..10]"));
    let other = line(&house.composition("b[0..10]"));
    // Frames 2 and 3 are cut: both map to frame 4, which is the third frame of the cut version.
    let to_cut: Vec<Seconds> = (0..10).map(|n| whole.map(&cut, half(n)).unwrap()).collect();
    assert_eq!(to_cut, [0, 1, 2, 2, 2, 3, 4, 4, 5, 6].map(half));
    assert_eq!(cut.map(&whole, half(2)), Some(half(4)));
    assert_eq!(carded.map(&whole, half(1)), Some(half(0)));
    assert_eq!(whole.map(&carded, half(3)), Some(half(7)));
    assert_eq!(whole.map(&other, half(3)), None);
    assert_eq!(cut.duration, half(7));
    assert_eq!(carded.stretch_at(half(3)).unwrap().shown(), None);
    assert!(carded.stretch_at(half(14)).is_none());
}

#[test]
fn a_range_of_a_version_is_found_in_its_sources() {
    let house = House::new("a 2 IPPPPPPPPP\nb 4 IPPPPPPPPP");
    let find = |t: &str, d| house.find(t, d);
    let check = |composition: &str, from: Seconds, to: Seconds, expect: expect_test::Expect| {
        let line = Timeline::new(&house.composition(composition), &find).unwrap();
        let ranges = line.source_ranges(from, to);
        let text: Vec<String> = ranges.iter().map(|r| format!("{}[{}..{}]", r.title, r.from, r.to)).collect();
        expect.assert_eq(&text.join(" "));
    };
    let quarter = |n: i64| Ratio::new(n, 4);
    check("a[0..10]", half(2), half(4), expect_test::expect!["a[2..4]"]);
    check("a[0..10]", quarter(5), quarter(7), expect_test::expect!["a[2..4]"]);
    check("a[0..10]", half(4), half(4), expect_test::expect![""]);
    check("a[0..10]", half(9), half(40), expect_test::expect!["a[9..10]"]);
    // A card in front and an earlier cut shift what the same times show.
    check("card:4@a a[0..10]", half(2), half(6), expect_test::expect!["a[0..2]"]);
    check("a[0..3] a[6..10]", half(2), half(4), expect_test::expect!["a[2..3] a[6..7]"]);
    check("a[0..3] b[4..8] a[6..10]", half(2), half(6), expect_test::expect!["a[2..3] b[4..8] a[6..7]"]);
}
