use burn::tensor::backend::Backend;
use burn::tensor::{DType as BurnDType, Tensor};

use crate::EngineBackend;

/// Which elements of a head are rotated as a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotaryLayout {
    /// Elements `i` and `i + rotary_dim / 2`.
    RotateHalf,
    /// Elements `2 i` and `2 i + 1`.
    Interleaved,
}

/// Rotary angles of every row of a batch.
#[derive(Clone, Debug)]
pub struct Rotation<B: Backend> {
    /// Cosines of the angles in f32. **Shapes:** `[rows, rotary_dim / 2]`.
    pub cos: Tensor<B, 2>,
    /// Sines of the angles in f32. **Shapes:** `[rows, rotary_dim / 2]`.
    pub sin: Tensor<B, 2>,
    /// Which elements of a head are rotated as a pair.
    pub layout: RotaryLayout,
}

impl<B: Backend> Rotation<B> {
    /// A copy on another device.
    pub fn to_device(&self, device: &B::Device) -> Self {
        let [cos, sin] = [&self.cos, &self.sin].map(|table| table.clone().to_device(device));
        Self { cos, sin, layout: self.layout }
    }
}

/// Applies rotary position embedding to the first `rotary_dim` elements of each head.
///
/// **Shapes:** `x: [rows, heads * head_dim]`; returns the shape of `x`. **Source:** arXiv 2104.09864 section 3.4.
pub fn rotate<B: EngineBackend>(x: Tensor<B, 2>, head_dim: usize, rotation: &Rotation<B>) -> Tensor<B, 2> {
    <B as EngineBackend>::rotate(x, head_dim, rotation)
}

pub(crate) fn reference<B: Backend>(x: Tensor<B, 2>, head_dim: usize, rotation: &Rotation<B>) -> Tensor<B, 2> {
    let Rotation { cos, sin, layout } = rotation;
    let dtype = x.dtype();
    let ([rows, width], [_, half]) = (x.dims(), cos.dims());
    let heads = width / head_dim;
    let x = x.cast(BurnDType::F32).reshape([rows, heads, head_dim]);
    let (cos, sin) = (cos.clone().unsqueeze_dim::<3>(1), sin.clone().unsqueeze_dim::<3>(1));
    let rotary = x.clone().narrow(2, 0, 2 * half);
    let (first, second) = match layout {
        RotaryLayout::RotateHalf => (rotary.clone().narrow(2, 0, half), rotary.narrow(2, half, half)),
        RotaryLayout::Interleaved => {
            let pairs = rotary.reshape([rows, heads, half, 2]);
            let element = |at| pairs.clone().narrow(3, at, 1).reshape([rows, heads, half]);
            (element(0), element(1))
        }
    };
    let rotated_first = first.clone() * cos.clone() - second.clone() * sin.clone();
    let rotated_second = second * cos + first * sin;
    let rotated = match layout {
        RotaryLayout::RotateHalf => Tensor::cat(vec![rotated_first, rotated_second], 2),
        RotaryLayout::Interleaved => {
            Tensor::stack::<4>(vec![rotated_first, rotated_second], 3).reshape([rows, heads, 2 * half])
        }
    };
    let whole = match head_dim - 2 * half {
        0 => rotated,
        rest => Tensor::cat(vec![rotated, x.narrow(2, 2 * half, rest)], 2),
    };
    whole.reshape([rows, width]).cast(dtype)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;
    use crate::Flex;

    #[test]
    fn flex_override_equals_plain_burn() {
        let device = Default::default();
        for (rows, heads, head_dim, half) in [(1, 1, 4, 2), (5, 3, 10, 3), (33, 4, 64, 32)] {
            for layout in [RotaryLayout::RotateHalf, RotaryLayout::Interleaved] {
                let random =
                    |width| Tensor::<Flex, 2>::random([rows, width], Distribution::Uniform(-1.0, 1.0), &device);
                let x = random(2 * heads * head_dim).narrow(1, heads * head_dim, heads * head_dim);
                let angles = random(half);
                let rotation = Rotation { cos: angles.clone().cos(), sin: angles.sin(), layout };
                let found = rotate(x.clone(), head_dim, &rotation).into_data();
                let expected = reference(x, head_dim, &rotation).into_data();
                found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-6));
            }
        }
    }
}
