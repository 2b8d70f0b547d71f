use std::sync::Arc;

use trustformers_core::{Error, Result};

use crate::Tokenizer;
use crate::config::TokenizerConfig;
use crate::languages::Languages;
use crate::tokenizer::Around;

impl Tokenizer {
    /// The language of source texts; `None` for a tokenizer whose rows do not name a language.
    pub fn src_lang(&self) -> Option<&str> {
        self.config.languages.as_ref().map(|languages| languages.src_lang.as_str())
    }

    /// The language of target texts.
    pub fn tgt_lang(&self) -> Option<&str> {
        self.config.languages.as_ref()?.tgt_lang.as_deref()
    }

    /// A tokenizer whose source texts are in the language `code`.
    ///
    /// **Errors:** `Input` for an unknown language, with the known codes; `Unsupported` without languages.
    pub fn with_src_lang(mut self, code: &str) -> Result<Self> {
        self.language_id("src_lang", code)?;
        self.around = self.naming(code)?;
        let languages = self.languages_mut()?;
        (languages.src_lang, languages.current, languages.is_default) = (code.to_owned(), code.to_owned(), false);
        self.config.raw.insert("src_lang".to_owned(), code.into());
        Ok(self)
    }

    /// A tokenizer whose target texts are in the language `code`; `None` removes it.
    ///
    /// **Errors:** as `with_src_lang`.
    pub fn with_tgt_lang(mut self, code: Option<&str>) -> Result<Self> {
        if let Some(code) = code {
            self.language_id("tgt_lang", code)?;
        }
        self.languages_mut()?.tgt_lang = code.map(str::to_owned);
        self.config.raw.insert("tgt_lang".to_owned(), code.into());
        Ok(self)
    }

    /// A tokenizer whose rows name the language `code`, with the same `src_lang` and `tgt_lang`.
    ///
    /// **Errors:** as `with_src_lang`.
    pub fn for_language(mut self, code: &str) -> Result<Self> {
        self.language_id("lang", code)?;
        self.around = self.naming(code)?;
        self.languages_mut()?.current = code.to_owned();
        Ok(self)
    }

    /// The language that rows name.
    pub fn current_language(&self) -> Option<&str> {
        self.config.languages.as_ref().map(|languages| languages.current.as_str())
    }

    /// A tokenizer that encodes target texts, such as labels: in the language `tgt_lang`, by default in the source
    /// language. A tokenizer without languages encodes them like source texts.
    ///
    /// **Errors:** `Input` if `tgt_lang` is needed and not set.
    pub fn for_targets(&self) -> Result<Self> {
        let mut targets = self.clone();
        if let Some(target) = &self.target {
            targets.backend = Arc::clone(target);
        }
        let Some(languages) = &self.config.languages else { return Ok(targets) };
        match languages.tgt_lang.as_deref() {
            Some(code) => targets.for_language(code),
            None if languages.needs_target() => Err(Error::input(
                "tgt_lang",
                format!("the language of target texts is not set; it is one of: {}", languages.codes().join(", ")),
            )),
            None => Ok(Self { around: self.naming(&languages.src_lang)?, ..targets }),
        }
    }

    /// The codes of the known languages and the ids of their tokens.
    pub fn language_ids(&self) -> Vec<(&str, u32)> {
        match &self.config.languages {
            Some(languages) => languages.ids(&self.config.special_tokens, &self.backend.tokenizer),
            None => Vec::new(),
        }
    }

    /// The id of a language's token.
    ///
    /// **Errors:** `Input` naming `argument` for an unknown language, with the known codes; `Unsupported` without
    /// languages.
    pub fn language_id(&self, argument: &str, code: &str) -> Result<u32> {
        self.languages()?.check(argument, code, &self.config.special_tokens, &self.backend.tokenizer)
    }

    /// The token of a language.
    ///
    /// **Errors:** as `language_id`.
    pub fn language_token(&self, code: &str) -> Result<String> {
        self.language_id("lang", code)?;
        Ok(self.languages()?.token(code))
    }

    fn naming(&self, code: &str) -> Result<Arc<Around>> {
        Ok(Arc::new(Around::new(self.languages()?.naming(
            code,
            &self.config.special_tokens,
            &self.backend.tokenizer,
        )?)))
    }

    fn languages(&self) -> Result<&Languages> {
        self.config.languages.as_ref().ok_or_else(|| without_languages(&self.config.tokenizer_class))
    }

    fn languages_mut(&mut self) -> Result<&mut Languages> {
        let TokenizerConfig { languages, tokenizer_class, .. } = &mut self.config;
        languages.as_mut().ok_or_else(|| without_languages(tokenizer_class))
    }
}

fn without_languages(class: &str) -> Error {
    Error::unsupported(format!("a language of a {class}, whose rows do not name one"))
}
