//! Pegasus's pipeline, whose vocabulary has tokens of its pretraining before the pieces.

use serde_json::json;
use tokenizers::AddedToken;
use trustformers_core::{Error, Result};

use super::fairseq::with_single_spaces;
use super::subword::{Source, metaspace};
use super::{Converted, Stated};
use crate::config::TokenizerConfig;
use crate::files::{Files, TOKENIZER_CONFIG};

const LARGEST_OFFSET: usize = 1 << 16;

pub(super) fn convert(files: &Files, config: &TokenizerConfig, stated: Option<Stated>) -> Result<Converted> {
    let mut source = Source::read(files, config, stated)?;
    let offset = config.count(files, "offset")?.unwrap_or(103);
    if offset > LARGEST_OFFSET {
        let file = files.path(TOKENIZER_CONFIG);
        return Err(Error::config_key(file, "offset", offset, format!("at most {LARGEST_OFFSET}")));
    }
    let text = |key, default: &str| config.text(files, key).map(|token| token.unwrap_or_else(|| default.to_owned()));
    // The reference has the defaults of the two masks in this order, and stated ones in the other.
    let masks = [text("mask_token", "<mask_1>")?, text("mask_token_sent", "<mask_2>")?];
    let unused = (2..offset).map(|index| format!("<unk_{index}>"));
    let scores = source.scores(|source, pieces| {
        let [mask, sentence_mask] = &masks;
        let mut scores = vec![(source.role("pad_token"), 0.0), (source.role("eos_token"), 0.0), (mask.clone(), 0.0)];
        if sentence_mask != mask {
            scores.push((sentence_mask.clone(), 0.0));
        }
        scores.extend(unused.clone().map(|token| (token, -100.0)));
        scores.extend(pieces.skip(2));
        scores
    })?;
    let unk = (source.role("unk_token"), 0.0);
    let unk_id = scores.iter().skip(1).position(|piece| *piece == unk).map(|index| index + 1);
    let unk_id = unk_id.ok_or_else(|| source.damaged(format!("it does not contain the unknown token {:?}", unk.0)))?;
    let newlines = json!({"type": "Replace", "pattern": {"Regex": r"\n"}, "content": " "});
    let more = if source.charsmap()?.is_some() { Vec::new() } else { vec![newlines] };
    let normalizer = with_single_spaces(&source, more)?;
    let marks = metaspace("always", true);
    let mut converted = source.unigram(scores, unk_id, Some(normalizer), (marks.clone(), marks))?;
    let marked = [text("mask_token_sent", "<mask_1>")?].into_iter().chain(unused);
    converted.marked = marked.map(|token| AddedToken::from(token, true)).collect();
    Ok(converted)
}
