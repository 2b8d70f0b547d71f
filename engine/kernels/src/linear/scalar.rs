use super::{Linear, Tile};

/// Computes one tile of the output.
///
/// # Safety
/// The tile lies inside the output and nothing else refers to it.
pub(super) unsafe fn tile(layer: &Linear<'_>, tile: Tile) {
    let Linear { x, weight, bias, activation, k, n } = *layer;
    for row in 0..tile.rows {
        // SAFETY: `row` is one of the tile's rows, and the tile is this call's alone.
        let out = unsafe { tile.row_mut(row, n) };
        let x = &x[(tile.row + row) * k..][..k];
        for (col, out) in out.iter_mut().enumerate() {
            let col = tile.col + col;
            *out = dot(x, &weight[col * k..][..k]) + bias.map_or(0.0, |bias| bias[col]);
        }
        if let Some(activation) = activation {
            activation.apply(out);
        }
    }
}

/// Dot product in eight partial sums, which the compiler may keep in one vector.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + tail
}
