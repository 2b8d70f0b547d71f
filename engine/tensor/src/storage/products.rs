use burn::tensor::{DType as BurnDType, IntDType, Shape, TensorMetadata, bf16};
use burn_flex::FlexTensor;
use trustformers_core::Result;
use trustformers_kernels::product::{Factor, Left, Right, batch_product, product};
use trustformers_ops::EngineBackend;

use super::host::{Native, contiguous, elements, filled};
use super::{Values, mixed_kinds};

/// Product of matrices with equal leading dimensions.
pub(super) fn matmul<B: EngineBackend>(left: Values<B>, right: Values<B>) -> Result<Values<B>> {
    match (left, right) {
        (Values::Float(a), Values::Float(b)) => Ok(Values::Float(B::float_matmul(a, b))),
        (Values::Int(a), Values::Int(b)) => {
            // The low bits of a product are the same in every integer width.
            let dtype = a.dtype();
            let [a, b] = [a, b].map(|x| B::int_cast(x, IntDType::I64));
            Ok(Values::Int(B::int_cast(B::int_matmul(a, b), dtype.into())))
        }
        _ => Err(mixed_kinds()),
    }
}

/// Product of matrices of floats on the cpu with equal leading dimensions; `None` for dtypes without a kernel.
pub(super) fn on_cpu(a: &FlexTensor, b: &FlexTensor) -> Option<FlexTensor> {
    match a.dtype() {
        BurnDType::F32 => multiplied::<f32>(a, b),
        BurnDType::BF16 => multiplied::<bf16>(a, b),
        _ => None,
    }
}

fn multiplied<T: Native + Factor>(a: &FlexTensor, b: &FlexTensor) -> Option<FlexTensor> {
    let (left, right) = (a.layout().shape(), b.layout().shape());
    let ([batch @ .., m, k], [.., n]) = (&left[..], &right[..]) else { return None };
    let shape = Shape::from([batch, &[*m, *n]].concat());
    let sizes = [*m, *k, *n];
    // The kernels read a transposed matrix as it is.
    let (b, is_transposed) = rows_or_columns(b);
    let right = if is_transposed { Right::Columns } else { Right::Rows }(elements::<T>(&b));
    Some(filled(shape, a.dtype(), |out| match batch {
        [] => {
            let (a, is_transposed) = rows_or_columns(a);
            product(if is_transposed { Left::Columns } else { Left::Rows }(elements(&a)), right, sizes, out);
        }
        _ => batch_product(elements(&contiguous(a)), right, sizes, out),
    }))
}

/// Contiguous matrices, and whether they are the transposes.
fn rows_or_columns(matrices: &FlexTensor) -> (FlexTensor, bool) {
    let rank = matrices.layout().num_dims();
    let transposed = matrices.transpose(rank - 2, rank - 1);
    match !matrices.is_contiguous() && transposed.is_contiguous() {
        true => (transposed, true),
        false => (contiguous(matrices), false),
    }
}
