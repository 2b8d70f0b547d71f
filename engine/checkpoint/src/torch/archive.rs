//! The zip archive of `torch.save` since version 1.6: `NAME/data.pkl`, `NAME/byteorder` and one uncompressed entry per
//! storage, `NAME/data/KEY`. Layout: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use bytes::Bytes;
use trustformers_core::{Error, Result};

use super::damaged;
use super::pickle::{self, State};
use super::tensors::Storages;

const END: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const LOCATOR_64_BYTES: usize = 20;
const CENTRAL: &[u8] = b"PK\x01\x02";
const CENTRAL_BYTES: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_BYTES: usize = 30;
const LONGEST_COMMENT: usize = u16::MAX as usize;

/// Reads the state and the storages of an archive.
pub(super) fn read(file: &Path, bytes: &Bytes) -> Result<(State, Storages)> {
    let entries = entries(bytes).map_err(|message| damaged(file, message))?;
    let pickled = entries.keys().filter_map(|name| name.strip_suffix("data.pkl"));
    // The root keeps the file's original name after the file is renamed.
    let mut roots: Vec<&str> = pickled.filter(|root| root.is_empty() || root.ends_with('/')).collect();
    roots.sort_unstable_by_key(|root| (root.len(), *root));
    let root = *roots.first().ok_or_else(|| damaged(file, "the archive has no entry data.pkl"))?;
    let entry = |name: &str| -> Result<Option<Bytes>> {
        let Some(entry) = entries.get(&format!("{root}{name}")) else { return Ok(None) };
        entry.data(bytes).map(Some).map_err(|message| damaged(file, format!("entry {root}{name}: {message}")))
    };
    if entries.contains_key(&format!("{root}constants.pkl")) {
        let message = "a TorchScript archive, not a state dict: save model.state_dict() instead of the scripted model";
        return Err(Error::weights(file, message));
    }
    let is_big_endian = match entry("byteorder")?.as_deref() {
        None | Some(b"little") => false,
        Some(b"big") => true,
        Some(other) => return Err(damaged(file, format!("byte order {:?}", other.escape_ascii().to_string()))),
    };
    let Some(program) = entry("data.pkl")? else { return Err(damaged(file, "the archive has no entry data.pkl")) };
    let (state, _) = pickle::load(&program, 0).map_err(|error| error.of(file))?;
    let mut storages = Storages { is_big_endian, by_key: HashMap::new() };
    for key in state.storage_keys() {
        if let Some(data) = entry(&format!("data/{key}"))? {
            storages.by_key.insert(key.to_owned(), data);
        }
    }
    Ok((state, storages))
}

struct Entry {
    method: u16,
    is_encrypted: bool,
    size: u64,
    stored_size: u64,
    /// Offset of the local header.
    header: u64,
}

impl Entry {
    /// The entry's bytes in the mapped file.
    fn data(&self, bytes: &Bytes) -> Result<Bytes, String> {
        if self.method != 0 || self.is_encrypted || self.size != self.stored_size {
            return Err("it is compressed or encrypted; torch.save writes plain entries".to_owned());
        }
        let start = usize::try_from(self.header).map_err(|_| "it begins beyond the file")?;
        let header = part(bytes, start, LOCAL_BYTES)?;
        if !header.starts_with(LOCAL) {
            return Err("it has no local header".to_owned());
        }
        let start = start + LOCAL_BYTES + usize::from(u16_at(header, 26)) + usize::from(u16_at(header, 28));
        let size = usize::try_from(self.size).map_err(|_| "it ends beyond the file")?;
        part(bytes, start, size)?;
        Ok(bytes.slice(start..start + size))
    }
}

/// Entries of the central directory, by name.
fn entries(bytes: &[u8]) -> Result<HashMap<String, Entry>, String> {
    let mut at = directory(bytes)?;
    let mut entries = HashMap::new();
    while at.len() >= CENTRAL_BYTES {
        let header = part(bytes, at.start, CENTRAL_BYTES)?;
        if !header.starts_with(CENTRAL) {
            return Err("its central directory has an invalid entry".to_owned());
        }
        let [name, extra, comment] = [28, 30, 32].map(|field| usize::from(u16_at(header, field)));
        let start = at.start + CENTRAL_BYTES;
        let name_bytes = part(bytes, start, name)?;
        let extra_bytes = part(bytes, start + name, extra)?;
        let mut entry = Entry {
            method: u16_at(header, 10),
            is_encrypted: u16_at(header, 8) & 1 != 0,
            size: u32_at(header, 24).into(),
            stored_size: u32_at(header, 20).into(),
            header: u32_at(header, 42).into(),
        };
        entry.widen(extra_bytes)?;
        let name_text = std::str::from_utf8(name_bytes).map_err(|_| "an entry's name is not UTF-8")?;
        if entries.insert(name_text.to_owned(), entry).is_some() {
            return Err(format!("entry {name_text} appears twice"));
        }
        at.start = start + name + extra + comment;
    }
    Ok(entries)
}

impl Entry {
    /// Replaces fields that are all ones with their 64-bit values from the zip64 extra field.
    fn widen(&mut self, mut extra: &[u8]) -> Result<(), String> {
        const ZIP64: u16 = 1;
        while extra.len() >= 4 {
            let (kind, size) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
            let mut field = part(extra, 4, size)?;
            if kind == ZIP64 {
                for value in [&mut self.size, &mut self.stored_size, &mut self.header] {
                    if *value == u64::from(u32::MAX) {
                        *value = u64_at(part(field, 0, 8)?, 0);
                        field = &field[8..];
                    }
                }
            }
            extra = &extra[4 + size..];
        }
        Ok(())
    }
}

/// Range of the central directory.
fn directory(bytes: &[u8]) -> Result<Range<usize>, String> {
    let first = bytes.len().saturating_sub(END_BYTES + LONGEST_COMMENT);
    let last = bytes.len().checked_sub(END_BYTES).ok_or("it is too short")?;
    let end = (first..=last).rev().find(|at| bytes[*at..].starts_with(END)).ok_or("the archive's end is missing")?;
    let record = part(bytes, end, END_BYTES)?;
    let (mut size, mut start) = (u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)));
    let locator = end.checked_sub(LOCATOR_64_BYTES).map(|at| &bytes[at..end]).filter(|at| at.starts_with(LOCATOR_64));
    if let Some(locator) = locator {
        let at = usize::try_from(u64_at(locator, 8)).map_err(|_| "its directory begins beyond the file")?;
        let record = part(bytes, at, 56)?;
        if !record.starts_with(END_64) {
            return Err("the archive's 64-bit end is missing".to_owned());
        }
        (size, start) = (u64_at(record, 40), u64_at(record, 48));
    }
    let outside = || "its directory lies beyond the file".to_owned();
    let start = usize::try_from(start).map_err(|_| outside())?;
    let size = usize::try_from(size).map_err(|_| outside())?;
    let directory_end = start.checked_add(size).filter(|to| *to <= bytes.len()).ok_or_else(outside)?;
    Ok(start..directory_end)
}

fn part(bytes: &[u8], start: usize, size: usize) -> Result<&[u8], String> {
    let end = start.checked_add(size).filter(|end| *end <= bytes.len());
    end.map(|end| &bytes[start..end]).ok_or_else(|| "it goes beyond the file".to_owned())
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
