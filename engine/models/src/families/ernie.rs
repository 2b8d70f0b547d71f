//! ERNIE: BERT with optional task type embeddings.
//! Config keys and weight names: nghuyong/ernie-3.0-base-zh; papers arXiv 1907.12412 and arXiv 2107.02137.

use trustformers_checkpoint::Rule;
use trustformers_core::{ConfigReader, Result};
use trustformers_nn as nn;

use crate::families::bert::BertConfig;
use crate::families::keys::post_norm::BERT;
use crate::family::EncoderFamily;
use crate::forward::input::Limits;
use crate::head::{Head, HeadSpec};
use crate::hf_config::Size;

hf_config! {
    pub(crate) struct ErnieConfig {
        #[serde(flatten)]
        bert: BertConfig = BERT,
        task_type_vocab_size: Size = 3,
        use_task_id: bool = false,
    }
}

impl EncoderFamily for ErnieConfig {
    const TYPES: &'static [(&'static str, &'static str)] = &[("ernie", "Ernie")];
    const PREFIX: &'static str = "ernie";
    const HAS_POOLER: bool = true;

    fn read_config(reader: &mut ConfigReader) -> Result<Self> {
        Self::read(reader)
    }

    fn limits(&self) -> Limits {
        // A model without task type embeddings accepts and ignores task types.
        let tasks = if self.use_task_id { self.task_type_vocab_size } else { usize::MAX };
        Limits { task_type_vocab_size: Some(tasks), ..self.bert.limits() }
    }

    fn weights(&self, holds: &dyn Fn(&str) -> bool) -> Vec<Rule> {
        // Published checkpoints store task type embeddings even if the configuration disables them.
        let unread = Rule::Unread("embeddings.task_type_embeddings.weight");
        self.bert.weights(holds).into_iter().chain((!self.use_task_id).then_some(unread)).collect()
    }

    fn encoder(&self) -> nn::EncoderConfig {
        let num_task_types = self.use_task_id.then_some(self.task_type_vocab_size);
        let embeddings = nn::EncoderEmbeddingsConfig { num_task_types, ..self.bert.embeddings() };
        nn::EncoderConfig { embeddings, ..self.bert.encoder() }
    }

    fn head(&self, head: Head) -> Option<HeadSpec> {
        self.bert.head(head)
    }
}
