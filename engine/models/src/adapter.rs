//! Low-rank adapters of a model's linear layers and embedding tables.

use std::collections::{HashMap, HashSet};

use burn::module::ParamId;
use burn::tensor::{Tensor, TensorData};
use trustformers_checkpoint::{Place, Rules, places};
use trustformers_core::{DType, Error, Result};
use trustformers_nn::{Adapters, LayerMut};
use trustformers_ops::{EngineBackend, LowRank, burn_dtype};
use trustformers_tensor as host;

use crate::load::assembly::Assembly;

/// A low-rank update of one module's weight, arXiv 2106.09685 section 4.1, with a magnitude of each output in DoRA, arXiv
/// 2402.09353 section 4.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// Name of the module's weight in the family's checkpoints, without ".weight".
    pub module: String,
    /// Name of the adapter.
    pub name: String,
    /// **Shapes:** `[rank, in_features]`; `[rank, vocab]` for an embedding table.
    pub a: host::Tensor,
    /// **Shapes:** `[out_features, rank]`; `[hidden, rank]` for an embedding table.
    pub b: host::Tensor,
    /// Factor of the update.
    pub scale: f64,
    /// Norms of the outputs' weights; `None` without DoRA. **Shapes:** `[out_features]`.
    pub magnitude: Option<host::Tensor>,
    /// Probability with which training drops inputs of the update.
    pub dropout: f64,
}

/// An adapter of a model with the names of its tensors.
#[derive(Clone, Debug)]
pub(crate) struct Attached {
    pub(crate) adapter: Adapter,
    is_embedding: bool,
}

impl Attached {
    /// The tensors by the names that PEFT gives them.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = (String, &host::Tensor)> {
        let Adapter { module, name, a, b, magnitude, .. } = &self.adapter;
        let factor = |letter: char| match self.is_embedding {
            true => format!("{module}.lora_embedding_{letter}.{name}"),
            false => format!("{module}.lora_{letter}.{name}.weight"),
        };
        let magnitude =
            magnitude.as_ref().map(|values| (format!("{module}.lora_magnitude_vector.{name}.weight"), values));
        [(factor('A'), a), (factor('B'), b)].into_iter().chain(magnitude)
    }

    /// The adapter with other tensors where `tensors` has some by name, which are removed from it.
    pub(crate) fn replaced(&self, tensors: &mut HashMap<String, host::Tensor>) -> Adapter {
        let mut found = self.adapter.clone();
        let slots = [&mut found.a, &mut found.b].into_iter().chain(&mut found.magnitude);
        for ((name, _), slot) in self.tensors().zip(slots) {
            if let Some(given) = tensors.remove(&name) {
                *slot = given;
            }
        }
        found
    }
}

/// The tensors of an adapter on a backend.
#[derive(Debug)]
pub(crate) struct Factors<B: EngineBackend> {
    pub(crate) a: Tensor<B, 2>,
    pub(crate) b: Tensor<B, 2>,
    pub(crate) magnitude: Option<Tensor<B, 1>>,
}

impl<B: EngineBackend> Factors<B> {
    /// The tensors in a dtype.
    pub(crate) fn of(adapter: &Adapter, dtype: DType, device: &B::Device) -> Result<Self> {
        let Adapter { a, b, magnitude, .. } = adapter;
        Ok(Self {
            a: read(a, dtype, device)?,
            b: read(b, dtype, device)?,
            magnitude: magnitude.as_ref().map(|values| read(values, dtype, device)).transpose()?,
        })
    }
}

fn read<B: EngineBackend, const D: usize>(
    tensor: &host::Tensor,
    dtype: DType,
    device: &B::Device,
) -> Result<Tensor<B, D>> {
    let data = TensorData::new(tensor.cast(host::DType::F32)?.to_f32()?, tensor.shape());
    Ok(Tensor::from_data(data, (device, burn_dtype(dtype))))
}

/// Where a model's adapters go.
pub(crate) struct Plan {
    /// For each adapter, the parameters that it updates.
    targets: Vec<Vec<Place>>,
}

impl Plan {
    /// Finds the parameters of adapters in a module.
    ///
    /// **Errors:** `Input` naming a module that is not there or is no linear layer or embedding table, or a tensor of
    /// another shape.
    pub(crate) fn new<B: EngineBackend, M: Assembly<B>>(
        module: &mut M,
        rules: &Rules,
        adapters: &[Adapter],
    ) -> Result<Self> {
        let mut layers = HashSet::new();
        module.each_layer(&mut |layer| {
            if layer.is_adaptable() {
                layers.insert((layer.weight_id(), layer.is_embedding()));
            }
        });
        let known = places::<B, M>(module, rules);
        let find = |adapter: &Adapter| {
            let name = format!("{}.weight", adapter.module);
            let refused = |message: String| Error::input("adapters", format!("{} {message}", adapter.module));
            if known.iter().any(|place| place.is_stacked && (place.name == name || place.name == adapter.module)) {
                let message = "is a stack of the weights of several experts, which adapters cannot update";
                return Err(refused(message.to_owned()));
            }
            let found: Vec<_> = known.iter().filter(|place| place.name == name).cloned().collect();
            let is_layer = |place: &Place| layers.contains(&(place.id, place.is_embedding));
            match &found[..] {
                [] if known.iter().any(|place| place.name.starts_with(&format!("{}.", adapter.module))) => {
                    Err(refused("is not a linear layer or an embedding table".to_owned()))
                }
                [] => Err(refused("is not a module of the model".to_owned())),
                found if !found.iter().all(is_layer) => {
                    Err(refused("is not a linear layer or an embedding table".to_owned()))
                }
                [first, ..] => {
                    check(adapter, first).map_err(refused)?;
                    Ok(found)
                }
            }
        };
        Ok(Self { targets: adapters.iter().map(find).collect::<Result<_>>()? })
    }

    /// The adapters with what the names of their tensors depend on.
    pub(crate) fn attached(&self, adapters: Vec<Adapter>) -> Vec<Attached> {
        let is_embedding = |places: &Vec<Place>| places.iter().any(|place| place.is_embedding);
        let all = adapters.into_iter().zip(&self.targets);
        all.map(|(adapter, places)| Attached { adapter, is_embedding: is_embedding(places) }).collect()
    }

    /// Replaces the low-rank updates of a module's layers.
    pub(crate) fn attach<B: EngineBackend, M: Assembly<B>>(
        &self,
        module: &mut M,
        adapters: &[Attached],
        factors: &[Factors<B>],
    ) {
        let mut updates: HashMap<(ParamId, bool), Vec<(usize, &Place)>> = HashMap::new();
        for (index, places) in self.targets.iter().enumerate() {
            for place in places {
                updates.entry((place.id, place.is_embedding)).or_default().push((index, place));
            }
        }
        module.each_layer(&mut |layer| {
            let own = updates.get(&(layer.weight_id(), layer.is_embedding()));
            let update = |(index, place): &(usize, &Place)| {
                low_rank(&layer, *index, &adapters[*index].adapter, &factors[*index], place)
            };
            let updates = own.into_iter().flatten().map(update).collect();
            layer.set_adapters(Adapters { updates });
        });
    }
}

/// **Errors:** what does not fit.
fn check(adapter: &Adapter, place: &Place) -> std::result::Result<(), String> {
    let (out, input) = match place.is_embedding {
        true => (place.shape[1], place.shape[0]),
        false => (place.num_rows(), place.shape[1]),
    };
    let rank = adapter.a.shape().first().copied().unwrap_or(0);
    let tensors = [("a", Some(&adapter.a), vec![rank, input]), ("b", Some(&adapter.b), vec![out, rank])];
    let magnitude = ("magnitude", adapter.magnitude.as_ref(), vec![out]);
    for (name, tensor, expected) in tensors.into_iter().chain([magnitude]) {
        if let Some(found) = tensor.map(host::Tensor::shape).filter(|found| *found != expected) {
            return Err(format!("has {out} outputs and {input} inputs: {name} is {found:?}, expected {expected:?}"));
        }
    }
    if rank == 0 {
        return Err("has an adapter of rank 0; the rank is 1 or more".to_owned());
    }
    if !(0.0..1.0).contains(&adapter.dropout) {
        return Err(format!("has a dropout of {}; it is at least 0 and below 1", adapter.dropout));
    }
    Ok(())
}

fn low_rank<B: EngineBackend>(
    layer: &LayerMut<'_, B>,
    index: usize,
    adapter: &Adapter,
    factors: &Factors<B>,
    place: &Place,
) -> LowRank<B> {
    let device = layer.device();
    let a = factors.a.clone().to_device(&device);
    let (mut b, mut magnitude) = (factors.b.clone().to_device(&device), factors.magnitude.clone());
    if !place.is_embedding {
        (b, magnitude) = (place.rows_of(b), magnitude.map(|values| place.rows_of(values)));
    }
    let gain = magnitude.and_then(|values| {
        let norms = norms(layer.dense()?, a.clone(), b.clone(), adapter.scale);
        Some(values.to_device(&device) / norms.cast(b.dtype()))
    });
    LowRank { adapter: index, a, b, scale: adapter.scale, gain, dropout: adapter.dropout }
}

/// Norms of the outputs' updated weights, `weight + scale * b * a`, as constants.
///
/// **Shapes:** `weight: [out_features, in_features]`; returns `[out_features]`.
fn norms<B: EngineBackend>(weight: Tensor<B, 2>, a: Tensor<B, 2>, b: Tensor<B, 2>, scale: f64) -> Tensor<B, 1> {
    let [weight, a, b] = [weight, a, b].map(|factor| factor.detach().cast(burn_dtype(DType::F32)));
    let sums = |x: Tensor<B, 2>| x.sum_dim(1).squeeze_dim::<1>(1);
    let cross = sums(b.clone() * weight.clone().matmul(a.clone().transpose()));
    let own = sums(b.clone() * b.matmul(a.clone().matmul(a.transpose())));
    (sums(weight.clone() * weight) + cross * (2.0 * scale) + own * (scale * scale)).sqrt()
}
