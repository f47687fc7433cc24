//! Failures of the disk and of SQL in the words of the house, mapped once, here.

use std::io;
use std::path::Path;

use media::{Error, Kind};

/// Describes a failure of the disk at `path`. An error of Phim's that travelled inside `error`
/// comes out as it went in.
pub fn from_io(path: &Path, error: io::Error) -> Error {
    let error = match error.downcast::<Error>() {
        Ok(ours) => return ours,
        Err(theirs) => theirs,
    };
    let (kind, message, remedy) = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => (
            Kind::Unavailable,
            format!("no space is left ({error})"),
            "Free space on that disk, then try again",
        ),
        io::ErrorKind::NotFound => (Kind::NotFound, "there is no such file or folder".to_string(), ""),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => (
            Kind::Unavailable,
            error.to_string(),
            "Give the user that runs Phim the right to read and write there",
        ),
        io::ErrorKind::UnexpectedEof => (Kind::DataLoss, "the file ends too early".to_string(), ""),
        _ if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => (
            Kind::DataLoss,
            "the disk failed to read or write".to_string(),
            "Look at the kernel's log, then run phim check",
        ),
        _ if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) => {
            (Kind::Unavailable, error.to_string(), "Raise the limit on open files (ulimit -n)")
        }
        _ => (Kind::Unavailable, error.to_string(), ""),
    };
    Error::new(kind, message).at(path.display().to_string()).remedy(remedy)
}

/// Describes a failure of the catalogue.
pub(crate) fn from_sql(error: sqlx::Error) -> Error {
    let sqlx::Error::Database(inner) = &error else {
        return match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                lost(format!("the catalogue holds a value that cannot be read ({error})"))
            }
            sqlx::Error::Io(e) => Error::new(Kind::Unavailable, e.to_string()),
            sqlx::Error::WorkerCrashed => lost("SQLite could not go on reading the catalogue"),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
                Error::new(Kind::Unavailable, error.to_string())
            }
            _ => Error::internal(error.to_string()),
        }
        .at("catalogue");
    };
    // SQLite's primary result code is the low byte of the extended one: https://sqlite.org/rescode.html
    let code = inner.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or(0) & 0xff;
    let text = inner.message().to_string();
    match code {
        5 | 6 | 8 | 14 => Error::new(Kind::Unavailable, text),
        13 => Error::new(Kind::Unavailable, "no space is left")
            .remedy("Free space on that disk, then try again"),
        10 => Error::new(Kind::Unavailable, text)
            .remedy("Look at free space and the kernel's log, then try again"),
        11 | 26 => lost(text).remedy("Put back the last copy of catalogue.sqlite; the blobs are not harmed"),
        19 => Error::new(Kind::Conflict, text),
        _ => Error::internal(text),
    }
    .at("catalogue")
}

/// The same where the whole catalogue is read: what cannot be understood of it is damage, and the remedy
/// is another copy.
pub(crate) fn unreadable(error: Error) -> Error {
    if !matches!(error.kind, Kind::DataLoss | Kind::Internal | Kind::Invalid) || !error.remedy.is_empty() {
        return error;
    }
    let known = error.places.iter().any(|place| place == "catalogue");
    let error = if known { error } else { error.at("catalogue") };
    Error { kind: Kind::DataLoss, ..error }
        .remedy("Put back the last copy of catalogue.sqlite; the blobs are not harmed")
}

/// Stored bytes are not what they were.
pub(crate) fn lost(message: impl Into<String>) -> Error {
    Error::new(Kind::DataLoss, message)
}

/// The named thing exists already or is held by somebody else.
pub(crate) fn conflict(message: impl Into<String>) -> Error {
    Error::new(Kind::Conflict, message)
}

/// Something stored was written by a newer Phim.
pub(crate) fn newer(what: &str, found: i64, known: i64) -> Error {
    Error::unsupported(format!("{what} of version {found}; this Phim reads up to {known}"))
        .remedy("Open it with the newer Phim that wrote it")
}
