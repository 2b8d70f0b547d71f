//! Continuous batching for Python: streams that are read from Rust, and futures that are set once.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3_stub_gen::derive::{gen_stub_pyclass, gen_stub_pymethods};
use pyo3_stub_gen::{PyStubType, TypeInfo};
use trustformers::generation::{
    BatchedPrompt, Batcher, Cancel, Decode, FinishReason, Generated, GeneratedRow, PaddedPrompts, Request, Sink,
};
use trustformers::{Error, Result, batcher, decoder};

use super::request::PyGenerationRequest;
use crate::door;
use crate::model::PyModel;

/// Requests of one model that are computed together; more wait for their turn.
const NUM_SLOTS: usize = 64;
/// How often a thread that waits for output looks for signals.
const INTERVAL: Duration = Duration::from_millis(50);

/// Calls into Python that the requests of a step leave for its end, where the GIL is taken once for all of them.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<Call>>>);

type Call = Box<dyn FnOnce(Python<'_>) + Send>;

impl Calls {
    fn push(&self, call: impl FnOnce(Python<'_>) + Send + 'static) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(call));
    }

    fn run(&self) {
        let calls = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if !calls.is_empty() {
            Python::attach(|py| calls.into_iter().for_each(|call| call(py)));
        }
    }
}

/// Continuous batching on a background thread: one model generates for many requests at once.
#[gen_stub_pyclass]
#[pyclass(name = "Batcher", frozen)]
pub struct PyBatcher {
    inner: Batcher,
    calls: Calls,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyBatcher {
    #[new]
    fn new(py: Python<'_>, model: &PyModel) -> PyResult<Self> {
        let model = model.inner.clone();
        door::run_here(py, || {
            let calls = Calls::default();
            let after_step = calls.clone();
            Ok(Self { inner: batcher(model, NUM_SLOTS, move || after_step.run())?, calls })
        })
    }

    /// Streams the continuation of one prompt, as text if the request has a tokenizer. `ready` is called on the
    /// batcher's thread when there is output again after a `receive`; if it raises, the request is cancelled.
    #[pyo3(signature = (request, *, skip_special_tokens=true, ready=None))]
    fn stream(
        &self,
        py: Python<'_>,
        request: &PyGenerationRequest,
        skip_special_tokens: bool,
        ready: Option<Py<PyAny>>,
    ) -> PyResult<PyGenerationStream> {
        door::run_here(py, || {
            let [prompt] = <[BatchedPrompt; 1]>::try_from(request.batched_prompts()?).map_err(|prompts| {
                Error::input("inputs", format!("a stream continues one prompt, found {}", prompts.len()))
            })?;
            let text = request.tokenizer.clone().map(|tokenizer| decoder(tokenizer, skip_special_tokens));
            let (sender, receiver) = channel();
            let is_announced = Arc::new(AtomicBool::new(false));
            let ready = ready.map(|callback| Ready {
                callback: Arc::new(callback),
                is_announced: is_announced.clone(),
                is_lost: Arc::default(),
                calls: self.calls.clone(),
            });
            let cancel = self.inner.submit(prompt, request.batched(text), Box::new(StreamSink { sender, ready }))?;
            let output = Mutex::new(StreamOutput { receiver, last: None, is_ended: false });
            Ok(PyGenerationStream { output, is_announced, cancel, finish_reason: OnceLock::new() })
        })
    }

    /// Continues all prompts of a request, and sets `future`, a `concurrent.futures.Future`, to the sequences or to the
    /// exception.
    fn generate(&self, py: Python<'_>, request: &PyGenerationRequest, future: Py<PyAny>) -> PyResult<PyCancel> {
        door::run_here(py, || {
            let prompts = request.prompts.clone();
            let calls = self.calls.clone();
            let done = move |outcome: Result<Generated, Arc<Error>>| {
                calls.push(move |py| {
                    let set = match outcome.map_err(|error| door::exception(py, &error)) {
                        Ok(generated) => sequences(py, &prompts, &generated)
                            .and_then(|sequences| future.call_method1(py, "set_result", (sequences,))),
                        Err(error) => future.call_method1(py, "set_exception", (error.into_value(py),)),
                    };
                    // A future that is already done has nobody who waits for it.
                    drop(set);
                });
            };
            let cancel = self.inner.generate(request.batched_prompts()?, &request.batched(None), done)?;
            Ok(PyCancel(cancel))
        })
    }

    /// Cancels all requests and stops the thread.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.inner.close());
    }
}

impl PyGenerationRequest {
    /// The prompts with the sources that they attend to.
    fn batched_prompts(&self) -> Result<Vec<BatchedPrompt>> {
        let rows = self.prompts.rows();
        let Some(source) = &self.source else { return Ok(rows.into_iter().map(BatchedPrompt::from).collect()) };
        let source = source.get().call()?;
        let sources = source.sources(&*self.model)?;
        source.check_sequences(rows.len())?;
        let prompts = rows.into_iter().zip(sources);
        Ok(prompts.map(|(tokens, source)| BatchedPrompt { tokens, source: Some(source) }).collect())
    }

    fn batched(&self, text: Option<Decode<'static>>) -> Request {
        Request {
            settings: self.settings.clone(),
            seed: self.seed,
            decode: self.tokenizer.clone().map(|tokenizer| decoder(tokenizer, false)),
            text,
        }
    }
}

/// The prompts as they were given, followed by the generated tokens: int64 of shape (rows, seq).
pub(super) fn sequences<'py>(
    py: Python<'py>,
    prompts: &PaddedPrompts,
    generated: &Generated,
) -> PyResult<Bound<'py, PyArray2<i64>>> {
    let (ids, width) = prompts.join(generated);
    PyArray1::from_vec(py, ids).reshape([generated.rows.len(), width])
}

/// Cancels a request.
#[gen_stub_pyclass]
#[pyclass(name = "Cancel", frozen)]
pub struct PyCancel(Cancel);

#[gen_stub_pymethods]
#[pymethods]
impl PyCancel {
    /// Ends the request after the current step.
    fn cancel(&self) {
        self.0.cancel();
    }
}

/// The output of a request while it is generated; the request is cancelled when the stream is dropped.
#[gen_stub_pyclass]
#[pyclass(name = "GenerationStream", frozen)]
pub struct PyGenerationStream {
    output: Mutex<StreamOutput>,
    is_announced: Arc<AtomicBool>,
    cancel: Cancel,
    finish_reason: OnceLock<&'static str>,
}

#[gen_stub_pymethods]
#[pymethods]
impl PyGenerationStream {
    /// Takes the tokens or pieces of text that were generated since the last call. With `wait`, waits for at least one,
    /// and returns none only after the end.
    fn receive(&self, py: Python<'_>, wait: bool) -> PyResult<Vec<Piece>> {
        loop {
            match py.detach(|| self.take(wait)) {
                Taken::Pieces(pieces) => return Ok(pieces),
                Taken::Error(error) => return Err(door::exception(py, &error)),
                Taken::Nothing if wait => py.check_signals()?,
                Taken::Nothing | Taken::End => return Ok(Vec::new()),
            }
        }
    }

    /// Why the generation finished; None before its end was received.
    #[getter]
    fn finish_reason(&self) -> Option<&'static str> {
        self.finish_reason.get().copied()
    }

    /// Ends the request after the current step.
    fn cancel(&self) {
        self.cancel.cancel();
    }
}

impl Drop for PyGenerationStream {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// A token, or text where the request has a tokenizer.
#[derive(IntoPyObject)]
enum Piece {
    Token(i64),
    Text(String),
}

impl PyStubType for Piece {
    fn type_output() -> TypeInfo {
        i64::type_output() | String::type_output()
    }
}

enum Output {
    Piece(Piece),
    End(FinishReason),
    Error(Arc<Error>),
}

struct StreamOutput {
    receiver: Receiver<Output>,
    /// Output that ends the stream, received after pieces that were not returned before.
    last: Option<Output>,
    is_ended: bool,
}

enum Taken {
    Pieces(Vec<Piece>),
    Nothing,
    End,
    Error(Arc<Error>),
}

impl PyGenerationStream {
    fn take(&self, wait: bool) -> Taken {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        // Before the output is taken: what comes later is announced again.
        self.is_announced.store(false, Ordering::SeqCst);
        if output.is_ended {
            return Taken::End;
        }
        let mut pieces = Vec::new();
        let last = output.last.take().or_else(|| output.collect(&mut pieces, wait));
        match last {
            Some(last) if !pieces.is_empty() => {
                output.last = Some(last);
                Taken::Pieces(pieces)
            }
            None if pieces.is_empty() => Taken::Nothing,
            None | Some(Output::Piece(_)) => Taken::Pieces(pieces),
            Some(Output::Error(error)) => {
                output.is_ended = true;
                Taken::Error(error)
            }
            Some(Output::End(finish)) => {
                output.is_ended = true;
                self.finish_reason.get_or_init(|| finish.name());
                Taken::End
            }
        }
    }
}

impl StreamOutput {
    /// Adds the pieces that are there, and returns the output that ends the stream.
    fn collect(&self, pieces: &mut Vec<Piece>, wait: bool) -> Option<Output> {
        loop {
            let received = if wait && pieces.is_empty() {
                self.receiver.recv_timeout(INTERVAL).map_err(|error| error == RecvTimeoutError::Disconnected)
            } else {
                self.receiver.try_recv().map_err(|error| error == TryRecvError::Disconnected)
            };
            match received {
                Ok(Output::Piece(piece)) => pieces.push(piece),
                Ok(last) => return Some(last),
                Err(false) => return None,
                Err(true) => return Some(Output::Error(Arc::new(Error::internal("the thread of generation ended")))),
            }
        }
    }
}

struct StreamSink {
    sender: Sender<Output>,
    ready: Option<Ready>,
}

/// Announces output to an event loop, once until it is received.
struct Ready {
    callback: Arc<Py<PyAny>>,
    is_announced: Arc<AtomicBool>,
    /// Whether the callback raised an exception.
    is_lost: Arc<AtomicBool>,
    calls: Calls,
}

impl StreamSink {
    fn send(&self, output: Output) -> ControlFlow<()> {
        if self.sender.send(output).is_err() {
            return ControlFlow::Break(());
        }
        let Some(Ready { callback, is_announced, is_lost, calls }) = &self.ready else {
            return ControlFlow::Continue(());
        };
        if is_lost.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        if !is_announced.swap(true, Ordering::SeqCst) {
            let (callback, is_lost) = (callback.clone(), is_lost.clone());
            calls.push(move |py| is_lost.store(callback.call0(py).is_err(), Ordering::Relaxed));
        }
        ControlFlow::Continue(())
    }
}

impl Sink for StreamSink {
    fn tokens(&mut self, tokens: &[i64]) -> ControlFlow<()> {
        tokens.iter().try_for_each(|token| self.send(Output::Piece(Piece::Token(*token))))
    }

    fn text(&mut self, text: &str) -> ControlFlow<()> {
        self.send(Output::Piece(Piece::Text(text.to_owned())))
    }

    fn end(self: Box<Self>, row: GeneratedRow) {
        // A stream that was dropped needs no end.
        let _ = self.send(Output::End(row.finish.unwrap_or(FinishReason::Length)));
    }

    fn error(self: Box<Self>, error: Arc<Error>) {
        // A stream that was dropped needs no error.
        let _ = self.send(Output::Error(error));
    }
}
