use std::collections::BTreeMap;
use std::path::Path;

use safetensors::Dtype;
use trustformers_core::{Error, Result};

use crate::element::ElementType;
use crate::fp4::GROUP;
use crate::stored_tensor::{RowOrder, StoredTensor};

const GROUP_BYTES: usize = GROUP / 2;
/// Name suffix of the packed FP4 values.
const CODES: &str = "_blocks";

/// Replaces each pair of `_blocks` and `_scales` tensors with one stack of quantized matrices.
///
/// **Errors:** `Weights` naming a tensor that is missing or has the wrong shape, or if there is no such pair.
pub(crate) fn join_all(root: &Path, tensors: &mut BTreeMap<String, StoredTensor>) -> Result<()> {
    let names: Vec<String> = tensors.keys().filter_map(|name| name.strip_suffix(CODES)).map(str::to_owned).collect();
    if names.is_empty() {
        let message = format!("config.json says that layers are quantized, but no tensor name ends with {CODES}");
        return Err(Error::weights(root, message));
    }
    for name in names {
        let mut take = |end: &str| tensors.remove(&format!("{name}{end}"));
        let missing =
            |end: &str| Error::weights(root, format!("tensor {name}{end} is missing, which {name}{CODES} needs"));
        let quantized = take(CODES).ok_or_else(|| missing(CODES))?;
        let scales = take("_scales").ok_or_else(|| missing("_scales"))?;
        let stack = joined(&name, quantized, scales)?;
        tensors.insert(name, stack);
    }
    Ok(())
}

/// Joins a pair of tensors.
///
/// **Shapes:** `quantized values: [matrices, outputs, groups, 16]`, `scales: [matrices, outputs, groups]`.
fn joined(name: &str, quantized: StoredTensor, scales: StoredTensor) -> Result<StoredTensor> {
    for (end, tensor) in [(CODES, &quantized), ("_scales", &scales)] {
        if tensor.element != ElementType::Plain(Dtype::U8) {
            let message = format!("{name}{end} is {}, expected U8", tensor.element);
            return Err(Error::weights(&tensor.file, message));
        }
    }
    let &[count, outputs, groups, GROUP_BYTES] = &quantized.shape[..] else {
        let message = format!("{name}{CODES} is {:?}, expected [_, _, _, {GROUP_BYTES}]", quantized.shape);
        return Err(Error::weights(&quantized.file, message));
    };
    if scales.shape != [count, outputs, groups] {
        let message = format!("{name}_scales is {:?}, expected {:?}", scales.shape, [count, outputs, groups]);
        return Err(Error::weights(&scales.file, message));
    }
    let shape = vec![count, outputs, groups * GROUP];
    let (element, order) = (ElementType::Mxfp4, RowOrder::Outputs);
    Ok(StoredTensor {
        file: quantized.file,
        element,
        shape,
        bytes: quantized.bytes,
        is_mapped: quantized.is_mapped,
        order,
        scales: scales.bytes,
    })
}
