//! Where the families of transformers 5.23.0 drop elements in training.

/// Keys of a rate, the first of which that has a number counts, and the default.
#[derive(Clone, Copy)]
pub(super) struct Rate(pub(super) &'static [&'static str], pub(super) f64);

/// Rates at the input of a head, and at the input of its output layer behind a transform.
type HeadRates = [Option<Rate>; 2];

/// Where a family drops elements, and the keys of the rates.
#[derive(Clone, Copy)]
pub(super) struct DropoutPlaces {
    pub(super) model_types: &'static [&'static str],
    /// See [`trustformers_ops::DropoutRates`].
    pub(super) embeddings: Option<Rate>,
    pub(super) attention_weights: Option<Rate>,
    pub(super) attention_output: Option<Rate>,
    pub(super) feed_forward_inner: Option<Rate>,
    pub(super) feed_forward_output: Option<Rate>,
    pub(super) relative_positions: Option<Rate>,
    pub(super) convolution: Option<Rate>,
    pub(super) last_hidden_state: Option<Rate>,
    pub(super) sequences: HeadRates,
    pub(super) tokens: HeadRates,
    pub(super) spans: HeadRates,
    pub(super) encoder_layers: Option<Rate>,
    pub(super) decoder_layers: Option<Rate>,
    /// Rates that the family's layers have in the reference and not here, each with one key.
    pub(super) refused: &'static [Rate],
}

pub(super) const NONE: DropoutPlaces = DropoutPlaces {
    model_types: &[],
    embeddings: None,
    attention_weights: None,
    attention_output: None,
    feed_forward_inner: None,
    feed_forward_output: None,
    relative_positions: None,
    convolution: None,
    last_hidden_state: None,
    sequences: [None; 2],
    tokens: [None; 2],
    spans: [None; 2],
    encoder_layers: None,
    decoder_layers: None,
    refused: &[],
};

const HIDDEN: Option<Rate> = Some(Rate(&["hidden_dropout_prob"], 0.1));
const CLASSIFIER: Option<Rate> = Some(Rate(&["classifier_dropout", "hidden_dropout_prob"], 0.1));
const NO_HIDDEN: Option<Rate> = Some(Rate(&["hidden_dropout_prob"], 0.0));

/// BERT-like encoders: classifiers read `hidden_dropout_prob`.
const BERT_LIKE: DropoutPlaces = DropoutPlaces {
    embeddings: HIDDEN,
    attention_weights: Some(Rate(&["attention_probs_dropout_prob"], 0.1)),
    attention_output: HIDDEN,
    feed_forward_output: HIDDEN,
    sequences: [HIDDEN, None],
    tokens: [HIDDEN, None],
    ..NONE
};

/// Token classifiers of decoders, whose default holds where the configuration has none of the keys.
const OF_DECODERS: Option<Rate> = Some(Rate(&["classifier_dropout", "hidden_dropout"], 0.1));
const NO_OF_DECODERS: Option<Rate> = Some(Rate(&["classifier_dropout", "hidden_dropout"], 0.0));
const NO_ATTENTION: Option<Rate> = Some(Rate(&["attention_dropout"], 0.0));

/// Decoders that drop attention weights alone.
const LLAMA_LIKE: DropoutPlaces =
    DropoutPlaces { attention_weights: NO_ATTENTION, tokens: [OF_DECODERS, None], ..NONE };

const RATE: Option<Rate> = Some(Rate(&["dropout"], 0.1));
const OF_CLASSIFIERS: Option<Rate> = Some(Rate(&["classifier_dropout"], 0.0));

/// Encoder-decoders with the keys of BART.
const BART_LIKE: DropoutPlaces = DropoutPlaces {
    embeddings: RATE,
    attention_weights: NO_ATTENTION,
    attention_output: RATE,
    feed_forward_inner: Some(Rate(&["activation_dropout"], 0.0)),
    feed_forward_output: RATE,
    sequences: [OF_CLASSIFIERS; 2],
    encoder_layers: Some(Rate(&["encoder_layerdrop"], 0.0)),
    decoder_layers: Some(Rate(&["decoder_layerdrop"], 0.0)),
    ..NONE
};

/// Dropout of T5 has one rate in every place.
const OF_T5: Option<Rate> = Some(Rate(&["dropout_rate"], 0.1));

pub(super) const PLACES: &[DropoutPlaces] = &[
    DropoutPlaces {
        model_types: &["t5", "mt5", "umt5"],
        embeddings: OF_T5,
        attention_weights: OF_T5,
        attention_output: OF_T5,
        feed_forward_inner: OF_T5,
        feed_forward_output: OF_T5,
        last_hidden_state: OF_T5,
        sequences: [OF_CLASSIFIERS; 2],
        ..NONE
    },
    DropoutPlaces {
        model_types: &["bart", "mbart", "pegasus", "marian", "blenderbot", "blenderbot-small"],
        ..BART_LIKE
    },
    DropoutPlaces {
        model_types: &["m2m_100"],
        attention_weights: Some(Rate(&["attention_dropout"], 0.1)),
        encoder_layers: Some(Rate(&["encoder_layerdrop"], 0.05)),
        decoder_layers: Some(Rate(&["decoder_layerdrop"], 0.05)),
        ..BART_LIKE
    },
    DropoutPlaces {
        model_types: &["bert", "ernie"],
        sequences: [CLASSIFIER, None],
        tokens: [CLASSIFIER, None],
        ..BERT_LIKE
    },
    DropoutPlaces {
        model_types: &["roberta", "xlm-roberta", "camembert", "electra", "data2vec-text", "roberta-prelayernorm"],
        sequences: [CLASSIFIER; 2],
        tokens: [CLASSIFIER, None],
        ..BERT_LIKE
    },
    DropoutPlaces {
        model_types: &["xlm-roberta-xl"],
        feed_forward_output: None,
        sequences: [CLASSIFIER; 2],
        tokens: [CLASSIFIER, None],
        ..BERT_LIKE
    },
    DropoutPlaces { model_types: &["megatron-bert", "squeezebert"], ..BERT_LIKE },
    DropoutPlaces { model_types: &["mpnet", "roformer"], sequences: [HIDDEN; 2], ..BERT_LIKE },
    DropoutPlaces {
        model_types: &["deberta-v2"],
        relative_positions: HIDDEN,
        convolution: HIDDEN,
        sequences: [Some(Rate(&["pooler_dropout"], 0.0)), Some(Rate(&["cls_dropout", "hidden_dropout_prob"], 0.1))],
        ..BERT_LIKE
    },
    DropoutPlaces {
        model_types: &["albert"],
        embeddings: NO_HIDDEN,
        attention_weights: Some(Rate(&["attention_probs_dropout_prob"], 0.0)),
        attention_output: NO_HIDDEN,
        sequences: [Some(Rate(&["classifier_dropout_prob"], 0.1)), None],
        tokens: [Some(Rate(&["classifier_dropout_prob"], 0.1)), None],
        ..NONE
    },
    DropoutPlaces {
        model_types: &["rembert"],
        embeddings: NO_HIDDEN,
        attention_weights: Some(Rate(&["attention_probs_dropout_prob"], 0.0)),
        attention_output: NO_HIDDEN,
        feed_forward_output: NO_HIDDEN,
        sequences: [Some(Rate(&["classifier_dropout_prob"], 0.1)), None],
        tokens: [Some(Rate(&["classifier_dropout_prob"], 0.1)), None],
        ..NONE
    },
    DropoutPlaces {
        model_types: &["nomic_bert"],
        embeddings: NO_HIDDEN,
        attention_weights: Some(Rate(&["attention_probs_dropout_prob"], 0.0)),
        attention_output: NO_HIDDEN,
        feed_forward_output: NO_HIDDEN,
        sequences: [Some(Rate(&["classifier_dropout", "hidden_dropout_prob"], 0.0)), None],
        tokens: [Some(Rate(&["classifier_dropout", "hidden_dropout_prob"], 0.0)), None],
        ..NONE
    },
    DropoutPlaces {
        model_types: &["mobilebert"],
        embeddings: NO_HIDDEN,
        attention_output: NO_HIDDEN,
        feed_forward_output: NO_HIDDEN,
        sequences: [Some(Rate(&["classifier_dropout", "hidden_dropout_prob"], 0.0)), None],
        tokens: [Some(Rate(&["classifier_dropout", "hidden_dropout_prob"], 0.0)), None],
        ..BERT_LIKE
    },
    DropoutPlaces {
        model_types: &["modernbert"],
        embeddings: Some(Rate(&["embedding_dropout"], 0.0)),
        attention_weights: NO_ATTENTION,
        attention_output: NO_ATTENTION,
        feed_forward_inner: Some(Rate(&["mlp_dropout"], 0.0)),
        sequences: [None, Some(Rate(&["classifier_dropout"], 0.0))],
        tokens: [None, Some(Rate(&["classifier_dropout"], 0.0))],
        spans: [None, Some(Rate(&["classifier_dropout"], 0.0))],
        ..NONE
    },
    DropoutPlaces { model_types: &["eurobert"], attention_weights: NO_ATTENTION, ..NONE },
    DropoutPlaces {
        model_types: &["distilbert"],
        embeddings: Some(Rate(&["dropout"], 0.1)),
        attention_weights: Some(Rate(&["attention_dropout"], 0.1)),
        feed_forward_output: Some(Rate(&["dropout"], 0.1)),
        sequences: [None, Some(Rate(&["seq_classif_dropout"], 0.2))],
        tokens: [Some(Rate(&["dropout"], 0.1)), None],
        spans: [Some(Rate(&["qa_dropout"], 0.1)), None],
        ..NONE
    },
    DropoutPlaces {
        model_types: &["gpt2"],
        embeddings: Some(Rate(&["embd_pdrop"], 0.1)),
        attention_weights: Some(Rate(&["attn_pdrop"], 0.1)),
        attention_output: Some(Rate(&["resid_pdrop"], 0.1)),
        feed_forward_output: Some(Rate(&["resid_pdrop"], 0.1)),
        tokens: [OF_DECODERS, None],
        ..NONE
    },
    DropoutPlaces {
        model_types: &["gptj"],
        embeddings: Some(Rate(&["embd_pdrop"], 0.0)),
        attention_weights: Some(Rate(&["attn_pdrop"], 0.0)),
        attention_output: Some(Rate(&["resid_pdrop"], 0.0)),
        feed_forward_output: Some(Rate(&["resid_pdrop"], 0.0)),
        ..LLAMA_LIKE
    },
    DropoutPlaces {
        model_types: &["gpt_neo"],
        embeddings: Some(Rate(&["embed_dropout"], 0.0)),
        attention_output: Some(Rate(&["resid_dropout"], 0.0)),
        feed_forward_output: Some(Rate(&["resid_dropout"], 0.0)),
        tokens: [Some(Rate(&["classifier_dropout"], 0.1)), None],
        ..LLAMA_LIKE
    },
    DropoutPlaces {
        model_types: &["gpt_neox"],
        embeddings: Some(Rate(&["hidden_dropout"], 0.0)),
        attention_output: Some(Rate(&["hidden_dropout"], 0.0)),
        feed_forward_output: Some(Rate(&["hidden_dropout"], 0.0)),
        tokens: [Some(Rate(&["classifier_dropout"], 0.1)), None],
        ..LLAMA_LIKE
    },
    DropoutPlaces {
        model_types: &["bloom"],
        attention_output: Some(Rate(&["hidden_dropout"], 0.0)),
        feed_forward_output: Some(Rate(&["hidden_dropout"], 0.0)),
        tokens: [NO_OF_DECODERS, None],
        ..LLAMA_LIKE
    },
    DropoutPlaces {
        model_types: &["opt"],
        decoder_layers: Some(Rate(&["layerdrop"], 0.0)),
        attention_output: Some(Rate(&["dropout"], 0.1)),
        feed_forward_output: Some(Rate(&["dropout"], 0.1)),
        ..LLAMA_LIKE
    },
    DropoutPlaces {
        model_types: &["phi"],
        embeddings: Some(Rate(&["embd_pdrop"], 0.0)),
        attention_output: Some(Rate(&["resid_pdrop"], 0.0)),
        feed_forward_output: Some(Rate(&["resid_pdrop"], 0.0)),
        ..LLAMA_LIKE
    },
    DropoutPlaces {
        model_types: &["phi3"],
        attention_output: Some(Rate(&["resid_pdrop"], 0.0)),
        feed_forward_output: Some(Rate(&["resid_pdrop"], 0.0)),
        ..LLAMA_LIKE
    },
    DropoutPlaces {
        model_types: &["seed_oss"],
        attention_weights: Some(Rate(&["attention_dropout"], 0.1)),
        attention_output: Some(Rate(&["residual_dropout"], 0.1)),
        feed_forward_output: Some(Rate(&["residual_dropout"], 0.1)),
        ..LLAMA_LIKE
    },
    DropoutPlaces {
        model_types: &["starcoder2"],
        embeddings: Some(Rate(&["embedding_dropout"], 0.0)),
        attention_output: Some(Rate(&["residual_dropout"], 0.0)),
        feed_forward_output: Some(Rate(&["residual_dropout"], 0.0)),
        ..LLAMA_LIKE
    },
    DropoutPlaces {
        model_types: &["stablelm"],
        feed_forward_output: Some(Rate(&["hidden_dropout"], 0.0)),
        tokens: [NO_OF_DECODERS, None],
        ..LLAMA_LIKE
    },
    DropoutPlaces {
        model_types: &[
            "arcee",
            "cohere",
            "exaone4",
            "gemma",
            "gemma2",
            "gemma3_text",
            "glm",
            "glm4",
            "gpt_oss",
            "granite",
            "helium",
            "hunyuan_v1_dense",
            "llama",
            "mistral",
            "olmo",
            "olmo2",
            "olmo3",
            "qwen2",
            "qwen2_moe",
            "qwen3",
            "qwen3_moe",
            "smollm3",
        ],
        ..LLAMA_LIKE
    },
    DropoutPlaces { model_types: &["mixtral"], refused: &[Rate(&["router_jitter_noise"], 0.0)], ..LLAMA_LIKE },
    DropoutPlaces { model_types: &["ernie4_5"], tokens: [OF_DECODERS, None], ..NONE },
    DropoutPlaces {
        model_types: &["falcon"],
        tokens: [Some(Rate(&["classifier_dropout"], 0.0)), None],
        // Some of the attention weights are dropped and others are not, and one mask drops the sum of two blocks.
        refused: &[Rate(&["attention_dropout"], 0.0), Rate(&["hidden_dropout"], 0.0)],
        ..NONE
    },
];
