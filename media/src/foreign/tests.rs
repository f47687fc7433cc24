pub mod forge;

use std::time::Instant;

use expect_test::{Expect, expect};

use self::forge::{Forge, atom, full, picture, table, video_entry, words};
use super::{Movie, Sample, intake, read};
use crate::error::Kind;
use crate::time::Seconds;

/// One group of pictures: an IDR picture and `rest` others.
fn group(id: u32, rest: usize) -> Vec<Vec<u8>> {
    let mut samples = vec![picture(Some(id))];
    samples.resize(1 + rest, picture(None));
    samples
}

fn movie(forge: &Forge) -> Movie {
    read(&forge.file()).expect("the forged file is read")
}

fn samples(forge: &Forge) -> Vec<Sample> {
    movie(forge).tracks[0].samples().collect()
}

fn take(forge: &Forge) -> crate::error::Result<super::Intake> {
    let file = forge.file();
    intake(&read(&file)?, 0, &file)
}

#[track_caller]
fn refused(forge: &Forge, why: Expect) {
    why.assert_eq(&take(forge).expect_err("the file is refused").to_string());
}

#[track_caller]
fn unreadable(file: &[u8], why: Expect) {
    let began = Instant::now();
    why.assert_eq(&read(file).expect_err("the file is refused").to_string());
    assert!(began.elapsed().as_secs() < 2, "a small file must not cause much work");
}

#[test]
fn a_plain_film_is_taken_in() {
    let forge = Forge::video([group(0, 2), group(1, 1)].concat());
    let got = take(&forge).expect("taken in");
    assert_eq!((got.track.timescale, got.track.unit_ticks), (25000, 1000));
    assert_eq!(got.track.codec_string, "avc1.64000c");
    assert_eq!((got.track.width, got.track.height), (320, 180));
    let shape: Vec<_> = got.blocks.iter().map(|(samples, id)| (samples.len(), *id)).collect();
    assert_eq!(shape, [(3, 0), (2, 1)], "sync samples are found in the pictures although there is no stss");
    assert_eq!(got.pieces, [(24, forge.samples.concat().len() as u64)]);
    assert_eq!((got.start, got.hidden, got.shown), (Seconds::new(0, 1), 0, 5));
    assert_eq!(got.language, "eng");
    assert_eq!(got.track.sample_entry, forge.entries[0]);
}

#[test]
fn reordered_pictures_and_negative_offsets() {
    let mut forge = Forge::video(group(0, 3));
    // Decoded I P B B, shown I B B P.
    forge.ctts = Some(full(b"ctts", 1, 0, &[&table(3, &[1, 0, 1, 1024, 2, -512i32 as u32])]));
    let got = take(&forge).expect("taken in");
    let shifts: Vec<_> = got.blocks[0].0.iter().map(|s| s.shift).collect();
    assert_eq!(shifts, [0, 2, -1, -1]);
    assert_eq!(got.track.reorder, 1);
    // The same in the unsigned fields of version 0, as some writers have it.
    forge.ctts = Some(full(b"ctts", 0, 0, &[&table(3, &[1, 0, 1, 1024, 2, -512i32 as u32])]));
    assert_eq!(take(&forge).expect("taken in"), got);
}

#[test]
fn every_form_of_the_tables_gives_the_same_samples() {
    let forge = Forge::video(group(0, 3));
    let plain = samples(&forge);
    let ends = |n: usize| forge.samples[..n].concat().len() as u32;
    let mut chunked = Forge::video(group(0, 3));
    chunked.stsc = full(b"stsc", 0, 0, &[&table(2, &[1, 1, 1, 2, 2, 1])]);
    chunked.chunks = Some(full(b"co64", 0, 0, &[&table(3, &[0, 24, 0, 24 + ends(1), 0, 24 + ends(3)])]));
    assert_eq!(samples(&chunked), plain);
    let sizes: Vec<u8> = forge.samples.iter().map(|s| s.len() as u8).collect();
    let mut compact = Forge::video(group(0, 3));
    compact.sizes = Some(full(b"stz2", 0, 0, &[&words(&[8, 4]), &sizes]));
    assert_eq!(samples(&compact), plain);
    let halves: Vec<u8> = sizes.chunks(2).map(|s| s[0] << 4 | s[1]).collect();
    compact.sizes = Some(full(b"stz2", 0, 0, &[&words(&[4, 4]), &halves]));
    assert_eq!(samples(&compact), plain);
    let wide: Vec<u8> = sizes.iter().flat_map(|s| [0, *s]).collect();
    compact.sizes = Some(full(b"stz2", 0, 0, &[&words(&[16, 4]), &wide]));
    assert_eq!(samples(&compact), plain);
}

#[test]
fn fragments_continue_what_the_movie_box_began() {
    let mut forge = Forge::video(group(0, 1));
    let trex = full(b"trex", 0, 0, &[&words(&[1, 1, 512, 7, 0x10000])]);
    forge.moov = atom(b"mvex", &[&trex]);
    // Two runs: the first with its own sizes and first flags, the second all by default.
    let run = |data: u32| full(b"trun", 0, 0x205, &[&words(&[2, data, 0, 20, 30])]);
    let rest = full(b"trun", 0, 0, &[&words(&[3])]);
    let moof = |data| {
        let traf = atom(b"traf", &[&full(b"tfhd", 0, 0x20000, &[&words(&[1])]), &run(data), &rest]);
        atom(b"moof", &[&full(b"mfhd", 0, 0, &[&words(&[1])]), &traf])
    };
    let data = moof(0).len() as u32 + 8;
    forge.tail = [moof(data), atom(b"mdat", &[&[0; 71]])].concat();
    let file_len = forge.file().len() as u64;
    let all = samples(&forge);
    let seen: Vec<_> = all.iter().map(|s| (s.decode, s.size, s.sync)).collect();
    let sizes = [forge.samples[0].len() as u32, forge.samples[1].len() as u32];
    let expected = [
        (0, sizes[0], true),
        (512, sizes[1], true),
        (1024, 20, true),
        (1536, 30, false),
        (2048, 7, false),
        (2560, 7, false),
        (3072, 7, false),
    ];
    assert_eq!(seen, expected);
    assert_eq!(all[6].offset + 7, file_len, "the last sample ends with the file");
}

#[test]
fn edit_lists_hide_frames_and_shift_times() {
    let five = || Forge::video(group(0, 4));
    let got = take(&five().edits(&[(2000, -1), (120, 1024)])).expect("taken in");
    assert_eq!((got.start, got.hidden, got.shown), (Seconds::new(2, 1), 2, 3));
    // Less than half of frame 2 is cut: it is presented, 10 ms early.
    let got = take(&five().edits(&[(0, 1024 + 128)])).expect("taken in");
    assert_eq!((got.start, got.hidden, got.shown), (Seconds::new(-1, 100), 2, 3));
    // 79 ms are two frames of 40 ms, rounded by the writer.
    let got = take(&five().edits(&[(79, 0)])).expect("taken in");
    assert_eq!((got.hidden, got.shown), (0, 2));
    refused(
        &five().edits(&[(40, 0), (40, 1024)]),
        expect![
            "track 1 (avc1): an edit list with more than one stretch of media (track of vide). Add the film as a single file, so that Phim encodes its own ladder, or rewrite the file without its edit list"
        ],
    );
    refused(
        &five().edits(&[(40, 90000)]),
        expect![
            "track 1 (avc1): the edit list presents no frame. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
}

#[test]
fn priming_is_what_the_edit_list_hides() {
    let got = take(&Forge::audio(&[1024; 4]).edits(&[(64, 1024)])).expect("taken in");
    assert_eq!((got.track.priming, got.start, got.shown), (1024, Seconds::new(0, 1), 4));
    assert_eq!((got.track.timescale, got.track.unit_ticks), (48000, 1024));
    assert_eq!((got.track.channels, got.track.sample_rate), (2, 48000));
    // The writer shortens the last packet, and the edit ends before the one after.
    let got = take(&Forge::audio(&[1024, 1024, 1024, 300]).edits(&[(42, 0)])).expect("taken in");
    assert_eq!(got.shown, 2);
    // A first packet stretched to begin at zero stands where the second one says.
    let got = take(&Forge::audio(&[4004, 1024, 1024])).expect("taken in");
    assert_eq!((got.track.priming, got.start), (0, Seconds::new(2980, 48000)));
    refused(
        &Forge::audio(&[1024, 1024, 2048, 1024, 1024]),
        expect![
            "track 1 (mp4a): the sound has a gap or an overlap: packet 3 stands at 85.333 ms, but the packets before it end at 64.000 ms. Add the film as a single file, so that Phim encodes its own ladder"
        ],
    );
}

#[test]
fn sound_on_a_clock_of_milliseconds_gets_its_own() {
    let mut forge = Forge::audio(&[21, 22, 21, 21, 22, 21, 21]).edits(&[(0, 21)]);
    forge.timescale = 1000;
    let got = take(&forge).expect("taken in");
    assert_eq!((got.track.timescale, got.track.unit_ticks, got.track.priming), (48000, 1024, 1008));
}

#[test]
fn high_efficiency_packets_are_twice_as_long() {
    // AAC LC at 24 kHz under SBR: 1,024 periods of the core, 2,048 of what is heard.
    let mut forge = Forge::audio(&[2048; 3]);
    forge.entries = vec![forge::audio_entry(&[0x2b, 0x11, 0x88, 0])];
    let got = take(&forge).expect("taken in");
    assert_eq!((got.track.timescale, got.track.unit_ticks, got.track.sample_rate), (48000, 2048, 48000));
    assert_eq!(got.track.codec_string, "mp4a.40.5");
    forge.timescale = 24000;
    forge.stts = full(b"stts", 0, 0, &[&table(1, &[3, 1024])]);
    let got = take(&forge).expect("taken in");
    assert_eq!((got.track.timescale, got.track.unit_ticks), (24000, 1024));
}

#[test]
fn what_cannot_be_stored_is_refused_by_name() {
    let mut uneven = Forge::video(group(0, 4));
    uneven.stts = full(b"stts", 0, 0, &[&table(3, &[2, 512, 1, 768, 2, 512])]);
    refused(
        &uneven,
        expect![
            "track 1 (avc1): the frame rate varies: frame 3, at 140.000 ms, is shown 60.000 ms after the one before it, but frame 1 40.000 ms. Add the film as a single file, so that Phim encodes its own ladder"
        ],
    );
    let mut marked = Forge::video(group(0, 3));
    marked.stss = Some(full(b"stss", 0, 0, &[&table(2, &[1, 3])]));
    refused(
        &marked,
        expect![
            "track 1 (avc1): frame 2 is marked as a sync sample, but decoding cannot start there: the group of pictures is open. Encode with closed groups of pictures (x264: `open-gop=0`, which is its default), or add the film as a single file, so that Phim encodes its own ladder"
        ],
    );
    refused(
        &Forge::video(vec![picture(None), picture(Some(0))]),
        expect![
            "track 1 (avc1): the track begins with frame 0, where decoding cannot start. Add the film as a single file, so that Phim encodes its own ladder"
        ],
    );
    let mut open = Forge::video([group(0, 1), group(1, 2)].concat());
    open.ctts = Some(full(b"ctts", 0, 0, &[&table(4, &[2, 512, 1, 1024, 1, 0, 1, 512])]));
    refused(
        &open,
        expect![
            "track 1 (avc1): frames that follow sync frame 3 are shown before it (1 leading pictures): the group of pictures is open. Encode with closed groups of pictures (x264: `open-gop=0`, which is its default), or add the film as a single file, so that Phim encodes its own ladder"
        ],
    );
    let mut short = Forge::video(group(0, 1));
    let mut avcc = forge::hex(forge::AVCC);
    avcc[4] = 0xfd;
    short.entries = vec![video_entry(b"avc1", &[&atom(b"avcC", &[&avcc])])];
    refused(
        &short,
        expect![
            "track 1 (avc1): NAL units behind lengths of 2 bytes; Phim stores lengths of four. Add the film as a single file, so that Phim encodes its own ladder"
        ],
    );
    let mut lying = Forge::video(group(0, 1));
    lying.samples[1][3] += 1;
    refused(
        &lying,
        expect![
            "track 1 (avc1): frame 1 (sample 1): the NAL unit at byte 0 of the sample runs past its 8 bytes. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    let mut two = Forge::video(group(0, 1));
    two.entries.push(video_entry(
        b"avc1",
        &[&atom(b"avcC", &[&forge::hex(forge::AVCC)]), &atom(b"pasp", &[&words(&[4, 3])])],
    ));
    two.stsc = full(b"stsc", 0, 0, &[&table(2, &[1, 1, 1, 2, 1, 2])]);
    two.chunks = Some(full(b"stco", 0, 0, &[&table(2, &[24, 24 + two.samples[0].len() as u32])]));
    refused(
        &two,
        expect![
            "track 1 (avc1): the coding changes at sample 1: it uses another sample entry. Add the film as a single file, so that Phim encodes its own ladder"
        ],
    );
    let mut other = Forge::video(group(0, 1));
    other.entries = vec![video_entry(b"vp09", &[])];
    refused(
        &other,
        expect![
            "track 1 (vp09): pictures coded as vp09; Phim stores H.264, HEVC and AV1. Add the film as a single file, so that Phim encodes its own ladder"
        ],
    );
    refused(
        &Forge::video(Vec::new()),
        expect![
            "track 1 (avc1): the track has no samples. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    refused(
        &Forge { handler: *b"meta", ..Forge::video(group(0, 1)) },
        expect!["track 1 (avc1): a track of meta is neither picture nor sound"],
    );
}

#[test]
fn encrypted_tracks_are_read_and_never_taken_in() {
    let tenc = full(b"tenc", 1, 0, &[&[0, 0x19, 1, 8], &[7; 16]]);
    let sinf = atom(
        b"sinf",
        &[
            &atom(b"frma", &[b"avc1"]),
            &full(b"schm", 0, 0, &[b"cbcs", &words(&[0x10000])]),
            &atom(b"schi", &[&tenc]),
        ],
    );
    let mut forge = Forge::video(group(0, 1));
    forge.entries = vec![video_entry(b"encv", &[&atom(b"avcC", &[&forge::hex(forge::AVCC)]), &sinf])];
    forge.moov = full(b"pssh", 1, 0, &[&[9; 16], &words(&[1]), &[7; 16], &words(&[0])]);
    let movie = movie(&forge);
    let protection = movie.tracks[0].protection.clone().expect("seen as encrypted");
    assert_eq!(
        (&protection.original, &protection.scheme, protection.key_id),
        (b"avc1", b"cbcs", Some([7; 16]))
    );
    assert_eq!(movie.key_systems[0].keys, [[7; 16]]);
    refused(
        &forge,
        expect![
            "track 1 (encv): the track is encrypted (cbcs) and is never served as if it were clear. Add the film as its owner decrypts it"
        ],
    );
}

#[test]
fn languages_and_chapters() {
    let mut forge = Forge::video(group(0, 1));
    forge.mdia = full(b"elng", 0, 0, &[b"zh-Hant\0"]);
    let list = full(
        b"chpl",
        1,
        0,
        &[&[0, 0, 0, 0, 2], &[0; 8], b"\x05Mo d\xc3", &10_000_000u64.to_be_bytes(), b"\x03End"],
    );
    forge.moov = atom(b"udta", &[&list, &[0; 4]]);
    let movie = movie(&forge);
    assert_eq!(movie.tracks[0].language, "zh-Hant");
    let chapters: Vec<_> = movie.chapters.iter().map(|c| (c.at, c.name.as_str())).collect();
    assert_eq!(chapters, [(Seconds::new(0, 1), "Mo d\u{fffd}"), (Seconds::new(1, 1), "End")]);
}

#[test]
fn counts_that_lie_cause_no_work() {
    let all = u32::MAX;
    let one = || Forge::video(group(0, 0));
    let mut forge = one();
    forge.sizes = Some(full(b"stsz", 0, 0, &[&words(&[1, all])]));
    unreadable(
        &forge.file(),
        expect![
            "box moov at byte 32: box trak at byte 148: box stsz at byte 542: 4294967295 samples in a file of 582 bytes. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    forge.sizes = Some(full(b"stsz", 0, 0, &[&words(&[0, all])]));
    unreadable(
        &forge.file(),
        expect![
            "box moov at byte 32: box trak at byte 148: box stsz at byte 542: the fields cannot be read (out of bounds). The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    forge.sizes = Some(full(b"stz2", 0, 0, &[&words(&[4, all])]));
    unreadable(
        &forge.file(),
        expect![
            "box moov at byte 32: box trak at byte 148: box stz2 at byte 542: the sizes do not fill the box as its count says. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    for change in [
        |f: &mut Forge, t: Vec<u8>| f.stts = full(b"stts", 0, 0, &[&t]),
        |f: &mut Forge, t: Vec<u8>| f.ctts = Some(full(b"ctts", 0, 0, &[&t])),
        |f: &mut Forge, t: Vec<u8>| f.stss = Some(full(b"stss", 0, 0, &[&t])),
        |f: &mut Forge, t: Vec<u8>| f.stsc = full(b"stsc", 0, 0, &[&t]),
        |f: &mut Forge, t: Vec<u8>| f.chunks = Some(full(b"stco", 0, 0, &[&t])),
        |f: &mut Forge, t: Vec<u8>| f.edits = Some(atom(b"edts", &[&full(b"elst", 0, 0, &[&t])])),
    ] {
        let mut forge = one();
        change(&mut forge, table(all, &[1, 1, 1]));
        assert_eq!(read(&forge.file()).expect_err("refused").kind, Kind::Invalid);
    }
    let mut forge = one();
    forge.stts = full(b"stts", 0, 0, &[&table(1, &[all, all])]);
    assert_eq!(samples(&forge).len(), 1, "a run longer than the track is harmless");
    forge.moov = atom(b"mvex", &[&full(b"trex", 0, 0, &[&words(&[1, 1, all, 0, 0])])]);
    let traf = |flags: u32, count: u32| {
        let traf = atom(
            b"traf",
            &[&full(b"tfhd", 0, 0x20000, &[&words(&[1])]), &full(b"trun", 0, flags, &[&words(&[count])])],
        );
        atom(b"moof", &[&traf])
    };
    forge.tail = traf(0, all);
    unreadable(
        &forge.file(),
        expect![
            "box moof at byte 626: box traf at byte 634: box trun at byte 658: 4294967295 samples in a file of 674 bytes. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    forge.tail = traf(0x300, all);
    unreadable(
        &forge.file(),
        expect![
            "box moof at byte 626: box traf at byte 634: box trun at byte 658: the fields cannot be read (out of bounds). The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
}

#[test]
fn sizes_that_lie_are_named() {
    let huge = [&words(&[1])[..], b"free", &u64::MAX.to_be_bytes(), &[0; 40]].concat();
    unreadable(
        &huge,
        expect![
            "box free at byte 0: the box says it is 18446744073709551615 bytes long, but 56 are left: the file is cut off or damaged. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    let four_gigabytes = [&words(&[u32::MAX])[..], b"moov", &[0; 40]].concat();
    unreadable(
        &four_gigabytes,
        expect![
            "box moov at byte 0: the box says it is 4294967295 bytes long, but 48 are left: the file is cut off or damaged. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    unreadable(
        &[&words(&[7])[..], b"free", &[0; 40]].concat(),
        expect![
            "box free at byte 0: the box says it is 7 bytes long, less than its own header. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    unreadable(
        &[&words(&[1])[..], b"free", &[0; 3]].concat(),
        expect![
            "box free at byte 0: the box ends inside its header. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    unreadable(
        b"",
        expect![
            "the file does not begin with a box: this is not an MP4 file. Add the complete file, or remux it, e.g. `ffmpeg -i IN -c copy OUT.mp4`"
        ],
    );
    unreadable(
        b"\x1aE\xdf\xa3\x01\x00\x00\x00\x00",
        expect![
            "the file does not begin with a box: this is not an MP4 file. Add the complete file, or remux it, e.g. `ffmpeg -i IN -c copy OUT.mp4`"
        ],
    );
    unreadable(
        &atom(b"ftyp", &[b"isom"]),
        expect![
            "there is no moov box: this is not an MP4 file, or it was cut off before its index was written. Add the complete file, or remux it, e.g. `ffmpeg -i IN -c copy OUT.mp4`"
        ],
    );
    // A movie that claims four gigabytes of samples, which is fine until they are asked for.
    let mut forge = Forge::video(group(0, 0));
    forge.sizes = Some(full(b"stsz", 0, 0, &[&words(&[0xf000_0000, 1])]));
    refused(
        &forge,
        expect!["track 1 (avc1): sample 0: a sample of 4026531840 bytes; expected at most 268435456"],
    );
    forge.sizes = Some(full(b"stsz", 0, 0, &[&words(&[5000, 1])]));
    refused(
        &forge,
        expect![
            "track 1 (avc1): sample 0: its 5000 bytes at byte 24 lie past the end of the file (582 bytes): the file is cut off or damaged. Add the complete file"
        ],
    );
    forge.chunks = Some(full(b"co64", 0, 0, &[&table(1, &[u32::MAX, u32::MAX])]));
    unreadable(
        &forge.file(),
        expect![
            "box moov at byte 32: box trak at byte 148: chunk 0 begins at byte 18446744073709551615, past the end of the file (586 bytes). The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    // Many samples over the same bytes: a small file that would fill a disk.
    let mut forge = Forge::video(group(0, 9));
    let count = forge.samples.len() as u32;
    forge.stsc = full(b"stsc", 0, 0, &[&table(1, &[1, 1, 1])]);
    forge.chunks = Some(full(b"stco", 0, 0, &[&table(count, &[24; 10])]));
    forge.sizes = Some(full(b"stsz", 0, 0, &[&words(&[600, count])]));
    refused(
        &forge,
        expect![
            "track 1 (avc1): the samples add up to 6000 bytes, more than the file has (690). The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
}

#[test]
fn depth_costs_nothing() {
    let mut nested = Vec::new();
    for _ in 0..3000 {
        nested = atom(b"trak", &[&nested]);
    }
    unreadable(
        &atom(b"moov", &[&nested]),
        expect![
            "box moov at byte 0: the mvhd box is missing. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
}

#[test]
fn a_second_movie_box_must_be_a_copy() {
    let forge = Forge::video(group(0, 1));
    let file = forge.file();
    let copy = Forge { tail: forge.moov_box(24), ..Forge::video(group(0, 1)) };
    assert_eq!(movie(&copy).tracks[0].sample_count(), 2);
    let mut other = [file, forge.moov_box(25)].concat();
    unreadable(
        &other,
        expect![
            "box moov at byte 598: a second moov box that differs from the first. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    other.truncate(40);
    unreadable(
        &other,
        expect![
            "there is no moov box: this is not an MP4 file, or it was cut off before its index was written. Add the complete file, or remux it, e.g. `ffmpeg -i IN -c copy OUT.mp4`"
        ],
    );
}

#[test]
fn unlisted_tracks_and_doubled_boxes_are_refused() {
    let mut forge = Forge::video(group(0, 1));
    forge.tail = atom(b"moof", &[&atom(b"traf", &[&full(b"tfhd", 0, 0x20000, &[&words(&[9])])])]);
    unreadable(
        &forge.file(),
        expect![
            "box moof at byte 598: box traf at byte 606: a fragment of track 9, which the moov box does not list. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
    let mut twice = Forge::video(group(0, 1));
    twice.stsc = twice.stsc.repeat(2);
    unreadable(
        &twice.file(),
        expect![
            "box moov at byte 40: box trak at byte 156: box stsc at byte 550: a second stsc box in the same place. The file is damaged: fetch it again, or let ffmpeg repair what it can (`ffmpeg -i IN -c copy OUT.mp4`)"
        ],
    );
}
