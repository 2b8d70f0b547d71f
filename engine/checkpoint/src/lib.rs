//! Bytes to modules and back: memory-mapped safetensors, files of `torch.save` and GGUF, packed layers, and name rules with inverses.

mod codes;
mod element;
mod gguf;
mod load;
mod packed;
mod part;
mod read;
mod rule;
mod save;
mod torch;

pub use element::ElementType;
pub use gguf::{BlockType, GgufFile, Metadata};
pub use load::{FieldPath, LoadReport, Loaded, StoredCodes, cast, load};
pub use packed::{PackedLayout, PackedScheme};
pub use read::{Checkpoint, StoredTensor};
pub use rule::{Rule, Rules};
pub use save::save;

/// The name of a checkpoint of one file.
pub const SINGLE_FILE: &str = "model.safetensors";
/// The name of the index of a sharded checkpoint.
pub const INDEX_FILE: &str = "model.safetensors.index.json";
