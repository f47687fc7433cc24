//! The running house: the archive, and an immutable snapshot of it that requests are answered from.
//!
//! Invariants:
//! - A request reads one snapshot and takes no lock: what it needs later (open blobs, layouts) is made
//!   once and then only read.
//! - Whoever changes the archive first makes the change durable, then swaps the snapshot; the swap
//!   shares everything that did not change.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use archive::{Archive, StoredTrack};
use composition::{Composition, Layout, Media, Source};
use hyper::header::HeaderValue;
use imbl::{HashMap, OrdMap, Vector};
use jiff::Timestamp;
use media::error::{Error, Result};
use media::{Digest, text};
use policy::{Day, Packs, State, Territory};
use workshop::{Child, Sandbox};

use crate::as_of::Past;
use crate::leash::Leashes;
use crate::ledgers::{Keys, Ledgers, Published};
use crate::metrics::Metrics;
use crate::patches::Scratch;
use crate::protect::ContentKeys;
use crate::reported::Reports;
use crate::ruling::Rulings;
use crate::sendfile::Mapped;
use crate::territory::{self, Place};
use crate::token::{Tokens, keyring};

pub struct House {
    archive: Archive,
    snapshot: ArcSwap<Snapshot>,
    opened: ArcSwap<HashMap<Digest, Arc<Mapped>>>,
    pub sandbox: Arc<Sandbox>,
    pub metrics: Metrics,
    pub packs: Packs,
    /// How many reports of viewers came lately.
    pub reports: Reports,
    pub keys: Arc<Keys>,
    /// The keys of protected titles.
    pub content: ContentKeys,
    /// Held while a decision is taken, so that decisions follow each other.
    pub ledgers: tokio::sync::Mutex<Ledgers>,
    /// The logs as outsiders see them.
    pub published: ArcSwap<Published>,
    pub leashes: Arc<Leashes>,
    /// Orders whose versions are being made, and whether to look at them once more after that.
    pub obeying: std::sync::Mutex<std::collections::HashMap<policy::OrderId, bool>>,
    /// Labels that are being put into pictures because the desk asked.
    pub burning: crate::burn::door::UnderWay,
    working: std::sync::Mutex<tokio::task::JoinSet<()>>,
    /// Tells those who follow webhooks that there are others, or that one is to be tried now.
    pub webhooks: tokio::sync::watch::Sender<()>,
    /// Tells those who watch that what is allowed has changed.
    pub news: tokio::sync::broadcast::Sender<()>,
    /// When what was open was last let go because something was lost.
    reopened: ArcSwapOption<Instant>,
    /// Held while the archive is changed, so that changes reach the snapshot in order.
    pub changing: tokio::sync::Mutex<()>,
    /// What media is asked for with, where that is switched on.
    tokens: OnceLock<Tokens>,
    /// Who signs what viewers have paid for; unset: nobody is asked for money.
    pub billing: OnceLock<tokens::Ring>,
    /// What was looked at of the past.
    pub past: Past,
}

/// Everything that can be asked for at one instant.
#[derive(Clone, Default)]
pub struct Snapshot {
    pub titles: OrdMap<String, Arc<Title>>,
    /// By title and name.
    pub versions: OrdMap<(String, String), Arc<Version>>,
    pub compositions: HashMap<Digest, Arc<Playable>>,
    made: HashMap<Digest, StoredTrack>,
    /// What was decided so far.
    pub state: State,
    /// What the gate said since this snapshot was made.
    pub rulings: Arc<ArcSwap<Rulings>>,
    /// What it last said before that.
    pub earlier: Rulings,
    /// The rules of the territories of which it was asked, laid out by this state.
    pub days: Arc<ArcSwap<HashMap<Territory, Day>>>,
    /// The orders by the tokens of their private links, once one was asked for.
    pub links: Arc<OnceLock<crate::link::Links>>,
    /// The instant that it is of; none: it is the present one, in which time goes on.
    pub instant: Option<Timestamp>,
    /// The versions that stood once, in the order in which they were removed.
    pub removed: Vector<Arc<archive::Removed>>,
}

pub struct Title {
    pub row: archive::Title,
    source: OnceLock<Arc<Source>>,
    /// Pixels of the highest rendition.
    size: OnceLock<(u16, u16)>,
}

impl Title {
    fn new(row: archive::Title) -> Arc<Title> {
        Arc::new(Title { row, source: OnceLock::new(), size: OnceLock::new() })
    }
}

pub struct Version {
    pub row: archive::Version,
    pub plays: Arc<Playable>,
}

/// A composition that at least one version has.
pub struct Playable {
    pub composition: Composition,
    pub digest: Digest,
    /// The title whose version it is.
    pub title: String,
    /// The composition that orders made this one of.
    pub made_from: Option<Digest>,
    /// The composition in whose pictures a label was put to make this one.
    pub burnt_from: Option<Digest>,
    /// The titles that it shows, for caches.
    pub titles: Option<HeaderValue>,
    layout: OnceLock<Arc<Layout>>,
}

impl Playable {
    pub fn new(row: &archive::Version) -> Result<Arc<Playable>> {
        let wrong = |e: Error| e.at(format!("version {}/{}", row.title, row.name));
        let composition = Composition::parse(&row.spans).map_err(wrong)?;
        if composition.digest() != row.composition {
            return Err(wrong(
                Error::new(media::Kind::DataLoss, "its list has changed on the disk")
                    .remedy("Put back the last copy of catalogue.sqlite; the blobs are not harmed"),
            ));
        }
        Ok(Arc::new(Playable {
            composition,
            digest: row.composition,
            title: row.title.clone(),
            made_from: crate::obey::made_from(&row.name),
            burnt_from: crate::burn::burnt_from(&row.name),
            titles: HeaderValue::from_str(&row.shows.join(" ")).ok(),
            layout: OnceLock::new(),
        }))
    }
    /// The titles that it shows.
    pub fn shows(&self) -> impl Iterator<Item = &str> {
        self.composition.spans().iter().map(|span| span.source().0)
    }
}

/// The version that every title has: all of it.
pub const WHOLE: &str = "whole";

/// Blobs that stay open at most.
const MAX_OPEN: usize = 8192;

impl House {
    /// Opens the archive in `dir` as its owner.
    pub async fn open(dir: &Path) -> Result<Arc<House>> {
        raise_open_files();
        let archive = Archive::open(dir).await?;
        Scratch::clear(archive.dir())?;
        archive.blobs().keep_open(MAX_OPEN);
        let contents = archive.catalogue().load().await?;
        let program = std::env::current_exe()
            .map_err(|e| Error::internal(format!("the program cannot find itself: {e}")))?;
        let child = Child { program, args: vec![crate::CHILD.to_string()] };
        let sandbox = Sandbox::new(child, std::env::var_os("PATH").unwrap_or_default());
        let sandbox = Arc::new(sandbox.within(crate::patches::patience()?));
        let keys = Arc::new(Keys::open(archive.dir())?);
        let (state, last) = crate::decide::refold(&contents.records)?;
        let ledgers = Ledgers::new(keys.clone(), &contents.records, last);
        let published = ledgers.publish(&Published::default())?.restored(archive.dir())?;
        let content = ContentKeys::open(archive.dir())?;
        let house = House {
            archive,
            snapshot: ArcSwap::from_pointee(Snapshot { state, ..Snapshot::of(contents)? }),
            packs: Packs::built_in()?,
            reports: Reports::default(),
            keys,
            ledgers: tokio::sync::Mutex::new(ledgers),
            published: ArcSwap::from_pointee(published),
            leashes: Arc::default(),
            content,
            obeying: std::sync::Mutex::default(),
            burning: Default::default(),
            working: std::sync::Mutex::default(),
            webhooks: tokio::sync::watch::channel(()).0,
            news: tokio::sync::broadcast::channel(16).0,
            opened: ArcSwap::default(),
            sandbox,
            metrics: Metrics::new(),
            reopened: ArcSwapOption::empty(),
            changing: tokio::sync::Mutex::new(()),
            tokens: OnceLock::new(),
            billing: OnceLock::new(),
            past: Past::default(),
        };
        house.count();
        let house = Arc::new(house);
        house.complete().await?;
        Ok(house)
    }

    /// A process that was killed between entering a title and its whole left a title without it.
    async fn complete(self: &Arc<House>) -> Result<()> {
        let snapshot = self.snapshot();
        for title in snapshot.titles.values().filter(|t| snapshot.version(&t.row.id, WHOLE).is_err()) {
            crate::add::enter_whole(self, &title.row).await?;
        }
        Ok(())
    }

    /// From now on media is for those who show a token; `streams` may play with one at once.
    pub fn ask_for_tokens(&self, streams: usize) -> Result<()> {
        let ring = keyring::open(self.archive.dir(), &self.keys)?;
        let _ = self.tokens.set(Tokens::new(keyring::issuer_name(&self.keys), ring, streams));
        Ok(())
    }
    /// None where nobody needs one.
    pub fn tokens(&self) -> Option<&Tokens> {
        self.tokens.get()
    }

    /// Whose rules hold for a viewer at `at` whose account is kept at `home`.
    pub fn place(&self, at: Option<Territory>, home: Option<Territory>) -> Place {
        let now = Timestamp::now();
        let snapshot = self.snapshot.load();
        Place::of_traveller(at, home, |territory| {
            let positions = snapshot.state.dossier(territory).map_or(&[][..], |dossier| &dossier.positions);
            territory::travel(&self.packs, positions, territory, now)
        })
    }

    pub fn archive(&self) -> &Archive {
        &self.archive
    }
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }
    /// Swaps the snapshot for one that `change` makes of it.
    pub fn swap(&self, change: impl Fn(&mut Snapshot)) {
        self.snapshot.rcu(|old| {
            let mut new = (**old).clone();
            new.put_rulings_aside();
            new.links = Arc::default();
            change(&mut new);
            new
        });
        self.count();
    }
    fn count(&self) {
        let snapshot = self.snapshot.load();
        self.metrics.titles.set(snapshot.titles.len() as i64);
        self.metrics.compositions.set(snapshot.compositions.len() as i64);
    }

    /// A blob whose ranges can be sent. Waits for nobody once the blob is open.
    pub fn blob(&self, digest: &Digest) -> Result<Arc<Mapped>> {
        if let Some(blob) = self.opened.load().get(digest) {
            return Ok(blob.clone());
        }
        let blob = Mapped::new(self.archive.blobs().open_blob(digest)?)?;
        self.opened.rcu(|opened| {
            // Too many: start again. Answers under way keep what they hold.
            let mut opened = if opened.len() >= MAX_OPEN { HashMap::new() } else { (**opened).clone() };
            opened.insert(*digest, blob.clone());
            opened
        });
        Ok(blob)
    }

    /// Something stored was found lost. Lets go of all that is open, though not too often, so that what
    /// an operator puts back is found without a new start.
    pub fn reopen(&self) {
        const SELDOM: Duration = Duration::from_secs(2);
        let last = self.reopened.load();
        if last.as_ref().is_some_and(|at| at.elapsed() < SELDOM) {
            return;
        }
        self.reopened.store(Some(Arc::new(Instant::now())));
        self.archive.blobs().let_go();
        self.opened.store(Arc::default());
        self.swap(Snapshot::read_again);
    }

    /// The layout of a composition, made when it is first asked for.
    pub async fn layout(
        self: &Arc<House>,
        snapshot: &Arc<Snapshot>,
        playable: &Arc<Playable>,
    ) -> Result<Arc<Layout>> {
        if let Some(layout) = playable.layout.get() {
            return Ok(layout.clone());
        }
        let (house, snapshot, playable) = (self.clone(), snapshot.clone(), playable.clone());
        blocking(move || house.lay_out(&snapshot, &playable)).await
    }

    /// The same for a thread that may wait for the disk.
    pub fn lay_out(&self, snapshot: &Snapshot, playable: &Playable) -> Result<Arc<Layout>> {
        if let Some(layout) = playable.layout.get() {
            return Ok(layout.clone());
        }
        let made = |need: &composition::Need| {
            let track = need.keys().find_map(|key| snapshot.made.get(&key))?;
            self.media(track)
                .inspect_err(|error| tracing::error!(%error, "a patch cannot be opened"))
                .ok()
                .map(Arc::new)
        };
        let layout =
            Layout::new(&playable.composition, &|title, digest| self.source(snapshot, title, digest), &made)?;
        Ok(playable.layout.get_or_init(|| Arc::new(layout)).clone())
    }

    /// What a title offers to compositions. Blocks on the disk the first time.
    pub fn source(&self, snapshot: &Snapshot, id: &str, digest: Digest) -> Result<Arc<Source>> {
        let title = snapshot.title(id)?;
        if title.row.source != digest {
            return Err(Error::not_found(format!("the media {digest} of title {id} is no longer stored"))
                .remedy("Make the version again"));
        }
        if let Some(source) = title.source.get() {
            return Ok(source.clone());
        }
        let source = self.read_source(&title.row).map_err(|e| e.at(format!("title {id}")))?;
        Ok(title.source.get_or_init(|| Arc::new(source)).clone())
    }

    /// Pixels of a title's highest rendition, as shown. Opens one index the first time.
    pub fn size(&self, title: &Title) -> Result<(u16, u16)> {
        if let Some(size) = title.size.get() {
            return Ok(*size);
        }
        let highest =
            title.row.renditions.first().ok_or_else(|| Error::internal("a title without a picture"))?;
        let track = self.archive.blobs().open_index(&highest.track.index)?.track().clone();
        Ok(*title.size.get_or_init(|| (track.display_width, track.display_height)))
    }

    fn media(&self, track: &StoredTrack) -> Result<Media> {
        Ok(Media { blob: track.blob, index: self.archive.blobs().open_index(&track.index)? })
    }

    fn read_source(&self, row: &archive::Title) -> Result<Source> {
        let video =
            row.renditions.iter().map(|r| self.media(&r.track).map(Arc::new)).collect::<Result<_>>()?;
        let hold =
            |r: &archive::Rendition| r.hold.as_ref().map(|hold| self.media(hold).map(Arc::new)).transpose();
        let holds = row.renditions.iter().map(hold).collect::<Result<_>>()?;
        let sounds = row.sounds.iter().map(|s| {
            Ok(composition::Sound {
                language: s.language.clone(),
                label: s.label.clone(),
                media: Arc::new(self.media(&s.track)?),
                offset: s.offset,
                silence: Arc::new(self.media(&s.silence)?),
            })
        });
        let texts = row.texts.iter().map(|t| {
            let bytes = self.archive.blobs().read(&t.blob)?;
            let cues = Arc::new(text::read(&bytes, "stored.vtt")?);
            Ok(composition::Text {
                language: t.language.clone(),
                label: t.label.clone(),
                forced: t.forced,
                cues,
            })
        });
        let thumbnails = row.thumbnails.as_ref().map(|t| composition::Thumbnails {
            blob: t.blob,
            width: t.width,
            height: t.height,
            tiles: t
                .tiles
                .iter()
                .map(|t| composition::Tile { frame: t.frame, offset: t.offset, len: t.len })
                .collect(),
        });
        Ok(Source {
            title: row.id.clone(),
            digest: row.source,
            rate: row.rate,
            from: row.from,
            to: row.to,
            video,
            holds,
            sounds: sounds.collect::<Result<_>>()?,
            texts: texts.collect::<Result<_>>()?,
            chapters: row
                .chapters
                .iter()
                .map(|c| composition::Chapter { at: c.at, name: c.name.clone() })
                .collect(),
            thumbnails,
        })
    }

    /// Does work beside everything else; [`House::finish_work`] waits for it.
    pub fn work(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.working.lock().unwrap_or_else(std::sync::PoisonError::into_inner).spawn(work);
    }
    /// Waits for work under way, for a verb that opened the archive by itself.
    pub async fn finish_work(&self) {
        loop {
            let mut working =
                std::mem::take(&mut *self.working.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
            if working.is_empty() {
                return;
            }
            while working.join_next().await.is_some() {}
        }
    }

    /// The name under which this process reports when it has something in force.
    pub fn node(&self) -> String {
        "origin".to_string()
    }

    /// Frees what nothing names any more; answers how many bytes that was. The caller holds `changing`,
    /// so nothing that a version being made needs is taken.
    pub async fn sweep(&self) -> Result<u64> {
        let swept = self.archive.catalogue().sweep(now()).await?;
        self.swap(Snapshot::forget_unneeded);
        // Open files would keep the bytes of removed blobs.
        self.opened.store(Arc::default());
        Ok(swept.bytes)
    }

    /// Learns what the kernel gives to hold ffmpeg in; what it lacks is worth a warning. Blocks for a
    /// moment the first time.
    pub fn look_at_sandbox(&self) {
        let report = self.sandbox.report();
        match self.sandbox.gained() {
            Ok(gained) if gained.lacking.is_empty() => tracing::info!("{report}"),
            _ => tracing::warn!("{report}"),
        }
        self.metrics.sandbox.get_or_create(&[("state", report)]).set(1);
    }
}

impl Snapshot {
    fn of(contents: archive::Contents) -> Result<Snapshot> {
        let mut snapshot = Snapshot::default();
        for made in contents.made {
            snapshot.made.insert(made.key, made.track);
        }
        for row in contents.titles {
            snapshot.put_title(row);
        }
        for row in contents.versions {
            snapshot.put_version(row)?;
        }
        snapshot.removed = contents.removed.into_iter().map(Arc::new).collect();
        Ok(snapshot)
    }

    /// The same house as if this had been decided.
    pub fn under(&self, state: State) -> Snapshot {
        let mut new = Snapshot { state, ..self.clone() };
        new.put_rulings_aside();
        new
    }
    /// Adds or replaces a title; compositions that show it are laid out anew.
    pub fn put_title(&mut self, row: archive::Title) {
        let id = row.id.clone();
        let shown: Vec<_> = self
            .versions
            .iter()
            .filter(|(_, v)| v.row.shows.contains(&id))
            .map(|(_, v)| v.row.clone())
            .collect();
        self.titles.insert(id, Title::new(row));
        for row in &shown {
            self.compositions.remove(&row.composition);
        }
        for row in shown {
            // It was read before, so it can be read again.
            let _ = self.put_version(row);
        }
    }
    pub fn put_made(&mut self, made: &archive::Made) {
        self.made.insert(made.key, made.track);
    }
    /// The same rows, with nothing opened or laid out.
    fn read_again(&mut self) {
        let rows: Vec<archive::Version> = self.versions.values().map(|v| v.row.clone()).collect();
        self.titles =
            self.titles.iter().map(|(id, title)| (id.clone(), Title::new(title.row.clone()))).collect();
        self.compositions.clear();
        for row in rows {
            // It was read before, so it can be read again.
            let _ = self.put_version(row);
        }
    }
    fn forget_unneeded(&mut self) {
        let needed: std::collections::HashSet<Digest> =
            self.versions.values().flat_map(|v| v.row.made.iter().copied()).collect();
        self.made.retain(|key, _| needed.contains(key));
    }
    pub fn has_made(&self, key: &Digest) -> bool {
        self.made.contains_key(key)
    }
    pub fn made(&self, key: &Digest) -> Option<&StoredTrack> {
        self.made.get(key)
    }
    /// Adds or replaces a version. Fails when its stored text is damaged.
    pub fn put_version(&mut self, row: archive::Version) -> Result<()> {
        let plays = match self.compositions.get(&row.composition) {
            Some(plays) => plays.clone(),
            None => Playable::new(&row)?,
        };
        self.drop_version(&row.title.clone(), &row.name.clone());
        self.compositions.insert(row.composition, plays.clone());
        self.versions.insert((row.title.clone(), row.name.clone()), Arc::new(Version { row, plays }));
        Ok(())
    }
    pub fn drop_version(&mut self, title: &str, name: &str) {
        let Some(gone) = self.versions.remove(&(title.to_string(), name.to_string())) else { return };
        if !self.versions.iter().any(|(_, v)| v.row.composition == gone.row.composition) {
            self.compositions.remove(&gone.row.composition);
        }
    }
    pub fn drop_title(&mut self, id: &str) {
        let names: Vec<String> = self.all_versions_of(id).map(|v| v.row.name.clone()).collect();
        for name in names {
            self.drop_version(id, &name);
        }
        self.titles.remove(id);
    }

    pub fn title(&self, id: &str) -> Result<&Arc<Title>> {
        self.titles.get(id).ok_or_else(|| {
            Error::not_found(format!("there is no title {id:?}")).remedy("phim title list shows the titles")
        })
    }
    /// The versions of a title that people made: the whole first, then by name.
    pub fn versions_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Arc<Version>> {
        let named = || self.all_versions_of(id).filter(|v| crate::burn::by_people(&v.row.name));
        named().filter(|v| v.row.name == WHOLE).chain(named().filter(|v| v.row.name != WHOLE))
    }
    /// All versions of a title, with those that orders made, and those with labels in their pictures.
    pub fn all_versions_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Arc<Version>> {
        let from = self.versions.range((id.to_string(), String::new())..);
        from.take_while(move |(key, _)| key.0 == id).map(|(_, v)| v)
    }
    pub fn version(&self, title: &str, name: &str) -> Result<&Arc<Version>> {
        self.title(title)?;
        self.versions.get(&(title.to_string(), name.to_string())).ok_or_else(|| {
            Error::not_found(format!("title {title} has no version {name:?}"))
                .remedy(format!("phim version list --title {title} shows them"))
        })
    }
    /// Finds `TITLE/NAME`, or the whole of `TITLE`.
    pub fn find(&self, version: &str) -> Result<&Arc<Version>> {
        let (title, name) = version.split_once('/').unwrap_or((version, WHOLE));
        self.version(title, name)
    }
}

/// Runs work that blocks, and gives its result back.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::internal(format!("work ended early: {e}")))?
}

/// Does work to its end, also when whoever waits for it goes away: a client that closes its connection
/// takes down the task that answers it.
pub async fn unbroken<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work).await.map_err(|e| Error::internal(format!("work ended early: {e}")))?
}

/// Microseconds since 1970-01-01T00:00Z.
pub fn now() -> i64 {
    Timestamp::now().as_microsecond()
}

/// Blobs and connections hold descriptors: as many as the system lets this process have.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}
