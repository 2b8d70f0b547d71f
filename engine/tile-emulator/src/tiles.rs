//! The tile registers and the semantics of AMX instructions.
//!
//! Source: Intel SDM volume 2, the "Operation" sections of the instructions. A nonzero start row, which only the resume
//! after an exception needs, is refused.

use std::ptr;

use crate::decode::{Instruction, Product};

const TILES: usize = 8;
const ROWS: usize = 16;
const UNITS: usize = 16;
pub(crate) const PALETTE: u8 = 1;
pub(crate) const CONFIGURATION_BYTES: usize = 64;

/// The violated condition of an instruction.
pub(crate) type Refused = &'static str;

#[derive(Clone, Copy, Default)]
struct Shape {
    rows: usize,
    bytes: usize,
}

/// Tile registers of a thread.
pub(crate) struct Tiles {
    is_configured: bool,
    shapes: [Shape; TILES],
    data: [[[u32; UNITS]; ROWS]; TILES],
}

impl Tiles {
    pub(crate) const RELEASED: Self =
        Self { is_configured: false, shapes: [Shape { rows: 0, bytes: 0 }; TILES], data: [[[0; UNITS]; ROWS]; TILES] };

    /// # Safety
    /// The memory that the instruction names may be read or written.
    pub(crate) unsafe fn execute(&mut self, instruction: Instruction) -> Result<(), Refused> {
        match instruction {
            Instruction::LoadConfiguration(address) => {
                // SAFETY: the caller's promise.
                let bytes = unsafe { ptr::with_exposed_provenance::<[u8; CONFIGURATION_BYTES]>(address).read() };
                return self.configure(&bytes);
            }
            Instruction::StoreConfiguration(address) => {
                // SAFETY: the caller's promise.
                unsafe {
                    ptr::with_exposed_provenance_mut::<[u8; CONFIGURATION_BYTES]>(address).write(self.configuration())
                };
            }
            Instruction::Release => *self = Self::RELEASED,
            Instruction::Zero(tile) => {
                self.shape(tile)?;
                self.data[tile] = Default::default();
            }
            Instruction::Load(tile, rows) => {
                let shape = self.shape(tile)?;
                self.data[tile] = Default::default();
                for (row, data) in self.data[tile].iter_mut().enumerate().take(shape.rows) {
                    let from = ptr::with_exposed_provenance::<u8>(rows.at(row));
                    // SAFETY: the caller's promise; a row has at least `bytes` bytes.
                    unsafe { from.copy_to_nonoverlapping(data.as_mut_ptr().cast(), shape.bytes) };
                }
            }
            Instruction::Store(tile, rows) => {
                let shape = self.shape(tile)?;
                for (row, data) in self.data[tile].iter().enumerate().take(shape.rows) {
                    let to = ptr::with_exposed_provenance_mut::<u8>(rows.at(row));
                    // SAFETY: the caller's promise; a row has at least `bytes` bytes.
                    unsafe { to.copy_from_nonoverlapping(data.as_ptr().cast(), shape.bytes) };
                }
            }
            Instruction::Multiply { product, sums, left, right } => return self.multiply(product, [sums, left, right]),
        }
        Ok(())
    }

    fn configure(&mut self, bytes: &[u8; CONFIGURATION_BYTES]) -> Result<(), Refused> {
        if bytes[0] != PALETTE {
            return Err("only palette 1 is emulated");
        }
        if bytes[1] != 0 {
            return Err("starting at a later row is not emulated");
        }
        let unused = [2..16, 16 + 2 * TILES..48, 48 + TILES..64];
        if unused.into_iter().any(|range| bytes[range].iter().any(|&byte| byte != 0)) {
            return Err("reserved bytes of the configuration are not zero");
        }
        let mut shapes = [Shape::default(); TILES];
        for (tile, shape) in shapes.iter_mut().enumerate() {
            *shape = Shape {
                rows: usize::from(bytes[48 + tile]),
                bytes: usize::from(u16::from_le_bytes([bytes[16 + 2 * tile], bytes[17 + 2 * tile]])),
            };
            if shape.rows > ROWS || shape.bytes > UNITS * 4 || (shape.rows == 0) != (shape.bytes == 0) {
                return Err("a tile of the configuration is too large or has only one size");
            }
        }
        *self = Self { is_configured: true, shapes, ..Self::RELEASED };
        Ok(())
    }

    fn configuration(&self) -> [u8; CONFIGURATION_BYTES] {
        let mut bytes = [0; CONFIGURATION_BYTES];
        if self.is_configured {
            bytes[0] = PALETTE;
            for (tile, shape) in self.shapes.iter().enumerate() {
                bytes[16 + 2 * tile..][..2].copy_from_slice(&(shape.bytes as u16).to_le_bytes());
                bytes[48 + tile] = shape.rows as u8;
            }
        }
        bytes
    }

    fn shape(&self, tile: usize) -> Result<Shape, Refused> {
        match self.shapes.get(tile) {
            _ if !self.is_configured => Err("tiles are not configured"),
            None => Err("there are eight tiles"),
            Some(shape) if shape.rows == 0 => Err("the tile has no size"),
            Some(shape) if shape.bytes % 4 != 0 => Err("the tile's rows are no multiple of four bytes"),
            Some(shape) => Ok(*shape),
        }
    }

    fn multiply(&mut self, product: Product, tiles: [usize; 3]) -> Result<(), Refused> {
        let [sums, left, right] = tiles;
        if sums == left || sums == right || left == right {
            return Err("a tile is used twice");
        }
        let (m_by_n, m_by_k, k_by_n) = (self.shape(sums)?, self.shape(left)?, self.shape(right)?);
        if m_by_n.rows != m_by_k.rows || m_by_n.bytes != k_by_n.bytes || m_by_k.bytes / 4 != k_by_n.rows {
            return Err("the tiles' sizes do not fit each other");
        }
        let (m, n, k) = (m_by_n.rows, m_by_n.bytes / 4, k_by_n.rows);
        let right = self.data[right];
        let mut result = [[0; UNITS]; ROWS];
        for (row, result) in result.iter_mut().enumerate().take(m) {
            let (sums, left) = (&self.data[sums][row], &self.data[left][row]);
            let row = match product {
                Product::Bf16 => bf16_row(sums, &left[..k], &right),
                Product::Int8 { signed_left, signed_right } => {
                    int8_row(sums, &left[..k], &right, signed_left, signed_right)
                }
            };
            result[..n].copy_from_slice(&row[..n]);
        }
        self.data[sums] = result;
        Ok(())
    }
}

/// One row of TDPBF16PS. Even and odd products are summed separately; denormals are zero.
fn bf16_row(sums: &[u32; UNITS], left: &[u32], right: &[[u32; UNITS]; ROWS]) -> [u32; UNITS] {
    let flush = |x: f32| if x.is_subnormal() { 0.0f32.copysign(x) } else { x };
    let halves = |unit: u32| [unit << 16, unit & 0xffff_0000].map(|bits| flush(f32::from_bits(bits)));
    let mut partial = [[0.0f32; 2]; UNITS];
    for (&left, right) in left.iter().zip(right) {
        let left = halves(left);
        for (partial, &right) in partial.iter_mut().zip(right) {
            let right = halves(right);
            // No fused multiply-add is needed: a product of two bf16 is exact in f32 unless it overflows.
            *partial = [0, 1].map(|half| flush(partial[half] + left[half] * right[half]));
        }
    }
    std::array::from_fn(|col| {
        let sum = flush(f32::from_bits(sums[col]));
        flush(sum + flush(partial[col][0] + partial[col][1])).to_bits()
    })
}

/// One row of TDPB[SU][SU]D.
fn int8_row(
    sums: &[u32; UNITS],
    left: &[u32],
    right: &[[u32; UNITS]; ROWS],
    signed_left: bool,
    signed_right: bool,
) -> [u32; UNITS] {
    let number = |byte: u8, signed| if signed { i32::from(byte as i8) } else { i32::from(byte) };
    let mut sums = sums.map(|sum| sum as i32);
    for (left, right) in left.iter().zip(right) {
        let left = left.to_le_bytes().map(|byte| number(byte, signed_left));
        for (sum, right) in sums.iter_mut().zip(right) {
            for (left, right) in left.iter().zip(right.to_le_bytes()) {
                *sum = sum.wrapping_add(left * number(right, signed_right));
            }
        }
    }
    sums.map(|sum| sum as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::SMALL;

    #[test]
    fn rejects_configurations_that_raise_an_exception() {
        let refused = |place: usize, byte: u8| {
            let mut bytes = SMALL;
            bytes[place] = byte;
            let mut tiles = Tiles::RELEASED;
            tiles.configure(&bytes).is_err() && tiles.configuration() == [0; CONFIGURATION_BYTES]
        };
        assert!(!refused(0, PALETTE));
        for (place, byte) in [(0, 2), (2, 1), (15, 1), (16, 4), (18, 65), (19, 1), (32, 1), (49, 17), (49, 0), (56, 1)]
        {
            assert!(refused(place, byte), "byte {place} = {byte}");
        }
    }

    #[test]
    fn rejects_instructions_that_raise_an_exception() {
        let mut tiles = Tiles::RELEASED;
        assert!(tiles.multiply(Product::Bf16, [1, 2, 3]).is_err(), "not configured");
        tiles.configure(&SMALL).unwrap();
        assert!(tiles.multiply(Product::Bf16, [1, 2, 3]).is_ok());
        for wrong in [[1, 3, 2], [2, 1, 3], [1, 1, 3], [1, 2, 2], [0, 2, 3], [1, 2, 8]] {
            assert!(tiles.multiply(Product::Bf16, wrong).is_err(), "{wrong:?}");
        }
        assert!(tiles.shape(0).is_err() && tiles.shape(8).is_err());
    }
}
