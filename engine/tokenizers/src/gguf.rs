use std::collections::BTreeMap;

use serde_json::{Map, Value};
use trustformers_core::{Error, Result};

use crate::Tokenizer;
use crate::config::{BackendDefaults, TokenizerConfig};
use crate::convert::{bos_eos, gguf, settings};
use crate::files::{Files, TOKENIZER_CONFIG};
use crate::gguf_vocabulary::GgufVocabulary;
use crate::pipeline::Pipeline;
use crate::tokenizer::Unapplied;

impl Tokenizer {
    /// Builds the tokenizer of a GGUF file; `overrides` are settings that take precedence over the file's.
    ///
    /// **Errors:** `Unsupported` for an unknown kind of vocabulary; `Tokenizer` naming the file if it is damaged.
    pub fn from_gguf(vocabulary: &GgufVocabulary, overrides: &Map<String, Value>) -> Result<Self> {
        let tokenizer = gguf(vocabulary)?;
        let texts = BTreeMap::from([(TOKENIZER_CONFIG.to_owned(), settings(vocabulary)?.to_string())]);
        let files = Files::new(vocabulary.file.clone(), texts);
        let config = TokenizerConfig::read(&files, overrides, &BackendDefaults::default())?;
        let flag = |key| Ok::<_, Error>(config.flag(&files, key)?.unwrap_or(false));
        let (adds_bos, adds_eos) = (flag("add_bos_token")?, flag("add_eos_token")?);
        let around = |tokenizer: &mut Pipeline| bos_eos(&config, tokenizer, adds_bos, adds_eos);
        Self::finish(tokenizer, config.clone(), Unapplied::default(), around, |error| vocabulary.damaged(error))
    }
}
