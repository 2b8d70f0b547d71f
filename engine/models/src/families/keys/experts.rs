use trustformers_core::{ConfigReader, Error, Result};

use crate::hf_config::Key;

/// Largest accepted number of experts; rejects corrupt values before memory is allocated.
const MOST_EXPERTS: usize = 4096;

hf_config! {
    /// Number of experts per layer and per token, under the keys that most families use.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct LocalExperts(reader, num_experts: usize, per_token: usize) {
        pub(crate) num_local_experts: ExpertCount = num_experts,
        pub(crate) num_experts_per_tok: ExpertsPerToken = (per_token, "num_local_experts", num_local_experts),
    }
}

impl LocalExperts {
    /// Alias of `num_local_experts` in published checkpoints.
    pub(crate) const ALIASES: &'static [(&'static str, &'static str)] = &[("num_experts", "num_local_experts")];
}

/// Number of experts of a layer; the router's training-only keys are ignored.
pub(crate) struct ExpertCount;

impl Key for ExpertCount {
    type Value = usize;
    type Default = usize;

    fn read(reader: &mut ConfigReader, key: &str, default: usize) -> Result<usize> {
        for training_only in ["output_router_logits", "router_aux_loss_coef", "router_jitter_noise"] {
            reader.ignore(training_only);
        }
        let count = reader.take_size(key, default)?;
        reader.check_at_most(key, count, MOST_EXPERTS)?;
        Ok(count)
    }
}

/// Number of experts of a token, at most as many as there are; the default is `(count, experts_key, num_experts)`.
pub(crate) struct ExpertsPerToken;

impl Key for ExpertsPerToken {
    type Value = usize;
    type Default = (usize, &'static str, usize);

    fn read(reader: &mut ConfigReader, key: &str, (default, experts_key, most): Self::Default) -> Result<usize> {
        let count = reader.take_size(key, default)?;
        if count > most {
            let expected = format!("at most {experts_key} = {most}");
            return Err(Error::config_key(reader.file(), key, count, expected));
        }
        Ok(count)
    }
}
