//! Webhooks, with a receiver that keeps what it is sent and answers as it is told to.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Cinema, cut, once, put_in, serve};
use crate::client::ask;
use crate::film;
use crate::phim::{Server, run};
use crate::serving::make_certificate;

/// One message as it came.
#[derive(Clone, Debug)]
struct Came {
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Came {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("json")
    }
    fn event(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_string()
    }
    /// Whether it is signed with the secret and under the key that were handed out.
    fn is_signed(&self, opened: &Value) -> bool {
        let part = |text: &Value, prefix: &str| {
            let text = text.as_str().and_then(|t| t.strip_prefix(prefix)).expect("a prefix").to_string();
            STANDARD.decode(text).expect("base64")
        };
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let signed = format!("{id}.{at}.{}", self.body);
        let mut mac = Hmac::<Sha256>::new_from_slice(&part(&opened["secret"], "whsec_")).expect("a key");
        mac.update(signed.as_bytes());
        let (v1, v1a) = self.header("webhook-signature").split_once(' ').expect("two signatures");
        let key = part(&opened["public_key"], "whpk_").try_into().expect("32 bytes");
        let signature = part(&json!(v1a), "v1a,");
        let verified = VerifyingKey::from_bytes(&key)
            .and_then(|key| key.verify_strict(signed.as_bytes(), &Signature::from_slice(&signature)?));
        mac.verify_slice(&part(&json!(v1), "v1,")).is_ok() && verified.is_ok()
    }
}

/// Answers with the next of its answers, and with 204 once there are none.
struct Receiver {
    at: SocketAddr,
    came: Arc<Mutex<Vec<Came>>>,
    answers: Arc<Mutex<VecDeque<String>>>,
}

impl Receiver {
    fn open(answers: &[&str]) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let receiver = Receiver {
            at: listener.local_addr().expect("an address"),
            came: Arc::default(),
            answers: Arc::new(Mutex::new(answers.iter().map(|a| a.to_string()).collect())),
        };
        let (came, answers) = (receiver.came.clone(), receiver.answers.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                let Some(one) = read(&mut reader) else { continue };
                came.lock().expect("a list").push(one);
                let answer = answers.lock().expect("a list").pop_front();
                let answer = answer.unwrap_or_else(|| "204 No Content".to_string());
                let _ = write!(reader.get_mut(), "HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
            }
        });
        receiver
    }
    fn url(&self) -> String {
        format!("http://{}/hook", self.at)
    }
    fn came(&self) -> Vec<Came> {
        self.came.lock().expect("a list").clone()
    }
    /// What came, once it is so many.
    fn once(&self, count: usize) -> Vec<Came> {
        once(|| Some(self.came()).filter(|came| came.len() >= count))
    }
    fn events(&self) -> Vec<String> {
        self.came().iter().map(Came::event).collect()
    }
}

fn read(reader: &mut impl BufRead) -> Option<Came> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_string();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_string()));
    }
    let length = headers.iter().find(|(n, _)| n == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Came { path, headers, body: String::from_utf8(body).ok()? })
}

fn add(cinema: &Cinema, url: &str, events: &str) -> Value {
    cinema.verb(&["webhook", "add", url, "--private", "--events", events])
}

fn status_of(cinema: &Cinema) -> Value {
    cinema.verb(&["webhook", "list"])["webhooks"][0]["status"].clone()
}

/// Signed, in the order of the decisions, again under the same id until it is accepted; a redirect is a
/// refusal; nothing that names a person or says what a letter says.
#[test]
fn decisions_are_told_in_their_order() {
    let cinema = Cinema::open(500);
    let receiver = Receiver::open(&["500 Internal Server Error", "302 Found\r\nlocation: /elsewhere"]);
    cinema.place(&cut("0", &["VN"], 10, 20));
    let opened = add(&cinema, &receiver.url(), "order.placed,order.lifted,case.*,proposal.made");
    let (status, placed) = cinema.desk("POST", "/api/v1/orders?by=Nguyễn%20An", &cut("1", &["VN"], 60, 70));
    assert_eq!(status, 201, "{placed}");
    cinema.verb(&["case", "letter", "Cục Điện ảnh 1", "--text", "Kính gửi Cục Điện ảnh", "--by", "An"]);
    cinema.lift("1");
    let came = receiver.once(5);
    let told: Vec<&str> = came.iter().map(|c| c.header("webhook-id")).collect();
    assert_eq!((told[0], told[1]), (told[1], told[2]), "again under the same id");
    assert_eq!(
        receiver.events(),
        ["order.placed", "order.placed", "order.placed", "case.letter", "order.lifted"]
    );
    for one in &came {
        assert!(one.is_signed(&opened), "{one:?}");
        assert_eq!((one.path.as_str(), one.header("content-type")), ("/hook", "application/json"));
        assert!(!one.body.contains("Nguyễn") && !one.body.contains("Kính"), "{}", one.body);
        assert!(one.json()["data"]["record"].as_str().is_some_and(|digest| digest.len() == 64));
    }
    assert_eq!(came[0].json()["data"]["order"], json!({"authority": "Cục Điện ảnh", "number": "1"}));
    assert_eq!(came[0].json()["data"]["territories"], json!(["VN"]));
    let list = once(|| {
        Some(cinema.verb(&["webhook", "list"])).filter(|list| list["webhooks"][0]["delivered"] == json!(3))
    });
    assert_eq!(list["webhooks"][0]["status"], json!("active"));
}

/// A receiver that is away is told when it is back, also what was decided while the server was killed and
/// by verbs that opened the archive by themselves.
#[test]
fn what_was_missed_is_told_later() {
    let cinema = Cinema::open(500);
    let receiver = Receiver::open(&["503 Service Unavailable"; 1]);
    add(&cinema, &receiver.url(), "order.placed,order.lifted");
    cinema.place(&cut("1", &["VN"], 60, 70));
    receiver.once(1);
    // In three logs: of each country, and of the house where an order is about both.
    cinema.place(&cut("2", &["KR"], 60, 70));
    cinema.place(&cut("3", &["KR", "VN"], 80, 90));
    cinema.place(&cut("4", &["VN"], 100, 110));
    // Dropping a server kills it.
    let Cinema { dir, server, token } = cinema;
    drop(server);
    let lifted = run(dir.path(), &["order", "lift", "1", "--reason", "settled"]);
    assert!(lifted.status.success(), "{}", lifted.err);
    let server = serve(dir.path(), &[]);
    let _cinema = Cinema { dir, server, token };
    // What was tried again before the kill may have been told more than once.
    let came =
        once(|| Some(receiver.came()).filter(|c| c.last().is_some_and(|c| c.event() == "order.lifted")));
    let mut told: Vec<(String, Value)> = came
        .iter()
        .map(|c| (c.header("webhook-id").into(), c.json()["data"]["order"]["number"].clone()))
        .collect();
    assert_eq!(told[0], told[1], "again under the same id");
    told.dedup();
    let numbers: Vec<&Value> = told.iter().map(|(_, number)| number).collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "1"]);
}

/// What is gone is given up, and goes on where it stopped when somebody says so.
#[test]
fn a_receiver_that_wants_no_more() {
    let cinema = Cinema::open(500);
    let receiver = Receiver::open(&["410 Gone"]);
    let opened = add(&cinema, &receiver.url(), "order.placed");
    let id = opened["id"].as_str().expect("an id");
    cinema.place(&cut("1", &["VN"], 60, 70));
    once(|| (status_of(&cinema) == json!("dead")).then_some(()));
    cinema.place(&cut("2", &["VN"], 80, 90));
    assert_eq!(receiver.came().len(), 1);
    let (status, _) = cinema.desk("POST", &format!("/api/v1/webhooks/{id}/resume"), &json!(null));
    assert_eq!(status, 200);
    let numbers: Vec<Value> =
        receiver.once(3).iter().map(|c| c.json()["data"]["order"]["number"].clone()).collect();
    assert_eq!(numbers, [json!("1"), json!("1"), json!("2")]);
    let (status, tried) = cinema.desk("POST", &format!("/api/v1/webhooks/{id}/test"), &json!(null));
    assert_eq!((status, &tried["status"], &tried["error"]), (200, &json!(204), &json!("")));
    cinema.verb(&["webhook", "remove", id]);
    cinema.place(&cut("3", &["VN"], 100, 110));
    assert_eq!(cinema.desk("GET", "/api/v1/webhooks", &json!(null)).1, json!({"webhooks": []}));
    assert_eq!(cinema.desk("GET", &format!("/api/v1/webhooks/{id}"), &json!(null)).0, 404);
    assert!(!receiver.came().iter().any(|c| c.json()["data"]["order"]["number"] == json!("3")));
}

/// Over HTTP only public addresses over https can be named, and what resolves to others is not asked.
#[test]
fn addresses_that_are_not_asked() {
    let cinema = Cinema::open(500);
    let receiver = Receiver::open(&[]);
    let add = |wish: Value| cinema.desk("POST", "/api/v1/webhooks", &wish);
    assert_eq!(add(json!({"url": receiver.url()})).0, 400);
    assert_eq!(add(json!({"url": receiver.url(), "private": true})).0, 400);
    assert_eq!(add(json!({"url": "https://desk.example/", "events": ["order.plaecd"]})).0, 400);
    let (status, opened) = add(json!({"url": format!("https://localhost:{}/", receiver.at.port())}));
    assert_eq!(status, 201, "{opened}");
    let path = format!("/api/v1/webhooks/{}/test", opened["id"].as_str().expect("an id"));
    let (status, tried) = cinema.desk("POST", &path, &json!(null));
    assert_eq!((status, &tried["status"]), (200, &Value::Null));
    assert!(tried["error"].as_str().is_some_and(|e| e.contains("no public address")), "{tried}");
    assert_eq!(receiver.came().len(), 0);
    for (method, path) in
        [("GET", "/api/v1/webhooks"), ("POST", path.as_str()), ("DELETE", "/api/v1/webhooks/x")]
    {
        assert_eq!(ask(cinema.server.at(), method, path, &[], "{}").status, 401);
    }
}

/// Passes what comes over TLS on to `to`, as a witness or a receiver behind a proxy has it.
fn behind_tls(cert: &Path, key: &Path, to: SocketAddr) -> u16 {
    let chain = vec![CertificateDer::from_pem_file(cert).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("they fit")));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    listener.set_nonblocking(true).expect("a listener of the runtime");
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut inner = tokio::net::TcpStream::connect(to).await?;
                    let mut outer = acceptor.accept(stream).await?;
                    tokio::io::copy_bidirectional(&mut outer, &mut inner).await
                });
            }
        });
    });
    port
}

/// A witness and a receiver over https, known by a certificate that the machine trusts; what the witness
/// signed is shown again after a restart without asking it.
#[test]
fn over_https() {
    let dir = tempfile::tempdir().expect("a folder");
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    if !make_certificate(&cert, &key) {
        println!("skipped: there is no openssl to make a certificate with");
        return;
    }
    let data = dir.path().join("data");
    put_in(&data, |archive| Box::pin(film::put(archive, "noise", 500, 1)));
    let number = |n: &str| {
        [
            "order",
            "place",
            "--title",
            "noise",
            "--territory",
            "VN",
            "--cut",
            "60f-70f",
            "--authority",
            "A",
            "--number",
            n,
        ]
        .map(String::from)
    };
    let place = |n: &str| run(&data, &number(n).iter().map(String::as_str).collect::<Vec<_>>());
    assert!(place("1").status.success());

    let plain = Server::start(&data, &[]);
    let log = crate::client::get(plain.at(), "/ledger/vn/key").text().trim().to_string();
    plain.end();
    let booth = crate::evidence::Witness::start(&dir.path().join("booth"), &log);
    let inner = booth.url.trim_start_matches("http://").parse().expect("an address");
    let witness = format!("https://localhost:{}={}", behind_tls(&cert, &key, inner), booth.key);
    let receiver = Receiver::open(&[]);
    let hook = format!("https://localhost:{}/hook", behind_tls(&cert, &key, receiver.at));
    let server = Server::start_with(&data, &["--witness", &witness], &[("SSL_CERT_FILE", &cert)]);
    let shown = |server: &Server| crate::client::get(server.at(), "/ledger/vn/checkpoint").text();
    let signed = once(|| Some(shown(&server)).filter(|note| note.contains("\n— witness.test ")));
    let opened = run(&data, &["webhook", "add", &hook, "--private", "--json"]).json();
    let id = opened["id"].as_str().expect("an id");
    let tried = run(&data, &["webhook", "test", id, "--json"]).json();
    assert_eq!((&tried["status"], &tried["error"]), (&json!(204), &json!("")));
    assert!(receiver.came()[0].is_signed(&opened));
    server.end();
    drop(booth);
    // Nobody signs any more, and nobody trusts the certificate.
    let server = Server::start(&data, &[]);
    assert_eq!(shown(&server), signed);
    let tried = run(&data, &["webhook", "test", id, "--json"]).json();
    assert!(tried["error"].as_str().is_some_and(|error| error.contains("certificate")), "{tried}");
    assert_eq!(receiver.came().len(), 1);
    let placed = run(&data, &["order", "lift", "1", "--reason", "settled"]);
    assert!(placed.status.success(), "{}", placed.err);
    assert!(!shown(&server).contains("witness.test"), "the next checkpoint is not signed yet");
}

/// A house with many subscriptions takes no more of them.
#[test]
fn not_more_than_there_is_room_for() {
    let cinema = Cinema::open(500);
    let wish = json!({"url": "https://desk.example/"});
    for _ in 0..32 {
        assert_eq!(cinema.desk("POST", "/api/v1/webhooks", &wish).0, 201);
    }
    assert_eq!(cinema.desk("POST", "/api/v1/webhooks", &wish).0, 409);
}
