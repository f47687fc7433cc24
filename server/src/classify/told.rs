//! Answers about labels, for people.

use super::show::{Because, Holds, RatingView};
use super::{Listing, Ratings, Sent};

pub fn print(view: &RatingView) {
    println!("{}  {}", view.title, view.kind);
    for mark in &view.marks {
        let place = match (mark.from, mark.to) {
            (Some(from), Some(to)) => format!("{from}-{to} s"),
            _ => "whole".into(),
        };
        let manner =
            if mark.manner.is_empty() { String::new() } else { format!(" ({})", mark.manner.join(", ")) };
        let gone = if mark.withdrawn { "  withdrawn" } else { "" };
        println!("  mark {}  {place}  {} {}{manner}{gone}", mark.mark, mark.descriptor, mark.strength);
    }
    for territory in &view.territories {
        for version in &territory.versions {
            println!("{} {}: {}", territory.territory, version.version, said(&version.holds));
            if let Some(lowest) = &version.lowest {
                println!("  the marks allow {lowest} at the lowest");
            }
            for vote in &version.votes {
                println!("  {} votes {}", vote.by, vote.label);
            }
            for because in &version.because {
                let Because { descriptor, label, mark, rule } = because;
                println!("  {descriptor} asks for {label}: {rule} (mark {mark})");
            }
        }
    }
}

fn said(holds: &Holds) -> String {
    let Some(label) = &holds.label else { return holds.why.get("en").cloned().unwrap_or_default() };
    let by =
        holds.certificate.as_ref().map_or("the house".to_string(), |number| format!("certificate {number}"));
    let told: Vec<&str> = holds.untold.iter().map(|untold| untold.to.as_str()).collect();
    let untold = if told.is_empty() { String::new() } else { format!("; {} not told yet", told.join(", ")) };
    let carried = if holds.carried { ", given to the version that this one was made from" } else { "" };
    format!("{label} by {by}{carried}{untold}")
}

pub fn print_history(view: &RatingView) {
    for territory in &view.territories {
        for happened in &territory.history {
            let parts = [&happened.label, &happened.authority, &happened.number];
            let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
            let composition: String = happened.composition.chars().take(12).collect();
            println!(
                "{} {} {} {}  {}  of {composition}",
                happened.at,
                territory.territory,
                happened.by,
                happened.kind,
                parts.join(" ")
            );
        }
    }
}

pub fn print_all(ratings: &Ratings) {
    for title in &ratings.titles {
        for holds in title.territories.iter().filter(|holds| holds.label.is_some()) {
            println!("{}  {}: {}", title.title, holds.territory, said(holds));
        }
    }
}

pub fn print_sent(sent: &Sent) {
    match sent.taken.changed {
        true => {
            println!("{} titles; record {} of the log {}", sent.titles, sent.taken.number, sent.taken.log)
        }
        false => println!("nothing changed: it stood so already"),
    }
}

pub fn print_list(listing: &Listing, csv: bool) {
    if csv {
        return print!("{}", super::list::csv(&listing.lines));
    }
    for line in &listing.lines {
        let told = line.told.last();
        let told = told.map_or("not told".to_string(), |t| format!("{} told at {}", t.to, t.sent));
        println!("{}/{}  {}  {}  {told}", line.title, line.version, line.label, line.criteria.join(", "));
    }
    if listing.lines.is_empty() {
        println!("nothing");
    }
}
