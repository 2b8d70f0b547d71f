use trustformers_core::Result;

use crate::Decode;

/// The stable beginning of a growing text.
#[derive(Clone, Debug, Default)]
struct StableText {
    /// Number of characters returned so far.
    num_given: usize,
}

impl StableText {
    /// Returns the newly stable part of `text`, the decoded token list, and whether to start a new token list.
    fn put(&mut self, text: &str) -> (String, bool) {
        if text.ends_with('\n') {
            return (self.end(text), true);
        }
        let stable = match text.chars().next_back() {
            Some(last) if is_chinese(last) => text,
            _ => text.rfind(' ').map_or("", |space| &text[..=space]),
        };
        let new: String = stable.chars().skip(self.num_given).collect();
        self.num_given += new.chars().count();
        (new, false)
    }

    /// Returns the rest of `text` that was not returned before, and resets for a new token list.
    fn end(&mut self, text: &str) -> String {
        text.chars().skip(std::mem::take(&mut self.num_given)).collect()
    }
}

/// Decodes tokens into text as they are generated, and holds back the end of the text, which later tokens may change.
///
/// Text is stable up to its last space, up to a Chinese character at its end, or up to the end of a line, after which a
/// new token list starts. A character whose bytes are spread over several tokens is not stable before its last byte.
///
/// **Source:** `TextStreamer` of transformers 5.23.0.
pub struct TextStream<'a> {
    decode: Decode<'a>,
    tokens: Vec<i64>,
    stable: StableText,
}

impl<'a> TextStream<'a> {
    /// A stream without tokens.
    pub fn new(decode: Decode<'a>) -> Self {
        Self { decode, tokens: Vec::new(), stable: StableText::default() }
    }

    /// The tokens whose text may change or was not returned as a whole.
    pub fn tokens(&self) -> &[i64] {
        &self.tokens
    }

    /// Number of characters of the text of `tokens` that were returned.
    pub fn num_given(&self) -> usize {
        self.stable.num_given
    }

    /// Adds tokens and returns the newly stable text.
    ///
    /// **Errors:** any error of the decoder.
    pub fn put(&mut self, tokens: &[i64]) -> Result<String> {
        self.tokens.extend_from_slice(tokens);
        let (new, begins_anew) = self.stable.put(&(self.decode)(&self.tokens)?);
        if begins_anew {
            self.tokens.clear();
        }
        Ok(new)
    }

    /// Returns the rest of the text and resets the stream.
    ///
    /// **Errors:** any error of the decoder.
    pub fn end(&mut self) -> Result<String> {
        if self.tokens.is_empty() {
            return Ok(String::new());
        }
        let text = (self.decode)(&std::mem::take(&mut self.tokens))?;
        Ok(self.stable.end(&text))
    }
}

/// The blocks of CJK ideographs, without the compatibility forms of other scripts.
fn is_chinese(character: char) -> bool {
    matches!(u32::from(character),
        0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x20000..=0x2A6DF | 0x2A700..=0x2B73F | 0x2B740..=0x2B81F
        | 0x2B820..=0x2CEAF | 0xF900..=0xFAFF | 0x2F800..=0x2FA1F)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// One token a byte.
    fn stream() -> TextStream<'static> {
        TextStream::new(Arc::new(|tokens| {
            let bytes: Vec<u8> = tokens.iter().map(|&token| token as u8).collect();
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        }))
    }

    fn pieces(text: &str) -> Vec<String> {
        let mut stream = stream();
        let mut pieces: Vec<String> = text.bytes().map(|byte| stream.put(&[byte.into()]).unwrap()).collect();
        pieces.push(stream.end().unwrap());
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    #[test]
    fn text_comes_in_words_and_lines() {
        assert_eq!(pieces("two words\nand a line"), ["two ", "words\n", "and ", "a ", "line"]);
    }

    #[test]
    fn multibyte_characters_are_never_split() {
        assert_eq!(pieces("\u{e9}t\u{e9} \u{1f642}\u{1f642} ok"), ["\u{e9}t\u{e9} ", "\u{1f642}\u{1f642} ", "ok"]);
        assert_eq!(pieces("\u{65e5}\u{672c} x"), ["\u{65e5}", "\u{672c}", " ", "x"]);
    }

    #[test]
    fn no_text_is_lost_or_repeated() {
        let text = "A \u{4e2d}\u{6587} line,\nthen \u{d55c}\u{ad6d}\u{c5b4} and \u{1f1e9}\u{1f1ea} end ";
        assert_eq!(pieces(text).concat(), text);
        assert!(stream().end().unwrap().is_empty());
    }
}
