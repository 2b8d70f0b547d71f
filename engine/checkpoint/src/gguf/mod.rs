//! GGUF files: file layout, quantization blocks, and the mapping to Hugging Face names and configurations.

mod architecture;
mod blocks;
mod config;
mod file;
mod metadata;
mod names;

pub use blocks::BlockType;
pub use file::GgufFile;
pub use metadata::Metadata;
