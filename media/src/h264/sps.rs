//! The fields of an H.264 sequence parameter set that Phim needs (ITU-T H.264 §7.3.2.1).

use crate::bits::{BitReader, unescape};
use crate::entry::Colour;
use crate::error::{Error, Result};

/// Bytes of a parameter set that are looked at; real ones are below a hundred.
const MAX_SET: usize = 4096;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sps {
    /// `seq_parameter_set_id`, 0 to 31.
    pub id: u8,
    pub profile: u8,
    /// The six constraint flags and two reserved bits.
    pub constraints: u8,
    pub level: u8,
    /// 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
    pub chroma: u8,
    pub separate_planes: bool,
    pub luma_depth: u8,
    pub chroma_depth: u8,
    /// Size in pixels after cropping.
    pub width: u32,
    pub height: u32,
    /// `frame_mbs_only_flag` is 0: pictures may be fields.
    pub interlaced: bool,
    pub frame_num_bits: u8,
    pub order_count: OrderCount,
    /// Sample aspect ratio, when the set says one.
    pub pixel_aspect: Option<(u16, u16)>,
    pub colour: Option<Colour>,
    /// `num_units_in_tick` and `time_scale`: a frame lasts twice their ratio.
    pub timing: Option<(u32, u32)>,
    /// `max_num_reorder_frames`, when the set says it.
    pub reorder: Option<u32>,
}

/// How slices say the order of pictures (`pic_order_cnt_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderCount {
    /// Type 0: so many low bits.
    Bits(u8),
    /// Type 1; `deltas` when slices carry them.
    Cycle { deltas: bool },
    /// Type 2: the order of decoding.
    Decoding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pps {
    /// `pic_parameter_set_id`, 0 to 255.
    pub id: u8,
    pub sps_id: u8,
}

/// Reads a picture parameter set, NAL header included, as far as its ids.
pub fn read_pps(nal: &[u8]) -> Result<Pps> {
    let bytes = unescape(nal, 64);
    let mut r = BitReader::new(bytes.get(1..).unwrap_or_default());
    let (id, sps_id) = (r.ue()?, r.ue()?);
    if id > 255 || sps_id > 31 {
        return Err(Error::invalid(format!(
            "a picture parameter set of id {id} for sequence parameter set {sps_id}"
        )));
    }
    Ok(Pps { id: id as u8, sps_id: sps_id as u8 })
}

/// Reads a sequence parameter set, NAL header included.
pub fn read_sps(nal: &[u8]) -> Result<Sps> {
    read_fields(nal).map_err(|e| e.at("H.264 sequence parameter set"))
}

fn read_fields(nal: &[u8]) -> Result<Sps> {
    let bytes = unescape(nal, MAX_SET);
    let mut r = BitReader::new(bytes.get(1..).unwrap_or_default());
    let (profile, constraints, level) = (r.bits(8)? as u8, r.bits(8)? as u8, r.bits(8)? as u8);
    let id = up_to(r.ue()?, 31, "seq_parameter_set_id")? as u8;
    let format = if has_format(profile) { read_format(&mut r)? } else { Format::PLAIN };
    let frame_num_bits = up_to(r.ue()?, 12, "log2_max_frame_num_minus4")? as u8 + 4;
    let order_count = read_order_count(&mut r)?;
    r.ue()?; // max_num_ref_frames
    r.bit()?; // gaps_in_frame_num_value_allowed_flag
    let columns = up_to(r.ue()?, 4095, "pic_width_in_mbs_minus1")? + 1;
    let rows = up_to(r.ue()?, 4095, "pic_height_in_map_units_minus1")? + 1;
    let interlaced = !r.bit()?;
    if interlaced {
        r.bit()?; // mb_adaptive_frame_field_flag
    }
    r.bit()?; // direct_8x8_inference_flag
    let lines = rows * 16 * (1 + interlaced as u32);
    let (width, height) = read_crop(&mut r, &format, columns * 16, lines, interlaced)?;
    let vui = if r.bit()? { read_vui(&mut r)? } else { Vui::default() };
    Ok(Sps {
        id,
        profile,
        constraints,
        level,
        chroma: format.chroma,
        separate_planes: format.separate_planes,
        luma_depth: format.luma_depth,
        chroma_depth: format.chroma_depth,
        width,
        height,
        interlaced,
        frame_num_bits,
        order_count,
        pixel_aspect: vui.pixel_aspect,
        colour: vui.colour,
        timing: vui.timing,
        reorder: vui.reorder,
    })
}

fn up_to(value: u32, limit: u32, field: &str) -> Result<u32> {
    if value > limit {
        Err(Error::invalid(format!("{field} is {value}; expected at most {limit}")))
    } else {
        Ok(value)
    }
}

/// Whether sets of this profile say their chroma format and depth.
fn has_format(profile: u8) -> bool {
    matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135)
}

struct Format {
    chroma: u8,
    separate_planes: bool,
    luma_depth: u8,
    chroma_depth: u8,
}

impl Format {
    const PLAIN: Format = Format { chroma: 1, separate_planes: false, luma_depth: 8, chroma_depth: 8 };
}

fn read_format(r: &mut BitReader) -> Result<Format> {
    let chroma = up_to(r.ue()?, 3, "chroma_format_idc")? as u8;
    let separate_planes = chroma == 3 && r.bit()?;
    let luma_depth = up_to(r.ue()?, 6, "bit_depth_luma_minus8")? as u8 + 8;
    let chroma_depth = up_to(r.ue()?, 6, "bit_depth_chroma_minus8")? as u8 + 8;
    r.bit()?; // qpprime_y_zero_transform_bypass_flag
    if r.bit()? {
        for n in 0..if chroma == 3 { 12 } else { 8 } {
            if r.bit()? {
                skip_scaling_list(r, if n < 6 { 16 } else { 64 })?;
            }
        }
    }
    Ok(Format { chroma, separate_planes, luma_depth, chroma_depth })
}

fn skip_scaling_list(r: &mut BitReader, size: u32) -> Result<()> {
    let (mut last, mut next) = (8i64, 8i64);
    for _ in 0..size {
        if next != 0 {
            next = (last + r.se()? as i64).rem_euclid(256);
        }
        last = if next == 0 { last } else { next };
    }
    Ok(())
}

fn read_order_count(r: &mut BitReader) -> Result<OrderCount> {
    Ok(match up_to(r.ue()?, 2, "pic_order_cnt_type")? {
        0 => OrderCount::Bits(up_to(r.ue()?, 12, "log2_max_pic_order_cnt_lsb_minus4")? as u8 + 4),
        1 => {
            let always_zero = r.bit()?; // delta_pic_order_always_zero_flag
            r.se()?;
            r.se()?;
            for _ in 0..up_to(r.ue()?, 255, "num_ref_frames_in_pic_order_cnt_cycle")? {
                r.se()?;
            }
            OrderCount::Cycle { deltas: !always_zero }
        }
        _ => OrderCount::Decoding,
    })
}

/// Size after cropping (§7.4.2.1.1, equations 7-19 to 7-22).
fn read_crop(
    r: &mut BitReader,
    format: &Format,
    width: u32,
    height: u32,
    interlaced: bool,
) -> Result<(u32, u32)> {
    if !r.bit()? {
        return Ok((width, height));
    }
    let (left, right, top, bottom) = (r.ue()? as u64, r.ue()? as u64, r.ue()? as u64, r.ue()? as u64);
    let (across, down) = match (format.chroma, format.separate_planes) {
        (1, _) => (2, 2),
        (2, _) => (2, 1),
        _ => (1, 1),
    };
    let (cut_x, cut_y) = ((left + right) * across, (top + bottom) * down * (1 + interlaced as u64));
    if cut_x >= width as u64 || cut_y >= height as u64 {
        return Err(Error::invalid("the cropping leaves no picture"));
    }
    Ok((width - cut_x as u32, height - cut_y as u32))
}

#[derive(Default)]
struct Vui {
    pixel_aspect: Option<(u16, u16)>,
    colour: Option<Colour>,
    timing: Option<(u32, u32)>,
    reorder: Option<u32>,
}

/// Table E-1: sample aspect ratios by `aspect_ratio_idc`.
const ASPECTS: [(u16, u16); 17] = [
    (0, 0),
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];

fn read_vui(r: &mut BitReader) -> Result<Vui> {
    let mut vui = Vui::default();
    if r.bit()? {
        let aspect = match r.bits(8)? {
            255 => (r.bits(16)? as u16, r.bits(16)? as u16),
            idc => ASPECTS.get(idc as usize).copied().unwrap_or((0, 0)),
        };
        vui.pixel_aspect = Some(aspect).filter(|(x, y)| *x > 0 && *y > 0);
    }
    if r.bit()? {
        r.bit()?; // overscan_appropriate_flag
    }
    if r.bit()? {
        r.bits(3)?; // video_format
        let full_range = r.bit()?;
        let described = r.bit()?;
        // What is not described is inferred to be unspecified, 2 (§E.2.1); the range stands all the same.
        let [primaries, transfer, matrix] = match described {
            true => [r.bits(8)? as u8, r.bits(8)? as u8, r.bits(8)? as u8],
            false => [2; 3],
        };
        vui.colour = (described || full_range).then_some(Colour { primaries, transfer, matrix, full_range });
    }
    if r.bit()? {
        r.ue()?; // chroma_sample_loc_type_top_field
        r.ue()?; // chroma_sample_loc_type_bottom_field
    }
    if r.bit()? {
        let (units, scale) = (r.bits(32)?, r.bits(32)?);
        r.bit()?; // fixed_frame_rate_flag
        vui.timing = Some((units, scale)).filter(|(units, scale)| *units > 0 && *scale > 0);
    }
    let nal_buffers = r.bit()?;
    if nal_buffers {
        skip_buffers(r)?;
    }
    let vcl_buffers = r.bit()?;
    if vcl_buffers {
        skip_buffers(r)?;
    }
    if nal_buffers || vcl_buffers {
        r.bit()?; // low_delay_hrd_flag
    }
    r.bit()?; // pic_struct_present_flag
    if r.bit()? {
        r.bit()?; // motion_vectors_over_pic_boundaries_flag
        for _ in 0..4 {
            r.ue()?; // max_bytes_per_pic_denom … log2_max_mv_length_vertical
        }
        vui.reorder = Some(up_to(r.ue()?, 16, "max_num_reorder_frames")?);
    }
    Ok(vui)
}

/// `hrd_parameters` (§E.1.2).
fn skip_buffers(r: &mut BitReader) -> Result<()> {
    let count = up_to(r.ue()?, 31, "cpb_cnt_minus1")? + 1;
    r.skip(8)?;
    for _ in 0..count {
        r.ue()?;
        r.ue()?;
        r.bit()?;
    }
    r.skip(20)
}
