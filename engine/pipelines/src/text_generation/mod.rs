//! Text generation: defaults of the task, lengths of prompts, sequences of a batch, and results.

mod prompt;
mod results;
mod sequences;
mod settings;

pub use prompt::{GenerationPrompt, LastMessage};
pub use results::{GenerationResult, ResultOptions, ReturnType, generation_results};
pub use sequences::rows_as_alone;
pub use settings::{default_keys, kept_prompt_len, keys_with_prefix};
