//! Workbooks: sheets whose first two rows name groups and columns (layouts 1.7 to 1.9).
//!
//! Invariants:
//! - What is unpacked was counted before: a file that says it is small and is not, is refused.
//! - Cells are read one after the other and never by what a sheet says of its size, so memory is bounded
//!   by the strings that the sheets share and by one row.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::sync::Arc;

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use media::{Error, Result};

use crate::column::{Column, is_group};
use crate::finding::Wrong;
use crate::gather::{Gather, Import};
use crate::line::{Line, MAX_VALUE, Place, Value};
use crate::{MAX_LINES, Terms, too_large};

/// Bytes that a workbook unpacks to at most.
const MAX_PART: u64 = 512 << 20;
/// Bytes of the strings that sheets share, unpacked; they are held while it is read.
const MAX_STRINGS: u64 = 128 << 20;
/// Bytes of a sheet whose size is told wrong, unpacked, at most.
const MAX_REPAIRED: u64 = 64 << 20;
/// Parts of a workbook, and columns of a sheet, at most.
const MAX_PARTS: usize = 1_000;
const MAX_COLUMNS: u32 = 1_024;

pub(crate) fn read(bytes: &[u8], terms: Terms) -> Result<Import> {
    measure(bytes, MAX_PART, MAX_STRINGS)?;
    let open = |bytes| Xlsx::new(Cursor::new(bytes)).map_err(|e| unreadable(&e));
    let mut book: Xlsx<_> = open(Cow::Borrowed(bytes))?;
    let mut gather = Gather::new(terms.dealing);
    let names = book.sheet_names();
    if names.iter().any(|name| book.worksheet_cells_reader(name).is_err_and(|e| is_about_size(&e))) {
        book = open(Cow::Owned(without_sizes(bytes)?))?;
    }
    let mut found = 0;
    for name in &names {
        found += u32::from(sheet(&mut book, name, &mut gather, terms.progress)?);
    }
    if found == 0 {
        let remedy = "The first row names groups (Avail, AvailTrans…), the second columns (ALID, Territory…)";
        return Err(Error::invalid("no sheet of this workbook lists avails").remedy(remedy));
    }
    Ok(gather.finish("workbook".into()))
}

/// Unpacks every part into nothing and counts: all together, and each that is not a sheet.
fn measure(bytes: &[u8], most_in_all: u64, most_in_one: u64) -> Result<()> {
    let broken = |e: zip::result::ZipError| {
        Error::invalid(format!("the workbook cannot be unpacked: {e}")).remedy("Save it again as .xlsx")
    };
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if zip.len() > MAX_PARTS {
        return Err(too_large(format!("a workbook of {} parts; at most {MAX_PARTS}", zip.len())));
    }
    let mut left = most_in_all;
    for number in 0..zip.len() {
        let part = zip.by_index(number).map_err(broken)?;
        let name = part.name().map_err(broken)?.to_ascii_lowercase();
        let most = if name.ends_with(".xml") && !name.contains("worksheets/") { most_in_one } else { left };
        let most = most.min(left);
        let count = std::io::copy(&mut part.take(most + 1), &mut std::io::sink())
            .map_err(|e| Error::invalid(format!("{name} of the workbook cannot be unpacked: {e}")))?;
        if count > most {
            return Err(too_large(format!("{name} of the workbook unpacks to more than {most} bytes")));
        }
        left -= count;
    }
    Ok(())
}

/// Whether a sheet is refused for what it says of its own size, such as `1:65536`.
fn is_about_size(error: &XlsxError) -> bool {
    !matches!(error, XlsxError::NotAWorksheet(_) | XlsxError::WorksheetNotFound(_))
}

/// The workbook without what its sheets say of their size: nothing here believes that.
fn without_sizes(bytes: &[u8]) -> Result<Vec<u8>> {
    let broken = |e: String| Error::invalid(format!("the workbook cannot be unpacked: {e}"));
    let mut from = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(e.to_string()))?;
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for number in 0..from.len() {
        let part = from.by_index(number).map_err(|e| broken(e.to_string()))?;
        let name = part.name().map_err(|e| broken(e.to_string()))?.to_string();
        if !name.contains("worksheets/") || !name.ends_with(".xml") {
            to.raw_copy_file(part).map_err(|e| broken(e.to_string()))?;
            continue;
        }
        let mut text = Vec::new();
        part.take(MAX_REPAIRED + 1).read_to_end(&mut text).map_err(|e| broken(e.to_string()))?;
        if text.len() as u64 > MAX_REPAIRED {
            return Err(too_large(format!(
                "{name} says a wrong size and unpacks to more than {MAX_REPAIRED} bytes"
            )));
        }
        drop_size(&mut text);
        to.start_file(name, plain).map_err(|e| broken(e.to_string()))?;
        to.write_all(&text).map_err(|e| broken(e.to_string()))?;
    }
    Ok(to.finish().map_err(|e| broken(e.to_string()))?.into_inner())
}

/// Takes the element `dimension` out of a sheet.
fn drop_size(text: &mut Vec<u8>) {
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|window| window == what);
    let Some(from) = find(text, b"<dimension") else { return };
    if let Some(length) = find(&text[from..], b">") {
        text.drain(from..=from + length);
    }
}

fn unreadable(error: &XlsxError) -> Error {
    let text: String = error.to_string().chars().take(200).collect();
    Error::invalid(format!("the workbook cannot be read: {text}"))
        .remedy("Save it again as .xlsx, without a password")
}

/// What stands in a row, column by column.
type Row = BTreeMap<u32, String>;

/// Reads a sheet; whether it lists avails.
fn sheet(
    book: &mut Xlsx<Cursor<Cow<[u8]>>>,
    name: &str,
    gather: &mut Gather,
    progress: &mut dyn FnMut(u32),
) -> Result<bool> {
    // A sheet of charts or of dialogues has no cells.
    let Ok(mut cells) = book.worksheet_cells_reader(name) else { return Ok(false) };
    let mut sheet = Sheet { name: name.into(), ..Sheet::default() };
    let (mut row, mut at) = (Row::new(), 0);
    while let Some(cell) = cells.next_cell().map_err(|e| unreadable(&e).at(format!("sheet {name}")))? {
        let (number, column) = cell.get_position();
        if number != at {
            if !sheet.take(at, std::mem::take(&mut row), gather, progress)? {
                return Ok(false);
            }
            at = number;
        }
        if column < MAX_COLUMNS {
            let text = text(cell.get_value());
            if !text.is_empty() {
                row.insert(column, text);
            }
        }
    }
    sheet.take(at, row, gather, progress)?;
    Ok(!sheet.columns.is_empty())
}

/// What is known of a sheet while its rows come.
#[derive(Default)]
struct Sheet {
    name: Arc<str>,
    groups: Row,
    columns: BTreeMap<u32, Column>,
    /// How many of the two headers were read.
    headers: u8,
}

impl Sheet {
    /// Takes a row in. False where the sheet turns out to list no avails.
    fn take(
        &mut self,
        number: u32,
        row: Row,
        gather: &mut Gather,
        progress: &mut dyn FnMut(u32),
    ) -> Result<bool> {
        if self.headers < 2 && !row.is_empty() {
            return Ok(self.header(row));
        }
        let line = self.line(number, row, gather);
        // A note under the headers says what must be filled in.
        let is_note = [Column::Alid, Column::Territory].iter().any(|c| line.text(*c).starts_with("//"));
        if line.values.is_empty() || is_note {
            return Ok(true);
        }
        gather.take(&line);
        if gather.lines > MAX_LINES {
            return Err(too_large(format!("more than {MAX_LINES} rows")));
        }
        if gather.lines.is_multiple_of(1_000) {
            progress(gather.lines);
        }
        Ok(true)
    }

    fn header(&mut self, row: Row) -> bool {
        self.headers += 1;
        if self.headers == 1 {
            self.groups = row;
            return self.groups.values().any(|text| is_group(text));
        }
        let headed = |(at, name): (&u32, &String)| {
            Some((*at, Column::headed(self.groups.get(at)?.trim(), name.trim())?))
        };
        self.columns = row.iter().filter_map(headed).collect();
        let has = |column| self.columns.values().any(|known| *known == column);
        if !(has(Column::Alid) && has(Column::Territory)) {
            self.columns.clear();
        }
        !self.columns.is_empty()
    }

    fn line(&self, number: u32, row: Row, gather: &mut Gather) -> Line {
        let mut line = Line { place: format!("sheet {}, row {}", self.name, number + 1), values: Vec::new() };
        for (at, text) in row {
            let Some(column) = self.columns.get(&at).copied() else { continue };
            let place = Place::Cell { sheet: self.name.clone(), column: at, row: number };
            let text = text.trim();
            let value = Value { column, text: text.to_string(), place };
            if text.len() > MAX_VALUE {
                let says = format!("a cell of {} bytes; at most {MAX_VALUE}", text.len());
                gather.findings.error(&value, Wrong::new(says, "Shorten it"));
                return Line::default();
            } else if !text.is_empty() {
                line.values.push(value);
            }
        }
        line
    }
}

/// What a cell says, as text. Dates are written as ISO 8601 writes them.
fn text(value: &DataRef) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => text.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => value.to_string(),
        DataRef::DateTime(date) if date.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            match date.as_f64().fract() == 0.0 {
                true => format!("{year:04}-{month:02}-{day:02}"),
                false => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
            }
        }
        DataRef::DateTime(length) => length.as_f64().to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => format!("{error}"),
    }
}

#[cfg(test)]
mod tests;
