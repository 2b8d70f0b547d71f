//! Errors, configuration reading, devices and dtypes shared by every engine crate.

mod config;
mod device;
mod dtype;
mod error;

pub use config::{ConfigReader, read_json};
pub use device::Device;
pub use dtype::DType;
pub use error::{Error, Result};
