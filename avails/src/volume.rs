//! Volumes: an episode of a season is in one volume of it.

use std::collections::BTreeMap;

use crate::column::Column;
use crate::finding::{Findings, Wrong};
use crate::line::Line;

/// Episodes of a volume that are looked at, at most.
const MAX_EPISODES: u32 = 1_000;

/// Which volume each episode of a season was found in.
#[derive(Default)]
pub(crate) struct Volumes(BTreeMap<(String, u32), String>);

impl Volumes {
    /// Takes in the volume that a line is about, if it is; tells every episode that another volume has.
    pub fn see(&mut self, line: &Line, findings: &mut Findings) {
        let (volume, season) = (line.text(Column::VolumeContentId), line.text(Column::SeasonContentId));
        let number = |column| line.text(column).parse::<u32>().ok();
        let (Some(first), Some(count)) = (number(Column::VolumeFirst), number(Column::VolumeCount)) else {
            return;
        };
        if volume.is_empty() || season.is_empty() {
            return;
        }
        for episode in (first..first.saturating_add(count)).take(MAX_EPISODES as usize) {
            let key = (season.to_string(), episode);
            match self.0.insert(key, volume.to_string()) {
                Some(other) if other != volume => findings.error(
                    line.place_of(Column::VolumeFirst),
                    Wrong::new(
                        format!("episode {episode} of {season} is in volume {volume} and in {other}"),
                        "Correct the first episode or the number of episodes",
                    ),
                ),
                _ => {}
            }
        }
    }
}
