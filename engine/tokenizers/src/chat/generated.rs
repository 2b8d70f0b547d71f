use trustformers_core::{Error, Result};

use super::{RenderedChat, TemplateValue};

/// Unicode noncharacters, which are reserved for internal use.
const CANDIDATES: std::ops::RangeInclusive<char> = '\u{fdd0}'..='\u{fdef}';

/// Marks around the output of a template's `{% generation %}` blocks.
#[derive(Debug)]
pub(super) struct Marks {
    start: char,
    end: char,
}

impl Marks {
    /// Name of the filter that replaces the blocks.
    pub const FILTER: &'static str = "__generation";

    /// Selects two characters that occur in none of the inputs.
    ///
    /// **Errors:** `Input` if no two such characters are left.
    pub fn absent_from<'a>(template: &str, values: impl Iterator<Item = &'a TemplateValue>) -> Result<Self> {
        let mut found = Vec::new();
        let mut search = |text: &str| {
            found.extend(text.chars().filter(|character| CANDIDATES.contains(character)));
            found.sort_unstable();
            found.dedup();
        };
        search(template);
        let mut todo: Vec<&TemplateValue> = values.collect();
        while let Some(value) = todo.pop() {
            match value {
                TemplateValue::Str(text) => search(text),
                TemplateValue::List(items) | TemplateValue::Tuple(items) => todo.extend(items),
                TemplateValue::Dict(entries) => todo.extend(entries.iter().flat_map(|(key, value)| [key, value])),
                _ => {}
            }
        }
        let mut free = CANDIDATES.filter(|candidate| !found.contains(candidate));
        match (free.next(), free.next()) {
            (Some(start), Some(end)) => Ok(Self { start, end }),
            _ => Err(Error::input("conversation", "it contains every character that could mark generated text")),
        }
    }

    pub fn around(&self, text: &str) -> String {
        format!("{}{text}{}", self.start, self.end)
    }

    /// Replaces each `generation` block, a tag unknown to the template engine, with a filter.
    pub fn replace_blocks(&self, template: &str) -> String {
        let mut replaced = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(start) = rest.find("{%") {
            let (before, tag) = rest.split_at(start);
            replaced.push_str(before);
            let end = tag.find("%}").map_or(tag.len(), |end| end + 2);
            let (tag, after) = tag.split_at(end);
            let inside = tag.trim_start_matches("{%").trim_end_matches("%}");
            let name = inside.trim_matches(['-', '+']).trim();
            match name {
                "generation" => replaced.push_str(&tag.replacen(name, &format!("filter {}", Self::FILTER), 1)),
                "endgeneration" => replaced.push_str(&tag.replacen(name, "endfilter", 1)),
                // The engine drops a newline after this tag, Jinja2 does not.
                "raw" if !tag.ends_with("-%}") && after.starts_with('\n') => {
                    replaced.push_str(tag);
                    replaced.push('\n');
                }
                _ => replaced.push_str(tag),
            }
            rest = after;
        }
        replaced + rest
    }

    /// Removes the marks and returns the text with the spans that they enclosed.
    pub fn take(&self, marked: &str) -> RenderedChat {
        let mut chat = RenderedChat { text: String::with_capacity(marked.len()), generated: Vec::new() };
        let (mut count, mut open) = (0, Vec::new());
        for character in marked.chars() {
            if character == self.start {
                open.push(count);
            } else if character == self.end {
                chat.generated.extend(open.pop().map(|start| (start, count)));
            } else {
                chat.text.push(character);
                count += 1;
            }
        }
        chat
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_keep_their_whitespace_control() {
        let marks = Marks { start: 'S', end: 'E' };
        let template = "a{%- generation +%}{{ '{%' }}b{% endgeneration -%}{% if generation %}{%";
        let expected = "a{%- filter __generation +%}{{ '{%' }}b{% endgeneration -%}{% if generation %}{%";
        assert_eq!(marks.replace_blocks("{%generation%}x{%-endgeneration%}"), "{%filter __generation%}x{%-endfilter%}");
        assert_eq!(marks.replace_blocks(template), expected);
    }

    #[test]
    fn marks_become_spans_of_characters() {
        let marks = Marks { start: '\u{fdd0}', end: '\u{fdd1}' };
        let chat = marks.take(&format!("é{}日本", marks.around("ab")));
        assert_eq!((chat.text.as_str(), chat.generated.as_slice()), ("éab日本", &[(1, 3)][..]));
    }
}
