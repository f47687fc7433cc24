//! Two hundred players and a hundred orders in a row, by two witnesses on one clock: the server's log says
//! how many bytes it had handed to the kernel for each connection and when, and the clients say which
//! bytes stood where in what they received. No ordered byte may have been handed over after its order was
//! in force.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Bytes;
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, ReadBuf};
use tokio::net::TcpStream;

use super::{Cinema, VIETNAM, cut, ordered};
use crate::film::{self, GROUP};

const ORDERS: u32 = 100;
const FILMS: u32 = 12;
const GROUPS: u32 = 10;
/// Bytes a frame in the highest rendition: 770 kB a segment.
const FRAME: u32 = 8_000;

/// A sample as its stamps name it: track and number.
type Sample = (u32, u32);

/// What a client received over one connection.
struct Received {
    peer: String,
    opened: Timestamp,
    closed: Option<Timestamp>,
    bytes: u64,
    /// The last bytes, in which a stamp may have begun.
    tail: Vec<u8>,
    /// When the request was sent that is being answered, where one follows the other.
    asked: Option<Timestamp>,
    /// Where the first stamp of a sample that came in one piece ended, when it came and when it was asked for.
    stamps: Vec<Stamp>,
}

#[derive(Clone, Copy)]
struct Stamp {
    sample: Sample,
    end: u64,
    came: Timestamp,
    asked: Option<Timestamp>,
}

impl Received {
    fn take(&mut self, bytes: &[u8]) {
        let came = Timestamp::now();
        let carried = self.tail.len();
        self.tail.extend_from_slice(bytes);
        for (sample, end) in film::stamps_in(&self.tail) {
            let end = self.bytes - carried as u64 + end as u64;
            self.stamps.push(Stamp { sample, end, came, asked: self.asked });
        }
        self.bytes += bytes.len() as u64;
        self.tail.drain(..self.tail.len().saturating_sub(film::STAMP - 1));
    }
}

/// All connections that the players opened.
type Crowd = Arc<Mutex<Vec<Arc<Mutex<Received>>>>>;

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection that remembers what comes over it, whatever is spoken.
struct Tap {
    stream: TcpStream,
    received: Arc<Mutex<Received>>,
}

impl Tap {
    async fn open(at: &str, crowd: &Crowd) -> io::Result<Tap> {
        let opened = Timestamp::now();
        let stream = TcpStream::connect(at).await?;
        let received = Arc::new(Mutex::new(Received {
            peer: stream.local_addr()?.to_string(),
            opened,
            closed: None,
            bytes: 0,
            tail: Vec::new(),
            asked: None,
            stamps: Vec::new(),
        }));
        lock(crowd).push(received.clone());
        Ok(Tap { stream, received })
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        lock(&self.received).closed = Some(Timestamp::now());
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let done = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let Some(new) = buf.filled().get(before..).filter(|new| !new.is_empty()) {
            lock(&self.received).take(new);
        }
        done
    }
}

impl AsyncWrite for Tap {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// What all players know.
#[derive(Clone)]
struct Room {
    at: String,
    bases: Arc<Vec<String>>,
    crowd: Crowd,
    over: Arc<AtomicBool>,
}

#[derive(Clone, Copy, PartialEq)]
enum Habit {
    /// One answer after the other over a connection that is kept.
    Keeps,
    /// Goes on in the middle of a segment.
    Resumes,
    /// Reads so slowly that most of the answer is still to be sent when an order comes.
    Dawdles,
    /// Several answers at once over HTTP/2.
    AtOnce,
}

impl Room {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    async fn play(self, habit: Habit, seed: u64) {
        let mut dice = seed;
        while !self.is_over() {
            // A connection that was cut ends in an error, and the player connects again.
            let _ = match habit {
                Habit::AtOnce => self.play_at_once(&mut dice).await,
                _ => self.play_in_turn(habit, &mut dice).await.map_err(Into::into),
            };
        }
    }

    /// The path of some segment.
    fn segment(&self, habit: Habit, dice: &mut u64) -> String {
        let base = &self.bases[roll(dice, self.bases.len() as u64) as usize];
        let rendition = if habit == Habit::Keeps || habit == Habit::AtOnce { 1 } else { 0 };
        format!("{base}/v{rendition}/{}.m4s", roll(dice, u64::from(GROUPS / 2)))
    }

    async fn play_in_turn(&self, habit: Habit, dice: &mut u64) -> io::Result<()> {
        let tap = Tap::open(&self.at, &self.crowd).await?;
        if habit == Habit::Dawdles {
            rustix::net::sockopt::set_socket_recv_buffer_size(&tap.stream, 64 * 1024)?;
        }
        let received = tap.received.clone();
        let mut stream = BufReader::with_capacity(16 * 1024, tap);
        while !self.is_over() {
            let range = match habit {
                Habit::Resumes => format!("range: bytes={}-\r\n", roll(dice, u64::from(FRAME) * 90)),
                _ => String::new(),
            };
            let request = format!(
                "GET {} HTTP/1.1\r\nhost: test\r\nx-forwarded-for: {VIETNAM}\r\n{range}\r\n",
                self.segment(habit, dice)
            );
            lock(&received).asked = Some(Timestamp::now());
            stream.get_mut().write_all(request.as_bytes()).await?;
            self.read_answer(&mut stream, habit).await?;
            tokio::time::sleep(Duration::from_millis(100 + roll(dice, 300))).await;
        }
        Ok(())
    }

    async fn read_answer(&self, stream: &mut BufReader<Tap>, habit: Habit) -> io::Result<()> {
        let mut left = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end().split_once(": ") {
                Some(("content-length", length)) => left = length.parse().map_err(io::Error::other)?,
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut some = vec![0; 32 * 1024];
        while left > 0 {
            let most = some.len().min(left);
            match stream.read(&mut some[..most]).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => left -= n,
            }
            if habit == Habit::Dawdles && !self.is_over() {
                tokio::time::sleep(Duration::from_millis(8)).await;
            }
        }
        Ok(())
    }

    async fn play_at_once(&self, dice: &mut u64) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let tap = Tap::open(&self.at, &self.crowd).await?;
        // Room for all bodies at once: they are read one after the other.
        let mut shaking = h2::client::Builder::new();
        let (mut client, connection) =
            shaking.initial_connection_window_size(1 << 20).handshake::<_, Bytes>(tap).await?;
        let driver = tokio::spawn(connection);
        let done = async {
            while !self.is_over() {
                let mut bodies = Vec::new();
                for _ in 0..3 {
                    let uri = format!("http://test{}", self.segment(Habit::AtOnce, dice));
                    let request = hyper::Request::get(uri).header("x-forwarded-for", VIETNAM).body(())?;
                    client = client.ready().await?;
                    bodies.push(client.send_request(request, true)?.0.await?.into_body());
                }
                for mut body in bodies {
                    while let Some(bytes) = body.data().await {
                        body.flow_control().release_capacity(bytes?.len())?;
                    }
                }
                tokio::time::sleep(Duration::from_millis(200 + roll(dice, 400))).await;
            }
            Ok(())
        }
        .await;
        driver.abort();
        done
    }
}

/// A number below `sides`, the next of a sequence that the seed fixes (xorshift).
fn roll(dice: &mut u64, sides: u64) -> u64 {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    *dice % sides
}

/// Writes to a connection as the server's log has them: when, and bytes up to and with it.
fn writes(log: &str, received: &Received) -> Vec<(Timestamp, u64)> {
    let mut total = 0;
    let mut out = Vec::new();
    for line in log.lines() {
        let [at, peer, bytes] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let at: Timestamp = at.parse().expect("an instant");
        // The system may give a port again once its connection is gone.
        let during = at >= received.opened && received.closed.is_none_or(|closed| at <= closed);
        if peer == received.peer && during {
            total += bytes.parse::<u64>().expect("a number");
            out.push((at, total));
        }
    }
    out
}

#[test]
fn two_hundred_players_and_a_hundred_orders() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("writes");
    let cinema = Cinema::with(&["--write-log", log.to_str().expect("a path")], |archive| {
        Box::pin(async move {
            for film in 0..FILMS {
                film::put(archive, &format!("noise{film}"), FRAME, u64::from(film) + 1).await;
            }
        })
    });
    let bases = (0..FILMS).map(|n| cinema.whole(&format!("noise{n}"))).collect();
    let room = Room {
        at: cinema.server.at().to_string(),
        bases: Arc::new(bases),
        crowd: Crowd::default(),
        over: Arc::default(),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let habits = [
        vec![Habit::Keeps; 100],
        vec![Habit::AtOnce; 40],
        vec![Habit::Resumes; 30],
        vec![Habit::Dawdles; 30],
    ];
    let players: Vec<_> = habits
        .concat()
        .into_iter()
        .zip(1u64..)
        .map(|(habit, n)| runtime.spawn(room.clone().play(habit, n.wrapping_mul(0x9e37_79b9_7f4a_7c15))))
        .collect();
    std::thread::sleep(Duration::from_millis(500));
    // One group of one film after the other, each with the instant from which it is forbidden. The last
    // group of a film goes first: what was cut out before it would move the times that an authority reads.
    let (mut forbidden, mut cuts) = (HashMap::<Sample, Timestamp>::new(), 0);
    for order in 0..ORDERS {
        let (film, group) = (order % FILMS, GROUPS - 1 - order / FILMS);
        let (from, to) = (group * GROUP, (group + 1) * GROUP);
        let mut demand = cut(&order.to_string(), &["VN"], from, to - 1);
        demand["work"]["title"] = format!("noise{film}").into();
        let placed = cinema.place(&demand);
        let at = placed["taken"]["in_force_here"].as_str().expect("an instant");
        let at: Timestamp = at.parse().expect("an instant");
        for sample in ordered(u64::from(film) + 1, from, to) {
            forbidden.entry(sample).or_insert(at);
        }
        cuts += placed["taken"]["connections_cut"].as_u64().expect("a number");
        std::thread::sleep(Duration::from_millis(15));
    }
    room.over.store(true, Ordering::Relaxed);
    runtime.block_on(async {
        for player in players {
            player.await.expect("a player ends");
        }
    });
    assert!(cinema.server.end().success());

    let log = std::fs::read_to_string(&log).expect("the log");
    let by_peer = log.lines().fold(BTreeMap::<&str, String>::new(), |mut all, line| {
        let peer = line.split(' ').nth(1).expect("a peer");
        *all.entry(peer).or_default() += &format!("{line}\n");
        all
    });
    let (mut before, mut on_the_way) = (0, 0);
    for received in lock(&room.crowd).iter() {
        let received = lock(received);
        let none = String::new();
        let writes = writes(by_peer.get(received.peer.as_str()).unwrap_or(&none), &received);
        assert!(writes.last().map_or(0, |w| w.1) >= received.bytes, "more came than the log has");
        for stamp in &received.stamps {
            let Some(at) = forbidden.get(&stamp.sample) else { continue };
            let handed = writes[writes.partition_point(|write| write.1 < stamp.end)].0;
            assert!(handed <= *at, "{:?} handed over {handed}, forbidden {at}", stamp.sample);
            assert!(stamp.asked.is_none_or(|asked| asked <= *at), "{:?} asked for too late", stamp.sample);
            before += 1;
            on_the_way += u32::from(stamp.came > *at);
        }
    }
    println!(
        "{} connections, {cuts} cut; {before} stamps of scenes handed over before their orders, {on_the_way} of them received after",
        lock(&room.crowd).len()
    );
    // Otherwise nothing is proven.
    assert!(before > 10_000 && cuts > 20, "{before} stamps, {cuts} connections cut");
}
