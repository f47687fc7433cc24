//! Names of works as contracts give them, and the check character of an EIDR.

/// What is wrong with an EIDR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadEidr {
    /// Not `10.5240/` and five groups of four hexadecimal digits and one check character.
    Form,
    /// The last character should be this one.
    Check(char),
}

/// The one spelling under which a name is looked up.
///
/// An EIDR has many forms (`10.5240/…`, `urn:eidr:10.5240:…`, `md:cid:eidr-s:…`) and one spelling here,
/// so a workbook and its XML name the same work. An edit's EIDR is another name than its title's. Other
/// names keep their own spelling, without space around them.
pub fn name(text: &str) -> String {
    let text = text.trim();
    match eidr(text) {
        Some(Ok(canonical)) => canonical,
        _ => text.to_string(),
    }
}

/// The canonical DOI of an EIDR, `10.5240/XXXX-XXXX-XXXX-XXXX-XXXX-C`; none where the text is not meant
/// to be one.
///
/// The check character is ISO 7064 Mod 37,36 over the twenty digits (EIDR ID Format 1.7, 2.3).
pub fn eidr(text: &str) -> Option<Result<String, BadEidr>> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let marks = ["10.5240/", "10.5240:", ":eidr-s:"];
    let at = marks.iter().find_map(|mark| lower.find(mark).map(|at| at + mark.len()))?;
    let suffix = text[at..].to_ascii_uppercase();
    let groups: Vec<&str> = suffix.split('-').collect();
    let [digits @ .., check] = &groups[..] else { return Some(Err(BadEidr::Form)) };
    let hex = |group: &&str| group.len() == 4 && group.bytes().all(|b| b.is_ascii_hexdigit());
    let (1, Some(check)) = (check.len(), check.chars().next()) else { return Some(Err(BadEidr::Form)) };
    if digits.len() != 5 || !digits.iter().all(hex) || !check.is_ascii_alphanumeric() {
        return Some(Err(BadEidr::Form));
    }
    let right = check_character(&digits.concat());
    Some(if check == right { Ok(format!("10.5240/{suffix}")) } else { Err(BadEidr::Check(right)) })
}

/// ISO 7064 Mod 37,36: the character that makes the digits a valid string.
fn check_character(digits: &str) -> char {
    const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut product = 36;
    for digit in digits.chars().filter_map(|c| c.to_digit(36)) {
        let sum = match (digit + product) % 36 {
            0 => 36,
            sum => sum,
        };
        product = sum * 2 % 37;
    }
    char::from(ALPHABET[((37 - product) % 36) as usize])
}

#[cfg(test)]
mod tests;
