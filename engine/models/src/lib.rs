//! The model zoo: one file per family and the registry.

mod albert;
mod bert;
mod deberta_v2;
mod distilbert;
mod electra;
mod encoder;
mod families;
mod head;
mod host;
mod initialize;
mod input;
mod loss;
mod modernbert;
mod mpnet;
mod post_norm;
mod ragged;
mod roberta;
mod settings;

pub use encoder::{Encoder, EncoderOutput, Wanted};
pub use families::{Dtype, Family, LoadOptions, config_defaults, families, load_encoder, model_types, new_encoder};
pub use head::Head;
pub use host::HostTensor;
pub use input::EncoderInput;
pub use loss::{Labels, loss};
pub use settings::Settings;
