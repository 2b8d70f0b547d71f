use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::{AllocationProperty, Bytes, Shape, Tensor, TensorData};
use trustformers_core::{DType, Error, Result};
use trustformers_ops::{self as ops, EngineBackend, Groups, burn_dtype};

use crate::part::Source;
use crate::read::RowOrder;
use crate::rule::Place;
use crate::{Checkpoint, Rules, StoredTensor};

/// A module with the weights of a checkpoint.
#[derive(Debug)]
pub struct Loaded<M> {
    /// The module. Weights of linear layers that the checkpoint holds as codes have no values yet.
    pub module: M,
    /// What those parameters are to be prepared from.
    pub codes: StoredCodes,
    /// What did not meet.
    pub report: LoadReport,
}

/// Matrices that a checkpoint holds as codes, by the parameters that they are.
#[derive(Debug, Default)]
pub struct StoredCodes(HashMap<ParamId, StoredTensor>);

impl StoredCodes {
    /// The codes of a parameter, read from where they are stored.
    pub fn of(&self, id: ParamId) -> Option<Groups> {
        self.0.get(&id)?.groups()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where a checkpoint and a module differ without harm to what they share, by the checkpoint's names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Tensors of the checkpoint that the module does not have.
    pub unused: Vec<String>,
    /// Parameters that the checkpoint lacks and that keep their random values.
    pub missing: Vec<String>,
    /// Parameters of another shape in the checkpoint, which keep their random values; with both shapes.
    pub mismatched: Vec<(String, Vec<usize>, Vec<usize>)>,
}

/// Puts a checkpoint's tensors into a module's parameters, in the dtype in which they are stored.
///
/// A tensor that has an aligned address is used where the file is mapped, if the backend can. With
/// `ignores_mismatched_sizes`, an optional parameter may have another shape than its tensor.
///
/// **Errors:** `Weights` listing by name every tensor that is missing, of the wrong shape or not floating point, and then
/// those that the module does not have.
pub fn load<B: EngineBackend, M: Module<B>>(
    module: M,
    checkpoint: &Checkpoint,
    rules: &Rules,
    ignores_mismatched_sizes: bool,
    device: &B::Device,
) -> Result<Loaded<M>> {
    let mut by_field: HashMap<String, (&str, StoredTensor)> = HashMap::new();
    let mut report = LoadReport::default();
    let rules = &checkpoint.adapted(rules);
    for (name, tensor) in checkpoint.tensors() {
        let path = match rules.place(name) {
            Place::Field(path) => path,
            Place::Nothing => continue,
            Place::Unread => {
                report.unused.push(name.clone());
                continue;
            }
        };
        let parts = match rules.members(&path) {
            None => vec![(path, tensor.clone())],
            Some(members) => {
                let parts = tensor.unstacked(members.len()).ok_or_else(|| {
                    let message = format!("{name} is {:?}, expected a stack of {}", tensor.shape, members.len());
                    Error::weights(checkpoint.root(), message)
                })?;
                members.into_iter().zip(parts).collect()
            }
        };
        for (path, part) in parts {
            for field in rules.sharers(path) {
                if let Some((first, _)) = by_field.insert(field.clone(), (name, part.clone()))
                    && !rules.is_optional(&field)
                {
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
        ignores_mismatched_sizes,
        device: device.clone(),
        roots: HashSet::new(),
        report,
        missing: Vec::new(),
        misfits: Vec::new(),
        codes: StoredCodes::default(),
        keeps_codes: B::HAS_ROUNDING && checkpoint.keeps_codes(),
        containers: Vec::new(),
    };
    let module = module.map(&mut loader);
    let Loader { by_field, roots, mut report, missing, misfits, codes, .. } = loader;
    let mut unexpected = Vec::new();
    for (field, (name, _)) in by_field {
        // Beside a missing parameter, a tensor that the module lacks may be that one under another name.
        let is_inside = roots.contains(rules.root(&field)) && !rules.is_optional(&field);
        if is_inside { unexpected.push(name.to_owned()) } else { report.unused.push(name.to_owned()) }
    }
    unexpected.sort_unstable();
    if missing.is_empty() && misfits.is_empty() {
        report.unused.append(&mut unexpected);
    }
    report.unused.sort_unstable();
    let mut message = String::new();
    for (what, names) in [("missing", missing), ("unexpected", unexpected), ("misfit", misfits)] {
        list(&mut message, what, &names);
    }
    if message.is_empty() {
        Ok(Loaded { module, codes, report })
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
#[derive(Clone, Debug, Default)]
pub struct FieldPath(Vec<String>);

impl FieldPath {
    // The variant of `Weight` is a precision, not a part of the name.
    fn counts(container_type: &str) -> bool {
        !container_type.starts_with("Enum:")
    }

    /// Goes into a field.
    pub fn enter(&mut self, name: &str, container_type: &str) {
        if Self::counts(container_type) {
            self.0.push(name.to_owned());
        }
    }

    /// Leaves it.
    pub fn exit(&mut self, container_type: &str) {
        if Self::counts(container_type) {
            self.0.pop();
        }
    }

    /// The segments with dots between them.
    pub fn dotted(&self) -> String {
        self.0.join(".")
    }
}

struct Loader<'a, B: EngineBackend> {
    path: FieldPath,
    by_field: HashMap<String, (&'a str, StoredTensor)>,
    rules: &'a Rules,
    ignores_mismatched_sizes: bool,
    device: B::Device,
    /// The parts of which the module has fields.
    roots: HashSet<String>,
    report: LoadReport,
    missing: Vec<String>,
    misfits: Vec<String>,
    codes: StoredCodes,
    keeps_codes: bool,
    /// Types of what the walk is in.
    containers: Vec<String>,
}

impl<B: EngineBackend> Loader<'_, B> {
    fn take<const D: usize>(&mut self, id: ParamId, shape: &Shape) -> Option<Tensor<B, D>> {
        let field = self.path.dotted();
        self.roots.insert(self.rules.root(&field).to_owned());
        if self.rules.is_tied(&field) {
            return None;
        }
        let Some((name, stored)) = self.by_field.remove(&field) else {
            let stored_name = self.rules.stored_name(&field);
            let is_optional = self.rules.is_optional(&field);
            if is_optional {
                self.report.missing.push(stored_name)
            } else {
                self.missing.push(stored_name)
            }
            return None;
        };
        if !stored.is_readable() {
            self.misfits.push(format!("{name} is {}, which is not read", stored.element));
            return None;
        }
        let own: Vec<usize> = shape.iter().copied().collect();
        let share = self.rules.share(&field);
        let is_transposed = D == 2
            && stored.order != RowOrder::Outputs
            && self.rules.is_transposed(share.as_ref().map_or(&field, |share| &share.path));
        let mut expected = own.clone();
        if let Some(share) = &share {
            expected[0] = share.rows.of_tensor();
        }
        if is_transposed {
            expected.reverse();
        }
        if stored.shape != expected {
            if self.ignores_mismatched_sizes && self.rules.is_optional(&field) {
                self.report.mismatched.push((name.to_owned(), stored.shape.clone(), expected));
            } else {
                self.misfits.push(format!("{name} is {:?}, expected {expected:?}", stored.shape));
            }
            return None;
        }
        let stored = stored.widened();
        let source = Source { stored: &stored, rows: share.map(|share| share.rows), is_transposed };
        if let Some(codes) = source.codes().filter(|_| self.keeps_codes) {
            // A table of vectors may be the weight of the head as well.
            self.codes.0.insert(id, codes);
            if self.containers.last().is_some_and(|container| container == "Enum:Weight") {
                return None;
            }
        }
        let (bytes, dtype) = source.values(&own);
        let data = TensorData::from_bytes(bytes, own, burn_dtype(dtype));
        // What the device cannot hold it could not convert either.
        let held = if ops::supports_dtype::<B>(&self.device, dtype) { dtype } else { DType::F32 };
        Some(Tensor::from_data(data.convert_dtype(burn_dtype(held)), (&self.device, burn_dtype(held))))
    }
}

/// Bytes where they are mapped, or an aligned copy where an element would straddle its boundary.
pub(crate) fn aligned(bytes: bytes::Bytes, dtype: DType) -> Bytes {
    if bytes.as_ptr().align_offset(dtype.size()) == 0 {
        Bytes::from_shared(bytes, AllocationProperty::File)
    } else {
        Bytes::from_bytes_vec(bytes.to_vec())
    }
}

impl<B: EngineBackend> ModuleMapper<B> for Loader<'_, B> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
        self.containers.push(container_type.to_owned());
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
        self.containers.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        match self.take(param.id, &param.lazy_shape()) {
            Some(tensor) => {
                let id = param.id;
                param.transform_for_load(tensor, id)
            }
            None => param,
        }
    }
}
