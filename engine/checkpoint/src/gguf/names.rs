use std::collections::BTreeMap;

use safetensors::Dtype;
use trustformers_core::{Error, Result};

use super::GgufFile;
use super::architecture::{Architecture, HEADS, KV_HEADS, SHARED_EXPERT_GATE, Stack};
use crate::element::ElementType;
use crate::stored_tensor::{RowOrder, StoredTensor};

/// Tensors of rotary scaling factors, which the configuration holds.
pub(super) const ROPE_FREQUENCIES: &str = "rope_freqs.weight";
pub(super) const LONG_ROPE_FACTORS: &str = "rope_factors_long.weight";
pub(super) const SHORT_ROPE_FACTORS: &str = "rope_factors_short.weight";

impl GgufFile {
    /// The tensors by their Hugging Face names, with the transformations of the GGUF conversion undone.
    ///
    /// **Errors:** `Weights` naming a tensor that the architecture does not have or whose shape is invalid.
    pub(crate) fn named_tensors(&self) -> Result<BTreeMap<String, StoredTensor>> {
        let architecture = self.architecture()?;
        let heads = [HEADS, KV_HEADS].map(|name| self.size(architecture, name));
        let [heads, kv_heads] = heads;
        let heads = heads?;
        let kv_heads = kv_heads?.or(heads);
        let mut tensors = BTreeMap::new();
        for (stored, tensor) in &self.tensors {
            if [ROPE_FREQUENCIES, LONG_ROPE_FACTORS, SHORT_ROPE_FACTORS].contains(&stored.as_str()) {
                continue;
            }
            let wrong = |message: String| Error::weights(self.metadata().file(), format!("tensor {stored}: {message}"));
            let Some((part, mut name)) = model_name(architecture, stored) else {
                return Err(wrong(format!("the architecture \"{}\" has no tensor of this name", architecture.name)));
            };
            if part == "ffn_up" && !architecture.stacks.is_empty() && !self.has_gates() {
                name = name.replace(".wi_1.", ".wi.");
            }
            let mut tensor = tensor.clone();
            if architecture.has_offset_norms && stored.ends_with("norm.weight") {
                tensor = tensor.less_one().ok_or_else(|| wrong(format!("is {}, expected F32", tensor.element)))?;
            }
            if part == SHARED_EXPERT_GATE && tensor.shape.len() == 1 {
                tensor.shape.insert(0, 1);
            }
            let heads = match part {
                "attn_q" if architecture.has_paired_rows => heads,
                "attn_k" if architecture.has_paired_rows => kv_heads,
                _ => None,
            };
            if let Some(heads) = heads {
                let rows = tensor.shape[0];
                if heads == 0 || !rows.is_multiple_of(2 * heads) {
                    return Err(wrong(format!("{rows} rows cannot be split into {heads} heads of an even size")));
                }
                tensor.order = RowOrder::Interleaved { head_dim: rows / heads };
            }
            match name.split_once('*') {
                None => drop(tensors.insert(name, tensor)),
                Some((start, end)) => {
                    let experts = tensor.unstacked(tensor.shape[0]).filter(|_| tensor.shape.len() == 3);
                    let experts = experts.ok_or_else(|| wrong(format!("is {:?}, expected a stack", tensor.shape)))?;
                    tensors.extend(experts.enumerate().map(|(index, expert)| (format!("{start}{index}{end}"), expert)));
                }
            }
        }
        Ok(tensors)
    }

    /// Whether layers have a gate beside `ffn_up`.
    pub(super) fn has_gates(&self) -> bool {
        self.tensors.keys().any(|name| name.ends_with(".ffn_gate.weight"))
    }

    /// The values of an F32 tensor; `None` if the file lacks it.
    pub(super) fn vector(&self, name: &str) -> Result<Option<Vec<f32>>> {
        let Some(tensor) = self.tensors.get(name) else { return Ok(None) };
        let values = tensor.floats();
        let wrong = || format!("tensor {name} is {}, expected F32", tensor.element);
        values.map(Some).ok_or_else(|| Error::weights(self.metadata().file(), wrong()))
    }
}

/// GGUF name without layer and suffix, and the Hugging Face name of a tensor.
fn model_name<'a>(architecture: &Architecture, stored: &'a str) -> Option<(&'a str, String)> {
    let (stem, suffix) = stored.rsplit_once('.').filter(|(_, suffix)| ["weight", "bias"].contains(suffix))?;
    let one = Stack { stored: "blk.", layers: architecture.layers, layer_parts: architecture.layer_parts };
    let stacks = if architecture.stacks.is_empty() { &[one] } else { architecture.stacks };
    let found = stacks.iter().find_map(|stack| Some((stack, stem.strip_prefix(stack.stored)?)));
    let (part, names) = match found {
        Some((stack, rest)) => (rest.split_once('.')?.1, stack.layer_parts),
        None => (stem, architecture.parts),
    };
    let (_, name) = names.iter().copied().flatten().find(|(known, _)| *known == part)?;
    let name = match found {
        Some((stack, rest)) => {
            let layer = rest.split_once('.')?.0.parse::<usize>().ok()?;
            format!("{}.{layer}.{name}.{suffix}", stack.layers)
        }
        None => format!("{name}.{suffix}"),
    };
    Some((part, name))
}

impl StoredTensor {
    /// The values of an F32 tensor; `None` for other element types.
    fn floats(&self) -> Option<Vec<f32>> {
        let bytes = self.bytes.chunks_exact(4);
        let values = bytes.map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        (self.element == ElementType::Plain(Dtype::F32)).then(|| values.collect())
    }

    fn less_one(&self) -> Option<Self> {
        let values = self.floats()?;
        let bytes: Vec<u8> = values.into_iter().flat_map(|value| (value - 1.0).to_le_bytes()).collect();
        Some(Self { bytes: bytes.into(), is_mapped: false, ..self.clone() })
    }
}
