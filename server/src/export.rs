//! A version as static files, for those who have their own delivery.
//!
//! The files and their names are those that the server answers with; addresses in the playlists are
//! relative, so the folder plays from any web server.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use archive::from_io;
use media::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

use crate::body::Piece;
use crate::house::{House, blocking};
use crate::progress::{Step, Teller};
use crate::segment::{Content, assets, content, pieces};

#[derive(Serialize, Deserialize)]
pub struct Exported {
    pub title: String,
    pub version: String,
    pub composition: String,
    pub folder: PathBuf,
    pub files: u64,
    pub bytes: u64,
}

pub async fn export(house: &Arc<House>, version: &str, folder: PathBuf, teller: Teller) -> Result<Exported> {
    let (house, version) = (house.clone(), version.to_string());
    blocking(move || write_all(&house, &version, &folder, &teller)).await
}

fn write_all(house: &House, version: &str, folder: &Path, teller: &Teller) -> Result<Exported> {
    let snapshot = house.snapshot();
    let version = snapshot.find(version)?;
    let layout = house.lay_out(&snapshot, &version.plays)?;
    must_be_empty(folder)?;
    let all = assets(&layout)?;
    let mut bytes = 0;
    let mut files = 0;
    for (n, asset) in all.iter().enumerate() {
        // A title without thumbnails has no picture of a version to give.
        let found = match content(house, &layout, *asset) {
            Err(error) if error.kind == Kind::NotFound && *asset == crate::paths::Asset::Poster => continue,
            found => found?,
        };
        bytes += write(house, &folder.join(asset.to_string()), found)?;
        files += 1;
        teller(Step::new("writing files", n as u64 + 1, all.len() as u64));
    }
    Ok(Exported {
        title: version.row.title.clone(),
        version: version.row.name.clone(),
        composition: version.row.composition.to_string(),
        folder: folder.to_path_buf(),
        files,
        bytes,
    })
}

fn must_be_empty(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|e| from_io(folder, e))?;
    let mut entries = std::fs::read_dir(folder).map_err(|e| from_io(folder, e))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Error::new(Kind::Conflict, "the folder is not empty")
            .at(folder.display().to_string())
            .remedy("Name a new or empty folder")),
    }
}

/// Writes one file and answers its length.
fn write(house: &House, path: &Path, content: Content) -> Result<u64> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|e| from_io(parent, e))?;
    }
    let pieces = match content {
        Content::Text(text) => vec![Piece::Memory(text.into())],
        Content::Bytes(bytes) => vec![Piece::Memory(bytes.into())],
        Content::Planned(plan) => pieces(house, plan)?,
        Content::Encrypted { header, payload, .. } => {
            vec![Piece::Memory(header.into()), Piece::Memory(payload.into())]
        }
    };
    let len = pieces.iter().map(Piece::len).sum();
    let mut file = BufWriter::new(File::create_new(path).map_err(|e| from_io(path, e))?);
    for piece in pieces {
        match piece {
            Piece::Memory(bytes) => file.write_all(&bytes).map_err(|e| from_io(path, e))?,
            Piece::Stored { blob, from, len } => {
                let mut bytes = vec![0; len as usize];
                blob.blob().read_at(from, &mut bytes)?;
                file.write_all(&bytes).map_err(|e| from_io(path, e))?;
            }
        }
    }
    file.flush().map_err(|e| from_io(path, e))?;
    Ok(len)
}

pub fn print(exported: &Exported) {
    println!(
        "{}/{}: {} files, {} bytes in {}",
        exported.title,
        exported.version,
        exported.files,
        exported.bytes,
        exported.folder.display()
    );
}
