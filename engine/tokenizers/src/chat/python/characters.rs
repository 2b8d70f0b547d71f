//! Python's classes of characters and its changes of case.

use super::unicode::{ALPHABETIC, DIGITS, NUMERIC, PRINTABLE, ZEROS, holds};

/// Whitespace of `str.isspace` and of `\s`.
pub(crate) fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

pub(super) fn is_alphabetic(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_alphabetic() } else { holds(ALPHABETIC, character) }
}

pub(super) fn is_numeric(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_digit() } else { holds(NUMERIC, character) }
}

pub(super) fn is_digit(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_digit() } else { holds(DIGITS, character) }
}

/// Letters, digits and the underscore: `\w`.
pub(super) fn is_word(character: char) -> bool {
    character == '_' || is_alphabetic(character) || is_numeric(character)
}

pub(super) fn is_printable(character: char) -> bool {
    if character.is_ascii() { matches!(character, ' '..='~') } else { holds(PRINTABLE, character) }
}

/// The value of a decimal digit of any script.
pub(super) fn decimal(character: char) -> Option<u32> {
    let code = u32::from(character);
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= code)].last()?;
    Some(code - zero).filter(|digit| *digit < 10)
}

/// Titlecase of characters for which it is neither the uppercase nor the uppercase's first character followed by
/// lowercase.
const TITLES: &[(char, &str)] = &[
    ('\u{149}', "\u{2bc}\u{4e}"),
    ('\u{1fb2}', "\u{1fba}\u{345}"),
    ('\u{1fb3}', "\u{1fbc}"),
    ('\u{1fb4}', "\u{386}\u{345}"),
    ('\u{1fb7}', "\u{391}\u{342}\u{345}"),
    ('\u{1fbc}', "\u{1fbc}"),
    ('\u{1fc2}', "\u{1fca}\u{345}"),
    ('\u{1fc3}', "\u{1fcc}"),
    ('\u{1fc4}', "\u{389}\u{345}"),
    ('\u{1fc7}', "\u{397}\u{342}\u{345}"),
    ('\u{1fcc}', "\u{1fcc}"),
    ('\u{1ff2}', "\u{1ffa}\u{345}"),
    ('\u{1ff3}', "\u{1ffc}"),
    ('\u{1ff4}', "\u{38f}\u{345}"),
    ('\u{1ff7}', "\u{3a9}\u{342}\u{345}"),
    ('\u{1ffc}', "\u{1ffc}"),
];

/// The titlecase of a character.
pub(super) fn title(character: char) -> String {
    let code = u32::from(character);
    if let Some((_, title)) = TITLES.iter().find(|(found, _)| *found == character) {
        return (*title).to_owned();
    }
    let single = match code {
        0x1c4..=0x1c6 => Some(0x1c5),
        0x1c7..=0x1c9 => Some(0x1c8),
        0x1ca..=0x1cc => Some(0x1cb),
        0x1f1..=0x1f3 => Some(0x1f2),
        0x10d0..=0x10ff => Some(code),
        0x1f80..=0x1faf => Some(code | 8),
        _ => None,
    };
    if let Some(single) = single.and_then(char::from_u32) {
        return single.to_string();
    }
    let mut upper = character.to_uppercase();
    upper.next().into_iter().chain(upper.flat_map(char::to_lowercase)).collect()
}

/// `str.casefold`.
pub(super) fn casefold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        match u32::from(character) {
            0x131 | 0x13a0..=0x13f5 => folded.push(character),
            0x13f8..=0x13fd | 0xab70..=0xabbf => folded.extend(character.to_uppercase()),
            _ => folded.extend(character.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)),
        }
    }
    folded
}
