//! Rates of dropout from `config.json`.

use trustformers_core::{Error, Result};
use trustformers_ops::DropoutRates;

use crate::Head;
use crate::model::Description;

/// A key and its default.
type Rate = (&'static str, f64);

/// Where a family's layers drop elements, and the keys of the rates.
struct Places {
    model_types: &'static [&'static str],
    embeddings: Option<Rate>,
    attention_weights: Option<Rate>,
    attention_output: Option<Rate>,
    feed_forward_output: Option<Rate>,
    heads: Heads,
}

/// Where a family's heads drop elements.
enum Heads {
    /// The input of classifiers, by `classifier_dropout` or else this key.
    Input(Rate),
    /// The input of classifiers, and of the output layer of a sequence classifier with a transform.
    InputAndTransform(Rate),
    /// As DistilBERT: the input of the output layer of a sequence classifier, and the input of other classifiers.
    Distilled,
    /// As GPT-2: the input of token classifiers.
    Tokens,
    /// Nowhere.
    Nowhere,
}

const NONE: Places = Places {
    model_types: &[],
    embeddings: None,
    attention_weights: None,
    attention_output: None,
    feed_forward_output: None,
    heads: Heads::Nowhere,
};

const POST_NORM: Places = Places {
    embeddings: Some(("hidden_dropout_prob", 0.1)),
    attention_weights: Some(("attention_probs_dropout_prob", 0.1)),
    attention_output: Some(("hidden_dropout_prob", 0.1)),
    feed_forward_output: Some(("hidden_dropout_prob", 0.1)),
    heads: Heads::InputAndTransform(("hidden_dropout_prob", 0.1)),
    ..NONE
};

const PLACES: &[Places] = &[
    Places { model_types: &["bert", "ernie"], heads: Heads::Input(("hidden_dropout_prob", 0.1)), ..POST_NORM },
    Places { model_types: &["roberta", "xlm-roberta", "camembert", "electra"], ..POST_NORM },
    Places {
        model_types: &["distilbert"],
        embeddings: Some(("dropout", 0.1)),
        attention_weights: Some(("attention_dropout", 0.1)),
        feed_forward_output: Some(("dropout", 0.1)),
        heads: Heads::Distilled,
        ..NONE
    },
    Places {
        model_types: &["gpt2"],
        embeddings: Some(("embd_pdrop", 0.1)),
        attention_weights: Some(("attn_pdrop", 0.1)),
        attention_output: Some(("resid_pdrop", 0.1)),
        feed_forward_output: Some(("resid_pdrop", 0.1)),
        heads: Heads::Tokens,
    },
    Places {
        model_types: &[
            "llama",
            "mistral",
            "qwen2",
            "qwen3",
            "gemma",
            "gemma2",
            "gemma3_text",
            "olmo",
            "olmo2",
            "smollm3",
        ],
        attention_weights: Some(("attention_dropout", 0.0)),
        ..NONE
    },
];

impl Description {
    /// Rates of dropout in training.
    ///
    /// **Errors:** `Unsupported` naming a key with a rate above zero that training would ignore.
    pub(crate) fn dropout_rates(&self) -> Result<DropoutRates> {
        let config = &self.config;
        let rate = |(key, default): Rate| config[key].as_f64().unwrap_or(default);
        let model_type = config["model_type"].as_str().unwrap_or_default();
        let places = PLACES.iter().find(|places| places.model_types.contains(&model_type)).unwrap_or(&NONE);
        let of = |stated: Option<Rate>| stated.map_or(0.0, rate);
        let mut rates = DropoutRates {
            embeddings: of(places.embeddings),
            attention_weights: of(places.attention_weights),
            attention_output: of(places.attention_output),
            feed_forward_output: of(places.feed_forward_output),
            ..DropoutRates::default()
        };
        let classifier = |other: Rate| config["classifier_dropout"].as_f64().unwrap_or_else(|| rate(other));
        let is_of = |heads: &[Head]| heads.contains(&self.head);
        let (sequences, tokens) = (Head::SequenceClassification, Head::TokenClassification);
        match places.heads {
            Heads::Input(key) if is_of(&[sequences, tokens]) => rates.head_input = classifier(key),
            Heads::InputAndTransform(key) if is_of(&[sequences, tokens]) => {
                rates.head_input = classifier(key);
                rates.head_transform = classifier(key);
            }
            Heads::Distilled if is_of(&[sequences]) => rates.head_transform = rate(("seq_classif_dropout", 0.2)),
            Heads::Distilled if is_of(&[tokens]) => rates.head_input = rate(("dropout", 0.1)),
            Heads::Distilled if is_of(&[Head::QuestionAnswering]) => rates.head_input = rate(("qa_dropout", 0.1)),
            Heads::Tokens if is_of(&[tokens]) => rates.head_input = classifier(("hidden_dropout", 0.1)),
            _ => {}
        }
        let of_layers =
            [places.embeddings, places.attention_weights, places.attention_output, places.feed_forward_output];
        let known: Vec<&str> = of_layers.into_iter().flatten().map(|(key, _)| key).collect();
        // Rates of heads, which the model may not have.
        let of_heads = ["classifier_dropout", "seq_classif_dropout", "qa_dropout", "summary_first_dropout"];
        let is_known = |key: &str| !known.is_empty() && (known.contains(&key) || of_heads.contains(&key));
        let ignored = config.as_object().into_iter().flatten().find(|(key, value)| {
            key.contains("drop") && value.as_f64().is_some_and(|rate| rate > 0.0) && !is_known(key)
        });
        if let Some((key, value)) = ignored {
            let message = format!("training a model of type {model_type} with {key}={value}; load it with {key}=0.0");
            return Err(Error::unsupported(message));
        }
        let DropoutRates { embeddings, attention_weights, feed_forward_output, head_input, .. } = rates;
        let all = [embeddings, attention_weights, feed_forward_output, head_input];
        match all.into_iter().find(|rate| !(0.0..1.0).contains(rate)) {
            Some(rate) => Err(Error::unsupported(format!("training with a dropout of {rate}; expected one below 1"))),
            None => Ok(rates),
        }
    }
}
