//! Defaults of each `tokenizer_class` for keys that the files do not set.
//! Values from the signatures and class attributes of the tokenizer classes of transformers 5.23.0.

use tokenizers::AddedToken;

use crate::side::Side;

/// Defaults of one `tokenizer_class`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClassDefaults {
    pub special_tokens: &'static [(&'static str, &'static str)],
    pub model_max_length: Option<usize>,
    pub model_input_names: &'static [&'static str],
    pub padding_side: Side,
    /// Whether `do_lower_case`, `strip_accents` and `tokenize_chinese_chars` of the configuration override the
    /// normalizer.
    pub rules_normalizer: bool,
    /// Whether `mask_token` includes the space before it.
    pub mask_strips: bool,
}

const IDS_MASK: &[&str] = &["input_ids", "attention_mask"];
const IDS_TYPES_MASK: &[&str] = &["input_ids", "token_type_ids", "attention_mask"];
const IDS_MASK_TYPES: &[&str] = &["input_ids", "attention_mask", "token_type_ids"];

const BERT_TOKENS: &[(&str, &str)] = &[
    ("unk_token", "[UNK]"),
    ("sep_token", "[SEP]"),
    ("pad_token", "[PAD]"),
    ("cls_token", "[CLS]"),
    ("mask_token", "[MASK]"),
];
const ROBERTA_TOKENS: &[(&str, &str)] = &[
    ("bos_token", "<s>"),
    ("eos_token", "</s>"),
    ("unk_token", "<unk>"),
    ("sep_token", "</s>"),
    ("pad_token", "<pad>"),
    ("cls_token", "<s>"),
    ("mask_token", "<mask>"),
];
const MPNET_TOKENS: &[(&str, &str)] = &[
    ("bos_token", "<s>"),
    ("eos_token", "</s>"),
    ("unk_token", "[UNK]"),
    ("sep_token", "</s>"),
    ("pad_token", "<pad>"),
    ("cls_token", "<s>"),
    ("mask_token", "<mask>"),
];
const ALBERT_TOKENS: &[(&str, &str)] = &[
    ("bos_token", "[CLS]"),
    ("eos_token", "[SEP]"),
    ("unk_token", "<unk>"),
    ("sep_token", "[SEP]"),
    ("pad_token", "<pad>"),
    ("cls_token", "[CLS]"),
    ("mask_token", "[MASK]"),
];
const DEBERTA_TOKENS: &[(&str, &str)] = &[
    ("bos_token", "[CLS]"),
    ("eos_token", "[SEP]"),
    ("unk_token", "[UNK]"),
    ("sep_token", "[SEP]"),
    ("pad_token", "[PAD]"),
    ("cls_token", "[CLS]"),
    ("mask_token", "[MASK]"),
];
const XLNET_TOKENS: &[(&str, &str)] = &[
    ("bos_token", "<s>"),
    ("eos_token", "</s>"),
    ("unk_token", "<unk>"),
    ("sep_token", "<sep>"),
    ("pad_token", "<pad>"),
    ("cls_token", "<cls>"),
    ("mask_token", "<mask>"),
];
const T5_TOKENS: &[(&str, &str)] = &[("eos_token", "</s>"), ("unk_token", "<unk>"), ("pad_token", "<pad>")];
const MBART_50_TOKENS: &[(&str, &str)] = &[
    ("eos_token", "</s>"),
    ("unk_token", "<unk>"),
    ("sep_token", "</s>"),
    ("pad_token", "<pad>"),
    ("cls_token", "<s>"),
    ("mask_token", "<mask>"),
];
const PEGASUS_TOKENS: &[(&str, &str)] =
    &[("eos_token", "</s>"), ("unk_token", "<unk>"), ("pad_token", "<pad>"), ("mask_token", "<mask_2>")];
const M2M_100_TOKENS: &[(&str, &str)] = &[
    ("bos_token", "<s>"),
    ("eos_token", "</s>"),
    ("unk_token", "<unk>"),
    ("sep_token", "</s>"),
    ("pad_token", "<pad>"),
];
const BLENDERBOT_SMALL_TOKENS: &[(&str, &str)] =
    &[("bos_token", "__start__"), ("eos_token", "__end__"), ("unk_token", "__unk__"), ("pad_token", "__null__")];
const GPT2_TOKENS: &[(&str, &str)] =
    &[("bos_token", "<|endoftext|>"), ("eos_token", "<|endoftext|>"), ("unk_token", "<|endoftext|>")];
const GPT_NEOX_TOKENS: &[(&str, &str)] = &[
    ("bos_token", "<|endoftext|>"),
    ("eos_token", "<|endoftext|>"),
    ("unk_token", "<|endoftext|>"),
    ("pad_token", "<|padding|>"),
];
const QWEN2_TOKENS: &[(&str, &str)] =
    &[("eos_token", "<|endoftext|>"), ("unk_token", "<|endoftext|>"), ("pad_token", "<|endoftext|>")];
const GEMMA_TOKENS: &[(&str, &str)] = &[
    ("bos_token", "<bos>"),
    ("eos_token", "<eos>"),
    ("unk_token", "<unk>"),
    ("pad_token", "<pad>"),
    ("mask_token", "<mask>"),
];
const COHERE_TOKENS: &[(&str, &str)] = &[
    ("bos_token", "<BOS_TOKEN>"),
    ("eos_token", "<|END_OF_TURN_TOKEN|>"),
    ("unk_token", "<UNK>"),
    ("sep_token", "<SEP>"),
    ("pad_token", "<PAD>"),
    ("cls_token", "<CLS>"),
    ("mask_token", "<MASK_TOKEN>"),
];
const LLAMA_TOKENS: &[(&str, &str)] = &[("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>")];
const CLIP_TOKENS: &[(&str, &str)] = &[
    ("bos_token", "<|startoftext|>"),
    ("eos_token", "<|endoftext|>"),
    ("unk_token", "<|endoftext|>"),
    ("pad_token", "<|endoftext|>"),
];

impl ClassDefaults {
    /// The defaults of a class, by its name without `Fast`; an unknown class has the generic defaults.
    pub fn of(tokenizer_class: &str) -> Self {
        let plain = Self {
            special_tokens: &[],
            model_max_length: None,
            model_input_names: IDS_MASK,
            padding_side: Side::Right,
            rules_normalizer: false,
            mask_strips: false,
        };
        match tokenizer_class {
            "BertTokenizer"
            | "DPRContextEncoderTokenizer"
            | "DPRQuestionEncoderTokenizer"
            | "ElectraTokenizer"
            | "LayoutLMTokenizer"
            | "LxmertTokenizer"
            | "MobileBertTokenizer"
            | "SqueezeBertTokenizer" => {
                Self { special_tokens: BERT_TOKENS, model_input_names: IDS_TYPES_MASK, rules_normalizer: true, ..plain }
            }
            "ConvBertTokenizer" => Self { special_tokens: BERT_TOKENS, model_input_names: IDS_TYPES_MASK, ..plain },
            "DistilBertTokenizer" | "DPRReaderTokenizer" => {
                Self { special_tokens: BERT_TOKENS, rules_normalizer: true, ..plain }
            }
            "MPNetTokenizer" => {
                Self { special_tokens: MPNET_TOKENS, rules_normalizer: true, mask_strips: true, ..plain }
            }
            "RobertaTokenizer"
            | "BartTokenizer"
            | "LongformerTokenizer"
            | "LEDTokenizer"
            | "MvpTokenizer"
            | "XLMRobertaTokenizer" => Self { special_tokens: ROBERTA_TOKENS, ..plain },
            "CamembertTokenizer" | "MBartTokenizer" | "NllbTokenizer" | "BlenderbotTokenizer" => {
                Self { special_tokens: ROBERTA_TOKENS, mask_strips: true, ..plain }
            }
            "AlbertTokenizer" | "RemBertTokenizer" => Self { special_tokens: ALBERT_TOKENS, ..plain },
            "DebertaTokenizer" | "DebertaV2Tokenizer" => {
                Self { special_tokens: DEBERTA_TOKENS, model_input_names: IDS_MASK_TYPES, ..plain }
            }
            "XLNetTokenizer" => Self { special_tokens: XLNET_TOKENS, padding_side: Side::Left, ..plain },
            "MBart50Tokenizer" => Self { special_tokens: MBART_50_TOKENS, mask_strips: true, ..plain },
            "PegasusTokenizer" => Self { special_tokens: PEGASUS_TOKENS, ..plain },
            "MarianTokenizer" => Self { special_tokens: T5_TOKENS, model_max_length: Some(512), ..plain },
            "M2M100Tokenizer" => Self { special_tokens: M2M_100_TOKENS, ..plain },
            "BlenderbotSmallTokenizer" => Self { special_tokens: BLENDERBOT_SMALL_TOKENS, ..plain },
            "T5Tokenizer" => Self { special_tokens: T5_TOKENS, ..plain },
            "GPT2Tokenizer" | "CodeGenTokenizer" | "WhisperTokenizer" => Self { special_tokens: GPT2_TOKENS, ..plain },
            "GPTNeoXTokenizer" => Self { special_tokens: GPT_NEOX_TOKENS, ..plain },
            "Qwen2Tokenizer" => Self { special_tokens: QWEN2_TOKENS, ..plain },
            "LlamaTokenizer" => Self { special_tokens: LLAMA_TOKENS, padding_side: Side::Left, ..plain },
            "CohereTokenizer" => Self { special_tokens: COHERE_TOKENS, padding_side: Side::Left, ..plain },
            "GemmaTokenizer" => Self { special_tokens: GEMMA_TOKENS, padding_side: Side::Left, ..plain },
            "CLIPTokenizer" => Self { special_tokens: CLIP_TOKENS, ..plain },
            _ => plain,
        }
    }

    /// The special token with this content in the role of `attribute`.
    pub fn token(self, attribute: &str, content: &str) -> AddedToken {
        AddedToken::from(content, true).lstrip(self.mask_strips && attribute == "mask_token")
    }
}
