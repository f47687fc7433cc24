//! `browse`: what one viewer may see now, over a whole catalogue, against the same question in SQL.

use std::fmt::Write as _;
use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use media::{Error, Result};
use policy::browse::Shelf;
use policy::gate::Paid;
use policy::{Territory, Viewer};
use serde_json::json;

use crate::Asked;
use crate::lawful::{House, LABELS, LICENCES, decision, noon, placed, viewers};
use crate::measure::{Outcome, Side, median, resident_memory};

mod postgres;

use postgres::Postgres;

/// Viewers for whom it is asked.
const ASKED: usize = 20;

/// What one viewer sees: how many titles, and the sum of their numbers.
type Answer = (u64, u64);

pub fn browse(asked: &Asked) -> Result<Vec<Outcome>> {
    let titles = if asked.quick { 2_000 } else { 100_000 };
    let house = House::new(titles, 1, titles.min(1_000))?;
    let viewers: Vec<Viewer> = viewers().into_iter().take(ASKED).collect();
    let now = noon()?;
    let before = resident_memory()?;
    let (mut shelf, made) = shelf(&house, now);
    let memory = resident_memory()?.saturating_sub(before);
    let territory = *house.territories.first().ok_or_else(|| Error::internal("no territory"))?;
    let (answers, ours) = ask(&mut shelf, territory, &viewers, now);
    let follow = follow(&house, &mut shelf)?;
    let (theirs, peer) = ask_sql(&house, &viewers, now)?;
    let same = answers == theirs;
    let ratio = peer / ours;
    let seen: u64 = answers.iter().map(|(count, _)| count).sum();
    Ok(vec![Outcome {
        name: "browse".into(),
        ours: Side {
            name: "phim".into(),
            wall_seconds: ours,
            cpu_seconds: ours,
            more: [
                ("median_microseconds".to_string(), json!((ours * 1e7).round() / 10.0)),
                ("more_megabytes".to_string(), json!(memory / 1_000_000)),
                ("made_milliseconds".to_string(), json!((made * 1e3).round())),
                ("follow_microseconds".to_string(), json!((follow * 1e7).round() / 10.0)),
            ]
            .into(),
            ..Side::default()
        },
        peer: Some(Side {
            name: "PostgreSQL".into(),
            wall_seconds: peer,
            cpu_seconds: peer,
            more: [("median_microseconds".to_string(), json!((peer * 1e7).round() / 10.0))].into(),
            ..Side::default()
        }),
        measure: "the peer's median time of an answer over ours".into(),
        ratio: Some(ratio),
        reach: "the same titles, under 1 ms at the median, at least 20 times faster".into(),
        reached: same && ours < 1e-3 && ratio >= 20.0,
        notes: vec![
            format!(
                "{titles} titles of one territory, 3 windows each, {} orders; {ASKED} viewers see {} titles on average; \
                 both sides answer {}",
                house.ordered.len(),
                seen / ASKED as u64,
                if same { "the same" } else { "DIFFERENTLY" }
            ),
            "both sides count the titles and add up their numbers; the peer's statement is prepared, its tables are \
             analysed and in memory, its labels are read from an index"
                .into(),
        ],
    }])
}

fn shelf(house: &House, now: Timestamp) -> (Shelf, f64) {
    let began = Instant::now();
    let shelf = house.shelf(now);
    (shelf, began.elapsed().as_secs_f64())
}

/// What each viewer sees, and the median of seconds an answer.
fn ask(shelf: &mut Shelf, territory: Territory, viewers: &[Viewer], now: Timestamp) -> (Vec<Answer>, f64) {
    let mut answer = |viewer: &Viewer| {
        let seen = shelf.browse(territory, viewer, now);
        seen.numbers().fold((0, 0), |(count, sum), n| (count + 1, sum + n as u64))
    };
    let answers = viewers.iter().map(&mut answer).collect();
    let mut times = Vec::new();
    for _ in 0..20 {
        for viewer in viewers {
            let began = Instant::now();
            std::hint::black_box(answer(viewer));
            times.push(began.elapsed().as_secs_f64());
        }
    }
    (answers, median(times))
}

/// Seconds until a shelf has followed one more order; the order is taken away again.
fn follow(house: &House, shelf: &mut Shelf) -> Result<f64> {
    let ends: Timestamp = "2026-07-02T00:00:00Z".parse().map_err(|_| Error::internal("no instant"))?;
    let begins: Timestamp = "2026-07-01T00:00:00Z".parse().map_err(|_| Error::internal("no instant"))?;
    let mut state = house.state.clone();
    let mut times = Vec::new();
    for n in 0..50 {
        let title = &house.titles[n * 7 % house.titles.len()].id;
        let decision = decision(placed(house.order_of(title, &format!("more-{n}"), begins, ends)?))?;
        let began = Instant::now();
        let applied = state.apply(&decision)?;
        shelf.follow(&decision, &state, applied);
        times.push(began.elapsed().as_secs_f64());
    }
    Ok(median(times))
}

const SCHEMA: &str = "
CREATE TABLE title (id int PRIMARY KEY);
CREATE TABLE label (code text PRIMARY KEY, age int, company bool NOT NULL, control bool NOT NULL, shown bool NOT NULL, banned bool NOT NULL);
CREATE TABLE rating (title int PRIMARY KEY, label text NOT NULL);
CREATE TABLE availability (title int NOT NULL, licence text NOT NULL, opens bigint NOT NULL, shuts bigint NOT NULL);
CREATE TABLE demand (title int NOT NULL, begins bigint NOT NULL, ends bigint NOT NULL);
";

const INDEXES: &str = "
CREATE INDEX ON rating (label, title);
CREATE INDEX ON availability (title, licence, opens, shuts);
CREATE INDEX ON availability (licence, opens, shuts, title);
CREATE INDEX ON demand (title, begins, ends);
VACUUM ANALYZE;
";

/// Ages are compared as days written YYYYMMDD.
const QUESTION: &str = "
PREPARE browse(bigint, int, int, bool, bool, bool, text[]) AS
SELECT count(*), coalesce(sum(rating.title), 0) FROM rating JOIN label ON label.code = rating.label
WHERE NOT label.banned
  AND (label.age IS NULL OR $3 + label.age * 10000 <= $2 OR (label.company AND $4))
  AND (NOT label.control OR $5)
  AND (NOT label.shown OR $6)
  AND EXISTS (SELECT FROM availability a WHERE a.title = rating.title AND a.licence = ANY($7) AND a.opens <= $1 AND $1 < a.shuts)
  AND NOT EXISTS (SELECT FROM demand d WHERE d.title = rating.title AND d.begins <= $1 AND $1 < d.ends);
";

fn ask_sql(house: &House, viewers: &[Viewer], now: Timestamp) -> Result<(Vec<Answer>, f64)> {
    let postgres = Postgres::start()?;
    postgres.run(&format!("{SCHEMA}{}{INDEXES}", rows(house)?))?;
    let day = TimeZone::UTC.to_datetime(now).date();
    let number = |day: jiff::civil::Date| {
        i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
    };
    let call = |viewer: &Viewer| {
        let paid: Vec<String> = match &viewer.paid {
            Paid::Holds(held) => held.iter().map(|one| format!("\"{}\"", one.licence)).collect(),
            Paid::NotAsked => LICENCES.iter().map(|licence| format!("\"{licence}\"")).collect(),
        };
        format!(
            "EXECUTE browse({}, {}, {}, {}, {}, {}, '{{{}}}');\n",
            now.as_second(),
            number(day),
            viewer.watcher.born.map_or(99_999_999, number),
            viewer.watcher.with_guardian,
            viewer.device.parental_control,
            viewer.device.overlay,
            paid.join(",")
        )
    };
    let calls: String = viewers.iter().map(call).collect();
    // The first round fills the caches; the answers are those of the second.
    let rounds = 5;
    let said = postgres.run(&format!("{QUESTION}{calls}\\timing on\n{}", calls.repeat(rounds)))?;
    let mut answers = Vec::new();
    let mut times = Vec::new();
    for line in said.lines() {
        if let Some(time) = line.strip_prefix("Time: ") {
            let milliseconds = time.split(' ').next().and_then(|ms| ms.parse::<f64>().ok());
            times.push(milliseconds.ok_or_else(|| Error::internal(format!("psql said {line:?}")))? / 1e3);
        } else if let Some((count, sum)) = line.split_once('|')
            && let (Ok(count), Ok(sum)) = (count.parse(), sum.parse())
        {
            answers.push((count, sum));
        }
    }
    if answers.len() != viewers.len() * (rounds + 1) || times.len() != viewers.len() * rounds {
        return Err(Error::internal(format!(
            "psql gave {} answers and {} times",
            answers.len(),
            times.len()
        )));
    }
    answers.truncate(viewers.len());
    Ok((answers, median(times)))
}

/// The house as rows for COPY.
fn rows(house: &House) -> Result<String> {
    let territory = *house.territories.first().ok_or_else(|| Error::internal("no territory"))?;
    let mut sql = String::from(
        "INSERT INTO label VALUES ('P', NULL, false, false, false, false), ('K', 13, true, true, true, false), \
         ('T13', 13, false, true, true, false), ('T16', 16, false, true, true, false), \
         ('T18', 18, false, true, true, false), ('C', NULL, false, false, true, true);\n",
    );
    let mut table = |name: &str, rows: &mut dyn Iterator<Item = String>| {
        let _ = writeln!(sql, "COPY {name} FROM stdin;");
        rows.for_each(|row| {
            let _ = writeln!(sql, "{row}");
        });
        sql.push_str("\\.\n");
    };
    let titles = 0..house.titles.len();
    table("title", &mut titles.clone().map(|n| n.to_string()));
    table("rating", &mut titles.clone().map(|n| format!("{n}\t{}", LABELS[house.labels[n][0] as usize])));
    let windows = titles.flat_map(|n| {
        let times = house.times(n, territory).into_iter().zip(LICENCES);
        times.map(move |(times, licence)| {
            let end = times.end.map_or(i64::MAX, Timestamp::as_second);
            format!("{n}\t{licence}\t{}\t{end}", times.open.as_second())
        })
    });
    table("availability", &mut { windows });
    let demands = house.ordered.iter();
    table(
        "demand",
        &mut demands.map(|(n, from, to)| format!("{n}\t{}\t{}", from.as_second(), to.as_second())),
    );
    Ok(sql)
}
