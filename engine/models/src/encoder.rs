use std::fs;
use std::path::Path;

use serde_json::Value;
use trustformers_checkpoint::{Rules, save};
use trustformers_core::{DType, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{EngineBackend, Precision, int_vector};

use crate::families::EncoderFamily;
use crate::ragged::Ragged;
use crate::{EncoderInput, HostTensor};

/// What a base model computes.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderOutput {
    /// `[batch, seq, hidden]`, zero at padded positions.
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
    /// **Errors:** `Io` if a file cannot be written; `Unsupported` if the weights were rounded to bytes.
    fn save_pretrained(&self, dir: &Path) -> Result<()>;
}

pub(crate) struct LoadedEncoder<F: EncoderFamily, B: EngineBackend> {
    pub(crate) family: F,
    pub(crate) config: Value,
    pub(crate) precision: LoadedPrecision,
    pub(crate) module: nn::Encoder<B, F::Layer<B>>,
    pub(crate) unused_weights: Vec<String>,
    pub(crate) device: B::Device,
}

/// What a model computes in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoadedPrecision {
    /// The format between the layers.
    pub(crate) dtype: DType,
    /// That of the linear layers.
    pub(crate) linear: Precision,
}

impl<F: EncoderFamily, B: EngineBackend> LoadedEncoder<F, B> {
    fn run(&self, input: &EncoderInput<'_>, batch: &Ragged) -> nn::EncoderOutput<B> {
        let pick = |given: Option<&[i64]>, absent: &dyn Fn(usize) -> i64| {
            let values = batch.places.iter().map(|place| given.map_or_else(|| absent(*place), |given| given[*place]));
            int_vector::<B>(values.collect(), &self.device)
        };
        let ids = nn::EncoderIds {
            input_ids: pick(Some(input.input_ids), &|_| 0),
            token_type_ids: pick(input.token_type_ids, &|_| 0),
            position_ids: pick(input.position_ids, &|place| (place % input.seq) as i64),
        };
        let first = int_vector::<B>(batch.first.clone(), &self.device);
        self.module.forward(&nn::EncoderBatch { ids, segments: batch.segments.clone(), first })
    }
}

impl<F: EncoderFamily, B: EngineBackend> Encoder for LoadedEncoder<F, B> {
    fn forward(&self, input: &EncoderInput<'_>) -> Result<EncoderOutput> {
        input.check(self.family.limits())?;
        let passes = Ragged::new(input, self.module.has_pooler()).passes(B::ROWS_PER_PASS);
        let (mut hidden, mut pooled) = (None, Vec::new());
        let places = input.batch * input.seq;
        for pass in &passes {
            let output = self.run(input, pass);
            let rows = HostTensor::read(output.last_hidden_state)?;
            if let Some(output) = output.pooler_output {
                pooled.extend(HostTensor::read(output)?.data);
            }
            let width = rows.shape[1];
            let is_whole = pass.places.len() == places && pass.segments.0.iter().all(|s| s.keys == s.rows);
            if is_whole {
                hidden = Some((width, rows.data));
            } else {
                let (_, padded) = hidden.get_or_insert_with(|| (width, vec![0.0; places * width]));
                pass.put_back(&rows, padded);
            }
        }
        let Some((width, data)) = hidden else {
            return Err(Error::internal("a batch without a sequence passed its check"));
        };
        let pooler_output =
            self.module.has_pooler().then(|| HostTensor { shape: vec![input.batch, width], data: pooled });
        Ok(EncoderOutput {
            last_hidden_state: HostTensor { shape: vec![input.batch, input.seq, width], data },
            pooler_output,
        })
    }

    fn config(&self) -> &Value {
        &self.config
    }

    fn dtype(&self) -> DType {
        self.precision.dtype
    }

    fn unused_weights(&self) -> &[String] {
        &self.unused_weights
    }

    fn save_pretrained(&self, dir: &Path) -> Result<()> {
        if self.precision.linear == Precision::Int8 {
            return Err(Error::unsupported("saving a model that was loaded in 8 bits; load it without and save that"));
        }
        fs::create_dir_all(dir).map_err(|source| Error::io(dir, source))?;
        save(&self.module, Rules(F::WEIGHTS), dir)?;
        let mut config = self.config.clone();
        if let Some(keys) = config.as_object_mut() {
            keys.remove("torch_dtype");
            keys.insert("dtype".to_owned(), self.precision.dtype.name().into());
        }
        let file = dir.join("config.json");
        fs::write(&file, format!("{config:#}\n")).map_err(|source| Error::io(&file, source))
    }
}
