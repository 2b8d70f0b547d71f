use std::sync::Arc;

use trustformers::generation::{Cancel, GeneratedRow, PaddedPrompts, Request, Settings};
use trustformers::tokenizers::EncodeOptions;
use trustformers::{Error, GenerateRequest, decoder, generate};

use crate::door;
use crate::error::{ListenerError, Result};
use crate::generation_options::GenerationOptions;
use crate::load_options::LoadOptions;
use crate::model::{Head, Model};
use crate::text_stream::{FinishReason, Output, OutputSink, TextStream};
use crate::tokenizer::Tokenizer;

/// A generated text.
#[derive(Clone, Debug, uniffi::Record)]
pub struct GeneratedText {
    /// The text, without the prompt.
    pub text: String,
    /// The generated tokens, without the prompt.
    pub token_ids: Vec<i64>,
    /// Number of tokens of the prompt.
    pub num_prompt_tokens: u64,
    /// Why the generation finished.
    pub finish_reason: FinishReason,
}

/// Receives a text while it is generated.
#[uniffi::export(with_foreign)]
pub trait TextListener: Send + Sync {
    /// Receives the next piece of the text; false cancels the generation.
    fn on_text(&self, text: String) -> Result<bool, ListenerError>;
}

/// Text generation with a causal language model. Calls of all generators of a model are computed together.
#[derive(uniffi::Object)]
pub struct Generator {
    model: Arc<Model>,
    tokenizer: Arc<Tokenizer>,
}

#[uniffi::export]
impl Generator {
    /// A generator of a model with a causal language modeling head and its tokenizer.
    #[uniffi::constructor]
    pub fn new(model: Arc<Model>, tokenizer: Arc<Tokenizer>) -> Result<Arc<Self>> {
        let found = model.inner.head();
        if found != Head::CausalLm.into() {
            let message = format!("text generation needs a model with the head causal_lm, found {}", found.name());
            return Err(Error::input("model", message).into());
        }
        Ok(Arc::new(Self { model, tokenizer }))
    }

    /// Loads a model and its tokenizer from a directory, a GGUF file or a hub repository.
    #[uniffi::constructor(default(options))]
    pub fn load(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        let (model, tokenizer) = crate::classifiers::load(&name_or_path, Head::CausalLm, &options)?;
        Self::new(model, tokenizer)
    }

    /// As `load`, without blocking.
    #[uniffi::constructor(default(options))]
    pub async fn load_async(name_or_path: String, options: LoadOptions) -> Result<Arc<Self>> {
        door::spawn(move || Self::load(name_or_path, options)).await
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> Arc<Tokenizer> {
        self.tokenizer.clone()
    }

    /// Continues a prompt.
    #[uniffi::method(default(options))]
    pub fn generate(&self, prompt: String, options: GenerationOptions) -> Result<GeneratedText> {
        let call = door::run_here(|| self.call(&prompt, &options))?;
        if call.settings.num_beams() > 1 {
            return self.search(&call, Cancel::default());
        }
        let stream = self.start(&call, false)?;
        while stream.next_text()?.is_some() {}
        self.finished(&call, stream.row()?)
    }

    /// As `generate`, without blocking; cancelling the call cancels the generation.
    #[uniffi::method(default(options))]
    pub async fn generate_async(self: Arc<Self>, prompt: String, options: GenerationOptions) -> Result<GeneratedText> {
        let call = door::run_here(|| self.call(&prompt, &options))?;
        if call.settings.num_beams() > 1 {
            let cancel = CancelOnDrop(Cancel::default());
            let flag = cancel.0.clone();
            return door::spawn(move || self.search(&call, flag)).await;
        }
        let stream = self.start(&call, false)?;
        while stream.next_text_async().await?.is_some() {}
        self.finished(&call, stream.row()?)
    }

    /// Continues a prompt; the text is read from the stream while it is generated.
    #[uniffi::method(default(options))]
    pub fn stream(&self, prompt: String, options: GenerationOptions) -> Result<Arc<TextStream>> {
        let call = door::run_here(|| self.call(&prompt, &options))?;
        Ok(Arc::new(self.start(&call, true)?))
    }

    /// Continues a prompt; the listener is called on this thread while the text is generated.
    #[uniffi::method(default(options))]
    pub fn stream_to(
        &self,
        prompt: String,
        listener: Arc<dyn TextListener>,
        options: GenerationOptions,
    ) -> Result<GeneratedText> {
        let call = door::run_here(|| self.call(&prompt, &options))?;
        let stream = self.start(&call, true)?;
        while let Some(text) = stream.next_text()? {
            if !listener.on_text(text).map_err(Error::from)? {
                stream.cancel();
            }
        }
        self.finished(&call, stream.row()?)
    }
}

/// A prompt, and how it is continued.
struct GenerationCall {
    prompt: Vec<i64>,
    settings: Settings,
    seed: u64,
    skip_special_tokens: bool,
}

impl Generator {
    fn call(&self, prompt: &str, options: &GenerationOptions) -> trustformers::Result<GenerationCall> {
        let settings = options.settings(&self.model.generation_config)?;
        if settings.num_return_sequences() > 1 {
            return Err(Error::input("num_return_sequences", "must be 1: a call returns one text"));
        }
        let encode = EncodeOptions { add_special_tokens: options.add_special_tokens, ..EncodeOptions::default() };
        let encoding = self.tokenizer.inner.encode(prompt, &encode)?;
        let prompt: Vec<i64> = encoding.get_ids().iter().map(|id| i64::from(*id)).collect();
        if !prompt.is_empty() {
            self.model.inner.check_input_ids(&prompt, [1, prompt.len()])?;
        }
        Ok(GenerationCall { prompt, settings, seed: options.seed(), skip_special_tokens: options.skip_special_tokens })
    }

    /// Starts a generation together with those of other calls, with its text if `has_text`.
    fn start(&self, call: &GenerationCall, has_text: bool) -> Result<TextStream> {
        door::run_here(|| {
            call.settings.check_streamed()?;
            call.settings.check_batched()?;
            let tokenizer = (*self.tokenizer.inner).clone();
            let request = Request {
                settings: call.settings.clone(),
                seed: call.seed,
                decode: Some(decoder(tokenizer.clone(), false)),
                text: has_text.then(|| decoder(tokenizer, call.skip_special_tokens)),
            };
            let output = Arc::new(Output::default());
            let sink = Box::new(OutputSink(output.clone()));
            let cancel = self.model.batcher()?.submit(call.prompt.clone(), request, sink)?;
            Ok(TextStream::new(output, cancel, self.model.clone()))
        })
    }

    /// Beam search, which runs on its own.
    fn search(&self, call: &GenerationCall, cancel: Cancel) -> Result<GeneratedText> {
        let row = door::run(|| {
            let shape = [1, call.prompt.len()];
            let mask = (vec![1; call.prompt.len()], shape);
            let prompts = match call.prompt.is_empty() {
                true => PaddedPrompts::default(),
                false => PaddedPrompts::new(call.prompt.clone(), shape, Some(mask), &call.settings)?,
            };
            let request = GenerateRequest {
                tokenizer: Some(&self.tokenizer.inner),
                cancel,
                ..GenerateRequest::new(&prompts, &call.settings, call.seed)
            };
            let rows = generate(&self.model.inner, request)?.generated.rows;
            rows.into_iter().next().ok_or_else(|| Error::internal("beam search without a result"))
        })?;
        self.finished(call, row)
    }

    fn finished(&self, call: &GenerationCall, row: GeneratedRow) -> Result<GeneratedText> {
        door::run_here(|| {
            let token_ids = row.tokens[row.prompt_len..].to_vec();
            let decode = decoder((*self.tokenizer.inner).clone(), call.skip_special_tokens);
            Ok(GeneratedText {
                text: decode(&token_ids)?,
                token_ids,
                num_prompt_tokens: row.prompt_len as u64,
                finish_reason: row.finish.into(),
            })
        })
    }
}

/// Cancels a generation when the call that awaits it is dropped.
struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
