//! Models of every family, from their configuration to their outputs.

#[macro_use]
mod hf_config;
#[macro_use]
mod registry;

mod adapter;
mod cache;
mod dense;
mod encoder_decoder;
mod families;
mod family;
mod forward;
mod head;
mod host;
mod load;
mod load_balance;
mod loss;
mod model;
mod output;
mod recording;

pub use adapter::Adapter;
pub use cache::cached_sequences::{CachedLayer, CachedSequences, SourceLayout};
pub use cache::past_key_values::PastKeyValues;
pub use cache::prompts::Prompts;
pub use cache::shared_cache::{CacheLease, SharedCache};
pub use encoder_decoder::{EncoderDecoder, EncoderInput};
pub use families::families;
pub use family::Family;
pub use forward::call::ForwardCall;
pub use forward::encoder_decoder::shift_right;
pub use forward::input::{Packing, SequenceInput};
pub use forward::packed_batch::PackedBatch;
pub use forward::padded_array::PaddedArray;
pub use forward::seq2seq_call::{Seq2SeqCall, Seq2SeqOutput, SourceCall};
pub use head::Head;
pub use host::HostTensor;
pub use load::precision::DEFAULT_GROUP_SIZE;
pub use load::settings::{MAX_LABELS, Settings};
pub use load::state::{State, model_for_training, model_with_state, model_without_weights};
pub use load::{
    Dtype, LoadOptions, check_config, complete_config, load_gguf, load_model, model_types, new_model, quantization,
    unknown_config_keys,
};
pub use load_balance::LoadBalance;
pub use loss::{IGNORED, Labels};
pub use model::{Description, Model, ModelParameter};
pub use output::{
    ChunkedTensor, Gradients, ModelOutput, OutputFlags, OutputGradients, PackedOutput, WantedWeights, WeightGradients,
};
pub use recording::{RecordedPass, Recording};
pub use trustformers_checkpoint::StateNames;
pub use trustformers_ops::{AttentionKind, Bits, Grouping, Quantization};
