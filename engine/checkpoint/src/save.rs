use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use burn::module::Module;
use burn::tensor::backend::Backend;
use burn::tensor::{DType as BurnDType, TensorMetadata, read_sync};
use safetensors::{Dtype, View};
use trustformers_core::Result;
use trustformers_ops::EngineBackend;

use crate::safetensors_file::write;
use crate::state::{Parameter, parameters};
use crate::{Rules, SINGLE_FILE};

/// Saves a module's parameters to `model.safetensors` in `dir`, with the names of the family's checkpoints.
///
/// The file is written atomically; an existing file that is mapped elsewhere stays readable there.
///
/// **Errors:** `Io` if the file cannot be written.
pub fn save<B: EngineBackend, M: Module<B>>(module: &M, rules: &Rules, dir: &Path) -> Result<()> {
    let stored =
        |Parameter { name, shape, values, .. }: Parameter<B>| Some((name, Stored::<B> { values: values?, shape }));
    let tensors = parameters::<B, M>(module, rules, |_| true).into_iter().filter_map(stored).collect();
    // transformers checks this key when it loads the file.
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    write(&dir.join(SINGLE_FILE), tensors, Some(metadata))
}

/// A parameter to be written.
struct Stored<B: Backend> {
    values: B::FloatTensorPrimitive,
    shape: Vec<usize>,
}

impl<B: Backend> View for Stored<B> {
    fn dtype(&self) -> Dtype {
        match self.values.dtype() {
            BurnDType::F16 => Dtype::F16,
            BurnDType::BF16 => Dtype::BF16,
            BurnDType::F32 => Dtype::F32,
            other => unreachable!("parameters are loaded as f32, f16 or bf16, not {other:?}"),
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let data = read_sync(B::float_into_data(self.values.clone()));
        data.expect("the device returns its tensors' elements").as_bytes().to_vec().into()
    }

    fn data_len(&self) -> usize {
        self.shape.iter().product::<usize>() * self.dtype().bitsize() / 8
    }
}
