//! Moving averages in 8 bits: blocks share a scale, and codes are indices of the values of a dynamic map, whose relative
//! precision is about the same over seven decades (arXiv 2110.02861, section 2.1).

use std::sync::OnceLock;

/// Elements that share a scale.
pub const BLOCK: usize = 256;

/// Decades of the map.
const DECADES: i32 = 7;
/// Bits below those of a float that select a cell of the table: an exponent and seven bits of the mantissa.
const SHIFT: u32 = 16;
/// The power of two whose cell is the first: a quarter of the smallest midpoint, or less.
const LEAST: f32 = 1.0 / (1 << 24) as f32;
/// Number of cells, a power of two; those beyond 1 are not used.
const CELLS: usize = 4096;

/// Values of codes, and what finds the code of the nearest value.
pub(super) struct Map {
    /// The value of each code.
    pub(super) values: [f32; 256],
    /// The code of zero.
    zero: i32,
    /// Of each cell of magnitudes, the index of the nearest magnitude at its start.
    cells: [i32; CELLS],
    /// The midpoint of each magnitude and the next one.
    midpoints: [f32; 256],
}

impl Map {
    /// The map of numbers between -1 and 1.
    pub(super) fn signed() -> &'static Self {
        static MAP: OnceLock<Map> = OnceLock::new();
        MAP.get_or_init(|| Self::new(true))
    }

    /// The map of numbers between 0 and 1.
    pub(super) fn unsigned() -> &'static Self {
        static MAP: OnceLock<Map> = OnceLock::new();
        MAP.get_or_init(|| Self::new(false))
    }

    fn new(is_signed: bool) -> Self {
        let mut magnitudes = vec![0.0f32];
        for decade in 0..DECADES {
            let count = 1 << (decade + i32::from(!is_signed));
            let width = 0.9 / f64::from(count);
            let scale = 10f64.powi(decade + 1 - DECADES);
            magnitudes.extend((0..count).map(|at| (scale * (0.1 + (f64::from(at) + 0.5) * width)) as f32));
        }
        magnitudes.push(1.0);
        let mut values = [0.0; 256];
        // One is the only number without its negative.
        let zero = if is_signed { magnitudes.len() - 2 } else { 0 };
        for (at, magnitude) in magnitudes.iter().enumerate() {
            values[zero + at] = *magnitude;
            if is_signed && at <= zero {
                values[zero - at] = -magnitude;
            }
        }
        let mut midpoints = [f32::INFINITY; 256];
        for (midpoint, pair) in midpoints.iter_mut().zip(magnitudes.windows(2)) {
            *midpoint = (pair[0] + pair[1]) / 2.0;
        }
        let nearest = |magnitude: f32| midpoints.iter().filter(|midpoint| **midpoint < magnitude).count() as i32;
        let mut cells = [0; CELLS];
        for (at, cell) in cells.iter_mut().enumerate().take(cell_of(1.0) + 1) {
            *cell = nearest(f32::from_bits(((LEAST.to_bits() >> SHIFT) + at as u32) << SHIFT));
        }
        Self { values, zero: zero as i32, cells, midpoints }
    }

    /// The code of the value that is nearest to a number between -1 and 1.
    // Without branches and checks of bounds, so that loops are vectorized.
    #[inline(always)]
    pub(super) fn code(&self, number: f32) -> u8 {
        let magnitude = number.abs().min(1.0);
        let start = self.cells[cell_of(magnitude)];
        // A cell has one midpoint at most.
        let index = start + i32::from(magnitude > self.midpoints[start as usize & 255]);
        let code = self.zero + if number < 0.0 { -index } else { index };
        code.max(0) as u8
    }
}

/// The cell of a magnitude up to 1.
#[inline(always)]
fn cell_of(magnitude: f32) -> usize {
    let cell = (magnitude.to_bits() >> SHIFT) as i32 - (LEAST.to_bits() >> SHIFT) as i32;
    cell.max(0) as usize & (CELLS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_are_those_of_the_dynamic_map() {
        for (map, first, len) in [(Map::signed(), -0.992_968_8, 127), (Map::unsigned(), 0.0, 0)] {
            assert!(map.values.windows(2).all(|pair| pair[0] < pair[1]));
            assert!((map.values[0] - first).abs() < 1e-6, "{}", map.values[0]);
            assert_eq!((map.values[len], map.values[255]), (0.0, 1.0));
        }
        // The smallest numbers beside zero, of bitsandbytes' create_dynamic_map.
        assert!((Map::signed().values[128] - 5.5e-7).abs() < 1e-12);
        assert!((Map::unsigned().values[1] - 3.25e-7).abs() < 1e-12);
    }

    #[test]
    fn codes_are_those_of_the_nearest_values() {
        for map in [Map::signed(), Map::unsigned()] {
            for (code, value) in map.values.iter().enumerate() {
                assert_eq!(usize::from(map.code(*value)), code, "{value}");
            }
            let count = if cfg!(miri) { 50 } else { 100_000 };
            for at in 0..=count {
                let magnitude = 10f32.powf(-9.0 * at as f32 / count as f32);
                for number in [magnitude, -magnitude] {
                    if number < 0.0 && map.values[0] == 0.0 {
                        continue;
                    }
                    let distance = |value: f32| (value - number).abs();
                    let found = distance(map.values[usize::from(map.code(number))]);
                    let least = map.values.iter().copied().map(distance).fold(f32::INFINITY, f32::min);
                    assert!(found <= least * 1.001, "{number}: {found} {least}");
                }
            }
        }
    }
}
