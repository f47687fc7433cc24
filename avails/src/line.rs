//! One licensed transaction as it is written: a row of a workbook, or a transaction of an XML.

use std::fmt;

use crate::column::Column;

/// Bytes of one value at most; a longer one is told and not read.
pub(crate) const MAX_VALUE: usize = 8_192;

/// Values by column. A column may have several.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    /// For people: `Movies row 4`, `line 41`.
    pub place: String,
    pub values: Vec<Value>,
}

#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub column: Column,
    pub text: String,
    pub place: Place,
}

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Cell { sheet: std::sync::Arc<str>, column: u32, row: u32 },
    Element { line: u32, name: &'static str },
}

impl Line {
    pub fn get(&self, column: Column) -> Option<&Value> {
        self.values.iter().find(|value| value.column == column)
    }
    /// The text of a column; empty where it has none.
    pub fn text(&self, column: Column) -> &str {
        self.get(column).map_or("", |value| value.text.as_str())
    }
    /// Every value of a column, lists taken apart at commas and semicolons.
    pub fn each(&self, column: Column) -> impl Iterator<Item = (&str, &Value)> {
        let values = self.values.iter().filter(move |value| value.column == column);
        values.flat_map(move |value| {
            let whole = if column.is_list() { &[',', ';'][..] } else { &[] };
            let parts = value.text.split(whole).map(str::trim).filter(|part| !part.is_empty());
            parts.map(move |part| (part, value))
        })
    }
    /// Where a column stands, or the line where it has no value.
    pub fn place_of(&self, column: Column) -> String {
        match self.get(column) {
            Some(value) => value.to_string(),
            None => format!("{} ({})", self.place, column.name()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Cell { .. } => write!(f, "{} ({})", self.place, self.column.name()),
            Place::Element { .. } => self.place.fmt(f),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Cell { sheet, column, row } => {
                write!(f, "sheet {sheet}, cell {}{}", letters(*column), row + 1)
            }
            Place::Element { line, name } => write!(f, "line {line}, {name}"),
        }
    }
}

/// A column's letters, counted from 0: A, B … Z, AA.
fn letters(column: u32) -> String {
    let last = char::from(b'A' + (column % 26) as u8);
    match column / 26 {
        0 => last.to_string(),
        before => letters(before - 1) + &last.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        let names: Vec<String> = [0, 25, 26, 51, 52, 701, 702, 16_383].map(letters).into();
        assert_eq!(names.join(" "), "A Z AA AZ BA ZZ AAA XFD");
    }
}
