//! Builds pipelines from the vocabularies in GGUF files, like transformers 5.23.0 (`integrations/gguf`).

use std::collections::HashMap;

use serde_json::{Value, json};
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::models::unigram::Unigram;
use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::{AddedToken, DecoderWrapper, PreTokenizerWrapper};
use trustformers_core::{Error, Result};

use super::byte_level::{QWEN2_SPLIT, byte_level};
use super::subword::{byte_decoders, metaspace, replace, words};
use super::{charsmap, part};
use crate::gguf_vocabulary::{GgufVocabulary, TokenKind};
use crate::model::Model;
use crate::pipeline::Pipeline;
use crate::sentence_piece::LONGEST_MERGED_PIECE;

/// Source: meta-llama/Meta-Llama-3-8B, `tokenizer.json`.
const LLAMA3_SPLIT: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Source: mistralai/Mistral-Nemo-Base-2407, `tokenizer.json`.
const TEKKEN_SPLIT: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Source: openai/gpt-oss-20b, `tokenizer.json`.
const GPT4O_SPLIT: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Builds the pipeline of a vocabulary, including the special tokens that it marks.
///
/// **Errors:** `Unsupported` for an unknown kind of vocabulary; `Tokenizer` naming the file if the vocabulary is
/// damaged.
pub(crate) fn gguf(vocabulary: &GgufVocabulary) -> Result<Pipeline> {
    let is_gemma = vocabulary.architecture.starts_with("gemma");
    // The reference's classes add their own special tokens, even if no file names them.
    let (mut tokenizer, own): (_, &[&str]) = match vocabulary.kind.as_str() {
        "llama" if is_gemma => (gemma(vocabulary)?, &["<bos>", "<eos>", "<unk>", "<pad>", "<mask>"]),
        "llama" => (llama(vocabulary)?, &["<s>", "</s>", "<unk>"]),
        "gpt2" => (bytes(vocabulary)?, &["<|endoftext|>"]),
        "t5" => (unigram(vocabulary)?, &["</s>", "<unk>", "<pad>"]),
        kind => {
            let file = vocabulary.file.display();
            return Err(Error::unsupported(format!(
                "a tokenizer of the kind \"{kind}\" (tokenizer.ggml.model of {file}); supported are llama, gpt2 and t5"
            )));
        }
    };
    // Control tokens that cannot be spelled in bytes are not part of the vocabulary.
    let is_one = |token: &&str| match vocabulary.kind.as_str() {
        "gpt2" => is_spelled(token),
        "t5" => tokenizer.token_to_id(token).is_some(),
        _ => true,
    };
    let control = vocabulary.tokens_of(TokenKind::Control).filter(is_one);
    let special = own.iter().copied().chain(control).map(|token| AddedToken::from(token, true));
    let special: Vec<_> = special.collect();
    tokenizer.add_special_tokens(special).map_err(Error::tokenizer)?;
    let user: Vec<_> = vocabulary
        .tokens_of(TokenKind::UserDefined)
        .filter(|token| tokenizer.token_to_id(token).is_some())
        .map(|token| AddedToken::from(token, false).normalized(false))
        .collect();
    tokenizer.add_tokens(user).map_err(Error::tokenizer)?;
    Ok(tokenizer)
}

fn unigram(vocabulary: &GgufVocabulary) -> Result<Pipeline> {
    const EXTRA_IDS: usize = 100;
    let is_blank = |token: &str| {
        let number = token.strip_prefix("[PAD").and_then(|rest| rest.strip_suffix(']'));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    // Converters replace T5's sentinels, which SentencePiece does not know, by names of padding.
    let mut tokens = vocabulary.tokens.clone();
    let blanks = tokens.iter_mut().filter(|token| is_blank(token)).take(EXTRA_IDS);
    blanks.zip((0..EXTRA_IDS).rev()).for_each(|(token, index)| *token = format!("<extra_id_{index}>"));
    let scores = vocabulary.scores.as_deref().filter(|scores| scores.len() == tokens.len());
    let scores = scores.ok_or_else(|| vocabulary.damaged("it has no score for every token"))?;
    if tokens.iter().any(String::is_empty) {
        return Err(vocabulary.damaged("it contains an empty token"));
    }
    let sentinels = tokens.iter().filter(|token| token.starts_with("<extra_id_"));
    let sentinels: Vec<_> = sentinels.map(|token| AddedToken::from(token.as_str(), true)).collect();
    let unk_id = vocabulary.roles.iter().find_map(|(role, id)| id.filter(|_| *role == "unk_token")).unwrap_or(2);
    let pieces = tokens.into_iter().zip(scores.iter().copied()).collect();
    let model = Unigram::from(pieces, Some(unk_id), false).map_err(|error| vocabulary.damaged(error))?;
    let charsmap = vocabulary.charsmap.as_deref().unwrap_or_default();
    let (splits, decoder) = words(true);
    let mut tokenizer = Pipeline::new(Model::Plain(model.into()));
    tokenizer
        .with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(splits)?))
        .with_decoder(Some(part::<DecoderWrapper>(decoder)?))
        .with_normalizer(charsmap::normalizer(charsmap).map_err(|error| vocabulary.damaged(error))?)
        .map_err(Error::tokenizer)?;
    tokenizer.add_special_tokens(sentinels).map_err(Error::tokenizer)?;
    Ok(tokenizer)
}

fn llama(vocabulary: &GgufVocabulary) -> Result<Pipeline> {
    let scores = vocabulary.scores.as_deref();
    let (ids, merges) = pairs(vocabulary, &vocabulary.tokens, |index| scores?.get(index).copied())?;
    let mut tokenizer = Pipeline::new(Model::plain(fallback_model(vocabulary, ids, merges, None)?));
    let mut decoders = byte_decoders();
    decoders.push(json!({"type": "Strip", "content": " ", "start": 1, "stop": 0}));
    tokenizer.with_decoder(Some(part::<DecoderWrapper>(json!({"type": "Sequence", "decoders": decoders}))?));
    if vocabulary.architecture == "phi3" {
        let normalizers = json!([{"type": "Prepend", "prepend": "\u{2581}"}, replace(" ", "\u{2581}")]);
        let normalizer = part::<NormalizerWrapper>(json!({"type": "Sequence", "normalizers": normalizers}))?;
        tokenizer.with_normalizer(Some(normalizer)).map_err(Error::tokenizer)?;
    } else {
        tokenizer.with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(metaspace("first", false))?));
    }
    Ok(tokenizer)
}

fn gemma(vocabulary: &GgufVocabulary) -> Result<Pipeline> {
    // Runs of spaces are stored as plain spaces.
    let is_run = |token: &str| token.contains(' ') && token.trim().is_empty();
    let spelled = |token: &String| if is_run(token) { "\u{2581}".repeat(token.chars().count()) } else { token.clone() };
    let tokens: Vec<String> = vocabulary.tokens.iter().map(spelled).collect();
    // Pieces were merged in the order of the vocabulary, regardless of their scores.
    let (ids, merges) = pairs(vocabulary, &tokens, |index| Some(-(index as f64)))?;
    let mut tokenizer = Pipeline::new(Model::plain(fallback_model(vocabulary, ids, merges, Some("<unk>"))?));
    let split = json!({"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false});
    tokenizer
        .with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(split)?))
        .with_decoder(Some(part::<DecoderWrapper>(json!({"type": "Sequence", "decoders": byte_decoders()}))?))
        .with_normalizer(Some(part::<NormalizerWrapper>(replace(" ", "\u{2581}"))?))
        .map_err(Error::tokenizer)?;
    Ok(tokenizer)
}

fn bytes(vocabulary: &GgufVocabulary) -> Result<Pipeline> {
    let spelled = |token: &String| if is_spelled(token) { token.clone() } else { spelled(token) };
    let tokens: Vec<String> = vocabulary.tokens.iter().map(spelled).collect();
    let (ids, merges) = pairs(vocabulary, &tokens, |index| vocabulary.scores.as_ref()?.get(index).copied())?;
    let builder = BPE::builder().vocab_and_merges(ids, merges);
    let builder = builder.continuing_subword_prefix(String::new()).end_of_word_suffix(String::new());
    let mut tokenizer = Pipeline::new(Model::plain(builder.build().map_err(|error| vocabulary.damaged(error))?));
    let split = match vocabulary.splits.as_deref().unwrap_or_default() {
        "llama3" | "llama-v3" | "llama-bpe" | "falcon3" | "falcon-h1" | "pixtral" | "midm-2.0" | "lfm2"
        | "jina-v5-nano" | "dbrx" | "smaug-bpe" => Some(LLAMA3_SPLIT),
        "tekken" => Some(TEKKEN_SPLIT),
        "qwen2" | "deepseek-r1-qwen" | "kormo" | "f2llmv2" | "megrez" => Some(QWEN2_SPLIT),
        "gpt-4o" | "llama4" | "kanana2" | "talkie" | "minimax-m2" => Some(GPT4O_SPLIT),
        _ => None,
    };
    let splits = match split {
        None => byte_level(false, true),
        Some(pattern) => {
            let split =
                json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false});
            json!({"type": "Sequence", "pretokenizers": [split, byte_level(false, false)]})
        }
    };
    tokenizer
        .with_pre_tokenizer(Some(part::<PreTokenizerWrapper>(splits)?))
        .with_decoder(Some(part::<DecoderWrapper>(byte_level(true, true))?));
    Ok(tokenizer)
}

fn fallback_model(
    vocabulary: &GgufVocabulary,
    ids: Vocab,
    merges: Vec<(String, String)>,
    unk_token: Option<&str>,
) -> Result<BPE> {
    let mut builder = BPE::builder().vocab_and_merges(ids, merges).fuse_unk(true).byte_fallback(true);
    if let Some(unk_token) = unk_token {
        builder = builder.unk_token(unk_token.to_owned());
    }
    builder.build().map_err(|error| vocabulary.damaged(error))
}

/// The ids of tokens, and the merges: listed in the file, or derived from the tokens' scores.
fn pairs(
    vocabulary: &GgufVocabulary,
    tokens: &[String],
    score: impl Fn(usize) -> Option<f64>,
) -> Result<(Vocab, Vec<(String, String)>)> {
    let ids: HashMap<&str, u32> = tokens.iter().map(String::as_str).zip(0..).collect();
    let merges = match &vocabulary.merges {
        Some(merges) => merges
            .iter()
            .map(|merge| {
                let pair = merge.split_once(' ').filter(|(_, right)| !right.contains(' '));
                let pair = pair.map(|(left, right)| (left.to_owned(), right.to_owned()));
                pair.ok_or_else(|| vocabulary.damaged(format!("{merge:?} is a merge, expected two tokens")))
            })
            .collect::<Result<_>>()?,
        None => derived(vocabulary, tokens, &ids, score)?,
    };
    Ok((ids.into_iter().map(|(token, id)| (token.to_owned(), id)).collect(), merges))
}

fn derived(
    vocabulary: &GgufVocabulary,
    tokens: &[String],
    ids: &HashMap<&str, u32>,
    score: impl Fn(usize) -> Option<f64>,
) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let score = score(index);
        let score = score.ok_or_else(|| vocabulary.damaged("it has neither merges nor a score for every token"))?;
        // Of tokens with the same spelling, the last one counts.
        if token.len() > LONGEST_MERGED_PIECE || ids[token.as_str()] as usize != index {
            continue;
        }
        let start = found.len();
        for (at, _) in token.char_indices().skip(1) {
            let (left, right) = token.split_at(at);
            if let (Some(left_id), Some(right_id)) = (ids.get(left), ids.get(right)) {
                found.push((score, left.chars().count(), right.chars().count(), (*left_id, *right_id), left, right));
            }
        }
        found[start..].sort_by_key(|(.., ids, _, _)| *ids);
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then(b.2.cmp(&a.2)));
    Ok(found.into_iter().map(|(.., left, right)| (left.to_owned(), right.to_owned())).collect())
}

/// Whether a token consists only of the characters that represent bytes.
fn is_spelled(token: &str) -> bool {
    token.chars().all(|character| matches!(character, '!'..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{143}'))
}

/// Represents a token's bytes as characters; printable bytes represent themselves.
fn spelled(token: &str) -> String {
    let is_seen = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    let character = |byte: u8| {
        let unseen = (0..byte).filter(|before| !is_seen(*before)).count() as u32;
        if is_seen(byte) { char::from(byte) } else { char::from_u32(256 + unseen).unwrap_or_default() }
    };
    token.bytes().map(character).collect()
}

/// The file's settings in the form of a `tokenizer_config.json`.
pub(crate) fn settings(vocabulary: &GgufVocabulary) -> Result<Value> {
    let class = match vocabulary.architecture.as_str() {
        "gemma" | "gemma2" | "gemma3" => "GemmaTokenizer",
        "qwen2" | "qwen3" | "qwen2moe" | "qwen3moe" => "Qwen2Tokenizer",
        "gpt2" | "starcoder2" => "GPT2Tokenizer",
        _ if vocabulary.kind == "t5" => "T5Tokenizer",
        _ => "PreTrainedTokenizerFast",
    };
    let mut settings = json!({"tokenizer_class": class});
    for (role, id) in &vocabulary.roles {
        let token = id.map(|id| vocabulary.tokens.get(id).ok_or_else(|| vocabulary.damaged(format!("{role} is {id}"))));
        settings[*role] = json!(token.transpose()?);
    }
    // Files of older converters lack the key, and programs that read them added BOS.
    let adds_bos = vocabulary.adds_bos.unwrap_or(vocabulary.kind == "llama");
    settings["add_bos_token"] = json!(adds_bos);
    settings["add_eos_token"] = json!(vocabulary.adds_eos.unwrap_or(false) || vocabulary.kind == "t5");
    if let Some(template) = &vocabulary.chat_template {
        settings["chat_template"] = json!(template);
    }
    Ok(settings)
}
