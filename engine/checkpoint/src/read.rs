use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use trustformers_core::{ADAPTER_CONFIG, DType, Error, Result, WeightFiles, read_json};
use trustformers_tensor::Tensor;

use crate::element::ElementType;
use crate::gguf::GgufFile;
use crate::packed::{PackedLayer, PackedLayout, PackedScheme, mxfp4};
use crate::rule::{Rule, Rules};
use crate::safetensors_file::{Access, SafetensorsFile};
use crate::stored_tensor::StoredTensor;
use crate::torch;

/// A checkpoint's tensors, memory-mapped and read on first use.
///
/// The files must not be truncated while the checkpoint or one of its tensors is alive: the operating system raises a
/// signal for reads beyond the new end.
#[derive(Debug)]
pub struct Checkpoint {
    root: PathBuf,
    tensors: BTreeMap<String, StoredTensor>,
    is_gguf: bool,
    /// Whether quantized weights are dequantized on loading.
    dequantizes: bool,
}

impl Checkpoint {
    /// Opens the weights of a directory with [`WeightFiles::default`].
    ///
    /// **Errors:** as [`open_files`](Self::open_files).
    pub fn open(dir: &Path) -> Result<Self> {
        Self::open_files(dir, &WeightFiles::default())
    }

    /// Opens the first of `files` that exists in a directory: safetensors or `pytorch_model.bin`, as one file or as an
    /// index with shards. If several shards hold a tensor, the last one wins.
    ///
    /// **Errors:** `Weights` if there is no weight file (the message lists what was found) or if a file is missing,
    /// truncated or damaged; `Io` if a file cannot be mapped.
    pub fn open_files(dir: &Path, files: &WeightFiles) -> Result<Self> {
        let Some(name) = files.names().into_iter().find(|name| dir.join(name).is_file()) else {
            let adapter_config = dir.join(ADAPTER_CONFIG);
            return Err(Error::weights(dir, files.not_found(&file_names(dir), Some(&adapter_config))));
        };
        let root = dir.join(&name);
        let mut tensors = BTreeMap::new();
        if !name.ends_with(".json") {
            map(&root, &mut tensors)?;
            return Ok(Self { root, tensors, is_gguf: false, dequantizes: false });
        }
        for shard in shards(&root)? {
            let file = dir.join(&shard);
            if !file.is_file() {
                return Err(Error::weights(&root, format!("names the shard {shard}, which does not exist")));
            }
            map(&file, &mut tensors)?;
        }
        Ok(Self { root, tensors, is_gguf: false, dequantizes: false })
    }

    /// The tensors of a GGUF file by their Hugging Face names.
    ///
    /// **Errors:** `Unsupported` for an unsupported architecture; `Weights` naming an unexpected tensor, or a missing
    /// or invalid key.
    pub fn of_gguf(file: &GgufFile) -> Result<Self> {
        let tensors = file.named_tensors()?;
        Ok(Self { root: file.metadata().file().to_owned(), tensors, is_gguf: true, dequantizes: false })
    }

    /// A checkpoint of copies of tensors, called `root` in errors.
    ///
    /// **Errors:** `Internal` if elements cannot be read.
    pub fn of_tensors(root: &Path, tensors: impl IntoIterator<Item = (String, Tensor)>) -> Result<Self> {
        Self::of_stored(root, tensors, |tensor| Ok(tensor.to_bytes()?.to_vec().into()))
    }

    /// A checkpoint that shares the memory of contiguous tensors on the CPU, called `root` in errors.
    ///
    /// **Errors:** `Internal` if elements cannot be read.
    pub fn sharing(root: &Path, tensors: impl IntoIterator<Item = (String, Tensor)>) -> Result<Self> {
        Self::of_stored(root, tensors, Tensor::to_bytes)
    }

    fn of_stored(
        root: &Path,
        tensors: impl IntoIterator<Item = (String, Tensor)>,
        bytes: impl Fn(&Tensor) -> Result<bytes::Bytes>,
    ) -> Result<Self> {
        let stored = |(name, tensor): (String, Tensor)| {
            let bytes = bytes(&tensor)?;
            Ok((name, StoredTensor::of_elements(root, &tensor, bytes)))
        };
        let tensors = tensors.into_iter().map(stored).collect::<Result<_>>()?;
        Ok(Self { root: root.to_owned(), tensors, is_gguf: false, dequantizes: false })
    }

    /// Makes loading dequantize all quantized weights.
    #[must_use]
    pub fn dequantized(self) -> Self {
        Self { dequantizes: true, ..self }
    }

    /// Whether the checkpoint has quantized weights that stay quantized on backends that support it.
    pub fn is_quantized(&self) -> bool {
        let is_quantized = |tensor: &StoredTensor| !matches!(tensor.element, ElementType::Plain(_));
        !self.dequantizes && self.tensors.values().any(is_quantized)
    }

    /// Replaces the tensors of each packed layer with one quantized matrix.
    ///
    /// **Errors:** `Weights` naming a tensor that is missing or has the wrong shape.
    pub fn join(&mut self, scheme: PackedScheme) -> Result<()> {
        match scheme.layout {
            PackedLayout::Mxfp4 => mxfp4::join_all(&self.root, &mut self.tensors),
            _ => PackedLayer::join_all(&self.root, &mut self.tensors, scheme),
        }
    }

    /// A family's rules adapted to this checkpoint: GGUF files have no transposed matrices, and fused layers are not
    /// interleaved.
    pub(crate) fn adapted(&self, rules: &Rules) -> Rules {
        let mut rules = rules.clone();
        if self.is_gguf {
            rules.0.retain(|rule| !matches!(rule, Rule::Transposed(_)));
            for rule in &mut rules.0 {
                if let Rule::Fused { groups, .. } = rule {
                    *groups = 1;
                }
            }
        }
        rules
    }

    /// The checkpoint's main file: the single weight file or the index.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The tensors by name.
    pub fn tensors(&self) -> &BTreeMap<String, StoredTensor> {
        &self.tensors
    }

    /// The tensor whose name has this end, the first by name.
    pub fn ending_in(&self, end: &str) -> Option<(&str, &StoredTensor)> {
        let mut found = self.tensors.iter().filter(|(name, _)| name.ends_with(end));
        found.next().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// Adds a tensor, or replaces the one of the same name.
    pub fn insert(&mut self, name: String, tensor: StoredTensor) {
        self.tensors.insert(name, tensor);
    }

    /// Leaves a tensor out.
    pub fn remove(&mut self, name: &str) {
        self.tensors.remove(name);
    }

    /// The dtype of the first f32, f16 or bf16 tensor, by name; f32 if there are only other floating point types.
    pub fn dtype(&self) -> Option<DType> {
        let is_other = || self.tensors.values().any(|tensor| tensor.element.is_float());
        self.tensors.values().find_map(StoredTensor::float_dtype).or_else(|| is_other().then_some(DType::F32))
    }
}

fn map(file: &Path, tensors: &mut BTreeMap<String, StoredTensor>) -> Result<()> {
    if file.extension().is_none_or(|ending| ending != "safetensors") {
        return torch::map(file, tensors);
    }
    tensors.extend(SafetensorsFile::open(file, Access::ReadOnly)?.into_tensors());
    Ok(())
}

/// File names of the shards in an index, sorted.
fn shards(index: &Path) -> Result<BTreeSet<String>> {
    let json = read_json(index)?;
    let wrong = || Error::weights(index, "\"weight_map\" is not an object of tensor names and file names");
    let entries = json.get("weight_map").and_then(|map| map.as_object()).ok_or_else(wrong)?;
    let shard = |(name, shard): (&String, &serde_json::Value)| {
        let shard = shard.as_str().ok_or_else(wrong)?;
        // An index is untrusted input: it may only name files in its own directory.
        if Path::new(shard).file_name() != Some(shard.as_ref()) {
            let message = format!("tensor {name} is mapped to {shard:?}, which is not a plain file name");
            return Err(Error::weights(index, message));
        }
        Ok(shard.to_owned())
    };
    entries.iter().map(shard).collect()
}

/// Names of a directory's files, sorted.
fn file_names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}
