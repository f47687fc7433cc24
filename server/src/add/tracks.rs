//! More sound and subtitles for a title that exists. Its picture, and so its versions, stay.

use std::sync::Arc;

use media::Seconds;
use media::error::{Error, Kind, Result};

use super::film::{named_sound, sound_rows, text_row};
use super::inputs::{Inputs, look};
use super::intake::take_sound;
use super::{Attempt, Intake};
use crate::house::{House, blocking, now};
use crate::progress::{Step, Teller};
use crate::version::named;

pub async fn add(house: &Arc<House>, intake: &Intake, attempt: &Attempt, teller: Teller) -> Result<()> {
    let (here, asked) = (house.clone(), intake.clone());
    let inputs = blocking(move || look(&here.sandbox, &asked)).await?;
    if let Some(film) = inputs.films.first() {
        return Err(Error::new(Kind::Conflict, format!("title {} exists and has its picture", intake.title))
            .at(film.file.display().to_string())
            .remedy("Choose another --title, or remove that title first"));
    }
    let (here, asked) = (house.clone(), intake.clone());
    let row = blocking(move || extend(&here, &asked, &inputs, &teller)).await?;
    let _changing = house.changing.lock().await;
    house.archive().catalogue().replace_title(&row, Some((&attempt.claim, now()))).await?;
    house.swap(|snapshot| snapshot.put_title(row.clone()));
    Ok(())
}

/// The title's row with the tracks added. A subtitle of the same language takes the place of the old.
fn extend(house: &House, intake: &Intake, inputs: &Inputs, teller: &Teller) -> Result<archive::Title> {
    let mut row = house.snapshot().title(&intake.title)?.row.clone();
    let labels = named(&intake.labels)?;
    row.names.extend(named(&intake.names)?);
    row.year = intake.year.or(row.year);
    if !intake.credits.is_empty() {
        row.credits = intake.credits.clone();
    }
    for text in &inputs.texts {
        let new = text_row(house, text, &labels)?;
        match row.texts.iter_mut().find(|old| old.language == new.language && old.forced == new.forced) {
            Some(old) => *old = new,
            None => row.texts.push(new),
        }
    }
    let mut heard = Vec::new();
    for (n, (language, probe)) in inputs.sounds.iter().enumerate() {
        teller(Step::new("taking in files", n as u64, inputs.sounds.len() as u64));
        heard.extend(named_sound(house, &take_sound(house, probe, Seconds::default(), teller)?, language)?);
    }
    // A sound of its own file starts where the film's own axis starts.
    let rows = sound_rows(house, &heard, Seconds::default(), &labels, row.sounds.len())?;
    row.sounds.extend(rows);
    Ok(row)
}
