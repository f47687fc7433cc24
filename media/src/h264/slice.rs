//! Where the header of a slice ends (ITU-T H.264 §7.3.3): what lies behind it is picture, and may be
//! encrypted; the header must be read by whoever handles the stream without a key.

use super::sps::{OrderCount, Sps, read_sps};
use super::{Avcc, IDR_SLICE, SLICE, kind};
use crate::bits::{BitReader, unescape};
use crate::error::{Error, Result};

/// Bytes of a slice that are looked at first, which is enough for nearly all, and at most: 32 references
/// in two lists with all their weights need 2 KiB.
const LOOKED_AT: [usize; 2] = [64, 4096];
/// References in a list at most, counted as fields (§7.4.3).
const MAX_REFERENCES: u32 = 32;

/// Whether a NAL unit holds coded picture that [`SliceRules::header_len`] can measure.
pub fn is_slice(nal: &[u8]) -> bool {
    matches!(kind(nal), SLICE | IDR_SLICE)
}

/// What the parameter sets say of the slices that refer to them.
#[derive(Clone, Debug)]
pub struct SliceRules {
    sps: Vec<Sps>,
    pps: Vec<Rules>,
}

/// The fields of a picture parameter set (§7.3.2.2) on which the form of slice headers depends.
#[derive(Clone, Debug)]
struct Rules {
    id: u32,
    sps_id: u32,
    entropy_coding: bool,
    bottom_order: bool,
    references: [u32; 2],
    weighted: bool,
    weighted_both: bool,
    deblocking: bool,
    redundant: bool,
}

impl SliceRules {
    /// Fails with `Unsupported` for pictures in slice groups, which no profile of streaming has.
    pub fn of(avcc: &Avcc) -> Result<SliceRules> {
        let sps = avcc.sps.iter().map(|nal| read_sps(nal)).collect::<Result<_>>()?;
        let pps = avcc.pps.iter().map(|nal| read_rules(nal)).collect::<Result<_>>()?;
        Ok(SliceRules { sps, pps })
    }

    /// Bytes of the NAL unit up to the end of the slice header: its own header byte and emulation
    /// prevention bytes included, the last byte whole.
    pub fn header_len(&self, nal: &[u8]) -> Result<usize> {
        let mut bytes = Err(Error::invalid("an empty NAL unit"));
        for limit in LOOKED_AT {
            let header = unescape(nal, limit);
            bytes = self.read(nal, &header);
            if bytes.is_ok() || header.len() < limit {
                break;
            }
        }
        Ok(escaped_len(nal, bytes?))
    }

    /// Bytes of the header in `unescaped`, which is the beginning of `nal`.
    fn read(&self, nal: &[u8], unescaped: &[u8]) -> Result<usize> {
        let mut r = BitReader::new(unescaped.get(1..).unwrap_or_default());
        let idr = kind(nal) == IDR_SLICE;
        let reference = nal.first().is_some_and(|b| b & 0x60 != 0); // nal_ref_idc
        r.ue()?; // first_mb_in_slice
        let slice = SliceKind::of(r.ue()?)?;
        let (pps, sps) = self.of_picture(r.ue()?)?;
        if sps.separate_planes {
            r.bits(2)?; // colour_plane_id
        }
        r.bits(sps.frame_num_bits.into())?;
        let field = sps.interlaced && r.bit()?;
        if field {
            r.bit()?; // bottom_field_flag
        }
        if idr {
            r.ue()?; // idr_pic_id
        }
        skip_order(&mut r, sps, pps.bottom_order && !field)?;
        if pps.redundant {
            r.ue()?; // redundant_pic_cnt
        }
        let mut references = pps.references;
        if slice == SliceKind::B {
            r.bit()?; // direct_spatial_mv_pred_flag
        }
        let lists = slice.lists();
        if lists > 0 && r.bit()? {
            for list in references.iter_mut().take(lists) {
                *list = references_of(r.ue()?)?;
            }
        }
        for _ in 0..lists {
            skip_modification(&mut r)?;
        }
        let weighted = match slice {
            SliceKind::P | SliceKind::Sp => pps.weighted,
            SliceKind::B => pps.weighted_both,
            SliceKind::I | SliceKind::Si => false,
        };
        if weighted {
            skip_weights(&mut r, sps, &references[..lists])?;
        }
        if reference {
            skip_marking(&mut r, idr)?;
        }
        if pps.entropy_coding && lists > 0 {
            r.ue()?; // cabac_init_idc
        }
        r.se()?; // slice_qp_delta
        if slice == SliceKind::Sp {
            r.bit()?; // sp_for_switch_flag
        }
        if matches!(slice, SliceKind::Sp | SliceKind::Si) {
            r.se()?; // slice_qs_delta
        }
        if pps.deblocking && r.ue()? != 1 {
            r.se()?; // slice_alpha_c0_offset_div2
            r.se()?; // slice_beta_offset_div2
        }
        Ok(1 + r.position().div_ceil(8))
    }

    fn of_picture(&self, id: u32) -> Result<(&Rules, &Sps)> {
        let pps = self.pps.iter().find(|p| p.id == id);
        pps.and_then(|pps| Some((pps, self.sps.iter().find(|s| u32::from(s.id) == pps.sps_id)?))).ok_or_else(
            || Error::invalid(format!("a slice refers to picture parameter set {id}, which is not listed")),
        )
    }
}

/// `slice_type` of Table 7-6.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SliceKind {
    P,
    B,
    I,
    Sp,
    Si,
}

impl SliceKind {
    fn of(code: u32) -> Result<SliceKind> {
        match code {
            0 | 5 => Ok(SliceKind::P),
            1 | 6 => Ok(SliceKind::B),
            2 | 7 => Ok(SliceKind::I),
            3 | 8 => Ok(SliceKind::Sp),
            4 | 9 => Ok(SliceKind::Si),
            _ => Err(Error::invalid(format!("slice_type is {code}; expected at most 9"))),
        }
    }
    /// Reference lists.
    fn lists(self) -> usize {
        match self {
            SliceKind::P | SliceKind::Sp => 1,
            SliceKind::B => 2,
            SliceKind::I | SliceKind::Si => 0,
        }
    }
}

/// Reads the fields of a picture parameter set, NAL header included.
fn read_rules(nal: &[u8]) -> Result<Rules> {
    let bytes = unescape(nal, 256);
    let mut r = BitReader::new(bytes.get(1..).unwrap_or_default());
    let (id, sps_id) = (r.ue()?, r.ue()?);
    let (entropy_coding, bottom_order) = (r.bit()?, r.bit()?);
    if r.ue()? != 0 {
        return Err(Error::unsupported("pictures in slice groups"));
    }
    let references = [references_of(r.ue()?)?, references_of(r.ue()?)?];
    let (weighted, both) = (r.bit()?, r.bits(2)?);
    for _ in 0..3 {
        r.se()?; // pic_init_qp_minus26, pic_init_qs_minus26, chroma_qp_index_offset
    }
    let deblocking = r.bit()?; // deblocking_filter_control_present_flag
    r.bit()?; // constrained_intra_pred_flag
    let redundant = r.bit()?; // redundant_pic_cnt_present_flag
    let weighted_both = both == 1;
    Ok(Rules {
        id,
        sps_id,
        entropy_coding,
        bottom_order,
        references,
        weighted,
        weighted_both,
        deblocking,
        redundant,
    })
}

/// `num_ref_idx_…_minus1`, as a count.
fn references_of(minus_one: u32) -> Result<u32> {
    if minus_one >= MAX_REFERENCES {
        return Err(Error::invalid(format!("a list of more than {MAX_REFERENCES} references")));
    }
    Ok(minus_one + 1)
}

fn skip_order(r: &mut BitReader, sps: &Sps, both_fields: bool) -> Result<()> {
    match sps.order_count {
        OrderCount::Bits(bits) => {
            r.bits(bits.into())?; // pic_order_cnt_lsb
            if both_fields {
                r.se()?; // delta_pic_order_cnt_bottom
            }
        }
        OrderCount::Cycle { deltas: true } => {
            r.se()?; // delta_pic_order_cnt[0]
            if both_fields {
                r.se()?; // delta_pic_order_cnt[1]
            }
        }
        OrderCount::Cycle { deltas: false } | OrderCount::Decoding => {}
    }
    Ok(())
}

/// `ref_pic_list_modification` of one list (§7.3.3.1).
fn skip_modification(r: &mut BitReader) -> Result<()> {
    if !r.bit()? {
        return Ok(());
    }
    loop {
        match r.ue()? {
            0..=2 => drop(r.ue()?),
            3 => return Ok(()),
            code => return Err(Error::invalid(format!("modification_of_pic_nums_idc is {code}"))),
        }
    }
}

/// `pred_weight_table` (§7.3.3.2) for lists of so many references.
fn skip_weights(r: &mut BitReader, sps: &Sps, references: &[u32]) -> Result<()> {
    let chroma = sps.chroma != 0 && !sps.separate_planes;
    r.ue()?; // luma_log2_weight_denom
    if chroma {
        r.ue()?; // chroma_log2_weight_denom
    }
    for _ in 0..references.iter().sum() {
        if r.bit()? {
            r.se()?;
            r.se()?;
        }
        if chroma && r.bit()? {
            for _ in 0..4 {
                r.se()?;
            }
        }
    }
    Ok(())
}

/// `dec_ref_pic_marking` (§7.3.3.3).
fn skip_marking(r: &mut BitReader, idr: bool) -> Result<()> {
    if idr {
        return r.skip(2);
    }
    if !r.bit()? {
        return Ok(());
    }
    loop {
        match r.ue()? {
            0 => return Ok(()),
            1 | 2 | 4 | 6 => drop(r.ue()?),
            3 => {
                r.ue()?;
                r.ue()?;
            }
            5 => {}
            code => {
                return Err(Error::invalid(format!("memory_management_control_operation is {code}")));
            }
        }
    }
}

/// Bytes of `nal` that hold its first `len` bytes without emulation prevention (§7.4.1).
fn escaped_len(nal: &[u8], len: usize) -> usize {
    let (mut zeros, mut left) = (0, len);
    for (n, &byte) in nal.iter().enumerate() {
        if left == 0 {
            return n;
        }
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        left -= 1;
    }
    nal.len()
}
