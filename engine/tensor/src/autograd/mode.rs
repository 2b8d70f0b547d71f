use std::cell::Cell;

thread_local! {
    static RECORDING: Cell<bool> = const { Cell::new(true) };
}

/// Whether operations on this thread are recorded for gradients.
pub fn is_recording() -> bool {
    RECORDING.get()
}

/// Turns the recording of operations on this thread on or off; returns whether it was on.
pub fn set_recording(is_on: bool) -> bool {
    RECORDING.replace(is_on)
}

/// Runs `work` with the recording of operations on this thread turned on or off.
pub fn with_recording<T>(is_on: bool, work: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            RECORDING.set(self.0);
        }
    }
    let _restore = Restore(RECORDING.replace(is_on));
    work()
}
