//! How far long work has come: bars on a terminal, plain lines elsewhere, JSON over the socket.

use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

/// One message: of the step named, `done` of `total` units are done. A total of 0 is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub step: String,
    pub done: u64,
    pub total: u64,
}

impl Step {
    pub fn new(step: impl Into<String>, done: u64, total: u64) -> Step {
        Step { step: step.into(), done, total }
    }
    fn finished(&self) -> bool {
        self.total > 0 && self.done >= self.total
    }
}

/// Where messages go; called from any thread, and never slow.
pub type Teller = Arc<dyn Fn(Step) + Send + Sync>;

/// Says nothing.
pub fn silent() -> Teller {
    Arc::new(|_| {})
}

/// Shows progress on standard error.
pub fn shown() -> Teller {
    if std::io::stderr().is_terminal() {
        let bars = Mutex::new(Bars::default());
        return Arc::new(move |step| bars.lock().expect("nobody panics while drawing").show(&step));
    }
    let told: Mutex<HashMap<String, u64>> = Mutex::default();
    Arc::new(move |step| {
        let tenth = (step.done * 10).checked_div(step.total).unwrap_or(0);
        let mut told = told.lock().expect("nobody panics while telling");
        if told.get(&step.step).is_none_or(|last| tenth > *last) {
            eprintln!("{}: {} %", step.step, tenth * 10);
            told.insert(step.step, tenth);
        }
    })
}

#[derive(Default)]
struct Bars {
    all: MultiProgress,
    bars: HashMap<String, ProgressBar>,
}

impl Bars {
    fn show(&mut self, step: &Step) {
        let bar = self.bars.entry(step.step.clone()).or_insert_with(|| {
            let style = ProgressStyle::with_template("{msg:36!} {bar:30.cyan/238} {percent:>3} % {eta:>5}");
            let bar = self.all.add(ProgressBar::new(step.total));
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(step.step.clone());
            bar
        });
        bar.set_length(step.total.max(1));
        bar.set_position(step.done);
        if step.finished() && !bar.is_finished() {
            bar.finish();
        }
    }
}
