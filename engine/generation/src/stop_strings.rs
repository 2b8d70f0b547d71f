use trustformers_core::{Error, Result};

/// Finds strings in the text of a growing sequence, looking at its last tokens only.
#[derive(Debug)]
pub struct StopStrings {
    strings: Vec<String>,
    /// Number of last tokens that a stop string can span: one per byte, and one whose text the decoder may trim at the
    /// start.
    window: usize,
}

impl StopStrings {
    /// Finds the strings; `None` if there are none.
    ///
    /// **Errors:** `Input` for an empty string.
    pub fn new(strings: &[String]) -> Result<Option<Self>> {
        if strings.iter().any(String::is_empty) {
            return Err(Error::input("stop_strings", "an empty string would stop every sequence"));
        }
        let longest = strings.iter().map(String::len).max();
        Ok(longest.map(|longest| Self { strings: strings.to_vec(), window: longest + 2 }))
    }

    /// Whether a stop string ends in the text of the last token; it may start in the prompt, and the token's text may
    /// continue.
    ///
    /// **Errors:** any error of `decode`.
    pub fn ends_in_last_token(&self, tokens: &[i64], decode: &dyn Fn(&[i64]) -> Result<String>) -> Result<bool> {
        let window = &tokens[tokens.len().saturating_sub(self.window)..];
        let Some((_, before)) = window.split_last() else { return Ok(false) };
        let (text, text_before) = (decode(window)?, decode(before)?);
        // The token may complete a partial character: its text starts where the two texts differ.
        let same = text.bytes().zip(text_before.bytes()).take_while(|(left, right)| left == right).count();
        Ok(self.strings.iter().any(|string| {
            let ends = |start: usize| start + string.len() > same;
            text.match_indices(string.as_str()).any(|(start, _)| ends(start)) || overlapping(&text, string, same)
        }))
    }
}

/// Looks for occurrences that `match_indices` skips because they overlap an earlier one.
fn overlapping(text: &str, string: &str, same: usize) -> bool {
    let first = (same + 1).saturating_sub(string.len());
    (first..text.len()).any(|start| text.as_bytes()[start..].starts_with(string.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENS: [&str; 8] = ["a", "b", "end", "s!", "aa", "\u{e9}", " x", "bend"];

    fn decode(tokens: &[i64]) -> Result<String> {
        Ok(tokens.iter().map(|&token| TOKENS[token as usize]).collect())
    }

    fn stops(strings: &[&str], tokens: &[i64]) -> bool {
        let strings: Vec<String> = strings.iter().map(|string| (*string).to_owned()).collect();
        StopStrings::new(&strings).unwrap().unwrap().ends_in_last_token(tokens, &decode).unwrap()
    }

    #[test]
    fn a_string_stops_when_it_ends_in_the_last_token() {
        assert!(stops(&["bend"], &[0, 1, 2]) && stops(&["bend"], &[0, 7]));
        assert!(stops(&["ends"], &[2, 3]), "the token's text continues after the string");
        assert!(!stops(&["end"], &[2, 0]), "it ended before");
        assert!(stops(&["zzz", "\u{e9}"], &[0, 5]));
        assert!(!stops(&["ab"], &[1, 0]) && !stops(&["ab"], &[]));
    }

    #[test]
    fn overlapping_occurrences_count() {
        assert!(stops(&["aaa"], &[0, 0, 4, 0]));
        assert!(stops(&["aa"], &[4, 0]));
    }

    #[test]
    fn empty_strings_are_refused() {
        assert!(StopStrings::new(&[String::new()]).is_err());
        assert!(StopStrings::new(&[]).unwrap().is_none());
    }
}
