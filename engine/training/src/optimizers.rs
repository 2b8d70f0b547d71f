use burn::tensor::bf16;
use trustformers_core::{Error, Result};
use trustformers_kernels::optimizer::{
    self, Adafactor, AdafactorTensors, Adam, Adam8bitTensors, AdamTensors, MeanSquares, Parameter, Sgd, SgdTensors,
};
use trustformers_tensor::{DType, Element, Tensor};

/// A parameter that has a gradient, and its state of Adam.
pub struct AdamState<'a> {
    /// The parameter.
    pub parameter: &'a mut Tensor,
    /// Moving averages of gradients and of their squares.
    pub averages: [&'a mut Tensor; 2],
    /// Largest moving averages of squares so far.
    pub largest: Option<&'a mut Tensor>,
    /// Number of the step, from 1 on.
    pub step: f64,
}

/// A parameter that has a gradient, and its state of Adam in 8 bits.
pub struct AdamState8bit<'a> {
    /// The parameter.
    pub parameter: &'a mut Tensor,
    /// Codes of the moving averages of gradients and of their squares.
    pub codes: [&'a mut Tensor; 2],
    /// Scales of the codes, one for each [`BLOCK`](trustformers_kernels::optimizer::BLOCK).
    pub scales: [&'a mut Tensor; 2],
    /// Number of the step, from 1 on.
    pub step: f64,
}

/// A parameter that has a gradient, and its state of stochastic gradient descent.
pub struct SgdState<'a> {
    /// The parameter.
    pub parameter: &'a mut Tensor,
    /// The updates so far, if there is a momentum.
    pub momentum: Option<&'a mut Tensor>,
    /// Whether there were no updates yet.
    pub is_first: bool,
}

/// A parameter that has a gradient, and its state of Adafactor, in float32.
pub struct AdafactorState<'a> {
    /// The parameter.
    pub parameter: &'a mut Tensor,
    /// Moving averages of the squares of gradients: of all elements, or of rows and of columns.
    pub squares: Vec<&'a mut Tensor>,
    /// Moving averages of updates, if they are averaged.
    pub average: Option<&'a mut Tensor>,
    /// Learning rate.
    pub lr: f64,
    /// Coefficient of the moving averages of squares.
    pub coefficient: f64,
}

/// What the step of an optimizer changes, of one parameter.
trait State<'a>: Sized {
    fn parameter(&mut self) -> &mut Tensor;
}

macro_rules! states {
    ($($name:ident)*) => {
        $(impl<'a> State<'a> for $name<'a> {
            fn parameter(&mut self) -> &mut Tensor {
                self.parameter
            }
        })*
    };
}

states!(AdafactorState AdamState AdamState8bit SgdState);

/// A step of Adam; parameters and states are float32 or bfloat16 on the cpu.
///
/// **Errors:** `Internal` if a tensor is of another dtype or device, or a parameter has no gradient.
pub fn adam(options: &Adam, states: Vec<AdamState<'_>>) -> Result<()> {
    let (wide, narrow) = by_dtype(states)?;
    adam_of::<f32>(options, wide)?;
    adam_of::<bf16>(options, narrow)
}

/// A step of Adam with states in 8 bits; parameters are float32 or bfloat16 on the cpu.
///
/// **Errors:** as of [`adam`].
pub fn adam_8bit(options: &Adam, states: Vec<AdamState8bit<'_>>) -> Result<()> {
    let (wide, narrow) = by_dtype(states)?;
    adam_8bit_of::<f32>(options, wide)?;
    adam_8bit_of::<bf16>(options, narrow)
}

/// A step of stochastic gradient descent; parameters and states are float32 or bfloat16 on the cpu.
///
/// **Errors:** as of [`adam`].
pub fn sgd(options: &Sgd, states: Vec<SgdState<'_>>) -> Result<()> {
    let (wide, narrow) = by_dtype(states)?;
    sgd_of::<f32>(options, wide)?;
    sgd_of::<bf16>(options, narrow)
}

/// A step of Adafactor; parameters are float32 or bfloat16 on the cpu. Returns the root mean squares of the parameters
/// before the step.
///
/// **Errors:** as of [`adam`].
pub fn adafactor(options: &Adafactor, states: Vec<AdafactorState<'_>>) -> Result<Vec<f64>> {
    let are_wide: Vec<_> = states.iter().map(|state| state.parameter.dtype() == DType::F32).collect();
    let (wide, narrow) = by_dtype(states)?;
    let mut wide = adafactor_of::<f32>(options, wide)?.into_iter();
    let mut narrow = adafactor_of::<bf16>(options, narrow)?.into_iter();
    Ok(are_wide.into_iter().filter_map(|is_wide| if is_wide { wide.next() } else { narrow.next() }).collect())
}

fn by_dtype<'a, S: State<'a>>(states: Vec<S>) -> Result<(Vec<S>, Vec<S>)> {
    let (mut wide, mut narrow) = (Vec::new(), Vec::new());
    for mut state in states {
        match state.parameter().dtype() {
            DType::F32 => wide.push(state),
            DType::BF16 => narrow.push(state),
            other => return Err(Error::internal(format!("a parameter of {other} in a step on slices"))),
        }
    }
    Ok((wide, narrow))
}

fn adam_of<T: Float>(options: &Adam, mut states: Vec<AdamState<'_>>) -> Result<()> {
    for AdamState { parameter, averages: [average, square], largest, .. } in &mut states {
        for tensor in [average, square].into_iter().chain(largest) {
            check::<T>(tensor, parameter.num_elements())?;
        }
    }
    let gradients = states.iter().map(|state| gradient::<T>(state.parameter)).collect::<Result<Vec<_>>>()?;
    let mut sources = vec![None; states.len()];
    let all = states.into_iter().zip(&gradients).zip(&mut sources);
    let tensors = all.map(|((state, gradient), source)| {
        let [average, square] = state.averages;
        Ok(AdamTensors {
            parameter: parameter(state.parameter, source)?,
            gradient: slice(gradient)?,
            averages: [average.make_mut_slice()?, square.make_mut_slice()?],
            largest: state.largest.map(Tensor::make_mut_slice).transpose()?,
            step: state.step,
        })
    });
    optimizer::adam::<T>(options, tensors.collect::<Result<_>>()?);
    Ok(())
}

fn adam_8bit_of<T: Float>(options: &Adam, mut states: Vec<AdamState8bit<'_>>) -> Result<()> {
    for AdamState8bit { parameter, codes, scales, .. } in &mut states {
        let len = parameter.num_elements();
        for (codes, scales) in codes.iter_mut().zip(scales) {
            check::<u8>(codes, len)?;
            check::<f32>(scales, len.div_ceil(optimizer::BLOCK))?;
        }
    }
    let gradients = states.iter().map(|state| gradient::<T>(state.parameter)).collect::<Result<Vec<_>>>()?;
    let mut sources = vec![None; states.len()];
    let all = states.into_iter().zip(&gradients).zip(&mut sources);
    let tensors = all.map(|((state, gradient), source)| {
        let ([average, square], [average_scales, square_scales]) = (state.codes, state.scales);
        Ok(Adam8bitTensors {
            parameter: parameter(state.parameter, source)?,
            gradient: slice(gradient)?,
            codes: [average.make_mut_slice()?, square.make_mut_slice()?],
            scales: [average_scales.make_mut_slice()?, square_scales.make_mut_slice()?],
            step: state.step,
        })
    });
    optimizer::adam_8bit::<T>(options, tensors.collect::<Result<_>>()?);
    Ok(())
}

fn sgd_of<T: Float>(options: &Sgd, mut states: Vec<SgdState<'_>>) -> Result<()> {
    for SgdState { parameter, momentum, .. } in &mut states {
        if let Some(momentum) = momentum {
            check::<T>(momentum, parameter.num_elements())?;
        }
    }
    let gradients = states.iter().map(|state| gradient::<T>(state.parameter)).collect::<Result<Vec<_>>>()?;
    let mut sources = vec![None; states.len()];
    let all = states.into_iter().zip(&gradients).zip(&mut sources);
    let tensors = all.map(|((state, gradient), source)| {
        Ok(SgdTensors {
            parameter: parameter(state.parameter, source)?,
            gradient: slice(gradient)?,
            momentum: state.momentum.map(Tensor::make_mut_slice).transpose()?,
            is_first: state.is_first,
        })
    });
    optimizer::sgd::<T>(options, tensors.collect::<Result<_>>()?);
    Ok(())
}

fn adafactor_of<T: Float>(options: &Adafactor, mut states: Vec<AdafactorState<'_>>) -> Result<Vec<f64>> {
    for AdafactorState { parameter, squares, average, .. } in &mut states {
        let shape = parameter.shape();
        let len: usize = shape.iter().product();
        let lens = match *shape {
            [.., height, width] if squares.len() == 2 => vec![len / width.max(1), len / height.max(1)],
            _ => vec![len],
        };
        for (tensor, len) in squares.iter_mut().zip(lens) {
            check::<f32>(tensor, len)?;
        }
        if let Some(average) = average {
            check::<f32>(average, len)?;
        }
    }
    let gradients = states.iter().map(|state| gradient::<T>(state.parameter)).collect::<Result<Vec<_>>>()?;
    let mut sources = vec![None; states.len()];
    let all = states.into_iter().zip(&gradients).zip(&mut sources);
    let tensors = all.map(|((state, gradient), source)| {
        let width = state.parameter.shape().last().copied().unwrap_or(1);
        let mut squares = state.squares.into_iter();
        let first = squares.next().ok_or_else(|| Error::internal("a state without mean squares"))?.make_mut_slice()?;
        let squares = match squares.next() {
            Some(columns) => MeanSquares::Factored { rows: first, columns: columns.make_mut_slice()?, width },
            None => MeanSquares::Whole(first),
        };
        Ok(AdafactorTensors {
            parameter: parameter(state.parameter, source)?,
            gradient: slice(gradient)?,
            squares,
            average: state.average.map(Tensor::make_mut_slice).transpose()?,
            lr: state.lr,
            coefficient: state.coefficient,
        })
    });
    Ok(optimizer::adafactor::<T>(options, tensors.collect::<Result<_>>()?))
}

/// Checks a tensor of a state, before the step changes any parameter.
fn check<T: Element>(tensor: &mut Tensor, len: usize) -> Result<()> {
    if tensor.num_elements() != len || tensor.dtype() != T::DTYPE {
        let found = format!("{:?} of {}", tensor.shape(), tensor.dtype());
        return Err(Error::input("state", format!("expected {len} elements of {}, found {found}", T::DTYPE)));
    }
    tensor.make_mut_slice::<T>().map(drop)
}

/// Elements of tensors that kernels compute with.
trait Float: Element + trustformers_kernels::Element {}

impl Float for f32 {}
impl Float for bf16 {}

/// The gradient of a parameter, in row-major order.
fn gradient<T: Element>(parameter: &Tensor) -> Result<Tensor> {
    let gradient = parameter.gradient().ok_or_else(|| Error::internal("a parameter without a gradient"))?;
    Ok(gradient.get().detached().cast(T::DTYPE)?.contiguous())
}

fn slice<T: Element>(tensor: &Tensor) -> Result<&[T]> {
    tensor.as_slice().ok_or_else(|| Error::internal("a gradient that is not on the cpu"))
}

/// The elements of a parameter: its own memory, or new memory if something else uses it, such as a model or a view.
fn parameter<'a, T: Element>(parameter: &'a mut Tensor, source: &'a mut Option<Tensor>) -> Result<Parameter<'a, T>> {
    if parameter.as_mut_slice::<T>().is_none() {
        let unwritten = parameter.unwritten_like::<T>();
        let unwritten = unwritten.ok_or_else(|| Error::internal("a parameter that is not on the cpu"))?;
        *source = Some(std::mem::replace(parameter, unwritten).detached().contiguous());
    }
    let source = source.as_ref().map(slice).transpose()?;
    Ok(Parameter { target: parameter.make_mut_slice()?, source })
}

#[cfg(test)]
mod tests {
    use trustformers_core::Device;
    use trustformers_ops::Flex;
    use trustformers_tensor::TensorDevice;

    use super::*;

    const OPTIONS: Adam =
        Adam { lr: 0.5, betas: [0.9, 0.999], eps: 0.0, weight_decay: 0.0, is_decoupled: true, gradient_factor: 1.0 };

    fn tensor(values: &[f32]) -> Tensor {
        let device = TensorDevice::new::<Flex>(Default::default(), Device::Cpu);
        Tensor::from_f32(values.to_vec(), &[values.len()], &device).unwrap()
    }

    fn with_gradient(values: &[f32], gradient: &[f32], dtype: DType) -> Tensor {
        let leaf = tensor(values).cast(dtype).unwrap().as_leaf().unwrap();
        leaf.set_gradient(Some(tensor(gradient).cast(dtype).unwrap())).unwrap();
        leaf
    }

    fn values(tensor: &Tensor) -> Vec<f64> {
        tensor.to_f64().unwrap()
    }

    #[test]
    fn a_first_step_of_adam_is_the_learning_rate() {
        let mut parameters = [DType::F32, DType::BF16].map(|dtype| with_gradient(&[1.0, 2.0], &[-3.0, 0.25], dtype));
        let mut state = parameters.each_ref().map(|x| [x.zeros(), x.zeros()]);
        let all = parameters.iter_mut().zip(&mut state);
        let states = all.map(|(parameter, averages)| AdamState {
            parameter,
            averages: averages.each_mut(),
            largest: None,
            step: 1.0,
        });
        adam(&OPTIONS, states.collect()).unwrap();
        for (parameter, [average, square]) in parameters.iter().zip(&state) {
            assert_eq!(values(parameter), [1.5, 1.5], "{}", parameter.dtype());
            assert!(parameter.is_leaf() && parameter.gradient().is_some());
            assert!((values(average)[0] + 0.3).abs() < 1e-2 && (values(square)[0] - 0.009).abs() < 1e-3);
        }
    }

    #[test]
    fn views_of_a_parameter_stay() {
        let mut parameter = with_gradient(&[1.0, 2.0], &[1.0, 1.0], DType::F32);
        let memory = parameter.as_slice::<f32>().unwrap().as_ptr();
        let options =
            Sgd { lr: 0.5, momentum: 0.0, dampening: 0.0, weight_decay: 0.0, is_nesterov: false, gradient_factor: 1.0 };
        let step = |parameter: &mut Tensor| {
            sgd(&options, vec![SgdState { parameter, momentum: None, is_first: true }]).unwrap();
        };
        step(&mut parameter);
        assert_eq!(parameter.as_slice::<f32>().unwrap().as_ptr(), memory);
        let view = parameter.detached();
        step(&mut parameter);
        assert_eq!((values(&view), values(&parameter)), (vec![0.5, 1.5], vec![0.0, 1.0]));
        assert!(parameter.is_leaf() && parameter.requires_grad());
    }

    #[test]
    fn states_may_have_8_bits() {
        // The map has one, but minus one becomes the code beside it.
        let mut parameter = with_gradient(&[1.0; 300], &[2.0; 300], DType::F32);
        let mut codes = [parameter.zeros(), parameter.zeros()].map(|x| x.cast(DType::U8).unwrap());
        let mut scales = [tensor(&[0.0; 2]), tensor(&[0.0; 2])];
        for step in [1.0, 2.0] {
            let (codes, scales) = (codes.each_mut(), scales.each_mut());
            adam_8bit(&OPTIONS, vec![AdamState8bit { parameter: &mut parameter, codes, scales, step }]).unwrap();
        }
        assert!(values(&parameter).iter().all(|x| x.abs() < 1e-5));
        assert!((values(&scales[0])[1] - 0.38).abs() < 1e-6);
    }

    #[test]
    fn a_wrong_state_changes_nothing() {
        let mut parameters = [1.0, 2.0].map(|x| with_gradient(&[x, x], &[1.0, 1.0], DType::F32));
        let views = parameters.each_ref().map(Tensor::detached);
        for wrong in [tensor(&[0.0]), tensor(&[0.0; 2]).cast(DType::BF16).unwrap()] {
            let mut averages = [[tensor(&[0.0; 2]), tensor(&[0.0; 2])], [tensor(&[0.0; 2]), wrong]];
            let all = parameters.iter_mut().zip(&mut averages).map(|(parameter, averages)| AdamState {
                parameter,
                averages: averages.each_mut(),
                largest: None,
                step: 1.0,
            });
            let error = adam(&OPTIONS, all.collect()).unwrap_err().to_string();
            assert!(error.contains("state: expected 2 elements of float32, found"), "{error}");
        }
        assert!(parameters.iter().zip(&views).all(|(parameter, view)| values(parameter) == values(view)));
    }

    #[test]
    fn what_kernels_do_not_know_is_an_error() {
        let step = |mut parameter: Tensor| {
            let mut averages = [parameter.zeros(), parameter.zeros()];
            let averages = averages.each_mut();
            adam(&OPTIONS, vec![AdamState { parameter: &mut parameter, averages, largest: None, step: 1.0 }])
        };
        let of_f64 = step(with_gradient(&[1.0], &[1.0], DType::F64));
        assert!(of_f64.unwrap_err().to_string().contains("a parameter of float64"));
        assert!(step(tensor(&[1.0])).unwrap_err().to_string().contains("without a gradient"));
    }

    trait Zeros {
        fn zeros(&self) -> Tensor;
    }

    impl Zeros for Tensor {
        fn zeros(&self) -> Tensor {
            Tensor::full(&self.shape(), trustformers_tensor::Scalar::Int(0), self.dtype(), self.device()).unwrap()
        }
    }
}
