use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::WeightFiles;
use trustformers::models::{self, LoadOptions};

use crate::door;
use crate::json::{Keys, json_keys};

/// Options for loading a model. `dtype` may be "auto". `quantization` quantizes the weights of linear layers: the
/// number of bits (4 or 8), the group size along the inputs (4-bit weights always have groups), and whether groups are
/// symmetric; asymmetric groups have a min as well as a scale. `dequantize` dequantizes the weights of a GGUF file.
/// `overrides` are keys that replace those of `config.json`; with `strict_config`, unknown keys are an error. `variant`
/// and `use_safetensors` select the weight files.
#[gen_stub_pyclass]
#[pyclass(name = "LoadOptions", frozen)]
pub struct PyLoadOptions {
    pub(super) inner: LoadOptions,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyLoadOptions {
    #[new]
    #[pyo3(signature = (dtype, *, quantization=None, dequantize=false, ignore_mismatched_sizes=false,
        strict_config=false, overrides=None, variant=None, use_safetensors=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn new(
        py: Python<'_>,
        dtype: &str,
        quantization: Option<(u8, Option<usize>, bool)>,
        dequantize: bool,
        ignore_mismatched_sizes: bool,
        strict_config: bool,
        overrides: Option<Keys<'_>>,
        variant: Option<String>,
        use_safetensors: Option<bool>,
    ) -> PyResult<Self> {
        let overrides = overrides.map(|keys| json_keys("config", &keys)).transpose()?.unwrap_or_default();
        door::run_here(py, || {
            let inner = LoadOptions {
                dtype: dtype.parse()?,
                quantization: quantization
                    .map(|(bits, group_size, is_symmetric)| models::quantization(bits, group_size, is_symmetric))
                    .transpose()?,
                dequantizes: dequantize,
                ignores_mismatched_sizes: ignore_mismatched_sizes,
                strict_config,
                weights: WeightFiles { variant, use_safetensors },
                overrides,
            };
            Ok(Self { inner })
        })
    }
}
