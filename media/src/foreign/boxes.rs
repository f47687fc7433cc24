//! Walks the boxes of a foreign file, and bounds the work that a hostile one can cause.
//!
//! Invariants:
//! - A box never reaches beyond its parent, so a lying size cannot lead a reader out of its slice.
//! - Nothing here recurses: callers descend by name through the few containers they know, so the
//!   depth of a file is bounded by the code and not by the file.
//! - Every box and every table byte is paid for from a [`Budget`], so time and memory stay linear in
//!   small constants whatever the counts in the file claim.

#[cfg(test)]
mod tests;

use crate::error::{Error, Result};

/// Boxes looked at in one file. Two hours in fragments of one frame need 1.2 million.
const MAX_BOXES: usize = 1 << 22;
/// Bytes of sample tables in one file. Sixty hours at 24 frames a second need this much.
const MAX_TABLE_BYTES: usize = 64 << 20;

/// A four-character code.
pub type FourCc = [u8; 4];

/// The code as text, for messages.
pub fn name(kind: FourCc) -> String {
    kind.escape_ascii().to_string()
}

/// One box: its kind, where it begins in the file, and its bytes.
#[derive(Clone, Copy, Debug)]
pub struct BoxRef<'a> {
    pub kind: FourCc,
    /// Where the header begins, in bytes from the start of the file.
    pub start: u64,
    /// Header and body.
    pub whole: &'a [u8],
    pub body: &'a [u8],
}

impl<'a> BoxRef<'a> {
    /// Where the body begins, in bytes from the start of the file.
    pub fn body_start(&self) -> u64 {
        self.start + (self.whole.len() - self.body.len()) as u64
    }
    /// Adds this box to the places of an error.
    pub fn blame(&self, error: Error) -> Error {
        error.at(format!("box {} at byte {}", name(self.kind), self.start))
    }
    /// Version and flags of a full box, and what follows them (ISO/IEC 14496-12 §4.2.2).
    pub fn full(&self) -> Result<(u8, u32, &'a [u8])> {
        let (head, rest) = self.body.split_first_chunk::<4>().ok_or_else(|| self.blame(cut_off()))?;
        Ok((head[0], u32::from_be_bytes([0, head[1], head[2], head[3]]), rest))
    }
}

fn cut_off() -> Error {
    Error::invalid("the box ends before its fields do")
}

/// What is left of the work that one file may cause.
#[derive(Debug)]
pub struct Budget {
    boxes: usize,
    table_bytes: usize,
}

impl Budget {
    pub fn of_a_file() -> Budget {
        Budget { boxes: MAX_BOXES, table_bytes: MAX_TABLE_BYTES }
    }
    /// Pays for decoding a table box before memory is taken for its entries.
    pub fn table(&mut self, table: &BoxRef) -> Result<()> {
        self.table_bytes = self.table_bytes.checked_sub(table.body.len()).ok_or_else(|| {
            table.blame(Error::unsupported(format!(
                "the sample tables are longer than {MAX_TABLE_BYTES} bytes"
            )))
        })?;
        Ok(())
    }
    fn one_box(&mut self) -> Result<()> {
        self.boxes = self
            .boxes
            .checked_sub(1)
            .ok_or_else(|| Error::unsupported(format!("the file has more than {MAX_BOXES} boxes")))?;
        Ok(())
    }
}

/// The boxes at the top of a file. The last `mdat` may run past the end, because readers agree to
/// tolerate it; its samples are checked one by one.
pub fn top<'a>(file: &'a [u8], budget: &mut Budget) -> Result<Vec<BoxRef<'a>>> {
    walk(file, 0, true, budget)
}

/// The boxes inside a container, from `skip` bytes into its body.
pub fn children<'a>(parent: &BoxRef<'a>, skip: usize, budget: &mut Budget) -> Result<Vec<BoxRef<'a>>> {
    let bytes = parent.body.get(skip..).ok_or_else(|| parent.blame(cut_off()))?;
    walk(bytes, parent.body_start() + skip as u64, false, budget).map_err(|e| parent.blame(e))
}

fn walk<'a>(bytes: &'a [u8], base: u64, top: bool, budget: &mut Budget) -> Result<Vec<BoxRef<'a>>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    // Fewer bytes than a header are padding: QuickTime ends some containers with four zero bytes.
    while rest.len() >= 8 {
        budget.one_box()?;
        let start = base + (bytes.len() - rest.len()) as u64;
        let one = first(rest, start, top)?;
        rest = &rest[one.whole.len()..];
        found.push(one);
    }
    Ok(found)
}

/// Reads one box at the start of `bytes`, which stand `start` bytes into the file.
pub fn decode_box(bytes: &[u8], start: u64) -> Result<BoxRef<'_>> {
    if bytes.len() < 8 {
        return Err(Error::invalid(format!("{} bytes at byte {start} are too few for a box", bytes.len())));
    }
    first(bytes, start, false)
}

/// Reads the box at the start of `bytes`, which holds at least a header's eight bytes.
fn first(bytes: &[u8], start: u64, top: bool) -> Result<BoxRef<'_>> {
    let kind = [bytes[4], bytes[5], bytes[6], bytes[7]];
    let blame =
        |message: String| Err(Error::invalid(message).at(format!("box {} at byte {start}", name(kind))));
    let (header, size) = match u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) {
        0 => (8, bytes.len() as u64),
        1 => match bytes[8..].first_chunk::<8>() {
            Some(long) => (16, u64::from_be_bytes(*long)),
            None => return blame("the box ends inside its header".into()),
        },
        size => (8, size as u64),
    };
    if size < header {
        return blame(format!("the box says it is {size} bytes long, less than its own header"));
    }
    let size = match usize::try_from(size).ok().filter(|size| *size <= bytes.len()) {
        Some(size) => size,
        None if top && kind == *b"mdat" => bytes.len(),
        None => {
            let left = bytes.len();
            return blame(format!(
                "the box says it is {size} bytes long, but {left} are left: the file is cut off or damaged"
            ));
        }
    };
    Ok(BoxRef { kind, start, whole: &bytes[..size], body: &bytes[header as usize..size] })
}

/// The only child of a kind. Two of them are an error, because readers would disagree.
pub fn only<'a>(boxes: &[BoxRef<'a>], kind: &FourCc) -> Result<Option<BoxRef<'a>>> {
    let mut of_kind = boxes.iter().filter(|b| b.kind == *kind);
    let one = of_kind.next().copied();
    match of_kind.next() {
        Some(second) => {
            Err(second.blame(Error::invalid(format!("a second {} box in the same place", name(*kind)))))
        }
        None => Ok(one),
    }
}

/// Like [`only`], but the box must be there.
pub fn required<'a>(boxes: &[BoxRef<'a>], kind: &FourCc) -> Result<BoxRef<'a>> {
    only(boxes, kind)?.ok_or_else(|| Error::invalid(format!("the {} box is missing", name(*kind))))
}

/// Decodes the body of a box whose layout is plain fields, with mp4-atom.
///
/// Bytes after the last field are ignored: later versions of a box may add fields.
pub fn decode<T: mp4_atom::Atom>(from: &BoxRef) -> Result<T> {
    T::decode_body(&mut &from.body[..])
        .map_err(|e| from.blame(Error::invalid(format!("the fields cannot be read ({e})"))))
}

/// Decodes a table: like [`decode`], paid for from the budget.
pub fn decode_table<T: mp4_atom::Atom>(from: &BoxRef, budget: &mut Budget) -> Result<T> {
    budget.table(from)?;
    decode(from)
}
