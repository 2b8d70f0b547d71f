use serde_json::{Map, Value, json};
use tokenizers::Tokenizer;
use tokenizers::processors::PostProcessorWrapper;
use trustformers_core::{Error, Result};

use super::part;
use crate::config::TokenizerConfig;
use crate::files::Files;

/// A place in a row: a sequence, or a token by its id, each with the type of its tokens.
enum Place<'a> {
    A(u32),
    B(u32),
    Token(&'a str, u32),
}

/// What the configuration's class adds around sequences.
///
/// **Errors:** `Tokenizer` naming a role whose token is missing; `Config` naming file and key.
pub(crate) fn post_processor(
    files: &Files,
    config: &TokenizerConfig,
    tokenizer: &Tokenizer,
) -> Result<PostProcessorWrapper> {
    use Place::{A, B, Token};
    let role = |name| role(config, name);
    match config.tokenizer_class.as_str() {
        "MPNetTokenizer" => roberta(tokenizer, role("sep_token")?, role("cls_token")?, true, false),
        "RobertaTokenizer" | "BartTokenizer" | "LEDTokenizer" | "LongformerTokenizer" | "MvpTokenizer" => {
            let trim_offsets = config.flag(files, "trim_offsets")?.unwrap_or(true);
            let add_prefix_space = config.flag(files, "add_prefix_space")?.unwrap_or(false);
            roberta(tokenizer, role("sep_token")?, role("cls_token")?, trim_offsets, add_prefix_space)
        }
        "DebertaTokenizer" => {
            let (cls, sep) = (role("cls_token")?, role("sep_token")?);
            joined_twice(tokenizer, cls, sep)
        }
        "XLMRobertaTokenizer" | "CamembertTokenizer" => {
            let (bos, eos) = (role("bos_token")?, role("eos_token")?);
            joined_twice(tokenizer, bos, eos)
        }
        "T5Tokenizer" => {
            let eos = Token(role("eos_token")?, 0);
            let pair = [A(0), Token(role("eos_token")?, 0), B(0), Token(role("eos_token")?, 0)];
            template(tokenizer, &[A(0), eos], &pair)
        }
        "GPT2Tokenizer"
        | "Qwen2Tokenizer"
        | "LlamaTokenizer"
        | "GemmaTokenizer"
        | "PreTrainedTokenizerFast"
        | "TokenizersBackend" => {
            let adds_bos = config.flag(files, "add_bos_token")?.unwrap_or(false);
            let adds_eos = config.flag(files, "add_eos_token")?.unwrap_or(false);
            bos_eos(config, tokenizer, adds_bos, adds_eos)
        }
        _ => {
            let (cls, sep) = (role("cls_token")?, role("sep_token")?);
            let pair = [Token(cls, 0), A(0), Token(sep, 0), B(1), Token(sep, 1)];
            template(tokenizer, &[Token(cls, 0), A(0), Token(sep, 0)], &pair)
        }
    }
}

/// Puts `bos_token` before and `eos_token` after each sequence, as far as there are such tokens.
///
/// **Errors:** `Tokenizer` if the vocabulary does not hold them.
pub(crate) fn bos_eos(
    config: &TokenizerConfig,
    tokenizer: &Tokenizer,
    adds_bos: bool,
    adds_eos: bool,
) -> Result<PostProcessorWrapper> {
    let content =
        |name, is_added: bool| config.special_tokens.get(name).filter(|_| is_added).map(|token| token.content.as_str());
    let (bos, eos) = (content("bos_token", adds_bos), content("eos_token", adds_eos));
    let around = |sequence, type_id| {
        let before = bos.map(|bos| Place::Token(bos, type_id));
        let after = eos.map(|eos| Place::Token(eos, type_id));
        before.into_iter().chain([sequence]).chain(after).collect::<Vec<_>>()
    };
    let single = around(Place::A(0), 0);
    let pair: Vec<_> = around(Place::A(0), 0).into_iter().chain(around(Place::B(1), 1)).collect();
    template(tokenizer, &single, &pair)
}

fn role<'a>(config: &'a TokenizerConfig, name: &str) -> Result<&'a str> {
    config.special_tokens.get(name).map(|token| token.content.as_str()).ok_or_else(|| {
        Error::tokenizer(format!("a {} needs a {name}, and tokenizer_config.json has none", config.tokenizer_class))
    })
}

fn id(tokenizer: &Tokenizer, token: &str) -> Result<u32> {
    tokenizer.token_to_id(token).ok_or_else(|| Error::tokenizer(format!("the vocabulary does not hold {token:?}")))
}

/// A start, and two ends between the sequences of a pair; all types are 0.
fn joined_twice(tokenizer: &Tokenizer, start: &str, end: &str) -> Result<PostProcessorWrapper> {
    use Place::{A, B, Token};
    let pair = [Token(start, 0), A(0), Token(end, 0), Token(end, 0), B(0), Token(end, 0)];
    template(tokenizer, &[Token(start, 0), A(0), Token(end, 0)], &pair)
}

fn roberta(
    tokenizer: &Tokenizer,
    sep: &str,
    cls: &str,
    trim_offsets: bool,
    add_prefix_space: bool,
) -> Result<PostProcessorWrapper> {
    part(json!({
        "type": "RobertaProcessing",
        "sep": [sep, id(tokenizer, sep)?],
        "cls": [cls, id(tokenizer, cls)?],
        "trim_offsets": trim_offsets,
        "add_prefix_space": add_prefix_space,
    }))
}

fn template(tokenizer: &Tokenizer, single: &[Place<'_>], pair: &[Place<'_>]) -> Result<PostProcessorWrapper> {
    let mut special = Map::new();
    for place in single.iter().chain(pair) {
        if let Place::Token(token, _) = place {
            let ids = [id(tokenizer, token)?];
            special.insert((*token).to_owned(), json!({"id": token, "ids": ids, "tokens": [token]}));
        }
    }
    let places = |places: &[Place<'_>]| -> Vec<Value> {
        let piece = |place: &Place<'_>| match place {
            Place::A(type_id) => json!({"Sequence": {"id": "A", "type_id": type_id}}),
            Place::B(type_id) => json!({"Sequence": {"id": "B", "type_id": type_id}}),
            Place::Token(token, type_id) => json!({"SpecialToken": {"id": token, "type_id": type_id}}),
        };
        places.iter().map(piece).collect()
    };
    part(json!({
        "type": "TemplateProcessing",
        "single": places(single),
        "pair": places(pair),
        "special_tokens": special,
    }))
}
