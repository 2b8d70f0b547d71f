//! Validates SentencePiece's table of normalization rules, which the crate that reads it does not check.

use tokenizers::normalizers::{NormalizerWrapper, Precompiled};

/// The normalizer of a model's table of rules; `None` if the table is empty.
///
/// **Errors:** a description of what is wrong with the table.
pub(super) fn normalizer(table: &[u8]) -> Result<Option<NormalizerWrapper>, String> {
    if table.is_empty() {
        return Ok(None);
    }
    check_charsmap(table)?;
    Ok(Some(Precompiled::from(table).map_err(|error| error.to_string())?.into()))
}

/// Checks that lookups in the table never leave it.
pub(crate) fn check_charsmap(table: &[u8]) -> Result<(), String> {
    check_size(table, table.len())?;
    let (head, rest) = table.split_at(4);
    let size = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize / 4;
    let (trie, texts) = rest.split_at(size * 4);
    let texts = std::str::from_utf8(texts).map_err(|_| "the texts of its charsmap are not UTF-8")?;
    let units: Vec<u32> = trie.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
    let base = |position: usize| {
        let unit = units[position] as usize;
        position ^ ((unit >> 10) << ((unit & (1 << 9)) >> 6))
    };
    let outside = || "its charsmap points outside itself".to_owned();
    let mut seen = vec![false; units.len()];
    let mut todo = vec![base(0)];
    while let Some(base_position) = todo.pop() {
        // A lookup reads the unit of any next byte before it compares.
        if base_position | 0xff >= units.len() {
            return Err(outside());
        }
        if std::mem::replace(&mut seen[base_position], true) {
            continue;
        }
        for byte in 1..=255 {
            let position = base_position ^ byte;
            let unit = units[position] as usize;
            if unit & (1 << 31 | 0xff) != byte {
                continue;
            }
            let next = base(position);
            if unit >> 8 & 1 == 1 {
                let text = units.get(next).map(|unit| (unit & !(1 << 31)) as usize);
                if !text.is_some_and(|text| texts.is_char_boundary(text)) {
                    return Err(outside());
                }
            }
            todo.push(next);
        }
    }
    Ok(())
}

fn check_size(head: &[u8], length: usize) -> Result<(), String> {
    let Some(&[a, b, c, d]) = head.first_chunk() else { return Err("its charsmap is cut off".to_owned()) };
    let claimed = u32::from_le_bytes([a, b, c, d]) as usize;
    // At least one block of units, for the first byte of any text.
    if claimed < 1024 || claimed > length.saturating_sub(4) {
        return Err(format!("its charsmap claims {claimed} bytes of the {length} it has"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_with_a_wrong_size_is_refused() {
        assert!(check_charsmap(&[0xff; 4]).is_err());
        assert!(check_charsmap(&[]).is_err());
        assert!(check_charsmap(&[0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]).is_err());
    }

    #[test]
    fn a_table_that_points_outside_itself_is_refused() {
        let mut table = vec![0; 4 + 1024];
        table[1] = 4;
        check_charsmap(&table).unwrap();
        table[7] = 0x7f;
        assert!(check_charsmap(&table).unwrap_err().contains("outside"));
    }
}
