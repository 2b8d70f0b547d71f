use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use trustformers_checkpoint::{Checkpoint, StateNames};
use trustformers_core::{ConfigReader, Error, Result};
use trustformers_ops::{EngineBackend, Quantization};
use trustformers_tensor::{Tensor, TensorDevice};

use super::{LoadOptions, Source, made, model_type, source};
use crate::load::assemble::Purpose;
use crate::load::precision::precision;
use crate::{Adapter, Description, Model};

/// Weights for a model.
#[derive(Debug)]
pub struct State<'a> {
    /// Tensors by their names in the family's checkpoints.
    pub tensors: Vec<(String, Tensor)>,
    /// Whether missing and unexpected names are an error.
    pub is_strict: bool,
    /// Quantization of the model's linear layers on loading; the tensors are quantized in the same way.
    pub quantization: Option<Quantization>,
    /// The model's device.
    pub device: &'a TensorDevice,
}

/// A model with the configuration, dtype and device of `model` and the weights of a state dict, which are copied; weights
/// without a tensor are those of `model`. Also returns the names that do not match.
///
/// **Errors:** `Weights` naming tensors of another shape and, if strict, the missing and unexpected names; `Unsupported`
/// for a model with a quantized checkpoint.
pub fn model_with_state<B: EngineBackend>(
    model: &dyn Model,
    state: State<'_>,
    device: &B::Device,
) -> Result<(Arc<dyn Model>, StateNames)> {
    let root = Path::new("state_dict");
    let description = model.description();
    let State { tensors, is_strict, quantization, device: tensor_device } = state;
    if let Some(method) = description.config["quantization_config"]["quant_method"].as_str() {
        return Err(Error::unsupported(format!("load_state_dict of a model with {method} weights")));
    }
    let given: Vec<_> = tensors.iter().map(|(name, _)| name.as_str()).collect();
    let names = model.match_state(&given);
    if is_strict {
        check_names(root, &names)?;
    }
    if quantization.is_some() {
        // Values of weights that are not given would be quantized a second time.
        let given =
            tensors.iter().filter_map(|(given, tensor)| Some((names.parameters.get(given)?.clone(), tensor.clone())));
        let (adapters, given) = adapters_and_others(model, given.collect::<Vec<_>>());
        if let Some(found) = model.with_replaced_weights(&given, &adapters)? {
            return Ok((found, names));
        }
    }
    let kept: HashSet<&str> = names.missing.iter().map(String::as_str).collect();
    let mut merged: BTreeMap<String, Tensor> = BTreeMap::new();
    for parameter in model.parameters(&|name| kept.contains(name), tensor_device)? {
        merged.extend(parameter.values.map(|values| (parameter.name, values)));
    }
    for (given, tensor) in tensors {
        merged.extend(names.parameters.get(&given).map(|name| (name.clone(), tensor)));
    }
    let (adapters, merged) = adapters_and_others(model, merged);
    let checkpoint = Checkpoint::of_tensors(root, merged)?;
    let loaded = rebuilt::<B>(description, Some(checkpoint), quantization, Purpose::Inference, device)?;
    Ok((adapted(loaded, adapters)?, names))
}

/// A model for one recorded pass, with the configuration of `model` and these weights, whose memory it shares where their
/// layout allows. Weights that are not given are those of `model`, which keep the layout of the backend's kernels.
///
/// **Errors:** `Weights` naming tensors that have another shape, or are missing and have no memory in `model`;
/// `Unsupported` naming a quantized weight.
pub fn model_for_training<B: EngineBackend>(
    model: &dyn Model,
    weights: impl IntoIterator<Item = (String, Tensor)>,
    device: &B::Device,
) -> Result<Arc<dyn Model>> {
    let (adapters, weights) = adapters_and_others(model, weights);
    if let Some(found) = model.with_some_weights(&weights, &adapters)? {
        return Ok(found);
    }
    let checkpoint = Checkpoint::sharing(Path::new("weights"), weights)?;
    adapted(rebuilt::<B>(model.description(), Some(checkpoint), None, Purpose::Training, device)?, adapters)
}

/// The adapters of a model with the tensors among `tensors`, and the other tensors.
fn adapters_and_others(
    model: &dyn Model,
    tensors: impl IntoIterator<Item = (String, Tensor)>,
) -> (Vec<Adapter>, HashMap<String, Tensor>) {
    let mut tensors = tensors.into_iter().collect();
    (model.adapters(&mut tensors), tensors)
}

fn adapted(model: Arc<dyn Model>, adapters: Vec<Adapter>) -> Result<Arc<dyn Model>> {
    if adapters.is_empty() { Ok(model) } else { model.with_adapters(adapters) }
}

/// A model with the configuration of `model` whose weights take no memory and have no values.
///
/// **Errors:** any error of the configuration.
pub fn model_without_weights<B: EngineBackend>(model: &dyn Model, device: &B::Device) -> Result<Arc<dyn Model>> {
    let structure = rebuilt::<B>(model.description(), None, None, Purpose::Structure, device)?;
    adapted(structure, model.adapters(&mut HashMap::new()))
}

/// A model with the configuration of another one.
fn rebuilt<B: EngineBackend>(
    description: &Description,
    checkpoint: Option<Checkpoint>,
    quantization: Option<Quantization>,
    purpose: Purpose,
    device: &B::Device,
) -> Result<Arc<dyn Model>> {
    let mut config = ConfigReader::from_json("config", description.config.clone())?;
    config.ignore("quantization_config");
    let model_type = model_type(&config)?;
    let precision = precision::<B>(description.dtype, quantization, device)?;
    let source = source(description.head, config, precision, &LoadOptions::default());
    made::<B>(&model_type, Source { checkpoint, purpose, ..source }, device)
}

fn check_names(root: &Path, names: &StateNames) -> Result<()> {
    let listed =
        |what: &str, names: &[String]| (!names.is_empty()).then(|| format!("{what} keys: {}", names.join(", ")));
    let listed = [listed("missing", &names.missing), listed("unexpected", &names.unexpected)];
    let listed: Vec<_> = listed.into_iter().flatten().collect();
    if listed.is_empty() { Ok(()) } else { Err(Error::weights(root, listed.join("; "))) }
}
