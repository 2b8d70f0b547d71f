use std::collections::HashSet;

use tokenizers::parallelism::MaybeParallelIterator;
use tokenizers::{Decoder, DecoderWrapper};
use trustformers_core::{Error, Result};

use crate::Tokenizer;
use crate::model::Model;

impl Tokenizer {
    /// Decodes a sequence of token ids; ids outside the vocabulary are skipped, as in transformers.
    ///
    /// `clean_up_tokenization_spaces` removes spaces before punctuation and in English contractions (`None`: as
    /// configured); it has no effect with a BPE model, whose tokens include spaces.
    ///
    /// **Errors:** `Tokenizer` if the decoder refuses the tokens.
    pub fn decode(
        &self,
        ids: &[u32],
        skip_special_tokens: bool,
        clean_up_tokenization_spaces: Option<bool>,
    ) -> Result<String> {
        let added = self.backend.tokenizer.get_added_vocabulary();
        let tokens = match self.backend.tokenizer.get_model() {
            // Two ids may have the same token, of which one is special.
            Model::Lookup(_) => self.convert_ids_to_tokens(ids, skip_special_tokens).into_iter().flatten().collect(),
            Model::Plain(_) => {
                let tokens = ids.iter().filter_map(|&id| self.id_to_token(id));
                tokens.filter(|token| !skip_special_tokens || !added.is_special_token(token)).collect()
            }
        };
        let text = self.convert_tokens_to_string(tokens)?;
        let cleans = clean_up_tokenization_spaces.unwrap_or(self.config.clean_up_tokenization_spaces);
        let applies = self.model_kind() != "BPE" || self.config.cleans_up_bpe;
        Ok(if cleans && applies { clean_up(&text) } else { text })
    }

    /// Decodes sequences of token ids in parallel.
    ///
    /// **Errors:** as `decode`.
    pub fn decode_batch(
        &self,
        rows: Vec<Vec<u32>>,
        skip_special_tokens: bool,
        clean_up_tokenization_spaces: Option<bool>,
    ) -> Result<Vec<String>> {
        let is_parallel = rows.len() > 1;
        rows.into_maybe_par_iter_cond(is_parallel)
            .map(|ids| self.decode(&ids, skip_special_tokens, clean_up_tokenization_spaces))
            .collect()
    }

    /// The tokens of ids; `None` for ids outside the vocabulary.
    pub fn convert_ids_to_tokens(&self, ids: &[u32], skip_special_tokens: bool) -> Vec<Option<String>> {
        let skipped: HashSet<u32> = match skip_special_tokens {
            true => self.all_special_tokens().into_iter().filter_map(|token| self.convert_token_to_id(token)).collect(),
            false => HashSet::new(),
        };
        ids.iter().filter(|id| !skipped.contains(id)).map(|&id| self.id_to_token(id)).collect()
    }

    /// Joins tokens into the text that they represent.
    ///
    /// **Errors:** `Tokenizer` if the decoder refuses the tokens.
    pub fn convert_tokens_to_string(&self, tokens: Vec<String>) -> Result<String> {
        if let Model::Lookup(model) = self.backend.tokenizer.get_model() {
            let special = self.all_special_tokens();
            return Ok(model.join(&tokens, |token| special.contains(&token)));
        }
        match self.backend.tokenizer.get_decoder() {
            Some(decoder) => Ok(decoded(decoder, tokens)?.concat()),
            None => Ok(tokens.join(" ")),
        }
    }
}

/// Applies a decoder to tokens.
fn decoded(decoder: &DecoderWrapper, mut tokens: Vec<String>) -> Result<Vec<String>> {
    match decoder {
        // The crate underflows on an empty list.
        _ if tokens.is_empty() => {}
        DecoderWrapper::Sequence(sequence) => {
            for decoder in sequence.get_decoders() {
                tokens = decoded(decoder, tokens)?;
            }
        }
        // The crate's `Strip` reads out of bounds if a token is shorter than the stripped part.
        DecoderWrapper::Strip(strip) => {
            for token in &mut tokens {
                *token = stripped(token, strip.content, strip.start, strip.stop).to_owned();
            }
        }
        decoder => return decoder.decode_chain(tokens).map_err(Error::tokenizer),
    }
    Ok(tokens)
}

/// Strips `content` up to `start` times from the start and up to `stop` times from the end of a token.
fn stripped(mut token: &str, content: char, start: usize, stop: usize) -> &str {
    for _ in 0..start.min(token.len()) {
        token = token.strip_prefix(content).unwrap_or(token);
    }
    for _ in 0..stop.min(token.len()) {
        token = token.strip_suffix(content).unwrap_or(token);
    }
    token
}

/// Converts ids to the vocabulary's type.
///
/// **Errors:** `Input` naming an id that is negative or does not fit.
pub fn vocabulary_ids(ids: &[i64]) -> Result<Vec<u32>> {
    ids.iter()
        .map(|&id| {
            u32::try_from(id)
                .map_err(|_| Error::input("token_ids", format!("{id} is not a token id (an integer from 0)")))
        })
        .collect()
}

fn clean_up(text: &str) -> String {
    const REPLACEMENTS: [(&str, &str); 10] = [
        (" .", "."),
        (" ?", "?"),
        (" !", "!"),
        (" ,", ","),
        (" ' ", "'"),
        (" n't", "n't"),
        (" 'm", "'m"),
        (" 's", "'s"),
        (" 've", "'ve"),
        (" 're", "'re"),
    ];
    REPLACEMENTS.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripping_stops_at_the_end_of_a_token() {
        assert_eq!(stripped("xxabxx", 'x', 1, 3), "xab");
        assert_eq!(stripped("xx", 'x', 1, 3), "");
        assert_eq!(stripped("", 'x', 1, 1), "");
        assert_eq!(stripped("\u{2581}a", '\u{2581}', usize::MAX, usize::MAX), "a");
    }
}
