//! Bytes to modules and back: memory-mapped safetensors and GGUF, and name rules with inverses.

mod element;
mod gguf;
mod groups;
mod load;
mod part;
mod read;
mod rule;
mod save;

pub use element::ElementType;
pub use gguf::{BlockType, GgufFile, Metadata};
pub use groups::Groups;
pub use load::{FieldPath, LoadReport, Loaded, cast, load};
pub use read::{Checkpoint, StoredTensor};
pub use rule::{Rule, Rules};
pub use save::save;

/// The name of a checkpoint of one file.
pub const SINGLE_FILE: &str = "model.safetensors";
/// The name of the index of a sharded checkpoint.
pub const INDEX_FILE: &str = "model.safetensors.index.json";
