use archive::{Archive, Document, NewJob, Record};
use media::{Digest, Kind};
use serde_json::json;

fn record(log: &str, number: u64) -> Record {
    Record { log: log.into(), number, text: format!("record {number} of {log}") }
}

fn document(content: &str, blob: Option<Digest>) -> Document {
    let salt = "5a".repeat(32);
    let commitment = Digest::of(format!("{salt}{content}").as_bytes());
    Document { commitment, salt, content: content.into(), blob }
}

fn job(key: &str) -> NewJob {
    NewJob { key: key.into(), kind: "accurate".into(), input: json!({ "order": 1 }) }
}

#[tokio::test]
async fn records_their_documents_and_their_jobs_are_entered_together() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let scan = archive.blobs().put(b"the scan of an order").unwrap();
    let named = document("the order", Some(scan));
    let records =
        [(record("vn", 0), vec![named.clone()]), (record("house", 0), vec![]), (record("vn", 1), vec![])];
    archive.catalogue().append(&records, &[job("accurate vn 0")], 1).await.unwrap();
    drop(archive);

    let archive = Archive::open(dir.path()).await.unwrap();
    let contents = archive.catalogue().load().await.unwrap();
    assert_eq!(contents.records, [record("house", 0), record("vn", 0), record("vn", 1)]);
    assert_eq!(archive.catalogue().documents("vn", 0).await.unwrap(), [named]);
    assert_eq!(archive.catalogue().job("accurate vn 0").await.unwrap().input, json!({ "order": 1 }));
    assert_eq!(archive.catalogue().sweep(i64::MAX).await.unwrap().blobs, 0, "the document holds its scan");
}

#[tokio::test]
async fn a_record_out_of_turn_enters_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    archive.catalogue().append(&[(record("vn", 0), vec![])], &[], 1).await.unwrap();
    for wrong in [0, 2] {
        let records = [(record("vn", wrong), vec![document("secret", None)])];
        let error = archive.catalogue().append(&records, &[job("late")], 2).await.unwrap_err();
        assert_eq!(error.kind, Kind::Conflict, "{error}");
    }
    let taken =
        archive.catalogue().append(&[(record("vn", 1), vec![])], &[job("late"), job("late")], 3).await;
    assert_eq!(taken.unwrap_err().kind, Kind::Conflict, "two jobs of one key");
    assert_eq!(archive.catalogue().load().await.unwrap().records, [record("vn", 0)]);
    assert_eq!(archive.catalogue().jobs().await.unwrap(), []);
}

#[tokio::test]
async fn an_erased_document_leaves_its_record() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).await.unwrap();
    let scan = archive.blobs().put(b"a letter").unwrap();
    let letter = document("a name", Some(scan));
    archive.catalogue().append(&[(record("kr", 0), vec![letter.clone()])], &[], 1).await.unwrap();
    assert!(archive.catalogue().erase_document(&letter.commitment).await.unwrap());
    assert!(!archive.catalogue().erase_document(&letter.commitment).await.unwrap(), "it is erased already");
    assert_eq!(archive.catalogue().documents("kr", 0).await.unwrap(), []);
    assert_eq!(archive.catalogue().load().await.unwrap().records.len(), 1);
    assert_eq!(archive.catalogue().sweep(i64::MAX).await.unwrap().blobs, 1, "the letter is nobody's now");
}
