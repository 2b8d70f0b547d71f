//! Identity, equality, order and membership of values.

use std::cmp::Ordering;
use std::sync::Arc;

use num_traits::ToPrimitive;

use super::context::Context;
use super::exception::Exception;
use super::number;
use super::value::{DEEPEST_VALUE, Key, Result, Value, View};

impl Value {
    /// Python's `is`, except where it depends on which objects the interpreter shares.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Undefined(left), Self::Undefined(right)) => Arc::ptr_eq(left, right),
            (Self::Big(left), Self::Big(right)) => Arc::ptr_eq(left, right),
            (Self::Str(left), Self::Str(right)) | (Self::Markup(left), Self::Markup(right)) => Arc::ptr_eq(left, right),
            (Self::List(left), Self::List(right))
            | (Self::Tuple(left), Self::Tuple(right))
            | (Self::Group(left), Self::Group(right)) => Arc::ptr_eq(left, right),
            (Self::Dict(left), Self::Dict(right)) => Arc::ptr_eq(left, right),
            (Self::Range(left), Self::Range(right)) => Arc::ptr_eq(left, right),
            (Self::Iterator(left), Self::Iterator(right)) => Arc::ptr_eq(left, right),
            (Self::Function(left), Self::Function(right)) => left == right,
            (Self::Cycler(left), Self::Cycler(right)) => Arc::ptr_eq(left, right),
            (Self::Joiner(left), Self::Joiner(right)) => Arc::ptr_eq(left, right),
            (Self::Foreign(left), Self::Foreign(right)) => left == right,
            _ => false,
        }
    }

    /// Equality of two values that contain no other values; `None` if one is a container.
    pub(super) fn equals_scalar(&self, other: &Self) -> Option<bool> {
        if let (Some(left), Some(right)) = (self.as_str(), other.as_str()) {
            return Some(left == right);
        }
        if let Some(order) = number::compare(self, other) {
            return Some(order == Some(Ordering::Equal));
        }
        Some(match (self, other) {
            (Self::Undefined(_), Self::Undefined(_)) => true,
            (Self::Range(left), Self::Range(right)) => {
                let count = left.len();
                count == right.len()
                    && (count == 0 || left.start == right.start && (count == 1 || left.step == right.step))
            }
            (Self::List(_), Self::List(_))
            | (Self::Tuple(_) | Self::Group(_), Self::Tuple(_) | Self::Group(_))
            | (Self::Dict(_), Self::Dict(_))
            | (Self::View(..), Self::View(..)) => return None,
            (Self::Method(left), Self::Method(right)) => left.name == right.name && left.owner.is_same(&right.owner),
            _ => self.is_same(other),
        })
    }

    /// Python's `==`.
    pub fn equals(&self, cx: &Context, other: &Self) -> Result<bool> {
        self.equals_at(cx, other, 0)
    }

    fn equals_at(&self, cx: &Context, other: &Self, depth: usize) -> Result<bool> {
        cx.charge(1)?;
        if let (Self::Foreign(_), Self::Foreign(_)) = (self, other) {
            return Err(Exception::unsupported("comparing namespaces, macros or loops"));
        }
        if let Some(found) = self.equals_scalar(other) {
            if let Some(text) = self.as_str().filter(|_| found) {
                cx.charge_text(text.len())?;
            }
            return Ok(found);
        }
        if depth > DEEPEST_VALUE {
            return Err(Exception::recursion());
        }
        let item = |left: &Self, right: &Self| -> Result<bool> {
            Ok(left.is_same(right) || left.equals_at(cx, right, depth + 1)?)
        };
        match (self, other) {
            (Self::Dict(left), Self::Dict(right)) => {
                if left.0.len() != right.0.len() {
                    return Ok(false);
                }
                for (key, value) in &left.0 {
                    match right.0.get(key) {
                        Some(other) if item(value, other)? => {}
                        _ => return Ok(false),
                    }
                }
                Ok(true)
            }
            (Self::View(left, first), Self::View(right, second)) if left != &View::Values && right != &View::Values => {
                if first.0.len() != second.0.len() {
                    return Ok(false);
                }
                for value in first.view(*left) {
                    if !other.contains(cx, &value)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => {
                let (Some(left), Some(right)) = (self.as_items(), other.as_items()) else { return Ok(false) };
                if left.len() != right.len() {
                    return Ok(false);
                }
                for (left, right) in left.iter().zip(right.iter()) {
                    if !item(left, right)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    /// Python's ordering of two values; `None` if they are unordered, as with NaN.
    ///
    /// **Errors:** `TypeError` naming `operator` if their types cannot be compared.
    pub fn order(&self, cx: &Context, other: &Self, operator: &str) -> Result<Option<Ordering>> {
        self.order_at(cx, other, operator, 0)
    }

    fn order_at(&self, cx: &Context, other: &Self, operator: &str, depth: usize) -> Result<Option<Ordering>> {
        cx.charge(1)?;
        if depth > DEEPEST_VALUE {
            return Err(Exception::recursion());
        }
        for value in [self, other] {
            if let Self::Undefined(undefined) = value {
                return Err(undefined.exception());
            }
        }
        if let (Some(left), Some(right)) = (self.as_str(), other.as_str()) {
            cx.charge_text(left.len().min(right.len()))?;
            return Ok(Some(left.cmp(right)));
        }
        if let Some(order) = number::compare(self, other) {
            return Ok(order);
        }
        let items = match (self, other) {
            (Self::List(left), Self::List(right)) => Some((left, right)),
            (Self::Tuple(left) | Self::Group(left), Self::Tuple(right) | Self::Group(right)) => Some((left, right)),
            _ => None,
        };
        let Some((left, right)) = items else {
            return Err(Exception::type_error(format!(
                "'{operator}' not supported between instances of '{}' and '{}'",
                self.type_name(),
                other.type_name()
            )));
        };
        for (left, right) in left.iter().zip(right.iter()) {
            if !(left.is_same(right) || left.equals_at(cx, right, depth + 1)?) {
                return left.order_at(cx, right, operator, depth + 1);
            }
        }
        Ok(Some(left.len().cmp(&right.len())))
    }

    /// Python's `item in self`.
    pub fn contains(&self, cx: &Context, item: &Self) -> Result<bool> {
        match self {
            Self::Str(text) | Self::Markup(text) => {
                cx.charge_text(text.len())?;
                let item = item.as_str().ok_or_else(|| {
                    let name = item.type_name();
                    Exception::type_error(format!("'in <string>' requires string as left operand, not {name}"))
                })?;
                Ok(text.contains(item))
            }
            Self::Dict(dict) | Self::View(View::Keys, dict) => Ok(dict.0.contains_key(&Key::new(cx, item.clone())?)),
            Self::Range(range) if matches!(item, Self::Int(_) | Self::Bool(_) | Self::Big(_)) => {
                let Some(index) = item.integral().and_then(|value| value.to_i64()) else { return Ok(false) };
                let offset = i128::from(index) - i128::from(range.start);
                let step = i128::from(range.step);
                Ok(offset % step == 0 && usize::try_from(offset / step).is_ok_and(|index| index < range.len()))
            }
            _ => {
                if !self.is_iterable() {
                    let message = format!("argument of type '{}' is not iterable", self.type_name());
                    return Err(Exception::type_error(message));
                }
                for found in self.iterate(cx)? {
                    if found.is_same(item) || found.equals(cx, item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}
