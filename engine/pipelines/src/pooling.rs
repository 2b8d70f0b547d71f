use std::path::Path;

use serde_json::{Map, Value};
use trustformers_core::{Error, Result, read_json};
use trustformers_models::HostTensor;

/// How sentence-transformers makes one vector of the vectors of a sentence's tokens.
///
/// Source: `models/Pooling.py` of sentence-transformers 5.1; several modes are concatenated in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pooling {
    modes: Vec<Mode>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// The first token's vector.
    Cls,
    /// The largest value of each component.
    Max,
    /// The mean vector.
    Mean,
    /// The sum of the vectors over the root of their number.
    MeanSqrtLen,
}

const MODES: [(&str, &str, Mode); 4] = [
    ("pooling_mode_cls_token", "cls", Mode::Cls),
    ("pooling_mode_max_tokens", "max", Mode::Max),
    ("pooling_mode_mean_tokens", "mean", Mode::Mean),
    ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", Mode::MeanSqrtLen),
];

impl Default for Pooling {
    /// The mean.
    fn default() -> Self {
        Self { modes: vec![Mode::Mean] }
    }
}

impl Pooling {
    /// What the pooling module of a model directory says; the mean if the directory has none.
    ///
    /// **Errors:** `Unsupported` if the model has a module or a mode that does not exist here; `Config` if a file is
    /// damaged.
    pub fn from_dir(dir: &Path) -> Result<Self> {
        let modules = dir.join("modules.json");
        let mut folder = "1_Pooling".to_owned();
        if modules.is_file() {
            let modules = read_json(&modules)?;
            for module in modules.as_array().into_iter().flatten() {
                let kind = module["type"].as_str().and_then(|path| path.rsplit('.').next()).unwrap_or_default();
                match kind {
                    "Transformer" | "Normalize" => {}
                    "Pooling" => folder = module["path"].as_str().unwrap_or(&folder).to_owned(),
                    other => {
                        return Err(Error::unsupported(format!(
                            "the sentence-transformers module {other} in {}",
                            dir.join("modules.json").display()
                        )));
                    }
                }
            }
        }
        let file = dir.join(folder).join("config.json");
        if !file.is_file() {
            return Ok(Self::default());
        }
        match read_json(&file)? {
            Value::Object(keys) => Self::read(&file, &keys),
            _ => Err(Error::config(&file, "the top level is not a JSON object")),
        }
    }

    fn read(file: &Path, keys: &Map<String, Value>) -> Result<Self> {
        let on = |key: &str| keys.get(key) == Some(&Value::Bool(true));
        let known = |key: &str| MODES.iter().any(|(name, ..)| *name == key);
        if let Some(key) = keys.keys().find(|key| key.starts_with("pooling_mode_") && on(key) && !known(key)) {
            return Err(Error::unsupported(format!("{key} in {}", file.display())));
        }
        let modes: Vec<_> = match keys.get("pooling_mode").and_then(Value::as_str) {
            Some(name) => {
                let mode = MODES.iter().find(|(_, short, _)| *short == name);
                let mode =
                    mode.ok_or_else(|| Error::unsupported(format!("pooling_mode {name:?} in {}", file.display())))?;
                vec![mode.2]
            }
            None => MODES.iter().filter(|(key, ..)| on(key)).map(|(.., mode)| *mode).collect(),
        };
        if modes.is_empty() {
            return Err(Error::config(file, "no pooling_mode_* is true"));
        }
        Ok(Self { modes })
    }

    /// The sentence's vector, of length one.
    ///
    /// **Shapes:** `tokens: [seq, hidden]`, seq at least one; returns `hidden` values for each mode.
    pub fn normalized(&self, tokens: &HostTensor) -> Vec<f32> {
        let width = tokens.shape[1];
        let mut pooled: Vec<f32> = self.modes.iter().flat_map(|mode| mode.pool(&tokens.data, width)).collect();
        let norm = pooled.iter().map(|x| x * x).sum::<f32>().sqrt();
        // The floor is that of torch.nn.functional.normalize.
        let scale = 1.0 / norm.max(1e-12);
        pooled.iter_mut().for_each(|x| *x *= scale);
        pooled
    }
}

impl Mode {
    fn pool(self, tokens: &[f32], width: usize) -> Vec<f32> {
        let rows = || tokens.chunks_exact(width);
        let seq = (tokens.len() / width) as f32;
        let sum_over = |divisor: f32| {
            let mut sums = vec![0.0; width];
            for row in rows() {
                sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
            sums.iter_mut().for_each(|sum| *sum /= divisor);
            sums
        };
        match self {
            Self::Cls => tokens[..width].to_vec(),
            Self::Max => rows().fold(vec![f32::NEG_INFINITY; width], |mut most, row| {
                most.iter_mut().zip(row).for_each(|(most, x)| *most = most.max(*x));
                most
            }),
            Self::Mean => sum_over(seq),
            Self::MeanSqrtLen => sum_over(seq.sqrt()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pooling(config: Value) -> Result<Pooling> {
        let Value::Object(keys) = config else { panic!("an object") };
        Pooling::read(Path::new("1_Pooling/config.json"), &keys)
    }

    fn pooled(config: Value) -> Vec<f32> {
        let tokens = [1.0, -4.0, 3.0, 8.0];
        pooling(config).unwrap().modes.iter().flat_map(|mode| mode.pool(&tokens, 2)).collect()
    }

    #[test]
    fn each_mode_is_read_from_its_key() {
        assert_eq!(pooled(json!({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false})), [1.0, -4.0]);
        assert_eq!(pooled(json!({"pooling_mode_max_tokens": true})), [3.0, 8.0]);
        assert_eq!(pooled(json!({"pooling_mode_mean_tokens": true})), [2.0, 2.0]);
        assert_eq!(pooled(json!({"pooling_mode": "mean"})), [2.0, 2.0]);
        let root = 2f32.sqrt();
        assert_eq!(pooled(json!({"pooling_mode_mean_sqrt_len_tokens": true})), [4.0 / root, 4.0 / root]);
    }

    #[test]
    fn several_modes_are_concatenated() {
        let config = json!({"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true});
        assert_eq!(pooled(config), [1.0, -4.0, 2.0, 2.0]);
    }

    #[test]
    fn an_unknown_mode_is_refused_by_name() {
        let error = pooling(json!({"pooling_mode_lasttoken": true})).unwrap_err();
        assert_eq!(error.code(), "unsupported");
        assert!(error.to_string().contains("pooling_mode_lasttoken"), "{error}");
    }

    #[test]
    fn the_result_has_length_one() {
        let tokens = HostTensor { shape: vec![2, 2], data: vec![1.0, -4.0, 3.0, 10.0] };
        let vector = pooling(json!({"pooling_mode_mean_tokens": true})).unwrap().normalized(&tokens);
        let length: f32 = vector.iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-6 && (vector[1] / vector[0] - 1.5).abs() < 1e-6, "{vector:?}");
    }
}
