use trustformers_core::{Error, Result};

/// A prompt of the task.
#[derive(Clone, Copy, Debug)]
pub enum GenerationPrompt<'a> {
    /// A text to continue.
    Text(&'a str),
    /// A chat to answer, or whose last message to continue.
    Chat(LastMessage<'a>),
}

/// The last message of a chat.
#[derive(Clone, Copy, Debug)]
pub struct LastMessage<'a> {
    /// Who wrote the message, such as "user" or "assistant".
    pub role: &'a str,
    /// The text of the message; `None` if its content is not text.
    pub content: Option<&'a str>,
}

impl<'a> LastMessage<'a> {
    /// The text to continue; `None` if generation answers the chat with a new message. By default only an
    /// assistant's message is continued.
    ///
    /// **Errors:** `Input` if the content of a message to continue is not text.
    pub fn continued(&self, continue_final_message: Option<bool>) -> Result<Option<&'a str>> {
        if !continue_final_message.unwrap_or(self.role == "assistant") {
            return Ok(None);
        }
        let message = "the content of the last message is not text, which generation could continue";
        self.content.map(Some).ok_or_else(|| Error::input("continue_final_message", message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_message_of_an_assistant_is_continued_by_default() {
        let message = |role| LastMessage { role, content: Some("a cat") };
        assert_eq!(message("user").continued(None).unwrap(), None);
        assert_eq!(message("user").continued(Some(true)).unwrap(), Some("a cat"));
        assert_eq!(message("assistant").continued(None).unwrap(), Some("a cat"));
        assert_eq!(message("assistant").continued(Some(false)).unwrap(), None);
    }

    #[test]
    fn a_message_to_continue_is_text() {
        let message = LastMessage { role: "assistant", content: None };
        assert!(message.continued(None).unwrap_err().to_string().starts_with("continue_final_message"));
        assert_eq!(message.continued(Some(false)).unwrap(), None);
    }
}
