//! Loading and saving of checkpoints: memory-mapped safetensors, `torch.save` files and GGUF, packed quantized layers,
//! and invertible rules for parameter names.

mod element;
mod fp4;
mod gguf;
mod load;
mod packed;
mod part;
mod place;
mod quantized;
mod read;
mod rule;
mod safetensors_file;
mod save;
mod state;
mod stored_tensor;
mod torch;

pub use element::ElementType;
pub use gguf::{BlockType, GgufFile, Metadata};
pub use load::{FieldPath, LoadReport, Loaded, QuantizedTensors, cast, load, load_some};
pub use packed::{PackedLayout, PackedScheme};
pub use place::{Place, places};
pub use read::Checkpoint;
pub use rule::{Rule, Rules, StateNames};
pub use safetensors_file::{Access, SafetensorsFile, write_tensors, written_tensors};
pub use save::save;
pub use state::{Parameter, parameters};
pub use stored_tensor::StoredTensor;

/// File name of an unsharded checkpoint.
pub const SINGLE_FILE: &str = "model.safetensors";
/// File name of the index of a sharded checkpoint.
pub const INDEX_FILE: &str = "model.safetensors.index.json";
