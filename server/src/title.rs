//! Titles on the command line: list, show, remove.

use std::sync::Arc;

use media::error::Result;
use serde::{Deserialize, Serialize};

use crate::browse::{TitleView, Titles, title, titles};
use crate::house::{House, blocking, now};

#[derive(Serialize, Deserialize)]
pub struct Removed {
    pub removed: String,
    /// Stored bytes that nothing needs any more and that are gone.
    pub bytes_freed: u64,
}

pub async fn list(house: &Arc<House>) -> Result<Titles> {
    let house = house.clone();
    blocking(move || titles(&house)).await
}

pub async fn show(house: &Arc<House>, id: String) -> Result<TitleView> {
    let house = house.clone();
    blocking(move || title(&house, &id)).await
}

/// Removes a title, its versions, and every stored byte that only they used.
pub async fn remove(house: &House, id: &str) -> Result<Removed> {
    let _changing = house.changing.lock().await;
    let at = now();
    house.archive().catalogue().remove_title(id, at).await?;
    house.swap(|snapshot| {
        snapshot.remember_all(id, at);
        snapshot.drop_title(id);
    });
    Ok(Removed { removed: id.to_string(), bytes_freed: house.sweep().await? })
}

pub fn print_list(list: &Titles) {
    for title in &list.titles {
        println!(
            "{:<20} {:>9}  {:<8} {} versions  {}",
            title.id,
            clock(title.seconds),
            title.rate,
            title.versions.len(),
            names(title)
        );
    }
    if list.titles.is_empty() {
        println!("There is no title yet. Bring one in: phim add FILE --title ID");
    }
}

pub fn print_title(title: &TitleView) {
    println!("{}  {}  {}", title.id, title.kind, names(title));
    println!(
        "  picture   {}x{}, {} frames a second, {} ({} frames)",
        title.width,
        title.height,
        title.rate,
        clock(title.seconds),
        title.units
    );
    if !title.credits.is_empty() {
        println!("  credits   {}", title.credits);
    }
    for (what, streams) in [("sound", &title.audio), ("subtitles", &title.text)] {
        for stream in streams {
            println!("  {what:<9} {} {}", stream.lang, stream.label);
        }
    }
    for version in &title.versions {
        crate::version::print_line(&format!("{}/{}", title.id, version.name), version);
    }
}

fn names(title: &TitleView) -> String {
    title.name.iter().map(|(language, name)| format!("{name} ({language})")).collect::<Vec<_>>().join(", ")
}

/// Seconds as h:mm:ss.
pub fn clock(seconds: f64) -> String {
    let all = seconds.round() as u64;
    format!("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60)
}
