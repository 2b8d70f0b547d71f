use trustformers_core::Result;

use super::Draft;
use crate::row::Row;
use crate::{CustomProcessors, Lengths, Settings};

/// Drafts the tokens that followed an earlier occurrence of the sequence's last tokens.
///
/// **Source:** `PromptLookupCandidateGenerator` of transformers 5.23.0.
pub(super) struct LookupDrafts {
    num_tokens: usize,
    ngram_size: usize,
    max: usize,
    vocab: usize,
    eos: Vec<i64>,
}

impl LookupDrafts {
    pub fn new(settings: &Settings, lengths: Lengths, vocab: usize) -> Self {
        let size = |count: i64| usize::try_from(count).unwrap_or(0);
        Self {
            num_tokens: settings.config().prompt_lookup_num_tokens.map_or(0, size),
            ngram_size: size(settings.max_matching_ngram_size()),
            max: lengths.max,
            vocab,
            eos: settings.eos_token_ids().to_vec(),
        }
    }

    pub fn propose(&self, row: &mut Row, custom: &mut CustomProcessors<'_>) -> Result<Draft> {
        let len = row.tokens.len();
        // Checking a draft of the last token takes a forward pass, as much as generating it.
        if len + 1 >= self.max {
            return Ok(Draft::default());
        }
        for size in (1..=self.ngram_size.min(len - 1)).rev() {
            for start in 0..=len - size {
                if row.tokens[start..start + size] != row.tokens[len - size..] {
                    continue;
                }
                let begin = start + size;
                let end = begin.saturating_add(self.num_tokens).min(len).min(self.max);
                if begin >= end {
                    continue;
                }
                let found = row.tokens[begin..end].to_vec();
                let num_allowed = self.num_allowed(&found, row, custom)?;
                if num_allowed > 0 {
                    let is_end = |token: &i64| self.eos.contains(token);
                    let tokens = found.into_iter().take(num_allowed).take_while(|token| !is_end(token)).collect();
                    return Ok(Draft { tokens, distributions: Vec::new() });
                }
            }
        }
        Ok(Draft::default())
    }

    /// Number of leading tokens that the processors allow one after another.
    fn num_allowed(&self, found: &[i64], row: &mut Row, custom: &mut CustomProcessors<'_>) -> Result<usize> {
        let mut tokens = row.tokens.clone();
        for (count, &token) in found.iter().enumerate() {
            let mut logits = vec![1.0; self.vocab];
            row.process(&tokens, &mut logits, custom)?;
            let logit = usize::try_from(token).ok().and_then(|index| logits.get(index));
            if logit.is_none_or(|&logit| logit <= f32::MIN) {
                return Ok(count);
            }
            tokens.push(token);
        }
        Ok(found.len())
    }
}
