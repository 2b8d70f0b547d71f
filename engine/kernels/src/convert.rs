//! Conversion between element formats.

use crate::Element;
use crate::cpu::{self, Isa, Kernel};
use crate::rows;

/// Converts every element by rounding or input, on all threads.
///
/// **Panics** if the lengths differ.
pub fn convert<S: Element, T: Element>(x: &[S], out: &mut [T]) {
    convert_with(cpu::isa(), x, out);
}

/// [`convert`] with the given instruction set.
///
/// **Panics** if the lengths differ or the processor lacks the instruction set.
pub fn convert_with<S: Element, T: Element>(isa: Isa, x: &[S], out: &mut [T]) {
    assert!(isa.is_available(), "this processor has no {}", isa.name());
    assert_eq!(x.len(), out.len(), "out is not as long as x");
    rows::for_each_block(out, 1, |start, out| {
        cpu::vectorize(isa, Convert { x: &x[start..][..out.len()], out });
    });
}

struct Convert<'a, S, T> {
    x: &'a [S],
    out: &'a mut [T],
}

impl<S: Element, T: Element> Kernel for Convert<'_, S, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        self.out.iter_mut().zip(self.x).for_each(|(out, x)| *out = T::narrow(x.widen()));
    }
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;
    use crate::testing::values;

    #[test]
    fn conversion_rounds_and_widens_every_element() {
        for len in [0, 1, 33, 100_001] {
            let x = values(len, 3);
            for isa in Isa::testable() {
                let mut halves = vec![bf16::NAN; len];
                convert_with(isa, &x, &mut halves);
                assert!(halves.iter().zip(&x).all(|(half, x)| *half == bf16::from_f32(*x)), "{isa:?}");
                let mut again = vec![0.0; len];
                convert_with(isa, &halves, &mut again);
                assert!(again.iter().zip(&halves).all(|(again, half)| *again == half.to_f32()), "{isa:?}");
            }
        }
    }
}
