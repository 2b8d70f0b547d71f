//! data2vec for text: RoBERTa with another weight prefix.
//! Config keys and weight names: facebook/data2vec-text-base; paper arXiv 2202.03555.

use serde::Serialize;
use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::roberta::RobertaConfig;
use crate::family::EncoderFamily;
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec};

#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Data2VecTextConfig(RobertaConfig);

impl EncoderFamily for Data2VecTextConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("data2vec-text", "Data2VecText")];
    const PREFIX: &'static str = "data2vec_text";
    const HAS_POOLER: bool = true;
    const TOKENS: &'static [(&'static str, i64)] = RobertaConfig::TOKENS;
    const PADS_POSITIONS: bool = true;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        RobertaConfig::read_config(reader).map(Self)
    }

    fn limits(&self) -> Limits {
        self.0.limits()
    }

    fn weights(&self, holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        self.0.weights(holds)
    }

    fn encoder(&self) -> nn::EncoderConfig {
        self.0.encoder()
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        self.0.head(head)
    }
}
