//! Listeners: TCP with and without TLS, HTTP/1.1 and HTTP/2, limits for slow clients, graceful end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use clap::Args;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use media::error::{Error, Kind, Result};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::cosign::{self, Cosigner};
use crate::house::House;
use crate::http::{Connection, Site};
use crate::leash::{Held, Leash};
use crate::sendfile::Wire;
use crate::territory::Map;
use crate::write_log::WriteLog;
use crate::{obey, owner_socket, tls};

#[derive(Args, Clone, Debug)]
pub struct Listen {
    /// Address to listen on; 127.0.0.1 keeps it to this machine, 0.0.0.0 opens it to all
    #[arg(long, default_value = "127.0.0.1", value_name = "IP")]
    pub host: std::net::IpAddr,
    /// Port to listen on; 0 picks a free one
    #[arg(long, default_value_t = 8080, value_name = "N")]
    pub port: u16,
    /// Certificate chain for TLS (PEM)
    #[arg(long, requires = "tls_key", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, requires = "tls_cert", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// A network whose country is known, for addresses that no database has
    #[arg(long = "network", value_name = "CIDR=CC")]
    pub networks: Vec<String>,
    /// A proxy whose X-Forwarded-For is believed
    #[arg(long = "proxy", value_name = "CIDR")]
    pub proxies: Vec<String>,
    /// Countries of network addresses, in MaxMind's format
    #[arg(long, value_name = "FILE")]
    pub countries: Option<PathBuf>,
    /// A witness that co-signs the logs' checkpoints (C2SP tlog-witness)
    #[arg(long = "witness", value_name = "URL=KEY")]
    pub witnesses: Vec<String>,
    /// Media is for those who show a token: POST /api/v1/play hands them out
    #[arg(long)]
    pub tokens: bool,
    /// Viewers' addresses at once with which one token plays
    #[arg(long, default_value_t = 4, value_name = "N", requires = "tokens")]
    pub streams: usize,
    /// Viewers must have paid: the keys with which the operator's billing signs receipts
    #[arg(long, value_name = "FILE")]
    pub billing: Option<PathBuf>,
    /// For audits: a file that gets a line for every write to a connection
    #[arg(long, value_name = "FILE")]
    pub write_log: Option<PathBuf>,
    /// Worker threads; as many as there are cores when left out
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// Connections at once at most; more wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 16_384;
/// A request head must be whole this long after its connection was idle or opened.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// A client that takes no byte for this long is let go.
const STALL_TIME: Duration = Duration::from_secs(60);
/// So long the client's end of a connection is waited for, after the server's.
const LINGER: Duration = Duration::from_secs(1);
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Answers under way get this long to end when the server stops.
const GRACE: Duration = Duration::from_secs(10);

impl Listen {
    /// Has the logs' checkpoints co-signed from now on.
    pub fn cosign(&self, house: &Arc<House>) -> Result<()> {
        let cosigners =
            self.witnesses.iter().map(|text| Cosigner::parse(text)).collect::<Result<Vec<_>>>()?;
        for cosigner in cosigners {
            tokio::spawn(cosign::keep(house.clone(), cosigner));
        }
        Ok(())
    }
    /// What viewers must show: tokens for media, receipts for what is paid for.
    pub fn ask_viewers(&self, house: &House) -> Result<()> {
        if let Some(file) = &self.billing {
            let _ = house.billing.set(crate::billing::open(file)?);
        }
        if self.tokens { house.ask_for_tokens(self.streams) } else { Ok(()) }
    }
    /// How the territory of a request is found.
    pub fn map(&self) -> Result<Map> {
        Map::new(&self.networks, &self.proxies, self.countries.as_deref())
    }
}

/// `phim serve`: opens the archive and serves it until the process is asked to end.
pub async fn serve(dir: &Path, listen: &Listen) -> Result<()> {
    let map = listen.map()?;
    let house = House::open(dir).await?;
    let door = Door::open(listen).await?;
    listen.ask_viewers(&house)?;
    listen.cosign(&house)?;
    welcome(house, door, map).await
}

/// Says `ready`, and answers viewers at the door and verbs at the socket.
pub async fn welcome(house: Arc<House>, door: Door, map: Map) -> Result<()> {
    crate::readiness::trial::warn(&house);
    let socket = house.archive().socket();
    tokio::spawn(owner_socket::answer_all(owner_socket::listen(&socket)?, house.clone()));
    tokio::spawn(crate::decide::keep_time(house.clone()));
    tokio::spawn(crate::readiness::checks::keep_looking(house.clone()));
    tokio::spawn(crate::webhook::follow_all(house.clone()));
    crate::order::meet_all(&house).await?;
    obey::resume(&house).await?;
    let looked = house.clone();
    tokio::task::spawn_blocking(move || looked.look_at_sandbox());
    println!("ready {}", door.url());
    door.serve(Site::new(house, map), asked_to_end()).await;
    // The next owner makes its own.
    let _ = std::fs::remove_file(socket);
    Ok(())
}

/// A bound listener, before anything is accepted.
pub struct Door {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    write_log: Option<Arc<WriteLog>>,
}

impl Door {
    pub async fn open(listen: &Listen) -> Result<Door> {
        let at = SocketAddr::new(listen.host, listen.port);
        let listener = TcpListener::bind(at).await.map_err(|e| {
            let kind =
                if e.kind() == std::io::ErrorKind::AddrInUse { Kind::Conflict } else { Kind::Unavailable };
            Error::new(kind, format!("cannot listen on {at}: {e}"))
                .remedy("Choose another --port, or end the program that holds this one")
        })?;
        let tls = match (&listen.tls_cert, &listen.tls_key) {
            (Some(cert), Some(key)) => Some(tls::acceptor(cert, key)?),
            _ => None,
        };
        let write_log = listen.write_log.as_deref().map(WriteLog::open).transpose()?.map(Arc::new);
        Ok(Door { listener, tls, write_log })
    }

    /// Where the server can be reached, e.g. `http://127.0.0.1:8080`.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        match self.listener.local_addr() {
            Ok(at) => format!("{scheme}://{at}"),
            Err(_) => format!("{scheme}://?"),
        }
    }

    /// Serves until `end` is done, then lets answers under way finish for a while.
    pub async fn serve(self, site: Arc<Site>, end: impl Future<Output = ()>) {
        let (winding_down, told) = watch::channel(());
        let seats = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        tokio::pin!(end);
        loop {
            let seat = tokio::select! {
                seat = seats.clone().acquire_owned() => seat.expect("the semaphore is never closed"),
                () = &mut end => break,
            };
            let (stream, peer) = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Out of descriptors, most likely: waiting lets others end.
                        tracing::warn!(%error, "cannot accept a connection");
                        sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = &mut end => break,
            };
            let _ = stream.set_nodelay(true);
            let (site, tls, told) = (site.clone(), self.tls.clone(), told.clone());
            let write_log = self.write_log.clone();
            tokio::spawn(async move {
                let held = site.house().leashes.hold();
                let wire = Wire::new(stream, held.leash.clone());
                let wire = match write_log {
                    Some(log) => wire.noted(log, peer),
                    None => wire,
                };
                let connection = Connection { direct: tls.is_none(), peer, leash: held.leash.clone() };
                match tls {
                    None => converse(Patient::new(wire), connection, site, told).await,
                    Some(tls) => converse_in_tls(wire, tls, connection, site, told).await,
                }
                drop::<(Held, _)>((held, seat));
            });
        }
        drop(self.listener);
        drop(told);
        winding_down.send_replace(());
        if timeout(GRACE, winding_down.closed()).await.is_err() {
            tracing::warn!("some answers had not ended when the server stopped");
        }
    }
}

async fn converse_in_tls(
    wire: Wire,
    tls: TlsAcceptor,
    connection: Connection,
    site: Arc<Site>,
    told: watch::Receiver<()>,
) {
    if let Ok(Ok(stream)) = timeout(HANDSHAKE_TIME, tls.accept(wire)).await {
        converse(Patient::new(stream), connection, site, told).await;
    }
}

async fn converse<S>(stream: S, connection: Connection, site: Arc<Site>, mut told: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .writev(true)
        .max_headers(64)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(32 * 1024)
        .max_concurrent_streams(128)
        .max_send_buf_size(256 * 1024)
        .keep_alive_interval(HEAD_TIME)
        .keep_alive_timeout(HEAD_TIME);
    let leash = connection.leash.clone();
    let service = service_fn(move |request| {
        let (site, connection) = (site.clone(), connection.clone());
        async move { Ok::<_, std::convert::Infallible>(site.answer(request, &connection).await) }
    });
    let mut conversation = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut ending = false;
    loop {
        tokio::select! {
            ended = conversation.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                break;
            }
            () = leash.ended() => break,
            () = wind_down(&mut told, &leash), if !ending => {
                ending = true;
                conversation.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Done when a connection should take no more requests: the server ends, or it carried as much as it can
/// remember.
async fn wind_down(told: &mut watch::Receiver<()>, leash: &Leash) {
    tokio::select! {
        _ = told.changed() => {}
        () = leash.full() => {}
    }
}

/// Ends a connection whose client takes nothing for [`STALL_TIME`], and closes one only when the client has:
/// to a client that still writes, a system answers a close with a reset, and what it was sent last is lost.
struct Patient<S> {
    inner: S,
    deadline: Option<Pin<Box<Sleep>>>,
    /// Until when the client's own end is waited for, once ours was sent.
    lingers: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    fn new(inner: S) -> Patient<S> {
        Patient { inner, deadline: None, lingers: None }
    }
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<std::io::Result<T>>,
    ) -> Poll<std::io::Result<T>> {
        if written.is_ready() {
            self.deadline = None;
            return written;
        }
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + STALL_TIME)));
        match deadline.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(std::io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> Patient<S> {
    /// Done when the client has ended too, or was waited for long enough.
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let until = self.lingers.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        if until.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let mut unread = [0; 1024];
        loop {
            let mut buf = ReadBuf::new(&mut unread);
            match Pin::new(&mut self.inner).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.watch(cx, written)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.watch(cx, written)
    }
    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.watch(cx, flushed)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        if self.lingers.is_none() {
            std::task::ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        }
        self.linger(cx).map(Ok)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

/// Done when the process is asked to end: SIGTERM, or Ctrl-C.
pub async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("signals can be watched in a runtime");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
