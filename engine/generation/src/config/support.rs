use serde_json::Value;
use trustformers_core::{Error, Result};

use super::GenerationConfig;

impl GenerationConfig {
    /// Refuses features of transformers that this engine does not implement.
    ///
    /// Keys of caches, compilation and chunked prefill pass: they do not change the tokens.
    ///
    /// **Errors:** `Unsupported` naming the key.
    pub(crate) fn check_supported(&self) -> Result<()> {
        let is_given = |value: &Option<Value>| value.as_ref().is_some_and(|value| *value != Value::Bool(false));
        let samples = self.do_sample == Some(true);
        let has_beams = self.num_beams.unwrap_or(1) > 1;
        let is_contrastive =
            !samples && !has_beams && self.top_k.is_some_and(|k| k > 1) && self.penalty_alpha.is_some_and(|a| a > 0.0);
        let missing = [
            ("assistant_early_exit", self.assistant_early_exit.is_some()),
            ("cache_implementation=\"quantized\"", self.cache_implementation.as_deref() == Some("quantized")),
            ("constraints (constrained beam search)", is_given(&self.constraints)),
            ("force_words_ids (constrained beam search)", is_given(&self.force_words_ids)),
            ("dola_layers (DoLa decoding)", is_given(&self.dola_layers)),
            ("guidance_scale (classifier-free guidance)", self.guidance_scale.is_some_and(|scale| scale != 1.0)),
            ("low_memory with beams", has_beams && self.low_memory == Some(true)),
            ("num_beam_groups (group beam search)", has_beams && self.num_beam_groups.is_some_and(|groups| groups > 1)),
            ("penalty_alpha (contrastive search)", is_contrastive),
            ("speculation_type", self.speculation_type.is_some()),
            ("token_healing", self.token_healing == Some(true)),
            ("use_mtp (multi-token prediction)", self.use_mtp == Some(true)),
            (
                "watermarking_config with ngram_len (SynthID)",
                self.watermarking_config.as_ref().is_some_and(|config| config.get("ngram_len").is_some()),
            ),
        ];
        match missing.into_iter().find(|(_, is_asked_for)| *is_asked_for) {
            Some((what, _)) => Err(Error::unsupported(what)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(json: Value) -> Result<()> {
        GenerationConfig::from_json(&json).unwrap().check_supported()
    }

    #[test]
    fn unsupported_keys_are_named_in_the_error() {
        for json in [
            json!({"guidance_scale": 1.5}),
            json!({"watermarking_config": {"ngram_len": 5, "keys": [1]}}),
            json!({"dola_layers": "high"}),
            json!({"penalty_alpha": 0.6, "top_k": 4}),
            json!({"num_beam_groups": 2, "num_beams": 4}),
            json!({"force_words_ids": [[1]]}),
            json!({"token_healing": true}),
        ] {
            let key = json.as_object().unwrap().keys().next().unwrap().clone();
            let error = check(json).unwrap_err();
            assert!(error.code() == "unsupported" && error.to_string().contains(&key), "{error}");
        }
    }

    #[test]
    fn neutral_values_and_cache_keys_pass() {
        check(json!({
            "guidance_scale": 1.0, "num_beam_groups": 1, "diversity_penalty": 0.0, "penalty_alpha": 0.6, "use_cache": false,
            "cache_implementation": "static", "prefill_chunk_size": 8,
            "token_healing": false,
        }))
        .unwrap();
    }
}
