use super::*;

async fn blob(bytes: &[u8]) -> (tempfile::TempDir, Arc<Blob>) {
    let dir = tempfile::tempdir().expect("a folder");
    let archive = archive::Archive::open(dir.path()).await.expect("an archive");
    let digest = archive.blobs().put(bytes).expect("stored");
    let blob = archive.blobs().open_blob(&digest).expect("opened");
    (dir, blob)
}

fn offset_of(bytes: &[u8]) -> Option<u64> {
    region_of(&REGIONS.load(), bytes).map(|(_, offset)| offset)
}

#[tokio::test]
async fn a_slice_is_known_by_its_address_for_as_long_as_it_lives() {
    let (_dir, blob) = blob(&[7; 100_000]).await;
    let first = Mapped::new(blob.clone()).expect("mapped");
    let second = Mapped::new(blob.clone()).expect("mapped again");
    let slice = first.slice(1000, 50_000).expect("inside");
    assert!(first.slice(90_000, 10_001).is_none());
    assert_eq!((offset_of(&slice), offset_of(&slice[500..600])), (Some(1000), Some(1500)));
    assert_eq!(offset_of(&[7; 10]), None);
    drop((first, second));
    assert_eq!(offset_of(&slice), Some(1000));
    let start = blob.map().expect("mapped").as_ptr() as usize;
    assert_eq!(REGIONS.load().get(&start).map(|region| region.holders), Some(1));
    drop(slice);
    assert!(REGIONS.load().get(&start).is_none());
}

/// Memory, a file, memory again, in one vectored write after the other: the order holds, and the file's
/// bytes are counted as the kernel's.
#[tokio::test]
async fn files_and_memory_arrive_in_order() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let stored: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let (_dir, blob) = blob(&stored).await;
    let mapped = Mapped::new(blob).expect("mapped");
    let slice = mapped.slice(1, 2_900_000).expect("inside");
    let expected = [b"head".as_slice(), &stored[1..2_900_001], b"tail"].concat();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let stream = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("connected");
    let (mut other, _) = listener.accept().await.expect("accepted");
    let before = SENT.get();
    let held = Arc::new(crate::leash::Leashes::default()).hold();
    let sending = tokio::spawn(async move {
        let mut wire = Wire::new(stream, held.leash.clone());
        let mut left = bytes::Buf::chain(bytes::Buf::chain(b"head".as_slice(), slice), b"tail".as_slice());
        while bytes::Buf::has_remaining(&left) {
            wire.write_buf(&mut left).await.expect("written");
        }
        wire.shutdown().await.expect("shut");
    });
    let mut got = Vec::new();
    other.read_to_end(&mut got).await.expect("read");
    sending.await.expect("sent");
    assert!(got == expected);
    assert_eq!(SENT.get() - before, 2_900_000);
}
