use crate::Settings;

/// The logits and scores of every step, if they are requested.
pub(crate) struct Record {
    num_rows: usize,
    vocab: usize,
    keeps_scores: bool,
    keeps_logits: bool,
    pub scores: Vec<Vec<f32>>,
    pub logits: Vec<Vec<f32>>,
}

impl Record {
    pub fn new(settings: &Settings, num_rows: usize, vocab: usize) -> Self {
        let (keeps_scores, keeps_logits) = (settings.outputs_scores(), settings.outputs_logits());
        Self { num_rows, vocab, keeps_scores, keeps_logits, scores: Vec::new(), logits: Vec::new() }
    }

    pub fn begin_step(&mut self) {
        let size = self.num_rows * self.vocab;
        if self.keeps_scores {
            self.scores.push(vec![0.0; size]);
        }
        if self.keeps_logits {
            self.logits.push(vec![0.0; size]);
        }
    }

    pub fn scores(&mut self, row: usize, scores: &[f32]) {
        put(self.scores.last_mut(), row * self.vocab, scores);
    }

    pub fn logits(&mut self, row: usize, logits: &[f32]) {
        put(self.logits.last_mut(), row * self.vocab, logits);
    }
}

fn put(step: Option<&mut Vec<f32>>, start: usize, values: &[f32]) {
    if let Some(step) = step {
        step[start..start + values.len()].copy_from_slice(values);
    }
}
