use std::fs;
use std::path::Path;

use burn::tensor::{Bool, Tensor};
use serde_json::Value;
use trustformers_checkpoint::{Loaded, Rules, save};
use trustformers_core::{DType, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{EngineBackend, int_tensor};

use crate::families::EncoderFamily;
use crate::{EncoderInput, HostTensor};

/// What a base model computes.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderOutput {
    /// `[batch, seq, hidden]`.
    pub last_hidden_state: HostTensor,
    /// `[batch, hidden]`, if the model has a pooler.
    pub pooler_output: Option<HostTensor>,
}

/// A base model with its backend and family erased.
pub trait Encoder: Send + Sync {
    /// Runs the model on a batch.
    ///
    /// **Errors:** `Input` naming the argument that does not fit the model.
    fn forward(&self, input: &EncoderInput<'_>) -> Result<EncoderOutput>;

    /// `config.json` as it was read.
    fn config(&self) -> &Value;

    /// The floating point format that the model computes in.
    fn dtype(&self) -> DType;

    /// Tensors of the checkpoint that belong to other modules, such as heads.
    fn unused_weights(&self) -> &[String];

    /// Writes `config.json` and `model.safetensors` into `dir`, which is made if it is not there.
    ///
    /// **Errors:** `Io` if a file cannot be written.
    fn save_pretrained(&self, dir: &Path) -> Result<()>;
}

pub(crate) struct LoadedEncoder<F: EncoderFamily, B: EngineBackend> {
    family: F,
    config: Value,
    dtype: DType,
    module: nn::Encoder<B, F::Layer<B>>,
    unused_weights: Vec<String>,
    device: B::Device,
}

impl<F: EncoderFamily, B: EngineBackend> LoadedEncoder<F, B> {
    pub(crate) fn new(
        family: F,
        config: Value,
        dtype: DType,
        loaded: Loaded<nn::Encoder<B, F::Layer<B>>>,
        device: B::Device,
    ) -> Self {
        Self { family, config, dtype, module: loaded.module, unused_weights: loaded.unused, device }
    }

    /// True where a key may not be seen; nothing if all may.
    fn hidden_keys(&self, input: &EncoderInput<'_>) -> Option<Tensor<B, 4, Bool>> {
        let mask = input.attention_mask?;
        if mask.iter().all(|seen| *seen != 0) {
            return None;
        }
        let mask = int_tensor::<B>(mask, [input.batch, input.seq], &self.device);
        Some(mask.equal_elem(0).reshape([input.batch, 1, 1, input.seq]))
    }
}

impl<F: EncoderFamily, B: EngineBackend> Encoder for LoadedEncoder<F, B> {
    fn forward(&self, input: &EncoderInput<'_>) -> Result<EncoderOutput> {
        input.check(self.family.limits())?;
        let EncoderInput { batch, seq, .. } = *input;
        let zeros = || vec![0; batch * seq];
        let counted = || (0..batch).flat_map(|_| 0..seq as i64).collect();
        let ids = |given: Option<&[i64]>, absent: &dyn Fn() -> Vec<i64>| {
            let filled = given.map_or_else(absent, <[i64]>::to_vec);
            int_tensor::<B>(&filled, [batch, seq], &self.device)
        };
        let output = self.module.forward(
            ids(Some(input.input_ids), &zeros),
            ids(input.token_type_ids, &zeros),
            ids(input.position_ids, &counted),
            self.hidden_keys(input),
        );
        Ok(EncoderOutput {
            last_hidden_state: HostTensor::read(output.last_hidden_state)?,
            pooler_output: output.pooler_output.map(HostTensor::read).transpose()?,
        })
    }

    fn config(&self) -> &Value {
        &self.config
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn unused_weights(&self) -> &[String] {
        &self.unused_weights
    }

    fn save_pretrained(&self, dir: &Path) -> Result<()> {
        fs::create_dir_all(dir).map_err(|source| Error::io(dir, source))?;
        save(&self.module, Rules(F::WEIGHTS), dir)?;
        let mut config = self.config.clone();
        if let Some(keys) = config.as_object_mut() {
            keys.remove("torch_dtype");
            keys.insert("dtype".to_owned(), self.dtype.name().into());
        }
        let file = dir.join("config.json");
        fs::write(&file, format!("{config:#}\n")).map_err(|source| Error::io(&file, source))
    }
}
