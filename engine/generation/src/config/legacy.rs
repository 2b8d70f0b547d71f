use serde_json::{Map, Value};
use trustformers_core::Result;

use super::{GenerationConfig, keys_of};

/// Keys under which composite models keep the configuration of their text decoder.
const TEXT_CONFIGS: [&str; 3] = ["decoder", "generator", "text_config"];

impl GenerationConfig {
    /// The generation settings in `config.json`, for models that have no `generation_config.json`.
    ///
    /// **Errors:** `Input` if `json` is not an object, or naming a key with an invalid value.
    pub fn from_model_config(json: &Value) -> Result<Self> {
        let keys = keys_of(json)?;
        let mut config = Self::default();
        take(&mut config, keys);
        if keys.get("force_bos_token_to_be_generated").and_then(Value::as_bool) == Some(true) {
            config.forced_bos_token_id = config.bos_token_id;
        }
        if let Some(text) = TEXT_CONFIGS.iter().find_map(|name| keys.get(*name)?.as_object()) {
            let mut inner = Self::default();
            take(&mut inner, text);
            config.fill_from(&inner);
        }
        let outputs =
            [config.output_attentions, config.output_hidden_states, config.output_scores, config.output_logits];
        if outputs.contains(&Some(true)) {
            config.return_dict_in_generate = Some(true);
        }
        config.transformers_version = None;
        config._from_model_config = Some(true);
        config.validate(None)?;
        Ok(config)
    }
}

/// Sets the known keys. Values of another type are skipped: to the model such a key means something else.
fn take(config: &mut GenerationConfig, keys: &Map<String, Value>) {
    for (key, value) in keys {
        let _is_of_another_type = config.set(key, value).is_err();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_model_config_yields_special_tokens_and_legacy_keys() {
        let config = GenerationConfig::from_model_config(&json!({
            "model_type": "gpt2", "n_embd": 40, "bos_token_id": 3, "eos_token_id": 4, "max_length": 50,
            "pad_token_id": null, "output_scores": true, "top_k": [1, 2],
        }))
        .unwrap();
        let expected = json!({
            "_from_model_config": true, "bos_token_id": 3, "eos_token_id": 4, "max_length": 50, "output_scores": true,
            "return_dict_in_generate": true,
        });
        assert_eq!(config.to_json().unwrap(), expected);
    }

    #[test]
    fn a_text_config_fills_keys_that_the_outer_config_leaves_unset() {
        let config = GenerationConfig::from_model_config(&json!({
            "eos_token_id": 4, "text_config": {"eos_token_id": 9, "bos_token_id": 8},
        }))
        .unwrap();
        assert_eq!((config.eos_token_id.unwrap().as_slice(), config.bos_token_id), ([4].as_slice(), Some(8)));
    }

    #[test]
    fn bos_is_forced_by_the_key_of_old_configurations() {
        let json = json!({"bos_token_id": 3, "force_bos_token_to_be_generated": true});
        assert_eq!(GenerationConfig::from_model_config(&json).unwrap().forced_bos_token_id, Some(3));
    }
}
