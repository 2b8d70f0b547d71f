//! Quantization blocks of GGUF files.
//! Layouts: ggml, `src/ggml-common.h`, as `gguf` 0.19.0 reads them (`gguf/quants.py`).

use std::fmt;

use burn::tensor::f16;
use trustformers_ops::{Bits, Grouping};

/// A ggml block format; each block holds consecutive elements of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "the names that ggml gives them")]
pub enum BlockType {
    /// 4-bit values with zero point 8, one scale per 32.
    Q4_0,
    /// 4-bit values, one scale and min per 32.
    Q4_1,
    /// 5-bit values with zero point 16, one scale per 32.
    Q5_0,
    /// 5-bit values, one scale and min per 32.
    Q5_1,
    /// Signed 8-bit values, one scale per 32.
    Q8_0,
    /// 2-bit values, a 4-bit scale and min per 16, and one f16 scale and min per 256.
    Q2_K,
    /// 3-bit values with zero point 4, a 6-bit scale per 16, and one f16 scale per 256.
    Q3_K,
    /// 4-bit values, a 6-bit scale and min per 32, and one f16 scale and min per 256.
    Q4_K,
    /// 5-bit values, a 6-bit scale and min per 32, and one f16 scale and min per 256.
    Q5_K,
    /// 6-bit values with zero point 32, an 8-bit scale per 16, and one f16 scale per 256.
    Q6_K,
    /// 4-bit indices into 16 non-linear levels, one scale per 32.
    IQ4_NL,
    /// 4-bit indices into the levels of `IQ4_NL`, a 6-bit scale per 32, and one f16 scale per 256.
    IQ4_XS,
}

/// Number of elements of the largest block.
const LARGEST: usize = 256;

/// Levels of `IQ4_NL` and `IQ4_XS`.
const LEVELS: [i8; 16] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

impl BlockType {
    /// Number of elements per block.
    pub fn elements(self) -> usize {
        match self {
            Self::Q2_K | Self::Q3_K | Self::Q4_K | Self::Q5_K | Self::Q6_K | Self::IQ4_XS => LARGEST,
            _ => 32,
        }
    }

    /// Size of a block in bytes.
    pub fn bytes(self) -> usize {
        match self {
            Self::Q4_0 | Self::IQ4_NL => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q2_K => 84,
            Self::Q3_K => 110,
            Self::IQ4_XS => 136,
            Self::Q4_K => 144,
            Self::Q5_K => 176,
            Self::Q6_K => 210,
        }
    }

    /// Grouping of the quantized values that [`decode`](Self::decode) returns.
    pub fn grouping(self) -> Grouping {
        let bits = match self {
            Self::Q4_0 | Self::Q4_1 | Self::Q4_K => Bits::Four,
            _ => Bits::Eight,
        };
        Grouping {
            bits,
            group_size: if matches!(self, Self::Q2_K | Self::Q3_K | Self::Q6_K) { 16 } else { 32 },
            has_mins: matches!(self, Self::Q4_1 | Self::Q5_1 | Self::Q2_K | Self::Q4_K | Self::Q5_K),
        }
    }

    /// Decodes consecutive blocks losslessly to quantized values, scales and mins; `mins` is unchanged for types
    /// without mins.
    pub(crate) fn decode(self, blocks: &[u8], quantized: &mut [u8], scales: &mut [f32], mins: &mut [f32]) {
        let each = blocks.chunks_exact(self.bytes()).zip(quantized.chunks_exact_mut(self.elements()));
        for (index, (block, quantized)) in each.enumerate() {
            let count = self.elements() / self.grouping().group_size;
            let groups = index * count..(index + 1) * count;
            let mins = if self.grouping().has_mins { &mut mins[groups.clone()] } else { &mut [] };
            self.decode_block(block, quantized, &mut scales[groups], mins);
        }
    }

    /// Dequantizes consecutive blocks.
    pub(crate) fn dequantize(self, blocks: &[u8], values: &mut [f32]) {
        let (mut quantized, mut scales, mut mins) = ([0; LARGEST], [0.0; 16], [0.0; 16]);
        let (elements, grouping) = (self.elements(), self.grouping());
        for (block, values) in blocks.chunks_exact(self.bytes()).zip(values.chunks_exact_mut(elements)) {
            self.decode(block, &mut quantized[..elements], &mut scales, &mut mins);
            let size = grouping.group_size;
            let groups = quantized[..elements].chunks_exact(size).zip(values.chunks_exact_mut(size));
            for (index, (quantized, values)) in groups.enumerate() {
                let of_code = |code: &u8| grouping.value(*code, scales[index], mins[index]);
                values.iter_mut().zip(quantized).for_each(|(value, code)| *value = of_code(code));
            }
        }
    }

    fn decode_block(self, block: &[u8], quantized: &mut [u8], scales: &mut [f32], mins: &mut [f32]) {
        match self {
            Self::Q4_0 => {
                scales[0] = half(block, 0);
                nibbles(&block[2..], quantized);
            }
            Self::Q4_1 => {
                (scales[0], mins[0]) = (half(block, 0), half(block, 2));
                nibbles(&block[4..], quantized);
            }
            Self::Q5_0 => {
                scales[0] = half(block, 0);
                nibbles(&block[6..], quantized);
                fifth_bits(&block[2..6], quantized);
                // From zero point 16 to 128.
                quantized.iter_mut().for_each(|code| *code += 128 - 16);
            }
            Self::Q5_1 => {
                (scales[0], mins[0]) = (half(block, 0), half(block, 2));
                nibbles(&block[8..], quantized);
                fifth_bits(&block[4..8], quantized);
            }
            Self::Q8_0 => {
                scales[0] = half(block, 0);
                quantized.iter_mut().zip(&block[2..]).for_each(|(code, byte)| *code = byte ^ 0x80);
            }
            Self::Q2_K => {
                let (packed, rest) = block.split_at(16);
                let (scale, minimum) = (half(rest, 64), half(rest, 66));
                for ((to_scale, to_minimum), byte) in scales.iter_mut().zip(mins).zip(packed) {
                    (*to_scale, *to_minimum) = (scale * f32::from(byte & 0xf), -(minimum * f32::from(byte >> 4)));
                }
                pairs_of_bits(rest, quantized);
            }
            Self::Q3_K => {
                let (high, rest) = block.split_at(32);
                let (scale, packed) = (half(rest, 76), &rest[64..76]);
                for (group, to) in scales.iter_mut().enumerate() {
                    let (low, high) =
                        (packed[group % 8] >> (4 * (group / 8)), packed[8 + group % 4] >> (2 * (group / 4)));
                    *to = scale * (f32::from(low & 0xf | (high & 3) << 4) - 32.0);
                }
                pairs_of_bits(rest, quantized);
                for (bit, quantized) in quantized.chunks_exact_mut(32).enumerate() {
                    for (code, high) in quantized.iter_mut().zip(high) {
                        // From zero point 4 to 128.
                        *code = (*code | (high >> bit & 1) << 2) + (128 - 4);
                    }
                }
            }
            Self::IQ4_NL => {
                scales[0] = half(block, 0);
                nibbles(&block[2..], quantized);
                quantized.iter_mut().for_each(|code| *code = level(*code));
            }
            Self::IQ4_XS => {
                let (scale, high, low) = (half(block, 0), u16::from_le_bytes([block[2], block[3]]), &block[4..8]);
                for (group, to) in scales.iter_mut().enumerate().take(8) {
                    let low = low[group / 2] >> (4 * (group % 2)) & 0xf;
                    *to = scale * (f32::from(low | ((high >> (2 * group) & 3) as u8) << 4) - 32.0);
                }
                for (group, quantized) in block[8..].chunks_exact(16).zip(quantized.chunks_exact_mut(32)) {
                    nibbles(group, quantized);
                    quantized.iter_mut().for_each(|code| *code = level(*code));
                }
            }
            Self::Q4_K => {
                six_bit_scales(block, scales, mins);
                for (pair, quantized) in block[16..].chunks_exact(32).zip(quantized.chunks_exact_mut(64)) {
                    nibbles(pair, quantized);
                }
            }
            Self::Q5_K => {
                six_bit_scales(block, scales, mins);
                let (high, low) = block[16..].split_at(32);
                for (pair, quantized) in low.chunks_exact(32).zip(quantized.chunks_exact_mut(64)) {
                    nibbles(pair, quantized);
                }
                for (bit, quantized) in quantized.chunks_exact_mut(32).enumerate() {
                    quantized.iter_mut().zip(high).for_each(|(code, high)| *code |= (high >> bit & 1) << 4);
                }
            }
            Self::Q6_K => {
                let (low, rest) = block.split_at(128);
                let (high, rest) = rest.split_at(64);
                let scale = half(rest, 16);
                for (to, byte) in scales.iter_mut().zip(rest) {
                    *to = scale * f32::from(*byte as i8);
                }
                let halves = low.chunks_exact(64).zip(high.chunks_exact(32)).zip(quantized.chunks_exact_mut(128));
                for ((low, high), quantized) in halves {
                    nibbles(low, quantized);
                    for (pair, quantized) in quantized.chunks_exact_mut(32).enumerate() {
                        for (code, high) in quantized.iter_mut().zip(high) {
                            // From zero point 32 to 128.
                            *code = (*code | (high >> (2 * pair) & 3) << 4) + (128 - 32);
                        }
                    }
                }
            }
        }
    }
}

impl fmt::Display for BlockType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

fn half(block: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([block[at], block[at + 1]]).to_f32()
}

/// Unpacks the low nibbles of all bytes, then the high nibbles.
fn nibbles(bytes: &[u8], quantized: &mut [u8]) {
    let (low, high) = quantized.split_at_mut(quantized.len() / 2);
    for ((low, high), byte) in low.iter_mut().zip(high).zip(bytes) {
        (*low, *high) = (byte & 0xf, byte >> 4);
    }
}

/// Unpacks 2-bit values of each 32 bytes: the lowest bits of all bytes first, then the next higher ones.
fn pairs_of_bits(bytes: &[u8], quantized: &mut [u8]) {
    for (bytes, quantized) in bytes.chunks_exact(32).zip(quantized.chunks_exact_mut(128)) {
        for (pair, quantized) in quantized.chunks_exact_mut(32).enumerate() {
            quantized.iter_mut().zip(bytes).for_each(|(code, byte)| *code = byte >> (2 * pair) & 3);
        }
    }
}

/// The level of a 4-bit index, with zero point 128.
fn level(index: u8) -> u8 {
    LEVELS[usize::from(index)] as u8 ^ 0x80
}

fn fifth_bits(bits: &[u8], quantized: &mut [u8]) {
    for (index, code) in quantized.iter_mut().enumerate() {
        *code |= (bits[index / 8] >> (index % 8) & 1) << 4;
    }
}

/// Unpacks the 6-bit scales and mins of eight groups from 12 bytes and multiplies them with the block's f16 scale and
/// min.
fn six_bit_scales(block: &[u8], scales: &mut [f32], mins: &mut [f32]) {
    let (scale, minimum, packed) = (half(block, 0), half(block, 2), &block[4..16]);
    for group in 0..4 {
        let (a, b, c) = (packed[group], packed[group + 4], packed[group + 8]);
        let quantized = [(a & 63, b & 63), (c & 0xf | a >> 6 << 4, c >> 4 | b >> 6 << 4)];
        for (half, (scale_code, minimum_code)) in quantized.into_iter().enumerate() {
            scales[group + 4 * half] = scale * f32::from(scale_code);
            mins[group + 4 * half] = -(minimum * f32::from(minimum_code));
        }
    }
}
