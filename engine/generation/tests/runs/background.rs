//! The batcher: requests of several threads, errors, cancellation and its end.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences};
use trustformers_generation::{
    Batcher, Call, Decode, FinishReason, Generated, GeneratedRow, Host, PaddedPrompts, Request, Sink, generate,
};

use crate::golden::settings;
use crate::toy::Toy;

const VOCAB: usize = 40;
const NUM_SLOTS: usize = 2;

/// What a test does to the batcher's model.
#[derive(Default)]
struct Faults {
    /// The next forward pass fails.
    fails: AtomicBool,
    /// The next forward pass panics.
    panics: AtomicBool,
    /// The model cannot be made again.
    is_gone: AtomicBool,
    num_steps: AtomicUsize,
}

struct ToyHost {
    faults: Arc<Faults>,
    /// Each step waits for a permit, so that a test knows what a step sees.
    permits: Option<Receiver<()>>,
}

impl Host for ToyHost {
    fn sequences(&mut self) -> Result<Box<dyn Sequences>> {
        if self.faults.is_gone.load(Ordering::SeqCst) {
            return Err(Error::internal("no model"));
        }
        Ok(Box::new(Faulty { toy: Toy::scattered(VOCAB, NUM_SLOTS), faults: self.faults.clone() }))
    }

    fn after_step(&mut self) {
        self.faults.num_steps.fetch_add(1, Ordering::SeqCst);
        if let Some(permits) = &self.permits {
            // Without a test there is nothing to wait for.
            let _ = permits.recv();
        }
    }
}

struct Faulty {
    toy: Toy,
    faults: Arc<Faults>,
}

impl Sequences for Faulty {
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
        assert!(!self.faults.panics.swap(false, Ordering::SeqCst), "a fault");
        if self.faults.fails.swap(false, Ordering::SeqCst) {
            return Err(Error::internal("a fault"));
        }
        self.toy.read(feeds, logits)
    }
    fn copy(&mut self, from: usize, to: usize) -> Result<()> {
        self.toy.copy(from, to)
    }
    fn truncate(&mut self, slot: usize, len: usize) -> Result<()> {
        self.toy.truncate(slot, len)
    }
}

#[derive(Debug)]
enum Output {
    Tokens(Vec<i64>),
    Text(String),
    End(GeneratedRow),
    Error(Arc<Error>),
}

/// Sends output to a test, which has gone once its receiver is dropped.
struct ToTest(Sender<Output>);

impl ToTest {
    fn send(&self, output: Output) -> ControlFlow<()> {
        self.0.send(output).map_or(ControlFlow::Break(()), ControlFlow::Continue)
    }
}

impl Sink for ToTest {
    fn tokens(&mut self, tokens: &[i64]) -> ControlFlow<()> {
        self.send(Output::Tokens(tokens.to_vec()))
    }
    fn text(&mut self, text: &str) -> ControlFlow<()> {
        self.send(Output::Text(text.to_owned()))
    }
    fn end(self: Box<Self>, row: GeneratedRow) {
        let _ = self.send(Output::End(row));
    }
    fn error(self: Box<Self>, error: Arc<Error>) {
        let _ = self.send(Output::Error(error));
    }
}

fn started(permits: Option<Receiver<()>>) -> (Batcher, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    (Batcher::new(ToyHost { faults: faults.clone(), permits }).unwrap(), faults)
}

fn request(kwargs: &Value, seed: u64) -> Request {
    Request { settings: settings(kwargs), seed, decode: None, text: None }
}

fn submit(batcher: &Batcher, prompt: &[i64], kwargs: &Value) -> Receiver<Output> {
    let (sender, receiver) = channel();
    batcher.submit(prompt.to_vec(), request(kwargs, 0), Box::new(ToTest(sender))).unwrap();
    receiver
}

/// The tokens of a request and its last output.
fn outcome(receiver: &Receiver<Output>) -> (Vec<i64>, Output) {
    let mut all = Vec::new();
    loop {
        match receiver.recv().unwrap() {
            Output::Tokens(tokens) => all.extend(tokens),
            Output::Text(text) => panic!("{text}"),
            last => {
                assert!(receiver.recv().is_err(), "nothing follows the end");
                return (all, last);
            }
        }
    }
}

fn alone(prompt: &[i64], kwargs: &Value, seed: u64) -> GeneratedRow {
    let call = Call { seed, ..Call::default() };
    let mut toy = Toy::scattered(VOCAB, 1);
    generate(&mut toy, &[prompt.to_vec()], &settings(kwargs), call).unwrap().rows.pop().unwrap()
}

#[test]
fn streamed_tokens_match_generate() {
    let (batcher, _) = started(None);
    let kwargs = json!({"max_new_tokens": 9});
    let prompts: Vec<Vec<i64>> = (0..20).map(|index| vec![index, 3, index % 7]).collect();
    let receivers: Vec<_> = prompts.iter().map(|prompt| submit(&batcher, prompt, &kwargs)).collect();
    for (prompt, receiver) in prompts.iter().zip(&receivers) {
        let (tokens, Output::End(row)) = outcome(receiver) else { panic!("it ends") };
        assert_eq!(row, alone(prompt, &kwargs, 0));
        assert_eq!(tokens, row.tokens[row.prompt_len..]);
    }
}

#[test]
fn text_comes_in_place_of_tokens() {
    let (batcher, _) = started(None);
    let decode: Decode<'static> = Arc::new(|tokens| Ok(tokens.iter().map(|token| format!("{token} ")).collect()));
    let (sender, receiver) = channel();
    let request = Request { text: Some(decode), ..request(&json!({"max_new_tokens": 4}), 0) };
    batcher.submit(vec![3], request, Box::new(ToTest(sender))).unwrap();
    let mut text = String::new();
    let row = loop {
        match receiver.recv().unwrap() {
            Output::Text(more) => text += &more,
            Output::End(row) => break row,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(text, row.tokens[1..].iter().map(|token| format!("{token} ")).collect::<String>());
}

#[test]
fn an_error_of_the_decoder_ends_only_its_request() {
    let (batcher, _) = started(None);
    let broken: Decode<'static> = Arc::new(|_| Err(Error::tokenizer("no such token")));
    let (sender, receiver) = channel();
    let kwargs = json!({"max_new_tokens": 5});
    let request = Request { text: Some(broken), ..request(&kwargs, 0) };
    batcher.submit(vec![3], request, Box::new(ToTest(sender))).unwrap();
    let Output::Error(error) = outcome(&receiver).1 else { panic!("it fails") };
    assert_eq!(error.to_string(), "no such token");
    assert!(matches!(outcome(&submit(&batcher, &[3], &kwargs)).1, Output::End(_)));
}

fn gathered(batcher: &Batcher, prompts: &[Vec<i64>], request: &Request) -> Result<Generated, Arc<Error>> {
    let (sender, receiver) = channel();
    batcher.generate(prompts.to_vec(), request, move |outcome| sender.send(outcome).unwrap()).unwrap();
    receiver.recv().unwrap()
}

#[test]
fn generate_gathers_the_rows_of_all_prompts() {
    let (batcher, _) = started(None);
    let kwargs = json!({"max_new_tokens": 6, "do_sample": true, "bos_token_id": 4, "pad_token_id": 39});
    let prompts = [vec![3, 4], vec![], vec![5, 6, 7], vec![8]];
    let found = gathered(&batcher, &prompts, &request(&kwargs, 11)).unwrap();
    for (index, (row, prompt)) in found.rows.iter().zip(&prompts).enumerate() {
        assert_eq!(*row, alone(prompt, &kwargs, 11 + index as u64));
    }
    assert_eq!((found.rows.len(), found.fill_token_id), (4, 39));
    assert_eq!(batcher.generate(Vec::<Vec<i64>>::new(), &request(&kwargs, 0), |_| {}).unwrap_err().code(), "input");
    let padded = PaddedPrompts::new(vec![3, 4, 8, 39], [2, 2], None, &settings(&kwargs)).unwrap();
    let found = gathered(&batcher, &padded.rows(), &request(&kwargs, 2)).unwrap();
    assert_eq!(padded.join(&found).0[8..12], [8, 39, found.rows[1].tokens[1], found.rows[1].tokens[2]]);
}

#[test]
fn generate_fails_with_the_first_error() {
    let (batcher, _) = started(None);
    let kwargs = json!({"max_new_tokens": 6});
    let error = gathered(&batcher, &[vec![3], vec![VOCAB as i64], vec![-1]], &request(&kwargs, 0)).unwrap_err();
    assert!(error.to_string().contains("outside the vocabulary"), "{error}");
    assert_eq!(gathered(&batcher, &[vec![3]], &request(&kwargs, 0)).unwrap().rows[0], alone(&[3], &kwargs, 0));
}

#[test]
fn a_sink_without_a_reader_cancels_its_request() {
    let (batcher, _) = started(None);
    drop(submit(&batcher, &[3], &json!({"max_new_tokens": 1_000_000_000})));
    let short = json!({"max_new_tokens": 3});
    // Both slots are free again.
    for _ in 0..NUM_SLOTS {
        assert!(matches!(outcome(&submit(&batcher, &[4], &short)).1, Output::End(_)));
    }
    batcher.close();
}

#[test]
fn every_request_fails_with_the_step_and_later_ones_run() {
    let kwargs = json!({"max_new_tokens": 1_000_000_000});
    for panics in [false, true] {
        let (batcher, faults) = started(None);
        let receivers: Vec<_> = (0..5).map(|token| submit(&batcher, &[token], &kwargs)).collect();
        for receiver in receivers.iter().take(NUM_SLOTS) {
            receiver.recv().unwrap();
        }
        let fault = if panics { &faults.panics } else { &faults.fails };
        fault.store(true, Ordering::SeqCst);
        for receiver in &receivers {
            let Output::Error(error) = outcome(receiver).1 else { panic!("it fails") };
            assert_eq!(error.code(), "internal");
        }
        let short = json!({"max_new_tokens": 3});
        let Output::End(row) = outcome(&submit(&batcher, &[3], &short)).1 else { panic!("it runs") };
        assert_eq!(row, alone(&[3], &short, 0));
    }
}

#[test]
fn requests_get_the_error_while_the_model_cannot_be_made_again() {
    let (permit, permits) = channel();
    let (batcher, faults) = started(Some(permits));
    let kwargs = json!({"max_new_tokens": 9});
    let running = submit(&batcher, &[3], &kwargs);
    running.recv().unwrap();
    // The batcher waits after its first step: these requests are received after the step that fails.
    faults.fails.store(true, Ordering::SeqCst);
    faults.is_gone.store(true, Ordering::SeqCst);
    permit.send(()).unwrap();
    let Output::Error(error) = outcome(&running).1 else { panic!("it fails") };
    assert!(error.to_string().contains("a fault"), "{error}");
    let waiting: Vec<_> = (0..5).map(|token| submit(&batcher, &[token], &kwargs)).collect();
    drop(permit);
    for receiver in &waiting {
        let Output::Error(error) = outcome(receiver).1 else { panic!("it fails") };
        assert!(error.to_string().contains("no model"), "{error}");
    }
    faults.is_gone.store(false, Ordering::SeqCst);
    assert!(matches!(outcome(&submit(&batcher, &[3], &kwargs)).1, Output::End(_)));
}

#[test]
fn closing_ends_running_waiting_and_unread_requests() {
    let (permit, permits) = channel();
    let (batcher, _) = started(Some(permits));
    let kwargs = json!({"max_new_tokens": 1_000_000_000});
    let first = submit(&batcher, &[3], &kwargs);
    first.recv().unwrap();
    // The batcher waits after its first step, so these are still in its queue when it is closed.
    let mut receivers: Vec<_> = (0..5).map(|token| submit(&batcher, &[token], &kwargs)).collect();
    receivers.push(first);
    drop(permit);
    batcher.close();
    for receiver in &receivers {
        let Output::End(row) = outcome(receiver).1 else { panic!("it ends") };
        assert_eq!(row.finish, Some(FinishReason::Cancelled));
    }
    let (sender, _receiver) = channel();
    let error = batcher.submit(vec![3], request(&kwargs, 0), Box::new(ToTest(sender))).unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
}

/// Closes the batcher from its own thread.
struct Closes(Arc<Mutex<Option<Batcher>>>, Sender<()>);

impl Sink for Closes {
    fn end(self: Box<Self>, _row: GeneratedRow) {
        if let Some(batcher) = self.0.lock().unwrap().take() {
            batcher.close();
        }
        self.1.send(()).unwrap();
    }
    fn error(self: Box<Self>, error: Arc<Error>) {
        panic!("{error}");
    }
}

#[test]
fn a_sink_may_close_its_batcher() {
    let (batcher, _) = started(None);
    let owner = Arc::new(Mutex::new(None));
    let (sender, receiver) = channel();
    let sink = Box::new(Closes(owner.clone(), sender));
    let mut owned = owner.lock().unwrap();
    batcher.submit(vec![3], request(&json!({"max_new_tokens": 2}), 0), sink).unwrap();
    *owned = Some(batcher);
    drop(owned);
    receiver.recv().unwrap();
}

#[test]
fn a_step_is_reported_once_for_all_requests() {
    let (permit, permits) = channel();
    let (batcher, faults) = started(Some(permits));
    let kwargs = json!({"max_new_tokens": 6});
    let first = submit(&batcher, &[3], &kwargs);
    first.recv().unwrap();
    let second = submit(&batcher, &[4], &kwargs);
    drop(permit);
    outcome(&first);
    outcome(&second);
    batcher.close();
    assert_eq!(faults.num_steps.load(Ordering::SeqCst), 7);
}
