/// Kind of a value of the template engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    Macro,
    Loop,
    Namespace,
}

impl Foreign {
    /// Recognizes a value by its attributes, because its type is private to the engine.
    pub fn of(value: &minijinja::Value) -> Self {
        let has = |name: &str| value.get_attr(name).is_ok_and(|found| !found.is_undefined());
        if has("index0") && has("revindex0") && has("depth0") {
            Self::Loop
        } else if has("arguments") && has("caller") {
            Self::Macro
        } else {
            Self::Namespace
        }
    }

    pub fn type_name(self) -> &'static str {
        match self {
            Self::Macro => "Macro",
            Self::Loop => "LoopContext",
            Self::Namespace => "TemplateNamespace",
        }
    }
}
