//! Packed quantized layers: GPTQ, arXiv 2210.17323, and AWQ, arXiv 2306.00978, in the layouts of AutoGPTQ, GPTQModel
//! and AutoAWQ; MXFP4 in the layout of openai/gpt-oss-20b.

mod layer;
pub(crate) mod mxfp4;
mod scheme;

pub use scheme::{PackedLayout, PackedScheme};

pub(crate) use layer::PackedLayer;
