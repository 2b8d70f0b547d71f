use std::collections::{BTreeMap, BTreeSet};

/// A declarative mapping between a module's field paths and a checkpoint's tensor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Renames path segments anywhere in a path; the first matching rule wins.
    Rename {
        /// Segments in the module.
        field: &'static str,
        /// Segments in the checkpoint.
        stored: &'static str,
    },
    /// Renames path segments in one part of the base model, where the part's names differ from those of other parts.
    RenameIn {
        /// First segment of the part, in the module and in the checkpoint.
        part: &'static str,
        /// Segments in the module.
        field: &'static str,
        /// Segments in the checkpoint.
        stored: &'static str,
    },
    /// The base model, whose tensors may or may not have a prefix in the checkpoint.
    Part {
        /// First segment in the module.
        field: &'static str,
        /// Prefix in the checkpoint.
        stored: &'static str,
        /// Whether saving writes the prefix.
        is_written: bool,
    },
    /// The base model is one part of what checkpoints hold, whose other part it does without.
    Within {
        /// First segment of the part.
        part: &'static str,
        /// First segment of the other part.
        other: &'static str,
    },
    /// A head or another part with its own path in the checkpoint; matches from the start of the path.
    Head {
        /// First segments in the module.
        field: &'static str,
        /// First segments in the checkpoint.
        stored: &'static str,
    },
    /// Fields that may be missing from a checkpoint, by their first segments; they keep their random values.
    Optional(&'static str),
    /// A field that may be missing from a checkpoint without notice; it keeps its initial values.
    Neutral(&'static str),
    /// A field tied to another; checkpoints need not hold it, and saving does not write it.
    Tied(&'static str),
    /// Buffers without learned values, by the end of their name.
    Buffer(&'static str),
    /// Tensors that the model does not use in its configuration, by the end of their name.
    Unread(&'static str),
    /// Unused tensors of one member of a list.
    UnreadOf {
        /// Segments of the list.
        list: &'static str,
        /// Index of the member.
        index: usize,
        /// First segments of the unused part within the member.
        part: &'static str,
    },
    /// Layers fused into one tensor in the checkpoint, such as `qkv`: some rows of each layer in turn, repeated for
    /// each group.
    Fused {
        /// Segments of the layers in the module, in the order of their rows.
        fields: &'static [&'static str],
        /// Segment of the fused layer in the checkpoint.
        stored: &'static str,
        /// Total rows of each layer.
        rows: [usize; 3],
        /// Number of groups; above 1 the layers' rows are interleaved.
        groups: usize,
    },
    /// Vectors that are stored as matrices of one row, by the end of their name in the checkpoint.
    OneRow(&'static str),
    /// A layer, by its segment, whose weight is stored transposed: `[in_features, out_features]`.
    Transposed(&'static str),
    /// Parameters of the members of a list, such as experts, which are stacked into one tensor in the checkpoint.
    Stacked {
        /// Segments of the list.
        list: &'static str,
        /// Rest of the path, after a member's index.
        member: &'static str,
        /// Segments of the stacked tensor in the checkpoint, in place of list, index and member.
        stored: &'static str,
        /// Number of members.
        count: usize,
    },
}

/// Rows of a fused tensor that belong to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// Rows of the tensor per group.
    pub(crate) of_group: usize,
    /// First row of the field within a group.
    pub(crate) first: usize,
    /// Rows of the field per group.
    pub(crate) count: usize,
    /// Number of groups.
    pub(crate) groups: usize,
}

impl Rows {
    pub(crate) fn of_tensor(self) -> usize {
        self.of_group * self.groups
    }

    /// Start and length of each run of contiguous rows.
    pub(crate) fn runs(self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.groups).map(move |group| (group * self.of_group + self.first, self.count))
    }
}

/// A field's share of a fused tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) rows: Rows,
    /// Path of the fused tensor.
    pub(crate) path: String,
    /// Whether the field is the last one in the tensor.
    pub(crate) is_last: bool,
}

/// A parameter's position in a stacked tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stack {
    /// Path of the stacked tensor.
    pub(crate) path: String,
    /// Number of parameters in the tensor.
    pub(crate) count: usize,
    /// Whether the parameter belongs to the last member of the list.
    pub(crate) is_last: bool,
}

/// Target of a stored tensor name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The tensor belongs to this field of the module.
    Field(String),
    /// The tensor is a buffer or a tied weight, which is not loaded.
    Ignored,
    /// The tensor is not used in this configuration.
    Unused,
}

/// Names of a state dict beside those of a model's parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateNames {
    /// Names of parameters by the names of their tensors.
    pub parameters: BTreeMap<String, String>,
    /// Names of parameters without a tensor.
    pub missing: Vec<String>,
    /// Names of tensors that are no parameters.
    pub unexpected: Vec<String>,
}

/// Name rules of a model, applied in both directions.
#[derive(Clone, Debug, Default)]
pub struct Rules(pub Vec<Rule>);

impl Rules {
    /// Name of a field's tensor in a saved checkpoint.
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
                let whole = self.within().map_or_else(|| rest.to_owned(), |(part, _)| join(part, rest));
                let rest = self.rename(&whole, |field, stored| (field, stored));
                return if *is_written { join(stored, &rest) } else { rest };
            }
        }
        self.rename(path, |field, stored| (field, stored))
    }

    /// Prefix of a field's tensors in checkpoints that have one; `None` for a field without.
    pub fn prefix(&self, field: &str) -> Option<&'static str> {
        self.0.iter().find_map(|rule| match rule {
            Rule::Part { field: own, stored, .. } if *own == field => Some(*stored),
            _ => None,
        })
    }

    /// Assigns the names of a state dict to parameters, whose names are those that saving writes.
    pub fn match_state<'a>(&self, parameters: &[String], state: impl IntoIterator<Item = &'a str>) -> StateNames {
        let known: BTreeSet<&String> = parameters.iter().collect();
        let mut found = BTreeSet::new();
        let mut names = StateNames::default();
        for given in state {
            let path = match self.target(given) {
                Target::Ignored => continue,
                Target::Unused => None,
                Target::Field(path) => Some(path),
            };
            match path.map(|path| (self.stored_name(&path), self.is_optional(&path))) {
                Some((name, _)) if known.contains(&name) && !found.contains(&name) => {
                    found.insert(name.clone());
                    names.parameters.insert(given.to_owned(), name);
                }
                // A head's bias may be stored under two names.
                Some((name, true)) if found.contains(&name) => {}
                _ => names.unexpected.push(given.to_owned()),
            }
        }
        names.missing = parameters.iter().filter(|name| !found.contains(*name)).cloned().collect();
        names
    }

    /// Whether a field is tied to another.
    pub fn is_tied(&self, path: &str) -> bool {
        self.0.iter().any(|rule| matches!(rule, Rule::Tied(field) if *field == path))
    }

    /// A field's share of a fused tensor; `None` if it is not fused.
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

    /// The stacked tensor that holds a parameter; `None` if it is not stacked.
    pub(crate) fn stack(&self, path: &str) -> Option<Stack> {
        self.0.iter().find_map(|rule| {
            let Rule::Stacked { list, member, stored, count } = *rule else { return None };
            let (list_path, index) = strip_last_segments(path, member)?.rsplit_once('.')?;
            let start = strip_last_segments(list_path, list)?;
            let is_last = index.parse::<usize>().ok()? + 1 == count;
            Some(Stack { path: join(start, stored), count, is_last })
        })
    }

    /// Paths of the parameters in a stacked tensor, in order; `None` if the path is not a stacked tensor.
    pub(crate) fn members(&self, path: &str) -> Option<Vec<String>> {
        self.0.iter().find_map(|rule| {
            let Rule::Stacked { list, member, stored, count } = *rule else { return None };
            let start = strip_last_segments(path, stored)?;
            Some((0..count).map(|index| join(start, &format!("{list}.{index}.{member}"))).collect())
        })
    }

    /// Fields that share a fused tensor; the path itself if it is not fused.
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

    /// Whether the checkpoint stores a layer's weight transposed.
    pub(crate) fn is_transposed(&self, path: &str) -> bool {
        let Some((_, own, ".weight")) = split_layer(path) else { return false };
        self.0.iter().any(|rule| matches!(rule, Rule::Transposed(segment) if *segment == own))
    }

    /// Whether the checkpoint stores a vector as a matrix of one row, by its name there.
    pub(crate) fn is_one_row(&self, stored: &str) -> bool {
        self.0.iter().any(|rule| matches!(rule, Rule::OneRow(end) if stored.ends_with(end)))
    }

    /// Whether a field may be missing from the checkpoint.
    pub(crate) fn is_optional(&self, path: &str) -> bool {
        self.0.iter().any(|rule| matches!(rule, Rule::Optional(start) if strip_segments(path, start).is_some()))
    }

    /// Whether a field may be missing from the checkpoint without notice.
    pub(crate) fn is_neutral(&self, path: &str) -> bool {
        self.0.iter().any(|rule| matches!(rule, Rule::Neutral(field) if *field == path))
    }

    /// First segment of a field's path, without the base model's segment.
    pub(crate) fn root<'a>(&self, path: &'a str) -> &'a str {
        let path = self.inner(path);
        path.split_once('.').map_or(path, |(first, _)| first)
    }

    /// A field's path without the base model's segment.
    fn inner<'a>(&self, path: &'a str) -> &'a str {
        let part = self.0.iter().find_map(|rule| match rule {
            Rule::Part { field, .. } => strip_segments(path, field),
            _ => None,
        });
        part.unwrap_or(path)
    }

    pub(crate) fn target(&self, stored: &str) -> Target {
        let stored = &modern(stored);
        if self.0.iter().any(|rule| matches!(rule, Rule::Buffer(end) if stored.ends_with(end))) {
            return Target::Ignored;
        }
        if self.is_unread(stored) {
            return Target::Unused;
        }
        let field = self.field(stored);
        let is_of_other = self.within().is_some_and(|(_, other)| strip_segments(self.inner(&field), other).is_some());
        if is_of_other || self.is_tied(&field) { Target::Ignored } else { Target::Field(field) }
    }

    /// The part of a checkpoint that is the base model, and the other part.
    fn within(&self) -> Option<(&'static str, &'static str)> {
        self.0.iter().find_map(|rule| match rule {
            Rule::Within { part, other } => Some((*part, *other)),
            _ => None,
        })
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
                let renamed = rename(strip_segments(name, stored).unwrap_or(name));
                let own = self.within().and_then(|(part, _)| strip_segments(&renamed, part));
                return join(field, own.unwrap_or(&renamed));
            }
        }
        rename(name)
    }

    /// Renames segments from left to right; `direction` orders a rule's field and stored name as from and to.
    fn rename<'a>(&self, name: &'a str, direction: impl Fn(&'a str, &'a str) -> (&'a str, &'a str)) -> String {
        let mut renamed: Vec<&str> = Vec::new();
        let mut rest = name;
        while !rest.is_empty() {
            let found = self.0.iter().find_map(|rule| {
                let (field, stored) = match *rule {
                    Rule::Rename { field, stored } => (field, stored),
                    Rule::RenameIn { part, field, stored } if strip_segments(name, part).is_some() => (field, stored),
                    _ => return None,
                };
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

/// Renames `gamma` and `beta` of norms in checkpoints converted from TensorFlow to `weight` and `bias`.
fn modern(stored: &str) -> String {
    let modern = |end, name| stored.strip_suffix(end).map(|start| format!("{start}{name}"));
    modern(".gamma", ".weight").or_else(|| modern(".beta", ".bias")).unwrap_or_else(|| stored.to_owned())
}

/// Splits a parameter's path into the prefix, its layer's segment, and the parameter's name with its dot.
fn split_layer(path: &str) -> Option<(&str, &str, &str)> {
    let (layer, _) = path.rsplit_once('.')?;
    let start = layer.rfind('.').map_or(0, |dot| dot + 1);
    Some((&path[..start], &layer[start..], &path[layer.len()..]))
}

/// Strips leading segments of a path; `None` if they do not match.
fn strip_segments<'a>(path: &'a str, first: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(first)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

/// Strips trailing segments of a path; `None` if they do not match.
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

    fn field(name: &str) -> Target {
        Target::Field(name.to_owned())
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
                assert_eq!(rules.target(&rules.stored_name(path)), field(path));
            }
        }
        assert_eq!(rules(true).stored_name("base.embeddings.layer_norm.bias"), "bert.embeddings.LayerNorm.bias");
        assert_eq!(rules(false).stored_name("base.a.output.layer_norm.bias"), "a.output_norm.bias");
    }

    #[test]
    fn the_base_model_prefix_is_optional() {
        for name in ["bert.embeddings.LayerNorm.bias", "embeddings.LayerNorm.bias", "embeddings.LayerNorm.beta"] {
            assert_eq!(rules(true).target(name), field("base.embeddings.layer_norm.bias"));
        }
    }

    #[test]
    fn names_of_a_state_dict_are_assigned_to_parameters_once() {
        let parameters =
            ["bert.embeddings.LayerNorm.bias", "cls.decoder.bias", "cls.transform.bias"].map(str::to_owned);
        let state = ["embeddings.LayerNorm.beta", "cls.decoder.bias", "cls.decoder.weight", "bert.x.position_ids"];
        let names = rules(true).match_state(&parameters, state.into_iter().chain(["bert.other.weight"]));
        let pairs = [(state[0], &parameters[0]), (state[1], &parameters[1])];
        assert_eq!(names.parameters, pairs.map(|(given, name)| (given.to_owned(), name.clone())).into());
        assert_eq!(names.missing, ["cls.transform.bias"]);
        assert_eq!(names.unexpected, ["bert.other.weight"]);
        let twice = ["bert.embeddings.LayerNorm.bias", "embeddings.LayerNorm.bias"];
        assert_eq!(rules(true).match_state(&parameters, twice).unexpected, [twice[1]]);
    }

    #[test]
    fn buffers_and_tied_fields_are_not_loaded() {
        assert_eq!(rules(true).target("bert.embeddings.position_ids"), Target::Ignored);
        assert_eq!(rules(true).target("cls.decoder.weight"), Target::Ignored);
        assert!(rules(true).is_optional("head.output.bias") && !rules(true).is_optional("header.bias"));
    }

    #[test]
    fn fused_layers_share_the_rows_of_a_tensor() {
        let fused = Rule::Fused { fields: &["q", "k", "v"], stored: "qkv", rows: [12, 4, 4], groups: 2 };
        let rules = Rules(vec![fused, Rule::Rename { field: "attn.qkv", stored: "att.qkv" }, Rule::Transposed("qkv")]);
        let share = rules.share("h.0.attn.k.weight").unwrap();
        assert_eq!(share.rows.runs().collect::<Vec<_>>(), [(6, 2), (16, 2)]);
        assert_eq!((share.rows.of_tensor(), share.path.as_str()), (20, "h.0.attn.qkv.weight"));
        assert_eq!(rules.stored_name("h.0.attn.v.bias"), "h.0.att.qkv.bias");
        assert_eq!(rules.target("h.0.att.qkv.bias"), field("h.0.attn.qkv.bias"));
        assert_eq!(rules.sharers("a.qkv.bias".to_owned()), ["a.q.bias", "a.k.bias", "a.v.bias"]);
        assert_eq!(rules.sharers("a.other.bias".to_owned()), ["a.other.bias"]);
        assert!(rules.is_transposed("a.qkv.weight") && !rules.is_transposed("a.qkv.bias"));
    }

    #[test]
    fn list_members_are_parts_of_a_stacked_tensor() {
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
        assert_eq!(rules.target("h.0.q.bias"), Target::Unused);
        assert_eq!(rules.target("a.h.1.moe.gate.weight"), Target::Unused);
        assert_eq!(rules.target("h.11.moe.gate.weight"), field("h.11.mlp.gate.weight"));
        assert_eq!(rules.target("h.1.moe.gates.weight"), field("h.1.mlp.gates.weight"));
    }

    #[test]
    fn a_base_model_may_be_one_part_of_a_checkpoint() {
        let within = Rules(vec![
            Rule::Part { field: "base", stored: "model", is_written: true },
            Rule::Within { part: "encoder", other: "decoder" },
            Rule::Rename { field: "encoder.embed_tokens", stored: "shared" },
            Rule::RenameIn { part: "encoder", field: "mlp", stored: "layer.1" },
            Rule::RenameIn { part: "decoder", field: "mlp", stored: "layer.2" },
        ]);
        for (path, stored) in
            [("base.embed_tokens.weight", "model.shared.weight"), ("base.h.0.mlp.w", "model.encoder.h.0.layer.1.w")]
        {
            assert_eq!(within.stored_name(path), stored);
            assert_eq!(within.target(stored), field(path));
            assert_eq!(within.target(&stored["model.".len()..]), field(path));
        }
        assert_eq!(within.target("decoder.h.0.layer.2.w"), Target::Ignored);
        assert_eq!(within.target("lm_head.weight"), field("base.lm_head.weight"));
    }

    #[test]
    fn only_whole_segments_are_renamed() {
        assert_eq!(rules(true).stored_name("base.my_layer_norm.layer_norm2"), "bert.my_layer_norm.layer_norm2");
    }
}
