use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use minijinja::machinery::{CodeGenerator, Instructions, eval, make_string_output, parse};
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};
use trustformers_core::{Error, Result};

use super::generated::Marks;
use super::{RenderedChat, TemplateValue, python, rewrite};

/// Step limit of one rendering; a step also pays for 64 bytes of text. A long conversation takes thousands.
const FUEL: u64 = 4_000_000;
const MOST_NESTED_CALLS: usize = 128;
/// Stack that suffices to drop the deepest value that a template can nest with `FUEL`.
const STACK_BYTES: usize = 1 << 29;
const NAME: &str = "chat_template";

type Compiled<'a> = (Instructions<'a>, BTreeMap<&'a str, Instructions<'a>>);

/// Renders each chat as `messages`, together with the other variables.
pub(super) fn render(
    template: String,
    variables: Vec<(String, TemplateValue)>,
    chats: Vec<TemplateValue>,
) -> Result<Vec<RenderedChat>> {
    // A separate stack: deeply nested values of a template are dropped recursively.
    let work = move || render_all(&template, variables, chats);
    let started = thread::Builder::new().name(NAME.to_owned()).stack_size(STACK_BYTES).spawn(work);
    let thread = started.map_err(|error| Error::internal(format!("starting a thread for a chat template: {error}")))?;
    thread.join().unwrap_or_else(|_| Err(Error::input(NAME, "the template cannot be rendered")))
}

fn render_all(
    template: &str,
    variables: Vec<(String, TemplateValue)>,
    chats: Vec<TemplateValue>,
) -> Result<Vec<RenderedChat>> {
    let marks = Arc::new(Marks::absent_from(template, variables.iter().map(|(_, value)| value).chain(&chats))?);
    let environment = environment(marks.clone());
    // Jinja2 normalizes newlines.
    let source = marks.replace_blocks(&template.replace("\r\n", "\n").replace('\r', "\n"));
    let (instructions, blocks) = compile(&source).map_err(|error| refused(&error))?;
    // The last variable of a name wins.
    let variables: BTreeMap<_, _> =
        variables.into_iter().map(|(name, value)| (name, python::to_engine(value))).collect();
    let mut rendered = Vec::with_capacity(chats.len());
    for chat in chats {
        let mut context = variables.clone();
        context.insert("messages".to_owned(), python::to_engine(chat));
        let mut text = String::new();
        let mut output = make_string_output(&mut text);
        eval(&environment, &instructions, Value::from(context), &blocks, &mut output, AutoEscape::None)
            .map_err(|error| refused(&error))?;
        rendered.push(marks.take(&text));
    }
    Ok(rendered)
}

/// Compiles a template with Python's operators.
fn compile(source: &str) -> std::result::Result<Compiled<'_>, minijinja::Error> {
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
    let mut generator = CodeGenerator::new(NAME, source);
    generator.compile_stmt(&rewrite::rewritten(&parse(source, NAME, syntax)?, source)?);
    Ok(generator.finish())
}

fn environment<'a>(marks: Arc<Marks>) -> Environment<'a> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_recursion_limit(MOST_NESTED_CALLS);
    environment.set_fuel(Some(FUEL));
    environment.add_filter(Marks::FILTER, move |text: &str| marks.around(text));
    python::register(&mut environment);
    environment
}

fn refused(error: &minijinja::Error) -> Error {
    let what = match error.kind() {
        ErrorKind::OutOfFuel => "the template takes more steps or memory than any conversation needs".to_owned(),
        _ => error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    };
    let location = error.line().map_or_else(String::new, |line| format!(" (line {line} of the template)"));
    Error::input(NAME, format!("{what}{location}"))
}
