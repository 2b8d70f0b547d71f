//! `torch.save` files, read without executing anything that their pickles reference.

mod archive;
mod legacy;
mod pickle;
mod tensors;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use bytes::Bytes;
use memmap2::Mmap;
use trustformers_core::{Error, Result, check_lfs_pointer};

use crate::StoredTensor;

/// Maps a `torch.save` file and adds the tensors of its state dict to `tensors`; a later tensor of the same name wins.
///
/// **Errors:** `Weights` if the file is damaged, does not hold a state dict, or references a class or function that
/// state dicts do not need; `Unsupported` for tensors of an unsupported layout; `Io` if the file cannot be mapped.
pub(crate) fn map(file: &Path, tensors: &mut BTreeMap<String, StoredTensor>) -> Result<()> {
    let handle = File::open(file).map_err(|source| Error::io(file, source))?;
    // SAFETY: the mapping is read-only and private to this checkpoint; that nobody truncates the file meanwhile is the
    // documented condition of `Checkpoint`.
    let mapped = unsafe { Mmap::map(&handle) }.map_err(|source| Error::io(file, source))?;
    let bytes = Bytes::from_owner(mapped);
    check_lfs_pointer(file, &bytes)?;
    let (state, storages) =
        if bytes.starts_with(b"PK\x03\x04") { archive::read(file, &bytes)? } else { legacy::read(file, &bytes)? };
    tensors::collect(file, bytes.len(), &state, &storages, tensors)
}

fn damaged(file: &Path, message: impl std::fmt::Display) -> Error {
    Error::weights(file, format!("damaged torch.save file: {message}"))
}
