//! Titles and their media.

use std::collections::BTreeMap;

use media::{Error, Rate, Result};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::Catalogue;
use super::change::Change;
use super::columns::{Columns, json, seconds};
use super::jobs;
use super::rows::*;
use super::sum::of_title;
use super::versions::note_removed;
use crate::error::{conflict, from_sql, lost};

impl Catalogue {
    /// Enters a title with all its tracks, and ends the job that brought it, in one transaction:
    /// everything is durable when this returns, or nothing has changed.
    ///
    /// Fails with `Conflict` when the id is taken or the job is another attempt's by now.
    pub async fn put_title(&self, title: &Title, job: Option<(&Claim, i64)>) -> Result<()> {
        let mut change = Change::begin(self).await?;
        if title_exists(&mut change, &title.id).await? {
            return Err(conflict(format!("there is a title {:?} already", title.id))
                .remedy("Choose another id, or remove that title first"));
        }
        insert(&mut change, title).await?;
        if let Some((claim, now)) = job {
            jobs::end(&mut change, claim, JobState::Done, None, now).await?;
        }
        change.commit().await
    }

    /// Replaces a title's description and tracks, e.g. when a subtitle is added, and ends the job
    /// that did it. Versions stay; durable in one transaction like [`Catalogue::put_title`].
    /// Fails with `NotFound` when there is no such title.
    pub async fn replace_title(&self, title: &Title, job: Option<(&Claim, i64)>) -> Result<()> {
        let mut change = Change::begin(self).await?;
        if !title_exists(&mut change, &title.id).await? {
            return Err(no_title(&title.id));
        }
        for table in [
            "DELETE FROM rendition WHERE title = $1",
            "DELETE FROM sound WHERE title = $1",
            "DELETE FROM text WHERE title = $1",
            "DELETE FROM thumbnails WHERE title = $1",
        ] {
            change.run(sqlx::query(table).bind(&title.id)).await?;
        }
        insert(&mut change, title).await?;
        if let Some((claim, now)) = job {
            jobs::end(&mut change, claim, JobState::Done, None, now).await?;
        }
        change.commit().await
    }

    /// Fails with `NotFound` when there is no such title.
    pub async fn title(&self, id: &str) -> Result<Title> {
        let mut tx = self.readers.begin().await.map_err(from_sql)?;
        read(&mut tx, Some(id)).await?.pop().ok_or_else(|| no_title(id))
    }

    /// By id.
    pub async fn titles(&self) -> Result<Vec<Title>> {
        let mut tx = self.readers.begin().await.map_err(from_sql)?;
        read(&mut tx, None).await
    }

    /// Removes a title and its versions, durably; that the versions stood is kept. Its blobs stay until a
    /// sweep. Fails with `NotFound`, or with `Conflict` when a version of another title shows it.
    pub async fn remove_title(&self, id: &str, now: i64) -> Result<()> {
        let mut change = Change::begin(self).await?;
        let users = sqlx::query(
            "SELECT title, name FROM version_title WHERE shows = $1 AND title <> $1 ORDER BY title, name",
        );
        let users = change.all(users.bind(id)).await?;
        if !users.is_empty() {
            let mut names = Vec::new();
            for row in &users {
                let mut c = Columns::of(row);
                names.push(format!("{}/{}", c.text()?, c.text()?));
            }
            return Err(conflict(format!(
                "{id:?} is shown by versions of other titles: {}",
                names.join(", ")
            ))
            .remedy("Remove those versions first"));
        }
        note_removed(&mut change, id, None, now).await?;
        if change.run(sqlx::query("DELETE FROM title WHERE id = $1").bind(id)).await? == 0 {
            return Err(no_title(id));
        }
        change.commit().await
    }
}

pub(super) fn no_title(id: &str) -> Error {
    Error::not_found(format!("there is no title {id:?}")).remedy("phim title list shows the titles")
}

pub(super) async fn title_exists(change: &mut Change<'_>, id: &str) -> Result<bool> {
    Ok(change.first(sqlx::query("SELECT id FROM title WHERE id = $1").bind(id)).await?.is_some())
}

async fn insert(change: &mut Change<'_>, title: &Title) -> Result<()> {
    if title.renditions.is_empty() || title.from >= title.to {
        return Err(Error::invalid(format!("the title {:?} has no picture", title.id)));
    }
    insert_title(change, title).await?;
    for (n, rendition) in title.renditions.iter().enumerate() {
        insert_rendition(change, title, n as i64, rendition).await?;
    }
    for (n, sound) in title.sounds.iter().enumerate() {
        insert_sound(change, &title.id, n as i64, sound).await?;
    }
    for (n, text) in title.texts.iter().enumerate() {
        insert_text(change, &title.id, n as i64, text).await?;
    }
    match &title.thumbnails {
        Some(thumbnails) => insert_thumbnails(change, &title.id, thumbnails).await,
        None => Ok(()),
    }
}

async fn insert_title(change: &mut Change<'_>, title: &Title) -> Result<()> {
    if let Some(poster) = &title.poster {
        change.name_blob(poster).await?;
    }
    let chapters: Vec<_> = title.chapters.iter().map(|c| (*c.at.numer(), *c.at.denom(), &c.name)).collect();
    let query = sqlx::query(
        "INSERT INTO title (id, kind, names, rate_num, rate_den, from_frame, to_frame, source, poster, chapters, created, \
         poster_frame, year, credits, series, season, episode, derived_from, sum) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, \
         names = excluded.names, rate_num = excluded.rate_num, rate_den = excluded.rate_den, \
         from_frame = excluded.from_frame, to_frame = excluded.to_frame, source = excluded.source, \
         poster = excluded.poster, chapters = excluded.chapters, created = excluded.created, \
         poster_frame = excluded.poster_frame, year = excluded.year, credits = excluded.credits, series = excluded.series, \
         season = excluded.season, episode = excluded.episode, derived_from = excluded.derived_from, sum = excluded.sum",
    );
    let query = query.bind(&title.id).bind(title.kind.name()).bind(json(&title.names)?);
    let query = query.bind(title.rate.num() as i64).bind(title.rate.den() as i64);
    let query = query.bind(title.from as i64).bind(title.to as i64).bind(title.source.to_string());
    let query = query.bind(title.poster.map(|d| d.to_string())).bind(json(&chapters)?).bind(title.created);
    let query =
        query.bind(title.poster_frame.map(i64::from)).bind(title.year.map(i64::from)).bind(&title.credits);
    let place = title.place.as_ref();
    let query = query.bind(place.map(|p| p.series.clone())).bind(place.and_then(|p| p.season).map(i64::from));
    let query = query.bind(place.and_then(|p| p.episode).map(i64::from)).bind(json(&title.derived_from)?);
    change.run(query.bind(of_title(title).to_string())).await.map(drop)
}

async fn insert_rendition(
    change: &mut Change<'_>,
    title: &Title,
    ordinal: i64,
    rendition: &Rendition,
) -> Result<()> {
    let index = change.name_track(&rendition.track).await?;
    if index.samples() < title.to {
        let message = format!(
            "rendition {ordinal} has {} frames; the title presents up to frame {}",
            index.samples(),
            title.to
        );
        return Err(Error::invalid(message).at(title.id.clone()));
    }
    if let Some(hold) = &rendition.hold {
        change.name_track(hold).await?;
    }
    let query = sqlx::query(
        "INSERT INTO rendition (title, ordinal, blob, index_blob, original, original_name, hold_blob, hold_index) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    let query = query.bind(&title.id).bind(ordinal);
    let query = query.bind(rendition.track.blob.to_string()).bind(rendition.track.index.to_string());
    let query = query.bind(rendition.original.digest.to_string()).bind(&rendition.original.name);
    let query = query.bind(rendition.hold.map(|hold| hold.blob.to_string()));
    change.run(query.bind(rendition.hold.map(|hold| hold.index.to_string()))).await.map(drop)
}

async fn insert_sound(change: &mut Change<'_>, title: &str, ordinal: i64, sound: &Sound) -> Result<()> {
    change.name_track(&sound.track).await?;
    change.name_track(&sound.silence).await?;
    let query = sqlx::query(
        "INSERT INTO sound (title, ordinal, language, label, is_default, blob, index_blob, silence_blob, silence_index, \
         offset_num, offset_den, loudness, original, original_name) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    );
    let query =
        query.bind(title).bind(ordinal).bind(&sound.language).bind(&sound.label).bind(sound.default as i64);
    let query = query.bind(sound.track.blob.to_string()).bind(sound.track.index.to_string());
    let query = query.bind(sound.silence.blob.to_string()).bind(sound.silence.index.to_string());
    let query = query.bind(*sound.offset.numer()).bind(*sound.offset.denom());
    let query = query.bind(sound.loudness.as_ref().map(json).transpose()?);
    let query = query.bind(sound.original.digest.to_string()).bind(&sound.original.name);
    change.run(query).await.map(drop)
}

async fn insert_text(change: &mut Change<'_>, title: &str, ordinal: i64, text: &Text) -> Result<()> {
    change.name_blob(&text.blob).await?;
    let query = sqlx::query(
        "INSERT INTO text (title, ordinal, language, label, forced, blob, original, original_name) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    let query =
        query.bind(title).bind(ordinal).bind(&text.language).bind(&text.label).bind(text.forced as i64);
    let query =
        query.bind(text.blob.to_string()).bind(text.original.digest.to_string()).bind(&text.original.name);
    change.run(query).await.map(drop)
}

async fn insert_thumbnails(change: &mut Change<'_>, title: &str, thumbnails: &Thumbnails) -> Result<()> {
    change.name_blob(&thumbnails.blob).await?;
    let tiles: Vec<_> = thumbnails.tiles.iter().map(|t| (t.frame, t.offset, t.len)).collect();
    let query =
        sqlx::query("INSERT INTO thumbnails (title, blob, width, height, tiles) VALUES ($1, $2, $3, $4, $5)");
    let query = query.bind(title).bind(thumbnails.blob.to_string());
    let query = query.bind(thumbnails.width as i64).bind(thumbnails.height as i64).bind(json(&tiles)?);
    change.run(query).await.map(drop)
}

/// Reads one title, or all, by id.
pub(super) async fn read(connection: &mut SqliteConnection, id: Option<&str>) -> Result<Vec<Title>> {
    let (mut titles, mut sums) = (BTreeMap::new(), BTreeMap::new());
    let select = "SELECT id, kind, names, rate_num, rate_den, from_frame, to_frame, source, poster, chapters, created, \
                  poster_frame, year, credits, series, season, episode, derived_from, sum FROM title WHERE CAST($1 AS TEXT) IS NULL OR id = $1";
    for row in select_all(connection, select, id).await? {
        let mut c = Columns::of(&row);
        let title = read_title(&mut c)?;
        sums.insert(title.id.clone(), c.optional_digest()?);
        titles.insert(title.id.clone(), title);
    }
    let select = "SELECT title, blob, index_blob, original, original_name, hold_blob, hold_index \
                  FROM rendition WHERE CAST($1 AS TEXT) IS NULL OR title = $1 ORDER BY title, ordinal";
    for row in select_all(connection, select, id).await? {
        let mut c = Columns::of(&row);
        let title = owner(&mut titles, c.text()?)?;
        let (track, original) = (c.track()?, c.original()?);
        title.renditions.push(Rendition { track, original, hold: c.optional_track()? });
    }
    let select = "SELECT title, language, label, is_default, blob, index_blob, silence_blob, silence_index, \
                  offset_num, offset_den, loudness, original, original_name \
                  FROM sound WHERE CAST($1 AS TEXT) IS NULL OR title = $1 ORDER BY title, ordinal";
    for row in select_all(connection, select, id).await? {
        let mut c = Columns::of(&row);
        owner(&mut titles, c.text()?)?.sounds.push(read_sound(&mut c)?);
    }
    let select = "SELECT title, language, label, forced, blob, original, original_name \
                  FROM text WHERE CAST($1 AS TEXT) IS NULL OR title = $1 ORDER BY title, ordinal";
    for row in select_all(connection, select, id).await? {
        let mut c = Columns::of(&row);
        owner(&mut titles, c.text()?)?.texts.push(read_text(&mut c)?);
    }
    let select = "SELECT title, blob, width, height, tiles \
                  FROM thumbnails WHERE CAST($1 AS TEXT) IS NULL OR title = $1";
    for row in select_all(connection, select, id).await? {
        let mut c = Columns::of(&row);
        let title = owner(&mut titles, c.text()?)?;
        title.thumbnails = Some(read_thumbnails(&mut c)?);
    }
    for (id, title) in &titles {
        if sums[id].is_some_and(|written| written != of_title(title)) {
            return Err(lost(format!("what is stored of the title {id:?} has changed on the disk"))
                .at("catalogue")
                .remedy("Put back the last copy of catalogue.sqlite; the blobs are not harmed"));
        }
    }
    Ok(titles.into_values().collect())
}

/// Runs a SELECT whose `$1` is an id, or null for all.
pub(super) async fn select_all(
    connection: &mut SqliteConnection,
    select: &'static str,
    id: Option<&str>,
) -> Result<Vec<SqliteRow>> {
    sqlx::query(select).bind(id).fetch_all(connection).await.map_err(from_sql)
}

fn owner(titles: &mut BTreeMap<String, Title>, id: String) -> Result<&mut Title> {
    titles.get_mut(&id).ok_or_else(|| lost(format!("the catalogue holds a track of no title, {id:?}")))
}

fn read_title(c: &mut Columns) -> Result<Title> {
    Ok(Title {
        id: c.text()?,
        kind: c.word()?,
        names: c.json()?,
        rate: Rate::new(c.number()?, c.number()?)?,
        from: c.number()?,
        to: c.number()?,
        source: c.digest()?,
        poster: c.optional_digest()?,
        chapters: read_chapters(c)?,
        created: c.integer()?,
        poster_frame: c.optional_number()?,
        year: c.optional_number()?,
        credits: c.text()?,
        place: read_place(c)?,
        derived_from: c.json()?,
        renditions: Vec::new(),
        sounds: Vec::new(),
        texts: Vec::new(),
        thumbnails: None,
    })
}

fn read_place(c: &mut Columns) -> Result<Option<Place>> {
    let (series, season, episode) = (c.optional_text()?, c.optional_number()?, c.optional_number()?);
    Ok(series.map(|series| Place { series, season, episode }))
}

fn read_chapters(c: &mut Columns) -> Result<Vec<Chapter>> {
    let stored: Vec<(i64, i64, String)> = c.json()?;
    stored.into_iter().map(|(num, den, name)| Ok(Chapter { at: seconds(num, den)?, name })).collect()
}

fn read_sound(c: &mut Columns) -> Result<Sound> {
    Ok(Sound {
        language: c.text()?,
        label: c.text()?,
        default: c.flag()?,
        track: c.track()?,
        silence: c.track()?,
        offset: c.seconds()?,
        loudness: c.optional_json()?,
        original: c.original()?,
    })
}

fn read_text(c: &mut Columns) -> Result<Text> {
    Ok(Text {
        language: c.text()?,
        label: c.text()?,
        forced: c.flag()?,
        blob: c.digest()?,
        original: c.original()?,
    })
}

fn read_thumbnails(c: &mut Columns) -> Result<Thumbnails> {
    let (blob, width, height) = (c.digest()?, c.number()?, c.number()?);
    let stored: Vec<(u32, u64, u32)> = c.json()?;
    let tiles = stored.into_iter().map(|(frame, offset, len)| Tile { frame, offset, len }).collect();
    Ok(Thumbnails { blob, width, height, tiles })
}
