//! Wall seconds, CPU seconds and memory of processes, and how outcomes are told.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use media::{Error, Kind, Result};
use serde::Serialize;
use serde_json::Value;

/// One side of a comparison.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Side {
    pub name: String,
    pub wall_seconds: f64,
    pub cpu_seconds: f64,
    /// Bytes sent, when that is what is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub name: String,
    pub ours: Side,
    pub peer: Option<Side>,
    /// What `ratio` divides.
    pub measure: String,
    pub ratio: Option<f64>,
    /// What must be reached, in words, and whether it was.
    pub reach: String,
    pub reached: bool,
    pub notes: Vec<String>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        for side in [Some(&self.ours), self.peer.as_ref()].into_iter().flatten() {
            write!(f, "  {:<28} {:>8.2} s  {:>8.2} s CPU", side.name, side.wall_seconds, side.cpu_seconds)?;
            if let Some(bytes) = side.bytes {
                write!(
                    f,
                    "  {:>8.1} MB  {:>8.2} GB per CPU second",
                    bytes as f64 / 1e6,
                    bytes as f64 / 1e9 / side.cpu_seconds
                )?;
            }
            for (name, value) in &side.more {
                write!(f, "  {name} {value}")?;
            }
            writeln!(f)?;
        }
        if let Some(ratio) = self.ratio {
            writeln!(f, "  ratio {ratio:.3} ({})", self.measure)?;
        }
        writeln!(f, "  reach {}: {}", self.reach, if self.reached { "reached" } else { "NOT reached" })?;
        self.notes.iter().try_for_each(|note| writeln!(f, "  {note}"))
    }
}

/// Maps an I/O error to ours, saying what was being done.
pub fn failed(what: &str) -> impl Fn(std::io::Error) -> Error + '_ {
    move |e| Error::new(Kind::Unavailable, format!("{what}: {e}"))
}

/// Clock ticks a second in /proc: USER_HZ, which is 100 on Linux whatever the kernel's own rate.
const TICKS: f64 = 100.0;

/// CPU seconds of a living process, its waited-for children included when `children`.
pub fn cpu_seconds(pid: u32, children: bool) -> Result<f64> {
    let path = format!("/proc/{pid}/stat");
    let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
    // The command's name stands in brackets and may hold spaces; fields are counted after it.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |n: usize| fields.get(n - 3).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    let own = field(14) + field(15);
    let theirs = if children { field(16) + field(17) } else { 0.0 };
    Ok((own + theirs) / TICKS)
}

/// Resident memory of a living process at its highest, in bytes.
pub fn peak_memory(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
    let line = text.lines().find(|l| l.starts_with("VmHWM:")).unwrap_or_default();
    Ok(line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) * 1024)
}

/// What one finished command took and said.
pub struct Run {
    pub wall_seconds: f64,
    pub cpu_seconds: f64,
    pub stdout: String,
}

/// Runs a command to its end. Its CPU seconds include those of all its waited-for children.
pub fn run(command: &mut Command) -> Result<Run> {
    let said = format!("running {}", Path::new(command.get_program()).display());
    let before = waited_cpu()?;
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).output().map_err(failed(&said))?;
    let wall_seconds = began.elapsed().as_secs_f64();
    if !output.status.success() {
        let tail: String =
            String::from_utf8_lossy(&output.stderr).lines().rev().take(6).collect::<Vec<_>>().join(" | ");
        return Err(Error::new(Kind::Unavailable, format!("{said} ended with {}: {tail}", output.status)));
    }
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Run { wall_seconds, cpu_seconds: waited_cpu()? - before, stdout })
}

/// CPU seconds of every child that this process has waited for.
fn waited_cpu() -> Result<f64> {
    let me = std::process::id();
    Ok(cpu_seconds(me, true)? - cpu_seconds(me, false)?)
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Size of the last-level cache as the kernel reports it, in bytes; 32 MB when it does not.
pub fn last_level_cache() -> u64 {
    let caches = std::fs::read_dir("/sys/devices/system/cpu/cpu0/cache").into_iter().flatten().flatten();
    let sizes = caches.filter_map(|c| std::fs::read_to_string(c.path().join("size")).ok());
    let bytes = sizes.filter_map(|text| {
        let text = text.trim();
        let unit = if text.ends_with('K') { 1024 } else { 1024 * 1024 };
        text.trim_end_matches(['K', 'M']).parse::<u64>().ok().map(|n| n * unit)
    });
    bytes.max().unwrap_or(32 << 20)
}

/// Resident memory of this process, in bytes.
pub fn resident_memory() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status").map_err(failed("/proc/self/status"))?;
    let line = text.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
    Ok(line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) * 1024)
}
