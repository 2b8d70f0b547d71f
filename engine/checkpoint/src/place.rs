use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::{Int, Tensor};
use trustformers_ops::EngineBackend;

use crate::Rules;
use crate::load::FieldPath;
use crate::rule::Rows;

/// A parameter of a module and its place in the family's checkpoints.
#[derive(Clone, Debug)]
pub struct Place {
    /// Id of the parameter, which an output layer shares with the table that it is tied to.
    pub id: ParamId,
    /// Name of the tensor in the checkpoint.
    pub name: String,
    /// Shape of the parameter in the module.
    pub shape: Vec<usize>,
    /// Whether the parameter is an embedding table.
    pub is_embedding: bool,
    /// Whether the parameter is quantized.
    pub is_quantized: bool,
    /// Whether the parameter is tied to another one, so that checkpoints do not hold it.
    pub is_tied: bool,
    /// Whether the tensor is a stack of the parameters of several modules, such as experts.
    pub is_stacked: bool,
    rows: Option<Rows>,
}

impl Place {
    /// Number of rows of the tensor in the checkpoint, of which the parameter may be a part.
    pub fn num_rows(&self) -> usize {
        self.rows.map_or(self.shape[0], Rows::of_tensor)
    }

    /// The parameter's rows of a tensor with the rows of the tensor in the checkpoint.
    ///
    /// **Shapes:** `tensor: [num_rows, ..]`.
    pub fn rows_of<B: EngineBackend, const D: usize>(&self, tensor: Tensor<B, D>) -> Tensor<B, D> {
        let Some(Rows { of_group, first, count, groups }) = self.rows else { return tensor };
        let mut shape = tensor.dims();
        let width = shape[1..].iter().product();
        let own = tensor.reshape([groups, of_group, width]).narrow(1, first, count);
        shape[0] = groups * count;
        own.reshape(shape)
    }
}

/// The places of a module's parameters, tied ones included.
pub fn places<B: EngineBackend, M: Module<B>>(module: &M, rules: &Rules) -> Vec<Place> {
    let mut visitor = Visitor { path: FieldPath::default(), rules, is_quantized: false, places: Vec::new() };
    module.visit(&mut visitor);
    visitor.places
}

struct Visitor<'a> {
    path: FieldPath,
    rules: &'a Rules,
    /// Whether the parameter that is visited next is quantized.
    is_quantized: bool,
    places: Vec<Place>,
}

impl<B: EngineBackend> ModuleVisitor<B> for Visitor<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn visit_int<const D: usize>(&mut self, _param: &Param<Tensor<B, D, Int>>) {
        self.is_quantized = true;
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        let path = self.path.dotted();
        let share = self.rules.share(&path);
        let whole = share.as_ref().map_or(&path, |share| &share.path);
        self.places.push(Place {
            id: param.id,
            name: self.rules.stored_name(&path),
            shape: param.lazy_shape().to_vec(),
            is_embedding: self.path.is_embedding(),
            is_quantized: std::mem::take(&mut self.is_quantized),
            is_tied: self.rules.is_tied(&path),
            is_stacked: self.rules.stack(whole).is_some(),
            rows: share.map(|share| share.rows),
        });
    }
}
