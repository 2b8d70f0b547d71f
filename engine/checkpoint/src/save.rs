use std::collections::HashMap;
use std::path::Path;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType as BurnDType, Tensor, TensorData};
use safetensors::{Dtype, View};
use trustformers_core::Result;
use trustformers_ops::EngineBackend;

use crate::load::FieldPath;
use crate::safetensors_file::write;
use crate::{Rules, SINGLE_FILE};

/// Saves a module's parameters to `model.safetensors` in `dir`, with the names of the family's checkpoints.
///
/// The file is written atomically; an existing file that is mapped elsewhere stays readable there.
///
/// **Errors:** `Io` if the file cannot be written.
pub fn save<B: EngineBackend, M: Module<B>>(module: &M, rules: &Rules, dir: &Path) -> Result<()> {
    let mut saver =
        Saver { path: FieldPath::default(), rules, tensors: Vec::new(), parts: HashMap::new(), stacks: HashMap::new() };
    module.visit(&mut saver);
    // transformers checks this key when it loads the file.
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    write(&dir.join(SINGLE_FILE), saver.tensors, Some(metadata))
}

struct Saver<'a> {
    path: FieldPath,
    rules: &'a Rules,
    tensors: Vec<(String, Stored)>,
    /// Visited parts of fused tensors, by path. **Shapes:** `[groups, rows of a group, _]` each.
    parts: HashMap<String, Vec<TensorData>>,
    /// Visited parts of stacked tensors, by path.
    stacks: HashMap<String, Vec<TensorData>>,
}

impl<B: EngineBackend> ModuleVisitor<B> for Saver<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        let path = self.path.dotted();
        if self.rules.is_tied(&path) {
            return;
        }
        let values = param.val();
        let values = match self.rules.share(&path) {
            None => values,
            Some(share) => {
                let groups = share.rows.groups;
                let part = values.reshape(grouped(groups, param.dims())).into_data();
                let parts = self.parts.entry(share.path.clone()).or_default();
                parts.push(part);
                if !share.is_last {
                    return;
                }
                let device = param.device();
                let parts = parts.drain(..).map(|part| Tensor::<B, 3>::from_data(part, (&device, param.dtype())));
                let mut whole = param.dims();
                whole[0] = share.rows.of_tensor();
                Tensor::cat(parts.collect(), 1).reshape(whole)
            }
        };
        let whole_path = self.rules.share(&path).map_or(path.clone(), |share| share.path);
        let values = if D == 2 && self.rules.is_transposed(&whole_path) { values.swap_dims(0, 1) } else { values };
        let data = values.into_data();
        let shape = data.shape.iter().copied().collect();
        let stored = match self.rules.stack(&whole_path) {
            None => Stored { data, shape },
            Some(stack) => {
                let parts = self.stacks.entry(stack.path).or_default();
                parts.push(data);
                if !stack.is_last {
                    return;
                }
                Stored::stack(std::mem::take(parts))
            }
        };
        self.tensors.push((self.rules.stored_name(&path), stored));
    }
}

/// Shape of a part of a fused tensor: `[groups, rows of a group, the rest]`.
fn grouped<const D: usize>(groups: usize, shape: [usize; D]) -> [usize; 3] {
    [groups, shape[0] / groups, shape[1..].iter().product()]
}

struct Stored {
    data: TensorData,
    shape: Vec<usize>,
}

impl Stored {
    /// Stacks values of one shape along a new first dimension.
    fn stack(parts: Vec<TensorData>) -> Self {
        let (part, dtype) = (parts[0].shape.iter().copied().collect::<Vec<_>>(), parts[0].dtype);
        let bytes: Vec<u8> = parts.iter().flat_map(TensorData::as_bytes).copied().collect();
        let shape = [vec![parts.len()], part].concat();
        Self { data: TensorData::from_bytes_vec(bytes, shape.clone(), dtype), shape }
    }
}

impl View for Stored {
    fn dtype(&self) -> Dtype {
        match self.data.dtype {
            BurnDType::F16 => Dtype::F16,
            BurnDType::BF16 => Dtype::BF16,
            BurnDType::F32 => Dtype::F32,
            other => unreachable!("parameters are loaded as f32, f16 or bf16, not {other:?}"),
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> std::borrow::Cow<'_, [u8]> {
        self.data.as_bytes().into()
    }

    fn data_len(&self) -> usize {
        self.data.as_bytes().len()
    }
}
