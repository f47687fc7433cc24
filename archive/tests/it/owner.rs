use archive::{Archive, LAYOUT_VERSION};
use media::Kind;

#[tokio::test]
async fn the_second_owner_is_told_who_the_first_is() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let error = Archive::open(dir.path()).await.err().unwrap();
    assert_eq!(error.kind, Kind::Conflict);
    assert!(error.message.contains(&format!("process {}", std::process::id())), "{error}");
    assert!(error.remedy.contains(&archive.socket().display().to_string()), "{error}");
    assert!(archive.socket().ends_with("phim.sock"));
    archive.close().await;
    Archive::open(dir.path()).await.unwrap();
}

#[tokio::test]
async fn a_folder_of_a_newer_phim_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    Archive::open(dir.path()).await.unwrap().close().await;
    let marker = dir.path().join("archive-format");
    assert_eq!(std::fs::read_to_string(&marker).unwrap(), "1\n");
    std::fs::write(&marker, format!("{}\n", LAYOUT_VERSION + 1)).unwrap();
    let error = Archive::open(dir.path()).await.err().unwrap();
    assert_eq!(error.kind, Kind::Unsupported);
    assert!(error.to_string().contains("an archive of version 2; this Phim reads up to 1"), "{error}");
    std::fs::write(&marker, "").unwrap();
    assert_eq!(Archive::open(dir.path()).await.err().unwrap().kind, Kind::DataLoss);
}

#[tokio::test]
async fn a_file_where_the_folder_should_be_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data");
    std::fs::write(&path, "a file").unwrap();
    let error = Archive::open(&path).await.err().unwrap();
    assert!(error.to_string().contains("data"), "{error}");
}
