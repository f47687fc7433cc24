//! Proves: no index blob makes a request panic, read past its end or allocate without bound, also
//! where its checksums are right; they are forged here so that the fields behind them are reached.
//! Proves not: that damage is noticed; the index's own tests flip every byte for that.
#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = bytes.to_vec();
    forge(&mut bytes);
    let Ok(index) = media::Index::from_vec(bytes) else { return };
    for n in 0..index.blocks() {
        if let Ok(block) = index.block(n) {
            assert_eq!(index.block_of(block.first), n);
            block.closed_prefix(block.samples.len());
        }
    }
    let _ = index.offset_of(index.samples() / 2);
});

/// Puts the right checksums where an index of these lengths has them.
fn forge(bytes: &mut [u8]) -> Option<()> {
    let header_end = 18 + number(bytes, 10)?;
    let directory_end = header_end + 24 * number(bytes, header_end.checked_sub(4)?)?;
    let entries = (header_end..directory_end.min(bytes.len())).step_by(24);
    for at in entries {
        let from = directory_end + number(bytes, at + 12)?;
        let next = number(bytes, at + 36).filter(|_| at + 24 < directory_end);
        let to = next.map_or(bytes.len(), |next| directory_end + next);
        seal(bytes, at + 16, from..to);
    }
    seal(bytes, 14, 18..directory_end)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*field) as usize)
}

fn seal(bytes: &mut [u8], at: usize, covered: Range<usize>) -> Option<()> {
    let sum = crc32fast::hash(bytes.get(covered)?);
    bytes.get_mut(at..at + 4)?.copy_from_slice(&sum.to_le_bytes());
    Some(())
}
