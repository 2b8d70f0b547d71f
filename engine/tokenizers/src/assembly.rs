use serde_json::Value;
use tokenizers::Encoding;
use tokenizers::processors::PostProcessorWrapper;

/// A template post-processor that moves the tokens of sequences into the row; the crate's own copies each token twice.
#[derive(Clone, Debug)]
pub(crate) struct Assembly {
    single: Vec<Part>,
    pair: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Sequence { index: usize, type_id: u32 },
    Special(Box<Encoding>),
}

impl Assembly {
    /// Converts a template post-processor; `None` for another kind, or a template that repeats a sequence.
    pub fn of(post_processor: &PostProcessorWrapper) -> Option<Self> {
        let PostProcessorWrapper::Template(template) = post_processor else { return None };
        let template = serde_json::to_value(template).ok()?;
        let parts = |name: &str| -> Option<Vec<Part>> {
            let pieces = template[name].as_array()?;
            let parts = pieces.iter().map(|piece| part(piece, &template)).collect::<Option<Vec<_>>>()?;
            let uses = |sequence| {
                parts.iter().filter(|part| matches!(part, Part::Sequence { index, .. } if *index == sequence)).count()
            };
            (uses(0) <= 1 && uses(1) <= 1).then_some(parts)
        };
        let (single, pair) = (parts("single")?, parts("pair")?);
        let takes_b = |part: &Part| matches!(part, Part::Sequence { index: 1, .. });
        (!single.iter().any(takes_b)).then_some(Self { single, pair })
    }

    /// Joins sequences without overflow into a row.
    pub fn row(&self, first: Encoding, second: Option<Encoding>, add_special_tokens: bool) -> Encoding {
        let parts = if second.is_some() { &self.pair } else { &self.single };
        let mut sequences = [Some(first), second];
        let mut row = Encoding::default();
        for part in parts {
            match part {
                Part::Sequence { index, type_id } => {
                    let Some(mut sequence) = sequences[*index].take() else { continue };
                    sequence.set_type_ids(vec![*type_id; sequence.len()]);
                    sequence.set_sequence_id(*index);
                    row.merge_with(sequence, false);
                }
                Part::Special(encoding) if add_special_tokens => row.merge_with((**encoding).clone(), false),
                Part::Special(_) => {}
            }
        }
        row
    }
}

fn part(piece: &Value, template: &Value) -> Option<Part> {
    let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
    if let Some(sequence) = piece.get("Sequence") {
        let index = usize::from(sequence["id"].as_str()? != "A");
        return Some(Part::Sequence { index, type_id: number(&sequence["type_id"])? });
    }
    let piece = piece.get("SpecialToken")?;
    let special = &template["special_tokens"][piece["id"].as_str()?];
    let ids = special["ids"].as_array()?.iter().map(number).collect::<Option<Vec<u32>>>()?;
    let tokens = special["tokens"].as_array()?.iter().map(|token| Some(token.as_str()?.to_owned()));
    let tokens = tokens.collect::<Option<Vec<String>>>()?;
    let (type_id, count) = (number(&piece["type_id"])?, ids.len());
    Some(Part::Special(Box::new(Encoding::new(
        ids,
        vec![type_id; count],
        tokens,
        vec![None; count],
        vec![(0, 0); count],
        vec![1; count],
        vec![1; count],
        Vec::new(),
        Default::default(),
    ))))
}
