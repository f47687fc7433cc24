use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// A workbook with one part of spaces, and what its directory says of that part's size.
fn swollen(name: &str, bytes: usize, told: Option<u32>) -> Vec<u8> {
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    to.start_file(name, SimpleFileOptions::default()).unwrap();
    to.write_all(&vec![b' '; bytes]).unwrap();
    let mut packed = to.finish().unwrap().into_inner();
    if let Some(told) = told {
        // In the directory the unpacked size stands 22 bytes before the name.
        let at = packed.windows(name.len()).rposition(|window| window == name.as_bytes()).unwrap();
        packed[at - 22..at - 18].copy_from_slice(&told.to_le_bytes());
    }
    packed
}

#[test]
fn what_is_unpacked_is_counted() {
    const SHEET: &str = "xl/worksheets/sheet1.xml";
    assert!(measure(&swollen(SHEET, 5_000, None), 5_000, 1_000).is_ok());
    let all = measure(&swollen(SHEET, 5_001, None), 5_000, 1_000).unwrap_err();
    assert_eq!(all.message, "xl/worksheets/sheet1.xml of the workbook unpacks to more than 5000 bytes");
    let one = measure(&swollen("xl/sharedStrings.xml", 1_001, None), 5_000, 1_000).unwrap_err();
    assert_eq!(one.message, "xl/sharedstrings.xml of the workbook unpacks to more than 1000 bytes");
    assert!(measure(&swollen(SHEET, 1_000_000, Some(10)), 5_000, 1_000).is_err());
}

#[test]
fn a_size_that_is_told_wrong_is_left_out() {
    let mut text = br#"<worksheet><dimension ref="1:65536"/><sheetData/></worksheet>"#.to_vec();
    drop_size(&mut text);
    assert_eq!(text, b"<worksheet><sheetData/></worksheet>");
    drop_size(&mut text);
    assert_eq!(text.len(), 35);
}
