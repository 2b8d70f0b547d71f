//! Matrices of codes as bytes: row after row, group after group; of each its scale and, if it has one, its minimum, both
//! f32, and then its codes, two in a byte if they have 4 bits, the first in the lower half.

use trustformers_ops::{Bits, Grouping};

/// Bytes of a group.
pub(crate) fn group_bytes(grouping: Grouping) -> usize {
    let codes = match grouping.bits {
        Bits::Four | Bits::Fp4 => grouping.group_size / 2,
        Bits::Eight => grouping.group_size,
    };
    head_bytes(grouping) + codes
}

fn head_bytes(grouping: Grouping) -> usize {
    if grouping.has_minimums { 8 } else { 4 }
}

/// Writes a group; codes that are missing are those of zero or of the minimum.
pub(crate) fn encode(grouping: Grouping, codes: &[u8], scale: f32, minimum: f32, to: &mut [u8]) {
    let (head, rest) = to.split_at_mut(head_bytes(grouping));
    head[..4].copy_from_slice(&scale.to_le_bytes());
    if grouping.has_minimums {
        head[4..].copy_from_slice(&minimum.to_le_bytes());
    }
    match grouping.bits {
        Bits::Eight => rest.copy_from_slice(codes),
        Bits::Four | Bits::Fp4 => {
            let (pairs, _) = codes.as_chunks::<2>();
            rest.iter_mut().zip(pairs).for_each(|(byte, [low, high])| *byte = low | high << 4);
        }
    }
}

/// Reads groups that follow each other; minimums stay as they are where groups have none.
pub(crate) fn decode(grouping: Grouping, bytes: &[u8], codes: &mut [u8], scales: &mut [f32], minimums: &mut [f32]) {
    let groups = bytes.chunks_exact(group_bytes(grouping)).zip(codes.chunks_exact_mut(grouping.group_size));
    for (index, (bytes, codes)) in groups.enumerate() {
        let (head, rest) = bytes.split_at(head_bytes(grouping));
        let float = |at: usize| f32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        scales[index] = float(0);
        if grouping.has_minimums {
            minimums[index] = float(4);
        }
        match grouping.bits {
            Bits::Eight => codes.copy_from_slice(rest),
            Bits::Four | Bits::Fp4 => unpack_pairs(rest, codes),
        }
    }
}

/// The lower half of each byte, then the upper.
pub(crate) fn unpack_pairs(bytes: &[u8], codes: &mut [u8]) {
    let (pairs, _) = codes.as_chunks_mut::<2>();
    pairs.iter_mut().zip(bytes).for_each(|(pair, byte)| *pair = [byte & 0xf, byte >> 4]);
}
