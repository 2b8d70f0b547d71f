use std::cmp::Ordering;

use super::context::Context;
use super::value::{Result, Value};

/// An arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
}

pub(super) fn compare(cx: &Context, comparison: Comparison, left: &Value, right: &Value) -> Result<bool> {
    let order = |operator, expected: &[Ordering]| {
        let order = left.order(cx, right, operator)?;
        Ok(order.is_some_and(|order| expected.contains(&order)))
    };
    match comparison {
        Comparison::Equal => left.equals(cx, right),
        Comparison::NotEqual => Ok(!left.equals(cx, right)?),
        Comparison::Less => order("<", &[Ordering::Less]),
        Comparison::LessEqual => order("<=", &[Ordering::Less, Ordering::Equal]),
        Comparison::Greater => order(">", &[Ordering::Greater]),
        Comparison::GreaterEqual => order(">=", &[Ordering::Greater, Ordering::Equal]),
        Comparison::In => right.contains(cx, left),
        Comparison::NotIn => Ok(!right.contains(cx, left)?),
    }
}
