//! The layout of `torch.save` before version 1.6: pickles of a magic number, a version, machine properties, the object
//! and the keys of its storages, then each storage as its number of elements and their bytes.

use std::collections::HashMap;
use std::path::Path;

use bytes::Bytes;
use trustformers_core::{Error, Result};

use super::damaged;
use super::pickle::{self, State, Value};
use super::tensors::Storages;

const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const VERSION: i64 = 1001;

/// Reads the state and the storages of a file.
pub(super) fn read(file: &Path, bytes: &Bytes) -> Result<(State, Storages)> {
    let load = |at: usize| pickle::load(bytes, at);
    let (magic, at) = match load(0) {
        Ok((magic, at)) if magic.bytes_of_int(bytes) == Some(&MAGIC[..]) => (magic, at),
        _ => {
            let start = bytes[..bytes.len().min(8)].escape_ascii().to_string();
            let message = format!(
                "not a torch.save file: it begins with \"{start}\". Load it with the program that wrote it, and save \
                 it with transformers' model.save_pretrained(directory)"
            );
            return Err(Error::weights(file, message));
        }
    };
    drop(magic);
    let next = |at: usize| load(at).map_err(|error| error.of(file));
    let (version, at) = next(at)?;
    if version.top() != Value::Int(VERSION) {
        return Err(damaged(file, "the version of its layout is not 1001"));
    }
    let (machine, at) = next(at)?;
    let is_big_endian = machine.entry(machine.top(), "little_endian") == Some(Value::Bool(false));
    let (state, at) = next(at)?;
    let (keys, mut at) = next(at)?;
    let mut storages = Storages { is_big_endian, by_key: HashMap::new() };
    let sizes: HashMap<&str, usize> = state.storage_sizes();
    for key in keys.strings(keys.top()).ok_or_else(|| damaged(file, "the keys of its storages are missing"))? {
        let cut = || damaged(file, format!("storage {key} goes beyond the file"));
        // Another object in the file may have its own storages, whose element size is unknown.
        let element_size =
            *sizes.get(key).ok_or_else(|| damaged(file, format!("storage {key} belongs to no tensor")))?;
        let count = bytes.get(at..at + 8).ok_or_else(cut)?;
        let count = count.iter().rev().fold(0_u64, |count, byte| count << 8 | u64::from(*byte));
        let size = usize::try_from(count).ok().and_then(|count| count.checked_mul(element_size)).ok_or_else(cut)?;
        let end = (at + 8).checked_add(size).filter(|end| *end <= bytes.len()).ok_or_else(cut)?;
        storages.by_key.insert(key.to_owned(), bytes.slice(at + 8..end));
        at = end;
    }
    Ok((state, storages))
}
