use super::{Parameter, TASK, for_each};
use crate::Element;
use crate::cpu::{self, Isa, Kernel, mul_add, vectorize};

/// Options of Adam, arXiv 1412.6980, with the formulas of `torch.optim.Adam`.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// Learning rate.
    pub lr: f64,
    /// Coefficients of the moving averages of gradients and of their squares.
    pub betas: [f64; 2],
    /// Added to the denominator.
    pub eps: f64,
    /// Coefficient of the decay.
    pub weight_decay: f64,
    /// Whether the decay is of the parameters, arXiv 1711.05101, instead of a part of the gradients.
    pub is_decoupled: bool,
    /// Factor of the gradients; negative to maximize.
    pub gradient_factor: f64,
}

/// A parameter, its gradient and its state.
#[derive(Debug)]
pub struct AdamTensors<'a, T> {
    /// The parameter.
    pub parameter: Parameter<'a, T>,
    /// The gradient.
    pub gradient: &'a [T],
    /// Moving averages of gradients and of their squares.
    pub averages: [&'a mut [T]; 2],
    /// Largest moving averages of squares so far, arXiv 1904.09237.
    pub largest: Option<&'a mut [T]>,
    /// Number of the step, from 1 on.
    pub step: f64,
}

/// A step of Adam for all tensors.
///
/// **Panics** if the lengths of a parameter, its gradient and its state differ.
pub fn adam<T: Element>(options: &Adam, tensors: Vec<AdamTensors<'_, T>>) {
    adam_with(cpu::isa(), options, tensors);
}

fn adam_with<T: Element>(isa: Isa, options: &Adam, tensors: Vec<AdamTensors<'_, T>>) {
    let parts = tensors.into_iter().flat_map(|tensors| tensors.parts(options)).collect();
    for_each(parts, |part| vectorize(isa, part));
}

impl<'a, T: Element> AdamTensors<'a, T> {
    fn parts(self, options: &Adam) -> Vec<Part<'a, T>> {
        let len = self.parameter.target.len();
        let [average, square] = self.averages;
        let lens = [self.gradient.len(), average.len(), square.len(), self.largest.as_ref().map_or(len, |x| x.len())];
        assert_eq!(lens, [len; 4], "lengths of the gradient and of the state");
        let coefficients = Coefficients::new(options, self.step);
        let mut largest = self.largest.map(|largest| largest.chunks_mut(TASK));
        let state = average.chunks_mut(TASK).zip(square.chunks_mut(TASK));
        let parts = self.parameter.chunks().zip(self.gradient.chunks(TASK)).zip(state);
        parts
            .map(|((parameter, gradient), (average, square))| Part {
                coefficients,
                parameter,
                gradient,
                average,
                square,
                largest: largest.as_mut().and_then(Iterator::next),
            })
            .collect()
    }
}

/// The numbers of a step, as `torch.optim.Adam` rounds them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coefficients {
    gradient_factor: f32,
    gradient_decay: f32,
    kept: f32,
    weights: [f32; 2],
    beta2: f32,
    eps: f32,
    step_size: f32,
    root: f32,
}

impl Coefficients {
    pub(super) fn new(options: &Adam, step: f64) -> Self {
        let Adam { lr, betas, eps, weight_decay, is_decoupled, gradient_factor } = *options;
        let corrections = betas.map(|beta| 1.0 - beta.powf(step));
        Self {
            gradient_factor: gradient_factor as f32,
            gradient_decay: if is_decoupled { 0.0 } else { weight_decay as f32 },
            kept: if is_decoupled { (1.0 - lr * weight_decay) as f32 } else { 1.0 },
            weights: betas.map(|beta| (1.0 - beta) as f32),
            beta2: betas[1] as f32,
            eps: eps as f32,
            step_size: (lr / corrections[0]) as f32,
            root: corrections[1].sqrt() as f32,
        }
    }

    /// The parameter before its update, and the moving averages.
    #[inline(always)]
    pub(super) fn averages<const FUSED: bool>(
        &self,
        parameter: f32,
        gradient: f32,
        [average, square]: [f32; 2],
    ) -> (f32, [f32; 2]) {
        let gradient = mul_add::<FUSED>(self.gradient_decay, parameter, gradient * self.gradient_factor);
        let average = mul_add::<FUSED>(self.weights[0], gradient - average, average);
        let square = mul_add::<FUSED>(self.weights[1] * gradient, gradient, self.beta2 * square);
        (parameter * self.kept, [average, square])
    }

    /// The parameter after its update.
    #[inline(always)]
    pub(super) fn updated(&self, parameter: f32, average: f32, square: f32) -> f32 {
        parameter - self.step_size * average / (square.sqrt() / self.root + self.eps)
    }
}

struct Part<'a, T> {
    coefficients: Coefficients,
    parameter: Parameter<'a, T>,
    gradient: &'a [T],
    average: &'a mut [T],
    square: &'a mut [T],
    largest: Option<&'a mut [T]>,
}

impl<T: Element> Kernel for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let by = self.coefficients;
        let state = self.average.iter_mut().zip(self.square);
        let all = self.parameter.elements().iter_mut().zip(self.gradient).zip(state);
        let averages = |parameter: T, gradient: T, average: &mut T, square: &mut T| {
            let before = [average.widen(), square.widen()];
            let (parameter, [new, new_square]) = by.averages::<FUSED>(parameter.widen(), gradient.widen(), before);
            (*average, *square) = (T::narrow(new), T::narrow(new_square));
            (parameter, new, new_square)
        };
        match self.largest {
            None => all.for_each(|((parameter, gradient), (average, square))| {
                let (kept, average, square) = averages(*parameter, *gradient, average, square);
                *parameter = T::narrow(by.updated(kept, average, square));
            }),
            Some(largest) => all.zip(largest).for_each(|(((parameter, gradient), (average, square)), largest)| {
                let (kept, average, square) = averages(*parameter, *gradient, average, square);
                let most = if square > largest.widen() { square } else { largest.widen() };
                *largest = T::narrow(most);
                *parameter = T::narrow(by.updated(kept, average, most));
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;
    use crate::testing::values;

    const OPTIONS: Adam =
        Adam { lr: 0.1, betas: [0.9, 0.99], eps: 1e-6, weight_decay: 0.1, is_decoupled: true, gradient_factor: 1.0 };

    /// The formulas of the paper in f64, of one element and a gradient for each step.
    fn reference(options: &Adam, amsgrad: bool, mut parameter: f64, gradients: &[f64]) -> f64 {
        let (mut average, mut square, mut largest) = (0.0, 0.0, 0.0f64);
        for (step, gradient) in (1..).zip(gradients) {
            let mut gradient = gradient * options.gradient_factor;
            if options.is_decoupled {
                parameter -= options.lr * options.weight_decay * parameter;
            } else {
                gradient += options.weight_decay * parameter;
            }
            let [beta1, beta2] = options.betas;
            average = beta1 * average + (1.0 - beta1) * gradient;
            square = beta2 * square + (1.0 - beta2) * gradient * gradient;
            largest = if amsgrad { largest.max(square) } else { square };
            let denominator = (largest / (1.0 - beta2.powi(step))).sqrt() + options.eps;
            parameter -= options.lr * average / (1.0 - beta1.powi(step)) / denominator;
        }
        parameter
    }

    #[test]
    fn steps_follow_the_formulas() {
        let others =
            [Adam { is_decoupled: false, ..OPTIONS }, Adam { gradient_factor: -0.5, weight_decay: 0.0, ..OPTIONS }];
        // More than a task, and a vector's remainder.
        let lens = if cfg!(miri) { [5, 3] } else { [TASK + 37, 3] };
        for options in [&OPTIONS, &others[0], &others[1]] {
            for amsgrad in [false, true] {
                for isa in Isa::testable() {
                    let start = lens.map(|len| values(len, 1));
                    let gradients: Vec<_> = (2..6).map(|seed| lens.map(|len| values(len, seed))).collect();
                    let mut parameters = start.clone();
                    let mut states = lens.map(|len| [vec![0.0; len], vec![0.0; len], vec![0.0; len]]);
                    for (step, gradients) in (1..).zip(&gradients) {
                        let all = parameters.iter_mut().zip(gradients).zip(&mut states);
                        let tensors = all.map(|((target, gradient), [average, square, largest])| AdamTensors {
                            parameter: Parameter { target, source: None },
                            gradient,
                            averages: [average, square],
                            largest: amsgrad.then_some(largest),
                            step: f64::from(step),
                        });
                        adam_with(isa, options, tensors.collect());
                    }
                    for (tensor, found) in parameters.iter().enumerate() {
                        for at in (0..found.len()).step_by(if found.len() > 100 { 17 } else { 1 }) {
                            let each: Vec<_> = gradients.iter().map(|step| f64::from(step[tensor][at])).collect();
                            let expected = reference(options, amsgrad, f64::from(start[tensor][at]), &each);
                            let error = (f64::from(found[at]) - expected).abs();
                            assert!(error < 3e-6, "{isa:?} {options:?} {amsgrad}: {} {expected}", found[at]);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_step_may_write_other_memory_than_it_reads() {
        let (source, gradient) = (values(TASK + 5, 1), values(TASK + 5, 2));
        let mut found = [source.clone(), vec![7.0; source.len()]];
        for (index, target) in found.iter_mut().enumerate() {
            let [mut average, mut square] = [vec![0.0; source.len()], vec![0.0; source.len()]];
            let parameter = Parameter { target, source: (index == 1).then_some(&source) };
            let averages: [&mut [f32]; 2] = [&mut average, &mut square];
            adam(&OPTIONS, vec![AdamTensors { parameter, gradient: &gradient, averages, largest: None, step: 1.0 }]);
        }
        assert_eq!(found[0], found[1]);
        assert_ne!(found[0], source);
    }

    #[test]
    fn narrow_floats_are_computed_in_f32() {
        let narrow = |values: Vec<f32>| values.into_iter().map(bf16::from_f32).collect::<Vec<_>>();
        let (source, gradient) = (narrow(values(100, 1)), narrow(values(100, 2)));
        for isa in Isa::testable() {
            let mut target = source.clone();
            let [mut average, mut square] = [vec![bf16::ZERO; 100], vec![bf16::ZERO; 100]];
            let averages: [&mut [bf16]; 2] = [&mut average, &mut square];
            let parameter = Parameter { target: &mut target, source: None };
            let tensors = AdamTensors { parameter, gradient: &gradient, averages, largest: None, step: 1.0 };
            adam_with(isa, &OPTIONS, vec![tensors]);
            for ((found, start), gradient) in target.iter().zip(&source).zip(&gradient) {
                let expected = reference(&OPTIONS, false, f64::from(*start), &[f64::from(*gradient)]);
                let error = (f64::from(*found) - expected).abs();
                assert!(error <= expected.abs() / 256.0 + 1e-6, "{isa:?}: {found} {expected}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "lengths of the gradient and of the state")]
    fn lengths_must_be_equal() {
        let [mut target, mut average, mut square] = [[0.0f32; 3], [0.0; 3], [0.0; 3]];
        let parameter = Parameter { target: &mut target, source: None };
        let averages: [&mut [f32]; 2] = [&mut average, &mut square];
        adam(&OPTIONS, vec![AdamTensors { parameter, gradient: &[1.0; 2], averages, largest: None, step: 1.0 }]);
    }
}
