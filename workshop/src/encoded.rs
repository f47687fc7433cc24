//! What the encoder wrote below a work folder: a file of samples and an index, ready to be stored.

use std::path::{Path, PathBuf};

use media::{Error, Index, Result};

/// A finished track in the work folder.
#[derive(Debug)]
pub struct Encoded {
    /// The file of samples, in decode order.
    pub samples: PathBuf,
    pub index: Index,
    /// The bytes of the index, as they are to be stored.
    pub index_bytes: Vec<u8>,
}

impl Encoded {
    /// The track called `name` in `folder`, when it was finished before.
    pub(crate) fn find(folder: &Path, name: &str) -> Result<Option<Encoded>> {
        let (samples, index) = (folder.join(format!("{name}.samples")), folder.join(format!("{name}.index")));
        if !index.exists() {
            return Ok(None);
        }
        let index_bytes = crate::read_file(&index)?;
        let index = Index::from_vec(index_bytes.clone())?;
        let length = std::fs::metadata(&samples).map_err(|e| crate::disk(&samples, e))?.len();
        if length != index.blob_len() {
            return Err(Error::new(media::Kind::DataLoss, format!("{length} bytes of {}", index.blob_len()))
                .at(samples.display().to_string())
                .remedy("Remove the work folder and begin again"));
        }
        Ok(Some(Encoded { samples, index, index_bytes }))
    }

    /// Finishes the track `name` whose samples already stand in `name.samples`. The index is written
    /// last and at once, so that a track is there wholly or not at all.
    pub(crate) fn finish(folder: &Path, name: &str, index_bytes: Vec<u8>) -> Result<Encoded> {
        let (draft, index) = (folder.join(format!("{name}.index.new")), folder.join(format!("{name}.index")));
        crate::write(&draft, &index_bytes)?;
        std::fs::rename(&draft, &index).map_err(|e| crate::disk(&index, e))?;
        Encoded::find(folder, name)?.ok_or_else(|| Error::internal("a finished track is gone"))
    }

    /// Reads bytes of the samples.
    pub fn read(&self, at: u64, len: u64) -> Result<Vec<u8>> {
        use std::os::unix::fs::FileExt;
        let mut bytes = vec![0; len as usize];
        let file = std::fs::File::open(&self.samples).map_err(|e| crate::disk(&self.samples, e))?;
        file.read_exact_at(&mut bytes, at).map_err(|e| crate::disk(&self.samples, e))?;
        Ok(bytes)
    }
}
