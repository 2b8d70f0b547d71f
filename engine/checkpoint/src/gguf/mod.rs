//! GGUF files: their layout, their blocks of quantized numbers, and their names for what models are made of.

mod architecture;
mod blocks;
mod config;
mod file;
mod metadata;
mod names;

pub use blocks::BlockType;
pub use file::GgufFile;
pub use metadata::Metadata;
