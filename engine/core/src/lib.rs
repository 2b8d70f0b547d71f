//! Errors, configuration reading, devices, dtypes and the sequences of a language model, shared by every engine crate.

mod config;
mod device;
mod dtype;
mod error;
mod sequences;

pub use config::{ConfigReader, read_json};
pub use device::Device;
pub use dtype::DType;
pub use error::{Error, Result};
pub use sequences::{Feed, LogitsOf, Sequences};
