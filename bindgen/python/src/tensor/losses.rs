//! Embeddings and losses.

use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pyfunction;
use trustformers::tensor::{CrossEntropy, LossReduction};
use trustformers::{Error, Result};

use super::PyTensor;
use super::creation::TensorLike;
use crate::door;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(embedding, module)?)?;
    module.add_function(wrap_pyfunction!(cross_entropy, module)?)?;
    module.add_function(wrap_pyfunction!(nll_loss, module)?)?;
    module.add_function(wrap_pyfunction!(binary_cross_entropy_with_logits, module)?)
}

/// Looks up rows of the embedding table `weight` by indices of any shape; the row `padding_idx` has no gradient.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, weight, padding_idx=None))]
fn embedding(py: Python<'_>, input: TensorLike, weight: &PyTensor, padding_idx: Option<isize>) -> PyResult<PyTensor> {
    weight.derived(py, |weight| weight.embedding(&input.0, padding_idx))
}

/// Cross entropy of the logits `input` (batch, classes, ...) and the classes `target` (batch, ...), or their
/// probabilities (batch, classes, ...).
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, target, weight=None, *, ignore_index=-100, reduction="mean", label_smoothing=0.0))]
fn cross_entropy(
    py: Python<'_>,
    input: &PyTensor,
    target: TensorLike,
    weight: Option<&PyTensor>,
    ignore_index: i64,
    reduction: &str,
    label_smoothing: f64,
) -> PyResult<PyTensor> {
    let weight = weight.map(PyTensor::get);
    let options = CrossEntropy { weight, ignore_index, reduction: reduction_of(py, reduction)?, label_smoothing };
    input.derived(py, |tensor| tensor.cross_entropy(&target.0, &options))
}

/// Negative log likelihood of the classes `target` (batch, ...), given the log probabilities `input`
/// (batch, classes, ...).
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input, target, weight=None, *, ignore_index=-100, reduction="mean"))]
fn nll_loss(
    py: Python<'_>,
    input: &PyTensor,
    target: TensorLike,
    weight: Option<&PyTensor>,
    ignore_index: i64,
    reduction: &str,
) -> PyResult<PyTensor> {
    let (weight, reduction) = (weight.map(PyTensor::get), reduction_of(py, reduction)?);
    let options = CrossEntropy { weight, ignore_index, reduction, label_smoothing: 0.0 };
    input.derived(py, |tensor| {
        if tensor.rank() == 0 {
            return Err(Error::input("input", "expected at least rank 1, found a tensor of rank 0"));
        }
        tensor.negative_log_likelihood(&target.0, &options)
    })
}

/// Binary cross entropy of each logit of `input` and the probability of `target`.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(name = "_binary_cross_entropy_with_logits", signature = (input, target, pos_weight=None))]
fn binary_cross_entropy_with_logits(
    py: Python<'_>,
    input: &PyTensor,
    target: &PyTensor,
    pos_weight: Option<&PyTensor>,
) -> PyResult<PyTensor> {
    let (target, pos_weight) = (target.get(), pos_weight.map(PyTensor::get));
    input.derived(py, |tensor| tensor.binary_cross_entropy_with_logits(&target, pos_weight.as_ref()))
}

fn reduction_of(py: Python<'_>, name: &str) -> PyResult<LossReduction> {
    let found: Result<_> = match name {
        "none" => Ok(LossReduction::None),
        "mean" => Ok(LossReduction::Mean),
        "sum" => Ok(LossReduction::Sum),
        other => Err(Error::input("reduction", format!("{other:?}; expected \"none\", \"mean\" or \"sum\""))),
    };
    found.map_err(|error| door::exception(py, &error))
}
