use std::collections::VecDeque;

use trustformers_core::{Error, Feed, LogitsOf, Result, Sequences, Source};

use crate::prompts::{Prompt, read, too_long, with_begin};
use crate::row::Row;
use crate::{Call, FinishReason, GeneratedRow, Settings};

/// Identifies a request; later requests have larger ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(u64);

/// What a step did for a request.
#[derive(Debug)]
pub enum Event {
    /// The request generated a token.
    Token(RequestId, i64),
    /// The request finished; no event follows.
    Finished(RequestId, GeneratedRow),
    /// The request failed; no event follows.
    Failed(RequestId, Error),
}

struct Request<'a> {
    id: RequestId,
    row: Row,
    /// What the sequence of an encoder-decoder attends to.
    source: Option<Source>,
    call: Call<'a>,
    uses_cache: bool,
    /// The key that limits the length of the sequence.
    length_key: &'static str,
    is_cancelled: bool,
}

impl Request<'_> {
    fn is_cancelled(&self) -> bool {
        self.is_cancelled || self.call.cancel.is_cancelled()
    }

    fn end(mut self, finish: Option<FinishReason>) -> Event {
        self.row.finish = finish.or(self.row.finish);
        match self.call.streamer.as_deref_mut().map_or(Ok(()), |streamer| streamer.end()) {
            Ok(()) => Event::Finished(self.id, self.row.into_generated()),
            Err(error) => Event::Failed(self.id, error),
        }
    }
}

/// A cache slot: its request, and the tokens that it holds.
struct Slot<'a> {
    request: Option<Request<'a>>,
    held: Vec<i64>,
}

/// Continuous batching: requests join and leave between steps; each step is one forward pass.
///
/// A request generates the same tokens as it would alone. It waits while all slots are taken, and then takes the free
/// slot that shares the longest prefix with its prompt. A source is encoded when its request gets a slot, together with
/// those of other requests.
pub struct Scheduler<'a> {
    sequences: Box<dyn Sequences + 'a>,
    slots: Vec<Slot<'a>>,
    waiting: VecDeque<Request<'a>>,
    /// Events of a step whose forward pass failed; the next step returns them.
    untold: Vec<Event>,
    num_requests: u64,
    max_tokens_per_read: usize,
}

impl<'a> Scheduler<'a> {
    /// A scheduler without requests that uses all slots of `sequences`.
    pub fn new(sequences: Box<dyn Sequences + 'a>) -> Self {
        let slots = (0..sequences.num_slots()).map(|_| Slot { request: None, held: Vec::new() }).collect();
        Self {
            sequences,
            slots,
            waiting: VecDeque::new(),
            untold: Vec::new(),
            num_requests: 0,
            max_tokens_per_read: usize::MAX,
        }
    }

    /// Limits the tokens of a forward pass, beyond one per running request, by prefilling long prompts in chunks.
    #[must_use]
    pub fn with_max_tokens_per_read(mut self, max_tokens: usize) -> Self {
        self.max_tokens_per_read = max_tokens.max(1);
        self
    }

    /// Adds a request; `max_time` starts now.
    ///
    /// **Errors:** `Input` for an invalid prompt or invalid settings, `Unsupported` for beam search, several sequences,
    /// assisted generation, `past` and recorded scores.
    pub fn add(&mut self, prompt: &[i64], settings: &Settings, call: Call<'a>) -> Result<RequestId> {
        self.add_with_source(prompt, None, settings, call)
    }

    /// Adds a request of an encoder-decoder, whose decoder continues the prompt and attends to the source.
    ///
    /// **Errors:** as [`Scheduler::add`].
    pub fn add_with_source(
        &mut self,
        prompt: &[i64],
        source: Option<Source>,
        settings: &Settings,
        call: Call<'a>,
    ) -> Result<RequestId> {
        settings.check_batched()?;
        let refused = [("assistant_model", call.assistant.is_some()), ("past_key_values", !call.past.is_empty())];
        if let Some((what, _)) = refused.iter().find(|(_, is_asked_for)| *is_asked_for) {
            return Err(Error::unsupported(format!("{what} with continuous batching")));
        }
        let prompt = with_begin(&[prompt.to_vec()], settings)?.pop().unwrap_or_default();
        let vocab = self.sequences.vocab_size();
        if let Some(token) = prompt.iter().find(|token| usize::try_from(**token).map_or(true, |token| token >= vocab)) {
            let argument = if source.is_some() { "decoder_input_ids" } else { "input_ids" };
            return Err(Error::input(argument, format!("{token} is outside the vocabulary of {vocab} tokens")));
        }
        let lengths = settings.lengths(prompt.len(), self.sequences.max_tokens())?;
        let row = Row::new(
            settings,
            lengths,
            Prompt { index: 0, tokens: &prompt, source: source.as_ref().and_then(Source::known_ids) },
            (call.seed, 0),
            call.decode.is_some(),
        )?;
        let id = RequestId(self.num_requests);
        self.num_requests += 1;
        self.waiting.push_back(Request {
            id,
            row,
            source,
            call,
            uses_cache: settings.uses_cache(),
            length_key: settings.length_key(),
            is_cancelled: false,
        });
        Ok(id)
    }

    /// Cancels a request at the next step; finished requests are ignored.
    pub fn cancel(&mut self, id: RequestId) {
        let running = self.slots.iter_mut().filter_map(|slot| slot.request.as_mut());
        if let Some(request) = running.chain(&mut self.waiting).find(|request| request.id == id) {
            request.is_cancelled = true;
        }
    }

    /// Number of requests that have a slot.
    pub fn num_running(&self) -> usize {
        self.slots.iter().filter(|slot| slot.request.is_some()).count()
    }

    /// Number of requests that wait for a slot.
    pub fn num_waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no request is running or waiting.
    pub fn is_idle(&self) -> bool {
        self.num_running() == 0 && self.waiting.is_empty()
    }

    /// Gives free slots to waiting requests, runs one forward pass, and returns the events of all requests.
    ///
    /// **Errors:** any error of the forward pass; all requests stay, and the step can be retried.
    pub fn step(&mut self) -> Result<Vec<Event>> {
        let mut events = std::mem::take(&mut self.untold);
        let read = self.prepare(&mut events).and_then(|()| self.read());
        let (read_slots, mut logits) = match read {
            Ok(read) => read,
            Err(error) => {
                self.untold = events;
                return Err(error);
            }
        };
        let vocab = self.sequences.vocab_size();
        for (&index, logits) in read_slots.iter().zip(logits.chunks_exact_mut(vocab)) {
            let slot = &mut self.slots[index];
            let Some(request) = &mut slot.request else { continue };
            let num_held = self.sequences.len(index);
            slot.held.clear();
            slot.held.extend_from_slice(&request.row.tokens[..num_held]);
            if num_held < request.row.tokens.len() {
                continue;
            }
            match advance(request, logits) {
                Ok(token) => {
                    events.push(Event::Token(request.id, token));
                    if !request.uses_cache {
                        slot.held.clear();
                        if let Err(error) = self.sequences.truncate(index, 0) {
                            events.push(Event::Failed(request.id, error));
                            slot.request = None;
                            continue;
                        }
                    }
                    if request.row.finish.is_some() {
                        events.extend(slot.request.take().map(|request| request.end(None)));
                    }
                }
                Err(error) => {
                    events.push(Event::Failed(request.id, error));
                    slot.request = None;
                }
            }
        }
        Ok(events)
    }

    fn prepare(&mut self, events: &mut Vec<Event>) -> Result<()> {
        self.end_cancelled(events);
        self.admit(events)?;
        self.fail_too_long(events);
        Ok(())
    }

    fn end_cancelled(&mut self, events: &mut Vec<Event>) {
        for slot in &mut self.slots {
            if slot.request.as_ref().is_some_and(Request::is_cancelled) {
                events.extend(slot.request.take().map(|request| request.end(Some(FinishReason::Cancelled))));
            }
        }
        let (cancelled, waiting): (VecDeque<_>, _) = self.waiting.drain(..).partition(Request::is_cancelled);
        self.waiting = waiting;
        events.extend(cancelled.into_iter().map(|request| request.end(Some(FinishReason::Cancelled))));
    }

    fn admit(&mut self, events: &mut Vec<Event>) -> Result<()> {
        let mut admitted = Vec::new();
        let mut budget = self.max_tokens_per_read;
        while let Some(request) = self.waiting.front() {
            let num_encoded = request.source.as_ref().map_or(0, |source| source.seq);
            // Running requests wait while a source is encoded, which cannot be done in chunks.
            if num_encoded > budget && !admitted.is_empty() {
                break;
            }
            let Some((index, kept)) = self.best_slot(request) else { break };
            if kept < self.sequences.len(index) {
                self.sequences.truncate(index, kept)?;
            }
            let slot = &mut self.slots[index];
            slot.held.truncate(kept);
            let Some(mut request) = self.waiting.pop_front() else { break };
            let tokens = &request.row.tokens;
            match request.call.streamer.as_deref_mut().map_or(Ok(()), |streamer| streamer.put_prompts(&[tokens])) {
                Ok(()) => {
                    if request.source.is_some() {
                        admitted.push(index);
                        budget = budget.saturating_sub(num_encoded);
                    }
                    slot.request = Some(request);
                }
                Err(error) => events.push(Event::Failed(request.id, error)),
            }
        }
        self.encode(&admitted, events);
        Ok(())
    }

    /// The free slot for a request, and the number of its tokens that the request shares.
    fn best_slot(&self, request: &Request<'_>) -> Option<(usize, usize)> {
        let tokens = &request.row.tokens;
        let shared = |index: usize, slot: &Slot<'_>| {
            if request.source.is_some() {
                return 0;
            }
            let shared = slot.held.iter().zip(tokens).take_while(|(held, token)| held == token).count();
            self.sequences.reusable(index, shared.min(tokens.len() - 1), tokens.len())
        };
        let free = self.slots.iter().enumerate().filter(|(_, slot)| slot.request.is_none());
        let rated = free.map(|(index, slot)| (index, shared(index, slot), slot.held.len()));
        if request.source.is_some() {
            // A model has memory for the sources of the first slots, as many as were used at once.
            return rated.map(|(index, kept, _)| (index, kept)).next();
        }
        // Of equals, the slot that holds least: longer prefixes may still be reused.
        rated.max_by_key(|(_, kept, held)| (*kept, std::cmp::Reverse(*held))).map(|(index, kept, _)| (index, kept))
    }

    /// Encodes the sources of the requests in these slots; a request whose source cannot be encoded fails.
    fn encode(&mut self, slots: &[usize], events: &mut Vec<Event>) {
        let Self { sequences, slots: all, .. } = self;
        let source = |slot: usize| Some((slot, all[slot].request.as_ref()?.source.as_ref()?));
        let sources: Vec<_> = slots.iter().filter_map(|slot| source(*slot)).collect();
        if sources.is_empty() || sequences.encode(&sources).is_ok() {
            return;
        }
        let failed: Vec<_> =
            sources.iter().filter_map(|source| Some((source.0, sequences.encode(&[*source]).err()?))).collect();
        for (slot, error) in failed {
            events.extend(all[slot].request.take().map(|request| Event::Failed(request.id, error)));
        }
    }

    fn fail_too_long(&mut self, events: &mut Vec<Event>) {
        let Some(most) = self.sequences.max_tokens() else { return };
        for slot in &mut self.slots {
            if let Some(request) = slot.request.take_if(|request| request.row.tokens.len() > most) {
                let len = request.row.tokens.len();
                let error = Error::input(request.length_key, too_long(len, most));
                events.push(Event::Failed(request.id, error));
            }
        }
    }

    /// Reads the next tokens of each running request; single tokens come before chunks of prompts.
    fn read(&mut self) -> Result<(Vec<usize>, Vec<f32>)> {
        for (index, slot) in self.slots.iter().enumerate() {
            // If a forward pass failed late, its logits of the last token are missing and computed again.
            if let Some(request) =
                slot.request.as_ref().filter(|request| self.sequences.len(index) >= request.row.tokens.len())
            {
                self.sequences.truncate(index, request.row.tokens.len() - 1)?;
            }
        }
        let mut unread: Vec<(usize, &[i64])> = self
            .slots
            .iter()
            .enumerate()
            .filter_map(|(index, slot)| {
                let request = slot.request.as_ref()?;
                Some((index, &request.row.tokens[self.sequences.len(index)..]))
            })
            .collect();
        unread.sort_by_key(|(_, tokens)| tokens.len() > 1);
        let mut budget = self.max_tokens_per_read;
        let mut feeds = Vec::with_capacity(unread.len());
        for (slot, tokens) in unread {
            let len = if tokens.len() == 1 { 1 } else { tokens.len().min(budget) };
            budget = budget.saturating_sub(len);
            if len > 0 {
                feeds.push(Feed { slot, tokens: &tokens[..len], pending: tokens.len() - len });
            }
        }
        if feeds.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let logits = read(&mut *self.sequences, &feeds, LogitsOf::Last)?;
        Ok((feeds.iter().map(|feed| feed.slot).collect(), logits))
    }
}

fn advance(request: &mut Request<'_>, logits: &mut [f32]) -> Result<i64> {
    let token = request.row.advance(logits, &mut request.call)?;
    match &mut request.call.streamer {
        Some(streamer) => streamer.put_tokens(&[(0, token)]).map(|()| token),
        None => Ok(token),
    }
}
