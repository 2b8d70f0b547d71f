//! The trustformers engine: backends, models, tokenizers, hub and pipelines in one crate.

mod backends;
mod batching;
mod generate;
mod gguf;
mod panics;
mod pool;

pub use trustformers_ops::PoolAllocator;

#[cfg(feature = "candle")]
pub use backends::load_on_candle;
pub use backends::{
    DeviceInfo, ModelSource, backends, for_training, list_devices, load_model, resolve_device, set_seed, synchronize,
    tensor_device, with_state, without_weights,
};
pub use batching::{batcher, decoder};
pub use generate::{AssistantModel, GenerateRequest, Generation, generate, generation_config};
pub use gguf::{gguf_config, gguf_tokenizer};
pub use panics::{install_panic_hook, without_panic};
pub use pool::on_pool;
pub use trustformers_checkpoint::{Access, SafetensorsFile, write_tensors, written_tensors};
pub use trustformers_core::{DType, Device, Error, Result, Sequences, WeightFiles, parse_json, read_json};
pub use trustformers_generation as generation;
pub use trustformers_hub as hub;
pub use trustformers_kernels::cpu;
pub use trustformers_models as models;
pub use trustformers_pipelines as pipelines;
pub use trustformers_tensor as tensor;
pub use trustformers_tokenizers as tokenizers;
pub use trustformers_training as training;

/// The version of the engine and of every package that contains it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
