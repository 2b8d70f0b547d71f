//! Wraps Python's values and functions for the template engine.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{DynObject, Enumerator, Kwargs, Object, ObjectRepr, Rest, Value as Engine, ValueOrKwargs};
use minijinja::{Environment, Error, Output, State};

use super::arguments::CallArgs;
use super::context::Context;
use super::engine_value::{Wrapped, to_engine, to_python};
use super::exception::{Exception, Kind};
use super::functions::dict;
use super::names::{FILTERS, TESTS};
use super::operators::{Comparison, Operator, compare};
use super::undefined::Undefined;
use super::value::{Function, Key, Result, Value};
use super::{arithmetic, attribute, filters, methods, number, predicates, text};

/// Step limit of comparisons that the engine runs without a budget.
const FREE_STEPS: u64 = 100_000;

fn without_state<T>(work: impl FnOnce(&Context) -> T) -> T {
    let left = std::cell::Cell::new(FREE_STEPS);
    let spend = |steps: u64| {
        let rest = left.get().checked_sub(steps);
        left.set(rest.unwrap_or(0));
        rest.is_some()
    };
    work(&Context::new(&spend))
}

fn with_state<T>(state: &State, work: impl FnOnce(&Context) -> Result<T>) -> std::result::Result<T, Error> {
    let spend = |steps: u64| state.consume_fuel(steps).is_ok();
    work(&Context::new(&spend)).map_err(Error::from)
}

impl Object for Wrapped {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.0.is_true()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let is_iterable = self.0.is_iterable() && !matches!(self.0, Value::Iterator(_));
        let items = if is_iterable { without_state(|cx| self.0.iterate(cx)).ok() } else { None };
        items.map_or(Enumerator::NonEnumerable, |items| Enumerator::Values(items.into_iter().map(to_engine).collect()))
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Engine]) -> std::result::Result<Engine, Error> {
        let arguments = call_args(args)?;
        match &self.0 {
            Value::Method(method) => match &method.owner {
                Value::Foreign(_) if args.is_empty() && &*method.name == "cycle" => {
                    Err(Exception::type_error("no items for cycling given").into())
                }
                Value::Foreign(owner) => owner.call_method(state, &method.name, args),
                owner => with_state(state, |cx| methods::call(cx, owner, &method.name, arguments)).map(to_engine),
            },
            Value::Function(function) => with_state(state, |cx| function.call(cx, arguments)).map(to_engine),
            Value::Joiner(joiner) => {
                arguments.none("joiner")?;
                Ok(to_engine(joiner.next()))
            }
            Value::Undefined(undefined) => Err(undefined.exception().into()),
            other => Err(Exception::type_error(format!("'{}' object is not callable", other.type_name())).into()),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        let is_equal = without_state(|cx| self.0.equals(cx, &other.0)).unwrap_or(false);
        is_equal.then_some(Ordering::Equal)
    }
}

/// `namespace(...)`: the engine's own type, the only one that supports assignment.
#[derive(Debug)]
struct NamespaceFunction;

impl Object for NamespaceFunction {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Engine]) -> std::result::Result<Engine, Error> {
        let arguments = call_args(args)?;
        let attributes = with_state(state, |cx| {
            let mut attributes = BTreeMap::new();
            for (key, value) in dict(cx, arguments)? {
                let name =
                    key.0.as_str().ok_or_else(|| Exception::unsupported("a namespace attribute that is not text"))?;
                checked_attribute(name)?;
                attributes.insert(name.to_owned(), to_engine(value));
            }
            Ok(attributes)
        })?;
        let attributes = Engine::from(attributes);
        Engine::from_function(minijinja::functions::namespace).call(state, &[attributes])
    }
}

fn checked_attribute(name: &str) -> Result<()> {
    if name.starts_with('_') {
        let message = format!(
            "Chat templates cannot store underscore-prefixed attributes on a namespace, but got '{name}'. Please \
             rename the attribute."
        );
        return Err(Exception::new(Kind::Security, message));
    }
    Ok(())
}

/// Checks the name of a namespace attribute.
///
/// **Errors:** a security error for a name that the sandbox forbids.
pub(in crate::chat) fn check_attribute(name: &str) -> std::result::Result<(), Error> {
    checked_attribute(name).map_err(Error::from)
}

fn call_args(args: &[Engine]) -> std::result::Result<CallArgs, Error> {
    let (args, named) = match args.split_last() {
        Some((last, args)) if last.is_kwargs() => (args, Some(Kwargs::try_from(last.clone())?)),
        _ => (args, None),
    };
    let mut arguments = CallArgs { positional: args.iter().map(to_python).collect(), named: Vec::new() };
    if let Some(named) = named {
        for name in named.args() {
            let value: Engine = named.peek(name)?;
            arguments.named.push((name.into(), to_python(&value)));
        }
    }
    Ok(arguments)
}

type Operation = fn(&Context, Value, CallArgs) -> Result;

fn filter(
    environment: &mut Environment,
    name: &'static str,
    operation: impl Fn(&Context, Value, CallArgs) -> Result + Send + Sync + 'static,
) {
    environment.add_filter(name, move |state: &State, args: Rest<ValueOrKwargs>| {
        let mut arguments = call_args(&args.into_values())?;
        let value = if arguments.positional.is_empty() { Value::None } else { arguments.positional.remove(0) };
        with_state(state, |cx| operation(cx, value, arguments)).map(to_engine)
    });
}

fn second(arguments: &CallArgs) -> &Value {
    arguments.positional.first().unwrap_or(&Value::None)
}

fn pairs(items: &Value) -> &[Value] {
    items.as_items().map(|items| items.as_slice()).unwrap_or_default()
}

/// The filters that replace operators and lookups in rewritten templates.
const OPERATIONS: &[(&str, Operation)] = &[
    ("__add", |cx, left, right| arithmetic::binary(cx, Operator::Add, &left, second(&right))),
    ("__sub", |cx, left, right| arithmetic::binary(cx, Operator::Subtract, &left, second(&right))),
    ("__mul", |cx, left, right| arithmetic::binary(cx, Operator::Multiply, &left, second(&right))),
    ("__div", |cx, left, right| arithmetic::binary(cx, Operator::Divide, &left, second(&right))),
    ("__floordiv", |cx, left, right| arithmetic::binary(cx, Operator::FloorDivide, &left, second(&right))),
    ("__mod", |cx, left, right| arithmetic::binary(cx, Operator::Remainder, &left, second(&right))),
    ("__pow", |cx, left, right| arithmetic::binary(cx, Operator::Power, &left, second(&right))),
    ("__neg", |_, value, _| number::negative(&value)),
    ("__concat", |cx, left, right| {
        let (left, right) = (text::to_text(cx, &left)?, text::to_text(cx, second(&right))?);
        cx.charge_text(left.len() + right.len())?;
        cx.text(format!("{left}{right}"))
    }),
    ("__eq", |cx, left, right| compare(cx, Comparison::Equal, &left, second(&right)).map(Value::Bool)),
    ("__ne", |cx, left, right| compare(cx, Comparison::NotEqual, &left, second(&right)).map(Value::Bool)),
    ("__lt", |cx, left, right| compare(cx, Comparison::Less, &left, second(&right)).map(Value::Bool)),
    ("__le", |cx, left, right| compare(cx, Comparison::LessEqual, &left, second(&right)).map(Value::Bool)),
    ("__gt", |cx, left, right| compare(cx, Comparison::Greater, &left, second(&right)).map(Value::Bool)),
    ("__ge", |cx, left, right| compare(cx, Comparison::GreaterEqual, &left, second(&right)).map(Value::Bool)),
    ("__in", |cx, left, right| compare(cx, Comparison::In, &left, second(&right)).map(Value::Bool)),
    ("__notin", |cx, left, right| compare(cx, Comparison::NotIn, &left, second(&right)).map(Value::Bool)),
    ("__attribute", |cx, owner, name| match second(&name) {
        Value::Str(name) => attribute::attribute(cx, &owner, name),
        _ => Ok(Value::None),
    }),
    ("__item", |cx, owner, index| attribute::item(cx, &owner, second(&index))),
    ("__slice", |cx, owner, bounds| match &bounds.positional[..] {
        [start, stop, step] => attribute::slice(cx, &owner, start, stop, step),
        _ => Ok(Value::None),
    }),
    ("__list", |_, items, _| Ok(items)),
    ("__tuple", |_, items, _| Ok(Value::tuple(pairs(&items).to_vec()))),
    ("__dict", |cx, items, _| {
        let mut entries = indexmap::IndexMap::new();
        for pair in pairs(&items).chunks_exact(2) {
            entries.insert(Key::new(cx, pair[0].clone())?, pair[1].clone());
        }
        Ok(Value::dict(entries))
    }),
    ("__missing_else", |_, line, _| {
        let line = number::small(&line).unwrap_or_default();
        Ok(Value::undefined(&format!(
            "the inline if-expression on line {line} evaluated to false and no else section was defined."
        )))
    }),
];

/// Registers Python's operators, filters, tests and functions in an environment without any others.
pub(in crate::chat) fn register(environment: &mut Environment) {
    for (name, operation) in OPERATIONS {
        filter(environment, name, *operation);
    }
    for &name in FILTERS {
        filter(environment, name, move |cx, value, arguments| filters::apply(cx, name, value, arguments));
    }
    for &name in TESTS {
        environment.add_test(name, move |state: &State, args: Rest<ValueOrKwargs>| {
            let mut arguments = call_args(&args.into_values())?;
            let value = if arguments.positional.is_empty() { Value::None } else { arguments.positional.remove(0) };
            with_state(state, |cx| predicates::test(cx, name, &value, arguments))
        });
    }
    // A missing variable is an undefined value that knows its name.
    environment.add_filter("__name", |value: Engine, name: &str| {
        if value.is_undefined() { to_engine(Value::Undefined(Arc::new(Undefined::Name(name.into())))) } else { value }
    });
    environment.add_filter("__is_given", |value: Engine| !value.is_undefined());
    // Converts the iterables of loops and calls to the engine's own list.
    environment.add_filter("__iter", |state: &State, value: Engine| {
        let items = with_state(state, |cx| to_python(&value).iterate(cx))?;
        Ok::<_, Error>(items.into_iter().map(to_engine).collect::<Vec<_>>())
    });
    environment.add_filter("__kwargs", |state: &State, value: Engine| {
        let Value::Dict(dict) = to_python(&value) else {
            return Err(Error::from(Exception::type_error("argument after ** must be a mapping")));
        };
        with_state(state, |cx| cx.charge_items(dict.0.len()))?;
        let mut entries = BTreeMap::new();
        for (key, value) in &dict.0 {
            let name = key.0.as_str().ok_or_else(|| Exception::type_error("keywords must be strings"))?;
            entries.insert(name.to_owned(), to_engine(value.clone()));
        }
        Ok(Engine::from(entries))
    });
    for (name, function) in Function::GLOBALS {
        environment.add_global(name, to_engine(Value::Function(function)));
    }
    environment.add_global("namespace", Engine::from_object(NamespaceFunction));
    environment.set_formatter(|output: &mut Output, state: &mut State, value: &Engine| {
        let text = with_state(state, |cx| text::to_text(cx, &to_python(value)))?;
        output.write_str(&text).map_err(Error::from)
    });
}
