//! Builds the pipelines of tokenizer classes from the vocabulary of a `tokenizer.json` or from vocabulary files.
//! Normalizers, splits, post-processors and special pieces follow the tokenizer classes of transformers 5.23.0.

mod byte_level;
mod charsmap;
mod fairseq;
mod gguf;
mod lookup;
mod pegasus;
mod post_processor;
mod subword;
mod wordpiece;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokenizers::AddedToken;
use tokenizers::normalizers::NormalizerWrapper;
use trustformers_core::{Error, Result};

use crate::config::TokenizerConfig;
use crate::files::{Files, MERGES, SENTENCE_PIECE_BPE, SOURCE_SPM, TARGET_SPM, VOCAB_JSON};
use crate::model_types::{GENERIC, is_not_built};
use crate::pipeline::Pipeline;
use crate::tokenizer_file::{ModelParts, TokenizerFile};

pub(crate) use charsmap::check_charsmap;
pub(crate) use gguf::{gguf, settings};
pub(crate) use post_processor::{bos_eos, post_processor};

/// A pipeline without its post-processor and before its special tokens are added.
pub(crate) struct Converted {
    pub tokenizer: Pipeline,
    /// The pipeline of target texts, if it is another.
    pub target: Option<Pipeline>,
    /// Special tokens marked by the vocabulary file.
    pub marked: Vec<AddedToken>,
    /// Roles that the vocabulary file assigns to tokens.
    pub roles: Vec<(&'static str, String)>,
}

impl Converted {
    fn plain(tokenizer: Pipeline) -> Self {
        Self { tokenizer, target: None, marked: Vec::new(), roles: Vec::new() }
    }
}

/// The parts of a `tokenizer.json` that a class keeps; it builds the rest of its pipeline itself.
pub(crate) struct Stated {
    pub model: ModelParts,
    /// SentencePiece's table of normalization rules, if the normalizer has one.
    pub charsmap: Option<NormalizerWrapper>,
}

impl Stated {
    /// Extracts the vocabulary if `class` builds its own pipeline from this kind of model; else returns the file, whose
    /// pipeline is used as is.
    pub fn of(class: &str, file: TokenizerFile) -> Result<Self, Box<TokenizerFile>> {
        let built = Builder::of(class).map(Builder::model);
        if built != Some(file.model.kind()) {
            return Err(Box::new(file));
        }
        let is_table = |normalizer: &&NormalizerWrapper| matches!(normalizer, NormalizerWrapper::Precompiled(_));
        let charsmap = match &file.normalizer {
            Some(NormalizerWrapper::Sequence(members)) => members.as_ref().iter().find(is_table),
            normalizer => normalizer.as_ref().filter(is_table),
        };
        Ok(Self { charsmap: charsmap.cloned(), model: file.model })
    }
}

/// The classes whose pipelines are implemented here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Builder {
    WordPiece,
    Gpt2,
    GptNeoX,
    Cohere,
    Qwen2,
    XlmRoberta,
    Camembert,
    Albert,
    RemBert,
    DebertaV2,
    T5,
    MBart,
    MBart50,
    Nllb,
    Pegasus,
    Blenderbot,
    BlenderbotSmall,
    M2M100,
    Marian,
    Llama,
    Gemma,
}

impl Builder {
    fn of(class: &str) -> Option<Self> {
        Some(match class {
            "BertTokenizer"
            | "DistilBertTokenizer"
            | "DPRContextEncoderTokenizer"
            | "DPRQuestionEncoderTokenizer"
            | "DPRReaderTokenizer"
            | "ElectraTokenizer"
            | "LayoutLMTokenizer"
            | "LxmertTokenizer"
            | "MPNetTokenizer"
            | "MobileBertTokenizer"
            | "SqueezeBertTokenizer" => Self::WordPiece,
            "RobertaTokenizer"
            | "BartTokenizer"
            | "CodeGenTokenizer"
            | "LEDTokenizer"
            | "LongformerTokenizer"
            | "MvpTokenizer"
            | "DebertaTokenizer"
            | "GPT2Tokenizer" => Self::Gpt2,
            "GPTNeoXTokenizer" => Self::GptNeoX,
            "CohereTokenizer" => Self::Cohere,
            "Qwen2Tokenizer" => Self::Qwen2,
            "XLMRobertaTokenizer" => Self::XlmRoberta,
            "CamembertTokenizer" => Self::Camembert,
            "AlbertTokenizer" => Self::Albert,
            "RemBertTokenizer" => Self::RemBert,
            "DebertaV2Tokenizer" => Self::DebertaV2,
            "T5Tokenizer" => Self::T5,
            "MBartTokenizer" => Self::MBart,
            "MBart50Tokenizer" => Self::MBart50,
            "NllbTokenizer" => Self::Nllb,
            "PegasusTokenizer" => Self::Pegasus,
            "BlenderbotTokenizer" => Self::Blenderbot,
            "BlenderbotSmallTokenizer" => Self::BlenderbotSmall,
            "M2M100Tokenizer" => Self::M2M100,
            "MarianTokenizer" => Self::Marian,
            "LlamaTokenizer" => Self::Llama,
            "GemmaTokenizer" => Self::Gemma,
            _ => return None,
        })
    }

    /// The kind of model, named as in `ModelParts::kind`.
    fn model(self) -> &'static str {
        match self {
            Self::WordPiece => "WordPiece",
            Self::Gpt2
            | Self::GptNeoX
            | Self::Cohere
            | Self::Qwen2
            | Self::Nllb
            | Self::Blenderbot
            | Self::Llama
            | Self::Gemma => "BPE",
            Self::XlmRoberta
            | Self::Camembert
            | Self::Albert
            | Self::RemBert
            | Self::DebertaV2
            | Self::T5
            | Self::MBart
            | Self::MBart50
            | Self::Pegasus => "Unigram",
            Self::BlenderbotSmall | Self::M2M100 | Self::Marian => "Lookup",
        }
    }
}

/// The vocabulary files of a class that looks its ids up in one of them; empty for other classes.
pub(crate) fn lookup_files(class: &str) -> &'static [&'static str] {
    match Builder::of(class) {
        Some(Builder::BlenderbotSmall) => &[VOCAB_JSON, MERGES],
        Some(Builder::M2M100) => &[VOCAB_JSON, SENTENCE_PIECE_BPE],
        Some(Builder::Marian) => &[VOCAB_JSON, SOURCE_SPM, TARGET_SPM],
        _ => &[],
    }
}

/// Whether the pipeline of a class is implemented here.
pub(crate) fn has_own_pipeline(class: &str) -> bool {
    Builder::of(class).is_some()
}

/// Builds the pipeline of the configuration's class, from the vocabulary of a `tokenizer.json` or from vocabulary
/// files.
///
/// **Errors:** `Tokenizer` naming a damaged file; `Unsupported` for a class whose pipeline is not implemented here;
/// `Config` naming file and key.
pub(crate) fn convert(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let class = config.tokenizer_class.as_str();
    let build = match Builder::of(class) {
        Some(Builder::WordPiece) => wordpiece::convert,
        Some(Builder::Gpt2) => byte_level::gpt2,
        Some(Builder::GptNeoX) => byte_level::gpt_neox,
        Some(Builder::Cohere) => byte_level::cohere,
        Some(Builder::Qwen2) => byte_level::qwen2,
        Some(Builder::XlmRoberta) => subword::xlm_roberta,
        Some(Builder::Camembert) => subword::camembert,
        Some(Builder::Albert) => subword::albert,
        Some(Builder::RemBert) => subword::rembert,
        Some(Builder::DebertaV2) => subword::deberta_v2,
        Some(Builder::T5) => subword::t5,
        Some(Builder::MBart) => fairseq::mbart,
        Some(Builder::MBart50) => fairseq::mbart_50,
        Some(Builder::Nllb) => fairseq::nllb,
        Some(Builder::Pegasus) => pegasus::convert,
        Some(Builder::Blenderbot) => byte_level::blenderbot,
        Some(Builder::BlenderbotSmall) => lookup::blenderbot_small,
        Some(Builder::M2M100) => lookup::m2m_100,
        Some(Builder::Marian) => lookup::marian,
        Some(Builder::Llama) => subword::llama,
        Some(Builder::Gemma) => subword::gemma,
        None if !is_not_built(class) && files.sentence_piece().is_some() => return subword::generic(files, config),
        None => return Err(unsupported(files, class)),
    };
    build(files, config, stated)
}

fn unsupported(files: &Files, class: &str) -> Error {
    let found = files.vocabulary().join(", ");
    let directory = files.path("");
    let directory = directory.display();
    if class == GENERIC {
        return Error::unsupported(format!(
            "building a tokenizer from {found} alone: {directory} has no tokenizer.json, and neither \
             tokenizer_config.json nor config.json names a tokenizer_class or model_type"
        ));
    }
    Error::unsupported(format!("building a {class} from {found}: {directory} has no tokenizer.json"))
}

/// The contents of a vocabulary file that a class needs.
fn needed<'a>(files: &'a Files, name: &str, class: &str) -> Result<&'a [u8]> {
    files.bytes(name).ok_or_else(|| {
        Error::tokenizer(format!(
            "{} has neither tokenizer.json nor {name}, from which a {class} is built",
            files.path("").display()
        ))
    })
}

fn text<'a>(files: &Files, name: &str, bytes: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| damaged(files, name, error))
}

fn damaged(files: &Files, name: &str, error: impl std::fmt::Display) -> Error {
    Error::tokenizer(format!("{}: not a valid vocabulary: {error}", files.path(name).display()))
}

/// Reads a pipeline component from its form in `tokenizer.json`.
fn part<T: DeserializeOwned>(json: Value) -> Result<T> {
    serde_json::from_value(json).map_err(|error| Error::internal(format!("a part of a tokenizer: {error}")))
}
