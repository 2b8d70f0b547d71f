use std::borrow::Cow;

/// A text that is sliced by characters.
#[derive(Clone, Debug)]
pub(crate) struct Characters<'a> {
    text: Cow<'a, str>,
    /// Byte offset of each character, and the text's length; empty for ASCII text.
    starts: Vec<usize>,
}

impl<'a> Characters<'a> {
    pub(crate) fn new(text: Cow<'a, str>) -> Self {
        let starts = match text.is_ascii() {
            true => Vec::new(),
            false => text.char_indices().map(|(start, _)| start).chain([text.len()]).collect(),
        };
        Self { text, starts }
    }

    /// The characters in `start..end`, clamped to the text.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &str {
        let byte = |character: usize| match self.starts.is_empty() {
            true => character.min(self.text.len()),
            false => self.starts.get(character).copied().unwrap_or(self.text.len()),
        };
        self.text.get(byte(start)..byte(end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_count_characters_and_stop_at_the_end() {
        for (text, expected) in [("zurich", "ur"), ("zürich", "ür")] {
            let characters = Characters::new(text.into());
            assert_eq!(characters.slice(1, 3), expected);
            assert_eq!(characters.slice(4, 99), "ch");
            assert_eq!(characters.slice(7, 9), "");
            assert_eq!(characters.slice(3, 1), "");
        }
    }
}
