//! Media made for compositions: patches and cards.

use media::{Digest, Result};
use sqlx::SqliteConnection;

use super::Catalogue;
use super::change::Change;
use super::columns::Columns;
use super::rows::Made;
use super::titles::select_all;
use crate::error::from_sql;

impl Catalogue {
    /// Enters made media, durably and all or none. What a key names already is kept: media made
    /// twice for one need is as good as made once.
    pub async fn put_made(&self, made: &[Made]) -> Result<()> {
        let mut change = Change::begin(self).await?;
        for made in made {
            change.name_track(&made.track).await?;
            let query = sqlx::query(
                "INSERT INTO made (key, blob, index_blob, what, created) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (key) DO NOTHING",
            );
            let query = query.bind(made.key.to_string());
            let query = query.bind(made.track.blob.to_string()).bind(made.track.index.to_string());
            change.run(query.bind(&made.what).bind(made.created)).await?;
        }
        change.commit().await
    }

    /// The media made for `key`, if it is made.
    pub async fn made(&self, key: &Digest) -> Result<Option<Made>> {
        let mut connection = self.readers.acquire().await.map_err(from_sql)?;
        Ok(read(&mut connection, Some(&key.to_string())).await?.pop())
    }

    /// Forgets made media that turned out to be damaged, durably, so that it can be made again.
    pub async fn remove_made(&self, key: &Digest) -> Result<()> {
        let mut change = Change::begin(self).await?;
        change.run(sqlx::query("DELETE FROM version_made WHERE key = $1").bind(key.to_string())).await?;
        change.run(sqlx::query("DELETE FROM made WHERE key = $1").bind(key.to_string())).await?;
        change.commit().await
    }
}

pub(super) async fn read(connection: &mut SqliteConnection, key: Option<&str>) -> Result<Vec<Made>> {
    let select = "SELECT key, blob, index_blob, what, created FROM made \
                  WHERE CAST($1 AS TEXT) IS NULL OR key = $1 ORDER BY key";
    let rows = select_all(connection, select, key).await?;
    let made = rows.iter().map(|row| {
        let mut c = Columns::of(row);
        Ok(Made { key: c.digest()?, track: c.track()?, what: c.text()?, created: c.integer()? })
    });
    made.collect()
}
