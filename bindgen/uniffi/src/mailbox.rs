use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// A queue whose items are awaited by threads or by tasks.
pub(crate) struct Mailbox<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    items: VecDeque<T>,
    is_closed: bool,
    wakers: Vec<Waker>,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        let state = State { items: VecDeque::new(), is_closed: false, wakers: Vec::new() };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }
}

impl<T> Mailbox<T> {
    /// Adds an item.
    pub(crate) fn put(&self, item: T) {
        self.change(|state| state.items.push_back(item));
    }

    /// Ends the queue after its present items.
    pub(crate) fn close(&self) {
        self.change(|state| state.is_closed = true);
    }

    /// Waits for the next item; `None` after the last one.
    pub(crate) fn take(&self) -> Option<T> {
        let waits = |state: &mut State<T>| state.items.is_empty() && !state.is_closed;
        let state = self.changed.wait_while(self.state(), waits);
        state.unwrap_or_else(PoisonError::into_inner).items.pop_front()
    }

    /// Awaits the next item; `None` after the last one.
    pub(crate) async fn take_async(&self) -> Option<T> {
        poll_fn(|context| {
            let mut state = self.state();
            match state.items.pop_front() {
                None if !state.is_closed => {
                    state.wakers.push(context.waker().clone());
                    Poll::Pending
                }
                item => Poll::Ready(item),
            }
        })
        .await
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State<T>)) {
        let wakers = {
            let mut state = self.state();
            change(&mut state);
            std::mem::take(&mut state.wakers)
        };
        self.changed.notify_all();
        // Without the lock: a waker may poll at once.
        wakers.into_iter().for_each(Waker::wake);
    }
}
