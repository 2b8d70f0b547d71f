//! Conversations as text, by the chat templates of checkpoints, as transformers 5.23.0 renders them.

mod data;
mod generated;
mod python;
mod rewrite;
mod template;

use serde_json::Value;
use trustformers_core::{Error, Result};

use crate::Tokenizer;
use python::is_space;

pub use data::TemplateValue;

/// Names that a message's reasoning goes by; templates read the first.
const REASONING: [&str; 3] = ["reasoning_content", "thinking", "reasoning"];
const CONTINUE_TAG: &str = "CONTINUE_FINAL_MESSAGE_TAG ";

/// A conversation as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenderedChat {
    /// The text.
    pub text: String,
    /// Start and end character of what the template marks as the assistant's (`{% generation %}`).
    pub generated: Vec<(usize, usize)>,
}

/// What a chat template is given.
#[derive(Clone, Debug, Default)]
pub struct ChatOptions {
    /// A template, or the name of one of the tokenizer's; `None` takes the tokenizer's own.
    pub template: Option<String>,
    /// Variables of the template beside `messages` and the special tokens, such as `tools` and
    /// `add_generation_prompt`.
    pub variables: Vec<(String, TemplateValue)>,
    /// The field of the final message that generation is to go on with: the text ends there.
    pub continue_final_message: Option<String>,
}

impl ChatOptions {
    /// Options with the variables as the text of a JSON object.
    ///
    /// **Errors:** `Input` if `variables` is not a JSON object.
    pub fn from_json(
        variables: &str,
        template: Option<String>,
        continue_final_message: Option<String>,
    ) -> Result<Self> {
        let object: serde_json::Map<String, Value> = serde_json::from_str(variables)
            .map_err(|error| Error::input("tools, documents, kwargs", format!("not a JSON object: {error}")))?;
        let variables = object.into_iter().map(|(name, value)| (name, value.into())).collect();
        Ok(Self { template, variables, continue_final_message })
    }
}

impl Tokenizer {
    /// The names of the tokenizer's chat templates, with their texts.
    pub fn chat_templates(&self) -> Vec<(&str, &str)> {
        self.config.chat_templates.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
    }

    /// This tokenizer with other chat templates, by name.
    pub fn with_chat_templates(mut self, templates: Vec<(String, String)>) -> Self {
        self.config.chat_templates = templates.into_iter().collect();
        self
    }

    /// The template that a call uses: `asked`, one of that name, `tool_use` where there are tools, or `default`.
    ///
    /// **Errors:** `Input` if there is none.
    pub fn chat_template(&self, asked: Option<&str>, has_tools: bool) -> Result<String> {
        let templates = &self.config.chat_templates;
        if let Some(asked) = asked {
            return Ok(templates.get(asked).map_or(asked, String::as_str).to_owned());
        }
        let tools = templates.get("tool_use").filter(|_| has_tools);
        if let Some(template) = tools.or(templates.get("default")) {
            return Ok(template.clone());
        }
        let names: Vec<_> = templates.keys().map(String::as_str).collect();
        let message = match names[..] {
            [] => "the tokenizer has no chat template; pass one".to_owned(),
            _ => format!("the tokenizer has no default chat template; choose one of {}", names.join(", ")),
        };
        Err(Error::input("chat_template", message))
    }

    /// Renders conversations that are the text of a JSON array.
    ///
    /// **Errors:** as `render_chats`, and `Input` if the text is not a JSON array.
    pub fn render_json_chats(&self, conversations: &str, options: &ChatOptions) -> Result<Vec<RenderedChat>> {
        let conversations: Vec<Value> = serde_json::from_str(conversations)
            .map_err(|error| Error::input("conversation", format!("not a JSON array: {error}")))?;
        self.render_chats(conversations.into_iter().map(TemplateValue::from).collect(), options)
    }

    /// The text of each conversation, a list of messages.
    ///
    /// **Errors:** `Input` if a conversation is no list of objects, or if the template is wrong, raises an exception,
    /// or takes more steps or memory than any conversation needs.
    pub fn render_chats(&self, conversations: Vec<TemplateValue>, options: &ChatOptions) -> Result<Vec<RenderedChat>> {
        let has_tools = options.variables.iter().any(|(name, tools)| name == "tools" && *tools != TemplateValue::None);
        let template = self.chat_template(options.template.as_deref(), has_tools)?;
        let mut variables = vec![
            ("tools".to_owned(), TemplateValue::None),
            ("documents".to_owned(), TemplateValue::None),
            ("add_generation_prompt".to_owned(), TemplateValue::Bool(false)),
        ];
        let tokens = self.special_tokens_map().into_iter();
        variables.extend(tokens.map(|(name, token)| (name.to_owned(), TemplateValue::Str(token.to_string()))));
        variables.extend(options.variables.iter().cloned());
        let field = options.continue_final_message.as_deref();
        let mut tails = Vec::new();
        let mut chats = Vec::new();
        for (index, conversation) in conversations.into_iter().enumerate() {
            let mut messages = messages(conversation, index)?;
            tails.push(field.map(|field| tag_final_message(&mut messages, field, &template)).transpose()?);
            chats.push(TemplateValue::List(messages));
        }
        let mut rendered = template::render(template, variables, chats)?;
        for (chat, tail) in rendered.iter_mut().zip(tails) {
            if let Some(tail) = tail {
                cut_at_tag(chat, &tail)?;
            }
        }
        Ok(rendered)
    }
}

/// The messages of a conversation: without keys that have no value, with reasoning under every name it goes by.
fn messages(conversation: TemplateValue, index: usize) -> Result<Vec<TemplateValue>> {
    let wrong = |message: String| Error::input("conversation", message);
    let (TemplateValue::List(items) | TemplateValue::Tuple(items)) = conversation else {
        return Err(wrong(format!("conversation {index} is not a list of messages")));
    };
    let message = |(number, item)| {
        let TemplateValue::Dict(mut entries) = item else {
            let what = match item {
                TemplateValue::Str(text) => format!("{text:?}"),
                other => format!("{other:?}"),
            };
            return Err(wrong(format!("message {number} of conversation {index} is {what}, expected an object")));
        };
        entries.retain(|(_, value)| *value != TemplateValue::None);
        let message = TemplateValue::Dict(entries);
        let Some(reasoning) = REASONING.iter().find_map(|name| message.get(name)).cloned() else {
            return Ok(message);
        };
        let mut aliased = TemplateValue::Dict(vec![(TemplateValue::from("thinking"), reasoning.clone())]);
        if let (TemplateValue::Dict(aliased), TemplateValue::Dict(entries)) = (&mut aliased, message) {
            for (key, value) in entries {
                match aliased.iter_mut().find(|(found, _)| *found == key) {
                    Some((_, place)) => *place = value,
                    None => aliased.push((key, value)),
                }
            }
        }
        aliased.set(REASONING[0], reasoning);
        Ok(aliased)
    };
    items.into_iter().enumerate().map(message).collect()
}

/// Marks where the final message ends; returns its text.
fn tag_final_message(messages: &mut [TemplateValue], field: &str, template: &str) -> Result<String> {
    let refused = |message: String| Error::input("continue_final_message", message);
    let Some(last) = messages.last_mut() else { return Err(refused("the conversation is empty".to_owned())) };
    let Some(found) = last.get(field).cloned() else {
        return Err(refused(format!("the final message has no \"{field}\"")));
    };
    let is_copy = |name: &&str| last.get(name) == Some(&found);
    let fields: Vec<&str> =
        if REASONING.contains(&field) { REASONING.into_iter().filter(is_copy).collect() } else { vec![field] };
    if !fields.iter().any(|field| template.contains(field)) {
        return Err(refused(format!("the chat template reads no \"{field}\"")));
    }
    match found {
        TemplateValue::Str(text) => {
            for field in fields {
                last.set(field, TemplateValue::Str(format!("{text}{CONTINUE_TAG}")));
            }
            Ok(text)
        }
        TemplateValue::List(_) | TemplateValue::Tuple(_) => {
            let parts = match last.get_mut(field) {
                Some(TemplateValue::List(parts) | TemplateValue::Tuple(parts)) => parts.as_mut_slice(),
                _ => &mut [],
            };
            match parts.iter_mut().rev().find_map(|part| part.get_mut("text")) {
                Some(TemplateValue::Str(text)) => {
                    let before = text.clone();
                    text.push_str(CONTINUE_TAG);
                    Ok(before)
                }
                _ => Err(refused(format!("\"{field}\" of the final message holds no text"))),
            }
        }
        _ => Err(refused(format!("\"{field}\" of the final message is no text"))),
    }
}

fn cut_at_tag(chat: &mut RenderedChat, tail: &str) -> Result<()> {
    let tag = chat.text.rfind(CONTINUE_TAG.trim_end()).filter(|_| chat.text.contains(tail.trim_matches(is_space)));
    let Some(tag) = tag else {
        let message = "the final message does not appear in what the chat template makes of the conversation";
        return Err(Error::input("continue_final_message", message));
    };
    // A template that trims the message has removed the space at the end of the mark.
    let keeps_spaces = chat.text[tag..].starts_with(CONTINUE_TAG);
    chat.text.truncate(tag);
    if !keeps_spaces {
        chat.text.truncate(chat.text.trim_end_matches(is_space).len());
    }
    Ok(())
}
