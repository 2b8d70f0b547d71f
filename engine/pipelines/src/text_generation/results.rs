use std::str::FromStr;

use trustformers_core::{Error, Result};
use trustformers_tokenizers::{Tokenizer, vocabulary_ids};

use super::prompt::GenerationPrompt;

/// Content of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReturnType {
    /// Token ids of the prompt and of the generated text.
    Tensors,
    /// The generated text.
    NewText,
    /// The prompt and the generated text.
    #[default]
    FullText,
}

impl FromStr for ReturnType {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "tensors" => Ok(Self::Tensors),
            "new_text" => Ok(Self::NewText),
            "full_text" => Ok(Self::FullText),
            _ => {
                let message = format!("\"{name}\" is not one of \"tensors\", \"new_text\", \"full_text\"");
                Err(Error::input("return_type", message))
            }
        }
    }
}

/// Options of the results.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResultOptions {
    /// Content of a result.
    pub return_type: ReturnType,
    /// Whether special tokens are left out of the text.
    pub skip_special_tokens: bool,
    /// Whether spaces before punctuation are removed; `None` uses the tokenizer's setting.
    pub clean_up_tokenization_spaces: Option<bool>,
    /// Whether generation continues the last message of a chat; by default only an assistant's.
    pub continue_final_message: Option<bool>,
}

/// A result of the task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GenerationResult {
    /// Token ids of the prompt and of the generated text.
    TokenIds(Vec<i64>),
    /// The generated text, after the prompt for [`ReturnType::FullText`].
    Text(String),
    /// The message that follows a chat, or replaces its last one if `replaces_last`.
    Message {
        /// Who wrote the message.
        role: String,
        /// The text of the message.
        content: String,
        /// Whether generation continued the last message of the chat.
        replaces_last: bool,
    },
}

/// The results of a prompt: `sequences` are token ids that begin with the prompt's `prompt_len` tokens.
///
/// **Errors:** `Input` if a message to continue is not text, or for a negative id.
pub fn generation_results(
    tokenizer: &Tokenizer,
    prompt: GenerationPrompt<'_>,
    sequences: Vec<Vec<i64>>,
    prompt_len: usize,
    options: &ResultOptions,
) -> Result<Vec<GenerationResult>> {
    let result = |tokens: Vec<i64>| {
        if options.return_type == ReturnType::Tensors {
            return Ok(GenerationResult::TokenIds(tokens));
        }
        let ids = vocabulary_ids(tokens.get(prompt_len..).unwrap_or_default())?;
        let text = tokenizer.decode(&ids, options.skip_special_tokens, options.clean_up_tokenization_spaces)?;
        with_prompt(prompt, text, options)
    };
    sequences.into_iter().map(result).collect()
}

fn with_prompt(prompt: GenerationPrompt<'_>, text: String, options: &ResultOptions) -> Result<GenerationResult> {
    match prompt {
        _ if options.return_type == ReturnType::NewText => Ok(GenerationResult::Text(text)),
        GenerationPrompt::Text(prompt) => Ok(GenerationResult::Text(format!("{prompt}{text}"))),
        GenerationPrompt::Chat(last) => Ok(match last.continued(options.continue_final_message)? {
            Some(begin) => GenerationResult::Message {
                role: last.role.to_owned(),
                content: format!("{begin}{text}"),
                replaces_last: true,
            },
            None => GenerationResult::Message { role: "assistant".to_owned(), content: text, replaces_last: false },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::LastMessage;
    use super::*;

    fn message(role: &str, content: &str, replaces_last: bool) -> GenerationResult {
        GenerationResult::Message { role: role.to_owned(), content: content.to_owned(), replaces_last }
    }

    fn found(prompt: GenerationPrompt<'_>, options: ResultOptions) -> GenerationResult {
        with_prompt(prompt, " sat".to_owned(), &options).unwrap()
    }

    #[test]
    fn a_chat_is_answered_or_its_last_message_is_continued() {
        let chat = |role| GenerationPrompt::Chat(LastMessage { role, content: Some("the cat") });
        let options = ResultOptions::default();
        assert_eq!(found(chat("user"), options), message("assistant", " sat", false));
        assert_eq!(found(chat("assistant"), options), message("assistant", "the cat sat", true));
        let options = ResultOptions { continue_final_message: Some(true), ..options };
        assert_eq!(found(chat("user"), options), message("user", "the cat sat", true));
    }

    #[test]
    fn the_new_text_is_without_the_prompt() {
        let text = |text: &str| GenerationResult::Text(text.to_owned());
        let options = ResultOptions { return_type: ReturnType::NewText, ..ResultOptions::default() };
        assert_eq!(found(GenerationPrompt::Text("the cat"), ResultOptions::default()), text("the cat sat"));
        assert_eq!(found(GenerationPrompt::Text("the cat"), options), text(" sat"));
        let chat = GenerationPrompt::Chat(LastMessage { role: "assistant", content: Some("the cat") });
        assert_eq!(found(chat, options), text(" sat"));
    }

    #[test]
    fn rejects_an_unknown_return_type() {
        assert_eq!("full_text".parse::<ReturnType>().unwrap(), ReturnType::default());
        assert!("text".parse::<ReturnType>().unwrap_err().to_string().starts_with("return_type"));
    }
}
