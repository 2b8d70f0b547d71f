use std::collections::HashMap;
use std::fmt::Write as _;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{AllocationProperty, Bytes, Shape, Tensor, TensorData};
use trustformers_core::{DType, Error, Result};
use trustformers_ops::{self as ops, EngineBackend, burn_dtype};

use crate::rule::Place;
use crate::{Checkpoint, Rules, StoredTensor};

/// A module with the weights of a checkpoint.
#[derive(Debug)]
pub struct Loaded<M> {
    /// The module.
    pub module: M,
    /// Tensors of the checkpoint that belong to other modules, by name.
    pub unused: Vec<String>,
}

/// Puts a checkpoint's tensors into a module's parameters, in the dtype in which they are stored.
///
/// A tensor that has an aligned address is used where the file is mapped, if the backend can.
///
/// **Errors:** `Weights` listing by name every tensor that is missing, unexpected, of the wrong shape or not floating
/// point.
pub fn load<B: EngineBackend, M: Module<B>>(
    module: M,
    checkpoint: &Checkpoint,
    rules: Rules,
    device: &B::Device,
) -> Result<Loaded<M>> {
    let mut unused = Vec::new();
    let mut by_field = HashMap::new();
    for (name, tensor) in checkpoint.tensors() {
        match rules.place(name) {
            Place::Buffer => {}
            Place::OtherModule => unused.push(name.clone()),
            Place::Field(field) => {
                if let Some((first, _)) = by_field.insert(field, (name.as_str(), tensor)) {
                    let message = format!("tensors {first} and {name} are the same parameter");
                    return Err(Error::weights(checkpoint.root(), message));
                }
            }
        }
    }
    let mut loader = Loader::<B> {
        path: FieldPath::default(),
        by_field,
        rules,
        device: device.clone(),
        missing: Vec::new(),
        misfits: Vec::new(),
    };
    let module = module.map(&mut loader);
    let Loader { by_field, missing, misfits, .. } = loader;
    let mut unexpected: Vec<_> = by_field.into_values().map(|(name, _)| name.to_owned()).collect();
    unexpected.sort_unstable();
    let mut message = String::new();
    for (what, names) in [("missing", missing), ("unexpected", unexpected), ("misfit", misfits)] {
        list(&mut message, what, &names);
    }
    if message.is_empty() {
        Ok(Loaded { module, unused })
    } else {
        Err(Error::weights(checkpoint.root(), format!("the tensors are not those of the model: {message}")))
    }
}

/// Brings a module's parameters into one dtype.
pub fn cast<B: EngineBackend, M: Module<B>>(module: M, dtype: DType) -> M {
    struct Cast(DType);

    impl<B: EngineBackend> ModuleMapper<B> for Cast {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
            param.map(|values| ops::cast(values, self.0))
        }
    }

    module.map(&mut Cast(dtype))
}

fn list(message: &mut String, what: &str, names: &[String]) {
    const SHOWN: usize = 20;
    if names.is_empty() {
        return;
    }
    let separator = if message.is_empty() { "" } else { "; " };
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown = names[..names.len().min(SHOWN)].join(", ");
    write!(message, "{separator}{} {what}: {shown}{more}", names.len()).expect("a String takes what is written");
}

/// The dotted path of the field that a walk over a module is at.
#[derive(Default)]
pub(crate) struct FieldPath(Vec<String>);

impl FieldPath {
    // The variant of `Weight` is a precision, not a part of the name.
    fn counts(container_type: &str) -> bool {
        !container_type.starts_with("Enum:")
    }

    pub(crate) fn enter(&mut self, name: &str, container_type: &str) {
        if Self::counts(container_type) {
            self.0.push(name.to_owned());
        }
    }

    pub(crate) fn exit(&mut self, container_type: &str) {
        if Self::counts(container_type) {
            self.0.pop();
        }
    }

    pub(crate) fn dotted(&self) -> String {
        self.0.join(".")
    }
}

struct Loader<'a, B: EngineBackend> {
    path: FieldPath,
    by_field: HashMap<String, (&'a str, &'a StoredTensor)>,
    rules: Rules,
    device: B::Device,
    missing: Vec<String>,
    misfits: Vec<String>,
}

impl<B: EngineBackend> Loader<'_, B> {
    fn take<const D: usize>(&mut self, shape: &Shape) -> Option<Tensor<B, D>> {
        let field = self.path.dotted();
        let Some((name, stored)) = self.by_field.remove(&field) else {
            self.missing.push(self.rules.stored_name(&field));
            return None;
        };
        let Some(stored_dtype) = stored.float_dtype() else {
            self.misfits.push(format!("{name} is {:?}, expected F32, F16 or BF16", stored.dtype));
            return None;
        };
        let expected: Vec<usize> = shape.iter().copied().collect();
        if stored.shape != expected {
            self.misfits.push(format!("{name} is {:?}, expected {expected:?}", stored.shape));
            return None;
        }
        let data =
            TensorData::from_bytes(in_place(stored, stored_dtype), stored.shape.clone(), burn_dtype(stored_dtype));
        Some(Tensor::from_data(data, (&self.device, burn_dtype(stored_dtype))))
    }
}

/// The tensor's bytes where they are mapped, or an aligned copy where an element would straddle its boundary.
fn in_place(stored: &StoredTensor, dtype: DType) -> Bytes {
    if stored.bytes.as_ptr().align_offset(dtype.size()) == 0 {
        Bytes::from_shared(stored.bytes.clone(), AllocationProperty::File)
    } else {
        Bytes::from_bytes_vec(stored.bytes.to_vec())
    }
}

impl<B: EngineBackend> ModuleMapper<B> for Loader<'_, B> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        match self.take(&param.lazy_shape()) {
            Some(tensor) => {
                let id = param.id;
                param.transform_for_load(tensor, id)
            }
            None => param,
        }
    }
}
