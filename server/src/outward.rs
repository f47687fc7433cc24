//! Requests that the house sends: to witnesses of its logs.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body as _;
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

/// Sends a POST and reads the answer, of at most `limit` bytes. `http` and `https` are understood, the
/// latter with the certificate authorities that this machine trusts.
pub async fn post(to: &Uri, body: String, limit: usize) -> Result<(u16, Vec<u8>)> {
    let place = to.to_string();
    let answer = tokio::time::timeout(TIME, converse(to, body, limit)).await;
    let answer = answer.unwrap_or_else(|_| Err(gone(&format!("no answer within {} s", TIME.as_secs()))));
    answer.map_err(|e| e.at(place))
}

fn gone(what: &dyn std::fmt::Display) -> Error {
    Error::new(Kind::Unavailable, what.to_string())
}

async fn converse(to: &Uri, body: String, limit: usize) -> Result<(u16, Vec<u8>)> {
    let host = to.host().ok_or_else(|| Error::invalid("the address names no host"))?;
    let secure = match to.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        _ => return Err(Error::invalid("expected an address with http or https")),
    };
    let port = to.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((bare, port)).await.map_err(|e| gone(&e))?;
    let request = Request::post(to.path_and_query().map_or("/", |path| path.as_str()))
        .header("host", to.authority().map_or(host, |authority| authority.as_str()))
        .header("content-type", "text/plain; charset=utf-8")
        .body(body)
        .map_err(|e| Error::invalid(e.to_string()))?;
    if !secure {
        return exchange(stream, request, limit).await;
    }
    let name = ServerName::try_from(bare.to_string()).map_err(|e| Error::invalid(e.to_string()))?;
    let stream = TlsConnector::from(trust()).connect(name, stream).await.map_err(|e| gone(&e))?;
    exchange(stream, request, limit).await
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

async fn exchange<S>(stream: S, request: Request<String>, limit: usize) -> Result<(u16, Vec<u8>)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| gone(&e))?;
    // It ends with the sender.
    tokio::spawn(async move { drop(connection.await) });
    let answer = sender.send_request(request).await.map_err(|e| gone(&e))?;
    let (status, mut body) = (answer.status().as_u16(), answer.into_body());
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await {
        let data: Bytes = frame.map_err(|e| gone(&e))?.into_data().unwrap_or_default();
        if bytes.len() + data.len() > limit {
            return Err(gone(&format!("an answer of more than {limit} bytes")));
        }
        bytes.extend(data);
    }
    Ok((status, bytes))
}
