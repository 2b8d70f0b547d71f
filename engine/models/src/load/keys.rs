use serde_json::{Value, json};
use trustformers_core::{ConfigReader, Result};

use crate::family::{DecoderFamily, EncoderDecoderFamily, EncoderFamily, to_json};
use crate::load::settings::{check_decoder, check_shared};

/// The configuration of an encoder family with its defaults, as the keys of a `config.json`.
///
/// **Errors:** `Config` naming the key.
pub(crate) fn of_encoder<F: EncoderFamily>(reader: &mut ConfigReader) -> Result<Value> {
    reader.rename_all(F::ALIASES);
    check_shared(reader)?;
    let mut config = with_tokens(to_json(&F::read_config(reader)?)?, F::TOKENS);
    config["tie_word_embeddings"] = json!(F::ties_embeddings(None));
    Ok(config)
}

/// The configuration of a decoder family with its defaults, as the keys of a `config.json`.
///
/// **Errors:** `Config` naming the key.
pub(crate) fn of_decoder<F: DecoderFamily>(reader: &mut ConfigReader) -> Result<Value> {
    reader.rename_all(F::ALIASES);
    check_shared(reader)?;
    check_decoder(reader)?;
    reader.ignore("is_causal");
    let mut config = with_tokens(to_json(&F::read_config(reader)?)?, F::TOKENS);
    config["tie_word_embeddings"] = json!(F::TIES_EMBEDDINGS);
    Ok(config)
}

/// The configuration of an encoder-decoder family with its defaults, as the keys of a `config.json`.
///
/// **Errors:** `Config` naming the key.
pub(crate) fn of_encoder_decoder<F: EncoderDecoderFamily>(reader: &mut ConfigReader) -> Result<Value> {
    reader.rename_all(F::ALIASES);
    check_shared(reader)?;
    reader.ignore("is_decoder");
    reader.ignore("is_encoder_decoder");
    let mut config = with_tokens(to_json(&F::read_config(reader)?)?, F::TOKENS);
    config["tie_word_embeddings"] = json!(true);
    config["is_encoder_decoder"] = json!(true);
    Ok(config)
}

fn with_tokens(mut config: Value, tokens: &[(&str, i64)]) -> Value {
    if let Some(keys) = config.as_object_mut() {
        keys.extend(tokens.iter().map(|(key, id)| ((*key).to_owned(), json!(id))));
    }
    config
}
