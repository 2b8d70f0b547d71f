//! Modules in burn's graph of gradients, and what their parameters' gradients are.

use burn::backend::Autodiff;
use burn::module::{AutodiffModule, Module, ModuleMapper, Param};
use burn::tensor::Tensor;
use burn::tensor::backend::AutodiffBackend;
use trustformers_checkpoint::{FieldPath, Rules, parameters};
use trustformers_core::{DType, Result};
use trustformers_ops::EngineBackend;
use trustformers_tensor as host;

use crate::adapter::{Factors, Plan};
use crate::dense::{tie, unpack};
use crate::load::assembly::Assembly;
use crate::model::LoadedModel;
use crate::output::{WantedWeights, WeightGradients};

/// A module in the graph of gradients.
pub(super) struct Graph<B: EngineBackend, G> {
    pub(super) module: G,
    /// Tensors of adapters that collect their gradients, by name.
    leaves: Vec<(String, Leaf<B>)>,
    /// Whether parameters of the module collect their gradients.
    has_weights: bool,
}

/// A tensor of an adapter.
enum Leaf<B: EngineBackend> {
    Factor(Tensor<Autodiff<B>, 2>),
    Magnitude(Tensor<Autodiff<B>, 1>),
}

impl<M> LoadedModel<M> {
    /// The module on the backend's `Autodiff`, whose `wanted` weights have gradients.
    ///
    /// **Errors:** `Unsupported` for gradients of quantized weights.
    pub(super) fn graph<B: EngineBackend, G>(
        &self,
        wanted: Option<&(dyn Fn(&str) -> bool + Sync)>,
    ) -> Result<Graph<B, G>>
    where
        M: Assembly<B>,
        G: Assembly<Autodiff<B>> + AutodiffModule<Autodiff<B>, InnerModule = M>,
    {
        let wanted = wanted.unwrap_or(&|_| false);
        let mut module = self.module.clone();
        let dense = unpack::<B, M>(&mut module, &self.rules, wanted)?;
        let mut module = match dense.has_any {
            false => G::from_inner(module).no_grad(),
            true => {
                let mut leaves =
                    RequireGrad { path: FieldPath::default(), rules: &self.rules, wanted, is_constant: false };
                G::from_inner(module).map(&mut leaves)
            }
        };
        if dense.has_tied_table {
            tie::<Autodiff<B>, G>(&mut module, &self.rules);
        }
        let leaves = self.attach_leaves(&mut module, wanted)?;
        Ok(Graph { module, leaves, has_weights: dense.has_any })
    }

    /// Adds the adapters to a module in the graph, and returns their tensors that are `wanted`.
    fn attach_leaves<B: EngineBackend, G: Assembly<Autodiff<B>>>(
        &self,
        module: &mut G,
        wanted: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Vec<(String, Leaf<B>)>> {
        if self.adapters.is_empty() {
            return Ok(Vec::new());
        }
        let adapters: Vec<_> = self.adapters.iter().map(|own| own.adapter.clone()).collect();
        let plan = Plan::new::<Autodiff<B>, G>(module, &self.rules, &adapters)?;
        let (mut leaves, mut factors) = (Vec::new(), Vec::new());
        for own in &self.adapters {
            // Adapters are trained in float32, whatever the dtype of the model.
            let Factors { mut a, mut b, mut magnitude } = Factors::of(&own.adapter, DType::F32, &B::Device::default())?;
            let names: Vec<_> = own.tensors().map(|(name, _)| name).collect();
            for (name, factor) in names.iter().zip([&mut a, &mut b]).filter(|(name, _)| wanted(name)) {
                *factor = factor.clone().require_grad();
                leaves.push((name.clone(), Leaf::Factor(factor.clone())));
            }
            if let (Some(name), Some(values)) = (names.get(2).filter(|name| wanted(name)), &mut magnitude) {
                *values = values.clone().require_grad();
                leaves.push((name.clone(), Leaf::Magnitude(values.clone())));
            }
            factors.push(Factors { a, b, magnitude });
        }
        plan.attach::<Autodiff<B>, G>(module, &self.adapters, &factors);
        Ok(leaves)
    }
}

impl<B: EngineBackend, G> Graph<B, G>
where
    G: AutodiffModule<Autodiff<B>>,
    G::InnerModule: Module<B>,
{
    /// Gradients of the wanted weights, which are removed from those of backward passes.
    pub(super) fn gradients(
        self,
        rules: &Rules,
        computed: &mut [Computed<B>],
        wanted: &WantedWeights<'_>,
    ) -> WeightGradients {
        let mut found = WeightGradients::new();
        if self.has_weights {
            found = weights_of(self.module, rules, computed, wanted);
        }
        for (name, leaf) in self.leaves.into_iter().filter(|(name, _)| (wanted.names)(name)) {
            let gradient = host::Tensor::from_float_primitive::<B>(leaf.gradient(computed), wanted.device);
            found.push((name, gradient));
        }
        found
    }
}

fn weights_of<B: EngineBackend, G>(
    module: G,
    rules: &Rules,
    computed: &mut [Computed<B>],
    wanted: &WantedWeights<'_>,
) -> WeightGradients
where
    G: AutodiffModule<Autodiff<B>>,
    G::InnerModule: Module<B>,
{
    let mut collect = Collect::<B> { path: FieldPath::default(), rules, computed, is_constant: false };
    let module = module.map(&mut collect).valid();
    let found = parameters::<B, G::InnerModule>(&module, rules, wanted.names).into_iter();
    let found = found.filter_map(|parameter| Some((parameter.name, parameter.values?)));
    // The layout of a checkpoint may be the transposed one; optimizers change gradients in place.
    let tensor = |values| host::Tensor::from_float_primitive::<B>(values, wanted.device).contiguous();
    found.map(|(name, values)| (name, tensor(values))).collect()
}

/// Gradients of one backward pass.
pub(super) type Computed<B> = <Autodiff<B> as AutodiffBackend>::Gradients;

/// Removes a leaf's gradient from those of several backward passes, which add up.
pub(super) fn taken<B: EngineBackend, const D: usize>(
    leaf: &Tensor<Autodiff<B>, D>,
    computed: &mut [Computed<B>],
) -> Option<Tensor<B, D>> {
    computed.iter_mut().filter_map(|computed| leaf.grad_remove(computed)).reduce(|sum, own| own + sum)
}

impl<B: EngineBackend> Leaf<B> {
    /// The gradient, zero if nothing depends on the tensor.
    fn gradient(self, computed: &mut [Computed<B>]) -> B::FloatTensorPrimitive {
        fn of<B: EngineBackend, const D: usize>(
            values: Tensor<Autodiff<B>, D>,
            computed: &mut [Computed<B>],
        ) -> B::FloatTensorPrimitive {
            let gradient = taken::<B, D>(&values, computed).unwrap_or_else(|| values.inner().zeros_like());
            gradient.into_primitive().tensor()
        }
        match self {
            Self::Factor(values) => of::<B, 2>(values, computed),
            Self::Magnitude(values) => of::<B, 1>(values, computed),
        }
    }
}

/// Makes wanted parameters leaves that collect their gradients, except tables of sinusoids, which are not trained.
struct RequireGrad<'a> {
    path: FieldPath,
    rules: &'a Rules,
    wanted: &'a (dyn Fn(&str) -> bool + Sync),
    is_constant: bool,
}

/// Type of the module that holds a table of sinusoids.
const SINUSOIDS: &str = "Struct:Sinusoids";

impl<B: AutodiffBackend> ModuleMapper<B> for RequireGrad<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
        self.is_constant |= container_type == SINUSOIDS;
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
        self.is_constant &= container_type != SINUSOIDS;
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        let is_leaf = !self.is_constant && (self.wanted)(&self.rules.stored_name(&self.path.dotted()));
        let (id, values, _) = param.consume();
        let values = Tensor::from_inner(values.inner());
        Param::initialized(id, if is_leaf { values.require_grad() } else { values })
    }
}

/// Replaces every parameter that is trained by its gradient, zero where nothing depends on it, and tables of sinusoids by
/// zeros. A tied parameter stays, as the one that it is tied to has their gradient.
struct Collect<'a, B: EngineBackend> {
    path: FieldPath,
    rules: &'a Rules,
    computed: &'a mut [Computed<B>],
    is_constant: bool,
}

impl<B: EngineBackend> ModuleMapper<Autodiff<B>> for Collect<'_, B> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
        self.is_constant |= container_type == SINUSOIDS;
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
        self.is_constant &= container_type != SINUSOIDS;
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<Autodiff<B>, D>>) -> Param<Tensor<Autodiff<B>, D>> {
        let (id, values, _) = param.consume();
        if self.rules.is_tied(&self.path.dotted()) {
            return Param::initialized(id, values);
        }
        let gradient = match taken::<B, D>(&values, self.computed) {
            Some(gradient) => gradient,
            None if self.is_constant || values.is_require_grad() => values.inner().zeros_like(),
            None => values.inner(),
        };
        Param::initialized(id, Tensor::from_inner(gradient))
    }
}
