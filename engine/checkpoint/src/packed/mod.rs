//! Layers whose codes are packed: GPTQ, arXiv 2210.17323, and AWQ, arXiv 2306.00978, in the layouts of AutoGPTQ,
//! GPTQModel and AutoAWQ; MXFP4 as openai/gpt-oss-20b has it.

mod layer;
pub(crate) mod mxfp4;
mod scheme;

pub use scheme::{PackedLayout, PackedScheme};

pub(crate) use layer::PackedLayer;
