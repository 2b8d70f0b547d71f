use burn::tensor::{Bytes, DType as BurnDType, Element, TensorData, bf16, f16};
use burn_flex::FlexTensor;

use crate::storage::Binary;

/// Quotient rounded down, or the remainder, of floats, as Python divides.
pub(in crate::storage) fn divided(a: &FlexTensor, b: &FlexTensor, op: Binary) -> Option<FlexTensor> {
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
