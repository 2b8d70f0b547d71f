//! Errors, configuration reading, devices, dtypes and the sequences of a language model, shared by every engine crate.

mod config;
mod device;
mod dtype;
mod error;
mod json;
mod sequences;
mod weight_files;

pub use config::ConfigReader;
pub use device::Device;
pub use dtype::DType;
pub use error::{Error, Result};
pub use json::{check_lfs_pointer, parse_json, read_json};
pub use sequences::{Feed, LogitsOf, Sequences, Source};
pub use weight_files::{ADAPTER_CONFIG, WeightFiles, adapter_advice};
