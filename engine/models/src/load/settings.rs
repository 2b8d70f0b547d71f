use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use trustformers_core::{ConfigReader, Error, Result};

/// Keys of `config.json` with the same meaning in every family.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Number of a classifier's labels.
    pub num_labels: usize,
    /// Names of the labels; `LABEL_0` and so on by default.
    pub labels: Vec<String>,
    /// Loss of a sequence classifier: `regression`, `single_label_classification` or `multi_label_classification`;
    /// `None` infers it from the labels.
    pub problem_type: Option<String>,
    /// Whether a decoder's token classification head has a bias.
    pub token_classification_bias: bool,
    /// Whether a language model's output layer shares the token embeddings.
    pub tie_word_embeddings: bool,
    /// Whether calls return hidden states by default.
    pub output_hidden_states: bool,
    /// Whether calls return attention weights by default.
    pub output_attentions: bool,
    /// Standard deviation of randomly initialized weights.
    pub initializer_range: f64,
    /// The padding token, whose embedding is initialized to zero; -1 is no token.
    pub pad_token_id: Option<i64>,
}

/// Largest accepted number of labels; rejects corrupt values before memory is allocated.
pub const MAX_LABELS: usize = 1 << 24;

impl Settings {
    pub(crate) fn read(reader: &ConfigReader) -> Result<Self> {
        let names: Option<Map<String, Value>> = read(reader, "id2label")?;
        if let Some(index) = names.iter().flat_map(Map::keys).find(|index| index.parse::<usize>().is_err()) {
            return Err(Error::config_key(
                reader.file(),
                "id2label",
                format!("{{\"{index}\": ...}}"),
                "indices as keys",
            ));
        }
        let stated: Option<usize> = read(reader, "num_labels")?;
        let num_labels = stated.or(names.as_ref().map(Map::len)).unwrap_or(2);
        let names = names.filter(|names| names.len() == num_labels);
        reader.check_at_most("num_labels", num_labels, MAX_LABELS)?;
        let name = |index: usize| {
            let stated = names.as_ref().and_then(|names| names.get(&index.to_string())).and_then(Value::as_str);
            stated.map_or_else(|| format!("LABEL_{index}"), str::to_owned)
        };
        Ok(Self {
            num_labels,
            labels: (0..num_labels).map(name).collect(),
            problem_type: read(reader, "problem_type")?,
            token_classification_bias: read(reader, "token_classification_bias")?.unwrap_or(true),
            tie_word_embeddings: read(reader, "tie_word_embeddings")?.unwrap_or(true),
            output_hidden_states: read(reader, "output_hidden_states")?.unwrap_or(false),
            output_attentions: read(reader, "output_attentions")?.unwrap_or(false),
            initializer_range: read(reader, "initializer_range")?.unwrap_or(0.02),
            pad_token_id: read(reader, "pad_token_id")?,
        })
    }
}

/// Rejects unsupported values of keys that the reference reads in every family.
///
/// **Errors:** `Config` naming the key with an unsupported value.
pub(crate) fn check_shared(reader: &mut ConfigReader) -> Result<()> {
    reader.ignore_dropout();
    // Would give some layers other sizes.
    reader.require("per_layer_config", &json!({}))
}

/// Rejects unsupported values of keys that the reference reads in every decoder.
///
/// **Errors:** `Config` naming the key with an unsupported value.
pub(crate) fn check_decoder(reader: &mut ConfigReader) -> Result<()> {
    // `false` would return the last hidden states before the final norm.
    reader.require("tie_last_hidden_states", &json!(true))?;
    reader.ignore("token_classification_bias");
    Ok(())
}

fn read<T: DeserializeOwned>(reader: &ConfigReader, key: &str) -> Result<Option<T>> {
    let Some(value) = reader.peek(key).filter(|value| !value.is_null()) else { return Ok(None) };
    serde_json::from_value(value.clone())
        .map(Some)
        .map_err(|error| Error::config(reader.file(), format!("key \"{key}\" is {value}: {error}")))
}
