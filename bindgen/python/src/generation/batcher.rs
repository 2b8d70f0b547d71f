//! Continuous batching on a background thread: requests join and leave a running batch.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use trustformers::generation::{Call, Cancel, Decode, Event, FinishReason, RequestId, Scheduler, Settings, TextStream};
use trustformers::{Error, Result, on_pool};

use super::{decoder, settings};
use crate::door;
use crate::model::PyModel;
use crate::tokenizer::PyTokenizer;

/// Maximum tokens of a forward pass; longer prompts are prefilled in chunks beside running requests.
const TOKENS_PER_STEP: usize = 512;

/// Continuous batching on a background thread: one model generates for many requests at once.
#[gen_stub_pyclass]
#[pyclass(name = "Batcher", frozen)]
pub struct PyBatcher {
    commands: Mutex<Option<Sender<Submission>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A request submitted to a batcher.
#[gen_stub_pyclass]
#[pyclass(name = "Request", frozen)]
pub struct PyRequest {
    cancel: Cancel,
}

struct Submission {
    prompt: Vec<i64>,
    settings: Settings,
    seed: u64,
    /// Decodes streamed tokens into text; `None` streams token ids.
    text: Option<Decode<'static>>,
    /// Decodes tokens to find stop strings.
    decode: Option<Decode<'static>>,
    cancel: Cancel,
    sink: Py<PyAny>,
}

struct Running {
    sink: Py<PyAny>,
    text: Option<TextStream<'static>>,
    cancel: Cancel,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyBatcher {
    #[new]
    fn new(py: Python<'_>, model: &PyModel, num_slots: usize) -> PyResult<Self> {
        let model = model.inner.clone();
        door::run_here(py, || {
            let sequences = model.clone().sequences(num_slots)?;
            let (commands, received) = channel();
            let work = move || {
                let remake = || model.clone().sequences(num_slots);
                serve(Scheduler::new(sequences).with_max_tokens_per_read(TOKENS_PER_STEP), remake, &received);
            };
            let thread = thread::Builder::new()
                .name("generation".to_owned())
                .spawn(work)
                .map_err(|error| Error::unsupported(format!("a thread for generation: {error}")))?;
            Ok(Self { commands: Mutex::new(Some(commands)), thread: Mutex::new(Some(thread)) })
        })
    }

    /// Queues a request. `sink(kind, value)` is called on the batcher's thread: "token" with a token id or "text" with
    /// text as they are generated, then "end" with the finish reason or "error" with an exception. With a tokenizer and
    /// `gives_text`, text is sent instead of tokens.
    #[pyo3(signature = (prompt, sink, *, model_config, user_config, kwargs, seed, tokenizer=None,
        skip_special_tokens=true, gives_text=true))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python method")]
    fn submit(
        &self,
        py: Python<'_>,
        prompt: Vec<i64>,
        sink: Py<PyAny>,
        model_config: &str,
        user_config: Option<&str>,
        kwargs: &str,
        seed: u64,
        tokenizer: Option<&PyTokenizer>,
        skip_special_tokens: bool,
        gives_text: bool,
    ) -> PyResult<PyRequest> {
        let tokenizer = tokenizer.map(|tokenizer| tokenizer.inner.clone());
        door::run_here(py, || {
            let cancel = Cancel::default();
            let text = tokenizer.clone().filter(|_| gives_text);
            let submission = Submission {
                prompt,
                settings: settings(model_config, user_config, kwargs)?,
                seed,
                text: text.map(|tokenizer| decoder(tokenizer, skip_special_tokens)),
                decode: tokenizer.map(|tokenizer| decoder(tokenizer, false)),
                cancel: cancel.clone(),
                sink,
            };
            let commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
            let is_taken = commands.as_ref().is_some_and(|commands| commands.send(submission).is_ok());
            if is_taken {
                Ok(PyRequest { cancel })
            } else {
                Err(Error::input("model", "its batcher is closed and accepts no more requests"))
            }
        })
    }

    /// Cancels all requests and stops the thread.
    fn close(&self, py: Python<'_>) {
        py.detach(|| {
            drop(self.commands.lock().unwrap_or_else(PoisonError::into_inner).take());
            let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(thread) = thread {
                // The requests were already told of a panic in the thread.
                let _ = thread.join();
            }
        });
    }
}

#[gen_stub_pymethods]
#[pymethods]
impl PyRequest {
    /// Ends the request after the current step.
    fn cancel(&self) {
        self.cancel.cancel();
    }
}

type Sequences = Box<dyn trustformers::Sequences>;

/// Runs submitted requests until the batcher is closed.
fn serve(mut scheduler: Scheduler<'static>, remake: impl Fn() -> Result<Sequences>, received: &Receiver<Submission>) {
    let mut running: HashMap<RequestId, Running> = HashMap::new();
    loop {
        if scheduler.is_idle() {
            match received.recv() {
                Ok(submission) => add(&mut scheduler, &mut running, submission),
                Err(_) => return,
            }
        }
        loop {
            match received.try_recv() {
                Ok(submission) => add(&mut scheduler, &mut running, submission),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    running.values().for_each(|request| request.cancel.cancel());
                    break;
                }
            }
        }
        let step = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| on_pool(|| scheduler.step())));
        match step.unwrap_or_else(|_| Err(Error::internal("a panic while generating"))) {
            Ok(events) => tell(&mut running, events),
            Err(error) => {
                fail_all(&mut running, &error);
                match remake() {
                    Ok(sequences) => {
                        scheduler = Scheduler::new(sequences).with_max_tokens_per_read(TOKENS_PER_STEP);
                    }
                    Err(_) => return,
                }
            }
        }
    }
}

fn add(scheduler: &mut Scheduler<'static>, running: &mut HashMap<RequestId, Running>, submission: Submission) {
    let Submission { prompt, settings, seed, text, decode, cancel, sink } = submission;
    let call = Call { seed, decode, cancel: cancel.clone(), ..Call::default() };
    match scheduler.add(&prompt, &settings, call) {
        Ok(id) => {
            running.insert(id, Running { sink, text: text.map(TextStream::new), cancel });
        }
        Err(error) => Python::attach(|py| give_error(py, &sink, &error)),
    }
}

fn tell(running: &mut HashMap<RequestId, Running>, events: Vec<Event>) {
    Python::attach(|py| {
        for event in events {
            match event {
                Event::Token(id, token) => {
                    let Some(request) = running.get_mut(&id) else { continue };
                    let outcome = match &mut request.text {
                        None => Ok(request.sink.call1(py, ("token", token)).map(drop)),
                        Some(text) => text.put(&[token]).map(|text| give_text(py, &request.sink, &text)),
                    };
                    match outcome {
                        Ok(Ok(())) => {}
                        // The sink raised an exception: nobody reads the output any more.
                        Ok(Err(_)) => request.cancel.cancel(),
                        Err(error) => {
                            give_error(py, &request.sink, &error);
                            request.cancel.cancel();
                        }
                    }
                }
                Event::Finished(id, row) => {
                    let Some(mut request) = running.remove(&id) else { continue };
                    let rest = request.text.as_mut().map(TextStream::end);
                    match rest.transpose() {
                        Ok(rest) => {
                            let told = give_text(py, &request.sink, rest.as_deref().unwrap_or_default());
                            // An exception of the sink cannot be reported to anyone.
                            let _ = told.and_then(|()| request.sink.call1(py, ("end", reason(row.finish))));
                        }
                        Err(error) => give_error(py, &request.sink, &error),
                    }
                }
                Event::Failed(id, error) => {
                    if let Some(request) = running.remove(&id) {
                        give_error(py, &request.sink, &error);
                    }
                }
            }
        }
    });
}

fn give_text(py: Python<'_>, sink: &Py<PyAny>, text: &str) -> PyResult<()> {
    if text.is_empty() { Ok(()) } else { sink.call1(py, ("text", text)).map(drop) }
}

fn give_error(py: Python<'_>, sink: &Py<PyAny>, error: &Error) {
    // An exception of the sink cannot be reported to anyone.
    let _ = sink.call1(py, ("error", door::exception(py, error).into_value(py)));
}

fn fail_all(running: &mut HashMap<RequestId, Running>, error: &Error) {
    Python::attach(|py| running.drain().for_each(|(_, request)| give_error(py, &request.sink, error)));
}

fn reason(finish: Option<FinishReason>) -> &'static str {
    match finish {
        Some(FinishReason::Eos) => "eos",
        Some(FinishReason::Length) | None => "length",
        Some(FinishReason::StopString) => "stop_string",
        Some(FinishReason::Time) => "time",
        Some(FinishReason::Criteria) => "criteria",
        Some(FinishReason::Cancelled) => "cancelled",
    }
}
