use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use burn::tensor::{bf16, f16};
use bytes::Bytes;
use memmap2::Mmap;
use safetensors::{Dtype, SafeTensors};
use trustformers_core::{ADAPTER_CONFIG, DType, Error, Result, WeightFiles, check_lfs_pointer, read_json};
use trustformers_ops::Groups;

use crate::codes;
use crate::element::ElementType;
use crate::gguf::GgufFile;
use crate::packed::{PackedLayer, PackedLayout, PackedScheme, mxfp4};
use crate::rule::{Rule, Rules};
use crate::torch;

/// A checkpoint's tensors, mapped into memory and not read before they are used.
///
/// The files must not be shortened by somebody else while the checkpoint or a tensor from it is alive: the operating
/// system answers reads beyond the new end with a signal.
#[derive(Debug)]
pub struct Checkpoint {
    root: PathBuf,
    tensors: BTreeMap<String, StoredTensor>,
    is_gguf: bool,
    /// Whether codes become numbers as they are loaded.
    is_in_numbers: bool,
}

/// A tensor as it lies in a checkpoint.
#[derive(Clone, Debug)]
pub struct StoredTensor {
    /// The file that holds it.
    pub file: PathBuf,
    /// How its elements are spelled.
    pub element: ElementType,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its elements, little-endian and row-major, where the file is mapped.
    pub bytes: Bytes,
    /// Where its rows lie.
    pub(crate) order: RowOrder,
    /// Of MXFP4 the scales, which lie apart from the codes.
    pub(crate) scales: Bytes,
}

/// Where the rows of a stored tensor lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowOrder {
    /// One behind the other.
    AsStored,
    /// The same of a matrix whose rows are a layer's outputs, whatever the rules of its family say.
    Outputs,
    /// Those of each head in pairs, one of its first half and one of its second.
    Pairs {
        /// Rows of a head.
        head_dim: usize,
    },
}

impl RowOrder {
    fn place(self, row: usize) -> usize {
        match self {
            Self::AsStored | Self::Outputs => row,
            Self::Pairs { head_dim } => {
                let (head, row) = (row / head_dim, row % head_dim);
                head * head_dim + 2 * (row % (head_dim / 2)) + row / (head_dim / 2)
            }
        }
    }
}

impl StoredTensor {
    /// The parts of which the tensor is a stack; nothing if it is not one of so many.
    pub(crate) fn unstacked(&self, count: usize) -> Option<impl Iterator<Item = Self> + '_> {
        let (first, rest) = self.shape.split_first()?;
        if *first != count || count == 0 {
            return None;
        }
        let slice = move |bytes: &Bytes, index: usize| {
            let size = bytes.len() / count;
            bytes.slice(index * size..(index + 1) * size)
        };
        let part = move |index: usize| Self {
            file: self.file.clone(),
            element: self.element,
            shape: rest.to_vec(),
            bytes: slice(&self.bytes, index),
            order: if self.order == RowOrder::Outputs { RowOrder::Outputs } else { RowOrder::AsStored },
            scales: slice(&self.scales, index),
        };
        Some((0..count).map(part))
    }

    /// Some of the rows, in runs of start and length: where they are mapped if they lie together, otherwise a copy. Rows
    /// are the parts along the first dimension.
    pub(crate) fn rows(&self, runs: &[(usize, usize)]) -> Self {
        let count = runs.iter().map(|(_, rows)| rows).sum();
        let part = |all: &Bytes| {
            let size = all.len().checked_div(self.shape[0]).unwrap_or(0);
            match (self.order, runs) {
                (RowOrder::AsStored | RowOrder::Outputs, [(start, rows)]) => {
                    all.slice(start * size..(start + rows) * size)
                }
                (order, runs) => {
                    let rows = runs.iter().flat_map(|(start, rows)| *start..start + rows);
                    let mut bytes = Vec::with_capacity(count * size);
                    rows.for_each(|row| bytes.extend_from_slice(&all[order.place(row) * size..][..size]));
                    bytes.into()
                }
            }
        };
        let shape = [&[count], &self.shape[1..]].concat();
        let (bytes, scales) = (part(&self.bytes), part(&self.scales));
        Self { file: self.file.clone(), element: self.element, shape, bytes, order: RowOrder::AsStored, scales }
    }

    /// The element type if weights can be computed in it.
    pub fn float_dtype(&self) -> Option<DType> {
        self.element.float_dtype()
    }

    /// The values in float32, if they are floating point numbers that are stored one by one.
    pub fn in_f32(&self) -> Option<Vec<f32>> {
        let dtype = self.float_dtype()?;
        let pairs = || self.bytes.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
        Some(match dtype {
            DType::F32 => self.bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
            DType::F16 => pairs().map(|pair| f16::from_le_bytes(pair).to_f32()).collect(),
            DType::BF16 => pairs().map(|pair| bf16::from_le_bytes(pair).to_f32()).collect(),
        })
    }

    /// Whether the loader understands the elements.
    pub(crate) fn is_readable(&self) -> bool {
        self.float_dtype().is_some() || !matches!(self.element, ElementType::Plain(_)) || self.element.is_widened()
    }

    /// Whether the rows lie as the shape says.
    pub(crate) fn is_in_order(&self) -> bool {
        matches!(self.order, RowOrder::AsStored | RowOrder::Outputs)
    }

    /// The same values in float32, if they are stored one by one in another type than weights are computed in.
    pub(crate) fn widened(self) -> Self {
        if self.float_dtype().is_some() {
            return self;
        }
        let Some(values) = self.element.widen(&self.bytes) else { return self };
        let bytes: Vec<u8> = values.into_iter().flat_map(f32::to_le_bytes).collect();
        Self { element: ElementType::Plain(Dtype::F32), bytes: bytes.into(), ..self }
    }

    /// The same values in float32, if they are stored in blocks.
    pub(crate) fn in_floats(&self) -> Self {
        let Some(values) = self.dequantized() else { return self.clone() };
        let bytes: Vec<u8> = values.into_iter().flat_map(f32::to_le_bytes).collect();
        Self { element: ElementType::Plain(Dtype::F32), bytes: bytes.into(), ..self.clone() }
    }

    /// Whether the tensor is a matrix of codes.
    pub(crate) fn has_codes(&self) -> bool {
        !matches!(self.element, ElementType::Plain(_)) && self.shape.len() == 2
    }

    /// The codes and scales of a matrix that is stored so, without loss; nothing if its elements are stored one by one, or
    /// if it is no matrix.
    pub fn groups(&self) -> Option<Groups> {
        let &[n, k] = &self.shape[..] else { return None };
        let grouping = match self.element {
            ElementType::Plain(_) => return None,
            ElementType::Blocks(block) => block.grouping(),
            ElementType::Codes(grouping) => grouping,
            ElementType::Mxfp4 => mxfp4::GROUPING,
        };
        let ordered = self.rows(&[(0, n)]);
        let mut codes = vec![0; n * k];
        let mut scales = vec![0.0; n * k / grouping.group_size];
        let mut minimums = vec![0.0; if grouping.has_minimums { scales.len() } else { 0 }];
        match self.element {
            ElementType::Blocks(block) => block.decode(&ordered.bytes, &mut codes, &mut scales, &mut minimums),
            ElementType::Mxfp4 => mxfp4::decode(&ordered.bytes, &ordered.scales, &mut codes, &mut scales),
            _ => codes::decode(grouping, &ordered.bytes, &mut codes, &mut scales, &mut minimums),
        }
        Some(Groups { shape: [n, k], grouping, codes, scales, minimums })
    }

    /// The values of a tensor that is stored in blocks.
    pub fn dequantized(&self) -> Option<Vec<f32>> {
        match self.element {
            ElementType::Plain(_) => None,
            ElementType::Codes(_) | ElementType::Mxfp4 => self.groups().map(|groups| groups.values()),
            ElementType::Blocks(block) => {
                let mut values = vec![0.0; self.shape.iter().product()];
                block.dequantize(&self.bytes, &mut values);
                Some(values)
            }
        }
    }
}

impl Checkpoint {
    /// Opens the weights that [`WeightFiles::default`] finds in a directory.
    ///
    /// **Errors:** those of [`open_files`](Self::open_files).
    pub fn open(dir: &Path) -> Result<Self> {
        Self::open_files(dir, &WeightFiles::default())
    }

    /// Opens the first of `files` that a directory has: safetensors or `pytorch_model.bin`, as one file or as the shards
    /// that an index names. Of tensors that several shards hold, the last shard's stay.
    ///
    /// **Errors:** `Weights` if no file is there (the message says what is) or if one is missing, truncated or damaged; `Io`
    /// if one cannot be mapped.
    pub fn open_files(dir: &Path, files: &WeightFiles) -> Result<Self> {
        let Some(name) = files.names().into_iter().find(|name| dir.join(name).is_file()) else {
            let adapter_config = dir.join(ADAPTER_CONFIG);
            return Err(Error::weights(dir, files.not_found(&file_names(dir), Some(&adapter_config))));
        };
        let root = dir.join(&name);
        let mut tensors = BTreeMap::new();
        if !name.ends_with(".json") {
            map(&root, &mut tensors)?;
            return Ok(Self { root, tensors, is_gguf: false, is_in_numbers: false });
        }
        for shard in shards(&root)? {
            let file = dir.join(&shard);
            if !file.is_file() {
                return Err(Error::weights(&root, format!("names the shard {shard}, which is not there")));
            }
            map(&file, &mut tensors)?;
        }
        Ok(Self { root, tensors, is_gguf: false, is_in_numbers: false })
    }

    /// The tensors of a GGUF file under the names that the model's own checkpoints have for them.
    ///
    /// **Errors:** `Unsupported` if models of the file's architecture are not made here; `Weights` naming a tensor that
    /// the architecture does not have or a key that is missing or wrong.
    pub fn of_gguf(file: &GgufFile) -> Result<Self> {
        let tensors = file.named_tensors()?;
        Ok(Self { root: file.metadata().file().to_owned(), tensors, is_gguf: true, is_in_numbers: false })
    }

    /// The same, whose codes become floating point numbers when parameters are loaded.
    #[must_use]
    pub fn in_numbers(self) -> Self {
        Self { is_in_numbers: true, ..self }
    }

    /// Whether it has codes that stay codes where a backend computes with them.
    pub fn keeps_codes(&self) -> bool {
        let has_codes = |tensor: &StoredTensor| !matches!(tensor.element, ElementType::Plain(_));
        !self.is_in_numbers && self.tensors.values().any(has_codes)
    }

    /// Puts one matrix in the place of the tensors of each layer that is packed in a way.
    ///
    /// **Errors:** `Weights` naming a tensor that is missing or does not fit.
    pub fn join(&mut self, scheme: PackedScheme) -> Result<()> {
        match scheme.layout {
            PackedLayout::Mxfp4 => mxfp4::join_all(&self.root, &mut self.tensors),
            _ => PackedLayer::join_all(&self.root, &mut self.tensors, scheme),
        }
    }

    /// The rules of a family as they are for this checkpoint: GGUF files have no matrix with inputs as rows, and fused
    /// layers one behind the other.
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

    /// The file that stands for the whole: the single file or the index.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All tensors by name.
    pub fn tensors(&self) -> &BTreeMap<String, StoredTensor> {
        &self.tensors
    }

    /// The element type of the first tensor, by name, that is floating point; float32 where no weights are computed in
    /// that type.
    pub fn dtype(&self) -> Option<DType> {
        let is_other = || self.tensors.values().any(|tensor| tensor.element.is_float());
        self.tensors.values().find_map(StoredTensor::float_dtype).or_else(|| is_other().then_some(DType::F32))
    }
}

fn map(file: &Path, tensors: &mut BTreeMap<String, StoredTensor>) -> Result<()> {
    if file.extension().is_none_or(|ending| ending != "safetensors") {
        return torch::map(file, tensors);
    }
    let handle = File::open(file).map_err(|source| Error::io(file, source))?;
    // SAFETY: the mapping is read-only and private to this checkpoint; that nobody shortens the file meanwhile is the
    // documented condition of `Checkpoint`.
    let mapped = unsafe { Mmap::map(&handle) }.map_err(|source| Error::io(file, source))?;
    let mapped = Bytes::from_owner(mapped);
    check_lfs_pointer(file, &mapped)?;
    let parsed = SafeTensors::deserialize(&mapped).map_err(|error| {
        Error::weights(file, format!("not a whole safetensors file ({} bytes): {error}", mapped.len()))
    })?;
    for (name, view) in parsed.iter() {
        let tensor = StoredTensor {
            file: file.to_owned(),
            element: ElementType::Plain(view.dtype()),
            shape: view.shape().to_vec(),
            bytes: mapped.slice_ref(view.data()),
            order: RowOrder::AsStored,
            scales: Bytes::new(),
        };
        tensors.insert(name.to_owned(), tensor);
    }
    Ok(())
}

/// The shards that an index names, sorted.
fn shards(index: &Path) -> Result<BTreeSet<String>> {
    let json = read_json(index)?;
    let wrong = || Error::weights(index, "\"weight_map\" is not an object of tensor names and file names");
    let entries = json.get("weight_map").and_then(|map| map.as_object()).ok_or_else(wrong)?;
    let shard = |(name, shard): (&String, &serde_json::Value)| {
        let shard = shard.as_str().ok_or_else(wrong)?;
        // An index is foreign input: it may name files beside it, nothing else.
        if Path::new(shard).file_name() != Some(shard.as_ref()) {
            let message = format!("tensor {name} is put into {shard:?}, which is not a plain file name");
            return Err(Error::weights(index, message));
        }
        Ok(shard.to_owned())
    };
    entries.iter().map(shard).collect()
}

/// The names of a directory's files, sorted.
fn file_names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}
