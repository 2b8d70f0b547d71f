//! Shared test inputs.

use crate::element::Element;
use crate::gemm::Format;

/// A repeatable sequence of values in [-1, 1).
pub(crate) fn values(len: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect()
}

/// [`values`] in an element type.
pub(crate) fn elements<T: Element>(len: usize, seed: u64) -> Vec<T> {
    values(len, seed).into_iter().map(T::narrow).collect()
}

/// Maximum relative rounding error of an element type.
pub(crate) fn rounding<T: Element>() -> f64 {
    match T::FORMAT {
        Format::Bf16 => 2f64.powi(-8),
        _ => 2f64.powi(-24),
    }
}

/// Pairs of row count and row length; some are large enough for several threads.
pub(crate) fn row_shapes() -> Vec<(usize, usize)> {
    let large = [(2, 384), (100, 384), (45, 768), (33, 1025)];
    let random = values(60, 7);
    let pick = |value: f32, limit: f32| ((value + 1.0) * 0.5 * limit) as usize;
    let small = random.chunks(2).map(|pair| (1 + pick(pair[0], 9.0), 1 + 2 * pick(pair[1], 35.0)));
    let shapes = [(0, 5), (1, 1), (3, 2), (2, 32), (2, 64)].into_iter().chain(small);
    // Miri runs scalar code a thousand times slower.
    if cfg!(miri) { shapes.take(12).collect() } else { shapes.chain(large).collect() }
}
