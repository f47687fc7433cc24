//! A card: a still picture of text, such as a rating card or a notice.

/// Text, never markup; the workshop sets it in type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Card {
    /// Red, green, blue.
    pub background: [u8; 3],
    pub foreground: [u8; 3],
    /// From top to bottom, centred.
    pub lines: Vec<CardLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CardLine {
    /// BCP-47; chooses the font and the rules of line breaking.
    pub language: String,
    pub text: String,
    /// Size in per cent of the card's normal size (one twelfth of the picture's height), 25 to 400.
    pub percent: u16,
}

/// Lines on one card at most, and characters in one line.
pub const MAX_CARD_LINES: usize = 12;
pub const MAX_CARD_TEXT: usize = 400;

impl Card {
    /// A plain card: white on black, every line at normal size.
    pub fn plain(lines: impl IntoIterator<Item = (String, String)>) -> Card {
        let lines = lines.into_iter().map(|(language, text)| CardLine { language, text, percent: 100 });
        Card { background: [0, 0, 0], foreground: [255, 255, 255], lines: lines.collect() }
    }
}
