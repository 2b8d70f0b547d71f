//! Rewrites templates to Python's semantics: each operator, literal and lookup becomes a filter that implements it.

use minijinja::machinery::Span;
use minijinja::machinery::ast::{
    BinOp, BinOpKind, Break, Call, CallArg, CallBlock, Compare, CompareOp, CompareOpKind, Const, Continue, EmitExpr,
    EmitRaw, Expr, Filter, FilterBlock, ForLoop, GetAttr, IfCond, IfExpr, List, Macro, Set, SetBlock, Spanned, Stmt,
    Template, Test, UnaryOp, UnaryOpKind, Var, WithBlock,
};
use minijinja::{Error, ErrorKind, Value};

use super::python::{check_attribute, unsupported};

type Result<T> = std::result::Result<T, Error>;

/// Rewrites a statement and everything in it.
///
/// **Errors:** a statement or name that the engine would interpret differently from Jinja2.
pub(super) fn rewritten<'a>(statement: &Stmt<'a>, source: &str) -> Result<Stmt<'a>> {
    let is_ambiguous = source.contains("\\\\U") || source.contains("\\\\\n");
    Rewriter { macros: 0, is_ambiguous }.statement(statement)
}

struct Rewriter {
    /// Number of enclosing macros.
    macros: usize,
    /// Whether a backslash in a string may be literal although it could begin an escape.
    is_ambiguous: bool,
}

fn constant<'a>(value: impl Into<Value>, span: Span) -> Expr<'a> {
    Expr::Const(Spanned::new(Const { value: value.into() }, span))
}

fn filter<'a>(name: &'a str, value: Expr<'a>, args: Vec<Expr<'a>>) -> Expr<'a> {
    let span = value.span();
    let args = args.into_iter().map(CallArg::Pos).collect();
    Expr::Filter(Spanned::new(Filter { name, expr: Some(value), args }, span))
}

fn variable<'a>(id: &'a str, span: Span) -> Expr<'a> {
    Expr::Var(Spanned::new(Var { id }, span))
}

fn list<'a>(items: Vec<Expr<'a>>, span: Span) -> Expr<'a> {
    Expr::List(Spanned::new(List { items }, span))
}

fn comparison(op: CompareOpKind) -> &'static str {
    match op {
        CompareOpKind::Eq => "__eq",
        CompareOpKind::Ne => "__ne",
        CompareOpKind::Lt => "__lt",
        CompareOpKind::Lte => "__le",
        CompareOpKind::Gt => "__gt",
        CompareOpKind::Gte => "__ge",
        CompareOpKind::In => "__in",
        CompareOpKind::NotIn => "__notin",
    }
}

/// Whether an operand may be evaluated twice.
fn is_plain(operand: &Expr) -> bool {
    match operand {
        Expr::Var(_) | Expr::Const(_) => true,
        Expr::GetAttr(attribute) => is_plain(&attribute.expr),
        Expr::UnaryOp(operation) => is_plain(&operation.expr),
        Expr::Filter(filter) => filter.args.is_empty() && filter.expr.as_ref().is_some_and(is_plain),
        _ => false,
    }
}

impl Rewriter {
    fn body<'a>(&mut self, statements: &[Stmt<'a>]) -> Result<Vec<Stmt<'a>>> {
        statements.iter().map(|statement| self.statement(statement)).collect()
    }

    /// A body with its own variable scope.
    fn scope<'a>(&mut self, statements: &[Stmt<'a>], span: Span) -> Result<Vec<Stmt<'a>>> {
        let body = self.body(statements)?;
        Ok(vec![Stmt::WithBlock(Spanned::new(WithBlock { assignments: Vec::new(), body }, span))])
    }

    fn statement<'a>(&mut self, statement: &Stmt<'a>) -> Result<Stmt<'a>> {
        Ok(match statement {
            Stmt::Template(template) => {
                let children = self.body(&template.children)?;
                Stmt::Template(Spanned::new(Template { children }, template.span()))
            }
            Stmt::EmitExpr(output) => {
                let expr = self.expression(&output.expr)?;
                Stmt::EmitExpr(Spanned::new(EmitExpr { expr }, output.span()))
            }
            Stmt::EmitRaw(raw) => Stmt::EmitRaw(Spanned::new(EmitRaw { raw: raw.raw }, raw.span())),
            Stmt::ForLoop(statement) => {
                let iter = self.expression(&statement.iter)?;
                let rewritten = ForLoop {
                    target: target(&statement.target)?,
                    iter: filter("__iter", iter, Vec::new()),
                    filter_expr: statement.filter_expr.as_ref().map(|test| self.expression(test)).transpose()?,
                    recursive: statement.recursive,
                    body: self.body(&statement.body)?,
                    else_body: self.body(&statement.else_body)?,
                };
                Stmt::ForLoop(Spanned::new(rewritten, statement.span()))
            }
            Stmt::IfCond(statement) => {
                let rewritten = IfCond {
                    expr: self.expression(&statement.expr)?,
                    true_body: self.body(&statement.true_body)?,
                    false_body: self.body(&statement.false_body)?,
                };
                Stmt::IfCond(Spanned::new(rewritten, statement.span()))
            }
            Stmt::WithBlock(statement) => {
                // Assign all at once: no value sees the other variables of the statement.
                let (mut targets, mut values) = (Vec::new(), Vec::new());
                for (name, value) in &statement.assignments {
                    targets.push(target(name)?);
                    values.push(self.expression(value)?);
                }
                let span = statement.span();
                let assignments = vec![(list(targets, span), list(values, span))];
                let body = self.body(&statement.body)?;
                Stmt::WithBlock(Spanned::new(WithBlock { assignments, body }, statement.span()))
            }
            Stmt::Set(statement) => {
                let rewritten = Set { target: target(&statement.target)?, expr: self.expression(&statement.expr)? };
                Stmt::Set(Spanned::new(rewritten, statement.span()))
            }
            Stmt::SetBlock(statement) => {
                let rewritten = SetBlock {
                    target: target(&statement.target)?,
                    filter: statement.filter.as_ref().map(|filter| self.expression(filter)).transpose()?,
                    body: self.scope(&statement.body, statement.span())?,
                };
                Stmt::SetBlock(Spanned::new(rewritten, statement.span()))
            }
            Stmt::FilterBlock(statement) => {
                let rewritten = FilterBlock {
                    filter: self.expression(&statement.filter)?,
                    filter_span: statement.filter_span,
                    body: self.scope(&statement.body, statement.span())?,
                };
                Stmt::FilterBlock(Spanned::new(rewritten, statement.span()))
            }
            Stmt::Macro(definition) => Stmt::Macro(self.definition(definition)?),
            Stmt::CallBlock(block) => {
                let rewritten = CallBlock {
                    call: Spanned::new(self.call(&block.call)?, block.call.span()),
                    call_expr_span: block.call_expr_span,
                    macro_decl: self.definition(&block.macro_decl)?,
                };
                Stmt::CallBlock(Spanned::new(rewritten, block.span()))
            }
            Stmt::Continue(statement) => Stmt::Continue(Spanned::new(Continue, statement.span())),
            Stmt::Break(statement) => Stmt::Break(Spanned::new(Break, statement.span())),
            Stmt::AutoEscape(_) => return Err(unsupported("{% autoescape %}")),
            Stmt::Do(_) => return Err(Error::new(ErrorKind::SyntaxError, "Encountered unknown tag 'do'.")),
        })
    }

    fn definition<'a>(&mut self, definition: &Spanned<Macro<'a>>) -> Result<Spanned<Macro<'a>>> {
        let span = definition.span();
        self.macros += 1;
        let mut body = Vec::new();
        // Defaults are evaluated in the body, where they see the parameters before them.
        let first = definition.args.len().saturating_sub(definition.defaults.len());
        for (parameter, default) in definition.args[first..].iter().zip(&definition.defaults) {
            let value = IfExpr {
                test_expr: filter("__is_given", target(parameter)?, Vec::new()),
                true_expr: target(parameter)?,
                false_expr: Some(self.expression(default)?),
            };
            let expr = Expr::IfExpr(Spanned::new(value, span));
            body.push(Stmt::Set(Spanned::new(Set { target: target(parameter)?, expr }, span)));
        }
        body.extend(self.body(&definition.body)?);
        self.macros -= 1;
        let args = definition.args.iter().map(target).collect::<Result<_>>()?;
        Ok(Spanned::new(Macro { name: definition.name, args, defaults: Vec::new(), body }, span))
    }

    fn call<'a>(&mut self, call: &Call<'a>) -> Result<Call<'a>> {
        let args = self.arguments(&call.args)?;
        if let Expr::Var(name) = &call.expr
            && name.id == "loop"
        {
            let iterate = |argument| match argument {
                CallArg::Pos(items) => CallArg::Pos(filter("__iter", items, Vec::new())),
                other => other,
            };
            let args = args.into_iter().map(iterate).collect();
            return Ok(Call { expr: variable(name.id, name.span()), args });
        }
        Ok(Call { expr: self.expression(&call.expr)?, args })
    }

    fn arguments<'a>(&mut self, args: &[CallArg<'a>]) -> Result<Vec<CallArg<'a>>> {
        let argument = |argument: &CallArg<'a>| {
            Ok(match argument {
                CallArg::Pos(value) => CallArg::Pos(self.expression(value)?),
                CallArg::Kwarg(name, value) => CallArg::Kwarg(name, self.expression(value)?),
                CallArg::PosSplat(value) => CallArg::PosSplat(filter("__iter", self.expression(value)?, Vec::new())),
                CallArg::KwargSplat(value) => {
                    CallArg::KwargSplat(filter("__kwargs", self.expression(value)?, Vec::new()))
                }
            })
        };
        args.iter().map(argument).collect()
    }

    fn all<'a>(&mut self, items: &[Expr<'a>]) -> Result<Vec<Expr<'a>>> {
        items.iter().map(|item| self.expression(item)).collect()
    }

    fn expression<'a>(&mut self, expression: &Expr<'a>) -> Result<Expr<'a>> {
        let span = expression.span();
        Ok(match expression {
            Expr::Var(name) => {
                if self.macros > 0 && ["varargs", "kwargs"].contains(&name.id) {
                    return Err(unsupported(&format!("'{}' of a macro", name.id)));
                }
                filter("__name", variable(name.id, span), vec![constant(name.id, span)])
            }
            Expr::Const(value) => match value.value.as_str() {
                Some(text) if text.contains("\\U") || text.contains("\\\n") => {
                    if self.is_ambiguous {
                        return Err(unsupported("\\\\U in a template"));
                    }
                    constant(unescaped(text), span)
                }
                _ => constant(value.value.clone(), span),
            },
            Expr::Slice(slice) => {
                let owner = self.expression(&slice.expr)?;
                let mut bounds = Vec::new();
                for bound in [&slice.start, &slice.stop, &slice.step] {
                    bounds.push(match bound {
                        Some(bound) => self.expression(bound)?,
                        None => constant((), span),
                    });
                }
                filter("__slice", owner, bounds)
            }
            Expr::UnaryOp(operation) => {
                let expr = self.expression(&operation.expr)?;
                match operation.op {
                    UnaryOpKind::Not => Expr::UnaryOp(Spanned::new(UnaryOp { op: UnaryOpKind::Not, expr }, span)),
                    UnaryOpKind::Neg => filter("__neg", expr, Vec::new()),
                }
            }
            Expr::BinOp(operation) => {
                let (left, right) = (self.expression(&operation.left)?, self.expression(&operation.right)?);
                let name = match operation.op {
                    op @ (BinOpKind::ScAnd | BinOpKind::ScOr) => {
                        return Ok(Expr::BinOp(Spanned::new(BinOp { op, left, right }, span)));
                    }
                    BinOpKind::Add => "__add",
                    BinOpKind::Sub => "__sub",
                    BinOpKind::Mul => "__mul",
                    BinOpKind::Div => "__div",
                    BinOpKind::FloorDiv => "__floordiv",
                    BinOpKind::Rem => "__mod",
                    BinOpKind::Pow => "__pow",
                    BinOpKind::Concat => "__concat",
                    BinOpKind::Eq => "__eq",
                    BinOpKind::Ne => "__ne",
                    BinOpKind::Lt => "__lt",
                    BinOpKind::Lte => "__le",
                    BinOpKind::Gt => "__gt",
                    BinOpKind::Gte => "__ge",
                    BinOpKind::In => "__in",
                };
                filter(name, left, vec![right])
            }
            Expr::Compare(compare) => self.compare(compare, span)?,
            Expr::IfExpr(condition) => {
                let otherwise = match &condition.false_expr {
                    Some(otherwise) => self.expression(otherwise)?,
                    None => filter("__missing_else", constant(i64::from(span.start_line), span), Vec::new()),
                };
                let rewritten = IfExpr {
                    test_expr: self.expression(&condition.test_expr)?,
                    true_expr: self.expression(&condition.true_expr)?,
                    false_expr: Some(otherwise),
                };
                Expr::IfExpr(Spanned::new(rewritten, span))
            }
            Expr::Filter(application) => {
                let expr = application.expr.as_ref().map(|value| self.expression(value)).transpose()?;
                let args = self.arguments(&application.args)?;
                Expr::Filter(Spanned::new(Filter { name: application.name, expr, args }, span))
            }
            Expr::Test(application) => {
                let expr = self.expression(&application.expr)?;
                let args = self.arguments(&application.args)?;
                Expr::Test(Spanned::new(Test { name: application.name, expr, args }, span))
            }
            Expr::GetAttr(attribute) => {
                filter("__attribute", self.expression(&attribute.expr)?, vec![constant(attribute.name, span)])
            }
            Expr::GetItem(item) => {
                filter("__item", self.expression(&item.expr)?, vec![self.expression(&item.subscript_expr)?])
            }
            Expr::Call(call) => Expr::Call(Spanned::new(self.call(call)?, span)),
            Expr::List(items) => filter("__list", list(self.all(&items.items)?, span), Vec::new()),
            Expr::Tuple(items) => filter("__tuple", list(self.all(&items.items)?, span), Vec::new()),
            Expr::Map(map) => {
                let mut items = Vec::new();
                for (key, value) in map.keys.iter().zip(&map.values) {
                    items.push(self.expression(key)?);
                    items.push(self.expression(value)?);
                }
                filter("__dict", list(items, span), Vec::new())
            }
        })
    }

    /// `a < b < c` as `a < b and b < c`, unless `b` should be evaluated only once.
    fn compare<'a>(&mut self, compare: &Compare<'a>, span: Span) -> Result<Expr<'a>> {
        let last = compare.ops.len().saturating_sub(1);
        if !compare.ops[..last].iter().all(|operand| is_plain(&operand.expr)) {
            let mut ops = Vec::new();
            for CompareOp { op, expr } in &compare.ops {
                ops.push(CompareOp { op: *op, expr: self.expression(expr)? });
            }
            return Ok(Expr::Compare(Spanned::new(Compare { expr: self.expression(&compare.expr)?, ops }, span)));
        }
        let mut left = &compare.expr;
        let mut joined: Option<Expr<'a>> = None;
        for CompareOp { op, expr: right } in &compare.ops {
            let next = filter(comparison(*op), self.expression(left)?, vec![self.expression(right)?]);
            joined = Some(match joined {
                Some(joined) => {
                    Expr::BinOp(Spanned::new(BinOp { op: BinOpKind::ScAnd, left: joined, right: next }, span))
                }
                None => next,
            });
            left = right;
        }
        joined.map_or_else(|| self.expression(&compare.expr), Ok)
    }
}

/// Replaces the escapes that the engine does not know.
fn unescaped(text: &str) -> String {
    let mut unescaped = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('\\') {
        let (before, escape) = rest.split_at(start);
        unescaped.push_str(before);
        let code = escape.strip_prefix("\\U").and_then(|digits| digits.get(..8));
        let character = code.and_then(|digits| char::from_u32(u32::from_str_radix(digits, 16).ok()?));
        rest = match character {
            Some(character) => {
                unescaped.push(character);
                &escape[10..]
            }
            None if escape.starts_with("\\\n") => &escape[2..],
            None => {
                unescaped.push('\\');
                &escape[1..]
            }
        };
    }
    unescaped + rest
}

/// The target of an assignment, not rewritten.
fn target<'a>(expression: &Expr<'a>) -> Result<Expr<'a>> {
    let span = expression.span();
    let all = |items: &[Expr<'a>]| items.iter().map(target).collect::<Result<Vec<_>>>();
    Ok(match expression {
        Expr::Var(name) => variable(name.id, span),
        Expr::List(items) => list(all(&items.items)?, span),
        Expr::Tuple(items) => list(all(&items.items)?, span),
        Expr::GetAttr(attribute) => {
            check_attribute(attribute.name)?;
            let expr = target(&attribute.expr)?;
            Expr::GetAttr(Spanned::new(GetAttr { expr, name: attribute.name }, span))
        }
        _ => return Err(Error::new(ErrorKind::SyntaxError, "cannot assign to an expression")),
    })
}
