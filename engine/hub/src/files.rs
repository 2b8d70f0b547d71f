/// Which files of a model repository a caller needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files<'a> {
    /// `config.json` and `generation_config.json`.
    Config,
    /// Every file that a tokenizer may be loaded from.
    Tokenizer,
    /// The [`Files::Config`] files, the weights with all shards, and the modules of a sentence-transformers model.
    Model,
    /// One file, by name.
    Named(&'a str),
}

pub(crate) const CONFIG: &str = "config.json";
pub(crate) const MODULES: &str = "modules.json";

/// Files of a sentence-transformers module, relative to the module's path.
pub(crate) const MODULE_FILES: [&str; 4] =
    [CONFIG, "sentence_bert_config.json", "model.safetensors", "pytorch_model.bin"];

const CONFIG_NAMES: &[&str] = &[CONFIG, "generation_config.json"];

// The `.model` and `.spm` names come from VOCAB_FILES_NAMES of the tokenizers in transformers 5.23.0.
const TOKENIZER_NAMES: &[&str] = &[
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
    "sentencepiece.model",
    "spm.model",
    "spm_char.model",
    "source.spm",
    "target.spm",
    "chat_template.jinja",
];

/// Folder of the named chat templates.
pub(crate) const CHAT_TEMPLATES: &str = "additional_chat_templates";

const MODEL_NAMES: &[&str] = &[
    CONFIG,
    "generation_config.json",
    MODULES,
    "config_sentence_transformers.json",
    "sentence_bert_config.json",
    "sentence_roberta_config.json",
    "sentence_distilbert_config.json",
    "sentence_camembert_config.json",
    "sentence_albert_config.json",
    "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
];

impl Files<'_> {
    /// Names of the files to fetch if the repository has them, without the weights.
    pub(crate) fn names(&self) -> &[&str] {
        match self {
            Self::Config => CONFIG_NAMES,
            Self::Tokenizer => TOKENIZER_NAMES,
            Self::Model => MODEL_NAMES,
            Self::Named(name) => std::slice::from_ref(name),
        }
    }
}

/// Whether `name` is a relative path that cannot escape the directory it is joined to, on any system.
pub(crate) fn is_safe_name(name: &str) -> bool {
    !name.contains(|c: char| c == '\\' || c == ':' || c.is_control())
        && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_escape_the_directory_are_unsafe() {
        for name in ["../x", "a/../../x", "/etc/passwd", "a\\b", "C:x", "", "a//b", "a/", ".", "a/./b", "a\0b", "a\nb"]
        {
            assert!(!is_safe_name(name), "{name:?}");
        }
        for name in ["config.json", "1_Pooling/config.json", "..a", "a..b/.c", "model-00001-of-00002.safetensors"] {
            assert!(is_safe_name(name), "{name:?}");
        }
    }

    #[test]
    fn fixed_names_are_safe() {
        for files in [Files::Config, Files::Tokenizer, Files::Model] {
            assert!(files.names().iter().all(|name| is_safe_name(name)));
        }
    }
}
