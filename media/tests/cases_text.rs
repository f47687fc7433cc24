//! Timed text of other projects, each file as `shared/cases/README.md` says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use media::Seconds;
use media::text::{Cue, read_ttml, read_vtt};
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/timedtext");

/// The files of a folder with an extension, by their path inside it. Empty, with a line that says
/// so, where the cases are not at hand.
fn cases(folder: &str, extension: &str) -> BTreeMap<String, PathBuf> {
    let root = Path::new(ROOT).join(folder);
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, path);
            }
        }
    }
    if found.is_empty() {
        println!("skipped: there are no cases in {}", root.display());
    }
    found
}

/// Where the current standard (W3C WebVTT, 2019-04 and after) decides otherwise than the parser
/// that the expectations were made with, what it decides, one line a cue.
fn by_the_standard(name: &str) -> Option<&'static str> {
    Some(match name {
        // §6.3: an unknown alignment voids the whole setting; `end` is no position alignment.
        "cue-settings/position/bad-position-align.vtt" | "cue-settings/position/position-end-align.vtt" => {
            "0 2 [] [] Text"
        }
        // §6.3, "collect a WebVTT timestamp": three digits can only be hours.
        "cue-times/min-top-digits.vtt" => "",
        // §6.1: an arrow ends the header, and the line is read again as the first of a block.
        "file-layout/header-no-new-line.vtt" => "11 13 [] [] Test",
        // §6.1: a block whose first arrow is unreadable ends before the second, which begins a cue.
        "integration/id.vtt" => {
            "1 2 [1] [] This\n2 3 [Random] [] Is\n3 4 [12*AS& Over ...] [] A\n4 5 [] [] Test\n\
             6 7 [ja88120 aa] [] And stuff?"
        }
        // §6.2: regions are blocks now; a header line defines none, and a cue cannot name it.
        "integration/regions.vtt" => {
            "0 20 [] [align:left] Hi, my name is Fred\n\
             5/2 45/2 [] [align:right] Hi, I'm Bill\n\
             5 25 [] [align:left] Would you like to get a coffee?\n\
             15/2 55/2 [] [align:right] Sure! I've only had one today.\n\
             10 30 [] [align:left] This is my fourth!\n\
             25/2 65/2 [] [align:left] OK, let's go."
        }
        _ => return None,
    })
}

fn shown(cues: &[Cue]) -> String {
    let line = |cue: &Cue| {
        let Cue { start, end, id, settings, payload } = cue;
        format!("{start} {end} [{id}] [{settings}] {payload}")
    };
    cues.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The cues of an `expected.json`, in the same form.
fn expected(path: &Path) -> String {
    let text = std::fs::read_to_string(path.with_extension("expected.json")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let cues: Vec<Cue> = json["cues"].as_array().unwrap().iter().map(expected_cue).collect();
    shown(&cues)
}

fn expected_cue(json: &Value) -> Cue {
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    let seconds = |name: &str| Seconds::new((json[name].as_f64().unwrap() * 1000.0).round() as i64, 1000);
    let mut settings = Vec::new();
    if json["vertical"] != "" {
        settings.push(format!("vertical:{}", text("vertical")));
    }
    if json["line"] != "auto" {
        let percent = if json["snapToLines"] == true { "" } else { "%" };
        let end = if json["lineAlign"] == "end" { ",end" } else { "" };
        settings.push(format!("line:{}{percent}{end}", json["line"]));
    }
    if json["position"] != "auto" {
        settings.push(format!("position:{}%", json["position"]));
    }
    if json["size"] != 100 {
        settings.push(format!("size:{}%", json["size"]));
    }
    // `middle` is the old name of `center`, the default.
    if json["align"] != "middle" {
        settings.push(format!("align:{}", text("align")));
    }
    let (start, end) = (seconds("startTime"), seconds("endTime"));
    Cue { start, end, id: text("id"), settings: settings.join(" "), payload: text("text") }
}

#[test]
fn webvtt_as_the_standard_says() {
    for (name, path) in cases("webvtt", "vtt") {
        // What is no WebVTT shows nothing.
        let cues = read_vtt(&std::fs::read(&path).unwrap()).unwrap_or_default();
        let expected = by_the_standard(&name).map_or_else(|| expected(&path), str::to_owned);
        assert_eq!(shown(&cues), expected, "{name}");
    }
}

/// What is seen of each document. Its changes fall on the starts that the README lists, though not
/// every listed start is a change of what Phim keeps; the crate's own tests compare all of them.
#[test]
fn imsc_text() {
    let mut all = String::new();
    for (name, path) in cases("imsc", "ttml") {
        let cues = read_ttml(&std::fs::read(&path).unwrap()).unwrap();
        all += &format!("{name}\n{}\n\n", shown(&cues));
    }
    if !all.is_empty() {
        expect_test::expect![[r#"
            Animation001.ttml
            0 10 [] [] This background of this sentence should change from red to blue at 5s

            BasicTimeContainment001.ttml
            0 5 [] [] This first sentence persists for 5 seconds. This second sentence persists for 10 seconds
            5 10 [] [] This second sentence persists for 10 seconds

            BasicTimeContainment003.ttml
            5 10 [] [] This first sentence begins at 5 seconds and persists for 5 seconds.

            BasicTiming001.ttml
            10 20 [] [] This text must appear at 10 seconds
            and be remain visible to 20 seconds.

            BasicTiming003.ttml
            10 20 [] [] This text must appear at 10 seconds
            and remain visible to 20 seconds

            BasicTiming005.ttml
            1 15 [] [line:0 align:start] This text must start to appear at 1 seconds
            and fade in to 10 seconds then fade out to 15 seconds

            BasicTiming007.ttml
            5 15 [] [] This text should appear at 5 seconds and stay till 15 seconds

            BasicTiming008.ttml
            1 2 [] [] This text must appear at 1 seconds and disappear at 15 seconds
            2 3 [] [] This text must appear at 2 seconds and disappear at 15 seconds
            This text must appear at 1 seconds and disappear at 15 seconds
            3 4 [] [] This text must appear at 3 seconds and disappear at 15 seconds
            This text must appear at 2 seconds and disappear at 15 seconds
            This text must appear at 1 seconds and disappear at 15 seconds
            4 5 [] [] This text must appear at 4 seconds and disappear at 15 seconds
            This text must appear at 3 seconds and disappear at 15 seconds
            This text must appear at 2 seconds and disappear at 15 seconds
            This text must appear at 1 seconds and disappear at 15 seconds
            5 6 [] [] This text must appear at 5 seconds and disappear at 15 seconds
            This text must appear at 4 seconds and disappear at 15 seconds
            This text must appear at 3 seconds and disappear at 15 seconds
            This text must appear at 2 seconds and disappear at 15 seconds
            This text must appear at 1 seconds and disappear at 15 seconds
            6 15 [] [] This text must appear at 6 seconds and disappear at 15 seconds
            This text must appear at 5 seconds and disappear at 15 seconds
            This text must appear at 4 seconds and disappear at 15 seconds
            This text must appear at 3 seconds and disappear at 15 seconds
            This text must appear at 2 seconds and disappear at 15 seconds
            This text must appear at 1 seconds and disappear at 15 seconds

            BasicTiming010.ttml
            10 122/5 [] [] This text must appear at 10 seconds and disappear at 24.4 seconds
            25 35 [] [] This text must appear at 25 seconds and disappear at 35 seconds

            BeginDur001.ttml
            0 6 [] [] This test is going to display a message
            every other second.
            6 7 [] [] From 6s to 7s,
            8 9 [] [] from 8s to 9s,
            10 11 [] [] from 10s to 11s,
            12 13 [] [] from 12s to 13s,
            14 15 [] [] from 14s to 15s,
            16 17 [] [] from 16s to 17s,
            18 19 [] [] and, from 18s to 19s.
            20 25 [] [] This test is over.

            BeginEnd001.ttml
            0 6 [] [] This test is going to display a message
            every other second.
            6 7 [] [] From 6s to 7s,
            8 9 [] [] from 8s to 9s,
            10 11 [] [] from 10s to 11s,
            12 13 [] [] from 12s to 13s,
            14 15 [] [] from 14s to 15s,
            16 17 [] [] from 16s to 17s,
            18 19 [] [] and, from 18s to 19s.
            20 25 [] [] This test is over.

            BeginEnd003.ttml
            0 6 [] [] This test is going to display a message
            every other second.
            6 7 [] [] From 6s to 7s,
            8 9 [] [] from 8s to 9s,
            10 11 [] [] from 10s to 11s,
            12 13 [] [] from 12s to 13s,
            14 15 [] [] from 14s to 15s,
            16 17 [] [] from 16s to 17s,
            18 19 [] [] and, from 18s to 19s.
            20 25 [] [] This test is over.

            Br001.ttml
            0 10 [] [] This text must be on the first line.
            This text on a second line.

            Foreign001.ttml
            0 5 [] [] This text must be visible.

            MediaParTiming001.ttml
            5 15 [] [] This text must appear at 5 seconds
            and be remain visible to 15 seconds,
            10 20 [] [] This text must appear at 10 seconds
            and be remain visible to 20 seconds,

            MediaSeqTiming001.ttml
            5 10 [] [] This text must appear at 5 seconds
            and be remain visible to 10 seconds,
            15 20 [] [] This text must appear at 15 seconds
            and be remain visible to 20 seconds,

            MediaSeqTiming003.ttml
            25 30 [] [] This text must appear at 25 seconds
            and be remain visible to 30 seconds.
            35 40 [] [] This text must appear at 35 seconds
            and be remain visible to 40 seconds.

            MediaSeqTiming005.ttml
            5 10 [] [] This text must appear at 5 seconds
            and be remain visible to 10 seconds,
            15 20 [] [] This text must appear at 15 seconds
            and be remain visible to 20 seconds,
            25 30 [] [] This text must appear at 25 seconds
            and be remain visible to 30 seconds.

            TimeExpressions001.ttml
            0 6/5 [] [] 1.2s = 1.2s
            6/5 366/5 [] [] 1.2m = 72s
            366/5 21966/5 [] [] 1.2h = 4320s
            21966/5 4394201/1000 [] [] 24f = 1.001s
            4394201/1000 4396201/1000 [] [] 120t = 2s
            4396201/1000 8119201/1000 [] [] 01:02:03 = 3723s
            8119201/1000 2960609/250 [] [] 01:02:03.235 = 3723.235s
            2960609/250 15565671/1000 [] [] 01:02:03.2350 = 3723.235s
            15565671/1000 115737031/6000 [] [] 01:02:03:20 = 3723.83416667s
            115737031/6000 2275737631/6000 [] [] 100:00:00.1 = 360000.1s
            2275737631/6000 4435737631/6000 [] [] 100:00:00:00 = 360000s

            forcedDisplay1.ttml
            1 9 [] [line:20%,center size:60%] Hidden if displayForcedOnlyMode is true.
            1 9 [] [line:80%,center size:60%] <c.forced>This text should be displayed in all circumstances.</c>

            ruby001.ttml
            0 1 [] [line:50%,center size:40%] <ruby>利用許諾<rt>ライセンス</rt></ruby>

        "#]]
        .assert_eq(&all);
    }
}
