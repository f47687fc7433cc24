//! What a video sample entry says of its picture, for the manifests: colour and pixel aspect.
//!
//! Clauses are those of ISO/IEC 14496-12. Sample entries come from outside: every read is bounded.

/// Code points of ISO/IEC 23091-2 (CICP).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    pub primaries: u16,
    pub transfer: u16,
    pub matrix: u16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VideoRange {
    #[default]
    Sdr,
    Hlg,
    Pq,
}

impl VideoRange {
    /// As HLS writes it.
    pub fn name(self) -> &'static str {
        match self {
            VideoRange::Sdr => "SDR",
            VideoRange::Hlg => "HLG",
            VideoRange::Pq => "PQ",
        }
    }
}

impl Colour {
    /// From the `colr` box of type `nclx` (§12.1.5); `None` where there is none.
    pub fn of(sample_entry: &[u8]) -> Option<Colour> {
        let body = children(sample_entry)
            .filter(|(kind, _)| kind == b"colr")
            .map(|(_, body)| body)
            .find(|b| b.starts_with(b"nclx"))?;
        let field = |at: usize| body.get(at..at + 2).map(|b| u16::from_be_bytes([b[0], b[1]]));
        Some(Colour { primaries: field(4)?, transfer: field(6)?, matrix: field(8)? })
    }

    pub fn range(self) -> VideoRange {
        match self.transfer {
            16 => VideoRange::Pq,
            18 => VideoRange::Hlg,
            _ => VideoRange::Sdr,
        }
    }
}

/// Width and height of one pixel, from the `pasp` box (§12.1.4); square where there is none.
pub fn pixel_aspect(sample_entry: &[u8]) -> (u32, u32) {
    let field = |body: &[u8], at: usize| {
        body.get(at..at + 4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).filter(|n| *n > 0)
    };
    children(sample_entry)
        .find(|(kind, _)| kind == b"pasp")
        .and_then(|(_, body)| Some((field(body, 0)?, field(body, 4)?)))
        .unwrap_or((1, 1))
}

/// Header of a box, then the fields of VisualSampleEntry (§12.1.3); child boxes follow.
const VISUAL_FIELDS: usize = 8 + 78;

/// Child boxes: type and contents. Ends at the first that does not fit.
fn children(sample_entry: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = sample_entry.get(VISUAL_FIELDS..).unwrap_or_default();
    std::iter::from_fn(move || {
        let size = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let kind: [u8; 4] = rest.get(4..8)?.try_into().ok()?;
        let body = rest.get(8..size)?;
        rest = &rest[size..];
        Some((kind, body))
    })
}

#[cfg(test)]
mod tests;
