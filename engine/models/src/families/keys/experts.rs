use serde::Serialize;
use trustformers_core::{ConfigReader, Error, Result};

/// Largest accepted number of experts; rejects corrupt values before memory is allocated.
const MOST_EXPERTS: usize = 4096;

/// Number of experts per layer and per token, under the keys that most families use.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct LocalExperts {
    pub(crate) num_local_experts: usize,
    pub(crate) num_experts_per_tok: usize,
}

impl LocalExperts {
    /// Alias of `num_local_experts` in published checkpoints.
    pub(crate) const ALIASES: &'static [(&'static str, &'static str)] = &[("num_experts", "num_local_experts")];

    /// Reads the counts with these defaults, and ignores the router's training-only keys.
    ///
    /// **Errors:** `Config` if a token would go to no expert, or to more experts than there are.
    pub(crate) fn read(reader: &mut ConfigReader, num_experts: usize, num_experts_per_tok: usize) -> Result<Self> {
        let [num_local_experts, num_experts_per_tok] =
            expert_counts(reader, "num_local_experts", num_experts, num_experts_per_tok)?;
        Ok(Self { num_local_experts, num_experts_per_tok })
    }
}

/// Reads the number of experts from `key` and the number of experts per token, and ignores the router's training-only
/// keys.
///
/// **Errors:** `Config` if a token would go to no expert, or to more experts than there are.
pub(crate) fn expert_counts(
    reader: &mut ConfigReader,
    key: &str,
    num_experts: usize,
    num_experts_per_tok: usize,
) -> Result<[usize; 2]> {
    reader.ignore("output_router_logits");
    reader.ignore("router_aux_loss_coef");
    reader.ignore("router_jitter_noise");
    let num_experts = reader.take_size(key, num_experts)?;
    reader.check_at_most(key, num_experts, MOST_EXPERTS)?;
    let num_experts_per_tok = reader.take_size("num_experts_per_tok", num_experts_per_tok)?;
    if num_experts_per_tok > num_experts {
        let expected = format!("at most {key} = {num_experts}");
        return Err(Error::config_key(reader.file(), "num_experts_per_tok", num_experts_per_tok, expected));
    }
    Ok([num_experts, num_experts_per_tok])
}
