use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Distribution, Tensor};
use trustformers_checkpoint::{FieldPath, Rules};
use trustformers_core::{Error, Result};
use trustformers_ops::EngineBackend;

use crate::load::settings::Settings;

/// Initializes the matrices whose names are `is_fresh` from a normal distribution of `initializer_range`, with zeros
/// for the padding token's embedding; one-dimensional parameters keep their layer's initial values.
///
/// **Errors:** `OutOfMemory` if the parameters do not fit in memory.
pub(crate) fn initialize<B: EngineBackend, M: Module<B>>(
    module: M,
    rules: &Rules,
    settings: &Settings,
    is_fresh: impl Fn(&str) -> bool,
) -> Result<M> {
    let mut initialize = Initialize { path: FieldPath::default(), rules, settings, is_fresh, bytes: 0, refused: None };
    let module = module.map(&mut initialize);
    initialize.refused.map_or(Ok(module), Err)
}

struct Initialize<'a, F> {
    path: FieldPath,
    rules: &'a Rules,
    settings: &'a Settings,
    is_fresh: F,
    /// Size of the parameters initialized so far.
    bytes: usize,
    refused: Option<Error>,
}

impl<B: EngineBackend, F: Fn(&str) -> bool> ModuleMapper<B> for Initialize<'_, F> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        let path = self.path.dotted();
        if self.refused.is_some() || self.rules.is_tied(&path) || !(self.is_fresh)(&self.rules.stored_name(&path)) {
            return param;
        }
        let sizes = param.lazy_shape();
        let bytes = sizes.iter().fold(size_of::<f32>(), |bytes, size| bytes.saturating_mul(*size));
        self.bytes = self.bytes.saturating_add(bytes);
        self.refused = Error::check_memory("the random weights of a model of these sizes", self.bytes).err();
        // Sinusoidal tables are initialized with their values.
        if self.refused.is_some() || D != 2 || path.ends_with("embed_positions.weight") {
            return param;
        }
        let std = self.settings.initializer_range;
        let padding = self
            .settings
            .pad_token_id
            .and_then(|id| usize::try_from(id).ok())
            .filter(|_| path.ends_with("word_embeddings.weight"));
        param.map(|values| {
            let shape = values.dims();
            let random = Tensor::random(shape, Distribution::Normal(0.0, std), (&values.device(), values.dtype()));
            match padding {
                Some(row) if row < shape[0] => {
                    let mut ranges: [std::ops::Range<usize>; D] = shape.map(|size| 0..size);
                    ranges[0] = row..row + 1;
                    let zeros = random.clone().slice(ranges.clone()).zeros_like();
                    random.slice_assign(ranges, zeros)
                }
                _ => random,
            }
        })
    }
}
