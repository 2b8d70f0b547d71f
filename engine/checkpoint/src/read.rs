use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use burn::tensor::{bf16, f16};
use bytes::Bytes;
use memmap2::Mmap;
use safetensors::{Dtype, SafeTensors};
use trustformers_core::{ADAPTER_CONFIG, DType, Error, Result, WeightFiles, check_lfs_pointer, read_json};
use trustformers_ops::Groups;

use crate::element::ElementType;
use crate::gguf::GgufFile;
use crate::packed::{PackedLayer, PackedLayout, PackedScheme, mxfp4};
use crate::quantized;
use crate::rule::{Rule, Rules};
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

/// A tensor as stored in a checkpoint.
#[derive(Clone, Debug)]
pub struct StoredTensor {
    /// File that holds the tensor.
    pub file: PathBuf,
    /// Element encoding.
    pub element: ElementType,
    /// Shape of the tensor.
    pub shape: Vec<usize>,
    /// Elements in the mapped file, little-endian and row-major.
    pub bytes: Bytes,
    /// Order of the rows.
    pub(crate) order: RowOrder,
    /// Scales of MXFP4, which are stored separately; empty for other encodings.
    pub(crate) scales: Bytes,
}

/// Order of the rows of a stored tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowOrder {
    /// Rows in order; the family's rules may transpose the matrix.
    AsStored,
    /// Rows in order, and known to be a layer's outputs: never transposed.
    Outputs,
    /// Rows of each head interleaved: pairs of a row of its first half and a row of its second half.
    Interleaved {
        /// Rows per head.
        head_dim: usize,
    },
}

impl RowOrder {
    fn stored_index(self, row: usize) -> usize {
        match self {
            Self::AsStored | Self::Outputs => row,
            Self::Interleaved { head_dim } => {
                let (head, row) = (row / head_dim, row % head_dim);
                head * head_dim + 2 * (row % (head_dim / 2)) + row / (head_dim / 2)
            }
        }
    }
}

impl StoredTensor {
    /// Splits a stack along the first dimension; `None` if that dimension is not `count`.
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

    /// Selects rows (indices of the first dimension) by runs of start and length: the mapped bytes if they are
    /// contiguous, else a copy.
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
                    rows.for_each(|row| bytes.extend_from_slice(&all[order.stored_index(row) * size..][..size]));
                    bytes.into()
                }
            }
        };
        let shape = [&[count], &self.shape[1..]].concat();
        let (bytes, scales) = (part(&self.bytes), part(&self.scales));
        Self { file: self.file.clone(), element: self.element, shape, bytes, order: RowOrder::AsStored, scales }
    }

    /// The dtype of plain f32, f16 or bf16 elements; `None` for other encodings.
    pub fn float_dtype(&self) -> Option<DType> {
        self.element.float_dtype()
    }

    /// The values in f32; `None` unless they are plain f32, f16 or bf16.
    pub fn in_f32(&self) -> Option<Vec<f32>> {
        let dtype = self.float_dtype()?;
        let pairs = || self.bytes.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
        Some(match dtype {
            DType::F32 => self.bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
            DType::F16 => pairs().map(|pair| f16::from_le_bytes(pair).to_f32()).collect(),
            DType::BF16 => pairs().map(|pair| bf16::from_le_bytes(pair).to_f32()).collect(),
        })
    }

    /// Whether the loader supports the element encoding.
    pub(crate) fn is_readable(&self) -> bool {
        self.float_dtype().is_some() || !matches!(self.element, ElementType::Plain(_)) || self.element.is_widened()
    }

    /// Whether the rows are stored in order.
    pub(crate) fn is_in_order(&self) -> bool {
        matches!(self.order, RowOrder::AsStored | RowOrder::Outputs)
    }

    /// Converts plain elements of other dtypes to f32; other tensors are returned unchanged.
    pub(crate) fn widened(self) -> Self {
        if self.float_dtype().is_some() {
            return self;
        }
        let Some(values) = self.element.widen(&self.bytes) else { return self };
        let bytes: Vec<u8> = values.into_iter().flat_map(f32::to_le_bytes).collect();
        Self { element: ElementType::Plain(Dtype::F32), bytes: bytes.into(), ..self }
    }

    /// Dequantizes to f32; plain tensors are returned unchanged.
    pub(crate) fn in_floats(&self) -> Self {
        let Some(values) = self.dequantized() else { return self.clone() };
        let bytes: Vec<u8> = values.into_iter().flat_map(f32::to_le_bytes).collect();
        Self { element: ElementType::Plain(Dtype::F32), bytes: bytes.into(), ..self.clone() }
    }

    /// Whether the tensor is a quantized matrix.
    pub(crate) fn is_quantized(&self) -> bool {
        !matches!(self.element, ElementType::Plain(_)) && self.shape.len() == 2
    }

    /// The quantized values and scales of a quantized matrix, without loss; `None` for plain tensors and other ranks.
    pub fn groups(&self) -> Option<Groups> {
        let &[n, k] = &self.shape[..] else { return None };
        let grouping = match self.element {
            ElementType::Plain(_) => return None,
            ElementType::Blocks(block) => block.grouping(),
            ElementType::Quantized(grouping) => grouping,
            ElementType::Mxfp4 => mxfp4::GROUPING,
        };
        let ordered = self.rows(&[(0, n)]);
        let mut quantized = vec![0; n * k];
        let mut scales = vec![0.0; n * k / grouping.group_size];
        let mut mins = vec![0.0; if grouping.has_mins { scales.len() } else { 0 }];
        match self.element {
            ElementType::Blocks(block) => block.decode(&ordered.bytes, &mut quantized, &mut scales, &mut mins),
            ElementType::Mxfp4 => mxfp4::decode(&ordered.bytes, &ordered.scales, &mut quantized, &mut scales),
            _ => quantized::decode(grouping, &ordered.bytes, &mut quantized, &mut scales, &mut mins),
        }
        Some(Groups { shape: [n, k], grouping, quantized, scales, mins })
    }

    /// The dequantized values, row-major; `None` for plain tensors.
    pub fn dequantized(&self) -> Option<Vec<f32>> {
        match self.element {
            ElementType::Plain(_) => None,
            ElementType::Quantized(_) | ElementType::Mxfp4 => self.groups().map(|groups| groups.values()),
            ElementType::Blocks(block) => {
                let mut values = vec![0.0; self.shape.iter().product()];
                block.dequantize(&self.bytes, &mut values);
                Some(values)
            }
        }
    }
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
    let handle = File::open(file).map_err(|source| Error::io(file, source))?;
    // SAFETY: the mapping is read-only and private to this checkpoint; that nobody truncates the file meanwhile is the
    // documented condition of `Checkpoint`.
    let mapped = unsafe { Mmap::map(&handle) }.map_err(|source| Error::io(file, source))?;
    let mapped = Bytes::from_owner(mapped);
    check_lfs_pointer(file, &mapped)?;
    let parsed = SafeTensors::deserialize(&mapped)
        .map_err(|error| Error::weights(file, format!("damaged safetensors file ({} bytes): {error}", mapped.len())))?;
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
