//! Requests that the house sends: to witnesses of its logs, and to those who asked to be told of decisions.
//!
//! Invariants:
//! - No redirect is followed: what was named is what is asked.
//! - A request that may reach public addresses only connects to no other, whatever its name resolves to
//!   at that moment.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body as _;
use hyper::header::RETRY_AFTER;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use media::error::{Error, Kind, Result};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// From connecting to the last byte of the answer.
const TIME: Duration = Duration::from_secs(10);

/// A POST to be sent. `http` and `https` are understood, the latter with the certificate authorities
/// that this machine trusts.
pub struct Post<'a> {
    pub to: &'a Uri,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// Bytes of the answer's body at most; none: the body is not read.
    pub limit: Option<usize>,
    pub reach: Reach,
}

/// Which addresses a request may connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Anywhere,
    /// None of this machine, of private networks, or kept for other purposes (IANA's registries of
    /// special-purpose addresses).
    Public,
}

pub struct Reply {
    pub status: u16,
    /// Seconds after which the other side wants to be asked again (RFC 9110, section 10.2.3).
    pub retry_after: Option<u64>,
    pub body: Vec<u8>,
}

/// Sends a POST and reads the answer.
pub async fn post(post: Post<'_>) -> Result<Reply> {
    let place = post.to.to_string();
    let answer = tokio::time::timeout(TIME, converse(post)).await;
    let answer = answer.unwrap_or_else(|_| Err(gone(&format!("no answer within {} s", TIME.as_secs()))));
    answer.map_err(|e| e.at(place))
}

fn gone(what: &dyn std::fmt::Display) -> Error {
    Error::new(Kind::Unavailable, what.to_string())
}

async fn converse(post: Post<'_>) -> Result<Reply> {
    let to = post.to;
    let host = to.host().ok_or_else(|| Error::invalid("the address names no host"))?;
    let secure = match to.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        _ => return Err(Error::invalid("expected an address with http or https")),
    };
    let port = to.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let stream = connect(bare, port, post.reach).await?;
    let mut request = Request::post(to.path_and_query().map_or("/", |path| path.as_str()))
        .header("host", to.authority().map_or(host, |authority| authority.as_str()))
        .header("user-agent", concat!("phim/", env!("CARGO_PKG_VERSION")));
    for (name, value) in &post.headers {
        request = request.header(*name, value);
    }
    let request = request.body(post.body).map_err(|e| Error::invalid(e.to_string()))?;
    if !secure {
        return exchange(stream, request, post.limit).await;
    }
    let name = ServerName::try_from(bare.to_string()).map_err(|e| Error::invalid(e.to_string()))?;
    let stream = TlsConnector::from(trust()).connect(name, stream).await.map_err(|e| gone(&e))?;
    exchange(stream, request, post.limit).await
}

async fn connect(host: &str, port: u16, reach: Reach) -> Result<TcpStream> {
    let found = tokio::net::lookup_host((host, port)).await.map_err(|e| gone(&e))?;
    let allowed: Vec<SocketAddr> =
        found.filter(|at| reach == Reach::Anywhere || is_public(at.ip())).collect();
    if allowed.is_empty() {
        return Err(Error::invalid(format!("{host} has no public address"))
            .remedy("Name it with --private on the command line, if it is one of yours"));
    }
    TcpStream::connect(&allowed[..]).await.map_err(|e| gone(&e))
}

/// Whether an address is one of the internet at large (RFC 6890 and what updates it).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match (v6.to_ipv4_mapped(), v6.segments()) {
            (Some(v4), _) => is_public_v4(v4),
            // What a translator (RFC 6052) or a 6to4 gateway makes an IPv4 address of again.
            (None, [0x64, 0xff9b, .., high, low]) | (None, [0x2002, high, low, ..]) => {
                let (high, low) = (high.to_be_bytes(), low.to_be_bytes());
                is_public_v4(Ipv4Addr::new(high[0], high[1], low[0], low[1]))
            }
            (None, [0x2001, second, ..]) => second >= 0x200 && second != 0xdb8,
            // Only 2000::/3 is given out.
            (None, [first, ..]) => first & 0xe000 == 0x2000,
        },
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_documentation();
    match v4.octets() {
        [0 | 224..=255, ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18 | 19, ..] => false,
        _ => !special,
    }
}

/// The certificate authorities that this machine trusts, read once.
fn trust() -> Arc<ClientConfig> {
    static TRUST: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let read = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
    };
    TRUST.get_or_init(read).clone()
}

async fn exchange<S>(stream: S, request: Request<String>, limit: Option<usize>) -> Result<Reply>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| gone(&e))?;
    // It ends with the sender.
    tokio::spawn(async move { drop(connection.await) });
    let answer = sender.send_request(request).await.map_err(|e| gone(&e))?;
    let status = answer.status().as_u16();
    let asked = answer.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok());
    let retry_after = asked.and_then(|seconds| seconds.trim().parse().ok());
    let mut bytes = Vec::new();
    let Some(limit) = limit else { return Ok(Reply { status, retry_after, body: bytes }) };
    let mut body = answer.into_body();
    while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await {
        let data: Bytes = frame.map_err(|e| gone(&e))?.into_data().unwrap_or_default();
        if bytes.len() + data.len() > limit {
            return Err(gone(&format!("an answer of more than {limit} bytes")));
        }
        bytes.extend(data);
    }
    Ok(Reply { status, retry_after, body: bytes })
}

#[cfg(test)]
mod tests;
