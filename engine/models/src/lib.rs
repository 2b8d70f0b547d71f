//! The model zoo: one file per family and the registry.

mod albert;
mod assemble;
mod bert;
mod bloom;
mod cohere;
mod deberta_v2;
mod decoder;
mod distilbert;
mod electra;
mod encoder;
mod expert_keys;
mod falcon;
mod families;
mod family;
mod gathered;
mod gemma;
mod gemma2;
mod gpt2;
mod gpt_neo;
mod gpt_neox;
mod gpt_oss;
mod gptj;
mod granite;
mod head;
mod host;
mod initialize;
mod input;
mod llama;
mod loss;
mod mistral;
mod mixtral;
mod model;
mod modernbert;
mod mpnet;
mod olmo2;
mod opt;
mod past;
mod phi;
mod phi3;
mod post_norm;
mod qwen;
mod qwen_moe;
mod ragged;
mod roberta;
mod rope;
mod rotary_keys;
mod sequences;
mod settings;
mod stablelm;
mod starcoder2;
mod windows;

pub use families::{
    Dtype, Family, LoadOptions, complete_config, families, load_gguf, load_model, model_types, new_model,
    unknown_config_keys,
};
pub use head::Head;
pub use host::HostTensor;
pub use input::ModelInput;
pub use loss::{IGNORED, Labels, loss};
pub use model::{Description, Model, ModelOutput, Wanted};
pub use past::{CachedLayer, CachedSequences, PastKeyValues, Prompts};
pub use settings::Settings;
pub use trustformers_ops::{Bits, Grouping, Rounding};
