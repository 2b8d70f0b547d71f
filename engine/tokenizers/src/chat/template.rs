use std::sync::Arc;
use std::thread;

use chrono::format::{Item, StrftimeItems};
use minijinja::machinery::{eval, make_string_output};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, ErrorKind, State, UndefinedBehavior, Value};
use serde_json::Map;
use trustformers_core::{Error, Result};

use super::addition;
use super::generated::Marks;
use super::json::{Layout, to_json};

/// Steps of all renderings of a template; each also pays for 64 bytes of text. A long conversation takes thousands.
const FUEL: u64 = 4_000_000;
const MOST_NESTED_CALLS: usize = 128;
/// What a template nests, with all of `FUEL`, is dropped within this stack.
const STACK_BYTES: usize = 1 << 29;
const NAME: &str = "chat_template";

/// A conversation as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenderedChat {
    /// The text.
    pub text: String,
    /// Start and end character of what the template marks as the assistant's (`{% generation %}`).
    pub generated: Vec<(usize, usize)>,
}

/// Renders each of the chats as `messages` beside the other variables.
pub(super) fn render(
    template: String,
    variables: Map<String, serde_json::Value>,
    chats: Vec<serde_json::Value>,
) -> Result<Vec<RenderedChat>> {
    // On a stack of its own: values that a template nests deeply are dropped recursively.
    let work = move || render_all(&template, &variables, &chats);
    let started = thread::Builder::new().name(NAME.to_owned()).stack_size(STACK_BYTES).spawn(work);
    let thread = started.map_err(|error| Error::internal(format!("starting a thread for a chat template: {error}")))?;
    thread.join().unwrap_or_else(|_| Err(Error::input(NAME, "the template cannot be rendered")))
}

fn render_all(
    template: &str,
    variables: &Map<String, serde_json::Value>,
    chats: &[serde_json::Value],
) -> Result<Vec<RenderedChat>> {
    let texts = [template].into_iter().chain(variables.values().filter_map(serde_json::Value::as_str));
    let marks = Arc::new(Marks::absent_from(texts, chats)?);
    let environment = environment(marks.clone());
    let source = marks.replace_blocks(template);
    let (instructions, blocks) = addition::compile(NAME, &source, syntax()?).map_err(|error| refused(&error))?;
    let mut rendered = Vec::with_capacity(chats.len());
    for chat in chats {
        let mut context = variables.clone();
        context.insert("messages".to_owned(), chat.clone());
        let mut text = String::new();
        let mut output = make_string_output(&mut text);
        let context = Value::from(Serde(&context));
        eval(&environment, &instructions, context, &blocks, &mut output, AutoEscape::None)
            .map_err(|error| refused(&error))?;
        rendered.push(marks.take(&text));
    }
    Ok(rendered)
}

fn syntax() -> Result<SyntaxConfig> {
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    syntax.map_err(|error| refused(&error))
}

fn environment<'a>(marks: Arc<Marks>) -> Environment<'a> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_recursion_limit(MOST_NESTED_CALLS);
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_filter("tojson", tojson);
    environment.add_filter(Marks::FILTER, move |text: &str| marks.around(text));
    addition::register(&mut environment);
    environment.add_function("raise_exception", raise_exception);
    environment.add_function("strftime_now", strftime_now);
    environment
}

fn raise_exception(message: &Value) -> Result<Value, minijinja::Error> {
    Err(minijinja::Error::new(ErrorKind::InvalidOperation, message.to_string()))
}

fn strftime_now(format: &str) -> Result<String, minijinja::Error> {
    let wrong = || minijinja::Error::new(ErrorKind::InvalidOperation, format!("{format:?} is no format of a time"));
    let items: Vec<_> = StrftimeItems::new(format).collect();
    if items.contains(&Item::Error) {
        return Err(wrong());
    }
    let mut text = String::new();
    let now = chrono::Local::now().format_with_items(items.iter());
    std::fmt::write(&mut text, format_args!("{now}")).map_err(|_| wrong())?;
    Ok(text)
}

fn tojson(state: &State, value: &Value, options: Kwargs) -> Result<Value, minijinja::Error> {
    let layout = Layout::from_options(&options)?;
    options.assert_all_used()?;
    to_json(state, value, &layout).map(Value::from)
}

fn refused(error: &minijinja::Error) -> Error {
    let what = match error.kind() {
        ErrorKind::OutOfFuel => "the template takes more steps or memory than any conversation needs".to_owned(),
        _ => error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    };
    let place = error.line().map_or_else(String::new, |line| format!(" (line {line} of the template)"));
    Error::input(NAME, format!("{what}{place}"))
}
