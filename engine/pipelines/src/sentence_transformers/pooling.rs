use std::path::Path;

use serde_json::Value;
use trustformers_core::{Error, Result};

use super::rows::Rows;

/// How token embeddings are pooled into a sentence embedding; several modes are concatenated in order.
///
/// Source: `sentence_transformer/modules/pooling.py` of sentence-transformers 6.2.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pooling {
    modes: Vec<Mode>,
    /// Whether the tokens of the prompt are pooled too.
    include_prompt: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Embedding of the first token.
    Cls,
    /// Maximum of each component.
    Max,
    /// Mean embedding.
    Mean,
    /// Sum of the embeddings, divided by the square root of their number.
    MeanSqrtLen,
    /// Mean embedding weighted by position: 1 for the first token, 2 for the second and so on.
    WeightedMean,
    /// Embedding of the last token.
    LastToken,
}

/// Flag in older files, name in newer files, and mode.
const MODES: [(&str, &str, Mode); 6] = [
    ("pooling_mode_cls_token", "cls", Mode::Cls),
    ("pooling_mode_max_tokens", "max", Mode::Max),
    ("pooling_mode_mean_tokens", "mean", Mode::Mean),
    ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", Mode::MeanSqrtLen),
    ("pooling_mode_weightedmean_tokens", "weightedmean", Mode::WeightedMean),
    ("pooling_mode_lasttoken", "lasttoken", Mode::LastToken),
];

impl Pooling {
    pub(crate) fn mean() -> Self {
        Self { modes: vec![Mode::Mean], include_prompt: true }
    }

    pub(crate) fn last_token() -> Self {
        Self { modes: vec![Mode::LastToken], include_prompt: true }
    }

    /// Reads the `config.json` of a Pooling module.
    ///
    /// **Errors:** `Unsupported` naming an unknown mode; `Config` if a value has the wrong type.
    pub(crate) fn read(file: &Path, keys: &Value) -> Result<Self> {
        let named = |name: &Value| {
            let name = name.as_str().ok_or_else(|| Error::config_key(file, "pooling_mode", name, "a string"))?;
            let mode = MODES.iter().find(|(_, known, _)| *known == name);
            mode.map(|(.., mode)| *mode)
                .ok_or_else(|| Error::unsupported(format!("pooling_mode {name:?} in {}", file.display())))
        };
        let on = |key: &str| keys[key] == Value::Bool(true);
        let unknown =
            keys.as_object().into_iter().flat_map(|keys| keys.keys()).find(|key| {
                key.starts_with("pooling_mode_") && on(key) && MODES.iter().all(|(known, ..)| known != key)
            });
        if let Some(key) = unknown {
            return Err(Error::unsupported(format!("{key} in {}", file.display())));
        }
        let modes = match &keys["pooling_mode"] {
            Value::Null => MODES.iter().filter(|(flag, ..)| on(flag)).map(|(.., mode)| *mode).collect(),
            Value::Array(names) => names.iter().map(named).collect::<Result<Vec<_>>>()?,
            name => vec![named(name)?],
        };
        let include_prompt = match &keys["include_prompt"] {
            Value::Null => true,
            Value::Bool(include) => *include,
            other => return Err(Error::config_key(file, "include_prompt", other, "true or false")),
        };
        Ok(Self { modes: if modes.is_empty() { vec![Mode::Mean] } else { modes }, include_prompt })
    }

    pub(crate) fn excludes_prompt(&self) -> bool {
        !self.include_prompt
    }

    /// Number of modes: how many times wider a sentence embedding is than a token embedding.
    pub(crate) fn num_modes(&self) -> usize {
        self.modes.len()
    }

    /// Pools token embeddings into a sentence embedding; the first `prompt_length` tokens belong to the prompt.
    pub(crate) fn pool(&self, tokens: &Rows, prompt_length: usize) -> Rows {
        let left_out = if self.include_prompt { 0 } else { prompt_length.min(tokens.iter().len()) };
        let data: Vec<f32> = self.modes.iter().flat_map(|mode| mode.pool(tokens, left_out)).collect();
        Rows { width: data.len(), data }
    }
}

impl Mode {
    /// Pools one mode. Without tokens, means are zero, like empty sums of the reference.
    fn pool(self, tokens: &Rows, left_out: usize) -> Vec<f32> {
        /// Minimum divisor of the reference.
        const LEAST: f32 = 1e-9;
        let rows = || tokens.iter().skip(left_out);
        let sum = |weight: &dyn Fn(usize) -> f32| {
            let mut sums = vec![0.0; tokens.width];
            for (index, row) in rows().enumerate() {
                let weight = weight(left_out + index);
                sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x * weight);
            }
            sums
        };
        let divided = |mut sums: Vec<f32>, divisor: f32| {
            sums.iter_mut().for_each(|sum| *sum /= divisor);
            sums
        };
        let count = (rows().len() as f32).max(LEAST);
        match self {
            Self::Cls => rows().next().or(tokens.iter().next()).map(<[f32]>::to_vec).unwrap_or_default(),
            Self::Max => rows().fold(vec![f32::NEG_INFINITY; tokens.width], |mut most, row| {
                most.iter_mut().zip(row).for_each(|(most, x)| *most = most.max(*x));
                most
            }),
            Self::Mean => divided(sum(&|_| 1.0), count),
            Self::MeanSqrtLen => divided(sum(&|_| 1.0), count.sqrt()),
            Self::WeightedMean => {
                let weight = |index: usize| (index + 1) as f32;
                let all: f32 = (left_out..tokens.iter().len()).map(weight).sum();
                divided(sum(&weight), all.max(LEAST))
            }
            Self::LastToken => rows().next_back().map_or_else(|| vec![0.0; tokens.width], <[f32]>::to_vec),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pooling(config: &Value) -> Result<Pooling> {
        Pooling::read(Path::new("1_Pooling/config.json"), config)
    }

    fn pooled(config: Value) -> Vec<f32> {
        let tokens = Rows { width: 2, data: vec![1.0, -4.0, 3.0, 8.0] };
        pooling(&config).unwrap().pool(&tokens, 1).data
    }

    #[test]
    fn each_mode_is_read_from_its_flag_and_its_name() {
        let root = 2f32.sqrt();
        let expected = [[1.0, -4.0], [3.0, 8.0], [2.0, 2.0], [4.0 / root, 4.0 / root], [7.0 / 3.0, 4.0], [3.0, 8.0]];
        for ((flag, name, _), expected) in MODES.iter().zip(expected) {
            assert_eq!(pooled(json!({ *flag: true, "pooling_mode_other": false })), expected, "{flag}");
            assert_eq!(pooled(json!({"pooling_mode": name})), expected, "{name}");
        }
        assert_eq!(pooled(json!({"word_embedding_dimension": 2})), [2.0, 2.0]);
    }

    #[test]
    fn several_modes_are_concatenated() {
        let flags = json!({"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true});
        assert_eq!(pooled(flags), [1.0, -4.0, 2.0, 2.0]);
        assert_eq!(pooled(json!({"pooling_mode": ["mean", "cls"]})), [2.0, 2.0, 1.0, -4.0]);
    }

    #[test]
    fn prompt_tokens_are_excluded_without_include_prompt() {
        let pooled = |mode: &str| pooled(json!({"pooling_mode": mode, "include_prompt": false}));
        assert_eq!(pooled("cls"), [3.0, 8.0]);
        assert_eq!(pooled("mean"), [3.0, 8.0]);
        assert_eq!(pooled("weightedmean"), [3.0, 8.0]);
        let all = pooling(&json!({"pooling_mode": ["mean", "lasttoken"], "include_prompt": false})).unwrap();
        let tokens = Rows { width: 1, data: vec![5.0, 6.0] };
        assert_eq!(all.pool(&tokens, 7).data, [0.0, 0.0]);
    }

    #[test]
    fn an_unknown_mode_is_refused_by_name() {
        for config in [json!({"pooling_mode_median": true}), json!({"pooling_mode": "median"})] {
            let error = pooling(&config).unwrap_err();
            assert!(error.code() == "unsupported" && error.to_string().contains("median"), "{error}");
        }
        assert_eq!(pooling(&json!({"include_prompt": 1})).unwrap_err().code(), "config");
    }
}
