//! `avails`: a workbook of 20,000 rows brought in, against openpyxl merely reading the same workbook.

use std::path::{Path, PathBuf};
use std::process::Command;

use archive::Archive;
use media::{Error, Result};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use crate::Asked;
use crate::measure::{Outcome, Side, cpu_seconds, failed, peak_memory, run};
use crate::program::Program;

const ROWS: u32 = 20_000;
/// Rows of one avail: two territories in two formats.
const ROWS_OF_AVAIL: u32 = 4;

const COLUMNS: [(&str, &str); 24] = [
    ("Avail", "ALID"),
    ("Avail", "AvailID"),
    ("Avail", "DisplayName"),
    ("Avail", "Licensee"),
    ("Disposition", "EntryType"),
    ("AvailAsset", "WorkType"),
    ("AvailAsset", "ContentID"),
    ("AvailAsset", "TitleID"),
    ("AvailAsset", "EditID"),
    ("AvailMetadata", "TitleInternalAlias"),
    ("AvailMetadata", "TitleDisplayUnlimited"),
    ("AvailMetadata", "ReleaseYear"),
    ("AvailTrans", "Territory"),
    ("AvailTrans", "TerritoryExclusion"),
    ("AvailTrans", "LicenseType"),
    ("AvailTrans", "LicenseRightsDescription"),
    ("AvailTrans", "FormatProfile"),
    ("AvailTrans", "Start"),
    ("AvailTrans", "End"),
    ("AvailTrans", "AllowedLanguages"),
    ("AvailTrans", "AssetLanguage"),
    ("AvailTrans", "PriceType"),
    ("AvailTrans", "PriceValue"),
    ("AvailTrans", "ContractID"),
];

pub fn avails(asked: &Asked) -> Result<Vec<Outcome>> {
    let rows = if asked.quick { 1_000 } else { ROWS };
    let work = asked.work.join("avails");
    let data = work.join("data");
    let _ = std::fs::remove_dir_all(&data);
    std::fs::create_dir_all(&work).map_err(failed("making the work folder"))?;
    let file = work.join(format!("avails-{rows}.xlsx"));
    workbook(&file, rows)?;
    let runtime = tokio::runtime::Runtime::new().map_err(failed("starting a runtime"))?;
    runtime.block_on(async {
        Archive::open(&data).await?.close().await;
        Ok::<(), Error>(())
    })?;
    let program = Program { phim: &asked.phim, data };
    let (ours, answer) = ours(&program, &file)?;
    let entered =
        answer["lines"] == json!(rows) && answer["errors"] == json!(0) && answer["changed"] == json!(true);
    let peer = peer(&asked.work, &file)?;
    let ratio = peer.wall_seconds / ours.wall_seconds;
    Ok(vec![Outcome {
        name: "avails".into(),
        ratio: Some(ratio),
        measure: "wall seconds of the peer, which only reads, over ours".into(),
        reach: "every row entered, without errors; faster than the peer reads".into(),
        reached: entered && ratio > 1.0,
        notes: vec![format!(
            "{rows} rows of {} columns become {} avails of {} windows, recorded in the log",
            COLUMNS.len(),
            answer["entered"],
            answer["windows"]
        )],
        ours,
        peer: Some(peer),
    }])
}

/// Imports through a server, whose memory and CPU seconds count.
fn ours(program: &Program, file: &Path) -> Result<(Side, Value)> {
    let server = program.serve(None, &[])?;
    let pid = server.child.id();
    let (before, resident) = (cpu_seconds(pid, true)?, peak_memory(pid)?);
    let path = file.to_str().ok_or_else(|| Error::internal("the path is no text"))?;
    let (done, answer) = program.verb(&["window", "import", path])?;
    let cpu = cpu_seconds(pid, true)? - before + done.cpu_seconds;
    let memory = peak_memory(pid)?.saturating_sub(resident);
    let side = Side {
        name: "phim window import".into(),
        wall_seconds: done.wall_seconds,
        cpu_seconds: cpu,
        more: [("more_memory_megabytes".into(), json!(memory / 1_000_000))].into(),
        ..Side::default()
    };
    Ok((side, answer))
}

/// openpyxl in its mode for large files, reading every cell and doing nothing with it.
fn peer(work: &Path, file: &Path) -> Result<Side> {
    let folder: PathBuf = work.join("openpyxl");
    if !folder.join("openpyxl").is_dir() {
        run(Command::new("pip")
            .args(["install", "--quiet", "--target"])
            .arg(&folder)
            .args(["openpyxl==3.1.5", "et-xmlfile==2.0.0"]))?;
    }
    let program = "import sys, openpyxl\n\
        book = openpyxl.load_workbook(sys.argv[1], read_only=True)\n\
        print(sum(1 for sheet in book for row in sheet.iter_rows(values_only=True)))";
    let done = run(Command::new("python3").args(["-c", program]).arg(file).env("PYTHONPATH", &folder))?;
    Ok(Side {
        name: "openpyxl, reading only".into(),
        wall_seconds: done.wall_seconds,
        cpu_seconds: done.cpu_seconds,
        ..Side::default()
    })
}

fn workbook(file: &Path, rows: u32) -> Result<()> {
    let wrong =
        |e: rust_xlsxwriter::XlsxError| Error::internal(format!("the workbook cannot be written: {e}"));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (group, name)) in COLUMNS.iter().enumerate() {
        sheet.write(0, column as u16, *group).map_err(wrong)?;
        sheet.write(1, column as u16, *name).map_err(wrong)?;
    }
    for row in 0..rows {
        for (column, text) in cells(row).iter().enumerate() {
            sheet.write(row + 2, column as u16, text.as_str()).map_err(wrong)?;
        }
    }
    book.save(file).map_err(wrong)
}

/// A row: four make one avail.
fn cells(row: u32) -> [String; COLUMNS.len()] {
    let (film, part) = (row / ROWS_OF_AVAIL, row % ROWS_OF_AVAIL);
    let territory = if part < 2 { "VN" } else { "KR, JP" };
    let format = if part.is_multiple_of(2) { "HD" } else { "UHD" };
    let day = film % 28 + 1;
    [
        format!("md:alid:org:studio.example:film{film}"),
        format!("tx-{row}"),
        "Studio Example".into(),
        String::new(),
        "Full Extract".into(),
        "Movie".into(),
        format!("md:cid:org:studio.example:film{film}"),
        format!("md:titleid:org:studio.example:film{film}"),
        format!("md:editid:org:studio.example:film{film}"),
        format!("Film {film}, The"),
        format!("Bộ phim thứ {film}"),
        (1990 + film % 36).to_string(),
        territory.into(),
        String::new(),
        "SVOD".into(),
        "Library".into(),
        format.into(),
        format!("2026-{:02}-{day:02}", film % 12 + 1),
        format!("2028-{:02}-{day:02}", film % 12 + 1),
        "vi, ko, en:subdub".into(),
        "vi".into(),
        "Category".into(),
        "NR".into(),
        format!("c-{}", film % 50),
    ]
}
