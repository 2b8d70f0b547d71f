use std::cell::Cell;

use burn::tensor::{DType as BurnDType, Tensor};

use trustformers_core::DType;

use crate::EngineBackend;

/// Format to which products of linear layers round their operands; sums are in f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// The operands' own format.
    #[default]
    Exact,
    /// bfloat16: mixed precision.
    Bf16,
    /// float16: mixed precision with scaled losses. The operands are numbers of float16 in float32.
    F16,
}

thread_local! {
    static CURRENT: Cell<Rounding> = const { Cell::new(Rounding::Exact) };
}

impl Rounding {
    /// The rounding of products that are recorded for gradients on this thread now.
    pub fn current() -> Self {
        CURRENT.get()
    }

    /// Runs a forward pass whose products round their operands.
    pub fn during<T>(self, work: impl FnOnce() -> T) -> T {
        struct Restore(Rounding);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0);
            }
        }
        let _restore = Restore(CURRENT.replace(self));
        work()
    }
}

impl Rounding {
    /// An operand in the format of the products.
    pub(crate) fn rounded<B: EngineBackend>(self, x: Tensor<B, 2>) -> Tensor<B, 2> {
        match self {
            Self::Bf16 if x.dtype() == BurnDType::F32 => {
                let shape = x.dims();
                <B as EngineBackend>::cast(x.reshape([shape[0] * shape[1]]), DType::BF16).reshape(shape)
            }
            Self::F16 if x.dtype() == BurnDType::F32 => B::round_to_f16(x),
            _ => x,
        }
    }
}

/// Rounding in plain burn. **Shapes:** `x: [rows, width]`; returns the same.
pub(crate) fn round_to_f16<B: EngineBackend>(x: Tensor<B, 2>) -> Tensor<B, 2> {
    let dtype = x.dtype();
    x.cast(BurnDType::F16).cast(dtype)
}

/// `a * b` in plain burn. **Shapes:** `a: [m, k]`, `b: [k, n]`; returns `[m, n]`.
pub(crate) fn reference<B: EngineBackend>(
    a: Tensor<B, 2>,
    b: Tensor<B, 2>,
    bias: Option<Tensor<B, 1>>,
    dtype: BurnDType,
) -> Tensor<B, 2> {
    let product = if a.dtype() == dtype { a.matmul(b) } else { a.cast(dtype).matmul(b.cast(dtype)) };
    match bias {
        Some(bias) => product + bias.cast(dtype).unsqueeze(),
        None => product,
    }
}
