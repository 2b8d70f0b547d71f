use std::arch::x86_64::{
    __m256, _mm_add_ps, _mm_add_ss, _mm_cvtss_f32, _mm_movehdup_ps, _mm_movehl_ps, _mm256_castps256_ps128,
    _mm256_extractf128_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_setzero_ps,
};

use super::{Linear, Tile};

const LANES: usize = 8;

/// Computes one tile of the output.
///
/// # Safety
/// The processor has AVX2 and FMA; the tile lies inside the output and nothing else refers to it.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn tile(layer: &Linear<'_>, tile: Tile) {
    let mut col = 0;
    while col < tile.cols {
        let cols = (tile.cols - col).min(4);
        let mut row = 0;
        while row < tile.rows {
            let rows = (tile.rows - row).min(3);
            let at = (row, col);
            // SAFETY: rows `row..row + rows` and columns `col..col + cols` lie inside the tile.
            unsafe {
                match (rows, cols) {
                    (3, 4) => block::<3, 4>(layer, tile, at),
                    (3, 3) => block::<3, 3>(layer, tile, at),
                    (3, 2) => block::<3, 2>(layer, tile, at),
                    (3, _) => block::<3, 1>(layer, tile, at),
                    (2, 4) => block::<2, 4>(layer, tile, at),
                    (2, 3) => block::<2, 3>(layer, tile, at),
                    (2, 2) => block::<2, 2>(layer, tile, at),
                    (2, _) => block::<2, 1>(layer, tile, at),
                    (_, 4) => block::<1, 4>(layer, tile, at),
                    (_, 3) => block::<1, 3>(layer, tile, at),
                    (_, 2) => block::<1, 2>(layer, tile, at),
                    _ => block::<1, 1>(layer, tile, at),
                }
            }
            row += rows;
        }
        col += cols;
    }
    for row in 0..tile.rows {
        // SAFETY: `row` is one of the tile's rows, and the tile is this call's alone.
        let out = unsafe { tile.row_mut(row, layer.n) };
        if let Some(bias) = layer.bias {
            for (out, bias) in out.iter_mut().zip(&bias[tile.col..]) {
                *out += bias;
            }
        }
        if let Some(activation) = layer.activation {
            activation.apply(out);
        }
    }
}

/// Products of `R` input rows with `C` weight rows: at 3 x 4 the sums take 12 of the 16 vector registers.
///
/// # Safety
/// The processor has AVX2 and FMA; the block lies inside the tile, the tile inside the output.
#[target_feature(enable = "avx2,fma")]
unsafe fn block<const R: usize, const C: usize>(layer: &Linear<'_>, tile: Tile, (row, col): (usize, usize)) {
    let Linear { x, weight, k, n, .. } = *layer;
    let x: [&[f32]; R] = std::array::from_fn(|r| &x[(tile.row + row + r) * k..][..k]);
    let weight: [&[f32]; C] = std::array::from_fn(|c| &weight[(tile.col + col + c) * k..][..k]);

    let mut sums = [[_mm256_setzero_ps(); C]; R];
    let whole = k / LANES * LANES;
    let mut i = 0;
    while i < whole {
        // SAFETY: i + LANES <= k, the length of every row slice.
        let w: [__m256; C] = std::array::from_fn(|c| unsafe { _mm256_loadu_ps(weight[c].as_ptr().add(i)) });
        for r in 0..R {
            // SAFETY: as above.
            let x = unsafe { _mm256_loadu_ps(x[r].as_ptr().add(i)) };
            for c in 0..C {
                sums[r][c] = _mm256_fmadd_ps(x, w[c], sums[r][c]);
            }
        }
        i += LANES;
    }
    for r in 0..R {
        // SAFETY: `row + r` is one of the tile's rows, and the tile is this call's alone.
        let out = unsafe { tile.row_mut(row + r, n) };
        for c in 0..C {
            let tail: f32 = x[r][whole..].iter().zip(&weight[c][whole..]).map(|(x, w)| x * w).sum();
            out[col + c] = horizontal_sum(sums[r][c]) + tail;
        }
    }
}

#[target_feature(enable = "avx2,fma")]
fn horizontal_sum(v: __m256) -> f32 {
    let half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
    let quarter = _mm_add_ps(half, _mm_movehl_ps(half, half));
    _mm_cvtss_f32(_mm_add_ss(quarter, _mm_movehdup_ps(quarter)))
}
