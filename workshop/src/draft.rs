//! What an encoder made, taken in from its MP4 and not looked at yet.

use media::{Index, IndexWriter, Result, Track, foreign, h264};

use crate::encoder::same_sets;

/// Samples and index of a new track.
pub(crate) struct Draft {
    pub samples: Vec<u8>,
    /// The bytes of `index`.
    pub bytes: Vec<u8>,
    pub index: Index,
}

impl Draft {
    /// Reads the only track of `file`, without its first `skipped` groups.
    pub fn take_in(file: &[u8], skipped: usize) -> Result<Draft> {
        let movie = foreign::read(file)?;
        let intake = foreign::intake(&movie, 0, file)?;
        let mut samples = Vec::new();
        for (at, len) in &intake.pieces {
            samples.extend_from_slice(&file[*at as usize..(at + len) as usize]);
        }
        let (thrown, kept) = intake.blocks.split_at(skipped.min(intake.blocks.len()));
        let thrown: u64 = thrown.iter().flat_map(|(samples, _)| samples).map(|s| s.size as u64).sum();
        samples.drain(..thrown as usize);
        let mut writer = IndexWriter::new(intake.track);
        for (samples, id) in kept {
            writer.push_block(samples, *id)?;
        }
        Draft::new(samples, writer)
    }

    pub fn new(samples: Vec<u8>, writer: IndexWriter) -> Result<Draft> {
        let bytes = writer.finish()?;
        Ok(Draft { samples, index: Index::from_vec(bytes.clone())?, bytes })
    }

    /// The draft as a track that may share an init segment with `track`: the same sample entry where
    /// the sets are equal, one that lists both where they can stand side by side, else its own.
    pub fn dressed_as(self, track: &Track) -> Result<Draft> {
        let own = &self.index.track().sample_entry;
        let (entry, codec_string) = if same_sets(&track.sample_entry, own)? {
            (track.sample_entry.clone(), track.codec_string.clone())
        } else {
            let entry = h264::merge(&track.sample_entry, own).unwrap_or_else(|_| own.clone());
            let codec_string = h264::codec_string(&entry)?;
            (entry, codec_string)
        };
        let mut writer = IndexWriter::new(Track { sample_entry: entry, codec_string, ..track.clone() });
        for n in 0..self.index.blocks() {
            let block = self.index.block(n)?;
            writer.push_block(&block.samples, block.idr_pic_id)?;
        }
        Draft::new(self.samples, writer)
    }
}
