//! What a decoder attends to, as a Python class.

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyReadonlyArrayDyn};
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pyfunction, gen_stub_pymethods};
use trustformers::Result;
use trustformers::models::SourceCall;

use crate::arrays::{Floats, Ids};

/// Inputs of an encoder-decoder's encoder: int64 arrays of shape (batch, seq), or float32 `inputs_embeds` of shape (batch,
/// seq, embedding_size); or `encoder_outputs` of shape (batch, seq, hidden), which are not encoded again.
#[gen_stub_pyclass]
#[pyclass(name = "EncoderSource", frozen)]
pub struct PyEncoderSource {
    input_ids: Option<Ids>,
    inputs_embeds: Option<Floats>,
    attention_mask: Option<Ids>,
    encoder_outputs: Option<Floats>,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyEncoderSource {
    #[new]
    #[pyo3(signature = (input_ids=None, inputs_embeds=None, attention_mask=None, encoder_outputs=None))]
    fn new(
        input_ids: Option<PyReadonlyArray2<'_, i64>>,
        inputs_embeds: Option<PyReadonlyArrayDyn<'_, f32>>,
        attention_mask: Option<PyReadonlyArray2<'_, i64>>,
        encoder_outputs: Option<PyReadonlyArrayDyn<'_, f32>>,
    ) -> Self {
        Self {
            input_ids: input_ids.as_ref().map(Ids::copy),
            inputs_embeds: inputs_embeds.as_ref().map(Floats::copy),
            attention_mask: attention_mask.as_ref().map(Ids::copy),
            encoder_outputs: encoder_outputs.as_ref().map(Floats::copy),
        }
    }
}

/// Token ids (batch, seq) shifted to the right, after `start`, or without it after the last token of each row that is not
/// `pad`; -100 becomes `pad`.
#[gen_stub_pyfunction]
#[pyfunction]
#[pyo3(signature = (input_ids, pad, start=None))]
pub(crate) fn shift_right<'py>(
    input_ids: PyReadonlyArray2<'py, i64>,
    pad: i64,
    start: Option<i64>,
) -> PyResult<Bound<'py, PyArray2<i64>>> {
    let ids = Ids::copy(&input_ids);
    let shifted = trustformers::models::shift_right(&ids.values, ids.shape[0], pad, start);
    PyArray1::from_vec(input_ids.py(), shifted).reshape(ids.shape)
}

impl PyEncoderSource {
    /// The call with these inputs.
    ///
    /// **Errors:** `Input` for floats that do not have three dimensions.
    pub(crate) fn call(&self) -> Result<SourceCall<'_>> {
        Ok(SourceCall {
            input_ids: self.input_ids.as_ref().map(Ids::padded),
            inputs_embeds: self.inputs_embeds.as_ref().map(|floats| floats.padded("inputs_embeds")).transpose()?,
            attention_mask: self.attention_mask.as_ref().map(Ids::padded),
            encoder_outputs: self
                .encoder_outputs
                .as_ref()
                .map(|floats| floats.padded("encoder_outputs"))
                .transpose()?,
            ..SourceCall::default()
        })
    }

    /// Number of sources.
    ///
    /// **Errors:** `Input` if there is no input.
    pub(crate) fn batch(&self) -> Result<usize> {
        Ok(self.call()?.shape()?[0])
    }

    /// Token ids and their shape.
    pub(crate) fn ids(&self) -> Option<&Ids> {
        self.input_ids.as_ref()
    }
}
