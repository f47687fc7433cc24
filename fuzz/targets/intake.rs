//! Proves: what intake accepts, the index can hold, and it reads back the same: as many samples as
//! bytes in the pieces, all of them inside the file.
//! Proves not: that samples decode. Most inputs fail before intake; the seeds are whole films.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::{Index, IndexWriter};

fuzz_target!(|file: &[u8]| {
    let Ok(movie) = media::foreign::read(file) else { return };
    for track in 0..movie.tracks.len() {
        let Ok(intake) = media::foreign::intake(&movie, track, file) else { continue };
        let inside = |&(at, len): &(u64, u64)| at + len <= file.len() as u64;
        assert!(intake.pieces.iter().all(inside));
        let mut writer = IndexWriter::new(intake.track);
        for (samples, idr_pic_id) in &intake.blocks {
            writer.push_block(samples, *idr_pic_id).expect("an accepted block fits the index");
        }
        let index = Index::from_vec(writer.finish().expect("accepted blocks make an index"));
        let index = index.expect("a written index opens");
        assert_eq!(index.blob_len(), intake.pieces.iter().map(|(_, len)| len).sum::<u64>());
        for (n, (samples, _)) in intake.blocks.iter().enumerate() {
            assert_eq!(&index.block(n).expect("a written block reads").samples, samples);
        }
    }
});
