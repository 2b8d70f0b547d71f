//! Operations on the cpu that burn-flex computes less exactly than NumPy: division with a remainder, stable sorting.

use std::cmp::Ordering;

use burn::tensor::{Bytes, DType as BurnDType, Element, TensorData, TensorMetadata, bf16, f16};
use burn_flex::{FlexTensor, Layout};

use super::Binary;

/// Quotient rounded down, or the remainder, of floats, as Python divides.
pub(super) fn divided(a: &FlexTensor, b: &FlexTensor, op: Binary) -> Option<FlexTensor> {
    let of = |a: f64, b: f64| {
        let (quotient, remainder) = python_divmod(a, b);
        if op == Binary::Remainder { remainder } else { quotient }
    };
    let (a, b) = (a.to_contiguous(), b.to_contiguous());
    let layout = a.layout().clone();
    let dtype = a.dtype();
    let bytes = match dtype {
        BurnDType::F64 => zipped(a.storage::<f64>(), b.storage::<f64>(), of),
        BurnDType::F32 => zipped(a.storage::<f32>(), b.storage::<f32>(), |a, b| of(a.into(), b.into()) as f32),
        BurnDType::F16 => {
            zipped(a.storage::<f16>(), b.storage::<f16>(), |a, b| f16::from_f64(of(a.to_f64(), b.to_f64())))
        }
        BurnDType::BF16 => {
            zipped(a.storage::<bf16>(), b.storage::<bf16>(), |a, b| bf16::from_f64(of(a.to_f64(), b.to_f64())))
        }
        _ => return None,
    };
    Some(FlexTensor::new(bytes, layout, dtype))
}

fn zipped<E: Element>(a: &[E], b: &[E], of: impl Fn(E, E) -> E) -> Bytes {
    TensorData::new(a.iter().zip(b).map(|(a, b)| of(*a, *b)).collect::<Vec<E>>(), [a.len()]).bytes
}

/// Quotient rounded down and remainder with the divisor's sign; **source:** `float_divmod` of CPython 3.13.
fn python_divmod(a: f64, b: f64) -> (f64, f64) {
    if b == 0.0 {
        return (a / b, f64::NAN);
    }
    let mut remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder == 0.0 {
        remainder = 0.0f64.copysign(b);
    } else if (remainder < 0.0) != (b < 0.0) {
        remainder += b;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0f64.copysign(a / b), remainder);
    }
    let floor = quotient.floor();
    (if quotient - floor > 0.5 { floor + 1.0 } else { floor }, remainder)
}

/// Stable indices that sort a dimension; NaN is the largest element.
pub(super) fn sorted_indices(x: &FlexTensor, dim: usize, descending: bool) -> Option<FlexTensor> {
    fn floats(a: f64, b: f64) -> Ordering {
        a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
    }
    let x = x.to_contiguous();
    let shape = x.layout().shape().to_vec();
    let sort = |order: &dyn Fn(usize, usize) -> Ordering| indices(&shape, dim, descending, order);
    macro_rules! integers {
        ($kind:ty) => {{
            let values = x.storage::<$kind>();
            sort(&|a, b| values[a].cmp(&values[b]))
        }};
    }
    let found = match x.dtype() {
        BurnDType::F64 => {
            let values = x.storage::<f64>();
            sort(&|a, b| floats(values[a], values[b]))
        }
        BurnDType::F32 => {
            let values = x.storage::<f32>();
            sort(&|a, b| floats(values[a].into(), values[b].into()))
        }
        BurnDType::F16 => {
            let values = x.storage::<f16>();
            sort(&|a, b| floats(values[a].to_f64(), values[b].to_f64()))
        }
        BurnDType::BF16 => {
            let values = x.storage::<bf16>();
            sort(&|a, b| floats(values[a].to_f64(), values[b].to_f64()))
        }
        BurnDType::I64 => integers!(i64),
        BurnDType::I32 => integers!(i32),
        BurnDType::I16 => integers!(i16),
        BurnDType::I8 => integers!(i8),
        BurnDType::U64 => integers!(u64),
        BurnDType::U32 => integers!(u32),
        BurnDType::U16 => integers!(u16),
        BurnDType::U8 | BurnDType::Bool(_) => integers!(u8),
        _ => return None,
    };
    Some(FlexTensor::new(Bytes::from_elems(found), Layout::contiguous(x.shape()), BurnDType::I64))
}

fn indices(shape: &[usize], dim: usize, descending: bool, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<i64> {
    let size = shape[dim];
    let inner: usize = shape[dim + 1..].iter().product();
    let mut found = vec![0; shape.iter().product()];
    let mut lane: Vec<usize> = Vec::with_capacity(size);
    for start in (0..found.len()).filter(|start| (start / inner).is_multiple_of(size)) {
        lane.clear();
        lane.extend((0..size).map(|index| start + index * inner));
        lane.sort_by(|a, b| if descending { order(*b, *a) } else { order(*a, *b) });
        for (index, position) in lane.iter().enumerate() {
            found[start + index * inner] = ((position - start) / inner) as i64;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_divided_as_in_python() {
        for (a, b, quotient, remainder) in [
            (7.0, 2.0, 3.0, 1.0),
            (-7.0, 2.0, -4.0, 1.0),
            (2.5, 1e10, 0.0, 2.5),
            (7.0, f64::INFINITY, 0.0, 7.0),
            (-7.0, f64::INFINITY, -1.0, f64::INFINITY),
            (1e-20, 1.0, 0.0, 1e-20),
        ] {
            assert_eq!(python_divmod(a, b), (quotient, remainder), "{a} and {b}");
        }
        assert_eq!(python_divmod(5.0, 0.0).0, f64::INFINITY);
    }
}
