//! Pipelines built from the vocabulary files of checkpoints without a `tokenizer.json`.
//! Normalizers, splits, post-processors and special pieces as the tokenizer classes of transformers 5.23.0 build them.

mod byte_level;
mod charsmap;
mod gguf;
mod post_processor;
mod sentence_piece;
mod subword;
mod wordpiece;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokenizers::AddedToken;
use trustformers_core::{Error, Result};

use crate::config::TokenizerConfig;
use crate::files::Files;

pub(crate) use charsmap::{check_charsmaps, check_normalizer};
pub(crate) use gguf::{gguf, settings};
pub(crate) use post_processor::{bos_eos, post_processor};

/// A pipeline without its post-processor, whose special tokens are yet to be added.
pub(crate) struct Converted {
    pub tokenizer: tokenizers::Tokenizer,
    /// Tokens that the vocabulary file itself marks.
    pub marked: Vec<AddedToken>,
    /// Roles that the vocabulary file itself gives to tokens.
    pub roles: Vec<(&'static str, String)>,
}

impl Converted {
    fn plain(tokenizer: tokenizers::Tokenizer) -> Self {
        Self { tokenizer, marked: Vec::new(), roles: Vec::new() }
    }
}

/// Builds the pipeline of the configuration's class.
///
/// **Errors:** `Tokenizer` naming a file that is damaged; `Unsupported` for a class that is not built from its
/// vocabulary here; `Config` naming file and key.
pub(crate) fn convert(files: &Files, config: &TokenizerConfig) -> Result<Converted> {
    match config.tokenizer_class.as_str() {
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
        | "SqueezeBertTokenizer" => wordpiece::convert(files, config),
        "RobertaTokenizer"
        | "BartTokenizer"
        | "LEDTokenizer"
        | "LongformerTokenizer"
        | "MvpTokenizer"
        | "DebertaTokenizer"
        | "GPT2Tokenizer" => byte_level::gpt2(files, config),
        "Qwen2Tokenizer" => byte_level::qwen2(files, config),
        "XLMRobertaTokenizer" => subword::xlm_roberta(files, config),
        "CamembertTokenizer" => subword::camembert(files, config),
        "AlbertTokenizer" => subword::albert(files, config),
        "DebertaV2Tokenizer" => subword::deberta_v2(files, config),
        "T5Tokenizer" => subword::t5(files, config),
        "LlamaTokenizer" => subword::llama(files, config),
        "GemmaTokenizer" => subword::gemma(files, config),
        "PreTrainedTokenizerFast" | "TokenizersBackend" if files.sentence_piece().is_some() => {
            subword::generic(files, config)
        }
        class => Err(unsupported(files, class)),
    }
}

fn unsupported(files: &Files, class: &str) -> Error {
    let found = files.vocabulary().join(", ");
    let directory = files.path("");
    let directory = directory.display();
    if class == "PreTrainedTokenizerFast" {
        return Error::unsupported(format!(
            "building a tokenizer from {found} alone: {directory} has no tokenizer.json, and neither \
             tokenizer_config.json nor config.json names a tokenizer_class or model_type"
        ));
    }
    Error::unsupported(format!("building a {class} from {found}: {directory} has no tokenizer.json"))
}

/// A vocabulary file that the class needs.
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
    Error::tokenizer(format!("{}: not a vocabulary that can be read: {error}", files.path(name).display()))
}

/// A part of a pipeline from the form it has in `tokenizer.json`.
fn part<T: DeserializeOwned>(json: Value) -> Result<T> {
    serde_json::from_value(json).map_err(|error| Error::internal(format!("a part of a tokenizer: {error}")))
}
