//! Byte layout of group-quantized matrices: groups in row-major order, each with its f32 scale, its f32 min if the
//! grouping has mins, and its quantized values; 4-bit quantized values are packed in pairs, the first in the lower
//! nibble.

use trustformers_ops::{Bits, Grouping};

/// Size of a group in bytes.
pub(crate) fn group_bytes(grouping: Grouping) -> usize {
    let quantized = match grouping.bits {
        Bits::Four | Bits::Fp4 => grouping.group_size / 2,
        Bits::Eight => grouping.group_size,
    };
    head_bytes(grouping) + quantized
}

fn head_bytes(grouping: Grouping) -> usize {
    if grouping.has_mins { 8 } else { 4 }
}

/// Encodes one group into `to`; `minimum` is ignored in symmetric quantization.
pub(crate) fn encode(grouping: Grouping, quantized: &[u8], scale: f32, minimum: f32, to: &mut [u8]) {
    let (head, rest) = to.split_at_mut(head_bytes(grouping));
    head[..4].copy_from_slice(&scale.to_le_bytes());
    if grouping.has_mins {
        head[4..].copy_from_slice(&minimum.to_le_bytes());
    }
    match grouping.bits {
        Bits::Eight => rest.copy_from_slice(quantized),
        Bits::Four | Bits::Fp4 => {
            let (pairs, _) = quantized.as_chunks::<2>();
            rest.iter_mut().zip(pairs).for_each(|(byte, [low, high])| *byte = low | high << 4);
        }
    }
}

/// Decodes consecutive groups; `mins` is unchanged in symmetric quantization.
pub(crate) fn decode(grouping: Grouping, bytes: &[u8], quantized: &mut [u8], scales: &mut [f32], mins: &mut [f32]) {
    let groups = bytes.chunks_exact(group_bytes(grouping)).zip(quantized.chunks_exact_mut(grouping.group_size));
    for (index, (bytes, quantized)) in groups.enumerate() {
        let (head, rest) = bytes.split_at(head_bytes(grouping));
        let float = |at: usize| f32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        scales[index] = float(0);
        if grouping.has_mins {
            mins[index] = float(4);
        }
        match grouping.bits {
            Bits::Eight => quantized.copy_from_slice(rest),
            Bits::Four | Bits::Fp4 => unpack_pairs(rest, quantized),
        }
    }
}

/// Unpacks 4-bit quantized values, the lower nibble of each byte first.
pub(crate) fn unpack_pairs(bytes: &[u8], quantized: &mut [u8]) {
    let (pairs, _) = quantized.as_chunks_mut::<2>();
    pairs.iter_mut().zip(bytes).for_each(|(pair, byte)| *pair = [byte & 0xf, byte >> 4]);
}
