use std::sync::Arc;

use tokenizers::AddedToken;
use trustformers_core::{Error, Result};

use crate::Tokenizer;

impl Tokenizer {
    /// A tokenizer with more tokens, and how many of them were new or changed. Tokens already in the vocabulary keep
    /// their ids; `special` makes all of the tokens special.
    ///
    /// **Errors:** `Tokenizer` if the normalizer refuses a token.
    pub fn with_added_tokens(mut self, tokens: Vec<AddedToken>, special: bool) -> Result<(Self, usize)> {
        let backend = Arc::make_mut(&mut self.backend);
        let count = match special {
            true => backend.tokenizer.add_special_tokens(tokens),
            false => backend.tokenizer.add_tokens(tokens),
        };
        let count = count.map_err(Error::tokenizer)?;
        let target = self.target.as_ref().map(|target| target.tokenizer.clone());
        Ok((self.with_target(target)?, count))
    }

    /// A tokenizer with other extra special tokens, which have no named attribute; the vocabulary is unchanged.
    pub fn with_extra_special_tokens(mut self, tokens: Vec<String>) -> Self {
        self.config.special_tokens.extra = tokens.into_iter().map(|content| AddedToken::from(content, true)).collect();
        self
    }

    /// The added tokens and their matching options, sorted by id.
    pub fn added_tokens(&self) -> Vec<(u32, AddedToken)> {
        let mut tokens: Vec<_> = self.backend.tokenizer.get_added_tokens_decoder().into_iter().collect();
        tokens.sort_by_key(|(id, _)| *id);
        tokens
    }
}
