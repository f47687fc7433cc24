//! Colour of a ladder: what the file says survives, what it does not say is settled once.

use media::entry::Colour;

use crate::probe::Picture;

/// Standard definition up to this many lines; it has other primaries than high definition.
const STANDARD_LINES: u32 = 576;

const BT709: Colour = Colour { primaries: 1, transfer: 1, matrix: 1, full_range: false };
const BT601: Colour = Colour { primaries: 6, transfer: 6, matrix: 6, full_range: false };

/// The colour that is written into the renditions. Range is always limited; high dynamic range is
/// brought down to BT.709, because the ladder has eight bits.
pub(super) fn stored(picture: &Picture) -> Option<Colour> {
    let unsaid = if picture.height > STANDARD_LINES { BT709 } else { BT601 };
    let said = Colour {
        primaries: code(PRIMARIES, &picture.colour.primaries),
        transfer: code(TRANSFERS, &picture.colour.transfer),
        matrix: code(MATRICES, &picture.colour.matrix),
        full_range: false,
    };
    Some(match said {
        _ if picture.is_hdr() => BT709,
        Colour { primaries: 2, transfer: 2, matrix: 2 | 0, .. } => unsaid,
        Colour { matrix: 0, .. } => Colour { matrix: unsaid.matrix, ..said },
        said => said,
    })
}

/// The filters that bring frames to [`stored`], each behind a comma.
pub(super) fn filters(picture: &Picture) -> String {
    if picture.is_hdr() {
        // Linear light, tone curve, back: as zscale and tonemap want it.
        return ",zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=hable:desat=0,\
                zscale=t=bt709:m=bt709:r=tv,format=yuv420p"
            .to_string();
    }
    let rgb = ["gbr", "rgb", "bgr", "argb", "abgr", "0rgb", "0bgr", "pal8"];
    if rgb.iter().any(|start| picture.pixel_format.starts_with(start)) {
        let matrix = if stored(picture).is_some_and(|c| c.matrix == 1) { "bt709" } else { "smpte170m" };
        return format!(",scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p");
    }
    if picture.colour.full_range {
        return ",scale=in_range=pc:out_range=tv,format=yuv420p".to_string();
    }
    String::new()
}

const UNKNOWN: u8 = 2;

fn code(names: &[(&str, u8)], name: &str) -> u8 {
    names.iter().find(|(known, _)| *known == name).map_or(UNKNOWN, |(_, code)| *code)
}

/// ffmpeg's names of code points of ISO/IEC 23091-2.
const PRIMARIES: &[(&str, u8)] = &[
    ("bt709", 1),
    ("bt470m", 4),
    ("bt470bg", 5),
    ("smpte170m", 6),
    ("smpte240m", 7),
    ("film", 8),
    ("bt2020", 9),
    ("smpte428", 10),
    ("smpte431", 11),
    ("smpte432", 12),
    ("ebu3213", 22),
];
const TRANSFERS: &[(&str, u8)] = &[
    ("bt709", 1),
    ("bt470m", 4),
    ("bt470bg", 5),
    ("smpte170m", 6),
    ("smpte240m", 7),
    ("linear", 8),
    ("log100", 9),
    ("log316", 10),
    ("iec61966-2-4", 11),
    ("bt1361e", 12),
    ("iec61966-2-1", 13),
    ("bt2020-10", 14),
    ("bt2020-12", 15),
    ("smpte2084", 16),
    ("smpte428", 17),
    ("arib-std-b67", 18),
];
const MATRICES: &[(&str, u8)] = &[
    ("gbr", 0),
    ("bt709", 1),
    ("fcc", 4),
    ("bt470bg", 5),
    ("smpte170m", 6),
    ("smpte240m", 7),
    ("ycgco", 8),
    ("bt2020nc", 9),
    ("bt2020c", 10),
];
