//! Names of tensors and metadata keys in GGUF files, by architecture, and the Hugging Face names that they map to.
//! Names: `gguf` 0.19.0 (`gguf/constants.py`, `gguf/tensor_mapping.py`); keys: transformers 5.23.0
//! (`integrations/ggml.py`).

use trustformers_core::{Error, Result};

use super::GgufFile;

/// Pairs of a GGUF name and the Hugging Face name.
type Names = &'static [(&'static str, &'static str)];

/// A GGUF architecture and its mapping to a Hugging Face model type.
#[derive(Debug)]
pub(super) struct Architecture {
    pub(super) name: &'static str,
    pub(super) model_type: &'static str,
    /// Tensors outside the layers.
    pub(super) parts: &'static [Names],
    /// Module path of the list of layers.
    pub(super) layers: &'static str,
    /// Tensors of each layer.
    pub(super) layer_parts: &'static [Names],
    /// The encoder and the decoder of an architecture with both, or the encoder alone.
    pub(super) stacks: &'static [Stack],
    /// Integer metadata keys, without the architecture prefix.
    pub(super) sizes: &'static [Names],
    /// Other numeric metadata keys, without the architecture prefix.
    pub(super) numbers: &'static [Names],
    /// Whether norm weights are stored with 1 added.
    pub(super) has_offset_norms: bool,
    /// Whether rows of `q_proj` and `k_proj` are permuted for interleaved rotary embedding.
    pub(super) has_paired_rows: bool,
}

/// One of several lists of layers.
#[derive(Debug)]
pub(super) struct Stack {
    /// Prefix of the layers' tensors.
    pub(super) stored: &'static str,
    /// Module path of the list of layers.
    pub(super) layers: &'static str,
    /// Tensors of each layer.
    pub(super) layer_parts: &'static [Names],
}

const PLAIN: Architecture = Architecture {
    name: "",
    model_type: "",
    parts: &[DECODER],
    layers: "model.layers",
    layer_parts: &[],
    stacks: &[],
    sizes: &[SIZES],
    numbers: &[RMS],
    has_offset_norms: false,
    has_paired_rows: false,
};

const DECODER: Names = &[("token_embd", "model.embed_tokens"), ("output_norm", "model.norm"), ("output", "lm_head")];

const PRE_NORM: Names = &[("attn_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm")];

const ATTENTION: Names = &[
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"),
];

const QK_NORM: Names = &[("attn_q_norm", "self_attn.q_norm"), ("attn_k_norm", "self_attn.k_norm")];

const GATED: Names = &[("ffn_gate", "mlp.gate_proj"), ("ffn_up", "mlp.up_proj"), ("ffn_down", "mlp.down_proj")];

/// Expert tensors; `*` stands for the expert's index.
const EXPERTS: Names = &[
    ("ffn_gate_inp", "mlp.gate"),
    ("ffn_gate_exps", "mlp.experts.*.gate_proj"),
    ("ffn_up_exps", "mlp.experts.*.up_proj"),
    ("ffn_down_exps", "mlp.experts.*.down_proj"),
];

const SHARED_EXPERT: Names = &[
    (SHARED_EXPERT_GATE, "mlp.shared_expert_gate"),
    ("ffn_gate_shexp", "mlp.shared_expert.gate_proj"),
    ("ffn_up_shexp", "mlp.shared_expert.up_proj"),
    ("ffn_down_shexp", "mlp.shared_expert.down_proj"),
];

/// A one-row matrix that may be stored as a vector.
pub(super) const SHARED_EXPERT_GATE: &str = "ffn_gate_inp_shexp";

const FOUR_NORMS: Names = &[
    ("attn_norm", "input_layernorm"),
    ("post_attention_norm", "post_attention_layernorm"),
    ("ffn_norm", "pre_feedforward_layernorm"),
    ("post_ffw_norm", "post_feedforward_layernorm"),
];

/// Tensors outside the layers of BLOOM and Falcon: token embeddings, final norm and head.
const TRANSFORMER: Names =
    &[("token_embd", "transformer.word_embeddings"), ("output_norm", "transformer.ln_f"), ("output", "lm_head")];

const FUSED_BLOCKS: Names = &[
    ("attn_qkv", "self_attention.query_key_value"),
    ("attn_output", "self_attention.dense"),
    ("ffn_up", "mlp.dense_h_to_4h"),
    ("ffn_down", "mlp.dense_4h_to_h"),
];

const T5_ENCODER: Stack = Stack {
    stored: "enc.blk.",
    layers: "encoder.block",
    layer_parts: &[
        T5_ATTENTION,
        &[
            ("ffn_norm", "layer.1.layer_norm"),
            ("ffn_gate", "layer.1.DenseReluDense.wi_0"),
            ("ffn_up", "layer.1.DenseReluDense.wi_1"),
            ("ffn_down", "layer.1.DenseReluDense.wo"),
        ],
    ],
};

const T5_DECODER: Stack = Stack {
    stored: "dec.blk.",
    layers: "decoder.block",
    layer_parts: &[
        T5_ATTENTION,
        &[
            ("cross_attn_norm", "layer.1.layer_norm"),
            ("cross_attn_q", "layer.1.EncDecAttention.q"),
            ("cross_attn_k", "layer.1.EncDecAttention.k"),
            ("cross_attn_v", "layer.1.EncDecAttention.v"),
            ("cross_attn_o", "layer.1.EncDecAttention.o"),
            ("cross_attn_rel_b", "layer.1.EncDecAttention.relative_attention_bias"),
            ("ffn_norm", "layer.2.layer_norm"),
            ("ffn_gate", "layer.2.DenseReluDense.wi_0"),
            ("ffn_up", "layer.2.DenseReluDense.wi_1"),
            ("ffn_down", "layer.2.DenseReluDense.wo"),
        ],
    ],
};

const T5_ATTENTION: Names = &[
    ("attn_norm", "layer.0.layer_norm"),
    ("attn_q", "layer.0.SelfAttention.q"),
    ("attn_k", "layer.0.SelfAttention.k"),
    ("attn_v", "layer.0.SelfAttention.v"),
    ("attn_o", "layer.0.SelfAttention.o"),
    ("attn_rel_b", "layer.0.SelfAttention.relative_attention_bias"),
];

const T5: Architecture = Architecture {
    name: "t5",
    model_type: "t5",
    parts: &[&[
        ("token_embd", "shared"),
        ("enc.output_norm", "encoder.final_layer_norm"),
        ("dec.output_norm", "decoder.final_layer_norm"),
        ("output", "lm_head"),
    ]],
    stacks: &[T5_ENCODER, T5_DECODER],
    sizes: &[&[
        (WIDTH, "d_model"),
        (LAYERS, "num_layers"),
        ("decoder_block_count", "num_decoder_layers"),
        (HEADS, "num_heads"),
        ("feed_forward_length", "d_ff"),
        ("attention.key_length", "d_kv"),
        ("attention.relative_buckets_count", "relative_attention_num_buckets"),
        ("decoder_start_token_id", "decoder_start_token_id"),
    ]],
    numbers: &[&[(NORM_EPSILON, "layer_norm_epsilon"), ("attention.layer_norm_rms_epsilon", "layer_norm_epsilon")]],
    ..PLAIN
};

pub(super) const WIDTH: &str = "embedding_length";
pub(super) const LAYERS: &str = "block_count";
pub(super) const HEADS: &str = "attention.head_count";
pub(super) const KV_HEADS: &str = "attention.head_count_kv";
pub(super) const CONTEXT: &str = "context_length";
pub(super) const WINDOW: &str = "attention.sliding_window";
pub(super) const NORM_EPSILON: &str = "attention.layer_norm_epsilon";

const SIZES: Names = &[
    (WIDTH, "hidden_size"),
    (LAYERS, "num_hidden_layers"),
    (HEADS, "num_attention_heads"),
    (KV_HEADS, "num_key_value_heads"),
    ("feed_forward_length", "intermediate_size"),
    (CONTEXT, "max_position_embeddings"),
];

const EXPERT_SIZES: Names = &[
    ("expert_count", "num_experts"),
    ("expert_used_count", "num_experts_per_tok"),
    ("expert_feed_forward_length", "moe_intermediate_size"),
];

const THETA: (&str, &str) = ("rope.freq_base", "rope_theta");
const RMS: Names = &[THETA, ("attention.layer_norm_rms_epsilon", "rms_norm_eps")];
const CAPS: Names = &[
    ("attn_logit_softcapping", "attn_logit_softcapping"),
    ("final_logit_softcapping", "final_logit_softcapping"),
    ("rope.freq_base_swa", "rope_local_base_freq"),
];

const KNOWN: &[Architecture] = &[
    Architecture {
        name: "llama",
        model_type: "llama",
        layer_parts: &[PRE_NORM, ATTENTION, GATED],
        has_paired_rows: true,
        ..PLAIN
    },
    Architecture { name: "qwen2", model_type: "qwen2", layer_parts: &[PRE_NORM, ATTENTION, GATED], ..PLAIN },
    Architecture { name: "qwen3", model_type: "qwen3", layer_parts: &[PRE_NORM, ATTENTION, QK_NORM, GATED], ..PLAIN },
    Architecture {
        name: "qwen2moe",
        model_type: "qwen2_moe",
        layer_parts: &[PRE_NORM, ATTENTION, GATED, EXPERTS, SHARED_EXPERT],
        sizes: &[SIZES, EXPERT_SIZES, &[("expert_shared_feed_forward_length", "shared_expert_intermediate_size")]],
        ..PLAIN
    },
    Architecture {
        name: "qwen3moe",
        model_type: "qwen3_moe",
        layer_parts: &[PRE_NORM, ATTENTION, QK_NORM, GATED, EXPERTS],
        sizes: &[SIZES, EXPERT_SIZES],
        ..PLAIN
    },
    Architecture {
        name: "gemma2",
        model_type: "gemma2",
        layer_parts: &[FOUR_NORMS, ATTENTION, GATED],
        sizes: &[SIZES, &[(WINDOW, "sliding_window")]],
        numbers: &[RMS, CAPS],
        has_offset_norms: true,
        ..PLAIN
    },
    Architecture {
        name: "gemma3",
        model_type: "gemma3_text",
        layer_parts: &[FOUR_NORMS, ATTENTION, QK_NORM, GATED],
        sizes: &[SIZES, &[(WINDOW, "sliding_window")]],
        numbers: &[RMS, CAPS],
        has_offset_norms: true,
        ..PLAIN
    },
    Architecture {
        name: "phi3",
        model_type: "phi3",
        layer_parts: &[
            PRE_NORM,
            &[
                ("attn_qkv", "self_attn.qkv_proj"),
                ("attn_output", "self_attn.o_proj"),
                ("ffn_up", "mlp.gate_up_proj"),
                ("ffn_down", "mlp.down_proj"),
            ],
        ],
        sizes: &[SIZES, &[(WINDOW, "sliding_window")]],
        ..PLAIN
    },
    Architecture {
        name: "starcoder2",
        model_type: "starcoder2",
        layer_parts: &[PRE_NORM, ATTENTION, &[("ffn_up", "mlp.c_fc"), ("ffn_down", "mlp.c_proj")]],
        numbers: &[&[THETA, (NORM_EPSILON, "norm_epsilon")]],
        ..PLAIN
    },
    Architecture {
        name: "stablelm",
        model_type: "stablelm",
        layer_parts: &[PRE_NORM, ATTENTION, GATED],
        numbers: &[&[THETA, (NORM_EPSILON, "layer_norm_eps")]],
        ..PLAIN
    },
    Architecture {
        name: "gpt2",
        model_type: "gpt2",
        parts: &[&[
            ("token_embd", "transformer.wte"),
            ("position_embd", "transformer.wpe"),
            ("output_norm", "transformer.ln_f"),
            ("output", "lm_head"),
        ]],
        layers: "transformer.h",
        layer_parts: &[&[
            ("attn_norm", "ln_1"),
            ("attn_qkv", "attn.c_attn"),
            ("attn_output", "attn.c_proj"),
            ("ffn_norm", "ln_2"),
            ("ffn_up", "mlp.c_fc"),
            ("ffn_down", "mlp.c_proj"),
        ]],
        sizes: &[&[
            (WIDTH, "n_embd"),
            (LAYERS, "n_layer"),
            (HEADS, "n_head"),
            (CONTEXT, "n_positions"),
            ("feed_forward_length", "n_inner"),
        ]],
        numbers: &[&[(NORM_EPSILON, "layer_norm_epsilon")]],
        ..PLAIN
    },
    Architecture {
        name: "bloom",
        model_type: "bloom",
        parts: &[TRANSFORMER, &[("token_embd_norm", "transformer.word_embeddings_layernorm")]],
        layers: "transformer.h",
        layer_parts: &[PRE_NORM, FUSED_BLOCKS],
        sizes: &[&[(WIDTH, "hidden_size"), (LAYERS, "n_layer"), (HEADS, "n_head")]],
        numbers: &[&[(NORM_EPSILON, "layer_norm_epsilon")]],
        ..PLAIN
    },
    Architecture {
        name: "falcon",
        model_type: "falcon",
        parts: &[TRANSFORMER],
        layers: "transformer.h",
        layer_parts: &[PRE_NORM, FUSED_BLOCKS],
        sizes: &[&[
            (WIDTH, "hidden_size"),
            (LAYERS, "num_hidden_layers"),
            (HEADS, "num_attention_heads"),
            (CONTEXT, "max_position_embeddings"),
            ("feed_forward_length", "ffn_hidden_size"),
        ]],
        numbers: &[&[THETA, (NORM_EPSILON, "layer_norm_epsilon")]],
        ..PLAIN
    },
    T5,
    Architecture { name: "t5encoder", stacks: &[T5_ENCODER], ..T5 },
];

impl Architecture {
    /// Whether `key` is one of the architecture's sizes or numbers.
    pub(super) fn reads(&self, key: &str) -> bool {
        [self.sizes, self.numbers].into_iter().flatten().copied().flatten().any(|(name, _)| *name == key)
    }
}

impl GgufFile {
    /// The file's architecture.
    ///
    /// **Errors:** `Unsupported` for an unknown architecture; `Weights` if the key `general.architecture` is missing.
    pub(super) fn architecture(&self) -> Result<&'static Architecture> {
        const KEY: &str = "general.architecture";
        let metadata = self.metadata();
        let found = metadata.needed(KEY, metadata.string(KEY)?)?;
        let file = metadata.file().display();
        let architecture = KNOWN.iter().find(|known| known.name == found).ok_or_else(|| {
            let known = KNOWN.iter().map(|known| known.name).collect::<Vec<_>>().join(", ");
            Error::unsupported(format!("GGUF files of the architecture \"{found}\" ({file}); supported are {known}"))
        })?;
        if !architecture.sizes.contains(&EXPERT_SIZES)
            && self.size(architecture, "expert_count")?.is_some_and(|n| n > 0)
        {
            return Err(Error::unsupported(format!("experts of the architecture \"{found}\" in GGUF files ({file})")));
        }
        Ok(architecture)
    }

    /// An integer metadata key of the architecture; `None` if the file lacks the key.
    ///
    /// **Errors:** `Weights` naming the key if the value is not a count or implausibly large.
    pub(super) fn size(&self, architecture: &Architecture, name: &str) -> Result<Option<usize>> {
        // Rotary tables are allocated from head sizes before any tensor's shape is checked.
        let is_of_head = ["attention.key_length", "attention.value_length", "rope.dimension_count"].contains(&name);
        let largest = if is_of_head { 1 << 16 } else { 1 << 30 };
        let key = format!("{}.{name}", architecture.name);
        let size = self.metadata().count(&key)?;
        if size.is_some_and(|size| size > largest) {
            return Err(self.metadata().wrong(&key, &format!("at most {largest}")));
        }
        Ok(size)
    }
}
