use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::{Tensor, TensorData};
use trustformers_core::{DType, Error, Result};
use trustformers_ops::{self as ops, EngineBackend, Groups, burn_dtype};

use crate::part::Source;
use crate::rule::Target;
use crate::stored_tensor::RowOrder;
use crate::{Checkpoint, Rules, StoredTensor};

/// A module loaded from a checkpoint.
#[derive(Debug)]
pub struct Loaded<M> {
    /// The module. Parameters that the checkpoint stores quantized are not initialized yet.
    pub module: M,
    /// Quantized matrices of the checkpoint: linear weights are packed from them, and
    /// [`QuantizedTensors::dequantize`] initializes the other parameters.
    pub quantized: QuantizedTensors,
    /// Differences between the checkpoint and the module.
    pub report: LoadReport,
}

/// Quantized matrices of a checkpoint, by parameter id.
#[derive(Debug, Default)]
pub struct QuantizedTensors(HashMap<ParamId, StoredTensor>);

impl QuantizedTensors {
    /// Decodes the quantized weight of a parameter; `None` if it is not quantized.
    pub fn of(&self, id: ParamId) -> Option<Groups> {
        self.0.get(&id)?.groups()
    }

    /// Whether the checkpoint has no quantized weights.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Initializes a module's parameters that are stored quantized and not yet initialized with their dequantized
    /// values.
    pub fn dequantize<B: EngineBackend, M: Module<B>>(&self, module: M) -> M {
        struct Dequantize<'a>(&'a QuantizedTensors);

        impl<B: EngineBackend> ModuleMapper<B> for Dequantize<'_> {
            fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
                let stored = self.0.0.get(&param.id).filter(|_| !param.is_initialized());
                let Some(values) = stored.and_then(StoredTensor::dequantized) else { return param };
                let (id, data) = (param.id, TensorData::new(values, param.lazy_shape()));
                let tensor = Tensor::from_data(data, (&param.lazy_device(), burn_dtype(DType::F32)));
                param.transform_for_load(tensor, id)
            }
        }

        if self.is_empty() { module } else { module.map(&mut Dequantize(self)) }
    }
}

/// Tolerated differences between a checkpoint and a module, by the checkpoint's names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Checkpoint tensors that the module does not use.
    pub unused: Vec<String>,
    /// Parameters missing from the checkpoint, which keep their random values.
    pub missing: Vec<String>,
    /// Parameters with another shape in the checkpoint, which keep their random values: name, shape found and expected.
    pub mismatched: Vec<(String, Vec<usize>, Vec<usize>)>,
}

/// Loads a checkpoint's tensors into a module's parameters, in their stored dtype and on the parameters' devices.
///
/// Aligned tensors are used in place in the mapped file if the backend supports it. A quantized matrix is not loaded if
/// the backend computes with quantized weights; it is in [`Loaded::quantized`]. With `ignores_mismatched_sizes`, an
/// optional parameter may have another shape than its tensor.
///
/// **Errors:** `Weights` listing every tensor that is missing, has the wrong shape or an unsupported dtype, and then
/// the unexpected tensors.
pub fn load<B: EngineBackend, M: Module<B>>(
    module: M,
    checkpoint: &Checkpoint,
    rules: &Rules,
    ignores_mismatched_sizes: bool,
) -> Result<Loaded<M>> {
    load_from::<B, M>(module, checkpoint, rules, ignores_mismatched_sizes, false)
}

/// Loads a checkpoint's tensors into some of a module's parameters; the others keep their values.
///
/// **Errors:** `Weights` listing every tensor that has the wrong shape or an unsupported dtype, or that is no parameter.
pub fn load_some<B: EngineBackend, M: Module<B>>(module: M, checkpoint: &Checkpoint, rules: &Rules) -> Result<M> {
    let Loaded { module, report, .. } = load_from::<B, M>(module, checkpoint, rules, false, true)?;
    match &report.unused[..] {
        [] => Ok(module),
        unused => Err(Error::weights(checkpoint.root(), format!("unexpected keys: {}", unused.join(", ")))),
    }
}

fn load_from<B: EngineBackend, M: Module<B>>(
    module: M,
    checkpoint: &Checkpoint,
    rules: &Rules,
    ignores_mismatched_sizes: bool,
    is_partial: bool,
) -> Result<Loaded<M>> {
    let mut by_field: HashMap<String, (&str, StoredTensor)> = HashMap::new();
    let mut report = LoadReport::default();
    let rules = &checkpoint.adapted(rules);
    for (name, tensor) in checkpoint.tensors() {
        let path = match rules.target(name) {
            Target::Field(path) => path,
            Target::Ignored => continue,
            Target::Unused => {
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
                    let message = format!("tensors {first} and {name} map to the same parameter");
                    return Err(Error::weights(checkpoint.root(), message));
                }
            }
        }
    }
    let mut loader = Loader {
        path: FieldPath::default(),
        by_field,
        rules,
        ignores_mismatched_sizes,
        roots: HashSet::new(),
        report,
        missing: Vec::new(),
        mismatches: Vec::new(),
        quantized: QuantizedTensors::default(),
        is_quantized: B::SUPPORTS_QUANTIZATION && checkpoint.is_quantized(),
    };
    let module = module.map(&mut loader);
    let Loader { by_field, roots, mut report, mut missing, mismatches, quantized, .. } = loader;
    if is_partial {
        missing.clear();
    }
    let mut unexpected = Vec::new();
    for (field, (name, _)) in by_field {
        // If a parameter is missing, an unexpected tensor may be it under another name.
        let is_inside = roots.contains(rules.root(&field)) && !rules.is_optional(&field);
        if is_inside { unexpected.push(name.to_owned()) } else { report.unused.push(name.to_owned()) }
    }
    unexpected.sort_unstable();
    if missing.is_empty() && mismatches.is_empty() {
        report.unused.append(&mut unexpected);
    }
    report.unused.sort_unstable();
    let mut message = String::new();
    for (what, names) in [("missing", missing), ("unexpected", unexpected), ("mismatched", mismatches)] {
        list(&mut message, what, &names);
    }
    if message.is_empty() {
        Ok(Loaded { module, quantized, report })
    } else {
        Err(Error::weights(checkpoint.root(), format!("the tensors do not match the model: {message}")))
    }
}

/// Casts a module's parameters to a dtype.
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
    write!(message, "{separator}{} {what}: {shown}{more}", names.len()).expect("writing to a String cannot fail");
}

/// Dotted path of the current field while visiting a module.
#[derive(Clone, Debug, Default)]
pub struct FieldPath {
    fields: Vec<String>,
    is_embedding: bool,
}

impl FieldPath {
    // The variant of `Weight` is a precision, not a part of the name.
    fn counts(container_type: &str) -> bool {
        !container_type.starts_with("Enum:")
    }

    /// Enters a field.
    pub fn enter(&mut self, name: &str, container_type: &str) {
        if Self::counts(container_type) {
            self.fields.push(name.to_owned());
            self.is_embedding = container_type == "Struct:Embedding";
        }
    }

    /// Leaves the current field.
    pub fn exit(&mut self, container_type: &str) {
        if Self::counts(container_type) {
            self.fields.pop();
        }
        self.is_embedding = false;
    }

    /// Whether the current field is one of an embedding table.
    pub(crate) fn is_embedding(&self) -> bool {
        self.is_embedding
    }

    /// The path with its segments joined by dots.
    pub fn dotted(&self) -> String {
        self.fields.join(".")
    }
}

struct Loader<'a> {
    path: FieldPath,
    by_field: HashMap<String, (&'a str, StoredTensor)>,
    rules: &'a Rules,
    ignores_mismatched_sizes: bool,
    /// First path segments of the module's fields.
    roots: HashSet<String>,
    report: LoadReport,
    missing: Vec<String>,
    mismatches: Vec<String>,
    quantized: QuantizedTensors,
    is_quantized: bool,
}

impl Loader<'_> {
    /// The stored values of a parameter on its device; `None` if they are missing, do not fit or stay quantized.
    fn take<B: EngineBackend, const D: usize>(&mut self, param: &Param<Tensor<B, D>>) -> Option<Tensor<B, D>> {
        let field = self.path.dotted();
        self.roots.insert(self.rules.root(&field).to_owned());
        if self.rules.is_tied(&field) {
            return None;
        }
        let Some((name, stored)) = self.by_field.remove(&field) else {
            if self.rules.is_neutral(&field) {
                return None;
            }
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
            self.mismatches.push(format!("{name} is {}, which is not supported", stored.element));
            return None;
        }
        let own: Vec<usize> = param.lazy_shape().iter().copied().collect();
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
        if self.rules.is_one_row(name) && stored.shape != expected {
            expected.insert(0, 1);
        }
        if stored.shape != expected {
            if self.ignores_mismatched_sizes && self.rules.is_optional(&field) {
                self.report.mismatched.push((name.to_owned(), stored.shape.clone(), expected));
            } else {
                self.mismatches.push(format!("{name} is {:?}, expected {expected:?}", stored.shape));
            }
            return None;
        }
        let stored = stored.widened();
        let source = Source { stored: &stored, rows: share.map(|share| share.rows), is_transposed };
        if let Some(quantized) = source.quantized().filter(|_| self.is_quantized) {
            self.quantized.0.insert(param.id, quantized);
            return None;
        }
        let (bytes, dtype) = source.values(&own);
        let data = TensorData::from_bytes(bytes, own, burn_dtype(dtype));
        // A dtype that the device does not support is converted on the host.
        let device = param.lazy_device();
        let held = if ops::supports_dtype::<B>(&device, dtype) { dtype } else { DType::F32 };
        Some(Tensor::from_data(data.convert_dtype(burn_dtype(held)), (&device, burn_dtype(held))))
    }
}

impl<B: EngineBackend> ModuleMapper<B> for Loader<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        match self.take(&param) {
            Some(tensor) => {
                let id = param.id;
                param.transform_for_load(tensor, id)
            }
            None => param,
        }
    }
}
