//! Layers whose codes are packed into words: GPTQ, arXiv 2210.17323, and AWQ, arXiv 2306.00978. Layouts as AutoGPTQ,
//! GPTQModel and AutoAWQ write them.

mod layer;
mod scheme;

pub use scheme::{PackedLayout, PackedScheme};

pub(crate) use layer::PackedLayer;
