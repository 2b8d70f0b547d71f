//! Linear layer in f32: `out = activation(x * transpose(weight) + bias)`.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod scalar;

use rayon::prelude::*;

use crate::Activation;
use crate::cpu::{self, Isa};

/// Rows of `x` that one task computes against its panel of the weight.
const BLOCK_M: usize = 96;
/// Rows of the weight in a panel; with k = 768 it fills 144 KiB, which stays in the L2 cache.
const BLOCK_N: usize = 48;

/// A linear layer's operands.
///
/// **Shapes:** `x: [m, k]`, `weight: [n, k]`, `bias: [n]`, all row-major.
#[derive(Clone, Copy, Debug)]
pub struct Linear<'a> {
    /// Input rows.
    pub x: &'a [f32],
    /// Weight in the checkpoint's layout, output features first.
    pub weight: &'a [f32],
    /// Added to every output row.
    pub bias: Option<&'a [f32]>,
    /// Applied after the bias.
    pub activation: Option<Activation>,
    /// Input features.
    pub k: usize,
    /// Output features.
    pub n: usize,
}

impl Linear<'_> {
    /// Computes the layer with the processor's best instruction set on all threads.
    ///
    /// **Shapes:** `out: [m, n]`. **Panics** if a slice's length does not fit `k` and `n`.
    pub fn run(&self, out: &mut [f32]) {
        self.run_with(cpu::isa(), out);
    }

    /// Computes the layer with the given instruction set.
    ///
    /// **Panics** if a slice's length does not fit, or if the processor lacks the instruction set.
    pub fn run_with(&self, isa: Isa, out: &mut [f32]) {
        let Self { x, weight, bias, k, n, .. } = *self;
        assert!(isa.is_available(), "this processor has no {}", isa.name());
        assert_eq!(weight.len(), n * k, "weight is not [n, k]");
        assert!(bias.is_none_or(|bias| bias.len() == n), "bias is not [n]");
        if n == 0 || out.is_empty() {
            assert!(out.is_empty(), "out is not [m, n]");
            return;
        }
        let m = out.len() / n;
        assert_eq!(out.len(), m * n, "out is not [m, n]");
        assert_eq!(x.len(), m * k, "x is not [m, k]");

        let shared = Shared(out.as_mut_ptr());
        let blocks_n = n.div_ceil(BLOCK_N);
        let blocks = m.div_ceil(BLOCK_M) * blocks_n;
        (0..blocks).into_par_iter().for_each(|block| {
            let (row, col) = (block / blocks_n * BLOCK_M, block % blocks_n * BLOCK_N);
            let tile = Tile { row, col, rows: BLOCK_M.min(m - row), cols: BLOCK_N.min(n - col), out: shared.start() };
            // SAFETY: the tiles of different blocks are disjoint and lie inside `out`, whose length was checked to be
            // m * n and which outlives the loop; the processor was checked to have `isa`.
            unsafe {
                match isa {
                    Isa::Scalar => scalar::tile(self, tile),
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => avx2::tile(self, tile),
                    #[cfg(not(target_arch = "x86_64"))]
                    Isa::Avx2 => unreachable!("is_available was checked"),
                }
            }
        });
    }
}

/// A rectangle of the output that one task owns.
#[derive(Clone, Copy)]
struct Tile {
    row: usize,
    col: usize,
    rows: usize,
    cols: usize,
    out: *mut f32,
}

impl Tile {
    /// The part of output row `row` inside this tile.
    ///
    /// # Safety
    /// `row` is one of the tile's rows, and nothing else refers to this part while the slice lives.
    unsafe fn row_mut<'a>(self, row: usize, n: usize) -> &'a mut [f32] {
        // SAFETY: the tile lies inside an output of row length `n`; exclusiveness is the caller's.
        unsafe { std::slice::from_raw_parts_mut(self.out.add((self.row + row) * n + self.col), self.cols) }
    }
}

/// The output's start, shared between tasks that write disjoint tiles.
struct Shared(*mut f32);

// SAFETY: the pointer is only used through disjoint tiles.
unsafe impl Sync for Shared {}

impl Shared {
    fn start(&self) -> *mut f32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repeatable sequence of values in [-1, 1).
    fn values(len: usize, seed: u64) -> Vec<f32> {
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

    fn in_double_precision(layer: &Linear<'_>, m: usize) -> Vec<f64> {
        let Linear { x, weight, bias, k, n, .. } = *layer;
        let dot = |row: usize, col: usize| -> f64 {
            (0..k).map(|i| f64::from(x[row * k + i]) * f64::from(weight[col * k + i])).sum()
        };
        (0..m * n).map(|at| dot(at / n, at % n) + bias.map_or(0.0, |bias| f64::from(bias[at % n]))).collect()
    }

    fn shapes() -> Vec<(usize, usize, usize)> {
        let seed = values(3 * 40, 11);
        let pick = |value: f32, limit: usize| ((value + 1.0) * 0.5 * limit as f32) as usize;
        let random = seed.chunks(3).map(|v| (1 + pick(v[0], 70), 1 + pick(v[1], 130), pick(v[2], 150)));
        [(1, 1, 0), (1, 1, 1), (3, 4, 8), (97, 49, 33), (192, 96, 40)].into_iter().chain(random).collect()
    }

    #[test]
    fn every_instruction_set_matches_double_precision_on_random_shapes() {
        // Miri runs scalar code a thousand times slower.
        let count = if cfg!(miri) { 6 } else { usize::MAX };
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            for (m, n, k) in shapes().into_iter().take(count) {
                // One element of padding in front varies the alignment.
                let (x, weight, bias) = (values(m * k + 1, 1), values(n * k + 1, 2), values(n, 3));
                for bias in [None, Some(&bias[..])] {
                    let layer = Linear { x: &x[1..], weight: &weight[1..], bias, activation: None, k, n };
                    let mut out = vec![f32::NAN; m * n];
                    layer.run_with(isa, &mut out);
                    for (found, expected) in out.iter().zip(in_double_precision(&layer, m)) {
                        let error = (f64::from(*found) - expected).abs();
                        assert!(error < 2e-6 * (1.0 + k as f64).sqrt(), "{isa:?} {m}x{n}x{k}: off by {error:e}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_instruction_set_applies_the_activation_after_the_bias() {
        let (m, n, k) = (5, 51, 19);
        let (x, weight, bias) = (values(m * k, 4), values(n * k, 5), values(n, 6));
        let layer = |activation| Linear { x: &x, weight: &weight, bias: Some(&bias), activation, k, n };
        for activation in
            [Activation::GeluErf, Activation::GeluTanh, Activation::Relu, Activation::Silu, Activation::Tanh]
        {
            let mut expected = vec![0.0; m * n];
            layer(None).run_with(Isa::Scalar, &mut expected);
            activation.apply(&mut expected);
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
                let mut out = vec![f32::NAN; m * n];
                layer(Some(activation)).run_with(isa, &mut out);
                let error = out.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(error < 1e-5, "{isa:?} {activation:?}: off by {error:e}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "weight is not [n, k]")]
    fn refuses_a_weight_of_the_wrong_length() {
        Linear { x: &[0.0; 4], weight: &[0.0; 7], bias: None, activation: None, k: 4, n: 2 }.run(&mut [0.0; 2]);
    }
}
