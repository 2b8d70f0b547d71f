/// A declarative difference between a module's field paths and a checkpoint's tensor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A path segment that the checkpoint spells differently.
    Rename {
        /// The module's field.
        field: &'static str,
        /// The checkpoint's segment.
        stored: &'static str,
    },
    /// A prefix that checkpoints may have, because they hold the module inside a larger one.
    OptionalPrefix(&'static str),
    /// Tensors that hold no learned values, by the end of their name.
    Buffer(&'static str),
    /// Weights of other modules that share the checkpoint, by the start of their name.
    OtherModule(&'static str),
}

/// What a rule says of a stored name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is this field of the module.
    Field(String),
    /// It holds no learned values.
    Buffer,
    /// It belongs to another module.
    OtherModule,
}

/// The rules of a family, applied in both directions.
#[derive(Clone, Copy, Debug)]
pub struct Rules(pub &'static [Rule]);

impl Rules {
    /// The name that a field has in a checkpoint that we write.
    pub fn stored_name(self, field: &str) -> String {
        self.rename_segments(field, |segment, rule| match rule {
            Rule::Rename { field, stored } if segment == field => Some(stored),
            _ => None,
        })
    }

    pub(crate) fn place(self, stored: &str) -> Place {
        for rule in self.0 {
            match rule {
                Rule::Buffer(end) if stored.ends_with(end) => return Place::Buffer,
                Rule::OtherModule(start) if stored.starts_with(start) => return Place::OtherModule,
                _ => {}
            }
        }
        let prefix = self.0.iter().find_map(|rule| match rule {
            Rule::OptionalPrefix(prefix) => stored.strip_prefix(prefix),
            _ => None,
        });
        Place::Field(self.rename_segments(prefix.unwrap_or(stored), |segment, rule| match rule {
            Rule::Rename { field, stored } if segment == stored => Some(field),
            _ => None,
        }))
    }

    fn rename_segments(self, name: &str, rename: impl Fn(&str, Rule) -> Option<&'static str>) -> String {
        let renamed: Vec<_> = name
            .split('.')
            .map(|segment| self.0.iter().find_map(|rule| rename(segment, *rule)).unwrap_or(segment))
            .collect();
        renamed.join(".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules(&[
        Rule::OptionalPrefix("bert."),
        Rule::Rename { field: "self_", stored: "self" },
        Rule::Rename { field: "layer_norm", stored: "LayerNorm" },
        Rule::Buffer("position_ids"),
        Rule::OtherModule("cls."),
    ]);

    #[test]
    fn place_is_the_inverse_of_stored_name() {
        for field in ["encoder.layer.0.attention.self_.query.weight", "embeddings.layer_norm.bias", "pooler.dense.bias"]
        {
            assert_eq!(RULES.place(&RULES.stored_name(field)), Place::Field(field.to_owned()));
        }
    }

    #[test]
    fn a_prefix_may_be_present_or_absent() {
        let field = Place::Field("embeddings.layer_norm.bias".to_owned());
        assert_eq!(RULES.place("bert.embeddings.LayerNorm.bias"), field);
        assert_eq!(RULES.place("embeddings.LayerNorm.bias"), field);
    }

    #[test]
    fn buffers_and_other_modules_are_no_fields() {
        assert_eq!(RULES.place("bert.embeddings.position_ids"), Place::Buffer);
        assert_eq!(RULES.place("cls.predictions.bias"), Place::OtherModule);
    }

    #[test]
    fn only_whole_segments_are_renamed() {
        assert_eq!(RULES.stored_name("a.myself_.layer_norm2"), "a.myself_.layer_norm2");
    }
}
