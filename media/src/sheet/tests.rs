use std::io::Write;
use std::process::{Command, Stdio};

use expect_test::expect;
use jpeg_decoder::PixelFormat;
use proptest::prelude::*;

use super::*;
use crate::digest::Digest;

const WIDTH: u16 = 256;
const HEIGHT: u16 = 144;

/// Standard output of ffmpeg; nothing when it is not installed.
fn ffmpeg(args: &str, input: &[u8]) -> Option<Vec<u8>> {
    let args = ["-v", "error"].into_iter().chain(args.split(' '));
    let spawned = Command::new("ffmpeg").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = spawned else {
        println!("skipped: ffmpeg is not installed");
        return None;
    };
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    Some(output.stdout)
}

/// Tiles of a moving picture, encoded as the workshop encodes them.
fn tiles(count: usize, options: &str) -> Option<Vec<Vec<u8>>> {
    let source = format!("-f lavfi -i testsrc2=size={WIDTH}x{HEIGHT}:rate=1");
    let bytes = ffmpeg(&format!("{source} -frames:v {count} -c:v mjpeg {options} -f image2pipe -"), &[])?;
    let starts: Vec<usize> =
        (0..bytes.len()).filter(|at| bytes[*at..].starts_with(&[0xff, SOI, 0xff])).collect();
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    let files: Vec<Vec<u8>> = starts.iter().zip(ends).map(|(from, to)| bytes[*from..to].to_vec()).collect();
    assert_eq!(files.len(), count);
    Some(files)
}

const AS_STORED: &str = "-huffman default -q:v 5 -pix_fmt yuvj420p";

/// A sheet in memory.
fn join(tiles: &[Tile]) -> Vec<u8> {
    let mut out = strip_header(&tiles[0].header, tiles.len() as u32).unwrap();
    for (n, tile) in tiles.iter().enumerate() {
        if n > 0 {
            out.extend(restart(n as u32 - 1));
        }
        out.extend(tile.scan);
    }
    out.extend(END);
    out
}

/// Rows of red, green and blue, or of grey.
fn decode(jpeg: &[u8]) -> Vec<Vec<u8>> {
    let mut decoder = jpeg_decoder::Decoder::new(jpeg);
    let pixels = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    assert_eq!(info.width, WIDTH);
    let bytes = if info.pixel_format == PixelFormat::L8 { 1 } else { 3 };
    pixels.chunks(usize::from(info.width) * bytes).map(<[u8]>::to_vec).collect()
}

/// Eleven tiles, so that restart markers pass their eighth number.
#[test]
fn a_sheet_shows_the_pixels_of_its_tiles() {
    let Some(files) = tiles(11, AS_STORED) else { return };
    let tiles: Vec<Tile> = files.iter().map(|f| split(f).unwrap()).collect();
    assert!(tiles.iter().all(|t| t.header == tiles[0].header && (t.width, t.height) == (WIDTH, HEIGHT)));
    let sheet = join(&tiles);
    let rows = decode(&sheet);
    assert_eq!(rows.len(), files.len() * usize::from(HEIGHT));
    for (file, rows) in files.iter().zip(rows.chunks(HEIGHT.into())) {
        // The first and last row are left out: a decoder smooths colour over the rows beside them,
        // which are another tile's in the sheet.
        let inner = 1..usize::from(HEIGHT) - 1;
        assert!(decode(file)[inner.clone()] == rows[inner]);
    }
}

/// Luma and chroma before any smoothing, by a second decoder: every sample is equal.
#[test]
fn planes_are_equal_to_the_last_row() {
    let Some(files) = tiles(3, AS_STORED) else { return };
    let tiles: Vec<Tile> = files.iter().map(|f| split(f).unwrap()).collect();
    let planes = |jpeg: &[u8], area: usize| {
        let bytes = ffmpeg("-f mjpeg -i pipe:0 -pix_fmt yuvj420p -f rawvideo -", jpeg).unwrap();
        assert_eq!(bytes.len(), area * 3 / 2);
        [bytes[..area].to_vec(), bytes[area..area * 5 / 4].to_vec(), bytes[area * 5 / 4..].to_vec()]
    };
    let area = usize::from(WIDTH) * usize::from(HEIGHT);
    let sheet = planes(&join(&tiles), area * files.len());
    let single: Vec<_> = files.iter().map(|f| planes(f, area)).collect();
    for (n, plane) in sheet.into_iter().enumerate() {
        assert!(plane == single.iter().flat_map(|s| s[n].clone()).collect::<Vec<u8>>());
    }
}

#[test]
fn other_samplings_and_grey_join_too() {
    for format in ["yuvj444p", "yuvj422p", "gray"] {
        let Some(files) = tiles(3, &format!("-huffman default -q:v 5 -pix_fmt {format}")) else { return };
        let tiles: Vec<Tile> = files.iter().map(|f| split(f).unwrap()).collect();
        let rows = decode(&join(&tiles));
        // Colour is not halved in height here, so nothing is smoothed across tiles.
        assert!(rows == files.iter().flat_map(|f| decode(f)).collect::<Vec<_>>(), "{format}");
    }
}

/// A tile of one grey unit, 8x8, made by hand: its scan is one byte.
fn smallest() -> Vec<u8> {
    let mut out = vec![0xff, SOI];
    out.extend([0xff, APP0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
    out.extend([0xff, COM, 0, 4, b'h', b'i']);
    out.extend([0xff, DQT, 0, 67, 0]);
    out.extend([1; 64]);
    out.extend([0xff, SOF0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    for class in [0x00, 0x10] {
        // One code of one bit: no difference, end of block.
        out.extend([0xff, DHT, 0, 20, class, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    out.extend([0xff, SOS, 0, 8, 1, 1, 0, 0, 63, 0]);
    out.push(0x3f);
    out.extend(END);
    out
}

#[test]
fn header_of_a_sheet() {
    let file = smallest();
    let tile = split(&file).unwrap();
    assert_eq!((tile.width, tile.height, tile.scan), (8, 8, &[0x3f][..]));
    let sheet = join(&[tile.clone(), tile.clone(), tile]);
    let hex: String = sheet.iter().map(|b| format!("{b:02x}")).collect();
    expect!["ffd8ffe000104a46494600010100000100010000ffdb004300…ffc0000b080018000801011100ffc40014000100000000000000000000000000000000ffc40014100100000000000000000000000000000000ffdd00040001ffda0008010100003f003fffd03fffd13fffd9"].assert_eq(&hex.replace(&"01".repeat(64), "…"));
    assert_eq!(jpeg_decoder::Decoder::new(sheet.as_slice()).decode().unwrap(), [128; 8 * 24]);
    // Bytes that caches rely on: raise `FORMAT_VERSION` with this digest.
    expect!["format 1 796c3948132f625d90cbaa339b92e63ec3f5239a626b6af3971763ed189f22fb"].assert_eq(&format!(
        "format {} {}",
        crate::FORMAT_VERSION,
        Digest::of(&sheet)
    ));
}

#[test]
fn restart_markers_count_modulo_eight() {
    assert_eq!([0, 1, 7, 8].map(restart), [[0xff, 0xd0], [0xff, 0xd1], [0xff, 0xd7], [0xff, 0xd0]]);
}

/// `from` replaced by `to`, once.
fn with(from: &[u8], to: &[u8]) -> Vec<u8> {
    let file = smallest();
    let at = file.windows(from.len()).position(|w| w == from).unwrap();
    [&file[..at], to, &file[at + from.len()..]].concat()
}

#[test]
fn what_is_not_a_tile_is_refused_by_name() {
    let frame = [0xff, SOF0, 0, 11, 8, 0, 8, 0, 8, 1];
    let scan = [0xff, SOS, 0, 8, 1, 1, 0, 0, 63, 0, 0x3f];
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", vec![]),
        ("text", b"hello".to_vec()),
        ("start alone", vec![0xff, SOI]),
        ("progressive", with(&frame[..2], &[0xff, 0xc2])),
        ("arithmetic", with(&frame[..2], &[0xff, 0xc9])),
        ("twelve bits", with(&frame, &[0xff, SOF0, 0, 11, 12, 0, 8, 0, 8, 1])),
        ("four components", with(&frame, &[0xff, SOF0, 0, 11, 8, 0, 8, 0, 8, 4])),
        ("odd width", with(&frame, &[0xff, SOF0, 0, 11, 8, 0, 8, 0, 9, 1])),
        ("no height", with(&frame, &[0xff, SOF0, 0, 11, 8, 0, 0, 0, 8, 1])),
        ("too large", with(&frame, &[0xff, SOF0, 0, 11, 8, 0xff, 0xf8, 0xff, 0xf8, 1])),
        ("sampling of zero", with(&[1, 1, 0x11, 0], &[1, 1, 0x01, 0])),
        ("two frames", with(&frame[..2], &[&frame[..], &[1, 0x11, 0, 0xff, SOF0]].concat())),
        ("no frame", with(&[&frame[..], &[1, 0x11, 0]].concat(), &[])),
        ("spectral selection", with(&scan, &[0xff, SOS, 0, 8, 1, 1, 0, 0, 5, 0, 0x3f])),
        ("own restarts", with(&scan[..2], &[0xff, DRI, 0, 4, 0, 1, 0xff, SOS])),
        ("Adobe", with(&scan[..2], &[0xff, APP14, 0, 2, 0xff, SOS])),
        ("empty scan", with(&scan, &scan[..10])),
        ("second scan", with(&scan, &[&scan[..], &scan[..]].concat())),
        ("no end", with(&END, &[])),
        ("length of zero", with(&scan[..4], &[0xff, SOS, 0, 0])),
        ("length past the end", with(&scan[..4], &[0xff, SOS, 9, 9])),
        ("no marker", with(&scan[..2], &[0xfe, SOS])),
    ];
    let said = cases.iter().map(|(name, file)| format!("{name}: {}\n", split(file).unwrap_err()));
    expect![[r#"
        empty: not a JPEG: it does not start with ffd8
        text: not a JPEG: it does not start with ffd8
        start alone: byte 2: a JPEG that is cut off in its header
        progressive: JPEG marker ffc2; expected a baseline picture of one scan
        arithmetic: JPEG marker ffc9; expected a baseline picture of one scan
        twelve bits: a JPEG of 1 components of 12 bits; expected 1 or 3 of 8
        four components: a JPEG of 4 components of 8 bits; expected 1 or 3 of 8
        odd width: a JPEG tile of 9x8; expected multiples of 8x8
        no height: a JPEG tile of 8x0; expected multiples of 8x8
        too large: a JPEG tile of 65528x65528, too large
        sampling of zero: JPEG sampling factors outside 1 to 4
        two frames: a JPEG with two frame headers
        no frame: a JPEG scan before its frame header
        spectral selection: a JPEG scan that is not baseline with all components
        own restarts: a JPEG tile with restart markers of its own
        Adobe: a JPEG tile with colours of Adobe's kind
        empty scan: a JPEG with an empty scan
        second scan: byte 163: JPEG marker ffda behind the scan; expected the end of the image
        no end: a JPEG that is cut off in its scan
        length of zero: byte 152: a JPEG that is cut off in its header
        length past the end: byte 152: a JPEG that is cut off in its header
        no marker: byte 152: feda where a JPEG marker segment was expected
    "#]]
    .assert_eq(&said.collect::<String>());
}

#[test]
fn a_sheet_is_at_most_65535_rows() {
    let file = smallest();
    let header = split(&file).unwrap().header;
    assert!(strip_header(&header, 8191).is_ok());
    for tiles in [0, 8192, u32::MAX] {
        assert!(strip_header(&header, tiles).unwrap_err().message.contains("rows"), "{tiles}");
    }
}

proptest! {
    #[test]
    fn any_damage_is_survived(at in 0..smallest().len(), byte: u8, cut in 0..smallest().len()) {
        let mut file = smallest();
        file[at] = byte;
        for file in [&file[..], &file[..cut], &file[cut..]] {
            // Whatever is taken for a tile can be put into a sheet.
            if let Ok(tile) = split(file) {
                strip_header(&tile.header, 1).unwrap();
            }
            let _ = strip_header(file, 2);
        }
    }
}
