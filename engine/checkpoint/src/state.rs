use std::collections::HashMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::backend::Backend;
use burn::tensor::{Int, Tensor};
use trustformers_ops::EngineBackend;

use crate::Rules;
use crate::load::FieldPath;

/// A parameter of a module as its family's checkpoints store it.
#[derive(Clone, Debug)]
pub struct Parameter<B: Backend> {
    /// Name in the checkpoint.
    pub name: String,
    /// Shape in the checkpoint.
    pub shape: Vec<usize>,
    /// Whether the parameter is an embedding table.
    pub is_embedding: bool,
    /// Size in bytes if the parameter is quantized; otherwise `None`.
    pub quantized_bytes: Option<usize>,
    /// Values in the checkpoint's layout, which share the module's memory where the layout allows; `None` unless
    /// requested.
    pub values: Option<B::FloatTensorPrimitive>,
}

/// The parameters of a module in the layout of its family's checkpoints, with the values of those whose names are
/// `wanted`.
pub fn parameters<B: EngineBackend, M: Module<B>>(
    module: &M,
    rules: &Rules,
    wanted: impl Fn(&str) -> bool,
) -> Vec<Parameter<B>> {
    let mut visitor = Visitor {
        path: FieldPath::default(),
        rules,
        wanted,
        quantized_bytes: None,
        quantized: HashMap::new(),
        parts: HashMap::new(),
        stacks: HashMap::new(),
        parameters: Vec::new(),
    };
    module.visit(&mut visitor);
    visitor.parameters
}

struct Visitor<'a, B: Backend, F> {
    path: FieldPath,
    rules: &'a Rules,
    wanted: F,
    /// Size of the parameter that is visited next, if it is quantized.
    quantized_bytes: Option<usize>,
    /// Sizes of the visited parts of quantized tensors, by name.
    quantized: HashMap<String, usize>,
    /// Visited parts of fused tensors, by path. **Shapes:** `[groups, rows of a group, _]` each.
    parts: HashMap<String, Vec<B::FloatTensorPrimitive>>,
    /// Visited parts of stacked tensors, by path. **Shapes:** `[1, ..]` each.
    stacks: HashMap<String, Vec<B::FloatTensorPrimitive>>,
    parameters: Vec<Parameter<B>>,
}

impl<B: EngineBackend, F: Fn(&str) -> bool> ModuleVisitor<B> for Visitor<'_, B, F> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<B, D, Int>>) {
        self.quantized_bytes = Some(param.lazy_shape().num_elements());
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        let path = self.path.dotted();
        if self.rules.is_tied(&path) {
            self.quantized_bytes = None;
            return;
        }
        let name = self.rules.stored_name(&path);
        if let Some(bytes) = self.quantized_bytes.take() {
            *self.quantized.entry(name.clone()).or_default() += bytes;
        }
        let own = param.lazy_shape().to_vec();
        let mut shape = own.clone();
        let mut values = (self.wanted)(&name).then(|| param.val().into_primitive().tensor());
        let share = self.rules.share(&path);
        if let Some(share) = &share {
            shape[0] = share.rows.of_tensor();
            let groups = share.rows.groups;
            let grouped = [groups, own[0] / groups, own[1..].iter().product()];
            values = values.map(|values| B::float_reshape(values, grouped.into()));
            let parts = self.parts.entry(share.path.clone()).or_default();
            parts.extend(values);
            if !share.is_last {
                return;
            }
            let parts = std::mem::take(parts);
            values = (!parts.is_empty()).then(|| B::float_reshape(B::float_cat(parts, 1), shape.clone().into()));
        }
        let whole_path = share.map_or(path, |share| share.path);
        if D == 2 && self.rules.is_transposed(&whole_path) {
            shape.reverse();
            values = values.map(|values| B::float_swap_dims(values, 0, 1));
        }
        if let Some(stack) = self.rules.stack(&whole_path) {
            shape.insert(0, 1);
            let parts = self.stacks.entry(stack.path).or_default();
            parts.extend(values.map(|values| B::float_reshape(values, shape.clone().into())));
            if !stack.is_last {
                return;
            }
            shape[0] = stack.count;
            let parts = std::mem::take(parts);
            values = (!parts.is_empty()).then(|| B::float_cat(parts, 0));
        }
        if self.rules.is_one_row(&name) {
            shape.insert(0, 1);
            values = values.map(|values| B::float_reshape(values, shape.clone().into()));
        }
        let quantized_bytes = self.quantized.remove(&name);
        self.parameters.push(Parameter {
            name,
            shape,
            is_embedding: self.path.is_embedding(),
            quantized_bytes,
            values,
        });
    }
}
