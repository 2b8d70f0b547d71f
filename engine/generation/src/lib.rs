//! Decoding with a language model: configuration, logits processors, sampling, beam search, speculative decoding,
//! continuous batching.

mod batcher;
mod beams;
mod call;
mod config;
mod generate;
mod generated;
mod lengths;
mod mersenne_twister;
mod order;
mod padded_prompts;
mod probabilities;
mod processors;
mod prompts;
mod record;
mod row;
mod sample;
mod sampler;
mod scheduler;
mod settings;
mod speculation;
mod step;
mod stop_strings;
mod stopping;
mod text_stream;

pub use batcher::{BatchedPrompt, Batcher, Host, Request, Sink};
pub use call::{Assistant, Call, Cancel, Streamer};
pub use config::{EarlyStopping, GenerationConfig, Issue, OneOrMany, Updated};
pub use generate::generate;
pub use generated::{Generated, GeneratedRow};
pub use lengths::Lengths;
pub use padded_prompts::PaddedPrompts;
pub use processors::{
    BatchProcessor, CustomProcessors, LogitsProcessor, PrefixAllowedTokens, ProcessorConfig, Processors, Watermark,
    WatermarkConfig, constrain_rows,
};
pub use scheduler::{Event, RequestId, Scheduler};
pub use settings::Settings;
pub use step::{StepCriteria, StepProcessor, StepRow};
pub use stop_strings::StopStrings;
pub use stopping::{Decode, FinishReason, StoppingCriteria};
pub use text_stream::TextStream;
