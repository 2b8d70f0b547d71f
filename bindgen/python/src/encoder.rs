//! A base model as a Python class.

use std::path::PathBuf;
use std::sync::Arc;

use numpy::PyReadonlyArray2;
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::Device;
use trustformers::models::{Dtype, Encoder, EncoderInput, LoadOptions};

use crate::arrays::{FloatArray, Ids, to_numpy};
use crate::door;

/// A loaded base model.
#[gen_stub_pyclass]
#[pyclass(name = "Encoder", frozen)]
pub struct PyEncoder {
    pub(crate) inner: Arc<dyn Encoder>,
    device: Device,
    in_8_bits: bool,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyEncoder {
    /// Loads `config.json` and the safetensors of a directory; `device` and `dtype` may be "auto". With `in_8_bits` the
    /// weights of linear layers are rounded to bytes.
    #[staticmethod]
    fn from_dir(py: Python<'_>, dir: PathBuf, device: &str, dtype: &str, in_8_bits: bool) -> PyResult<Self> {
        door::run(py, || {
            let device = if device == "auto" { None } else { Some(device.parse()?) };
            let dtype = if dtype == "auto" { Dtype::Auto } else { Dtype::Exactly(dtype.parse()?) };
            let (encoder, device) = trustformers::load_encoder(&dir, device, LoadOptions { dtype, in_8_bits })?;
            Ok(Self { inner: encoder.into(), device, in_8_bits })
        })
    }

    /// Runs the model: int64 arrays of shape (batch, seq) to the last hidden state (batch, seq, hidden) and, if the
    /// model has a pooler, its output (batch, hidden), both float32.
    #[pyo3(signature = (input_ids, attention_mask=None, token_type_ids=None, position_ids=None))]
    fn forward<'py>(
        &self,
        py: Python<'py>,
        input_ids: PyReadonlyArray2<'py, i64>,
        attention_mask: Option<PyReadonlyArray2<'py, i64>>,
        token_type_ids: Option<PyReadonlyArray2<'py, i64>>,
        position_ids: Option<PyReadonlyArray2<'py, i64>>,
    ) -> PyResult<(FloatArray<'py>, Option<FloatArray<'py>>)> {
        let input_ids = Ids::copy(&input_ids);
        let others =
            [("attention_mask", attention_mask), ("token_type_ids", token_type_ids), ("position_ids", position_ids)]
                .map(|(name, array)| (name, array.as_ref().map(Ids::copy)));
        let output = door::run(py, || {
            for (name, ids) in &others {
                ids.as_ref().map_or(Ok(()), |ids| ids.check(name, input_ids.shape))?;
            }
            let [attention_mask, token_type_ids, position_ids] =
                others.each_ref().map(|(_, ids)| ids.as_ref().map(|ids| &ids.values[..]));
            let [batch, seq] = input_ids.shape;
            let input_ids = &input_ids.values[..];
            self.inner.forward(&EncoderInput { batch, seq, input_ids, attention_mask, token_type_ids, position_ids })
        })?;
        let pooler_output = output.pooler_output.map(|pooled| to_numpy(py, pooled)).transpose()?;
        Ok((to_numpy(py, output.last_hidden_state)?, pooler_output))
    }

    /// Writes `config.json` and `model.safetensors` into a directory.
    fn save_pretrained(&self, py: Python<'_>, dir: PathBuf) -> PyResult<()> {
        door::run(py, || self.inner.save_pretrained(&dir))
    }

    /// `config.json` as it was read.
    fn config_json(&self, py: Python<'_>) -> PyResult<String> {
        door::run(py, || Ok(self.inner.config().to_string()))
    }

    /// The floating point format that the model computes in.
    #[getter]
    fn dtype(&self) -> &'static str {
        self.inner.dtype().name()
    }

    /// Whether the weights of linear layers were rounded to bytes.
    #[getter]
    fn in_8_bits(&self) -> bool {
        self.in_8_bits
    }

    /// Where the model computes.
    #[getter]
    fn device(&self) -> String {
        self.device.to_string()
    }

    /// Tensors of the checkpoint that belong to other modules, such as heads.
    #[getter]
    fn unused_weights(&self) -> Vec<String> {
        self.inner.unused_weights().to_vec()
    }
}
