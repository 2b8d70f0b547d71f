use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use memmap2::{Mmap, MmapOptions};
use safetensors::{Dtype, SafeTensorError, SafeTensors, View, serialize, serialize_to_file};
use trustformers_core::{Error, Result, check_lfs_pointer};
use trustformers_tensor::{DType, Tensor, TensorDevice};

use crate::element::ElementType;
use crate::stored_tensor::{RowOrder, StoredTensor};

/// Access to the memory of a mapped file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The memory cannot be written to.
    ReadOnly,
    /// Written pages are private copies, so that writes never reach the file. Another library that shares a tensor's
    /// memory may write to it.
    CopyOnWrite,
}

/// The tensors and metadata of a safetensors file, which is mapped into memory and read on first use.
///
/// The file must not be truncated while this or one of its tensors is alive: the operating system raises a signal for
/// reads beyond the new end.
#[derive(Debug)]
pub struct SafetensorsFile {
    file: PathBuf,
    metadata: Option<BTreeMap<String, String>>,
    tensors: BTreeMap<String, StoredTensor>,
    /// Names in the order of the data.
    offset_names: Vec<String>,
}

impl SafetensorsFile {
    /// Maps a file.
    ///
    /// **Errors:** `Io` if the file cannot be mapped; `Weights` if it is damaged or truncated.
    pub fn open(file: &Path, access: Access) -> Result<Self> {
        let io_error = |source| Error::io(file, source);
        let handle = File::open(file).map_err(io_error)?;
        // SAFETY: the mapping is private to this file's tensors; that nobody truncates the file meanwhile is the
        // documented condition of `SafetensorsFile`.
        let bytes = unsafe {
            match access {
                Access::ReadOnly => Bytes::from_owner(Mmap::map(&handle).map_err(io_error)?),
                Access::CopyOnWrite => {
                    Bytes::from_owner(MmapOptions::new().no_reserve_swap().map_copy(&handle).map_err(io_error)?)
                }
            }
        };
        check_lfs_pointer(file, &bytes)?;
        Self::parse(file, bytes, access == Access::ReadOnly)
    }

    /// Reads the bytes of a file, called `file` in errors.
    ///
    /// **Errors:** `Weights` if they are damaged or truncated.
    pub fn read(file: &Path, bytes: Bytes) -> Result<Self> {
        Self::parse(file, bytes, false)
    }

    fn parse(file: &Path, bytes: Bytes, is_mapped: bool) -> Result<Self> {
        let damaged = |error: SafeTensorError| {
            Error::weights(file, format!("damaged safetensors file ({} bytes): {error}", bytes.len()))
        };
        let (header, metadata) = SafeTensors::read_metadata(&bytes).map_err(damaged)?;
        let data = bytes.slice(size_of::<u64>() + header..);
        let offset_names = metadata.offset_keys();
        let stored = |name: &String| {
            let info = metadata.info(name).ok_or_else(|| damaged(SafeTensorError::TensorNotFound(name.clone())))?;
            let tensor = StoredTensor {
                file: file.to_owned(),
                element: ElementType::Plain(info.dtype),
                shape: info.shape.clone(),
                bytes: data.slice(info.data_offsets.0..info.data_offsets.1),
                is_mapped,
                order: RowOrder::AsStored,
                scales: Bytes::new(),
            };
            Ok((name.clone(), tensor))
        };
        let tensors = offset_names.iter().map(stored).collect::<Result<_>>()?;
        let metadata = metadata.metadata().as_ref().map(|entries| entries.clone().into_iter().collect());
        Ok(Self { file: file.to_owned(), metadata, tensors, offset_names })
    }

    /// The metadata of the header; `None` if there is none.
    pub fn metadata(&self) -> Option<&BTreeMap<String, String>> {
        self.metadata.as_ref()
    }

    /// Names of the tensors in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Names of the tensors in the order of their data.
    pub fn offset_names(&self) -> &[String] {
        &self.offset_names
    }

    /// A tensor of the file.
    ///
    /// **Errors:** `Input` if there is no such tensor.
    pub fn stored(&self, name: &str) -> Result<&StoredTensor> {
        self.tensors.get(name).ok_or_else(|| {
            const SHOWN: usize = 5;
            let names: Vec<_> = self.names().take(SHOWN).collect();
            let more = if self.tensors.len() > SHOWN { ", ..." } else { "" };
            let message = format!("{} has no tensor {name:?}; it has {}{more}", self.file.display(), names.join(", "));
            Error::input("name", message)
        })
    }

    /// A tensor of the file on a device; on the CPU it shares the file's memory if its elements are aligned.
    ///
    /// **Errors:** `Input` if there is no such tensor; `Unsupported` for a dtype that tensors do not have.
    pub fn tensor(&self, name: &str, device: &TensorDevice) -> Result<Tensor> {
        let stored = self.stored(name)?;
        let ElementType::Plain(element) = stored.element else {
            return Err(Error::internal("a safetensors file has plain elements"));
        };
        let dtype = DType::ALL
            .into_iter()
            .find(|dtype| stored_dtype(*dtype) == element)
            .ok_or_else(|| Error::unsupported(format!("{}: tensor {name:?} is {element}", self.file.display())))?;
        Tensor::from_bytes(stored.bytes.clone(), &stored.shape, dtype, device)
    }

    pub(crate) fn into_tensors(self) -> BTreeMap<String, StoredTensor> {
        self.tensors
    }
}

impl StoredTensor {
    /// A tensor with its elements in row-major order, called a part of `file` in errors.
    pub(crate) fn of_elements(file: &Path, tensor: &Tensor, bytes: Bytes) -> Self {
        Self {
            file: file.to_owned(),
            element: ElementType::Plain(stored_dtype(tensor.dtype())),
            shape: tensor.shape(),
            bytes,
            is_mapped: false,
            order: RowOrder::AsStored,
            scales: Bytes::new(),
        }
    }
}

/// The name of a dtype in safetensors.
fn stored_dtype(dtype: DType) -> Dtype {
    match dtype {
        DType::Bool => Dtype::BOOL,
        DType::U8 => Dtype::U8,
        DType::U16 => Dtype::U16,
        DType::U32 => Dtype::U32,
        DType::U64 => Dtype::U64,
        DType::I8 => Dtype::I8,
        DType::I16 => Dtype::I16,
        DType::I32 => Dtype::I32,
        DType::I64 => Dtype::I64,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::BF16,
        DType::F32 => Dtype::F32,
        DType::F64 => Dtype::F64,
    }
}

/// Writes tensors and metadata to a safetensors file, in row-major order.
///
/// The file is written atomically; an existing file that is mapped elsewhere stays readable there.
///
/// **Errors:** `Input` for a reserved name; `Io` if the file cannot be written.
pub fn write_tensors(
    file: &Path,
    tensors: Vec<(String, Tensor)>,
    metadata: Option<HashMap<String, String>>,
) -> Result<()> {
    write(file, outgoing(tensors)?, metadata)
}

/// The bytes of a safetensors file with tensors and metadata, in row-major order.
///
/// **Errors:** `Input` for a reserved name or a header that is too large; `Internal` if elements cannot be read.
pub fn written_tensors(tensors: Vec<(String, Tensor)>, metadata: Option<HashMap<String, String>>) -> Result<Vec<u8>> {
    serialize(outgoing(tensors)?, metadata).map_err(|error| Error::input("tensors", error))
}

/// Writes a safetensors file atomically, with the permissions of the existing file or of a new one.
pub(crate) fn write<V: View>(
    file: &Path,
    tensors: Vec<(String, V)>,
    metadata: Option<HashMap<String, String>>,
) -> Result<()> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let io_error = |source| Error::io(file, source);
    let Some(name) = file.file_name() else {
        return Err(io_error(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
    };
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let part = file.with_file_name(format!("{}.{}-{count}.part", name.to_string_lossy(), std::process::id()));
    let written = || {
        // The crate's own temporary file is readable by the owner only.
        let created = File::create(&part).and_then(|created| created.metadata());
        let permissions = fs::metadata(file).or(created).map_err(io_error)?.permissions();
        serialize_to_file(tensors, metadata, &part).map_err(|error| match error {
            SafeTensorError::IoError(source) => io_error(source),
            other => Error::input("tensors", other),
        })?;
        fs::set_permissions(&part, permissions).and_then(|()| fs::rename(&part, file)).map_err(io_error)
    };
    let written = written();
    if written.is_err() {
        // Best effort; the error to report is the first one.
        let _ = fs::remove_file(&part);
    }
    written
}

fn outgoing(tensors: Vec<(String, Tensor)>) -> Result<Vec<(String, Outgoing)>> {
    let outgoing = |(name, tensor): (String, Tensor)| {
        if name == "__metadata__" {
            return Err(Error::input("tensors", format!("the name {name:?} is reserved for metadata")));
        }
        // Copies are made one at a time, while the file is written.
        let shared = if tensor.is_contiguous() && is_on_host(&tensor) { Some(tensor.to_bytes()?) } else { None };
        Ok((name, Outgoing { shape: tensor.shape(), tensor, shared }))
    };
    tensors.into_iter().map(outgoing).collect()
}

fn is_on_host(tensor: &Tensor) -> bool {
    tensor.device().name() == trustformers_core::Device::Cpu
}

/// A tensor to be written.
struct Outgoing {
    tensor: Tensor,
    shape: Vec<usize>,
    /// The elements of a contiguous tensor in host memory.
    shared: Option<Bytes>,
}

impl View for Outgoing {
    fn dtype(&self) -> Dtype {
        stored_dtype(self.tensor.dtype())
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match &self.shared {
            Some(bytes) => Cow::Borrowed(bytes),
            None => Cow::Owned(self.tensor.to_bytes().expect("the device returns its tensors' elements").to_vec()),
        }
    }

    fn data_len(&self) -> usize {
        self.tensor.num_elements() * self.tensor.dtype().size()
    }
}
