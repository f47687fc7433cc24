//! A label in the pictures, for a player that can show it in no other way: what it costs is told, it is made,
//! given, measured in decoded frames, and given no more once another label holds.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::labels::{open, rate, rules};
use super::{Cinema, KOREA, VIETNAM, cut};

const SIZE: [usize; 2] = [320, 180];

/// A film of six seconds in groups of two.
fn film(cinema: &Cinema) {
    let path = cinema.data().join("film.mp4");
    let graph = format!("testsrc2=size={}x{}:rate=24:duration=6", SIZE[0], SIZE[1]);
    let options = "-c:v libx264 -preset ultrafast -bf 2 -g 48 -keyint_min 48 -sc_threshold 0 -pix_fmt yuv420p -x264-params stitchable=1";
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-f", "lavfi", "-i", &graph, "-f", "lavfi", "-i", "sine=duration=6"]);
    assert!(ffmpeg.args(options.split(' ')).arg(&path).status().expect("ffmpeg runs").success());
    cinema.verb(&["add", "--title", "noise", "--ready", path.to_str().expect("a path")]);
}

/// The luma of some frames of what plays at an address.
fn luma<const N: usize>(cinema: &Cinema, from: &str, address: &str, frames: [usize; N]) -> [Vec<u8>; N] {
    let url = format!("{}{address}", cinema.server.url);
    let wanted = frames.map(|n| format!("eq(n,{n})")).join("+");
    let (header, graph) =
        (format!("x-forwarded-for: {from}\r\n"), format!("select='{wanted}',extractplanes=y"));
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-headers", &header, "-i", &url, "-map", "0:v:0", "-vf", &graph]);
    let done =
        ffmpeg.args(["-fps_mode", "passthrough", "-f", "rawvideo", "-"]).output().expect("ffmpeg runs");
    let picture = SIZE[0] * SIZE[1];
    assert_eq!(done.stdout.len(), N * picture, "{}", String::from_utf8_lossy(&done.stderr));
    let mut pictures = done.stdout.chunks_exact(picture);
    frames.map(|_| pictures.next().expect("a picture").to_vec())
}

/// How far two pictures are apart in a box of `[x, y, w, h]` pixels, on the mean.
fn apart(a: &[u8], b: &[u8], [x, y, w, h]: [usize; 4]) -> usize {
    let at = |n: usize| (y + n / w) * SIZE[0] + x + n % w;
    (0..w * h).map(|n| usize::from(a[at(n)].abs_diff(b[at(n)]))).sum::<usize>() / (w * h)
}

fn hls_of(play: &Value) -> String {
    play["hls"].as_str().expect("an address").to_string()
}

fn ways(play: &Value) -> Vec<&str> {
    play["obligations"].as_array().expect("a list").iter().filter_map(|o| o["way"].as_str()).collect()
}

#[test]
fn a_label_in_the_pictures() {
    let cinema = Cinema::with(&[], |_| Box::pin(async {}));
    film(&cinema);
    for territory in ["VN", "KR"] {
        open(&cinema, territory);
    }
    let window = ["window", "add", "--title", "noise", "--territory", "VN,KR", "--start", "2020-01-01"];
    cinema.verb(&[&window[..], &["--licence", "SVOD", "--may-edit", "on-order"]].concat());
    rate(&cinema, "VN", "T16", "violence,horror");
    rate(&cinema, "KR", "15", "violence");
    cinema.verb(&["classify", "notifications", "--territory", "VN", "--sent-to", "MCST"]);
    // Players that draw nothing; in Vietnam the page on which a viewer chooses has the label.
    let play = |from: &str, device: Value| {
        cinema.play(from, json!({"title": "noise", "device": device, "viewer": {"born": "1980-01-01"}}))
    };
    let page = || json!(["catalogue", "parental-control"]);
    let (status, answer) = play(VIETNAM, page());
    assert_eq!((status, rules(&answer)), (403, vec!["cannot-show"; 3]), "{answer}");
    assert_eq!(rules(&play(KOREA, json!(["parental-control"])).1), ["cannot-show"]);

    // What it costs comes first, and makes nothing.
    let told = cinema.verb(&["classify", "burn", "noise", "--territory", "VN"]);
    assert_eq!(
        (&told["made"], &told["language"], &told["frames"]),
        (&json!(false), &json!("vi"), &json!(216))
    );
    let positive = |name: &str| told[name].as_f64().is_some_and(|number| number > 0.0);
    assert!(["measured", "bytes", "seconds"].into_iter().all(positive), "{told}");
    assert_eq!(play(VIETNAM, page()).0, 403);
    // Three seconds of the first screen are two groups of pictures.
    let ask = || cinema.desk("POST", "/api/v1/ratings/noise/burn", &json!({"territory": "KR", "yes": true}));
    let (status, korean) = std::iter::repeat_with(ask).find(|(status, _)| *status != 202).expect("an end");
    assert_eq!((status, &korean["frames"], &korean["made"]), (200, &json!(96), &json!(true)), "{korean}");
    let (status, unknown) = cinema.desk("POST", "/api/v1/ratings/other/burn", &json!({"territory": "KR"}));
    assert_eq!(status, 404, "{unknown}");
    let made = cinema.verb(&["classify", "burn", "noise", "--territory", "VN", "--yes"]);
    assert_eq!((&made["made"], &made["missing"]), (&json!(true), &json!(0)), "{made}");

    let (status, burnt) = play(VIETNAM, page());
    assert_eq!(status, 200, "{burnt}");
    assert_eq!(ways(&burnt), ["catalogue", "burnt-in", "burnt-in", "burnt-in"]);
    assert_eq!((&burnt["composition"], &burnt["labels"][0]["code"]), (&made["composition"], &json!("T16")));
    assert_eq!(burnt["showings"].as_array().map(Vec::len), Some(1), "the player need not draw the others");
    // Who still lacks what no picture shows is told just that.
    assert_eq!(rules(&play(VIETNAM, json!(["parental-control"])).1), ["cannot-show"]);
    // Who can draw it gets the film itself.
    let whole = cinema.whole("noise");
    let (_, drawn) = play(VIETNAM, json!(["catalogue", "card", "overlay", "parental-control"]));
    assert!(whole.ends_with(drawn["composition"].as_str().expect("a digest")));

    // Measured in frames: the symbol where the pack has it, all along; the warning for three seconds.
    let hls = &hls_of(&burnt);
    let (symbol, warning, right) = ([8, 8, 12, 10], [8, 21, 60, 5], [160, 90, 150, 80]);
    let own = luma(&cinema, VIETNAM, &format!("/vn{whole}/hls.m3u8"), [0, 96, 143]);
    let [card, signed @ ..] = luma(&cinema, VIETNAM, hls, [71, 72, 168, 215]);
    for (n, (own, signed)) in own.iter().zip(&signed as &[Vec<u8>; 3]).enumerate() {
        assert!(apart(own, signed, symbol) > 30, "the symbol in picture {n}");
        assert_eq!(apart(own, signed, warning) > 20, n == 0, "the warning in picture {n}");
        assert!(apart(own, signed, right) < 4, "picture {n}");
    }
    assert!(card[..SIZE[0] * 10].iter().all(|y| *y < 20) && card.iter().any(|y| *y > 180), "the card before");
    let (status, korean) = play(KOREA, json!(["parental-control"]));
    assert_eq!((status, ways(&korean)), (200, vec!["burnt-in"]), "{korean}");
    let [first] = luma(&cinema, KOREA, &hls_of(&korean), [0]);
    // A box of 1.06/20 of the diagonal of 367 pixels: 15 by 13.
    assert!(apart(&own[0], &first, [8, 8, 14, 12]) > 30 && apart(&own[0], &first, right) < 4);

    // What is in the pictures is Vietnam's, and today's.
    let elsewhere = hls.replacen("/vn/", "/kr/", 1);
    assert_eq!(cinema.get(KOREA, &elsewhere).status, 403);
    assert_eq!(cinema.get(VIETNAM, hls).status, 200);
    let again =
        ["classify", "regulator", "noise", "--territory", "VN", "--label", "T18", "--descriptor", "violence"];
    cinema.verb(&[&again[..], &["--authority", "A", "--number", "2", "--date", "2026-01-02"]].concat());
    cinema.verb(&["classify", "notifications", "--territory", "VN", "--sent-to", "MCST"]);
    assert_eq!(rules(&play(VIETNAM, page()).1), ["cannot-show"; 3]);
    assert_eq!(cinema.get(VIETNAM, hls).status, 403);
    assert_eq!(play(KOREA, json!(["parental-control"])).0, 200);
    // The new one takes the place of the old.
    let next = cinema.verb(&["classify", "burn", "noise", "--territory", "VN", "--yes"]);
    assert!(next["freed"].as_u64().is_some_and(|bytes| bytes > 0), "{next}");
    assert_eq!(play(VIETNAM, page()).1["composition"], next["composition"]);
    assert_eq!(cinema.get(VIETNAM, hls).status, 404);
    // An order binds it as it binds the film: what is held back of that is black here too.
    let hls = hls_of(&play(VIETNAM, page()).1);
    cinema.place(&cut("1", &["VN"], 96, 143));
    let [before, held] = luma(&cinema, VIETNAM, &hls, [72 + 60, 72 + 100]);
    assert!(held.iter().all(|y| *y < 18) && before.iter().any(|y| *y > 180));
    assert_eq!(cinema.verb(&["check"])["faults"], json!([]));
    assert!(
        Path::new(cinema.data()).join("scratch").read_dir().map_or(true, |mut left| left.next().is_none())
    );
}
