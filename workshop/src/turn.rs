//! How a rendition is turned when it is shown (the `tkhd` matrix, ISO/IEC 14496-12 §8.3.2).

use media::Track;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Upright,
    Clockwise,
    UpsideDown,
    Anticlockwise,
}

impl Turn {
    pub fn of(track: &Track) -> Turn {
        match (track.matrix[0].signum(), track.matrix[1].signum()) {
            (0, 1) => Turn::Clockwise,
            (0, -1) => Turn::Anticlockwise,
            (-1, _) => Turn::UpsideDown,
            _ => Turn::Upright,
        }
    }

    pub fn is_sideways(self) -> bool {
        matches!(self, Turn::Clockwise | Turn::Anticlockwise)
    }

    /// The filter that turns an upright picture as the coded one lies; empty, or a comma before it.
    pub fn filter(self) -> &'static str {
        match self {
            Turn::Upright => "",
            Turn::Clockwise => ",transpose=cclock",
            Turn::UpsideDown => ",hflip,vflip",
            Turn::Anticlockwise => ",transpose=clock",
        }
    }

    /// A box of the shown picture (left, top, width, height; the picture's sides are `whole`) as it lies
    /// in the coded one.
    pub fn lay_down(self, [x, y, w, h]: [u32; 4], whole: u32) -> [u32; 4] {
        match self {
            Turn::Upright => [x, y, w, h],
            Turn::Clockwise => [y, whole - x - w, h, w],
            Turn::UpsideDown => [whole - x - w, whole - y - h, w, h],
            Turn::Anticlockwise => [whole - y - h, x, h, w],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_lies_where_the_picture_is_turned_from() {
        // The top left corner of what is shown.
        let corner = [0, 0, 100, 50];
        assert_eq!(Turn::Upright.lay_down(corner, 1000), corner);
        // Shown clockwise: its top left was the bottom left.
        assert_eq!(Turn::Clockwise.lay_down(corner, 1000), [0, 900, 50, 100]);
        assert_eq!(Turn::UpsideDown.lay_down(corner, 1000), [900, 950, 100, 50]);
        assert_eq!(Turn::Anticlockwise.lay_down(corner, 1000), [950, 0, 50, 100]);
    }
}
