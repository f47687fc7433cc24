//! Stored bytes go from the page cache to a plain TCP connection without passing through the process.
//!
//! Hyper writes `Bytes`, not files. So a stored blob is memory-mapped and a response body yields
//! slices of that map; when such a slice reaches the connection, [`Wire`] finds by its address which
//! file it stands for and hands that range of the file to `sendfile(2)`. Everything else that hyper
//! wants to send (heads, small pieces) goes out by `sendmsg(2)`, marked `MSG_MORE` when a file range
//! follows, so that a head and its payload share packets.
//!
//! Invariants:
//! - The mapped memory is never read on this path; a file that shrank under its map makes `sendfile`
//!   come up short, which ends that connection and nothing else.
//! - A region is registered before a slice of it can exist and withdrawn when the last slice is
//!   gone: every slice holds its [`Mapped`].

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, ready};

use arc_swap::ArcSwap;
use archive::Blob;
use bytes::Bytes;
use imbl::OrdMap;
use media::error::{Error, Kind, Result};
use prometheus_client::metrics::counter::Counter;
use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

use crate::leash::Leash;
use crate::write_log::WriteLog;

/// Start address of a map → the file behind it. Addresses belong to the whole process, so this does too.
static REGIONS: LazyLock<ArcSwap<OrdMap<usize, Region>>> = LazyLock::new(ArcSwap::default);

/// Bytes handed to `sendfile` since the process began.
pub static SENT: LazyLock<Counter> = LazyLock::new(Counter::default);

#[derive(Clone)]
struct Region {
    len: usize,
    blob: Arc<Blob>,
    /// [`Mapped`] values that stand for it.
    holders: usize,
}

/// A stored blob whose map is known to every [`Wire`].
pub struct Mapped {
    blob: Arc<Blob>,
}

impl Mapped {
    /// Maps the whole blob. Fails when the system has no room for another map.
    pub fn new(blob: Arc<Blob>) -> Result<Arc<Mapped>> {
        let map = blob.map()?;
        let (start, len) = (map.as_ptr() as usize, map.len());
        if len > 0 {
            REGIONS.rcu(|regions| {
                let holders = regions.get(&start).map_or(0, |region| region.holders) + 1;
                regions.update(start, Region { len, blob: blob.clone(), holders })
            });
        }
        Ok(Arc::new(Mapped { blob }))
    }
    pub fn blob(&self) -> &Blob {
        &self.blob
    }
    fn map(&self) -> &[u8] {
        self.blob.map().expect("a blob stays mapped once it is")
    }
    /// Fails with `DataLoss` when the file has become shorter than `end` bytes.
    pub fn still_holds(&self, end: u64) -> Result<()> {
        let now = self.blob.file().metadata().map(|m| m.len()).unwrap_or(0);
        if now >= end {
            return Ok(());
        }
        Err(Error::new(Kind::DataLoss, format!("the stored file has {now} bytes; {end} are needed"))
            .at(format!("blob {}", self.blob.digest()))
            .remedy("Run `phim check`, then restore the blob from a backup or add the title again"))
    }
    /// A range of the blob that stands for its file; sent over a [`Wire`], its memory is never read.
    pub fn slice(self: &Arc<Mapped>, from: u64, len: u64) -> Option<Bytes> {
        let end = from.checked_add(len).filter(|end| *end <= self.blob.len())? as usize;
        Some(Bytes::from_owner(Slice { mapped: self.clone(), from: from as usize, end }))
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        let start = self.map().as_ptr() as usize;
        REGIONS.rcu(|regions| match regions.get(&start) {
            Some(region) if region.holders > 1 => {
                regions.update(start, Region { holders: region.holders - 1, ..region.clone() })
            }
            _ => regions.without(&start),
        });
    }
}

struct Slice {
    mapped: Arc<Mapped>,
    from: usize,
    end: usize,
}

impl AsRef<[u8]> for Slice {
    fn as_ref(&self) -> &[u8] {
        &self.mapped.map()[self.from..self.end]
    }
}

/// Which file, and where in it, these bytes stand for.
fn region_of(regions: &OrdMap<usize, Region>, bytes: &[u8]) -> Option<(Arc<Blob>, u64)> {
    let at = bytes.as_ptr() as usize;
    let (start, region) = regions.get_prev(&at)?;
    let offset = at - start;
    (offset + bytes.len() <= region.len).then(|| (region.blob.clone(), offset as u64))
}

/// A TCP connection that sends slices of [`Mapped`] blobs from their files, for as long as its leash lets it.
pub struct Wire {
    stream: TcpStream,
    leash: Arc<Leash>,
    /// Where every write is noted, and for whom.
    noted: Option<(Arc<WriteLog>, SocketAddr)>,
}

impl Wire {
    pub fn new(stream: TcpStream, leash: Arc<Leash>) -> Wire {
        Wire { stream, leash, noted: None }
    }

    /// The same, with every write noted in `log` as one to `peer`.
    pub fn noted(self, log: Arc<WriteLog>, peer: SocketAddr) -> Wire {
        Wire { noted: Some((log, peer)), ..self }
    }

    /// Writes what the socket takes now, and notes it.
    fn hand_over(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let handed = self.write_once(bufs)?;
        if let Some((log, peer)) = &self.noted {
            log.note(*peer, handed)?;
        }
        Ok(handed)
    }

    /// Writes what the socket takes now; fails with `WouldBlock` when it takes nothing.
    fn write_once(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let regions = REGIONS.load();
        let mut plain = 0;
        let mut target = None;
        for buf in bufs {
            if !buf.is_empty() {
                target = region_of(&regions, buf);
                if target.is_some() {
                    break;
                }
            }
            plain += 1;
        }
        let sent = self.send_plain(&bufs[..plain], target.is_some())?;
        let Some((blob, offset)) = target else { return Ok(sent.0) };
        if !sent.1 {
            return Ok(sent.0);
        }
        match self.send_file(&blob, offset, bufs[plain].len()) {
            Ok(n) => Ok(sent.0 + n),
            // What went out already must be reported; the next call meets the error again.
            Err(_) if sent.0 > 0 => Ok(sent.0),
            Err(error) => Err(error),
        }
    }

    /// Sends ordinary memory. Answers how much, and whether that was all.
    fn send_plain(&self, bufs: &[IoSlice<'_>], more: bool) -> io::Result<(usize, bool)> {
        let all: usize = bufs.iter().map(|b| b.len()).sum();
        if all == 0 {
            return Ok((0, true));
        }
        let flags = if more { SendFlags::NOSIGNAL | SendFlags::MORE } else { SendFlags::NOSIGNAL };
        let bufs = &bufs[..bufs.len().min(MAX_SLICES)];
        let sent = sendmsg(self.stream.as_fd(), bufs, &mut SendAncillaryBuffer::default(), flags)?;
        Ok((sent, sent == all))
    }

    fn send_file(&self, blob: &Blob, mut offset: u64, len: usize) -> io::Result<usize> {
        let at = offset;
        let sent =
            rustix::fs::sendfile(self.stream.as_fd(), blob.file(), Some(&mut offset), len.min(MAX_SENDFILE))?;
        if sent == 0 {
            tracing::error!(blob = %blob.digest(), at, "a stored file is shorter than it was when it was opened");
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a stored file is cut off"));
        }
        SENT.inc_by(sent as u64);
        Ok(sent)
    }
}

/// `IOV_MAX` of Linux.
const MAX_SLICES: usize = 1024;
/// One call sends at most this much, so that one fast client does not hold the thread.
const MAX_SENDFILE: usize = 4 << 20;

impl AsyncWrite for Wire {
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // Also where the socket takes nothing now.
        self.leash.flushed(false);
        loop {
            ready!(self.stream.poll_write_ready(cx))?;
            match self.stream.try_io(Interest::WRITABLE, || self.leash.write(|| self.hand_over(bufs))) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                done => return Poll::Ready(done),
            }
        }
    }
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }
    fn is_write_vectored(&self) -> bool {
        true
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.leash.flushed(true);
        }
        flushed
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

#[cfg(test)]
mod tests;
