use std::collections::HashMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use trustformers_core::{Error, Result, Sequences, Source};

use crate::{Call, Cancel, Decode, Event, Generated, GeneratedRow, RequestId, Scheduler, Settings, TextStream};

/// Maximum tokens of a forward pass; longer prompts are prefilled in chunks beside running requests.
const TOKENS_PER_STEP: usize = 512;

/// The model of a [`Batcher`], and how its steps run.
pub trait Host: Send + 'static {
    /// The model's sequences, one per slot: called at the start, and before the first request after a failed step.
    ///
    /// **Errors:** any error of the model.
    fn sequences(&mut self) -> Result<Box<dyn Sequences>>;

    /// Runs a step of the scheduler, by default on the batcher's thread.
    ///
    /// **Errors:** any error of the step; every request fails with it.
    fn run(&mut self, step: &mut (dyn FnMut() -> Result<Vec<Event>> + Send)) -> Result<Vec<Event>> {
        step()
    }

    /// Called after the sinks of all requests received the output of a step. A binding takes its interpreter's lock
    /// here, once for all requests, and passes on what its sinks collected.
    fn after_step(&mut self) {}
}

/// Receives the output of a request, on the batcher's thread. Either `end` or `error` is called, last and once.
pub trait Sink: Send {
    /// Receives the tokens of a step; `Break` cancels the request.
    fn tokens(&mut self, _tokens: &[i64]) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Receives the newly stable text, if the request has `text`; `Break` cancels the request.
    fn text(&mut self, _text: &str) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// The request finished.
    fn end(self: Box<Self>, row: GeneratedRow);

    /// The request failed; requests that fail together share the error.
    fn error(self: Box<Self>, error: Arc<Error>);
}

/// How a batcher continues a prompt.
#[derive(Clone)]
pub struct Request {
    /// The settings of the call.
    pub settings: Settings,
    /// Seed of the random numbers for sampling.
    pub seed: u64,
    /// Decodes tokens, special tokens included; needed for `stop_strings`.
    pub decode: Option<Decode<'static>>,
    /// Decodes the tokens for [`Sink::text`]; without it [`Sink::tokens`] is called.
    pub text: Option<Decode<'static>>,
}

/// Continuous batching on a background thread: one model generates for many requests at once.
///
/// Every submitted request is told of its end or of an error, also when the model fails or the batcher is closed.
/// Dropping a batcher closes it without waiting for its thread.
pub struct Batcher {
    submissions: Mutex<Option<Sender<Submission>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A prompt of a request.
#[derive(Clone, Debug, Default)]
pub struct BatchedPrompt {
    /// The tokens to continue.
    pub tokens: Vec<i64>,
    /// What an encoder-decoder attends to; `None` for other models.
    pub source: Option<Source>,
}

impl From<Vec<i64>> for BatchedPrompt {
    fn from(tokens: Vec<i64>) -> Self {
        Self { tokens, source: None }
    }
}

struct Submission {
    prompt: BatchedPrompt,
    request: Request,
    cancel: Cancel,
    sink: Box<dyn Sink>,
}

impl Batcher {
    /// Starts the thread.
    ///
    /// **Errors:** any error of the model; `Unsupported` if no thread can be started.
    pub fn new(mut host: impl Host) -> Result<Self> {
        let scheduler = scheduler(&mut host)?;
        let worker = Worker { host, scheduler: Some(scheduler), active: HashMap::new() };
        let (submissions, received) = channel();
        let thread = thread::Builder::new()
            .name("generation".to_owned())
            .spawn(move || worker.serve(&received))
            .map_err(|error| Error::unsupported(format!("a thread for generation: {error}")))?;
        Ok(Self { submissions: Mutex::new(Some(submissions)), thread: Mutex::new(Some(thread)) })
    }

    /// Queues a request; the returned flag cancels it.
    ///
    /// **Errors:** `Input` if the batcher is closed. Errors of the request itself go to the sink.
    pub fn submit(&self, prompt: impl Into<BatchedPrompt>, request: Request, sink: Box<dyn Sink>) -> Result<Cancel> {
        let cancel = Cancel::default();
        self.send([Submission { prompt: prompt.into(), request, cancel: cancel.clone(), sink }])?;
        Ok(cancel)
    }

    /// Queues a request for each prompt, with consecutive seeds; `done` receives all rows, or the first error. The
    /// returned flag cancels the requests, whose tokens so far are returned.
    ///
    /// **Errors:** `Input` if there is no prompt, or the batcher is closed.
    pub fn generate(
        &self,
        prompts: Vec<impl Into<BatchedPrompt>>,
        request: &Request,
        done: impl FnOnce(Result<Generated, Arc<Error>>) + Send + 'static,
    ) -> Result<Cancel> {
        if prompts.is_empty() {
            return Err(Error::input("input_ids", "expected at least one prompt"));
        }
        let cancel = Cancel::default();
        let gathering = Arc::new(Mutex::new(Gathering {
            rows: vec![None; prompts.len()],
            fill_token_id: request.settings.pad_token_id().unwrap_or(0),
            done: Some(Box::new(done)),
        }));
        let submissions = prompts.into_iter().zip(0_u64..).enumerate().map(|(row, (prompt, offset))| Submission {
            prompt: prompt.into(),
            request: Request { seed: request.seed.wrapping_add(offset), text: None, ..request.clone() },
            cancel: cancel.clone(),
            sink: Box::new(RowSink { row, gathering: gathering.clone(), cancel: cancel.clone() }),
        });
        self.send(submissions)?;
        Ok(cancel)
    }

    /// Cancels all requests and waits for the thread; their sinks receive the end.
    pub fn close(&self) {
        drop(self.submissions.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A sink may close the batcher, and a thread cannot wait for itself.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != thread::current().id()) {
            // A panic of the thread concerns the sink that caused it.
            let _ = thread.join();
        }
    }

    fn send(&self, submissions: impl IntoIterator<Item = Submission>) -> Result<()> {
        let sender = self.submissions.lock().unwrap_or_else(PoisonError::into_inner);
        let are_sent =
            sender.as_ref().is_some_and(|sender| submissions.into_iter().all(|request| sender.send(request).is_ok()));
        if are_sent { Ok(()) } else { Err(Error::input("model", "its batcher is closed and accepts no more requests")) }
    }
}

/// A request that the scheduler holds.
struct Active {
    sink: Box<dyn Sink>,
    text: Option<TextStream<'static>>,
    cancel: Cancel,
}

impl Active {
    /// **Errors:** any error of the decoder.
    fn put(&mut self, tokens: &[i64]) -> Result<ControlFlow<()>> {
        let Some(text) = &mut self.text else { return Ok(self.sink.tokens(tokens)) };
        let text = text.put(tokens)?;
        Ok(if text.is_empty() { ControlFlow::Continue(()) } else { self.sink.text(&text) })
    }

    fn end(mut self, row: GeneratedRow) {
        match self.text.as_mut().map(TextStream::end).transpose() {
            Ok(rest) => {
                if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
                    // The request ends whether or not its text is still wanted.
                    let _ = self.sink.text(&rest);
                }
                self.sink.end(row);
            }
            Err(error) => self.sink.error(Arc::new(error)),
        }
    }
}

struct Worker<H> {
    host: H,
    /// `None` after a failed step.
    scheduler: Option<Scheduler<'static>>,
    active: HashMap<RequestId, Active>,
}

impl<H: Host> Worker<H> {
    /// Runs requests until the batcher is closed and all requests have ended.
    fn serve(mut self, received: &Receiver<Submission>) {
        loop {
            if self.scheduler.as_ref().is_none_or(Scheduler::is_idle) {
                match received.recv() {
                    Ok(submission) => self.add(submission),
                    Err(_) => return,
                }
            }
            loop {
                match received.try_recv() {
                    Ok(submission) => self.add(submission),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => {
                        self.active.values().for_each(|active| active.cancel.cancel());
                        break;
                    }
                }
            }
            self.step();
            self.host.after_step();
        }
    }

    fn add(&mut self, Submission { prompt, request, cancel, sink }: Submission) {
        let Request { settings, seed, decode, text } = request;
        let call = Call { seed, decode, cancel: cancel.clone(), ..Call::default() };
        let BatchedPrompt { tokens, source } = prompt;
        match guarded(|| self.scheduler()?.add_with_source(&tokens, source, &settings, call)) {
            Ok(id) => {
                self.active.insert(id, Active { sink, text: text.map(TextStream::new), cancel });
            }
            Err(error) => sink.error(Arc::new(error)),
        }
    }

    fn scheduler(&mut self) -> Result<&mut Scheduler<'static>> {
        match self.scheduler {
            Some(ref mut scheduler) => Ok(scheduler),
            None => Ok(self.scheduler.insert(scheduler(&mut self.host)?)),
        }
    }

    fn step(&mut self) {
        let Some(scheduler) = &mut self.scheduler else { return };
        let host = &mut self.host;
        match guarded(|| host.run(&mut || scheduler.step())) {
            Ok(events) => events.into_iter().for_each(|event| self.tell(event)),
            Err(error) => {
                self.scheduler = None;
                let error = Arc::new(error);
                self.active.drain().for_each(|(_, active)| active.sink.error(error.clone()));
            }
        }
    }

    fn tell(&mut self, event: Event) {
        match event {
            Event::Token(id, token) => match self.active.get_mut(&id).map(|active| active.put(&[token])) {
                None | Some(Ok(ControlFlow::Continue(()))) => {}
                Some(Ok(ControlFlow::Break(()))) => self.active[&id].cancel.cancel(),
                Some(Err(error)) => {
                    if let Some(active) = self.active.remove(&id) {
                        active.cancel.cancel();
                        active.sink.error(Arc::new(error));
                    }
                }
            },
            Event::Finished(id, row) => {
                if let Some(active) = self.active.remove(&id) {
                    active.end(row);
                }
            }
            Event::Failed(id, error) => {
                if let Some(active) = self.active.remove(&id) {
                    active.sink.error(Arc::new(error));
                }
            }
        }
    }
}

fn scheduler(host: &mut impl Host) -> Result<Scheduler<'static>> {
    Ok(Scheduler::new(host.sequences()?).with_max_tokens_per_read(TOKENS_PER_STEP))
}

/// Runs `work` and turns a panic into an error.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Error::internal("a panic while generating")))
}

type Done = Box<dyn FnOnce(Result<Generated, Arc<Error>>) + Send>;

/// The rows of a call of [`Batcher::generate`].
struct Gathering {
    rows: Vec<Option<GeneratedRow>>,
    fill_token_id: i64,
    /// `None` once it was called.
    done: Option<Done>,
}

/// Sink of one row of a call of [`Batcher::generate`].
struct RowSink {
    row: usize,
    gathering: Arc<Mutex<Gathering>>,
    cancel: Cancel,
}

impl Sink for RowSink {
    fn end(self: Box<Self>, row: GeneratedRow) {
        let mut gathering = self.gathering.lock().unwrap_or_else(PoisonError::into_inner);
        gathering.rows[self.row] = Some(row);
        if gathering.rows.iter().any(Option::is_none) {
            return;
        }
        let rows = gathering.rows.iter_mut().filter_map(Option::take).collect();
        let fill_token_id = gathering.fill_token_id;
        let done = gathering.done.take();
        drop(gathering);
        if let Some(done) = done {
            done(Ok(Generated { rows, scores: Vec::new(), logits: Vec::new(), fill_token_id }));
        }
    }

    fn error(self: Box<Self>, error: Arc<Error>) {
        self.cancel.cancel();
        let done = self.gathering.lock().unwrap_or_else(PoisonError::into_inner).done.take();
        if let Some(done) = done {
            done(Err(error));
        }
    }
}
