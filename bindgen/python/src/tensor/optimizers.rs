//! Steps of optimizers, and norms and scales of gradients, for all tensors of a call at once.

use std::sync::MutexGuard;

use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pyfunction;
use trustformers::tensor::{DType, Gradient, Tensor};
use trustformers::training::{self, Adafactor, AdafactorState, Adam, AdamState, AdamState8bit, Sgd, SgdState};
use trustformers::{Device, Result};

use super::{Contents, Link, PyTensor, compute};
use crate::door;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(adafactor, module)?)?;
    module.add_function(wrap_pyfunction!(adam, module)?)?;
    module.add_function(wrap_pyfunction!(adam_8bit, module)?)?;
    module.add_function(wrap_pyfunction!(sgd, module)?)?;
    module.add_function(wrap_pyfunction!(norm, module)?)?;
    module.add_function(wrap_pyfunction!(scale_gradients, module)?)?;
    module.add_function(wrap_pyfunction!(take_gradients, module)?)
}

type Tensors<'py> = Vec<Bound<'py, PyTensor>>;
/// Learning rate, coefficients of the moving averages, number that is added to the denominator, decay and whether it is
/// of the parameters, factor of the gradients.
type AdamOptions = (f64, (f64, f64), f64, f64, bool, f64);
/// Learning rate, momentum, dampening, decay, whether the momentum is Nesterov's, factor of the gradients.
type SgdOptions = (f64, f64, f64, f64, bool, f64);

/// Number that is added to squares, largest root mean square of an update, coefficient of the moving average of updates,
/// decay, least factor of the learning rate.
type AdafactorOptions = (f64, f64, Option<f64>, f64, Option<f64>);

fn adam_of((lr, betas, eps, weight_decay, is_decoupled, gradient_factor): AdamOptions) -> Adam {
    Adam { lr, betas: betas.into(), eps, weight_decay, is_decoupled, gradient_factor }
}

/// A step of Adam, of parameters and states that are of float32 or bfloat16 on the cpu. `steps` are those of each
/// parameter, from 1 on. Returns whether it was done: parameters that share memory with one another are not changed.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_adam")]
fn adam(
    py: Python<'_>,
    parameters: Tensors<'_>,
    averages: (Tensors<'_>, Tensors<'_>),
    largest: Option<Tensors<'_>>,
    steps: Vec<f64>,
    options: AdamOptions,
) -> PyResult<bool> {
    let has_largest = largest.is_some();
    let state = [averages.0, averages.1].into_iter().chain(largest).collect();
    change(py, parameters, state, move |tensors| {
        let states = tensors.zip(steps).map(|(mut tensors, step)| {
            let largest = has_largest.then(|| tensors.pop()).flatten();
            let [parameter, average, square] = exactly(tensors);
            AdamState { parameter, averages: [average, square], largest, step }
        });
        training::adam(&adam_of(options), states.collect())
    })
    .map(|done| done.is_some())
}

/// A step of Adam with states in 8 bits, of parameters that are of float32 or bfloat16 on the cpu; `codes` are of uint8,
/// and `scales` of float32 have one element for every 256. Returns whether it was done, as `_adam`.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_adam_8bit")]
fn adam_8bit(
    py: Python<'_>,
    parameters: Tensors<'_>,
    codes: (Tensors<'_>, Tensors<'_>),
    scales: (Tensors<'_>, Tensors<'_>),
    steps: Vec<f64>,
    options: AdamOptions,
) -> PyResult<bool> {
    change(py, parameters, vec![codes.0, codes.1, scales.0, scales.1], move |tensors| {
        let states = tensors.zip(steps).map(|(tensors, step)| {
            let [parameter, average, square, average_scales, square_scales] = exactly(tensors);
            AdamState8bit { parameter, codes: [average, square], scales: [average_scales, square_scales], step }
        });
        training::adam_8bit(&adam_of(options), states.collect())
    })
    .map(|done| done.is_some())
}

/// A step of stochastic gradient descent, of parameters and updates so far that are of float32 or bfloat16 on the cpu;
/// `are_first` says which have no updates yet. Returns whether it was done, as `_adam`.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_sgd")]
fn sgd(
    py: Python<'_>,
    parameters: Tensors<'_>,
    momentums: Option<Tensors<'_>>,
    are_first: Vec<bool>,
    options: SgdOptions,
) -> PyResult<bool> {
    let (lr, momentum, dampening, weight_decay, is_nesterov, gradient_factor) = options;
    let options = Sgd { lr, momentum, dampening, weight_decay, is_nesterov, gradient_factor };
    change(py, parameters, momentums.into_iter().collect(), move |tensors| {
        let states = tensors.zip(are_first).map(|(tensors, is_first)| {
            let mut tensors = tensors.into_iter();
            let parameter = tensors.next().expect("each parameter is the first of its tensors");
            SgdState { parameter, momentum: tensors.next(), is_first }
        });
        training::sgd(&options, states.collect())
    })
    .map(|done| done.is_some())
}

/// A step of Adafactor, of parameters that are of float32 or bfloat16 on the cpu; states are of float32. `squares` are
/// the moving averages of the squares of gradients, or those of their rows and of their columns; `rates` are learning
/// rates and coefficients of these averages. Returns the root mean squares of the parameters before the step, or None if
/// it was not done, as `_adam`.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_adafactor")]
fn adafactor(
    py: Python<'_>,
    parameters: Tensors<'_>,
    squares: Vec<Tensors<'_>>,
    averages: Option<Tensors<'_>>,
    rates: Vec<(f64, f64)>,
    options: AdafactorOptions,
) -> PyResult<Option<Vec<f64>>> {
    let (eps, clip_threshold, beta1, weight_decay, least_scale) = options;
    let options = Adafactor { eps, clip_threshold, beta1, weight_decay, least_scale };
    let has_average = averages.is_some();
    let state = squares.into_iter().chain(averages).collect();
    change(py, parameters, state, move |tensors| {
        let states = tensors.zip(rates).map(|(tensors, (lr, coefficient))| {
            let mut tensors = tensors.into_iter();
            let parameter = tensors.next().expect("each parameter is the first of its tensors");
            let mut squares: Vec<_> = tensors.collect();
            let average = has_average.then(|| squares.pop()).flatten();
            AdafactorState { parameter, squares, average, lr, coefficient }
        });
        training::adafactor(&options, states.collect())
    })
}

/// Euclidean norm of all elements of tensors of float32 or bfloat16 on the cpu.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_norm")]
fn norm(py: Python<'_>, tensors: Tensors<'_>) -> PyResult<f64> {
    let tensors: Vec<_> = tensors.iter().map(|tensor| tensor.get().get()).collect();
    compute(py, || training::norm(&tensors))
}

/// Multiplies the gradients of parameters, which are of float32 or bfloat16 on the cpu, by a factor; returns whether all
/// elements were finite, which `check_finite` asks for, or None.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_scale_gradients")]
fn scale_gradients(py: Python<'_>, parameters: Tensors<'_>, factor: f64, check_finite: bool) -> PyResult<Option<bool>> {
    let gradients: Vec<Gradient> = parameters.iter().filter_map(|parameter| parameter.get().get().gradient()).collect();
    compute(py, || match check_finite {
        true => training::scale_finite_gradients(gradients, factor).map(Some),
        false => training::scale_gradients(gradients, factor).map(|()| None),
    })
}

/// Takes the gradients of parameters away from them. Nothing else uses the memory of a result, which may be changed,
/// unless the caller has the gradient already.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_take_gradients")]
fn take_gradients(py: Python<'_>, parameters: Tensors<'_>) -> PyResult<Vec<Option<PyTensor>>> {
    let mut found = Vec::with_capacity(parameters.len());
    for parameter in &parameters {
        let parameter = parameter.get().get();
        let gradient = parameter.gradient().map(|gradient| gradient.get());
        if gradient.is_some() {
            door::run_here(py, || parameter.set_gradient(None))?;
        }
        found.push(gradient.map(PyTensor::of));
    }
    Ok(found)
}

fn exactly<const N: usize>(tensors: Vec<&mut Tensor>) -> [&mut Tensor; N] {
    tensors.try_into().unwrap_or_else(|_| unreachable!("each parameter has one tensor of each kind"))
}

/// Gives `work` each parameter that has a gradient with its tensors of `state`, and tells models of changes of their
/// weights. Returns what the work gives, or `None` if the tensors are not those of a step.
///
/// Readers of the tensors wait meanwhile, so that they see all elements of before or of after.
fn change<T: Send>(
    py: Python<'_>,
    parameters: Tensors<'_>,
    state: Vec<Tensors<'_>>,
    work: impl FnOnce(&mut dyn Iterator<Item = Vec<&mut Tensor>>) -> Result<T> + Send,
) -> PyResult<Option<T>> {
    let count = parameters.len();
    if state.iter().any(|tensors| tensors.len() != count) {
        return Ok(None);
    }
    for parameter in &parameters {
        parameter.get().check_change(py)?;
    }
    let all: Vec<&PyTensor> = parameters.iter().chain(state.iter().flatten()).map(|tensor| tensor.get()).collect();
    // In one order, so that two threads do not wait for each other.
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|index| std::ptr::from_ref(all[*index]).addr());
    let is_known = |tensor: &PyTensor| matches!(tensor.link, Link::Own | Link::Weight(_));
    let is_twice = order.windows(2).any(|pair| std::ptr::eq(all[pair[0]], all[pair[1]]));
    if is_twice || !all.iter().all(|tensor| is_known(tensor)) {
        return Ok(None);
    }
    // Another thread may drop the gradients meanwhile; their memory is freed after the locks of the tensors.
    let _gradients: Vec<_> = parameters.iter().map(|tensor| tensor.get().get().gradient().map(|x| x.get())).collect();
    let (done, _foreign) = compute(py, || {
        let mut guards: Vec<(usize, MutexGuard<'_, Contents>)> =
            order.iter().map(|index| (*index, all[*index].contents())).collect();
        guards.sort_by_key(|(index, _)| *index);
        if !guards.iter().enumerate().all(|(index, (_, contents))| fits(&contents.tensor, index < count)) {
            return Ok((None, Vec::new()));
        }
        let foreign = training::foreign(guards.iter_mut().map(|(_, contents)| &mut contents.tensor));
        let mut tensors: Vec<Vec<&mut Tensor>> = (0..count).map(|_| Vec::new()).collect();
        for (index, contents) in &mut guards {
            let Contents { tensor, origin, exported } = &mut **contents;
            // New elements may be in other memory than the array's.
            (*origin, *exported) = (None, None);
            tensors[*index % count].push(tensor);
        }
        work(&mut tensors.into_iter()).map(|done| (Some(done), foreign))
    })?;
    if done.is_some() {
        for parameter in &parameters {
            if let Link::Weight(weight) = &parameter.get().link {
                weight.call_method0(py, "written")?;
            }
        }
    }
    Ok(done)
}

/// Whether kernels can change a tensor.
fn fits(tensor: &Tensor, is_parameter: bool) -> bool {
    let dtypes: &[DType] =
        if is_parameter { &[DType::F32, DType::BF16] } else { &[DType::F32, DType::BF16, DType::U8] };
    tensor.device().name() == Device::Cpu
        && dtypes.contains(&tensor.dtype())
        && (!is_parameter || tensor.gradient().is_some_and(|gradient| gradient.get().dtype().is_float()))
}
