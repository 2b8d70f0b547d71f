use std::path::Path;

use serde_json::Value;
use trustformers_checkpoint::Checkpoint;
use trustformers_core::{Error, Result, read_json};

use super::activation::ModuleActivation;
use super::pooling::Pooling;
use super::rows::{Rows, dot};

/// File that lists the modules.
pub(crate) const MODULES: &str = "modules.json";

/// A feature that modules read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    /// Embeddings of a sentence's tokens.
    TokenEmbeddings,
    /// Embedding of the sentence.
    SentenceEmbedding,
    /// Scores of a text pair.
    Scores,
}

impl Feature {
    fn name(self) -> &'static str {
        match self {
            Self::TokenEmbeddings => "token_embeddings",
            Self::SentenceEmbedding => "sentence_embedding",
            Self::Scores => "scores",
        }
    }

    /// Reads the name of a feature.
    ///
    /// **Errors:** `Config` if the key names an unknown feature.
    fn read(file: &Path, keys: &Value, key: &str, default: Self) -> Result<Self> {
        let known = [Self::TokenEmbeddings, Self::SentenceEmbedding, Self::Scores];
        match &keys[key] {
            Value::Null => Ok(default),
            name => known.into_iter().find(|feature| name == feature.name()).ok_or_else(|| {
                let names = known.map(Self::name).join("\", \"");
                Error::config_key(file, key, name, format!("one of \"{names}\""))
            }),
        }
    }
}

/// A module with its input and output features.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    module: Module,
    input: Feature,
    output: Feature,
}

#[derive(Clone, Debug)]
enum Module {
    Pooling(Pooling),
    Dense(Dense),
    LayerNorm { weight: Vec<f32>, bias: Vec<f32> },
    Normalize,
}

/// `activation(x * transpose(weight) + bias)`, plus `x` or a projection of it as a residual.
#[derive(Clone, Debug)]
struct Dense {
    sizes: [usize; 2],
    weight: Vec<f32>,
    bias: Option<Vec<f32>>,
    activation: ModuleActivation,
    residual: Option<Residual>,
}

#[derive(Clone, Debug)]
enum Residual {
    Identity,
    Projected(Vec<f32>),
}

impl From<Pooling> for Step {
    fn from(pooling: Pooling) -> Self {
        Self { module: Module::Pooling(pooling), input: Feature::TokenEmbeddings, output: Feature::SentenceEmbedding }
    }
}

impl Step {
    /// Reads a module of the given class from its folder; `None` for a module without effect.
    ///
    /// **Errors:** `Unsupported` naming an unknown class; `Config` or `Weights` naming what is damaged or missing in
    /// the folder.
    pub(crate) fn read(class: &str, folder: &Path) -> Result<Option<Self>> {
        let file = folder.join("config.json");
        let keys = || if file.is_file() { read_json(&file) } else { Err(missing(&file)) };
        let ends = |keys: &Value| -> Result<[Feature; 2]> {
            let input = Feature::read(&file, keys, "module_input_name", Feature::SentenceEmbedding)?;
            Ok([input, Feature::read(&file, keys, "module_output_name", input)?])
        };
        let (module, [input, output]) = match class {
            "Dropout" => return Ok(None),
            "Pooling" => return Ok(Some(Pooling::read(&file, &keys()?)?.into())),
            "Normalize" => {
                // Older modules have no files.
                let keys = if file.is_file() { keys()? } else { Value::Null };
                (Module::Normalize, ends(&keys)?)
            }
            "Dense" => {
                let keys = keys()?;
                let dense = Dense::read(&file, &keys, &Checkpoint::open(folder)?)?;
                (Module::Dense(dense), ends(&keys)?)
            }
            "LayerNorm" => {
                let (keys, checkpoint) = (keys()?, Checkpoint::open(folder)?);
                let size = size(&file, &keys, "dimension")?;
                let [weight, bias] = ["norm.weight", "norm.bias"].map(|name| tensor(&checkpoint, name, &[size]));
                (Module::LayerNorm { weight: weight?, bias: bias? }, [Feature::SentenceEmbedding; 2])
            }
            other => return Err(Error::unsupported(format!("the sentence-transformers module {other}"))),
        };
        Ok(Some(Self { module, input, output }))
    }

    pub(crate) fn excludes_prompt(&self) -> bool {
        matches!(&self.module, Module::Pooling(pooling) if pooling.excludes_prompt())
    }

    /// The module's output width for an input width.
    ///
    /// **Errors:** `Config` if the module expects another input width.
    fn width(&self, width: usize) -> Result<usize> {
        let (takes, gives) = match &self.module {
            Module::Pooling(pooling) => return Ok(width * pooling.num_modes()),
            Module::Normalize => return Ok(width),
            Module::Dense(dense) => (dense.sizes[1], dense.sizes[0]),
            Module::LayerNorm { weight, .. } => (weight.len(), weight.len()),
        };
        if takes == width {
            return Ok(gives);
        }
        let message = format!("a module expects {} of width {takes}, found {width}", self.input.name());
        Err(Error::config(MODULES, message))
    }
}

/// Checks that the modules fit together on token embeddings of width `hidden_size`; returns the width of the feature
/// `requested`.
///
/// **Errors:** `Config` if a module reads a feature that no module before it writes, or expects another width.
pub(crate) fn check(steps: &[Step], hidden_size: usize, requested: Feature) -> Result<usize> {
    let mut widths =
        [(Feature::TokenEmbeddings, Some(hidden_size)), (Feature::SentenceEmbedding, None), (Feature::Scores, None)];
    let missing = |feature: Feature| {
        let message = format!("no module computes {}", feature.name());
        Error::config(MODULES, message)
    };
    for step in steps {
        let found = widths.iter().find(|(feature, _)| *feature == step.input).and_then(|(_, width)| *width);
        let width = step.width(found.ok_or_else(|| missing(step.input))?)?;
        widths.iter_mut().filter(|(feature, _)| *feature == step.output).for_each(|(_, found)| *found = Some(width));
    }
    let found = widths.iter().find(|(feature, _)| *feature == requested).and_then(|(_, width)| *width);
    found.ok_or_else(|| missing(requested))
}

/// Runs modules on the token embeddings of a sentence, whose first `prompt_length` tokens belong to the prompt; returns
/// the feature `requested`.
///
/// The modules must have passed [`check`].
pub(crate) fn run(steps: &[Step], tokens: Rows, prompt_length: usize, requested: Feature) -> Result<Rows> {
    let mut features = vec![(Feature::TokenEmbeddings, tokens)];
    for step in steps {
        let input = features.iter().find(|(feature, _)| *feature == step.input).map(|(_, rows)| rows);
        let input = input.ok_or_else(|| Error::internal(format!("no {}", step.input.name())))?;
        let output = step.module.forward(input, prompt_length);
        features.retain(|(feature, _)| *feature != step.output);
        features.push((step.output, output));
    }
    let found = features.into_iter().find(|(feature, _)| *feature == requested).map(|(_, rows)| rows);
    found.ok_or_else(|| Error::internal(format!("no {}", requested.name())))
}

impl Module {
    fn forward(&self, x: &Rows, prompt_length: usize) -> Rows {
        match self {
            Self::Pooling(pooling) => pooling.pool(x, prompt_length),
            Self::Dense(dense) => dense.forward(x),
            Self::Normalize => {
                let mut x = x.clone();
                x.normalize();
                x
            }
            Self::LayerNorm { weight, bias } => {
                let normalized = |row: &[f32]| -> Vec<f32> {
                    let count = row.len() as f32;
                    let mean = row.iter().sum::<f32>() / count;
                    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / count;
                    // The default epsilon of `torch.nn.LayerNorm`.
                    let scale = 1.0 / (variance + 1e-5).sqrt();
                    row.iter().zip(weight.iter().zip(bias)).map(|(x, (w, b))| (x - mean) * scale * w + b).collect()
                };
                Rows { width: x.width, data: x.iter().flat_map(normalized).collect() }
            }
        }
    }
}

impl Dense {
    fn read(file: &Path, keys: &Value, checkpoint: &Checkpoint) -> Result<Self> {
        let [inputs, outputs] = [size(file, keys, "in_features")?, size(file, keys, "out_features")?];
        let flag = |key: &str, default: bool| match &keys[key] {
            Value::Null => Ok(default),
            value => value.as_bool().ok_or_else(|| Error::config_key(file, key, value, "true or false")),
        };
        let activation = match &keys["activation_function"] {
            Value::Null => ModuleActivation::Tanh,
            Value::String(path) => path.parse()?,
            other => return Err(Error::config_key(file, "activation_function", other, "a string")),
        };
        let bias = flag("bias", true)?.then(|| tensor(checkpoint, "linear.bias", &[outputs])).transpose()?;
        let residual = match flag("use_residual", false)? {
            false => None,
            true if inputs == outputs => Some(Residual::Identity),
            true => Some(Residual::Projected(tensor(checkpoint, "residual.weight", &[outputs, inputs])?)),
        };
        let weight = tensor(checkpoint, "linear.weight", &[outputs, inputs])?;
        Ok(Self { sizes: [outputs, inputs], weight, bias, activation, residual })
    }

    fn forward(&self, x: &Rows) -> Rows {
        let [outputs, inputs] = self.sizes;
        let mut data = Vec::with_capacity(x.iter().len() * outputs);
        for x in x.iter() {
            for (output, weight) in self.weight.chunks_exact(inputs).enumerate() {
                let sum = dot(x, weight) + self.bias.as_ref().map_or(0.0, |bias| bias[output]);
                let residual = match &self.residual {
                    None => 0.0,
                    Some(Residual::Identity) => x[output],
                    Some(Residual::Projected(weight)) => dot(x, &weight[output * inputs..][..inputs]),
                };
                data.push(self.activation.apply(sum) + residual);
            }
        }
        Rows { width: outputs, data }
    }
}

fn missing(file: &Path) -> Error {
    Error::config(file, "file not found, but modules.json names its module")
}

fn size(file: &Path, keys: &Value, key: &str) -> Result<usize> {
    let size = keys[key].as_u64().and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    size.ok_or_else(|| Error::config_key(file, key, &keys[key], "an integer of at least 1"))
}

fn tensor(checkpoint: &Checkpoint, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
    let tensor = checkpoint.tensors().get(name);
    let tensor = tensor.ok_or_else(|| Error::weights(checkpoint.root(), format!("tensor {name} is missing")))?;
    if tensor.shape != shape {
        let message = format!("tensor {name} has the shape {:?}, expected {shape:?}", tensor.shape);
        return Err(Error::weights(checkpoint.root(), message));
    }
    tensor
        .in_f32()
        .ok_or_else(|| Error::weights(checkpoint.root(), format!("tensor {name} does not hold floating point numbers")))
}
