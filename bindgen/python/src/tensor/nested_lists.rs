//! Tensors of nested lists.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use trustformers::Error;
use trustformers::tensor::{DType, Scalar, Tensor, TensorDevice};

use super::arguments::scalar;
use super::{PyTensor, compute};
use crate::door;
use crate::plain::MAX_DEPTH;

/// Numbers of nested lists in row-major order.
#[derive(Default)]
struct Nested {
    shape: Vec<usize>,
    ints: Vec<i128>,
    floats: Vec<f64>,
    has_floats: bool,
    has_ints: bool,
    has_bools: bool,
}

pub(super) fn nested(data: &Bound<'_, PyAny>, dtype: Option<DType>, device: &TensorDevice) -> PyResult<Tensor> {
    let mut found = Nested::default();
    found.add(data, 0, true)?;
    let py = data.py();
    let natural = match (found.has_floats, found.has_ints, found.has_bools) {
        (true, ..) => DType::F32,
        (false, true, _) => DType::I64,
        (false, false, true) => DType::Bool,
        _ => DType::F32,
    };
    let dtype = dtype.unwrap_or(natural);
    let Nested { shape, ints, floats, has_floats, .. } = found;
    compute(py, || {
        if has_floats {
            Tensor::from_f64(floats, &shape, dtype, device)
        } else {
            Tensor::from_ints(&ints, &shape, dtype, device)
        }
    })
}

impl Nested {
    fn add(&mut self, value: &Bound<'_, PyAny>, depth: usize, is_first: bool) -> PyResult<()> {
        let py = value.py();
        let error = |message: String| door::exception(py, &Error::input("data", message));
        let items: Option<Vec<Bound<'_, PyAny>>> = if let Ok(list) = value.cast::<PyList>() {
            Some(list.iter().collect())
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            Some(tuple.iter().collect())
        } else if let Ok(tensor) = value.cast::<PyTensor>() {
            Some(
                tensor
                    .get()
                    .rows(py)?
                    .into_iter()
                    .map(|row| Ok(Bound::new(py, row)?.into_any()))
                    .collect::<PyResult<_>>()?,
            )
            .filter(|_| tensor.get().get().rank() > 0)
        } else if value.hasattr("__array__")? && value.hasattr("tolist")? && scalar(value)?.is_none() {
            return self.add(&value.call_method0("tolist")?, depth, is_first);
        } else {
            None
        };
        if depth > MAX_DEPTH {
            return Err(error(format!("the lists are nested deeper than {MAX_DEPTH}")));
        }
        if let Some(items) = items {
            match self.shape.get(depth) {
                None if is_first => self.shape.push(items.len()),
                Some(size) if *size == items.len() => {}
                _ => return Err(error(format!("the lists at depth {depth} have different lengths"))),
            }
            for (index, item) in items.iter().enumerate() {
                self.add(item, depth + 1, is_first && index == 0)?;
            }
            return Ok(());
        }
        if self.shape.len() != depth {
            return Err(error(format!("a number at depth {depth}, where lists are expected")));
        }
        let number = match value.cast::<PyTensor>() {
            Ok(tensor) => scalar(&tensor.get().item(py)?.into_bound(py))?,
            Err(_) => scalar(value)?,
        };
        match number {
            Some(Scalar::Float(number)) => {
                self.has_floats = true;
                self.ints.push(0);
                self.floats.push(number);
            }
            Some(Scalar::Int(number)) => {
                self.has_ints = true;
                self.ints.push(number.into());
                self.floats.push(number as f64);
            }
            Some(Scalar::Bool(flag)) => {
                self.has_bools = true;
                self.ints.push(i128::from(flag));
                self.floats.push(f64::from(u8::from(flag)));
            }
            Some(Scalar::UInt(number)) => {
                self.has_ints = true;
                self.ints.push(number.into());
                self.floats.push(number as f64);
            }
            None => return Err(error(format!("{} is not a number", value.get_type()))),
        }
        Ok(())
    }
}
