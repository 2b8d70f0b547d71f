use trustformers_core::{Feed, LogitsOf, Result, Sequences};

use crate::cache::past_key_values::PastKeyValues;
use crate::cache::prompts::Prompts;

impl PastKeyValues {
    /// Continues from prompts like [`PastKeyValues::resume`], but caches only the prompts, without their last tokens,
    /// and only if the cache holds one sequence per prompt.
    pub fn resume_from_copy<T>(
        &mut self,
        prompts: &Prompts<'_>,
        run: impl FnOnce(&mut dyn Sequences, &[Vec<i64>]) -> Result<T>,
    ) -> Result<T> {
        let mut held = self.cached_tokens(prompts)?;
        if self.batch() == prompts.tokens.len() {
            self.read_prompts(prompts.tokens)?;
            self.remember(prompts, prompts.tokens.iter().map(Vec::as_slice));
            for (index, prompt) in prompts.tokens.iter().enumerate() {
                held[index * prompts.copies()] = prompt[..self.sequences.len(index)].to_vec();
            }
        }
        let mut expanded = self.expanded(prompts)?;
        run(&mut *expanded, &held)
    }

    /// Reads the prompts' tokens that are not cached yet, except the last.
    fn read_prompts(&mut self, prompts: &[Vec<i64>]) -> Result<()> {
        self.rolling_back(|sequences| {
            let unread =
                prompts.iter().enumerate().filter_map(|(slot, prompt)| match prompt.get(sequences.len(slot)..) {
                    Some([tokens @ .., _]) if !tokens.is_empty() => Some(Feed { slot, tokens, pending: 1 }),
                    _ => None,
                });
            let unread: Vec<_> = unread.collect();
            if unread.is_empty() { Ok(()) } else { sequences.read(&unread, LogitsOf::Last).map(drop) }
        })
    }
}
