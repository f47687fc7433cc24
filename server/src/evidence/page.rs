//! The report for the authority as one HTML page in each language: it needs no other file, no network and
//! no script, and prints on A4.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use policy::state::{Offer, Proposal, Standing};
use policy::{Order, Work};

use super::account::{Account, status};
use super::records::name_of;
use super::scenes::{MAX_PICTURED, Picture, Scene};
use super::words::Words;

/// What the page says beside the account.
pub struct Report<'r> {
    pub account: &'r Account,
    pub scenes: &'r [Scene],
    /// Of the territory, where all of them share one; instants are shown in it, in UTC otherwise.
    pub zone: Option<TimeZone>,
    pub verifier: &'r str,
}

const STYLE: &str = "\
@page { size: A4; margin: 18mm 16mm 20mm }
* { box-sizing: border-box }
html { font: 10.5pt/1.45 'Noto Sans', 'Be Vietnam Pro', 'Noto Sans CJK KR', 'Noto Sans KR', 'Malgun Gothic', system-ui, sans-serif; \
color: #111; background: #fff; hyphens: none; font-variant-numeric: tabular-nums }
html:lang(ko) { word-break: keep-all; font-family: 'Noto Sans CJK KR', 'Noto Sans KR', 'Malgun Gothic', 'Noto Sans', sans-serif }
body { max-width: 178mm; margin: 0 auto; padding: 8mm 0 }
@media print { body { padding: 0 } }
h1 { font-size: 19pt; line-height: 1.2; font-weight: 600; margin: 0 0 1mm; text-wrap: balance }
h2 { font-size: 13pt; font-weight: 600; margin: 8mm 0 2mm; padding-bottom: 1mm; border-bottom: .4pt solid #111; break-after: avoid }
h3 { font-size: 10.5pt; font-weight: 600; margin: 5mm 0 1.5mm; break-after: avoid }
p { margin: 0 0 2mm; orphans: 3; widows: 3 }
.lead { color: #444; margin-bottom: 5mm }
table { width: 100%; border-collapse: collapse; margin: 0 0 2mm }
th, td { text-align: start; vertical-align: top; padding: 1.1mm 3mm 1.1mm 0; border-bottom: .3pt solid #ccc }
th { font-weight: 600; width: 45mm; color: #333 }
thead th { width: auto; border-bottom: .4pt solid #111 }
tr { break-inside: avoid }
.pictures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 2.5mm; margin: 0 0 3mm; break-inside: avoid }
figure { margin: 0 }
img { width: 100%; display: block; border: .3pt solid #999 }
figcaption { font-size: 8pt; color: #444; margin-top: .6mm }
code, .key { font: 8pt/1.4 'Noto Sans Mono', 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere }
.small { font-size: 9pt }";

/// The page in one language.
pub fn page(report: &Report, words: &Words) -> String {
    let standing = &*report.account.standing;
    let order = &standing.order;
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{} {}</title>\n<style>{STYLE}</style>\n<body>\n\
         <h1>{}</h1>\n<p class=\"lead\">{} · {}</p>\n",
        words.tag,
        words.title,
        escape(&order.number),
        words.title,
        escape(&order.authority),
        escape(&order.number),
    );
    write_order(report, words, &mut out);
    write_done(report, words, &mut out);
    write_scenes(report, words, &mut out);
    write_records(report, words, &mut out);
    let _ = write!(
        out,
        "<h2>{}</h2>\n<p>{}</p>\n<p class=\"key\">{}</p>\n",
        words.verify,
        words.how,
        escape(report.verifier)
    );
    out + "</body>\n</html>\n"
}

fn write_order(report: &Report, words: &Words, out: &mut String) {
    let standing = &*report.account.standing;
    let order = &*standing.order;
    let territories: Vec<&str> = order.territories.iter().map(|t| t.code()).collect();
    let mut rows = vec![
        (words.authority, order.authority.clone()),
        (words.number, order.number.clone()),
        (words.date, order.date.to_string()),
        (words.basis, order.legal_basis.clone()),
        (words.territories, territories.join(", ")),
        (words.work, work(order, report.scenes, words)),
        (words.scope, order.scope.written.clone()),
        (words.operation, words.operation(order.operation).to_string()),
        (words.status, words.status(&status(standing)).to_string()),
        (words.case, report.account.case.id.clone()),
    ];
    rows.extend(order.reason.clone().map(|reason| (words.reason, reason)));
    rows.extend(order.cited.as_ref().map(|cited| (words.cited, cited.written.clone())));
    for (word, due) in [(words.removal_due, &standing.due.removal), (words.report_due, &standing.due.report)]
    {
        let text = due.as_ref().map(|due| format!("{} ({})", report.instant(due.at), due.basis));
        rows.extend(text.map(|text| (word, text)));
    }
    let _ = writeln!(out, "<h2>{}</h2>\n<table>", words.order);
    for (name, value) in rows {
        let _ = writeln!(out, "<tr><th>{name}<td>{}", escape(&value));
    }
    out.push_str("</table>\n");
}

fn work(order: &Order, scenes: &[Scene], words: &Words) -> String {
    let Work::Title(id) = &order.work else { return words.service.to_string() };
    let scene = scenes.iter().find(|scene| scene.title == *id);
    let name = scene.and_then(|s| s.names.get(words.tag).or_else(|| s.names.values().next()));
    name.map_or(id.clone(), |name| format!("{name} ({id})"))
}

fn write_done(report: &Report, words: &Words, out: &mut String) {
    let standing = &*report.account.standing;
    let mut rows: Vec<(Timestamp, String)> =
        vec![(standing.placed_at, words.placed.to_string()), (standing.start(), words.binds.to_string())];
    for effect in &standing.took_effect {
        rows.push((effect.first, format!("{} {}", words.in_force, effect.node)));
        rows.push((crate::decide::later(effect.first), words.elsewhere.to_string()));
    }
    for entry in &report.account.entries {
        match &entry.decision.act {
            policy::Act::FrameAccurate { title, composition, .. } => {
                let short = &composition.to_string()[..12];
                rows.push((entry.decision.at, format!("{}: {title} {short}", words.accurate)));
            }
            policy::Act::PatchFailed { title, .. } => {
                rows.push((entry.decision.at, format!("{}: {title}", words.failed)));
            }
            _ => {}
        }
    }
    rows.extend(standing.reported.iter().map(|at| (*at, words.reported.to_string())));
    rows.extend(standing.lifted_at.map(|at| (at, words.lifted.to_string())));
    rows.sort_by_key(|(at, _)| *at);
    let _ = writeln!(
        out,
        "<h2>{}</h2>\n<table><thead><tr><th>{}<th>{}</thead>",
        words.done, words.instant, words.what
    );
    for (at, what) in rows {
        let _ = writeln!(out, "<tr><td>{}<td>{}", report.instant(at), escape(&what));
    }
    out.push_str("</table>\n");
    write_proposals(standing, words, out);
}

fn write_proposals(standing: &Standing, words: &Words, out: &mut String) {
    if standing.proposals.is_empty() {
        return;
    }
    let _ = writeln!(out, "<h3>{}</h3>\n<table>", words.proposals);
    for proposal in &standing.proposals {
        let _ = writeln!(
            out,
            "<tr><th>{}<td><code>{}</code><td>{}",
            escape(&proposal.offered.title),
            proposal.offered.composition,
            words.status(offer(proposal)),
        );
    }
    out.push_str("</table>\n");
}

fn offer(proposal: &Proposal) -> &'static str {
    match proposal.status {
        Offer::Made => "made",
        Offer::Sent { .. } => "sent",
        Offer::Accepted { .. } => "accepted",
        Offer::Overridden { .. } => "overridden",
        Offer::Refused { .. } => "refused",
        Offer::Stale => "stale",
    }
}

fn write_scenes(report: &Report, words: &Words, out: &mut String) {
    let _ = writeln!(out, "<h2>{}</h2>", words.scenes);
    if report.scenes.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", words.no_scene);
    }
    for (n, scene) in report.scenes.iter().enumerate() {
        let name = scene.names.get(words.tag).or_else(|| scene.names.values().next()).unwrap_or(&scene.title);
        let _ = writeln!(
            out,
            "<h3>{} {}: {} – {}, {}</h3>\n<p class=\"small\">{} · {} {}–{}</p>",
            words.scene,
            n + 1,
            clock(scene.seconds(scene.from)),
            clock(scene.seconds(scene.to)),
            words.operation(scene.operation),
            escape(name),
            words.frames,
            scene.from,
            scene.to - 1,
        );
        write_pictures(scene, &scene.before_pictures, words.before, words, out);
        if scene.is_gone() {
            let _ = writeln!(out, "<p class=\"small\">{}</p>", words.gone);
        }
        write_pictures(scene, &scene.after_pictures, words.after, words, out);
        write_dialogue(scene, words, out);
    }
    if report.scenes.len() > MAX_PICTURED {
        let _ = writeln!(out, "<p>{}</p>", words.more);
    }
}

fn write_pictures(scene: &Scene, pictures: &[Picture], when: &str, words: &Words, out: &mut String) {
    if pictures.is_empty() {
        return;
    }
    out.push_str("<div class=\"pictures\">\n");
    for picture in pictures {
        let caption =
            format!("{when} · {} · {} {}", clock(scene.seconds(picture.frame)), words.frame, picture.frame);
        let _ = writeln!(
            out,
            "<figure><img alt=\"{caption}\" src=\"data:image/jpeg;base64,{}\"><figcaption>{caption}</figcaption></figure>",
            BASE64_STANDARD.encode(&picture.jpeg)
        );
    }
    out.push_str("</div>\n");
}

fn write_dialogue(scene: &Scene, words: &Words, out: &mut String) {
    if scene.dialogue.is_empty() {
        let _ = writeln!(out, "<p class=\"small\">{}</p>", words.no_dialogue);
        return;
    }
    let _ = writeln!(out, "<table class=\"small\"><thead><tr><th colspan=\"2\">{}</thead>", words.dialogue);
    for dialogue in &scene.dialogue {
        for line in &dialogue.lines {
            let at = clock(crate::browse::float(line.start));
            let text = plain(&line.payload);
            let language = escape(&dialogue.language);
            let _ = writeln!(out, "<tr><td>{language} · {at}<td lang=\"{language}\">{text}");
        }
    }
    out.push_str("</table>\n");
}

fn write_records(report: &Report, words: &Words, out: &mut String) {
    let _ = writeln!(
        out,
        "<h2>{}</h2>\n<table class=\"small\"><thead><tr><th>{}<th>{}<th>{}</thead>",
        words.records, words.record, words.instant, words.what
    );
    for entry in &report.account.entries {
        let _ = writeln!(
            out,
            "<tr><td><code>{}</code><td>{}<td><code>{}</code>",
            name_of(entry),
            report.instant(entry.decision.at),
            entry.decision.kind()
        );
    }
    out.push_str("</table>\n");
}

impl Report<'_> {
    /// An instant to the millisecond with its offset, in the territory's own time where it has one.
    fn instant(&self, at: Timestamp) -> String {
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S%.3f %:z").to_string()
    }
}

/// Seconds as `h:mm:ss.mmm`.
fn clock(seconds: f64) -> String {
    let ms = (seconds.max(0.0) * 1000.0).round() as u64;
    format!("{}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

/// Text of a cue (WebVTT, section 4.2) without its tags. Its entities are HTML's as well.
fn plain(payload: &str) -> String {
    let mut out = String::with_capacity(payload.len());
    let mut inside = false;
    for c in payload.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            '\n' if !inside => out.push_str("<br>"),
            '"' if !inside => out.push_str("&quot;"),
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
