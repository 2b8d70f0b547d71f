use super::adam::{Adam, Coefficients};
use super::quantization::{BLOCK, Map};
use super::{Parameter, TASK, for_each};
use crate::Element;
use crate::cpu::{self, Isa, Kernel, vectorize};
use crate::rows::fold;

/// A parameter, its gradient, and its state in 8 bits.
#[derive(Debug)]
pub struct Adam8bitTensors<'a, T> {
    /// The parameter.
    pub parameter: Parameter<'a, T>,
    /// The gradient.
    pub gradient: &'a [T],
    /// Codes of the moving averages of gradients and of their squares.
    pub codes: [&'a mut [u8]; 2],
    /// Scales of the codes, one for each [`BLOCK`].
    pub scales: [&'a mut [f32]; 2],
    /// Number of the step, from 1 on; the state of the first one is ignored.
    pub step: f64,
}

/// A step of Adam for all tensors, arXiv 2110.02861.
///
/// **Panics** if the lengths of a parameter, its gradient and its state do not match.
pub fn adam_8bit<T: Element>(options: &Adam, tensors: Vec<Adam8bitTensors<'_, T>>) {
    adam_8bit_with(cpu::isa(), options, tensors);
}

fn adam_8bit_with<T: Element>(isa: Isa, options: &Adam, tensors: Vec<Adam8bitTensors<'_, T>>) {
    let parts = tensors.into_iter().flat_map(|tensors| tensors.parts(options)).collect();
    for_each(parts, |part| vectorize(isa, part));
}

impl<'a, T: Element> Adam8bitTensors<'a, T> {
    fn parts(self, options: &Adam) -> Vec<Part<'a, T>> {
        let len = self.parameter.target.len();
        let [average, square] = self.codes;
        let [average_scales, square_scales] = self.scales;
        assert_eq!(
            [self.gradient.len(), average.len(), square.len()],
            [len; 3],
            "lengths of the gradient and the codes"
        );
        assert_eq!([average_scales.len(), square_scales.len()], [len.div_ceil(BLOCK); 2], "lengths of the scales");
        let coefficients = Coefficients::new(options, self.step);
        let averages = average.chunks_mut(TASK).zip(average_scales.chunks_mut(TASK / BLOCK));
        let squares = square.chunks_mut(TASK).zip(square_scales.chunks_mut(TASK / BLOCK));
        let parts = self.parameter.chunks().zip(self.gradient.chunks(TASK)).zip(averages).zip(squares);
        parts
            .map(|(((parameter, gradient), average), square)| Part {
                coefficients,
                is_first: self.step <= 1.0,
                parameter,
                gradient,
                average,
                square,
            })
            .collect()
    }
}

type Quantized<'a> = (&'a mut [u8], &'a mut [f32]);

struct Part<'a, T> {
    coefficients: Coefficients,
    is_first: bool,
    parameter: Parameter<'a, T>,
    gradient: &'a [T],
    average: Quantized<'a>,
    square: Quantized<'a>,
}

impl<T: Element> Kernel for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (by, maps) = (self.coefficients, [Map::signed(), Map::unsigned()]);
        let averages = self.average.0.chunks_mut(BLOCK).zip(self.average.1);
        let squares = self.square.0.chunks_mut(BLOCK).zip(self.square.1);
        let blocks = self.parameter.elements().chunks_mut(BLOCK).zip(self.gradient.chunks(BLOCK));
        for ((parameter, gradient), (average, square)) in blocks.zip(averages.zip(squares)) {
            let (mut first, mut second) = ([0.0; BLOCK], [0.0; BLOCK]);
            if !self.is_first {
                restore(maps[0], &average, &mut first);
                restore(maps[1], &square, &mut second);
            }
            let state = first.iter_mut().zip(&mut second);
            for ((parameter, gradient), (first, second)) in parameter.iter_mut().zip(gradient).zip(state) {
                let (kept, new) = by.averages::<FUSED>(parameter.widen(), gradient.widen(), [*first, *second]);
                [*first, *second] = new;
                *parameter = T::narrow(by.updated(kept, new[0], new[1]));
            }
            keep(maps[0], &first[..parameter.len()], average);
            keep(maps[1], &second[..parameter.len()], square);
        }
    }
}

#[inline(always)]
fn restore(map: &Map, (codes, scale): &(&mut [u8], &mut f32), numbers: &mut [f32; BLOCK]) {
    for (number, code) in numbers.iter_mut().zip(&**codes) {
        *number = map.values[usize::from(*code)] * **scale;
    }
}

#[inline(always)]
fn keep(map: &Map, numbers: &[f32], (codes, scale): (&mut [u8], &mut f32)) {
    *scale = fold(numbers, 0.0, |most, x| if x.abs() > most { x.abs() } else { most }, f32::max);
    let factor = if *scale > 0.0 { 1.0 / *scale } else { 0.0 };
    for (code, number) in codes.iter_mut().zip(numbers) {
        *code = map.code(number * factor);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AdamTensors, adam};
    use super::*;
    use crate::testing::values;

    const OPTIONS: Adam =
        Adam { lr: 0.01, betas: [0.9, 0.99], eps: 1e-8, weight_decay: 0.1, is_decoupled: true, gradient_factor: 1.0 };

    #[test]
    fn steps_are_near_those_with_f32_states() {
        let len = if cfg!(miri) { BLOCK + 3 } else { TASK + BLOCK + 3 };
        for isa in Isa::testable() {
            let mut targets = [values(len, 1), values(len, 1)];
            let [mut average, mut square] = [vec![0.0; len], vec![0.0; len]];
            // Memory that was never written may hold anything.
            let mut codes = [vec![200; len], vec![200; len]];
            let mut scales = [vec![f32::NAN; len.div_ceil(BLOCK)], vec![f32::NAN; len.div_ceil(BLOCK)]];
            for step in 1..=8 {
                let gradient: Vec<f32> = values(len, 1).iter().zip(values(len, 1 + step)).map(|(a, b)| a + b).collect();
                let [wide, narrow] = &mut targets;
                let averages: [&mut [f32]; 2] = [&mut average, &mut square];
                let parameter = Parameter { target: wide, source: None };
                let step = step as f64;
                adam(&OPTIONS, vec![AdamTensors { parameter, gradient: &gradient, averages, largest: None, step }]);
                let parameter = Parameter { target: narrow, source: None };
                let codes = codes.each_mut().map(|codes| &mut codes[..]);
                let scales = scales.each_mut().map(|scales| &mut scales[..]);
                let tensors = Adam8bitTensors { parameter, gradient: &gradient, codes, scales, step };
                adam_8bit_with(isa, &OPTIONS, vec![tensors]);
            }
            let [wide, narrow] = &targets;
            let moved: f64 = wide.iter().zip(values(len, 1)).map(|(x, start)| f64::from((x - start).abs())).sum();
            let apart: f64 = wide.iter().zip(narrow).map(|(a, b)| f64::from((a - b).abs())).sum();
            assert!(moved > 1e-2 * len as f64 && apart < 0.03 * moved, "{isa:?}: {moved} {apart}");
        }
    }

    #[test]
    fn a_block_of_zeros_stays() {
        let (mut target, gradient) = (vec![1.0f32; 5], [0.0; 5]);
        let (mut codes, mut scales) = ([vec![0; 5], vec![0; 5]], [[1.0], [1.0]]);
        for step in [1.0, 2.0] {
            let parameter = Parameter { target: &mut target, source: None };
            let codes = codes.each_mut().map(|codes| &mut codes[..]);
            let scales = scales.each_mut().map(|scales| &mut scales[..]);
            let options = Adam { weight_decay: 0.0, ..OPTIONS };
            adam_8bit(&options, vec![Adam8bitTensors { parameter, gradient: &gradient, codes, scales, step }]);
        }
        assert_eq!(target, [1.0; 5]);
        assert_eq!(scales, [[0.0]; 2]);
    }
}
