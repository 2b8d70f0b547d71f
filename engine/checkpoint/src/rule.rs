/// A declarative difference between a module's field paths and a checkpoint's tensor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Path segments that the checkpoint spells differently, wherever in a path they stand. Of several that match, the
    /// first is taken.
    Rename {
        /// The module's segments.
        field: &'static str,
        /// The checkpoint's.
        stored: &'static str,
    },
    /// A part of the module whose tensors the checkpoint may or may not hold under a prefix.
    Part {
        /// The module's first segment.
        field: &'static str,
        /// The checkpoint's.
        stored: &'static str,
        /// Whether we write the prefix.
        is_written: bool,
    },
    /// A part of the module whose names the checkpoint spells in its own way, from the start of the path.
    Head {
        /// The module's first segments.
        field: &'static str,
        /// The checkpoint's.
        stored: &'static str,
    },
    /// Fields that may be missing from a checkpoint, by their first segments; they keep their random values.
    Optional(&'static str),
    /// A field that shares the values of another, which checkpoints need not hold and we do not write.
    Tied(&'static str),
    /// Tensors that hold no learned values, by the end of their name.
    Buffer(&'static str),
    /// Tensors that the model has no use for as it is configured, by the end of their name.
    Unread(&'static str),
    /// The same of a part of one member of a list.
    UnreadOf {
        /// The list's segments.
        list: &'static str,
        /// The member's number.
        index: usize,
        /// The first segments of the part.
        part: &'static str,
    },
    /// Layers that share an input, which the checkpoint holds as one tensor: some rows of the first layer, of the
    /// second and so on, and again for the next group.
    Fused {
        /// The module's segments, in the order of their rows.
        fields: &'static [&'static str],
        /// The segment that stands in their place.
        stored: &'static str,
        /// Rows of each field.
        rows: [usize; 3],
        /// How often the fields follow each other.
        groups: usize,
    },
    /// A layer, by its segment, whose matrix the checkpoint holds with inputs as rows.
    Transposed(&'static str),
    /// Parameters of the members of a list, which the checkpoint holds one behind the other as one tensor.
    Stacked {
        /// The list's segments.
        list: &'static str,
        /// The rest of the path, behind a member's number.
        member: &'static str,
        /// What stands in the place of both.
        stored: &'static str,
        /// Members of the list.
        count: usize,
    },
}

/// Which rows of a tensor a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// Rows of the tensor for each group.
    pub(crate) of_group: usize,
    /// The field's first row within a group.
    pub(crate) first: usize,
    /// The field's rows within a group.
    pub(crate) count: usize,
    /// How many groups there are.
    pub(crate) groups: usize,
}

impl Rows {
    pub(crate) fn of_tensor(self) -> usize {
        self.of_group * self.groups
    }

    /// Start and length of each run of rows.
    pub(crate) fn runs(self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.groups).map(move |group| (group * self.of_group + self.first, self.count))
    }
}

/// A field that shares its tensor with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) rows: Rows,
    /// The path with the shared segment in place of the field's own.
    pub(crate) path: String,
    /// Whether it is the last of those that share the tensor.
    pub(crate) is_last: bool,
}

/// A parameter that lies in a stack of those of its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stack {
    /// The path of the whole.
    pub(crate) path: String,
    /// Whether it is the last of its list.
    pub(crate) is_last: bool,
}

/// What the rules say of a stored name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is this field of the module.
    Field(String),
    /// It holds nothing that is to be loaded.
    Nothing,
    /// It holds what another configuration would have loaded.
    Unread,
}

/// The rules of a model, applied in both directions.
#[derive(Clone, Debug, Default)]
pub struct Rules(pub Vec<Rule>);

impl Rules {
    /// The name that a field has in a checkpoint that we write.
    pub fn stored_name(&self, path: &str) -> String {
        let shared = self.share(path).map_or_else(|| path.to_owned(), |share| share.path);
        let whole = self.stack(&shared).map_or(shared, |stack| stack.path);
        self.stored_name_of_whole(&whole)
    }

    fn stored_name_of_whole(&self, path: &str) -> String {
        for rule in &self.0 {
            if let Rule::Head { field, stored } = rule
                && let Some(rest) = strip_segments(path, field)
            {
                return join(stored, rest);
            }
        }
        for rule in &self.0 {
            if let Rule::Part { field, stored, is_written } = rule
                && let Some(rest) = strip_segments(path, field)
            {
                let rest = self.rename(rest, |field, stored| (field, stored));
                return if *is_written { join(stored, &rest) } else { rest };
            }
        }
        self.rename(path, |field, stored| (field, stored))
    }

    /// Whether a field shares the values of another.
    pub fn is_tied(&self, path: &str) -> bool {
        self.0.iter().any(|rule| matches!(rule, Rule::Tied(field) if *field == path))
    }

    /// Where a field lies in a tensor that it shares, if it does.
    pub(crate) fn share(&self, path: &str) -> Option<Share> {
        let (start, own, end) = split_layer(path)?;
        self.0.iter().find_map(|rule| {
            let Rule::Fused { fields, stored, rows, groups } = *rule else { return None };
            let index = fields.iter().position(|field| *field == own)?;
            let first: usize = rows[..index].iter().sum();
            let rows = Rows {
                of_group: rows.iter().sum::<usize>() / groups,
                first: first / groups,
                count: rows[index] / groups,
                groups,
            };
            Some(Share { rows, path: format!("{start}{stored}{end}"), is_last: index + 1 == fields.len() })
        })
    }

    /// The stack that holds a parameter, if one does.
    pub(crate) fn stack(&self, path: &str) -> Option<Stack> {
        self.0.iter().find_map(|rule| {
            let Rule::Stacked { list, member, stored, count } = *rule else { return None };
            let (list_path, index) = strip_last_segments(path, member)?.rsplit_once('.')?;
            let start = strip_last_segments(list_path, list)?;
            let is_last = index.parse::<usize>().ok()? + 1 == count;
            Some(Stack { path: join(start, stored), is_last })
        })
    }

    /// The members of the list that a path's tensor is a stack of, in their order; nothing if it is none.
    pub(crate) fn members(&self, path: &str) -> Option<Vec<String>> {
        self.0.iter().find_map(|rule| {
            let Rule::Stacked { list, member, stored, count } = *rule else { return None };
            let start = strip_last_segments(path, stored)?;
            Some((0..count).map(|index| join(start, &format!("{list}.{index}.{member}"))).collect())
        })
    }

    /// The fields that share the tensor of a path; itself alone if none do.
    pub(crate) fn sharers(&self, path: String) -> Vec<String> {
        let Some((start, own, end)) = split_layer(&path) else { return vec![path] };
        let fields = self.0.iter().find_map(|rule| match rule {
            Rule::Fused { fields, stored, .. } if *stored == own => Some(*fields),
            _ => None,
        });
        match fields {
            Some(fields) => fields.iter().map(|field| format!("{start}{field}{end}")).collect(),
            None => vec![path],
        }
    }

    /// Whether the checkpoint holds a layer's matrix with inputs as rows.
    pub(crate) fn is_transposed(&self, path: &str) -> bool {
        let Some((_, own, ".weight")) = split_layer(path) else { return false };
        self.0.iter().any(|rule| matches!(rule, Rule::Transposed(segment) if *segment == own))
    }

    /// Whether a field may keep its random values.
    pub(crate) fn is_optional(&self, path: &str) -> bool {
        self.0.iter().any(|rule| matches!(rule, Rule::Optional(start) if strip_segments(path, start).is_some()))
    }

    /// The first segment of a field within its part of the module.
    pub(crate) fn root<'a>(&self, path: &'a str) -> &'a str {
        let part = self.0.iter().find_map(|rule| match rule {
            Rule::Part { field, .. } => strip_segments(path, field),
            _ => None,
        });
        let path = part.unwrap_or(path);
        path.split_once('.').map_or(path, |(first, _)| first)
    }

    pub(crate) fn place(&self, stored: &str) -> Place {
        let stored = &modern(stored);
        if self.0.iter().any(|rule| matches!(rule, Rule::Buffer(end) if stored.ends_with(end))) {
            return Place::Nothing;
        }
        if self.is_unread(stored) {
            return Place::Unread;
        }
        let field = self.field(stored);
        if self.is_tied(&field) { Place::Nothing } else { Place::Field(field) }
    }

    fn is_unread(&self, stored: &str) -> bool {
        self.0.iter().any(|rule| match rule {
            Rule::Unread(end) => stored.ends_with(end),
            Rule::UnreadOf { list, index, part } => stored.match_indices(list).any(|(at, _)| {
                let member = stored[at + list.len()..].strip_prefix('.').and_then(|rest| rest.split_once('.'));
                member
                    .is_some_and(|(number, rest)| number.parse() == Ok(*index) && strip_segments(rest, part).is_some())
            }),
            _ => false,
        })
    }

    fn field(&self, name: &str) -> String {
        for rule in &self.0 {
            if let Rule::Head { field, stored } = rule
                && let Some(rest) = strip_segments(name, stored)
            {
                return join(field, rest);
            }
        }
        let rename = |name: &str| self.rename(name, |field, stored| (stored, field));
        for rule in &self.0 {
            if let Rule::Part { field, stored, .. } = rule {
                return join(field, &rename(strip_segments(name, stored).unwrap_or(name)));
            }
        }
        rename(name)
    }

    /// Replaces segments from left to right; `direction` orders a rule's field and stored name as from and to.
    fn rename<'a>(&self, name: &'a str, direction: impl Fn(&'a str, &'a str) -> (&'a str, &'a str)) -> String {
        let mut renamed: Vec<&str> = Vec::new();
        let mut rest = name;
        while !rest.is_empty() {
            let found = self.0.iter().find_map(|rule| {
                let Rule::Rename { field, stored } = *rule else { return None };
                let (from, to) = direction(field, stored);
                Some((to, strip_segments(rest, from)?))
            });
            let (segment, after) = found.unwrap_or_else(|| rest.split_once('.').unwrap_or((rest, "")));
            renamed.push(segment);
            rest = after;
        }
        renamed.join(".")
    }
}

/// Normalizations of checkpoints that were converted from TensorFlow call their parameters gamma and beta.
fn modern(stored: &str) -> String {
    let modern = |end, name| stored.strip_suffix(end).map(|start| format!("{start}{name}"));
    modern(".gamma", ".weight").or_else(|| modern(".beta", ".bias")).unwrap_or_else(|| stored.to_owned())
}

/// A parameter's path before its layer's segment, that segment, and the rest: a dot and the parameter's own name.
fn split_layer(path: &str) -> Option<(&str, &str, &str)> {
    let (layer, _) = path.rsplit_once('.')?;
    let start = layer.rfind('.').map_or(0, |dot| dot + 1);
    Some((&path[..start], &layer[start..], &path[layer.len()..]))
}

/// What follows the first segments of a path.
fn strip_segments<'a>(path: &'a str, first: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(first)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

/// What comes before the last segments of a path.
fn strip_last_segments<'a>(path: &'a str, last: &str) -> Option<&'a str> {
    let start = path.strip_suffix(last)?;
    if start.is_empty() { Some(start) } else { start.strip_suffix('.') }
}

fn join(first: &str, rest: &str) -> String {
    if first.is_empty() {
        return rest.to_owned();
    }
    if rest.is_empty() { first.to_owned() } else { format!("{first}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(is_written: bool) -> Rules {
        Rules(vec![
            Rule::Head { field: "head.transform", stored: "cls.transform" },
            Rule::Head { field: "head.output", stored: "cls.decoder" },
            Rule::Part { field: "base", stored: "bert", is_written },
            Rule::Rename { field: "attention.self_.query", stored: "attention.q_lin" },
            Rule::Rename { field: "output.layer_norm", stored: "output_norm" },
            Rule::Rename { field: "layer_norm", stored: "LayerNorm" },
            Rule::Tied("head.output.weight"),
            Rule::Optional("head"),
            Rule::Buffer("position_ids"),
        ])
    }

    fn field(name: &str) -> Place {
        Place::Field(name.to_owned())
    }

    #[test]
    fn place_is_the_inverse_of_stored_name() {
        for is_written in [false, true] {
            for path in [
                "base.encoder.layer.0.attention.self_.query.weight",
                "base.encoder.layer.0.output.layer_norm.bias",
                "base.embeddings.layer_norm.bias",
                "head.transform.dense.weight",
                "head.output.bias",
            ] {
                let rules = rules(is_written);
                assert_eq!(rules.place(&rules.stored_name(path)), field(path));
            }
        }
        assert_eq!(rules(true).stored_name("base.embeddings.layer_norm.bias"), "bert.embeddings.LayerNorm.bias");
        assert_eq!(rules(false).stored_name("base.a.output.layer_norm.bias"), "a.output_norm.bias");
    }

    #[test]
    fn a_prefix_may_be_present_or_absent() {
        for name in ["bert.embeddings.LayerNorm.bias", "embeddings.LayerNorm.bias", "embeddings.LayerNorm.beta"] {
            assert_eq!(rules(true).place(name), field("base.embeddings.layer_norm.bias"));
        }
    }

    #[test]
    fn buffers_and_tied_fields_are_not_loaded() {
        assert_eq!(rules(true).place("bert.embeddings.position_ids"), Place::Nothing);
        assert_eq!(rules(true).place("cls.decoder.weight"), Place::Nothing);
        assert!(rules(true).is_optional("head.output.bias") && !rules(true).is_optional("header.bias"));
    }

    #[test]
    fn layers_that_share_a_tensor_have_rows_of_it() {
        let fused = Rule::Fused { fields: &["q", "k", "v"], stored: "qkv", rows: [12, 4, 4], groups: 2 };
        let rules = Rules(vec![fused, Rule::Rename { field: "attn.qkv", stored: "att.qkv" }, Rule::Transposed("qkv")]);
        let share = rules.share("h.0.attn.k.weight").unwrap();
        assert_eq!(share.rows.runs().collect::<Vec<_>>(), [(6, 2), (16, 2)]);
        assert_eq!((share.rows.of_tensor(), share.path.as_str()), (20, "h.0.attn.qkv.weight"));
        assert_eq!(rules.stored_name("h.0.attn.v.bias"), "h.0.att.qkv.bias");
        assert_eq!(rules.place("h.0.att.qkv.bias"), field("h.0.attn.qkv.bias"));
        assert_eq!(rules.sharers("a.qkv.bias".to_owned()), ["a.q.bias", "a.k.bias", "a.v.bias"]);
        assert_eq!(rules.sharers("a.other.bias".to_owned()), ["a.other.bias"]);
        assert!(rules.is_transposed("a.qkv.weight") && !rules.is_transposed("a.qkv.bias"));
    }

    #[test]
    fn members_of_a_list_are_parts_of_a_stack() {
        let stacked = Rule::Stacked { list: "experts", member: "up.weight", stored: "experts.ups", count: 2 };
        let unread = Rule::UnreadOf { list: "h", index: 1, part: "moe.gate" };
        let rules = Rules(vec![stacked, unread, Rule::Unread("q.bias"), Rule::Rename { field: "mlp", stored: "moe" }]);
        assert_eq!(
            rules.members("h.0.mlp.experts.ups").unwrap(),
            ["h.0.mlp.experts.0.up.weight", "h.0.mlp.experts.1.up.weight"]
        );
        assert_eq!(rules.members("h.0.mlp.experts.0.up.weight"), None);
        assert_eq!(rules.stored_name("h.0.mlp.experts.1.up.weight"), "h.0.moe.experts.ups");
        assert!(rules.stack("h.0.mlp.experts.1.up.weight").unwrap().is_last);
        assert_eq!(rules.stack("h.0.mlp.experts.1.up.bias"), None);
        assert_eq!(rules.place("h.0.q.bias"), Place::Unread);
        assert_eq!(rules.place("a.h.1.moe.gate.weight"), Place::Unread);
        assert_eq!(rules.place("h.11.moe.gate.weight"), field("h.11.mlp.gate.weight"));
        assert_eq!(rules.place("h.1.moe.gates.weight"), field("h.1.mlp.gates.weight"));
    }

    #[test]
    fn only_whole_segments_are_renamed() {
        assert_eq!(rules(true).stored_name("base.my_layer_norm.layer_norm2"), "bert.my_layer_norm.layer_norm2");
    }
}
