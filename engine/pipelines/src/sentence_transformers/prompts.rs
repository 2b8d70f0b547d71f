use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use serde_json::Value;
use trustformers_core::{Error, Result};

/// The role of sentences, for models that treat queries and documents differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptTask {
    /// Queries, like `encode_query` of sentence-transformers.
    Query,
    /// Documents, like `encode_document` of sentence-transformers.
    Document,
}

impl FromStr for PromptTask {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "query" => Ok(Self::Query),
            "document" => Ok(Self::Document),
            _ => Err(Error::input("task", format!("\"{name}\" is not one of \"query\", \"document\""))),
        }
    }
}

impl PromptTask {
    /// Names of prompts for the task, in order of preference.
    fn prompt_names(self) -> &'static [&'static str] {
        match self {
            Self::Query => &["query"],
            Self::Document => &["document", "passage", "corpus"],
        }
    }
}

/// The prompt that a call requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Prompt<'a> {
    /// Text of the prompt; empty for none.
    pub text: Option<&'a str>,
    /// Name of one of the model's prompts.
    pub name: Option<&'a str>,
    /// The role of the sentences, which selects one of the model's prompts.
    pub task: Option<PromptTask>,
}

/// The prompts of a model, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Prompts {
    pub(crate) texts: BTreeMap<String, String>,
    pub(crate) default_name: Option<String>,
}

impl Prompts {
    /// Reads `prompts` and `default_prompt_name`; prompts in `names` that are missing get an empty text.
    ///
    /// **Errors:** `Config` if a prompt is not a string, or the default names an unknown prompt.
    pub(crate) fn read(file: &Path, keys: &Value, names: &[&str]) -> Result<Self> {
        let mut texts: BTreeMap<_, _> = names.iter().map(|name| ((*name).to_owned(), String::new())).collect();
        match &keys["prompts"] {
            Value::Null => {}
            Value::Object(stated) => {
                for (name, text) in stated {
                    let text = match text {
                        Value::Null => String::new(),
                        Value::String(text) => text.clone(),
                        other => return Err(Error::config_key(file, &format!("prompts.{name}"), other, "a string")),
                    };
                    texts.insert(name.clone(), text);
                }
            }
            other => return Err(Error::config_key(file, "prompts", other, "an object")),
        }
        let default_name = match &keys["default_prompt_name"] {
            Value::Null => None,
            Value::String(name) if texts.contains_key(name) => Some(name.clone()),
            other => {
                return Err(Error::config_key(
                    file,
                    "default_prompt_name",
                    other,
                    format!("one of {:?}", texts.keys()),
                ));
            }
        };
        Ok(Self { texts, default_name })
    }

    /// The text of the prompt that a call uses.
    ///
    /// **Errors:** `Input` for an unknown prompt name.
    pub(crate) fn resolve<'a>(&'a self, asked: Prompt<'a>) -> Result<&'a str> {
        if let Some(text) = asked.text {
            return Ok(text);
        }
        let names = asked.task.map_or(&[][..], PromptTask::prompt_names);
        let of_task = names.iter().copied().find(|name| self.texts.contains_key(*name));
        let Some(name) = asked.name.or(of_task).or(self.default_name.as_deref()) else { return Ok("") };
        self.texts.get(name).map(String::as_str).ok_or_else(|| {
            let names: Vec<_> = self.texts.keys().collect();
            Error::input("prompt_name", format!("{name:?} is not one of the model's prompts {names:?}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn prompts(keys: Value) -> Result<Prompts> {
        Prompts::read(Path::new("config_sentence_transformers.json"), &keys, &["query", "document"])
    }

    #[test]
    fn text_overrides_name_overrides_task_overrides_default() {
        let prompts = prompts(json!({"prompts": {"a": "A: ", "query": "Q: ", "passage": "P: "},
                                     "default_prompt_name": "a"}))
        .unwrap();
        let resolved = |text, name, task| prompts.resolve(Prompt { text, name, task }).unwrap();
        let query = Some(PromptTask::Query);
        assert_eq!(resolved(Some("x"), Some("a"), query), "x");
        assert_eq!(resolved(None, Some("a"), query), "A: ");
        assert_eq!(resolved(None, None, query), "Q: ");
        assert_eq!(resolved(None, None, None), "A: ");
        assert_eq!(resolved(Some(""), None, None), "");
        // A model has an empty prompt for documents unless it says otherwise.
        assert_eq!(resolved(None, None, Some(PromptTask::Document)), "");
    }

    #[test]
    fn unknown_prompt_names_are_refused() {
        let error = prompts(json!({"default_prompt_name": "b"})).unwrap_err().to_string();
        assert!(error.contains("default_prompt_name") && error.contains("query"), "{error}");
        let prompts = prompts(json!({})).unwrap();
        let error = prompts.resolve(Prompt { name: Some("b"), ..Prompt::default() }).unwrap_err().to_string();
        assert!(error.starts_with("prompt_name: \"b\""), "{error}");
    }
}
