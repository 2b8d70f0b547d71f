use super::{Parameter, TASK, for_each};
use crate::Element;
use crate::cpu::{self, Isa, Kernel, mul_add, vectorize};

/// Options of stochastic gradient descent, with the formulas of `torch.optim.SGD`.
#[derive(Clone, Copy, Debug)]
pub struct Sgd {
    /// Learning rate.
    pub lr: f64,
    /// Factor of the updates so far.
    pub momentum: f64,
    /// One minus the factor of the gradients that are added to these.
    pub dampening: f64,
    /// Factor of the parameters that are added to their gradients.
    pub weight_decay: f64,
    /// Whether to use Nesterov's momentum.
    pub is_nesterov: bool,
    /// Factor of the gradients; negative to maximize.
    pub gradient_factor: f64,
}

/// A parameter, its gradient and its state.
#[derive(Debug)]
pub struct SgdTensors<'a, T> {
    /// The parameter.
    pub parameter: Parameter<'a, T>,
    /// The gradient.
    pub gradient: &'a [T],
    /// The updates so far, if there is a momentum.
    pub momentum: Option<&'a mut [T]>,
    /// Whether the gradient is the first one, so that there are no updates yet.
    pub is_first: bool,
}

/// A step of stochastic gradient descent for all tensors.
///
/// **Panics** if the lengths of a parameter, its gradient and its state differ.
pub fn sgd<T: Element>(options: &Sgd, tensors: Vec<SgdTensors<'_, T>>) {
    sgd_with(cpu::isa(), options, tensors);
}

fn sgd_with<T: Element>(isa: Isa, options: &Sgd, tensors: Vec<SgdTensors<'_, T>>) {
    let parts = tensors.into_iter().flat_map(|tensors| tensors.parts(options)).collect();
    for_each(parts, |part| vectorize(isa, part));
}

impl<'a, T: Element> SgdTensors<'a, T> {
    fn parts(self, options: &Sgd) -> Vec<Part<'a, T>> {
        let len = self.parameter.target.len();
        let lens = [self.gradient.len(), self.momentum.as_ref().map_or(len, |x| x.len())];
        assert_eq!(lens, [len; 2], "lengths of the gradient and of the state");
        let mut momentum = self.momentum.map(|momentum| momentum.chunks_mut(TASK));
        let parts = self.parameter.chunks().zip(self.gradient.chunks(TASK));
        parts
            .map(|(parameter, gradient)| Part {
                options: *options,
                is_first: self.is_first,
                parameter,
                gradient,
                momentum: momentum.as_mut().and_then(Iterator::next),
            })
            .collect()
    }
}

struct Part<'a, T> {
    options: Sgd,
    is_first: bool,
    parameter: Parameter<'a, T>,
    gradient: &'a [T],
    momentum: Option<&'a mut [T]>,
}

impl<T: Element> Kernel for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Sgd { lr, momentum, dampening, weight_decay, is_nesterov, gradient_factor } = self.options;
        let numbers = [lr, momentum, 1.0 - dampening, weight_decay, gradient_factor].map(|number| number as f32);
        let [lr, momentum, weight, decay, factor] = numbers;
        let all = self.parameter.elements().iter_mut().zip(self.gradient);
        let decayed = |parameter: T, gradient: T| {
            let parameter = parameter.widen();
            (parameter, mul_add::<FUSED>(decay, parameter, gradient.widen() * factor))
        };
        match self.momentum {
            None => all.for_each(|(target, gradient)| {
                let (parameter, update) = decayed(*target, *gradient);
                *target = T::narrow(mul_add::<FUSED>(-lr, update, parameter));
            }),
            Some(updates) => {
                let (kept, weight) = if self.is_first { (0.0, 1.0) } else { (momentum, weight) };
                // With these the next update is the average, or the gradient and a part of the average.
                let (of_gradient, of_updates) = if is_nesterov { (1.0, momentum) } else { (0.0, 1.0) };
                all.zip(updates).for_each(|((target, gradient), updates)| {
                    let (parameter, gradient) = decayed(*target, *gradient);
                    let average = mul_add::<FUSED>(kept, updates.widen(), weight * gradient);
                    *updates = T::narrow(average);
                    let update = mul_add::<FUSED>(of_updates, average, of_gradient * gradient);
                    *target = T::narrow(mul_add::<FUSED>(-lr, update, parameter));
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::values;

    const OPTIONS: Sgd =
        Sgd { lr: 0.1, momentum: 0.9, dampening: 0.25, weight_decay: 0.1, is_nesterov: false, gradient_factor: 1.0 };

    fn reference(options: &Sgd, mut parameter: f64, gradients: &[f64]) -> f64 {
        let mut average = None;
        for gradient in gradients {
            let gradient = gradient * options.gradient_factor + options.weight_decay * parameter;
            let kept = average.map(|average: f64| options.momentum * average + (1.0 - options.dampening) * gradient);
            let new = kept.unwrap_or(gradient);
            average = Some(new);
            let update = match (options.momentum == 0.0, options.is_nesterov) {
                (true, _) => gradient,
                (false, true) => gradient + options.momentum * new,
                (false, false) => new,
            };
            parameter -= options.lr * update;
        }
        parameter
    }

    #[test]
    fn steps_follow_the_formulas() {
        let cases = [
            OPTIONS,
            Sgd { is_nesterov: true, dampening: 0.0, ..OPTIONS },
            Sgd { momentum: 0.0, gradient_factor: -2.0, ..OPTIONS },
        ];
        let len = if cfg!(miri) { 5 } else { TASK + 37 };
        for options in cases {
            for isa in Isa::testable() {
                let start = values(len, 1);
                let gradients: Vec<_> = (2..6).map(|seed| values(len, seed)).collect();
                // Memory that was never written may hold anything.
                let (mut target, mut momentum) = (start.clone(), vec![1e9; len]);
                for (step, gradient) in gradients.iter().enumerate() {
                    let parameter = Parameter { target: &mut target, source: None };
                    let momentum = (options.momentum != 0.0).then_some(&mut momentum[..]);
                    sgd_with(isa, &options, vec![SgdTensors { parameter, gradient, momentum, is_first: step == 0 }]);
                }
                for at in (0..len).step_by(if len > 100 { 17 } else { 1 }) {
                    let each: Vec<_> = gradients.iter().map(|step| f64::from(step[at])).collect();
                    let expected = reference(&options, f64::from(start[at]), &each);
                    assert!((f64::from(target[at]) - expected).abs() < 2e-6, "{isa:?} {options:?}: {expected}");
                }
            }
        }
    }
}
