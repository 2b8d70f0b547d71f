use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use memmap2::Mmap;
pub use safetensors::Dtype;
use safetensors::SafeTensors;
use trustformers_core::{DType, Error, Result, read_json};

use crate::{INDEX_FILE, SINGLE_FILE};

/// A checkpoint's tensors, mapped into memory and not read before they are used.
///
/// The files must not be shortened by somebody else while the checkpoint or a tensor from it is alive: the operating
/// system answers reads beyond the new end with a signal.
#[derive(Debug)]
pub struct Checkpoint {
    root: PathBuf,
    tensors: BTreeMap<String, StoredTensor>,
}

/// A tensor as it lies in a checkpoint.
#[derive(Clone, Debug)]
pub struct StoredTensor {
    /// The file that holds it.
    pub file: PathBuf,
    /// Its element type.
    pub dtype: Dtype,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its elements, little-endian and row-major, where the file is mapped.
    pub bytes: Bytes,
}

impl StoredTensor {
    /// The parts of which the tensor is a stack; nothing if it is not one of so many.
    pub(crate) fn unstacked(&self, count: usize) -> Option<impl Iterator<Item = Self> + '_> {
        let (first, rest) = self.shape.split_first()?;
        if *first != count || count == 0 {
            return None;
        }
        let size = self.bytes.len() / count;
        let part = move |index: usize| Self {
            file: self.file.clone(),
            dtype: self.dtype,
            shape: rest.to_vec(),
            bytes: self.bytes.slice(index * size..(index + 1) * size),
        };
        Some((0..count).map(part))
    }

    /// The element type if weights can be computed in it.
    pub fn float_dtype(&self) -> Option<DType> {
        match self.dtype {
            Dtype::F32 => Some(DType::F32),
            Dtype::F16 => Some(DType::F16),
            Dtype::BF16 => Some(DType::BF16),
            _ => None,
        }
    }
}

impl Checkpoint {
    /// Opens `model.safetensors` or, if there is none, the shards that `model.safetensors.index.json` names.
    ///
    /// **Errors:** `Weights` if neither file is there, if a file is truncated or damaged, or if the index names a tensor
    /// that its shard lacks; `Io` if a file cannot be mapped.
    pub fn open(dir: &Path) -> Result<Self> {
        let single = dir.join(SINGLE_FILE);
        let index = dir.join(INDEX_FILE);
        let mut tensors = BTreeMap::new();
        if single.is_file() {
            map(&single, &mut tensors)?;
            return Ok(Self { root: single, tensors });
        }
        if !index.is_file() {
            let message = format!("no weights: neither {SINGLE_FILE} nor {INDEX_FILE} is there{}", other_weights(dir));
            return Err(Error::weights(dir, message));
        }
        let shard_of = weight_map(&index)?;
        let mut shards: Vec<_> = shard_of.values().collect();
        shards.sort_unstable();
        shards.dedup();
        for shard in shards {
            map(&dir.join(shard), &mut tensors)?;
        }
        for (name, shard) in &shard_of {
            if !tensors.contains_key(name) {
                return Err(Error::weights(
                    &index,
                    format!("tensor {name} is not in {shard}, where the index puts it"),
                ));
            }
        }
        Ok(Self { root: index, tensors })
    }

    /// The file that stands for the whole: the single file or the index.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All tensors by name.
    pub fn tensors(&self) -> &BTreeMap<String, StoredTensor> {
        &self.tensors
    }

    /// The element type of the first tensor, by name, that is floating point.
    pub fn dtype(&self) -> Option<DType> {
        self.tensors.values().find_map(StoredTensor::float_dtype)
    }
}

fn map(file: &Path, tensors: &mut BTreeMap<String, StoredTensor>) -> Result<()> {
    let handle = File::open(file).map_err(|source| Error::io(file, source))?;
    // SAFETY: the mapping is read-only and private to this checkpoint; that nobody shortens the file meanwhile is the
    // documented condition of `Checkpoint`.
    let mapped = unsafe { Mmap::map(&handle) }.map_err(|source| Error::io(file, source))?;
    let mapped = Bytes::from_owner(mapped);
    let parsed = SafeTensors::deserialize(&mapped).map_err(|error| {
        Error::weights(file, format!("not a whole safetensors file ({} bytes): {error}", mapped.len()))
    })?;
    for (name, view) in parsed.iter() {
        let tensor = StoredTensor {
            file: file.to_owned(),
            dtype: view.dtype(),
            shape: view.shape().to_vec(),
            bytes: mapped.slice_ref(view.data()),
        };
        if let Some(first) = tensors.insert(name.to_owned(), tensor) {
            let message = format!("tensor {name} is also in {}", first.file.display());
            return Err(Error::weights(file, message));
        }
    }
    Ok(())
}

fn weight_map(index: &Path) -> Result<BTreeMap<String, String>> {
    let json = read_json(index)?;
    let wrong = || Error::weights(index, "\"weight_map\" is not an object of tensor names and file names");
    let entries = json.get("weight_map").and_then(|map| map.as_object()).ok_or_else(wrong)?;
    let mut shard_of = BTreeMap::new();
    for (name, shard) in entries {
        let shard = shard.as_str().ok_or_else(wrong)?;
        // An index is foreign input: it may name files beside it, nothing else.
        if Path::new(shard).file_name() != Some(shard.as_ref()) {
            return Err(Error::weights(
                index,
                format!("tensor {name} is put into {shard:?}, which is not a plain file name"),
            ));
        }
        shard_of.insert(name.clone(), shard.to_owned());
    }
    Ok(shard_of)
}

fn other_weights(dir: &Path) -> &'static str {
    if dir.join("pytorch_model.bin").is_file() {
        "; pytorch_model.bin is, but it can run code when it is read: convert it with transformers' \
         model.save_pretrained(directory, safe_serialization=True)"
    } else {
        ""
    }
}
