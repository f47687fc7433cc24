//! Reading the columns of a row in the order of the SELECT, as the values they stand for.

use media::{Digest, Error, Result, Seconds};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::rows::{Original, StoredTrack, Word};
use crate::error::{from_sql, lost};

/// A cursor over the columns of one row.
pub(super) struct Columns<'r> {
    row: &'r SqliteRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(super) fn of(row: &'r SqliteRow) -> Columns<'r> {
        Columns { row, next: 0 }
    }
    fn take<T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>>(&mut self) -> Result<T> {
        self.next += 1;
        self.row.try_get(self.next - 1).map_err(from_sql)
    }

    pub(super) fn text(&mut self) -> Result<String> {
        self.take()
    }
    pub(super) fn optional_text(&mut self) -> Result<Option<String>> {
        self.take()
    }
    pub(super) fn integer(&mut self) -> Result<i64> {
        self.take()
    }
    /// An integer that must fit the narrower type it was written from.
    pub(super) fn number<T: TryFrom<i64>>(&mut self) -> Result<T> {
        let value = self.integer()?;
        T::try_from(value).map_err(|_| lost(format!("the catalogue holds {value} where it cannot stand")))
    }
    /// The same where the column may be null.
    pub(super) fn optional_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>> {
        let Some(value) = self.take::<Option<i64>>()? else { return Ok(None) };
        let narrow = T::try_from(value)
            .map_err(|_| lost(format!("the catalogue holds {value} where it cannot stand")))?;
        Ok(Some(narrow))
    }
    pub(super) fn flag(&mut self) -> Result<bool> {
        Ok(self.integer()? != 0)
    }
    pub(super) fn digest(&mut self) -> Result<Digest> {
        parse_digest(self.take()?)
    }
    pub(super) fn optional_digest(&mut self) -> Result<Option<Digest>> {
        self.take::<Option<&str>>()?.map(parse_digest).transpose()
    }
    pub(super) fn track(&mut self) -> Result<StoredTrack> {
        Ok(StoredTrack { blob: self.digest()?, index: self.digest()? })
    }
    /// The same where both columns may be null.
    pub(super) fn optional_track(&mut self) -> Result<Option<StoredTrack>> {
        let (blob, index) = (self.optional_digest()?, self.optional_digest()?);
        Ok(blob.zip(index).map(|(blob, index)| StoredTrack { blob, index }))
    }
    pub(super) fn original(&mut self) -> Result<Original> {
        Ok(Original { digest: self.digest()?, name: self.text()? })
    }
    pub(super) fn seconds(&mut self) -> Result<Seconds> {
        seconds(self.integer()?, self.integer()?)
    }
    pub(super) fn word<T: Word>(&mut self) -> Result<T> {
        let word = self.take()?;
        T::of(word).ok_or_else(|| lost(format!("the catalogue holds the unknown word {word:?}")))
    }
    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        parse_json(self.take()?)
    }
    pub(super) fn optional_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        self.take::<Option<&str>>()?.map(parse_json).transpose()
    }
}

/// The fraction `num/den` as read from a store.
pub(super) fn seconds(num: i64, den: i64) -> Result<Seconds> {
    if den <= 0 || num == i64::MIN {
        return Err(lost(format!("the catalogue holds {num}/{den} where seconds must stand")));
    }
    Ok(Seconds::new(num, den))
}

/// `value` as the text of a JSON column.
pub(super) fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::internal(e.to_string()))
}

fn parse_digest(text: &str) -> Result<Digest> {
    text.parse().map_err(|_| lost(format!("the catalogue holds {text:?} where a digest must stand")))
}

fn parse_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|e| lost(format!("the catalogue holds JSON that cannot be read ({e})")))
}
