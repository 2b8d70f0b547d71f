use serde_json::{Map, Value, json};
use tokenizers::processors::PostProcessorWrapper;
use trustformers_core::{Error, Result};

use super::{has_own_pipeline, part};
use crate::config::TokenizerConfig;
use crate::files::Files;
use crate::pipeline::Pipeline;

/// A piece of a row: a sequence or a special token, with its token type id.
enum Piece<'a> {
    A(u32),
    B(u32),
    Token(&'a str, u32),
}

/// The post-processor, which adds special tokens around sequences: the class's own, the caller's, or `stated` in
/// `tokenizer.json`. `is_built` tells whether the pipeline is the class's own.
///
/// **Errors:** `Tokenizer` naming a role whose token is missing; `Config` naming file and key; `Input` for an unknown
/// language.
pub(crate) fn post_processor(
    files: &Files,
    config: &TokenizerConfig,
    tokenizer: &Pipeline,
    stated: Option<PostProcessorWrapper>,
    is_built: bool,
) -> Result<PostProcessorWrapper> {
    if let Some(languages) = &config.languages {
        return languages.post_processor(&config.special_tokens, tokenizer);
    }
    if (is_built && has_own_pipeline(&config.tokenizer_class) || config.tokenizer_class == "ConvBertTokenizer")
        && let Some(own) = of_class(files, config, tokenizer, stated.is_some())?
    {
        return Ok(own);
    }
    match (config.adds_bos_eos, stated) {
        (Some((adds_bos, adds_eos)), _) => bos_eos(config, tokenizer, adds_bos, adds_eos),
        (None, Some(stated)) => Ok(stated),
        (None, None) if is_built && config.tokenizer_class == "AlbertTokenizer" => {
            let (cls, sep) = (role(config, "cls_token")?, role(config, "sep_token")?);
            cls_sep(tokenizer, cls, sep)
        }
        (None, None) if is_built && config.tokenizer_class == "CodeGenTokenizer" => {
            part(json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}))
        }
        (None, None) => bos_eos(config, tokenizer, false, false),
    }
}

/// The post-processor that a class has regardless of the files; `None` if it has none, or lacks a token that the files
/// do not require.
fn of_class(
    files: &Files,
    config: &TokenizerConfig,
    tokenizer: &Pipeline,
    is_stated: bool,
) -> Result<Option<PostProcessorWrapper>> {
    use Piece::{A, B, Token};
    let class = config.tokenizer_class.as_str();
    let roles: [&str; 2] = match class {
        "XLMRobertaTokenizer" | "CamembertTokenizer" => ["bos_token", "eos_token"],
        "T5Tokenizer" | "PegasusTokenizer" | "MarianTokenizer" => ["eos_token", "eos_token"],
        "GPTNeoXTokenizer" => {
            let (adds_bos, adds_eos) = config.adds_bos_eos.unwrap_or_default();
            return bos_eos(config, tokenizer, adds_bos, adds_eos).map(Some);
        }
        "GPT2Tokenizer"
        | "CodeGenTokenizer"
        | "Qwen2Tokenizer"
        | "LlamaTokenizer"
        | "GemmaTokenizer"
        | "CohereTokenizer"
        | "AlbertTokenizer"
        | "BlenderbotTokenizer"
        | "BlenderbotSmallTokenizer" => return Ok(None),
        "RemBertTokenizer" if !is_stated || config.adds_bos_eos.is_some() => return Ok(None),
        _ => ["cls_token", "sep_token"],
    };
    if is_stated && roles.iter().any(|role| config.special_tokens.get(role).is_none()) {
        return Ok(None);
    }
    let (start, end) = (role(config, roles[0])?, role(config, roles[1])?);
    let post_processor = match class {
        "MPNetTokenizer" => roberta(tokenizer, end, start, true, false),
        "RobertaTokenizer" | "BartTokenizer" | "LEDTokenizer" | "LongformerTokenizer" | "MvpTokenizer" => {
            let trim_offsets = config.flag(files, "trim_offsets")?.unwrap_or(true);
            let add_prefix_space = config.flag(files, "add_prefix_space")?.unwrap_or(false);
            roberta(tokenizer, end, start, trim_offsets, add_prefix_space)
        }
        "DebertaTokenizer" | "XLMRobertaTokenizer" | "CamembertTokenizer" => joined_twice(tokenizer, start, end),
        "T5Tokenizer" => {
            let pair = [A(0), Token(end, 0), B(0), Token(end, 0)];
            template(tokenizer, &[A(0), Token(end, 0)], &pair)
        }
        "PegasusTokenizer" | "MarianTokenizer" => {
            template(tokenizer, &[A(0), Token(end, 0)], &[A(0), B(0), Token(end, 0)])
        }
        _ => cls_sep(tokenizer, start, end),
    };
    post_processor.map(Some)
}

fn cls_sep(tokenizer: &Pipeline, cls: &str, sep: &str) -> Result<PostProcessorWrapper> {
    use Piece::{A, B, Token};
    let pair = [Token(cls, 0), A(0), Token(sep, 0), B(1), Token(sep, 1)];
    template(tokenizer, &[Token(cls, 0), A(0), Token(sep, 0)], &pair)
}

/// Adds `bos_token` before and `eos_token` after each sequence, if they are set.
///
/// **Errors:** `Tokenizer` if a token is not in the vocabulary.
pub(crate) fn bos_eos(
    config: &TokenizerConfig,
    tokenizer: &Pipeline,
    adds_bos: bool,
    adds_eos: bool,
) -> Result<PostProcessorWrapper> {
    let content =
        |name, is_added: bool| config.special_tokens.get(name).filter(|_| is_added).map(|token| token.content.as_str());
    let (bos, eos) = (content("bos_token", adds_bos), content("eos_token", adds_eos));
    let around = |sequence, type_id| {
        let before = bos.map(|bos| Piece::Token(bos, type_id));
        let after = eos.map(|eos| Piece::Token(eos, type_id));
        before.into_iter().chain([sequence]).chain(after).collect::<Vec<_>>()
    };
    let single = around(Piece::A(0), 0);
    let pair: Vec<_> = around(Piece::A(0), 0).into_iter().chain(around(Piece::B(1), 1)).collect();
    template(tokenizer, &single, &pair)
}

fn role<'a>(config: &'a TokenizerConfig, name: &str) -> Result<&'a str> {
    config.special_tokens.get(name).map(|token| token.content.as_str()).ok_or_else(|| {
        Error::tokenizer(format!("a {} needs a {name}, and tokenizer_config.json has none", config.tokenizer_class))
    })
}

fn id(tokenizer: &Pipeline, token: &str) -> Result<u32> {
    tokenizer.token_to_id(token).ok_or_else(|| Error::tokenizer(format!("the vocabulary does not contain {token:?}")))
}

/// Adds a start token, end tokens, and two end tokens between the sequences of a pair; all type ids are 0.
fn joined_twice(tokenizer: &Pipeline, start: &str, end: &str) -> Result<PostProcessorWrapper> {
    use Piece::{A, B, Token};
    let pair = [Token(start, 0), A(0), Token(end, 0), Token(end, 0), B(0), Token(end, 0)];
    template(tokenizer, &[Token(start, 0), A(0), Token(end, 0)], &pair)
}

fn roberta(
    tokenizer: &Pipeline,
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

fn template(tokenizer: &Pipeline, single: &[Piece<'_>], pair: &[Piece<'_>]) -> Result<PostProcessorWrapper> {
    let mut special = Map::new();
    for piece in single.iter().chain(pair) {
        if let Piece::Token(token, _) = piece {
            let ids = [id(tokenizer, token)?];
            special.insert((*token).to_owned(), json!({"id": token, "ids": ids, "tokens": [token]}));
        }
    }
    let pieces = |pieces: &[Piece<'_>]| -> Vec<Value> {
        let piece = |piece: &Piece<'_>| match piece {
            Piece::A(type_id) => json!({"Sequence": {"id": "A", "type_id": type_id}}),
            Piece::B(type_id) => json!({"Sequence": {"id": "B", "type_id": type_id}}),
            Piece::Token(token, type_id) => json!({"SpecialToken": {"id": token, "type_id": type_id}}),
        };
        pieces.iter().map(piece).collect()
    };
    part(json!({
        "type": "TemplateProcessing",
        "single": pieces(single),
        "pair": pieces(pair),
        "special_tokens": special,
    }))
}
