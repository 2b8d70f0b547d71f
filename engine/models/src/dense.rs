//! Weights that leave the layout of the backend's kernels, so that they can have gradients.

use std::collections::HashSet;

use burn::module::ParamId;
use trustformers_checkpoint::{Place, Rules, places};
use trustformers_core::{Error, Result};
use trustformers_ops::EngineBackend;

use crate::load::assembly::Assembly;

/// Field of a language model's output layer.
pub(crate) const OUTPUT: &str = "head.output.weight";

/// Weights that were made dense.
pub(crate) struct DenseWeights {
    /// Whether there are such weights.
    pub(crate) has_any: bool,
    /// Whether a table to which another parameter is tied is among them.
    pub(crate) has_tied_table: bool,
}

/// Ties tables and the output layer to the table that the rules say.
pub(crate) fn tie<B: EngineBackend, M: Assembly<B>>(module: &mut M, rules: &Rules) {
    if rules.is_tied("base.decoder.embed_tokens.weight") {
        module.tie_embeddings();
    }
    if rules.is_tied(OUTPUT) {
        module.tie_head();
    }
}

/// Makes the `wanted` weights dense, by name; the others keep their layout.
///
/// **Errors:** `Unsupported` naming a quantized weight.
pub(crate) fn unpack<B: EngineBackend, M: Assembly<B>>(
    module: &mut M,
    rules: &Rules,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<DenseWeights> {
    let all = places::<B, M>(module, rules);
    let mut found = all.iter().filter(|place| wanted(&place.name));
    if let Some(quantized) = found.find(|place| place.is_quantized) {
        let name = &quantized.name;
        let message = format!("gradients of quantized weights such as {name}; load the model without quantization");
        return Err(Error::unsupported(message));
    }
    Ok(make_dense::<B, M>(module, &all, wanted))
}

/// Makes the `wanted` weights dense, by name, quantized ones too; `all` are the places of the module's parameters.
pub(crate) fn make_dense<B: EngineBackend, M: Assembly<B>>(
    module: &mut M,
    all: &[Place],
    wanted: &dyn Fn(&str) -> bool,
) -> DenseWeights {
    let ids: HashSet<ParamId> = all.iter().filter(|place| wanted(&place.name)).map(|place| place.id).collect();
    let has_tied_table = all.iter().any(|place| place.is_tied && ids.contains(&place.id));
    let has_any = !ids.is_empty();
    if has_any {
        module.each_layer(&mut |layer| {
            if ids.contains(&layer.weight_id()) {
                layer.unpack();
            }
        });
    }
    DenseWeights { has_any, has_tied_table }
}
