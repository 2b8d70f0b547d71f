use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use trustformers::Error;
use trustformers::generation::{self, Cancel, GeneratedRow, Sink};

use crate::error::Result;
use crate::mailbox::Mailbox;
use crate::model::Model;

/// Why a generation finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum FinishReason {
    /// An `eos_token_id` was generated.
    Eos,
    /// The maximum length was reached.
    Length,
    /// One of `stop_strings` was generated.
    StopString,
    /// `max_time` has passed.
    Time,
    /// The generation was cancelled.
    Cancelled,
}

impl From<Option<generation::FinishReason>> for FinishReason {
    /// A beam that did not finish has reached the maximum length.
    fn from(reason: Option<generation::FinishReason>) -> Self {
        match reason {
            Some(generation::FinishReason::Eos) => Self::Eos,
            Some(generation::FinishReason::StopString) => Self::StopString,
            Some(generation::FinishReason::Time) => Self::Time,
            Some(generation::FinishReason::Cancelled | generation::FinishReason::Criteria) => Self::Cancelled,
            Some(generation::FinishReason::Length) | None => Self::Length,
        }
    }
}

/// A text while it is generated; dropping it cancels the generation.
#[derive(uniffi::Object)]
pub struct TextStream {
    output: Arc<Output>,
    cancel: Cancel,
    /// Keeps the thread that generates.
    _model: Arc<Model>,
}

#[derive(Default)]
pub(crate) struct Output {
    pieces: Mailbox<Result<String>>,
    row: OnceLock<GeneratedRow>,
}

#[uniffi::export]
impl TextStream {
    /// Waits for the next piece of the text; `None` at its end.
    pub fn next_text(&self) -> Result<Option<String>> {
        self.output.pieces.take().transpose()
    }

    /// Awaits the next piece of the text; `None` at its end.
    pub async fn next_text_async(&self) -> Result<Option<String>> {
        self.output.pieces.take_async().await.transpose()
    }

    /// Ends the generation after the current token; the text so far is still to be read.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Why the generation finished; `None` before its end.
    pub fn finish_reason(&self) -> Option<FinishReason> {
        self.output.row.get().map(|row| row.finish.into())
    }
}

impl TextStream {
    pub(crate) fn new(output: Arc<Output>, cancel: Cancel, model: Arc<Model>) -> Self {
        Self { output, cancel, _model: model }
    }

    /// The generated tokens, after the last piece was read.
    pub(crate) fn row(&self) -> Result<GeneratedRow> {
        let row = self.output.row.get().cloned();
        row.ok_or_else(|| Error::internal("the thread of generation ended without a result").into())
    }
}

impl Drop for TextStream {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Puts the text of a generation into an [`Output`].
pub(crate) struct OutputSink(pub(crate) Arc<Output>);

impl Sink for OutputSink {
    fn text(&mut self, text: &str) -> ControlFlow<()> {
        self.0.pieces.put(Ok(text.to_owned()));
        ControlFlow::Continue(())
    }

    fn end(self: Box<Self>, row: GeneratedRow) {
        self.0.row.get_or_init(|| row);
    }

    fn error(self: Box<Self>, error: Arc<Error>) {
        self.0.pieces.put(Err(error.as_ref().into()));
    }
}

impl Drop for OutputSink {
    fn drop(&mut self) {
        self.0.pieces.close();
    }
}
