//! Files that lie, swell or break off.

use avails::{Import, Terms, read};
use expect_test::expect;
use policy::avail::Dealing;
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;

fn import(bytes: &[u8]) -> media::Result<Import> {
    read(bytes, Terms { dealing: Dealing::default(), progress: &mut |_| {} })
}

fn told(bytes: &[u8]) -> String {
    match import(bytes) {
        Err(error) => error.to_string(),
        Ok(import) => import
            .findings
            .iter()
            .map(|f| format!("{}: {}. {}", f.place, f.says, f.remedy))
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

const HEADERS: [(&str, &str); 10] = [
    ("Avail", "ALID"),
    ("Avail", "DisplayName"),
    ("Disposition", "EntryType"),
    ("AvailAsset", "WorkType"),
    ("AvailAsset", "ContentID"),
    ("AvailTrans", "Territory"),
    ("AvailTrans", "LicenseType"),
    ("AvailTrans", "FormatProfile"),
    ("AvailTrans", "Start"),
    ("AvailTrans", "End"),
];

const GOOD: [&str; 10] = ["a1", "L", "Full Extract", "Movie", "c1", "VN", "SVOD", "HD", "2026-01-01", "Open"];

/// A workbook of these rows under the two headers.
pub fn workbook(rows: &[[&str; 10]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (group, name)) in HEADERS.iter().enumerate() {
        sheet.write(0, column as u16, *group).unwrap();
        sheet.write(1, column as u16, *name).unwrap();
    }
    for (number, row) in rows.iter().enumerate() {
        for (column, text) in row.iter().enumerate() {
            sheet.write(number as u32 + 2, column as u16, *text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn with(column: usize, text: &'static str) -> [&'static str; 10] {
    let mut row = GOOD;
    row[column] = text;
    row
}

#[test]
fn every_wrong_cell_is_named() {
    let rows = [
        GOOD,
        with(0, ""),
        with(2, "Partial"),
        with(5, "Vietnam"),
        with(5, "US-CA"),
        with(5, ""),
        with(6, ""),
        with(8, "6/14/2013"),
        with(8, ""),
        with(9, "2025-12-31"),
        with(9, ""),
        with(1, "M"),
        ["a1", "M", "Full Delete", "Movie", "c1", "", "", "", "", ""],
    ];
    expect![[r#"
        sheet Sheet1, row 4 (ALID): no ALID; the avail is named by its work, "c1". 
        sheet Sheet1, cell C5 (EntryType): "Partial" is not an entry; expected Full Extract or Full Delete. 
        sheet Sheet1, cell F6 (Territory): "VIETNAM" is not a territory. Vietnam is VN
        sheet Sheet1, cell F7 (Territory): "US-CA" is a part of a country, and Phim knows countries. Enter the window by hand for what may be offered
        sheet Sheet1, row 8 (Territory): no territory. Write a code of ISO 3166-1 such as VN, or ZZ for the world
        sheet Sheet1, row 9 (LicenseType): no licence. Write one of EST, VOD, SVOD, AVOD, FVOD, POEST, POVOD, FEST, ECL, ACL
        sheet Sheet1, cell I10 (Start): "6/14/2013" is not a date. Write a date as 2026-12-24 or 2026-12-24T00:00:00, with an offset where it is one instant everywhere
        sheet Sheet1, row 11 (Start): no start. Write the day on which it opens, such as 2026-12-24
        sheet Sheet1, row 12: it shuts at 2026-01-01T00:00:00 before it opens at 2026-01-01T00:00:00. Exchange the two, or correct the year
        sheet Sheet1, row 13 (End): no end. Write the last day, or Open
        sheet Sheet1, cell C15 (EntryType): a1 of M is deleted and extracted in one file; see sheet Sheet1, row 14. Leave one of the two out"#]].assert_eq(&told(&workbook(&rows)));
}

#[test]
fn rows_that_differ_in_their_territory_are_one_window() {
    let import = import(&workbook(&[GOOD, with(5, "KR"), with(5, "kr, JP"), with(6, "EST")])).unwrap();
    let windows = &import.entered[0].windows;
    assert_eq!(windows.len(), 2);
    assert_eq!(windows[0].territories.to_string(), "JP, KR, VN");
    assert_eq!(windows[0].place, "sheet Sheet1, row 3");
}

#[test]
fn what_is_no_list() {
    let mut empty = Workbook::new();
    empty.add_worksheet().write(0, 0, "hello").unwrap();
    let answers = [
        told(b""),
        told(b"hello"),
        told(&[0xd0, 0xcf, 0x11, 0xe0]),
        told(b"PK\x03\x04"),
        told(&empty.save_to_buffer().unwrap()),
        told(b"<a/>"),
        told(b"<a>\n<b></a>"),
        told(b"<a>\xff</a>"),
        told(br#"<x:AvailList xmlns:x="http://www.movielabs.com/schema/avails/v3.0/avails"/>"#),
    ];
    expect![[r#"
        neither a workbook nor XML. Give an .xlsx or an XML
        neither a workbook nor XML. Give an .xlsx or an XML
        neither a workbook nor XML. Save it as .xlsx, without a password
        the workbook cannot be unpacked: invalid Zip archive: Could not find EOCD. Save it again as .xlsx
        no sheet of this workbook lists avails. The first row names groups (Avail, AvailTrans…), the second columns (ALID, Territory…)
        line 1: "a" is no list of avails. Give a MovieLabs AvailList, version 2.2 to 2.7
        line 2: the XML cannot be read: expected 'b' tag, not 'a' at 2:4
        byte 3 is not UTF-8. Save the XML as UTF-8
        Avails 3.0. Phim reads Avails XML 2.2 to 2.7"#]].assert_eq(&answers.join("\n"));
}

#[test]
fn a_billion_laughs_are_not_laughed() {
    let text = r#"<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>"#;
    assert!(told(text.as_bytes()).contains("DTD"), "{}", told(text.as_bytes()));
    let deep = "<a>".repeat(100_000);
    assert!(import(deep.as_bytes()).is_err());
}

#[test]
fn a_huge_cell_is_told_and_not_read() {
    let long: &'static str = "x".repeat(20_000).leak();
    let said = told(&workbook(&[with(4, long), with(0, long)]));
    expect![[r#"
        sheet Sheet1, cell E3 (ContentID): a cell of 20000 bytes; at most 8192. Shorten it
        sheet Sheet1, cell A4 (ALID): a cell of 20000 bytes; at most 8192. Shorten it"#]]
    .assert_eq(&said);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn nothing_panics_on_broken_workbooks(cut in 0usize..6_000, at in 0usize..6_000, byte: u8) {
        let mut book = workbook(&[GOOD, GOOD]);
        let length = book.len();
        book[at % length] = byte;
        book.truncate(length.saturating_sub(cut % length / 8));
        let _ = import(&book);
    }

    #[test]
    fn nothing_panics_on_strange_cells(texts in proptest::collection::vec("\\PC{0,24}", 10)) {
        let row: [&str; 10] = std::array::from_fn(|n| texts[n].as_str());
        let read = import(&workbook(&[row])).unwrap();
        prop_assert!(read.errors > 0 || read.entered.len() + read.removed.len() <= 1);
        for avail in &read.entered {
            avail.check().unwrap();
        }
    }
}
