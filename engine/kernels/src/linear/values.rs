use half::bf16;

/// Weight values in the checkpoint's dtype.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// Values in f32.
    F32(&'a [f32]),
    /// Values in bfloat16.
    Bf16(&'a [bf16]),
}

impl Values<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::Bf16(values) => values.len(),
        }
    }
}
