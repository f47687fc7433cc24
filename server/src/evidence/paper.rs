//! The report as PDF, printed from its page by a Chromium on this machine.
//!
//! No PDF writer of our own: shaping Vietnamese and Korean and breaking their lines right is what
//! browsers are good at. Where there is no Chromium the page stands alone; it prints the same.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use archive::from_io;
use media::error::{Error, Kind, Result};
use tokio::process::Command;

/// Names under which a Chromium is installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// Printing one page takes a second or two.
const TIME: Duration = Duration::from_secs(20);
/// Bytes of a PDF at most.
const MAX_PDF: u64 = 64 << 20;
/// The date that every PDF bears, so that the same page gives the same bytes as far as may be.
const DATE: &[u8; 14] = b"20000101000000";

/// The Chromium of this machine; none where there is none.
pub fn printer() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}

/// Prints a page. `folder` is for its files, and private to this call.
pub async fn print(printer: &Path, page: &str, folder: &Path) -> Result<Vec<u8>> {
    let (from, to) = (folder.join("page.html"), folder.join("page.pdf"));
    std::fs::write(&from, page).map_err(|e| from_io(&from, e))?;
    let mut command = Command::new(printer);
    command.args(["--headless", "--disable-gpu", "--no-first-run", "--disable-extensions"]);
    command.args(["--no-pdf-header-footer", "--host-resolver-rules=MAP * ~NOTFOUND"]);
    // A root's Chromium has no sandbox of its own. The page is ours and holds no script.
    if rustix::process::getuid().is_root() {
        command.arg("--no-sandbox");
    }
    command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    command.arg(format!("--print-to-pdf={}", to.display())).arg(format!("file://{}", from.display()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let wrong = |what: String| Error::new(Kind::Unavailable, format!("the report was not printed: {what}"));
    let done = tokio::time::timeout(TIME, command.status()).await;
    let status = done.map_err(|_| wrong(format!("Chromium took longer than {} s", TIME.as_secs())))?;
    let status = status.map_err(|e| wrong(e.to_string()))?;
    let len = std::fs::metadata(&to)
        .map(|m| m.len())
        .map_err(|_| wrong(format!("Chromium ended with {status}")))?;
    if len > MAX_PDF {
        return Err(wrong(format!("a PDF of {len} bytes")));
    }
    let mut pdf = std::fs::read(&to).map_err(|e| from_io(&to, e))?;
    undate(&mut pdf);
    Ok(pdf)
}

/// Puts [`DATE`] in the place of every date of the document's information, which keeps all offsets.
fn undate(pdf: &mut [u8]) {
    for name in [&b"/CreationDate (D:"[..], b"/ModDate (D:"] {
        let mut at = 0;
        while let Some(found) = pdf[at..].windows(name.len()).position(|window| window == name) {
            at += found + name.len();
            match pdf.get_mut(at..at + DATE.len()) {
                Some(date) if date.iter().all(u8::is_ascii_digit) => date.copy_from_slice(DATE),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
