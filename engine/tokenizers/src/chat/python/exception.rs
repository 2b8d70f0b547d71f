/// Class of the Python exception that the reference raises in the same case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Assertion,
    Attribute,
    Index,
    Key,
    Overflow,
    Recursion,
    Runtime,
    Security,
    /// An unknown filter or test.
    Syntax,
    /// Raised by `raise_exception`.
    Template,
    Type,
    Undefined,
    /// The template takes more steps or memory than any conversation needs.
    Exhausted,
    /// Valid in Python, but not implemented here.
    Unsupported,
    Value,
    ZeroDivision,
}

#[derive(Clone, Debug)]
pub(super) struct Exception {
    pub kind: Kind,
    pub message: String,
}

impl Exception {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub fn type_error(message: impl Into<String>) -> Self {
        Self::new(Kind::Type, message)
    }

    pub fn value_error(message: impl Into<String>) -> Self {
        Self::new(Kind::Value, message)
    }

    pub fn unsupported(what: &str) -> Self {
        Self::new(Kind::Unsupported, format!("not supported in a chat template: {what}"))
    }

    pub fn exhausted() -> Self {
        Self::new(Kind::Exhausted, "the template takes more steps or memory than any conversation needs")
    }

    pub fn recursion() -> Self {
        Self::new(Kind::Recursion, "maximum recursion depth exceeded")
    }
}

impl From<Exception> for minijinja::Error {
    fn from(exception: Exception) -> Self {
        let kind = match exception.kind {
            Kind::Exhausted => minijinja::ErrorKind::OutOfFuel,
            _ => minijinja::ErrorKind::InvalidOperation,
        };
        Self::new(kind, exception.message)
    }
}
