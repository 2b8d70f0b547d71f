use std::collections::HashMap;
use std::fs;
use std::path::Path;

use burn::tensor::{Tensor, TensorData};
use serde_json::Value;
use trustformers_checkpoint::{LoadReport, Rules, save};
use trustformers_core::{DType, Error, Result};
use trustformers_nn as nn;
use trustformers_ops::{EngineBackend, Precision, int_vector};

use crate::head::Head;
use crate::input::Limits;
use crate::ragged::{Keeps, Ragged};
use crate::settings::Settings;
use crate::{EncoderInput, HostTensor};

/// What a call computes besides the result.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// The output of the embeddings and of every layer.
    pub hidden_states: bool,
    /// The attention weights of every layer.
    pub attentions: bool,
    /// Only these places get logits of every token, each `row * seq + column`; all do if absent.
    pub logits_at: Option<&'a [usize]>,
    /// What stands at padded positions, which are not computed otherwise; a loss over positions depends on them.
    pub padding: bool,
}

/// What a model of an encoder family computes; zero at padded positions unless they were wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EncoderOutput {
    /// `[batch, seq, hidden]`, of a base model.
    pub last_hidden_state: Option<HostTensor>,
    /// `[batch, hidden]`, of a base model that has a pooler.
    pub pooler_output: Option<HostTensor>,
    /// Of a head: `[batch, seq, outputs]`, `[places, outputs]` where only some were wanted, or `[batch, outputs]`.
    pub logits: Option<HostTensor>,
    /// `[batch, seq, hidden]` each, if they were wanted.
    pub hidden_states: Vec<HostTensor>,
    /// `[batch, heads, seq, seq]` each, if they were wanted.
    pub attentions: Vec<HostTensor>,
}

/// A model of an encoder family, with its backend and family erased.
pub trait Encoder: Send + Sync {
    /// Runs the model on a batch.
    ///
    /// **Errors:** `Input` naming the argument that does not fit the model.
    fn forward(&self, input: &EncoderInput<'_>, wanted: Wanted<'_>) -> Result<EncoderOutput>;

    /// What the model has after its encoder.
    fn head(&self) -> Head;

    /// What `config.json` says that means the same for every family.
    fn settings(&self) -> &Settings;

    /// `config.json` as it was read.
    fn config(&self) -> &Value;

    /// The floating point format that the model computes in.
    fn dtype(&self) -> DType;

    /// The most tokens that a sequence may have, if positions have learned vectors.
    fn max_tokens(&self) -> Option<usize>;

    /// Where the checkpoint and the model differed.
    fn report(&self) -> &LoadReport;

    /// Writes `config.json` and `model.safetensors` into `dir`, which is made if it is not there.
    ///
    /// **Errors:** `Io` if a file cannot be written; `Unsupported` if the weights were rounded to bytes.
    fn save_pretrained(&self, dir: &Path) -> Result<()>;
}

pub(crate) struct LoadedEncoder<B: EngineBackend, P, L> {
    pub(crate) head: Head,
    pub(crate) num_outputs: usize,
    pub(crate) limits: Limits,
    pub(crate) settings: Settings,
    pub(crate) config: Value,
    pub(crate) precision: LoadedPrecision,
    pub(crate) module: nn::EncoderModel<B, P, L>,
    pub(crate) rules: Rules,
    pub(crate) report: LoadReport,
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

impl<B: EngineBackend, P: nn::Positions<B>, L: nn::EncoderLayer<B, Shared = P::Shared>> LoadedEncoder<B, P, L> {
    fn batch(&self, input: &EncoderInput<'_>, positions: &[i64], pass: &Ragged) -> nn::EncoderBatch<B> {
        let ids = |id: &dyn Fn(usize) -> i64| {
            int_vector::<B>(pass.places.iter().map(|place| id(*place)).collect(), &self.device)
        };
        let words = match input.inputs_embeds {
            None => nn::Words::Ids(ids(&|place| input.input_ids[place])),
            Some(vectors) => {
                let width = self.limits.embedding_size;
                let rows = pass.places.iter().flat_map(|place| &vectors[place * width..][..width]);
                let data = TensorData::new(rows.copied().collect::<Vec<f32>>(), [pass.places.len(), width]);
                nn::Words::Vectors(Tensor::from_data(data, &self.device))
            }
        };
        let ids = nn::EncoderIds {
            words,
            token_type_ids: ids(&|place| input.token_type_ids.map_or(0, |types| types[place])),
            position_ids: ids(&|place| positions[place]),
        };
        let rows = nn::RowPositions {
            segments: pass.segments.clone(),
            columns: pass.places.iter().map(|place| (place % input.seq) as i64).collect(),
            position_ids: pass.places.iter().map(|place| positions[*place]).collect(),
        };
        nn::EncoderBatch { ids, rows, first: int_vector::<B>(pass.first.clone(), &self.device) }
    }
}

impl<B: EngineBackend, P: nn::Positions<B>, L: nn::EncoderLayer<B, Shared = P::Shared>> Encoder
    for LoadedEncoder<B, P, L>
{
    fn forward(&self, input: &EncoderInput<'_>, wanted: Wanted<'_>) -> Result<EncoderOutput> {
        input.check(self.limits)?;
        let positions = input.positions(self.limits.positions);
        let kept = nn::Kept { hidden_states: wanted.hidden_states, attentions: wanted.attentions };
        let mut gathered = Gathered::new(input, wanted.logits_at.filter(|_| self.head.is_per_token()));
        let keeps = match (wanted.padding, self.module.reads_first()) {
            (true, _) => Keeps::Everything,
            (false, true) => Keeps::First,
            (false, false) => Keeps::Nothing,
        };
        for pass in &Ragged::new(input, keeps).passes(B::ROWS_PER_PASS) {
            let batch = self.batch(input, &positions, pass);
            let picks = gathered.picks(pass);
            if picks.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let rows = picks
                .as_ref()
                .map(|picks| int_vector::<B>(picks.iter().map(|(row, _)| *row as i64).collect(), &self.device));
            let (output, logits) = self.module.forward(&batch, kept, rows);
            if self.head == Head::Base {
                gathered.last_hidden_state.add(pass, HostTensor::read(output.last_hidden_state)?);
                if let Some(pooled) = output.pooler_output {
                    gathered.pooler_output.extend(HostTensor::read(pooled)?.data);
                }
            }
            if let Some(logits) = logits {
                let logits = HostTensor::read(logits)?;
                match picks {
                    Some(picks) => gathered.add_picked(&picks, &logits),
                    None if self.head.is_per_token() => gathered.token_logits.add(pass, logits),
                    None => gathered.sequence_logits.extend(logits.data),
                }
            }
            gathered.add_layers(pass, output.hidden_states, output.attentions)?;
        }
        Ok(gathered.into_output(self.head, self.module.base().has_pooler(), self.num_outputs))
    }

    fn head(&self) -> Head {
        self.head
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn config(&self) -> &Value {
        &self.config
    }

    fn dtype(&self) -> DType {
        self.precision.dtype
    }

    fn max_tokens(&self) -> Option<usize> {
        self.limits.max_tokens()
    }

    fn report(&self) -> &LoadReport {
        &self.report
    }

    fn save_pretrained(&self, dir: &Path) -> Result<()> {
        if self.precision.linear == Precision::Int8 {
            return Err(Error::unsupported("saving a model that was loaded in 8 bits; load it without and save that"));
        }
        fs::create_dir_all(dir).map_err(|source| Error::io(dir, source))?;
        save(&self.module, &self.rules, dir)?;
        let mut config = self.config.clone();
        if let Some(keys) = config.as_object_mut() {
            keys.remove("torch_dtype");
            keys.insert("dtype".to_owned(), self.precision.dtype.name().into());
        }
        let file = dir.join("config.json");
        fs::write(&file, format!("{config:#}\n")).map_err(|source| Error::io(&file, source))
    }
}

/// Results of one vector per token, put together from passes.
struct Tokens {
    places: usize,
    found: Option<HostTensor>,
}

impl Tokens {
    /// **Shapes:** `rows: [rows, width]`.
    fn add(&mut self, pass: &Ragged, rows: HostTensor) {
        let is_whole = pass.places.len() == self.places && pass.segments.0.iter().all(|s| s.keys == s.rows);
        if is_whole {
            self.found = Some(rows);
            return;
        }
        let (places, width) = (self.places, rows.shape[1]);
        let zeros = || HostTensor { shape: vec![places, width], data: vec![0.0; places * width] };
        pass.put_back(&rows, &mut self.found.get_or_insert_with(zeros).data);
    }

    fn into_batch(self, batch: usize, seq: usize) -> Option<HostTensor> {
        self.found.map(|HostTensor { shape, data }| HostTensor { shape: vec![batch, seq, shape[1]], data })
    }
}

/// The results of a batch while its passes are computed.
struct Gathered<'a> {
    batch: usize,
    seq: usize,
    last_hidden_state: Tokens,
    pooler_output: Vec<f32>,
    token_logits: Tokens,
    sequence_logits: Vec<f32>,
    /// The places that get logits, if not all do.
    wanted: Option<&'a [usize]>,
    /// For each of them where it stands among them.
    numbers: HashMap<usize, Vec<usize>>,
    picked_logits: Vec<f32>,
    hidden_states: Vec<Tokens>,
    attentions: Vec<HostTensor>,
}

impl<'a> Gathered<'a> {
    fn new(input: &EncoderInput<'_>, logits_at: Option<&'a [usize]>) -> Self {
        let places = input.batch * input.seq;
        let tokens = || Tokens { places, found: None };
        let mut numbers: HashMap<usize, Vec<usize>> = HashMap::new();
        for (number, place) in logits_at.unwrap_or_default().iter().enumerate() {
            numbers.entry(*place).or_default().push(number);
        }
        Self {
            batch: input.batch,
            seq: input.seq,
            last_hidden_state: tokens(),
            pooler_output: Vec::new(),
            token_logits: tokens(),
            sequence_logits: Vec::new(),
            wanted: logits_at,
            numbers,
            picked_logits: Vec::new(),
            hidden_states: Vec::new(),
            attentions: Vec::new(),
        }
    }

    /// The rows of a pass that get logits, and the numbers of their places; nothing if all do.
    fn picks(&self, pass: &Ragged) -> Option<Vec<(usize, Vec<usize>)>> {
        self.wanted?;
        let rows = pass.places.iter().enumerate();
        Some(rows.filter_map(|(row, place)| Some((row, self.numbers.get(place)?.clone()))).collect())
    }

    fn add_picked(&mut self, picks: &[(usize, Vec<usize>)], logits: &HostTensor) {
        let width = logits.shape[1];
        let count = self.wanted.map_or(0, <[usize]>::len);
        self.picked_logits.resize(count * width, 0.0);
        for ((_, numbers), logits) in picks.iter().zip(logits.data.chunks_exact(width.max(1))) {
            for number in numbers {
                self.picked_logits[number * width..][..width].copy_from_slice(logits);
            }
        }
    }

    fn add_layers<B: EngineBackend>(
        &mut self,
        pass: &Ragged,
        hidden_states: Vec<Tensor<B, 2>>,
        attentions: Vec<Tensor<B, 4>>,
    ) -> Result<()> {
        let (batch, seq) = (self.batch, self.seq);
        for (index, state) in hidden_states.into_iter().enumerate() {
            if index == self.hidden_states.len() {
                self.hidden_states.push(Tokens { places: batch * seq, found: None });
            }
            self.hidden_states[index].add(pass, HostTensor::read(state)?);
        }
        for (index, weights) in attentions.into_iter().enumerate() {
            let weights = HostTensor::read(weights)?;
            if index == self.attentions.len() {
                let shape = vec![batch, weights.shape[1], seq, seq];
                let bytes = shape.iter().fold(size_of::<f32>(), |bytes, size| bytes.saturating_mul(*size));
                Error::check_memory(format!("the attention weights of layer {index}"), bytes)?;
                let data = vec![0.0; shape.iter().product()];
                self.attentions.push(HostTensor { shape, data });
            }
            pass.put_weights_back(&weights, seq, &mut self.attentions[index].data);
        }
        Ok(())
    }

    fn into_output(self, head: Head, has_pooler: bool, num_outputs: usize) -> EncoderOutput {
        let Self { batch, seq, .. } = self;
        let by_sequence = |data: Vec<f32>| HostTensor { shape: vec![batch, data.len() / batch], data };
        let logits = match (head, self.wanted) {
            (Head::Base, _) => None,
            (_, Some(wanted)) => {
                let mut data = self.picked_logits;
                data.resize(wanted.len() * num_outputs, 0.0);
                Some(HostTensor { shape: vec![wanted.len(), num_outputs], data })
            }
            (head, None) if head.is_per_token() => self.token_logits.into_batch(batch, seq),
            _ => Some(by_sequence(self.sequence_logits)),
        };
        EncoderOutput {
            last_hidden_state: self.last_hidden_state.into_batch(batch, seq),
            pooler_output: (head == Head::Base && has_pooler).then(|| by_sequence(self.pooler_output)),
            logits,
            hidden_states: self.hidden_states.into_iter().filter_map(|state| state.into_batch(batch, seq)).collect(),
            attentions: self.attentions,
        }
    }
}
