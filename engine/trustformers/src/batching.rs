use std::sync::Arc;

use trustformers_core::{Result, Sequences};
use trustformers_generation::{Batcher, Decode, Event, Host};
use trustformers_models::Model;
use trustformers_tokenizers::Tokenizer;

use crate::on_pool;

/// Continuous batching with a model on the engine's threads; `num_slots` requests are computed together. `after_step`
/// is called as [`Host::after_step`].
///
/// **Errors:** `Unsupported` if the model has no causal language modeling head.
pub fn batcher(model: Arc<dyn Model>, num_slots: usize, after_step: impl FnMut() + Send + 'static) -> Result<Batcher> {
    Batcher::new(ModelHost { model, num_slots, after_step })
}

/// Decodes token ids with a tokenizer.
pub fn decoder(tokenizer: Tokenizer, skip_special_tokens: bool) -> Decode<'static> {
    Arc::new(move |tokens: &[i64]| {
        let ids: Vec<u32> = tokens.iter().filter_map(|token| u32::try_from(*token).ok()).collect();
        tokenizer.decode(&ids, skip_special_tokens, None)
    })
}

struct ModelHost<F> {
    model: Arc<dyn Model>,
    num_slots: usize,
    after_step: F,
}

impl<F: FnMut() + Send + 'static> Host for ModelHost<F> {
    fn sequences(&mut self) -> Result<Box<dyn Sequences>> {
        self.model.clone().sequences(self.num_slots)
    }

    fn run(&mut self, step: &mut (dyn FnMut() -> Result<Vec<Event>> + Send)) -> Result<Vec<Event>> {
        on_pool(step)
    }

    fn after_step(&mut self) {
        (self.after_step)();
    }
}
