//! Parser of GGUF files: header, metadata, tensor table and tensor data.
//! Source: ggml, `docs/gguf.md`, versions 2 and 3.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::Path;

use bytes::Bytes;
use memmap2::Mmap;
use safetensors::Dtype;
use trustformers_core::{Error, Result, check_lfs_pointer};

use super::BlockType;
use super::metadata::{Metadata, MetadataValue, NumberType};
use crate::element::ElementType;
use crate::stored_tensor::{RowOrder, StoredTensor};

const ALIGNMENT: &str = "general.alignment";
const STRING: u32 = 8;
const ARRAY: u32 = 9;
const MOST_DIMENSIONS: usize = 4;

/// A GGUF file, mapped into memory.
#[derive(Clone, Debug)]
pub struct GgufFile {
    pub(crate) metadata: Metadata,
    /// Tensors by their GGUF names.
    pub(crate) tensors: BTreeMap<String, StoredTensor>,
}

impl GgufFile {
    /// Maps a file and parses everything except the tensor data.
    ///
    /// **Errors:** `Weights` naming the key or tensor if the file is not GGUF of version 2 or 3 or is damaged;
    /// `Unsupported` for a tensor of an unsupported ggml type; `Io` if the file cannot be mapped.
    pub fn open(file: &Path) -> Result<Self> {
        let handle = File::open(file).map_err(|source| Error::io(file, source))?;
        // SAFETY: the mapping is read-only and private to this file and its tensors; that nobody truncates the file
        // meanwhile is the documented condition of `Checkpoint`.
        let mapped = unsafe { Mmap::map(&handle) }.map_err(|source| Error::io(file, source))?;
        check_lfs_pointer(file, &mapped)?;
        let reader = Reader { file, bytes: Bytes::from_owner(mapped), at: 0, part: "the header".to_owned() };
        reader.file()
    }

    /// The tensors by their GGUF names.
    pub fn tensors(&self) -> &BTreeMap<String, StoredTensor> {
        &self.tensors
    }

    /// The file's metadata.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

struct Reader<'a> {
    file: &'a Path,
    bytes: Bytes,
    at: usize,
    /// The part being parsed, for error messages.
    part: String,
}

impl Reader<'_> {
    fn file(mut self) -> Result<GgufFile> {
        let magic = self.take(4)?;
        if &*magic != b"GGUF" {
            return Err(self.damaged(format!("not a GGUF file: it begins with {:?}", magic.escape_ascii().to_string())));
        }
        match self.u32()? {
            2 | 3 => {}
            big if [2, 3].contains(&big.swap_bytes()) => {
                return Err(Error::unsupported(format!("GGUF of big-endian machines: {}", self.file.display())));
            }
            version => return Err(self.damaged(format!("version {version} of GGUF, expected 2 or 3"))),
        }
        let (num_tensors, num_keys) = (self.u64()?, self.u64()?);
        let mut metadata = Metadata { file: self.file.to_owned(), values: BTreeMap::new() };
        for index in 0..num_keys {
            self.part = format!("key {index} of {num_keys}");
            let key = self.string()?;
            self.part = format!("key \"{key}\"");
            let value = self.value()?;
            if metadata.values.insert(key, value).is_some() {
                return Err(self.damaged(format!("{} appears twice", self.part)));
            }
        }
        let alignment = metadata.count(ALIGNMENT)?.unwrap_or(32);
        if !alignment.is_power_of_two() || alignment > 1 << 30 {
            return Err(metadata.wrong(ALIGNMENT, "a power of two"));
        }
        let mut table = Vec::new();
        for index in 0..num_tensors {
            self.part = format!("tensor {index} of {num_tensors}");
            table.push(self.entry()?);
        }
        // A file without tensors may end before the aligned start of the tensor data.
        let start = self.at.next_multiple_of(alignment).min(self.bytes.len());
        let data = self.bytes.slice(start..);
        let mut tensors = BTreeMap::new();
        for entry in table {
            let name = entry.name.clone();
            let tensor = self.tensor(entry, &data, alignment)?;
            if tensors.insert(name.clone(), tensor).is_some() {
                return Err(self.damaged(format!("tensor {name} appears twice")));
            }
        }
        Ok(GgufFile { metadata, tensors })
    }

    fn value(&mut self) -> Result<MetadataValue> {
        let code = self.u32()?;
        match code {
            STRING => self.string().map(MetadataValue::String),
            ARRAY => self.array(),
            code => {
                let kind =
                    NumberType::of(code).ok_or_else(|| self.damaged(format!("unknown type {code} of a value")))?;
                Ok(kind.value(&self.take(kind.size())?))
            }
        }
    }

    fn array(&mut self) -> Result<MetadataValue> {
        let code = self.u32()?;
        let count = self.length()?;
        if code == STRING {
            let start = self.at;
            for _ in 0..count {
                let length = self.length()?;
                self.skip(length)?;
            }
            return Ok(MetadataValue::Strings(count, self.bytes.slice(start..self.at)));
        }
        let kind = NumberType::of(code);
        let kind =
            kind.ok_or_else(|| self.damaged(format!("a list of values of type {code}, which is not supported")))?;
        let size = count.checked_mul(kind.size()).ok_or_else(|| self.cut())?;
        Ok(MetadataValue::Numbers(kind, self.take(size)?))
    }

    fn entry(&mut self) -> Result<Entry> {
        let name = self.string()?;
        self.part = format!("tensor {name}");
        let num_dimensions = self.u32()? as usize;
        if !(1..=MOST_DIMENSIONS).contains(&num_dimensions) {
            return Err(self.damaged(format!("{num_dimensions} dimensions, expected 1 to {MOST_DIMENSIONS}")));
        }
        let mut shape = Vec::new();
        for _ in 0..num_dimensions {
            let size = self.u64()?;
            let size = usize::try_from(size).ok().filter(|size| *size > 0);
            shape.push(size.ok_or_else(|| self.damaged("a dimension that is zero or too large"))?);
        }
        // ggml lists the contiguous dimension first.
        shape.reverse();
        let element = self.element_type()?;
        let offset = self.length()?;
        Ok(Entry { name, shape, element, offset })
    }

    fn element_type(&mut self) -> Result<ElementType> {
        let code = self.u32()?;
        Ok(match code {
            0 => ElementType::Plain(Dtype::F32),
            1 => ElementType::Plain(Dtype::F16),
            30 => ElementType::Plain(Dtype::BF16),
            2 => ElementType::Blocks(BlockType::Q4_0),
            3 => ElementType::Blocks(BlockType::Q4_1),
            6 => ElementType::Blocks(BlockType::Q5_0),
            7 => ElementType::Blocks(BlockType::Q5_1),
            8 => ElementType::Blocks(BlockType::Q8_0),
            10 => ElementType::Blocks(BlockType::Q2_K),
            11 => ElementType::Blocks(BlockType::Q3_K),
            12 => ElementType::Blocks(BlockType::Q4_K),
            13 => ElementType::Blocks(BlockType::Q5_K),
            14 => ElementType::Blocks(BlockType::Q6_K),
            20 => ElementType::Blocks(BlockType::IQ4_NL),
            23 => ElementType::Blocks(BlockType::IQ4_XS),
            code => match OTHER_TYPES.iter().find(|(known, _)| *known == code) {
                Some((_, name)) => {
                    let (file, part) = (self.file.display(), &self.part);
                    let known =
                        "supported are F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K to Q6_K, IQ4_NL and IQ4_XS";
                    return Err(Error::unsupported(format!("{part} of {file} has the ggml type {name}; {known}")));
                }
                None => return Err(self.damaged(format!("unknown ggml type {code}"))),
            },
        })
    }

    fn tensor(&self, entry: Entry, data: &Bytes, alignment: usize) -> Result<StoredTensor> {
        let Entry { name, shape, element, offset } = entry;
        let damaged = |message: String| Error::weights(self.file, format!("tensor {name}: {message}"));
        let width = shape[shape.len() - 1];
        let row = element.bytes_of(width).ok_or_else(|| {
            damaged(format!("rows of {width} elements are not a multiple of the block size of {element}"))
        })?;
        let rows = shape[..shape.len() - 1].iter().try_fold(1_usize, |rows, size| rows.checked_mul(*size));
        let size = rows.and_then(|rows| rows.checked_mul(row));
        let end = size.and_then(|size| offset.checked_add(size)).filter(|end| *end <= data.len());
        let end = end.ok_or_else(|| {
            let held = data.len();
            damaged(format!("{element} of shape {shape:?} at {offset} ends beyond the {held} bytes of the tensors"))
        })?;
        if !offset.is_multiple_of(alignment) {
            return Err(damaged(format!("begins at {offset}, which is not a multiple of the alignment {alignment}")));
        }
        let (file, bytes) = (self.file.to_owned(), data.slice(offset..end));
        Ok(StoredTensor {
            file,
            element,
            shape,
            bytes,
            is_mapped: true,
            order: RowOrder::AsStored,
            scales: Bytes::new(),
        })
    }

    fn skip(&mut self, size: usize) -> Result<Range<usize>> {
        let end = self.at.checked_add(size).filter(|end| *end <= self.bytes.len()).ok_or_else(|| self.cut())?;
        Ok(std::mem::replace(&mut self.at, end)..end)
    }

    fn take(&mut self, size: usize) -> Result<Bytes> {
        let range = self.skip(size)?;
        Ok(self.bytes.slice(range))
    }

    fn u32(&mut self) -> Result<u32> {
        let range = self.skip(4)?;
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.bytes[range]);
        Ok(u32::from_le_bytes(bytes))
    }

    fn u64(&mut self) -> Result<u64> {
        let low = self.u32()?;
        Ok(u64::from(low) | u64::from(self.u32()?) << 32)
    }

    fn length(&mut self) -> Result<usize> {
        let length = self.u64()?;
        usize::try_from(length).map_err(|_| self.cut())
    }

    fn string(&mut self) -> Result<String> {
        let length = self.length()?;
        let range = self.skip(length)?;
        std::str::from_utf8(&self.bytes[range])
            .map(str::to_owned)
            .map_err(|_| self.damaged("a string that is not UTF-8"))
    }

    fn cut(&self) -> Error {
        self.damaged(format!("goes beyond the file's {} bytes", self.bytes.len()))
    }

    fn damaged(&self, message: impl std::fmt::Display) -> Error {
        Error::weights(self.file, format!("damaged GGUF file: {}: {message}", self.part))
    }
}

/// An entry of the tensor table.
struct Entry {
    name: String,
    shape: Vec<usize>,
    element: ElementType,
    offset: usize,
}

/// Unsupported ggml types.
const OTHER_TYPES: [(u32, &str); 18] = [
    (9, "Q8_1"),
    (15, "Q8_K"),
    (16, "IQ2_XXS"),
    (17, "IQ2_XS"),
    (18, "IQ3_XXS"),
    (19, "IQ1_S"),
    (21, "IQ3_S"),
    (22, "IQ2_S"),
    (24, "I8"),
    (25, "I16"),
    (26, "I32"),
    (27, "I64"),
    (28, "F64"),
    (29, "IQ1_M"),
    (34, "TQ1_0"),
    (35, "TQ2_0"),
    (39, "MXFP4"),
    (40, "NVFP4"),
];
