//! Files that are to be one ladder, checked to be one.

use media::TrackKind;
use media::error::{Error, Result};

use super::intake::{Opened, Taken};
use crate::house::House;

/// The renditions, highest first: the same frames, entered at the same places. Errors name file and
/// frame.
pub fn ladder(house: &House, films: &[Taken]) -> Result<Vec<Opened>> {
    let mut all = Vec::new();
    for film in films {
        let pictures = film.open(house, TrackKind::Video)?;
        if pictures.is_empty() {
            return Err(Error::invalid("the file holds no picture").at(film.name().to_string()));
        }
        all.extend(pictures);
    }
    all.sort_by_key(|t| {
        std::cmp::Reverse((t.index.track().height, t.index.track().width, t.index.blob_len()))
    });
    let first = all.first().ok_or_else(|| Error::internal("a title without a film"))?;
    for other in &all {
        if other.interlaced {
            return Err(Error::unsupported("the pictures are interlaced")
                .at(other.original.name.clone())
                .remedy("Add the film as a single file; Phim deinterlaces it"));
        }
        same(first, other).map_err(|e| e.at(other.original.name.clone()))?;
    }
    Ok(all)
}

const REMEDY: &str = "Encode all files of a ladder from one source with the same frame rate and key frames, or add the film as a single file";

fn same(first: &Opened, other: &Opened) -> Result<()> {
    let name = &first.original.name;
    let differs = |what: String| Err(Error::invalid(what).remedy(REMEDY));
    let (rate, wanted) = (other.index.track().rate()?, first.index.track().rate()?);
    if rate != wanted {
        return differs(format!("{rate} frames a second, but {name} has {wanted}"));
    }
    let shown = |t: &Opened| (t.hidden, t.hidden + t.shown);
    let ((from, to), (wanted_from, wanted_to)) = (shown(other), shown(first));
    if (from, to) != (wanted_from, wanted_to) {
        return differs(format!(
            "frames {from} to {to} are shown, but {wanted_from} to {wanted_to} of {name}"
        ));
    }
    for n in 0..first.index.blocks().max(other.index.blocks()) {
        let (here, there) = (other.index.block_first(n), first.index.block_first(n));
        if here != there {
            let what = format!("a group of pictures starts at frame {here}, but in {name} at frame {there}");
            return Err(Error::invalid(what).at(format!("frame {}", here.min(there))).remedy(REMEDY));
        }
    }
    let (frames, wanted) = (other.index.samples(), first.index.samples());
    if frames != wanted { differs(format!("{frames} frames, but {name} has {wanted}")) } else { Ok(()) }
}
