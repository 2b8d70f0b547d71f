use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use bytes::Bytes;
use trustformers_core::{Error, Result};

use super::damaged;
use super::pickle::{Node, State, Tensor, Value};
use crate::StoredTensor;
use crate::element::ElementType;
use crate::stored_tensor::RowOrder;

/// Bytes of the storages, by key.
pub(super) struct Storages {
    pub(super) is_big_endian: bool,
    pub(super) by_key: HashMap<String, Bytes>,
}

/// Limit of copied views, as a multiple of the file's size: views of a damaged file could expand to any size.
const MOST_COPIES: usize = 4;

/// Adds the tensors of a state dict to `tensors`; other values are skipped.
pub(super) fn collect(
    file: &Path,
    file_size: usize,
    state: &State,
    storages: &Storages,
    tensors: &mut BTreeMap<String, StoredTensor>,
) -> Result<()> {
    let Some(Node::Dict(entries)) = state.node(state.top()) else {
        let message = "it does not hold a state dict: save model.state_dict() or use model.save_pretrained(directory)";
        return Err(Error::weights(file, message));
    };
    let mut budget = file_size.saturating_mul(MOST_COPIES);
    let mut found = 0;
    for (key, value) in entries {
        let Some(Node::Tensor(tensor)) = state.node(*value) else { continue };
        let Some(name) = state.text(*key) else { continue };
        let (bytes, is_mapped) = elements(state, storages, tensor, &mut budget)
            .map_err(|message| damaged(file, format!("tensor {name}: {message}")))?;
        let stored = StoredTensor {
            file: file.to_owned(),
            element: ElementType::Plain(tensor.dtype),
            shape: tensor.shape.clone(),
            bytes,
            is_mapped,
            order: RowOrder::AsStored,
            scales: Bytes::new(),
        };
        tensors.insert(name.to_owned(), stored);
        found += 1;
    }
    let inner = |value: &Value| match state.node(*value) {
        Some(Node::Dict(entries)) => {
            entries.iter().any(|(_, value)| matches!(state.node(*value), Some(Node::Tensor(_))))
        }
        _ => false,
    };
    if found == 0
        && let Some((key, _)) = entries.iter().find(|(_, value)| inner(value))
    {
        let key = state.text(*key).unwrap_or("?");
        let message = format!(
            "its tensors are not at the top level but below the key \"{key}\": save that part alone, with \
             torch.save(torch.load(file)[\"{key}\"], file)"
        );
        return Err(Error::weights(file, message));
    }
    Ok(())
}

/// The elements of a view, row-major and little-endian, and whether they are the mapped bytes and not a copy.
fn elements(state: &State, storages: &Storages, tensor: &Tensor, budget: &mut usize) -> Result<(Bytes, bool), String> {
    let key = state.text(tensor.key).ok_or("its storage has no name")?;
    let storage = storages.by_key.get(key).ok_or_else(|| format!("its storage {key} is missing"))?;
    let size = tensor.dtype.bitsize() / 8;
    let beyond = || format!("it goes beyond the {} bytes of its storage {key}", storage.len());
    let count = tensor.shape.iter().try_fold(1_usize, |count, size| count.checked_mul(*size)).ok_or_else(beyond)?;
    if count == 0 {
        return Ok((Bytes::new(), false));
    }
    let last = tensor.shape.iter().zip(&tensor.strides).try_fold(tensor.offset, |last, (size, stride)| {
        (size - 1).checked_mul(*stride).and_then(|step| last.checked_add(step))
    });
    let end = last.and_then(|last| last.checked_add(1)?.checked_mul(size)).filter(|end| *end <= storage.len());
    let end = end.ok_or_else(beyond)?;
    if is_contiguous(tensor) && !(storages.is_big_endian && size > 1) {
        return Ok((storage.slice(tensor.offset * size..end), true));
    }
    let total = count.checked_mul(size).filter(|total| *total <= *budget);
    let total = total.ok_or("its views of the storages expand to too many bytes")?;
    *budget -= total;
    let mut bytes = Vec::with_capacity(total);
    let mut index = vec![0; tensor.shape.len()];
    let mut at = tensor.offset;
    for _ in 0..count {
        let element = &storage[at * size..][..size];
        if storages.is_big_endian {
            bytes.extend(element.iter().rev())
        } else {
            bytes.extend_from_slice(element)
        }
        for (dimension, coordinate) in index.iter_mut().enumerate().rev() {
            at += tensor.strides[dimension];
            *coordinate += 1;
            if *coordinate < tensor.shape[dimension] {
                break;
            }
            at -= tensor.strides[dimension] * *coordinate;
            *coordinate = 0;
        }
    }
    Ok((bytes.into(), false))
}

fn is_contiguous(tensor: &Tensor) -> bool {
    let mut expected = 1;
    tensor.shape.iter().zip(&tensor.strides).rev().all(|(size, stride)| {
        let fits = *size == 1 || *stride == expected;
        expected *= size;
        fits
    })
}
