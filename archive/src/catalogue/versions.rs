//! Versions: named compositions of titles.

use std::collections::BTreeMap;

use media::{Error, Result};
use sqlx::SqliteConnection;

use super::Catalogue;
use super::change::Change;
use super::columns::{Columns, json};
use super::rows::{Removed, Version};
use super::sum::of_version;
use super::titles::{no_title, select_all, title_exists};
use crate::error::{conflict, from_sql, lost};

impl Catalogue {
    /// Enters a version, durably. Its made media must have been entered before. Entering the same
    /// composition under the same name again changes nothing but its labels.
    ///
    /// Fails with `NotFound` when a title that it shows is not there, with `Conflict` when the name
    /// is another composition's.
    pub async fn put_version(&self, version: &Version) -> Result<()> {
        let mut change = Change::begin(self).await?;
        for id in std::iter::once(&version.title).chain(&version.shows) {
            if !title_exists(&mut change, id).await? {
                return Err(no_title(id));
            }
        }
        let select = sqlx::query("SELECT composition FROM version WHERE title = $1 AND name = $2");
        if let Some(row) = change.first(select.bind(&version.title).bind(&version.name)).await?
            && Columns::of(&row).digest()? != version.composition
        {
            return Err(conflict(format!("{:?} has another version {:?}", version.title, version.name))
                .remedy("Choose another name, or remove that version first"));
        }
        insert(&mut change, version).await?;
        change.commit().await
    }

    /// Fails with `NotFound` when the title has no version of this name.
    pub async fn version(&self, title: &str, name: &str) -> Result<Version> {
        let found = self.versions(Some(title)).await?.into_iter().find(|v| v.name == name);
        found.ok_or_else(|| no_version(title, name))
    }

    /// The versions of one title, or all, by title and name.
    pub async fn versions(&self, title: Option<&str>) -> Result<Vec<Version>> {
        let mut tx = self.readers.begin().await.map_err(from_sql)?;
        read(&mut tx, title).await
    }

    /// Removes a version, durably; that it stood is kept. What was made for it stays until a sweep. Fails
    /// with `NotFound`.
    pub async fn remove_version(&self, title: &str, name: &str, now: i64) -> Result<()> {
        let mut change = Change::begin(self).await?;
        note_removed(&mut change, title, Some(name), now).await?;
        let query = sqlx::query("DELETE FROM version WHERE title = $1 AND name = $2").bind(title).bind(name);
        if change.run(query).await? == 0 {
            return Err(no_version(title, name));
        }
        change.commit().await
    }
}

/// Keeps what is about to be removed: one version of a title, or all.
pub(super) async fn note_removed(
    change: &mut Change<'_>,
    title: &str,
    name: Option<&str>,
    now: i64,
) -> Result<()> {
    let note = sqlx::query(
        "INSERT INTO version_removed (title, name, spans, composition, created, removed) \
         SELECT title, name, spans, composition, created, $3 FROM version \
         WHERE title = $1 AND (CAST($2 AS TEXT) IS NULL OR name = $2)",
    );
    change.run(note.bind(title).bind(name).bind(now)).await.map(drop)
}

/// Every version that was removed, in that order.
pub(super) async fn read_removed(connection: &mut SqliteConnection) -> Result<Vec<Removed>> {
    let query = sqlx::query(
        "SELECT title, name, spans, composition, created, removed FROM version_removed \
         ORDER BY removed, title, name, created",
    );
    let rows = query.fetch_all(connection).await.map_err(from_sql)?;
    let read = |row| {
        let mut c = Columns::of(row);
        Ok(Removed {
            title: c.text()?,
            name: c.text()?,
            spans: c.text()?,
            composition: c.digest()?,
            created: c.integer()?,
            removed: c.integer()?,
        })
    };
    rows.iter().map(read).collect()
}

fn no_version(title: &str, name: &str) -> Error {
    Error::not_found(format!("{title:?} has no version {name:?}"))
        .remedy("phim version list shows the versions")
}

async fn insert(change: &mut Change<'_>, version: &Version) -> Result<()> {
    let query = sqlx::query(
        "INSERT INTO version (title, name, labels, spans, composition, created, sum) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (title, name) DO UPDATE SET labels = excluded.labels, sum = excluded.sum",
    );
    let query = query.bind(&version.title).bind(&version.name).bind(json(&version.labels)?);
    let query = query.bind(&version.spans).bind(version.composition.to_string()).bind(version.created);
    change.run(query.bind(of_version(version).to_string())).await?;
    for shows in &version.shows {
        let query = sqlx::query(
            "INSERT INTO version_title (title, name, shows) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        );
        change.run(query.bind(&version.title).bind(&version.name).bind(shows)).await?;
    }
    for key in &version.made {
        let found = sqlx::query("SELECT key FROM made WHERE key = $1").bind(key.to_string());
        if change.first(found).await?.is_none() {
            return Err(Error::internal(format!(
                "the version {:?} needs {key}, which is not made",
                version.name
            )));
        }
        let query = sqlx::query(
            "INSERT INTO version_made (title, name, key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        );
        change.run(query.bind(&version.title).bind(&version.name).bind(key.to_string())).await?;
    }
    Ok(())
}

/// Reads the versions of one title, or all.
pub(super) async fn read(connection: &mut SqliteConnection, title: Option<&str>) -> Result<Vec<Version>> {
    let (mut versions, mut sums) = (BTreeMap::new(), BTreeMap::new());
    let select = "SELECT title, name, labels, spans, composition, created, sum FROM version \
                  WHERE CAST($1 AS TEXT) IS NULL OR title = $1";
    for row in select_all(connection, select, title).await? {
        let mut c = Columns::of(&row);
        let version = read_version(&mut c)?;
        let key = (version.title.clone(), version.name.clone());
        sums.insert(key.clone(), c.optional_digest()?);
        versions.insert(key, version);
    }
    let select = "SELECT title, name, shows FROM version_title \
                  WHERE CAST($1 AS TEXT) IS NULL OR title = $1 ORDER BY title, name, shows";
    for row in select_all(connection, select, title).await? {
        let mut c = Columns::of(&row);
        owner(&mut versions, &mut c)?.shows.push(c.text()?);
    }
    let select = "SELECT title, name, key FROM version_made \
                  WHERE CAST($1 AS TEXT) IS NULL OR title = $1 ORDER BY title, name, key";
    for row in select_all(connection, select, title).await? {
        let mut c = Columns::of(&row);
        owner(&mut versions, &mut c)?.made.push(c.digest()?);
    }
    for (key, version) in &versions {
        if sums[key].is_some_and(|written| written != of_version(version)) {
            let (title, name) = key;
            return Err(lost(format!(
                "what is stored of the version {title}/{name} has changed on the disk"
            ))
            .at("catalogue")
            .remedy("Put back the last copy of catalogue.sqlite; the blobs are not harmed"));
        }
    }
    Ok(versions.into_values().collect())
}

fn owner<'v>(
    versions: &'v mut BTreeMap<(String, String), Version>,
    c: &mut Columns,
) -> Result<&'v mut Version> {
    let key = (c.text()?, c.text()?);
    versions.get_mut(&key).ok_or_else(|| lost(format!("the catalogue holds a part of no version, {key:?}")))
}

fn read_version(c: &mut Columns) -> Result<Version> {
    Ok(Version {
        title: c.text()?,
        name: c.text()?,
        labels: c.json()?,
        spans: c.text()?,
        composition: c.digest()?,
        shows: Vec::new(),
        made: Vec::new(),
        created: c.integer()?,
    })
}
