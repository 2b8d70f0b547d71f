use crate::order::top;
use crate::{EarlyStopping, FinishReason, GeneratedRow, Settings};

/// Penalty on scores of candidates that must not be selected. **Source:** `_beam_search` of transformers 5.23.0.
const HANDICAP: f32 = -1.0e9;

/// A sequence that may still grow.
#[derive(Clone, Debug)]
pub(super) struct Beam {
    pub tokens: Vec<i64>,
    /// The sum of the log probabilities of the new tokens.
    pub score: f32,
    /// For each new token, the row that it was selected from.
    origins: Vec<usize>,
    parent: usize,
}

/// A continuation of a beam by one token.
pub(super) struct Candidate {
    pub parent: usize,
    pub tokens: Vec<i64>,
    pub score: f32,
    pub finish: Option<FinishReason>,
}

/// A finished sequence, or a vacant entry for one.
#[derive(Clone, Debug)]
struct Ended {
    tokens: Vec<i64>,
    origins: Vec<usize>,
    score: f32,
    finish: Option<FinishReason>,
}

/// The running and the finished beams of one prompt.
#[derive(Debug)]
pub(super) struct Beams {
    pub running: Vec<Beam>,
    pub is_done: bool,
    ended: Vec<Ended>,
    can_improve: bool,
    first_row: usize,
    prompt_len: usize,
    max_new: usize,
    early_stopping: EarlyStopping,
    length_penalty: f64,
}

impl Beams {
    pub fn new(index: usize, prompt: &[i64], settings: &Settings, max_new: usize) -> Self {
        let num_beams = settings.num_beams();
        // All beams start as the prompt: only the first may continue, or all of them would be the same.
        let running = (0..num_beams)
            .map(|beam| Beam {
                tokens: prompt.to_vec(),
                score: if beam == 0 { 0.0 } else { HANDICAP },
                origins: Vec::new(),
                parent: beam,
            })
            .collect();
        let vacant = Ended { tokens: prompt.to_vec(), origins: Vec::new(), score: HANDICAP, finish: None };
        Self {
            running,
            is_done: false,
            ended: vec![vacant; num_beams],
            can_improve: true,
            first_row: index * num_beams,
            prompt_len: prompt.len(),
            max_new,
            early_stopping: settings.early_stopping(),
            length_penalty: settings.length_penalty(),
        }
    }

    /// The tokens of a running beam, followed by `token`.
    pub fn extended(&self, parent: usize, token: i64) -> Vec<i64> {
        self.running[parent].tokens.iter().copied().chain([token]).collect()
    }

    /// For each running beam, the index of its parent in the previous step.
    pub fn parents(&self) -> Vec<usize> {
        self.running.iter().map(|beam| beam.parent).collect()
    }

    /// Continues with the best candidates; only the first `num_beams` may finish.
    pub fn advance(&mut self, candidates: Vec<Candidate>) {
        let num_beams = self.running.len();
        let num_new = self.num_new(candidates.first()) as f64;
        let next: Vec<Beam> =
            top(candidates.iter().map(|candidate| candidate.score + handicap(candidate.finish.is_some())), num_beams)
                .into_iter()
                .map(|(index, score)| self.grown(&candidates[index], score))
                .collect();
        let must_not_end =
            handicap(self.is_full() && self.early_stopping == EarlyStopping::WhenFull) + handicap(!self.can_improve);
        let scores: Vec<f32> = candidates
            .iter()
            .enumerate()
            .map(|(rank, candidate)| {
                let ends = candidate.finish.is_some() && rank < num_beams;
                candidate.score / num_new.powf(self.length_penalty) as f32 + must_not_end + handicap(!ends)
            })
            .collect();
        let has_only_ends = candidates.iter().all(|candidate| candidate.finish.is_some());
        let merged = self.ended.iter().map(|ended| ended.score).chain(scores);
        self.ended = top(merged, num_beams)
            .into_iter()
            .map(|(index, score)| match index.checked_sub(num_beams) {
                None => self.ended[index].clone(),
                Some(rank) => {
                    let candidate = &candidates[rank];
                    let finish = candidate.finish.filter(|_| rank < num_beams);
                    Ended { tokens: candidate.tokens.clone(), origins: self.origins(candidate), score, finish }
                }
            })
            .collect();
        self.running = next;
        self.can_improve &= self.may_improve();
        let is_content = self.early_stopping == EarlyStopping::WhenFull && self.is_full();
        self.is_done = !self.can_improve || is_content || has_only_ends;
    }

    /// Cancels the search and keeps the best of its running and finished beams.
    pub fn give_up(&mut self) {
        let num_beams = self.running.len();
        let penalty = (self.running[0].origins.len() as f64).powf(self.length_penalty) as f32;
        let scores: Vec<f32> = self.running.iter().map(|beam| beam.score / penalty).collect();
        let running = self.running.iter().zip(&scores).map(|(beam, &score)| Ended {
            tokens: beam.tokens.clone(),
            origins: beam.origins.clone(),
            score,
            finish: Some(FinishReason::Cancelled),
        });
        let all: Vec<Ended> =
            self.ended.iter().filter(|ended| ended.finish.is_some()).cloned().chain(running).collect();
        let best = top(all.iter().map(|ended| ended.score), num_beams);
        self.ended = best.into_iter().map(|(index, _)| all[index].clone()).collect();
        self.is_done = true;
    }

    /// The best `count` sequences as output rows.
    pub fn into_rows(self, count: usize) -> impl Iterator<Item = GeneratedRow> {
        let prompt_len = self.prompt_len;
        self.ended.into_iter().take(count).map(move |ended| GeneratedRow {
            tokens: ended.tokens,
            prompt_len,
            finish: ended.finish,
            score: Some(ended.score),
            beam_indices: ended.origins,
        })
    }

    fn num_new(&self, candidate: Option<&Candidate>) -> usize {
        candidate.map_or(0, |candidate| candidate.tokens.len() - self.prompt_len)
    }

    fn origins(&self, candidate: &Candidate) -> Vec<usize> {
        let parent = &self.running[candidate.parent];
        parent.origins.iter().copied().chain([self.first_row + candidate.parent]).collect()
    }

    fn grown(&self, candidate: &Candidate, score: f32) -> Beam {
        Beam { tokens: candidate.tokens.clone(), score, origins: self.origins(candidate), parent: candidate.parent }
    }

    fn is_full(&self) -> bool {
        self.ended.iter().all(|ended| ended.finish.is_some())
    }

    /// Whether the best running beam may still beat the worst finished one.
    fn may_improve(&self) -> bool {
        let Some(best) = self.running.first() else { return false };
        let length = match self.early_stopping {
            EarlyStopping::Never if self.length_penalty > 0.0 => self.max_new,
            _ => best.origins.len(),
        };
        let possible = best.score / (length as f64).powf(self.length_penalty) as f32;
        let worst = self.ended.iter().map(|ended| ended.score).fold(f32::INFINITY, f32::min);
        self.ended.iter().any(|ended| possible > if ended.finish.is_some() { worst } else { HANDICAP })
    }
}

fn handicap(applies: bool) -> f32 {
    if applies { HANDICAP } else { 0.0 }
}
