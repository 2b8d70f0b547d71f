//! `+` as Python has it: a list plus a list is a new list. minijinja 3.1.0 keeps such sums as they stand, without
//! fuel, and writes them out when they nest too deeply: a list doubled thirty times would take all memory.

use std::collections::BTreeMap;

use minijinja::machinery::{CodeGenerator, Instruction, Instructions, parse};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, ErrorKind, State, Value, context, filters};

const FILTER: &str = "__plus";
/// Items of a list for one step; bytes of a text as minijinja counts them.
const ITEMS_PER_FUEL: usize = 4;
const BYTES_PER_FUEL: usize = 64;
/// What minijinja takes for "not cached".
const NO_LOCAL: u8 = u8::MAX;

type Blocks<'a> = BTreeMap<&'a str, Instructions<'a>>;

/// Puts everything that adds lists on `plus`.
pub(super) fn register(environment: &mut Environment) {
    environment.add_filter(FILTER, plus);
    environment.add_filter("sum", sum);
    // Not Jinja's, and another way of adding lists.
    environment.remove_filter("chain");
}

/// The template's instructions with `plus` in place of every addition.
pub(super) fn compile<'a>(
    name: &'a str,
    source: &'a str,
    syntax: SyntaxConfig,
) -> Result<(Instructions<'a>, Blocks<'a>), minijinja::Error> {
    let mut generator = CodeGenerator::new(name, source);
    generator.compile_stmt(&parse(source, name, syntax)?);
    let (mut instructions, blocks) = generator.finish();
    let mut index = 0;
    while let Some(instruction) = instructions.get_mut(index) {
        if matches!(instruction, Instruction::Add) {
            *instruction = Instruction::ApplyFilter(FILTER, Some(2), NO_LOCAL);
        }
        index += 1;
    }
    Ok((instructions, blocks))
}

fn plus(state: &State, left: &Value, right: &Value) -> Result<Value, minijinja::Error> {
    if is_list(left) && is_list(right) {
        let mut items = Vec::new();
        for item in left.try_iter()?.chain(right.try_iter()?) {
            if items.len() % ITEMS_PER_FUEL == 0 {
                state.consume_fuel(1)?;
            }
            items.push(item);
        }
        return Ok(items.into());
    }
    for operand in [left, right] {
        let items = if operand.is_tuple() { operand.len().unwrap_or(0) } else { 0 };
        let bytes = operand.as_str().map_or(0, str::len);
        state.consume_fuel((items / ITEMS_PER_FUEL + bytes / BYTES_PER_FUEL) as u64)?;
    }
    state.env().compile_expression("left + right")?.eval(context! { left, right })
}

fn is_list(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) && !value.is_tuple()
}

fn sum(
    state: &State,
    values: Value,
    attribute: Option<&str>,
    start: Option<Value>,
    options: Kwargs,
) -> Result<Value, minijinja::Error> {
    let named: Option<Value> = options.get("start")?;
    match start.as_ref().or(named.as_ref()) {
        Some(start) if !start.is_number() => {
            let message = format!("sum starts from a number, not from a {}", start.kind());
            Err(minijinja::Error::new(ErrorKind::InvalidOperation, message))
        }
        _ => filters::sum(state, values, attribute, start, options),
    }
}
