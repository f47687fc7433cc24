//! Sheets of thumbnails without encoding: baseline JPEG tiles joined into one column.
//!
//! Clauses are those of ITU-T T.81. A scan that ends at a restart marker leaves nothing behind: the
//! next one starts with fresh predictions on a byte boundary (§F.1.1.5.1). So tiles that share size
//! and tables become one picture when their scans are written one after the other with restart
//! markers between: a sheet of any version is a header, ranges of stored scans, and two bytes each.
//!
//! Invariants:
//! - A tile is whole minimum coded units in both directions, has one scan with all components, and
//!   no restart markers of its own.
//! - The header of a tile holds tables, frame and scan header and nothing else that differs between
//!   encoders, so tiles fit together exactly when their headers are equal bytes.
//! - JPEG comes from outside: malformed or unusual input is refused, never guessed at.

use crate::error::{Error, Result};

/// End of image (Table B.1), after the last scan of a sheet.
pub const END: [u8; 2] = [0xff, EOI];

/// Bytes of a tile's header at most; real ones have about 600.
const MAX_HEADER: usize = 8 * 1024;

const SOF0: u8 = 0xc0;
const DHT: u8 = 0xc4;
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const DRI: u8 = 0xdd;
const APP0: u8 = 0xe0;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;
const COM: u8 = 0xfe;

/// One thumbnail, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile<'a> {
    /// From the start of the image to the end of the scan header.
    pub header: Vec<u8>,
    /// The entropy-coded bytes.
    pub scan: &'a [u8],
    /// Pixels.
    pub width: u16,
    pub height: u16,
}

/// Takes a JPEG file apart. Refuses what is not baseline, has several scans, or is not whole
/// minimum coded units in size.
pub fn split(jpeg: &[u8]) -> Result<Tile<'_>> {
    let mut header = vec![0xff, SOI];
    let mut frame = None;
    let mut reader = Reader::open(jpeg)?;
    loop {
        let start = reader.at;
        let (marker, body) = reader.segment()?;
        let bytes = &jpeg[start..reader.at];
        match marker {
            SOF0 if frame.is_none() => frame = Some(Frame::read(body)?),
            SOF0 => return Err(Error::invalid("a JPEG with two frame headers")),
            APP0 | DHT | DQT => (),
            SOS => match &frame {
                Some(frame) => frame.check_scan(body)?,
                None => return Err(Error::invalid("a JPEG scan before its frame header")),
            },
            DRI if body == [0, 0] => continue,
            DRI => {
                return Err(Error::unsupported("a JPEG tile with restart markers of its own"));
            }
            APP14 => {
                return Err(Error::unsupported("a JPEG tile with colours of Adobe's kind"));
            }
            APP0..=APP15 | COM => continue,
            _ => {
                return Err(Error::unsupported(format!(
                    "JPEG marker ff{marker:02x}; expected a baseline picture of one scan"
                )));
            }
        }
        header.extend(bytes);
        if header.len() > MAX_HEADER {
            return Err(Error::unsupported(format!("a JPEG header longer than {MAX_HEADER} bytes")));
        }
        if marker == SOS {
            break;
        }
    }
    let frame = frame.ok_or_else(|| Error::invalid("a JPEG without a frame header"))?;
    let scan = reader.scan()?;
    Ok(Tile { header, scan, width: frame.width, height: frame.height })
}

/// The header of a sheet of `tiles` tiles in one column, each with the header `tile_header` that
/// [`split`] gave. Scans follow, with [`restart`] between them and [`END`] behind the last.
pub fn strip_header(tile_header: &[u8], tiles: u32) -> Result<Vec<u8>> {
    let mut reader = Reader::open(tile_header)?;
    let mut out = vec![0xff, SOI];
    let mut frame = None;
    loop {
        let start = reader.at;
        let (marker, body) = reader.segment()?;
        let bytes = &tile_header[start..reader.at];
        match (marker, &frame) {
            (SOF0, None) => {
                let of_tile = Frame::read(body)?;
                let height = tiles
                    .checked_mul(of_tile.height.into())
                    .and_then(|h| u16::try_from(h).ok())
                    .filter(|h| *h > 0);
                let height = height.ok_or_else(|| {
                    Error::unsupported(format!(
                        "{tiles} tiles of {} rows in one JPEG; expected 1 to 65535 rows",
                        of_tile.height
                    ))
                })?;
                out.extend(bytes);
                // Marker, length and precision stand before the number of lines (§B.2.2).
                let lines = out.len() - bytes.len() + 5;
                out[lines..lines + 2].copy_from_slice(&height.to_be_bytes());
                frame = Some(of_tile);
            }
            (SOS, Some(frame)) => {
                out.extend([0xff, DRI, 0, 4]); // §B.2.4.4: define restart interval, its length
                out.extend(frame.units.to_be_bytes()); // one tile an interval
                out.extend(bytes);
                return Ok(out);
            }
            (SOS, None) => return Err(Error::invalid("a JPEG scan before its frame header")),
            _ => out.extend(bytes),
        }
    }
}

/// The restart marker behind tile `n` of a sheet, counted from 0 (§B.1.1.3: they count modulo 8).
pub fn restart(n: u32) -> [u8; 2] {
    [0xff, 0xd0 + (n % 8) as u8]
}

/// A frame header (§B.2.2).
struct Frame {
    width: u16,
    height: u16,
    components: u8,
    /// Minimum coded units in the picture.
    units: u16,
}

impl Frame {
    fn read(body: &[u8]) -> Result<Frame> {
        let &[precision, h1, h0, w1, w0, components, ref rest @ ..] = body else {
            return Err(Error::invalid("a JPEG frame header that is cut off"));
        };
        let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
        if precision != 8 || !matches!(components, 1 | 3) || rest.len() != 3 * usize::from(components) {
            return Err(Error::unsupported(format!(
                "a JPEG of {components} components of {precision} bits; expected 1 or 3 of 8"
            )));
        }
        let factors = || rest.iter().skip(1).step_by(3).map(|f| (u16::from(f >> 4), u16::from(f & 15)));
        if !factors().all(|(h, v)| (1..=4).contains(&h) && (1..=4).contains(&v)) {
            return Err(Error::invalid("JPEG sampling factors outside 1 to 4"));
        }
        let across = 8 * factors().map(|(h, _)| h).max().unwrap_or(1);
        let down = 8 * factors().map(|(_, v)| v).max().unwrap_or(1);
        if width == 0 || height == 0 || width % across != 0 || height % down != 0 {
            return Err(Error::unsupported(format!(
                "a JPEG tile of {width}x{height}; expected multiples of {across}x{down}"
            )));
        }
        // A lone component is coded block by block, whatever its factors say (§A.2.2).
        let (across, down) = if components == 1 { (8, 8) } else { (across, down) };
        let units = u32::from(width / across) * u32::from(height / down);
        let units = u16::try_from(units)
            .map_err(|_| Error::unsupported(format!("a JPEG tile of {width}x{height}, too large")))?;
        Ok(Frame { width, height, components, units })
    }

    /// §B.2.3: one interleaved baseline scan.
    fn check_scan(&self, body: &[u8]) -> Result<()> {
        let selectors = 2 * usize::from(self.components);
        if body.len() != 1 + selectors + 3
            || body[0] != self.components
            || body[1 + selectors..] != [0, 63, 0]
        {
            return Err(Error::unsupported("a JPEG scan that is not baseline with all components"));
        }
        Ok(())
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn open(bytes: &'a [u8]) -> Result<Reader<'a>> {
        if !bytes.starts_with(&[0xff, SOI]) {
            return Err(Error::invalid("not a JPEG: it does not start with ffd8"));
        }
        Ok(Reader { bytes, at: 2 })
    }

    /// The next marker segment: its marker and its contents after the length (§B.1.1.4).
    fn segment(&mut self) -> Result<(u8, &'a [u8])> {
        let at = self.at;
        let cut_off = || Error::invalid("a JPEG that is cut off in its header").at(format!("byte {at}"));
        let rest = self.bytes.get(at..).ok_or_else(cut_off)?;
        let [mark, marker, rest @ ..] = rest else {
            return Err(cut_off());
        };
        if *mark != 0xff || *marker < SOF0 || (0xd0..=EOI).contains(marker) || *marker == 0xff {
            return Err(Error::invalid(format!(
                "{mark:02x}{marker:02x} where a JPEG marker segment was expected"
            ))
            .at(format!("byte {at}")));
        }
        let length = usize::from(u16::from_be_bytes(*rest.first_chunk().ok_or_else(cut_off)?));
        let body = rest.get(2..length).ok_or_else(cut_off)?;
        self.at = at + 2 + length;
        Ok((*marker, body))
    }

    /// What is left: one scan, and the end of the image.
    fn scan(&self) -> Result<&'a [u8]> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest.windows(2).position(|w| w[0] == 0xff && w[1] != 0);
        match end.map(|end| (end, rest[end + 1])) {
            Some((0, _)) => Err(Error::invalid("a JPEG with an empty scan")),
            Some((end, EOI)) => Ok(&rest[..end]),
            Some((end, marker)) => Err(Error::unsupported(format!(
                "JPEG marker ff{marker:02x} behind the scan; expected the end of the image"
            ))
            .at(format!("byte {}", self.at + end))),
            None => Err(Error::invalid("a JPEG that is cut off in its scan")),
        }
    }
}

#[cfg(test)]
mod tests;
