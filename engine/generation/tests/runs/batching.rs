use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences, Source};
use trustformers_generation::{
    Call, Cancel, CustomProcessors, Event, FinishReason, GeneratedRow, LogitsProcessor, RequestId, Scheduler, generate,
};

use crate::golden::settings;
use crate::toy::Toy;

const VOCAB: usize = 40;

/// Settings of a call with varying sampling, processors and lengths.
fn kwargs(number: u64) -> Value {
    let mut kwargs = json!({"max_new_tokens": 1 + number * 7 % 23, "eos_token_id": [1, 8, 14]});
    let more = match number % 4 {
        0 => json!({"do_sample": true, "top_k": 5, "temperature": 0.8}),
        1 => json!({"repetition_penalty": 1.3, "no_repeat_ngram_size": 2}),
        2 => json!({"do_sample": true, "top_p": 0.9, "min_new_tokens": 3}),
        _ => json!({"bad_words_ids": [[3], [4, 5]], "min_length": 9}),
    };
    kwargs.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    kwargs
}

fn prompt(number: u64) -> Vec<i64> {
    (0..1 + number * 5 % 17).map(|index| (number / 3 * 7 + index * index * 3) as i64 % VOCAB as i64).collect()
}

fn alone(number: u64) -> GeneratedRow {
    let settings = settings(&kwargs(number));
    let call = Call { seed: number, ..Call::default() };
    generate(&mut Toy::scattered(VOCAB, 1), &[prompt(number)], &settings, call).unwrap().rows.pop().unwrap()
}

#[test]
fn batched_requests_match_requests_run_alone() {
    for max_tokens in [usize::MAX, 5, 1] {
        let mut scheduler = Scheduler::new(Box::new(Toy::scattered(VOCAB, 6))).with_max_tokens_per_read(max_tokens);
        let mut numbers: HashMap<RequestId, u64> = HashMap::new();
        let mut streamed: HashMap<RequestId, Vec<i64>> = HashMap::new();
        let (mut added, mut finished, mut state) = (0, 0, 17_u64);
        while finished < 50 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            for _ in 0..(state >> 33) % 3 {
                if added < 50 {
                    let call = Call { seed: added, ..Call::default() };
                    let id = scheduler.add(&prompt(added), &settings(&kwargs(added)), call).unwrap();
                    numbers.insert(id, added);
                    added += 1;
                }
            }
            for event in scheduler.step().unwrap() {
                match event {
                    Event::Token(id, token) => streamed.entry(id).or_default().push(token),
                    Event::Finished(id, row) => {
                        assert_eq!(row, alone(numbers[&id]), "request {}", numbers[&id]);
                        assert_eq!(streamed[&id], row.tokens[row.prompt_len..]);
                        finished += 1;
                    }
                    Event::Failed(id, error) => panic!("{id:?}: {error}"),
                }
            }
        }
        assert!(scheduler.is_idle() && scheduler.step().unwrap().is_empty());
    }
}

#[test]
fn a_step_is_one_forward_pass_and_shared_prefixes_are_reused() {
    let mut toy = Toy::scattered(VOCAB, 2);
    let settings = settings(&json!({"max_new_tokens": 3}));
    let mut scheduler = Scheduler::new(Box::new(Borrowed(&mut toy)));
    let run = |scheduler: &mut Scheduler<'_>, prompts: &[&[i64]]| {
        for prompt in prompts {
            scheduler.add(prompt, &settings, Call::default()).unwrap();
        }
        while !scheduler.is_idle() {
            scheduler.step().unwrap();
        }
    };
    run(&mut scheduler, &[&[3, 17, 5, 9], &[12, 2]]);
    run(&mut scheduler, &[&[12, 2, 30], &[3, 17, 5, 8, 9]]);
    drop(scheduler);
    assert_eq!(toy.num_reads, 3 + 3);
    assert_eq!(toy.num_tokens, (4 + 2 + 4) + (1 + 2 + 4));
}

#[test]
fn a_slot_that_cannot_be_truncated_is_prefilled_again() {
    let mut toy = Toy::scattered(VOCAB, 2);
    toy.forgets = true;
    let mut scheduler = Scheduler::new(Box::new(toy));
    for number in 0..12 {
        let call = Call { seed: number, ..Call::default() };
        let id = scheduler.add(&prompt(number), &settings(&kwargs(number)), call).unwrap();
        let row = loop {
            let events = scheduler.step().unwrap();
            let finished = events.into_iter().find_map(|event| match event {
                Event::Finished(done, row) if done == id => Some(row),
                _ => None,
            });
            if let Some(row) = finished {
                break row;
            }
        };
        assert_eq!(row, alone(number), "request {number}");
    }
}

/// The scheduler owns its sequences; the test looks at them afterwards.
struct Borrowed<'a>(&'a mut Toy);

impl Sequences for Borrowed<'_> {
    fn vocab_size(&self) -> usize {
        self.0.vocab_size()
    }
    fn max_tokens(&self) -> Option<usize> {
        self.0.max_tokens()
    }
    fn num_slots(&self) -> usize {
        self.0.num_slots()
    }
    fn len(&self, slot: usize) -> usize {
        self.0.len(slot)
    }
    fn read(&mut self, feeds: &[Feed<'_>], logits: LogitsOf) -> Result<Vec<f32>> {
        self.0.read(feeds, logits)
    }
    fn copy(&mut self, from: usize, to: usize) -> Result<()> {
        self.0.copy(from, to)
    }
    fn truncate(&mut self, slot: usize, len: usize) -> Result<()> {
        self.0.truncate(slot, len)
    }
}

#[test]
fn cancelled_requests_return_their_tokens_so_far() {
    let mut scheduler = Scheduler::new(Box::new(Toy::scattered(VOCAB, 1)));
    let settings = settings(&json!({"max_new_tokens": 9}));
    let cancel = Cancel::default();
    let running = scheduler.add(&[3], &settings, Call { cancel: cancel.clone(), ..Call::default() }).unwrap();
    let waiting = scheduler.add(&[4], &settings, Call::default()).unwrap();
    assert_eq!((scheduler.num_running(), scheduler.num_waiting()), (0, 2));
    scheduler.step().unwrap();
    assert_eq!((scheduler.num_running(), scheduler.num_waiting()), (1, 1));
    cancel.cancel();
    scheduler.cancel(waiting);
    let mut lens = HashMap::new();
    for event in scheduler.step().unwrap() {
        let Event::Finished(id, row) = event else { panic!("{event:?}") };
        assert_eq!(row.finish, Some(FinishReason::Cancelled));
        lens.insert(id, row.tokens.len());
    }
    assert_eq!(lens, HashMap::from([(running, 2), (waiting, 1)]));
    assert!(scheduler.is_idle());
}

struct Fails;

impl LogitsProcessor for Fails {
    fn process(&mut self, tokens: &[i64], _logits: &mut [f32]) -> Result<()> {
        if tokens.len() == 3 { Err(Error::input("processor", "three tokens")) } else { Ok(()) }
    }
}

#[test]
fn a_failed_request_does_not_stop_the_others() {
    let mut scheduler = Scheduler::new(Box::new(Toy::scattered(VOCAB, 2)));
    let settings = settings(&json!({"max_new_tokens": 5}));
    let processors = CustomProcessors { processors: vec![Box::new(Fails)], ..Default::default() };
    let bad = scheduler.add(&[3], &settings, Call { processors, ..Call::default() }).unwrap();
    let good = scheduler.add(&[3], &settings, Call::default()).unwrap();
    let mut ends = Vec::new();
    while !scheduler.is_idle() {
        for event in scheduler.step().unwrap() {
            match event {
                Event::Token(..) => {}
                Event::Finished(id, row) => ends.push((id, row.tokens.len())),
                Event::Failed(id, error) => {
                    assert!(error.to_string().contains("three tokens"));
                    ends.push((id, 0));
                }
            }
        }
    }
    assert_eq!(ends, [(bad, 0), (good, 6)]);
}

/// Fails every third forward pass after it has run.
struct Unsteady(Toy);

impl Sequences for Unsteady {
    fn vocab_size(&self) -> usize {
        self.0.vocab_size()
    }
    fn max_tokens(&self) -> Option<usize> {
        None
    }
    fn num_slots(&self) -> usize {
        self.0.num_slots()
    }
    fn len(&self, slot: usize) -> usize {
        self.0.len(slot)
    }
    fn read(&mut self, feeds: &[Feed<'_>], logits: LogitsOf) -> Result<Vec<f32>> {
        let read = self.0.read(feeds, logits)?;
        if self.0.num_reads.is_multiple_of(3) { Err(Error::internal("lost")) } else { Ok(read) }
    }
    fn copy(&mut self, from: usize, to: usize) -> Result<()> {
        self.0.copy(from, to)
    }
    fn truncate(&mut self, slot: usize, len: usize) -> Result<()> {
        self.0.truncate(slot, len)
    }
}

#[test]
fn a_failed_step_can_be_retried() {
    let mut scheduler = Scheduler::new(Box::new(Unsteady(Toy::scattered(VOCAB, 2))));
    for number in 0..4 {
        let call = Call { seed: number, ..Call::default() };
        scheduler.add(&prompt(number), &settings(&kwargs(number)), call).unwrap();
    }
    let mut finished = HashMap::new();
    while !scheduler.is_idle() {
        for event in scheduler.step().unwrap_or_default() {
            if let Event::Finished(id, row) = event {
                finished.insert(id, row);
            }
        }
    }
    let mut rows: Vec<_> = finished.into_iter().collect();
    rows.sort_by_key(|(id, _)| *id);
    assert_eq!(rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>(), (0..4).map(alone).collect::<Vec<_>>());
}

/// Reads only slots with a source, and records the number of sources and of their tokens that are encoded at once.
struct Sourced {
    toy: Toy,
    has_source: Vec<bool>,
    encoded: Arc<Mutex<Vec<(usize, usize)>>>,
}

impl Sequences for Sourced {
    fn vocab_size(&self) -> usize {
        self.toy.vocab_size()
    }
    fn max_tokens(&self) -> Option<usize> {
        None
    }
    fn num_slots(&self) -> usize {
        self.toy.num_slots()
    }
    fn len(&self, slot: usize) -> usize {
        self.toy.len(slot)
    }
    fn read(&mut self, feeds: &[Feed<'_>], logits: LogitsOf) -> Result<Vec<f32>> {
        assert!(feeds.iter().all(|feed| self.has_source[feed.slot]), "a slot is read without a source");
        self.toy.read(feeds, logits)
    }
    fn encode(&mut self, sources: &[(usize, &Source)]) -> Result<()> {
        if sources.iter().any(|(_, source)| source.attention_mask.contains(&0)) {
            return Err(Error::input("attention_mask", "masked"));
        }
        self.encoded.lock().unwrap().push((sources.len(), sources.iter().map(|(_, source)| source.seq).sum()));
        for (slot, _) in sources {
            self.has_source[*slot] = true;
            self.toy.truncate(*slot, 0)?;
        }
        Ok(())
    }
    fn copy(&mut self, from: usize, to: usize) -> Result<()> {
        self.toy.copy(from, to)
    }
    fn truncate(&mut self, slot: usize, len: usize) -> Result<()> {
        self.toy.truncate(slot, len)
    }
}

#[test]
fn sources_are_encoded_together_when_their_requests_get_slots() {
    let encoded = Arc::new(Mutex::new(Vec::new()));
    let toy = Toy::scattered(VOCAB, 6);
    let sourced = Sourced { toy, has_source: vec![false; 6], encoded: encoded.clone() };
    let mut scheduler = Scheduler::new(Box::new(sourced)).with_max_tokens_per_read(10);
    let source = |seq: usize| Some(Source { seq, input_ids: vec![3; seq], ..Source::default() });
    let mut add = |number: u64, source| {
        let call = Call { seed: number, ..Call::default() };
        scheduler.add_with_source(&prompt(number), source, &settings(&kwargs(number)), call).unwrap()
    };
    let mut ids: Vec<_> = [5, 5, 4, 30, 2].into_iter().zip(0..).map(|(seq, number)| add(number, source(seq))).collect();
    let masked = source(1).map(|source| Source { attention_mask: vec![0], ..source });
    let wrong = add(5, masked);
    ids.push(add(6, source(1)));
    let mut rows = HashMap::new();
    while !scheduler.is_idle() {
        for event in scheduler.step().unwrap() {
            match event {
                Event::Finished(id, row) => drop(rows.insert(id, row)),
                Event::Failed(id, error) => assert!(id == wrong && error.to_string().contains("masked"), "{error}"),
                Event::Token(..) => {}
            }
        }
    }
    // A budget of 10 tokens a step: two sources, then one before a long one, which is encoded alone.
    assert_eq!(encoded.lock().unwrap()[..3], [(2, 10), (1, 4), (1, 30)]);
    for (id, number) in ids.iter().zip([0, 1, 2, 3, 4, 6]) {
        assert_eq!(rows[id], alone(number), "request {number}");
    }
}

#[test]
fn invalid_requests_are_refused_when_added() {
    let mut toy = Toy::scattered(VOCAB, 1);
    toy.max_tokens = Some(4);
    let mut scheduler = Scheduler::new(Box::new(toy));
    for (prompt, kwargs, code) in [
        (vec![40], json!({}), "input"),
        (vec![-1], json!({}), "input"),
        (vec![], json!({}), "input"),
        (vec![3; 5], json!({}), "input"),
        (vec![3], json!({"do_sample": true, "temperature": 0.0}), "input"),
        (vec![3], json!({"num_beams": 2}), "unsupported"),
        (vec![3], json!({"num_return_sequences": 2, "do_sample": true}), "unsupported"),
        (vec![3], json!({"prompt_lookup_num_tokens": 2}), "unsupported"),
    ] {
        let error = scheduler.add(&prompt, &settings(&kwargs), Call::default()).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    let id = scheduler.add(&[3], &settings(&json!({"max_new_tokens": 9})), Call::default()).unwrap();
    let mut events = Vec::new();
    while !scheduler.is_idle() {
        events.extend(scheduler.step().unwrap());
    }
    assert_eq!(events.len(), 5);
    let Some(Event::Failed(failed, error)) = events.pop() else { panic!("it passes") };
    assert!(failed == id && error.to_string().contains("5 tokens"), "{error}");
}
