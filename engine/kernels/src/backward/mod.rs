//! Backward passes of fused operations, in f32.

mod activation;
mod attention;
mod norm;

use crate::Element;
use crate::cpu::{self, Kernel, vectorize};
use crate::rows;

pub use activation::{activate, activate_backward, gate_backward};
pub use attention::{AttentionBackward, Sequence};
pub use norm::NormBackward;

/// Adds a bias to every row in place, on all threads.
///
/// **Shapes:** `x: [rows, width]`, `bias: [width]`. **Panics** if `x` is not of whole rows.
pub fn add_bias<T: Element>(x: &mut [T], bias: &[T]) {
    assert!(x.len().is_multiple_of(bias.len().max(1)), "x is not [rows, width]");
    rows::for_each_block(x, bias.len(), |_, block| {
        vectorize(cpu::isa(), AddBias { block, bias });
    });
}

struct AddBias<'a, T> {
    block: &'a mut [T],
    bias: &'a [T],
}

impl<T: Element> Kernel for AddBias<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for row in self.block.chunks_exact_mut(self.bias.len()) {
            row.iter_mut().zip(self.bias).for_each(|(x, bias)| *x = T::narrow(x.widen() + bias.widen()));
        }
    }
}

/// Elements below which a second thread costs more than it saves.
const SERIAL: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::elements;

    #[test]
    fn a_bias_is_added_to_every_row() {
        for (rows, width) in [(1, 1), (7, 5), (300, 257), (200, 700)] {
            let x = elements::<f32>(rows * width, 1);
            let bias = elements::<f32>(width, 2);
            let mut biased = x.clone();
            add_bias(&mut biased, &bias);
            for (at, found) in biased.iter().enumerate() {
                assert_eq!(*found, x[at] + bias[at % width]);
            }
        }
    }
}
