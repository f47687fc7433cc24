//! The difficult files of others, where they are at hand: each behaves as its README says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use avails::{Import, Severity, Terms, read};
use policy::avail::{Avail, Dealing, End, Moment, Window};

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/avails");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not here", folder.display());
    None
}

fn import(folder: &Path, file: &str) -> Import {
    let bytes = std::fs::read(folder.join(file)).unwrap();
    let import = read(&bytes, Terms { dealing: Dealing::default(), progress: &mut |_| {} });
    import.unwrap_or_else(|e| panic!("{file}: {e}"))
}

fn errors(import: &Import) -> Vec<String> {
    let errors = import.findings.iter().filter(|f| f.severity == Severity::Error);
    errors.map(|f| format!("{}: {}", f.place, f.says)).collect()
}

#[test]
fn good_files_have_no_errors() {
    let Some(folder) = folder() else { return };
    for (file, lines, avails) in [
        ("Movies_v1.7.2.xlsx", 27, 3),
        ("Movies_v1.7.3.xlsx", 6, 4),
        ("Movies_v1.8.xlsx", 27, 3),
        ("Movies_v1.9.xlsx", 26, 2),
        ("TV_v1.8.xlsx", 38, 21),
        ("Bonus_v1.9.xlsx", 2, 2),
        ("Movies_v1.7.2_Bundle.xlsx", 4, 1),
        ("Avails_noErrors_v2.3_v1.7.3.xlsx", 24, 12),
        ("Avails_noErrors_v2.3_v1.8.xlsx", 24, 12),
        ("TPT-test_v1.9.xlsx", 3, 1),
        ("TPT-test_v1.9_v2.5.xml", 3, 1),
        ("Avails_noErrors_v2.2.1.xml", 24, 12),
        ("Avails_noErrors_v2.3.xml", 24, 12),
        ("Avails_noErrors_v2.4.xml", 24, 12),
        ("Avails_Structure_Tests_v2.3.xml", 3, 1),
        ("CM_base.xml", 0, 0),
    ] {
        let import = import(&folder, file);
        assert_eq!(errors(&import), Vec::<String>::new(), "{file}");
        assert_eq!((import.lines, import.entered.len()), (lines, avails), "{file}");
    }
}

#[test]
fn a_deletion_enters_nothing() {
    let Some(folder) = folder() else { return };
    let import = import(&folder, "Movies_v1.7.2.xlsx");
    assert_eq!(import.removed.iter().map(|id| id.alid.as_str()).collect::<Vec<_>>(), ["FIRSTDANCE_2012_DE"]);
}

#[test]
fn bad_files_are_told_by_line() {
    let Some(folder) = folder() else { return };
    let wrong = import(&folder, "Avails_withErrors.xml");
    expect_test::expect![[r#"
        line 36, Rating: MPAA has no rating "6"; it has G, PG, PG-13, R, NC-17, X, M, GP, NR
        line 140, Rating: FPB has no reason "Sex"; it has D, H, CT, IAT, L, N, P, S, SV, V, B, Photo, CI
        line 52, Territory: "JJ" is not a territory
        line 60, AllowedLanguage: "XYZ" is not a language
        line 91, AssetLanguage: "ENg" is not a language
        line 89, AllowedLanguage: "fr-xx" is not a language"#]]
    .assert_eq(&errors(&wrong).join("\n"));
    assert_eq!((wrong.errors, wrong.warnings - not_eidr(&wrong)), (6, 1));
    let volumes = import(&folder, "Avails_Volume_error_v2.4.xml");
    expect_test::expect![[r#"
        line 401, VolumeFirstEpisodeNumber: episode 3 of md:cid:sofaspud.com:krfs-s01 is in volume md:cid:sofaspud.com:krfs-s01.1 and in md:cid:sofaspud.com:krfs-s01.2
        line 401, VolumeFirstEpisodeNumber: episode 4 of md:cid:sofaspud.com:krfs-s01 is in volume md:cid:sofaspud.com:krfs-s01.1 and in md:cid:sofaspud.com:krfs-s01.2"#]].assert_eq(&errors(&volumes).join("\n"));
    assert_eq!(volumes.errors, 2);
    let metadata = import(&folder, "CM_withErrors.xml");
    expect_test::expect![[r#"
        line 106, country: "XY" is not a territory
        line 111, WorkType: "movie" is not a kind of work
        line 113, Rating: a rating without its system
        line 129, Rating: MPAA has no rating "16"; it has G, PG, PG-13, R, NC-17, X, M, GP, NR
        line 140, country: "USA" is not a territory
        line 146, Rating: FPB has no reason "FOO"; it has D, H, CT, IAT, L, N, P, S, SV, V, B, Photo, CI
        line 146, Rating: FPB has no reason "BAR"; it has D, H, CT, IAT, L, N, P, S, SV, V, B, Photo, CI
        line 213, PrimarySpokenLanguage: "en-USA" is not a language
        line 218, PrimarySpokenLanguage: "sr-Latin-RS" is not a language
        line 249, ExcludedLanguage: "canuk" is not a language
        line 259, audioLanguage: "" is not a language
        line 268, audioLanguage: "english" is not a language"#]]
    .assert_eq(&errors(&metadata).join("\n"));
}

fn not_eidr(import: &Import) -> u32 {
    import.findings.iter().filter(|f| f.says.contains("EIDR")).count() as u32
}

#[test]
fn a_bundle_is_one_avail_of_several_works() {
    let Some(folder) = folder() else { return };
    let import = import(&folder, "Movies_v1.7.2_Bundle.xlsx");
    let [bundle] = &import.entered[..] else { panic!("one avail") };
    assert_eq!(bundle.id.alid, "md:alid:nbcu.com:bndl_10024");
    assert_eq!(bundle.bundle.len(), 4);
    assert_eq!(bundle.windows.len(), 4);
}

/// What twins must have in common: ALID, names of the work, territories, licence, format, start and end.
///
/// Workbooks hold days where the XML may hold times (one start of 1917 is written 23:59:59), so a start is
/// compared by its day.
fn windows(import: &Import) -> BTreeSet<String> {
    let of = |avail: &Avail, window: &Window| {
        let start = match &window.start {
            Moment::Local(local) => local.date().to_string(),
            other => other.to_string(),
        };
        let end = match &window.end {
            End::At(Moment::Local(local)) => local.to_string(),
            other => other.to_string(),
        };
        format!(
            "{} {:?} {:?} {} {} {} {start} {end} {}",
            avail.id,
            avail.names,
            avail.parents,
            window.territories,
            window.licence,
            window.format,
            window.transaction
        )
    };
    import.entered.iter().flat_map(|avail| avail.windows.iter().map(move |w| of(avail, w))).collect()
}

#[test]
fn twins_give_the_same_windows() {
    let Some(folder) = folder() else { return };
    let of = |file| windows(&import(&folder, file));
    let xml = of("Avails_noErrors_v2.3.xml");
    assert_eq!(xml.len(), 24);
    for twin in ["Avails_noErrors_v2.3_v1.8.xlsx", "Avails_noErrors_v2.3_v1.7.3.xlsx"] {
        assert_eq!(xml, of(twin), "{twin}");
    }
    assert_eq!(xml, of("Avails_noErrors_v2.2.1.xml"));
    assert_eq!(xml, of("Avails_noErrors_v2.4.xml"));
    assert_eq!(of("TPT-test_v1.9_v2.5.xml"), of("TPT-test_v1.9.xlsx"));
}

#[test]
fn relative_ends_exclusions_and_languages() {
    let Some(folder) = folder() else { return };
    let import = import(&folder, "Movies_v1.7.3.xlsx");
    let lines: Vec<String> = import
        .entered
        .iter()
        .flat_map(|a| a.windows.iter().map(move |w| (a, w)))
        .map(|(a, w)| {
            let until = w.latest_end.as_ref().map_or(String::new(), |m| format!(" by {m}"));
            let allowed: Vec<String> =
                w.languages.allowed.iter().map(|s| format!("{}:{:?}", s.language, s.heard)).collect();
            format!(
                "{} | {} | {} to {}{until} | {} | {:?} | {}",
                a.id.alid, w.territories, w.start, w.end, w.exclusive, allowed, w.place
            )
        })
        .collect();
    expect_test::expect![[r#"
        SPACE-F-E1_2018 | the world except CA, US | 2018-01-20T00:00:00 to +P180D by 2019-06-21T00:00:00 | false | ["es:SubtitleAndDub", "fr:SubtitleAndDub"] | sheet Movies, row 4
        SPACE-F-E2_2018 | the world except US | Theatrical-PT43200S to Broadcast-P5DT36000S | false | [] | sheet Movies, row 5
        FIRSTDANCE_2012 | CA | 2013-04-14T00:00:00 to ESTStart | false | [] | sheet Movies, row 8
        FIRSTDANCE_2012 | CA | 2013-04-14T00:00:00 to ESTStart | false | [] | sheet Movies, row 9
        VIEW_MT_2006 | US | 2013-06-14T00:00:00 to open | true | [] | sheet Movies, row 6
        VIEW_MT_2006 | US | 2013-06-14T00:00:00 to open | false | [] | sheet Movies, row 7"#]].assert_eq(&lines.join("\n"));
}
