use std::any::Any;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use trustformers_core::{Error, Result};

static CALLS_INSIDE: AtomicUsize = AtomicUsize::new(0);
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// Runs `work` and turns a panic into an error, so that none crosses a binding.
///
/// **Errors:** any error of `work`; `Internal` with the message of a panic, and with its file and line if
/// [`install_panic_hook`] was called before.
pub fn without_panic<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let _inside = Inside::enter();
    panic::catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|payload| Err(Error::internal(panic_text(payload.as_ref()))))
}

/// Stores the message of a panic inside [`without_panic`] instead of printing it; other panics print as before.
pub fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if CALLS_INSIDE.load(Ordering::Relaxed) == 0 {
                return previous(info);
            }
            *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = match info.location() {
                Some(location) => format!("{} ({}:{})", text_of(info.payload()), location.file(), location.line()),
                None => text_of(info.payload()),
            };
        }));
    });
}

struct Inside;

impl Inside {
    fn enter() -> Self {
        CALLS_INSIDE.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        CALLS_INSIDE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The panic's message, with its file and line if the panic hook stored them.
fn panic_text(payload: &dyn Any) -> String {
    let text = text_of(payload);
    let last = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner);
    if last.starts_with(&text) { last.clone() } else { text }
}

fn text_of(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_internal_error_that_names_its_line() {
        install_panic_hook();
        let error = without_panic(|| -> Result<()> { panic!("broken {}", 7) }).unwrap_err();
        assert_eq!(error.code(), "internal");
        let text = error.to_string();
        assert!(text.contains("broken 7 (") && text.contains("panics.rs:"), "{text}");
    }
}
