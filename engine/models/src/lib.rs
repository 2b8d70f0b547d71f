//! The model zoo: one file per family and the registry.

mod bert;
mod encoder;
mod families;
mod host;
mod input;
mod ragged;

pub use encoder::{Encoder, EncoderOutput};
pub use families::{Dtype, LoadOptions, load_encoder, model_types};
pub use host::HostTensor;
pub use input::EncoderInput;
