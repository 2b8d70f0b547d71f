use burn::tensor::{DType as BurnDType, Shape, bf16};
use burn_flex::FlexTensor;
use trustformers_kernels::Element;
use trustformers_kernels::elementwise::{Function, Grid, map, map_function, zip, zip3};

use super::memory::{Native, elements, filled};
use super::movement::{contiguous, with_native};
use crate::dtype::DType;
use crate::scalar::Scalar;
use crate::storage::{Binary, Comparison, Unary};

/// An operation of floats, computed in f32.
pub(crate) fn unary(x: &FlexTensor, op: Unary) -> Option<FlexTensor> {
    match x.dtype() {
        BurnDType::F32 => unary_of::<f32>(x, op),
        BurnDType::BF16 => unary_of::<bf16>(x, op),
        _ => None,
    }
}

fn unary_of<T: Native + Element>(x: &FlexTensor, op: Unary) -> Option<FlexTensor> {
    macro_rules! mapped {
        ($function:expr) => {
            mapped::<T, T>(x, x.dtype(), |x| T::narrow($function(x.widen())))
        };
    }
    let function = |function| each::<T, T>(x, x.dtype(), |x, out| map_function(function, x, out));
    Some(match op {
        Unary::Exp => function(Function::Exp),
        Unary::Log => function(Function::Log),
        Unary::Sin => function(Function::Sin),
        Unary::Cos => function(Function::Cos),
        Unary::Tanh => function(Function::Tanh),
        Unary::Sigmoid => function(Function::Sigmoid),
        Unary::Silu => function(Function::Silu),
        Unary::Erf => function(Function::Erf),
        Unary::Gelu => function(Function::Gelu),
        Unary::Neg => mapped!(|x: f32| -x),
        Unary::Abs => mapped!(f32::abs),
        Unary::Sqrt => mapped!(f32::sqrt),
        Unary::Recip => mapped!(|x: f32| 1.0 / x),
        // NaN is not below zero.
        Unary::Relu => mapped!(|x: f32| if x < 0.0 { 0.0 } else { x }),
        Unary::Floor => mapped!(f32::floor),
        Unary::Ceil => mapped!(f32::ceil),
        Unary::Round => mapped!(f32::round_ties_even),
        Unary::Trunc => mapped!(f32::trunc),
        Unary::Log1p => mapped!(f32::ln_1p),
        Unary::Tan => mapped!(f32::tan),
        Unary::Sinh => mapped!(f32::sinh),
        Unary::Cosh => mapped!(f32::cosh),
        Unary::Asin => mapped!(f32::asin),
        Unary::Acos => mapped!(f32::acos),
        Unary::Atan => mapped!(f32::atan),
        Unary::Asinh | Unary::Acosh | Unary::Atanh | Unary::Sign | Unary::Not => return None,
    })
}

/// Applies a function to the elements, in the order of memory if they fill it.
fn each<A: Native, O: Native>(x: &FlexTensor, dtype: BurnDType, function: impl FnOnce(&[A], &mut [O])) -> FlexTensor {
    let layout = x.layout();
    let whole = A::storage(x);
    if !layout.is_contiguous() && whole.len() == layout.num_elements() {
        let result = filled(Shape::from(vec![whole.len()]), dtype, |out| function(whole, out));
        return result.with_layout(layout.clone());
    }
    let x = contiguous(x);
    filled(layout.shape().clone(), dtype, |out| function(elements(&x), out))
}

fn mapped<A: Native, O: Native>(
    x: &FlexTensor,
    dtype: BurnDType,
    function: impl Fn(A) -> O + Copy + Sync,
) -> FlexTensor {
    each(x, dtype, |x, out| map(x, out, function))
}

/// Operands of equal shape with strides that kernels support.
struct Operands<const N: usize> {
    grid: Grid<N>,
    tensors: [FlexTensor; N],
}

impl<const N: usize> Operands<N> {
    fn new(tensors: [&FlexTensor; N]) -> Self {
        let shape = tensors[0].layout().shape();
        let strides = |x: &FlexTensor| Grid::merged(shape, [x.layout().strides()]).is_some();
        let own: [FlexTensor; N] = tensors.map(|x| if strides(x) { x.clone() } else { contiguous(x) });
        if let Some(grid) = Grid::merged(shape, own.each_ref().map(|x| x.layout().strides())) {
            return Self { grid, tensors: own };
        }
        let tensors = own.each_ref().map(contiguous);
        Self { grid: Grid::contiguous(shape.num_elements()), tensors }
    }

    fn shape(&self) -> Shape {
        self.tensors[0].layout().shape().clone()
    }
}

/// Sums, differences, products of floats and integers, and quotients of floats.
pub(crate) fn binary(op: Binary, a: &FlexTensor, b: &FlexTensor) -> Option<FlexTensor> {
    let has = matches!(op, Binary::Add | Binary::Sub | Binary::Mul | Binary::Div);
    has.then(|| zipped(op, a.dtype(), Operands::new([a, b])))?
}

/// The operation with a number, which is converted to the elements' dtype.
pub(crate) fn binary_scalar(op: Binary, x: &FlexTensor, number: Scalar) -> Option<FlexTensor> {
    if !matches!(op, Binary::Add | Binary::Sub | Binary::Mul | Binary::Div) {
        return None;
    }
    zipped(op, x.dtype(), with_number(x, number)?)
}

/// A tensor and a number as its second operand.
fn with_number(x: &FlexTensor, number: Scalar) -> Option<Operands<2>> {
    let one = Shape::from(vec![1]);
    let dtype = x.dtype();
    macro_rules! constant {
        ($kind:ty, $value:expr) => {{
            let value = $value;
            filled::<$kind>(one, dtype, |out| out[0] = value)
        }};
    }
    let whole = || match number {
        Scalar::Int(value) => Some(value),
        Scalar::Bool(value) => Some(value.into()),
        Scalar::UInt(_) | Scalar::Float(_) => None,
    };
    let number = match dtype {
        BurnDType::F64 => constant!(f64, number.as_f64()),
        BurnDType::F32 => constant!(f32, number.as_f64() as f32),
        BurnDType::BF16 => constant!(bf16, bf16::from_f32(number.as_f64() as f32)),
        BurnDType::I64 => constant!(i64, whole()?),
        BurnDType::I32 => constant!(i32, whole()? as i32),
        BurnDType::U8 => constant!(u8, whole()? as u8),
        _ => return None,
    };
    let x = contiguous(x);
    let len = x.layout().num_elements();
    Some(Operands { grid: Grid { sizes: [1, 1, len], strides: [[0, 0, 1], [0, 0, 0]] }, tensors: [x, number] })
}

fn zipped(op: Binary, dtype: BurnDType, operands: Operands<2>) -> Option<FlexTensor> {
    macro_rules! arithmetic {
        ($kind:ty, $($op:ident => $function:expr),*) => {{
            let Operands { grid, tensors: [a, b] } = &operands;
            let pair = (elements::<$kind>(a), elements::<$kind>(b));
            match op {
                $(Binary::$op => Some(filled(operands.shape(), dtype, |out| zip(grid, pair, out, $function))),)*
                _ => None,
            }
        }};
    }
    macro_rules! floats {
        ($kind:ty) => {
            arithmetic!($kind, Add => |a, b| a + b, Sub => |a, b| a - b, Mul => |a, b| a * b, Div => |a, b| a / b)
        };
    }
    macro_rules! integers {
        ($kind:ty) => {
            arithmetic!(
                $kind,
                Add => |a, b| a.wrapping_add(b),
                Sub => |a, b| a.wrapping_sub(b),
                Mul => |a, b| a.wrapping_mul(b)
            )
        };
    }
    macro_rules! halves {
        ($function:expr) => {
            |a: bf16, b: bf16| <bf16 as Element>::narrow($function(a.widen(), b.widen()))
        };
    }
    match dtype {
        BurnDType::F64 => floats!(f64),
        BurnDType::F32 => floats!(f32),
        BurnDType::BF16 => arithmetic!(
            bf16,
            Add => halves!(|a: f32, b: f32| a + b),
            Sub => halves!(|a: f32, b: f32| a - b),
            Mul => halves!(|a: f32, b: f32| a * b),
            Div => halves!(|a: f32, b: f32| a / b)
        ),
        BurnDType::I64 => integers!(i64),
        BurnDType::I32 => integers!(i32),
        _ => None,
    }
}

/// A comparison of the common dtypes.
pub(crate) fn compare(op: Comparison, a: &FlexTensor, b: &FlexTensor) -> Option<FlexTensor> {
    compared(op, a.dtype(), Operands::new([a, b]))
}

/// A comparison with a number, which is converted to the elements' dtype.
pub(crate) fn compare_scalar(op: Comparison, x: &FlexTensor, number: Scalar) -> Option<FlexTensor> {
    compared(op, x.dtype(), with_number(x, number)?)
}

fn compared(op: Comparison, dtype: BurnDType, operands: Operands<2>) -> Option<FlexTensor> {
    macro_rules! comparisons {
        ($kind:ty, $of:expr) => {{
            let Operands { grid, tensors: [a, b] } = &operands;
            let pair = (elements::<$kind>(a), elements::<$kind>(b));
            let of = $of;
            macro_rules! filled_by {
                ($operator:tt) => {
                    filled(operands.shape(), DType::Bool.burn(), |out| {
                        zip(grid, pair, out, move |a, b| u8::from(of(a) $operator of(b)));
                    })
                };
            }
            Some(match op {
                Comparison::Equal => filled_by!(==),
                Comparison::NotEqual => filled_by!(!=),
                Comparison::Less => filled_by!(<),
                Comparison::LessEqual => filled_by!(<=),
                Comparison::Greater => filled_by!(>),
                Comparison::GreaterEqual => filled_by!(>=),
            })
        }};
    }
    match dtype {
        BurnDType::F64 => comparisons!(f64, |x: f64| x),
        BurnDType::F32 => comparisons!(f32, |x: f32| x),
        BurnDType::BF16 => comparisons!(bf16, |x: bf16| x.widen()),
        BurnDType::I64 => comparisons!(i64, |x: i64| x),
        BurnDType::I32 => comparisons!(i32, |x: i32| x),
        BurnDType::U8 => comparisons!(u8, |x: u8| x),
        _ => None,
    }
}

/// Larger (`Greater`) or smaller (`Less`) elements; NaN if either is.
pub(crate) fn extremum(op: Comparison, a: &FlexTensor, b: &FlexTensor) -> Option<FlexTensor> {
    match a.dtype() {
        BurnDType::F32 => extremum_of::<f32>(op, a, b),
        BurnDType::BF16 => extremum_of::<bf16>(op, a, b),
        _ => None,
    }
}

fn extremum_of<T: Native + Element>(op: Comparison, a: &FlexTensor, b: &FlexTensor) -> Option<FlexTensor> {
    let operands = Operands::new([a, b]);
    let Operands { grid, tensors: [a, b] } = &operands;
    let pair = (elements::<T>(a), elements::<T>(b));
    // A comparison with NaN is false, so that `b` is NaN where it wins against a number.
    let larger = |a: T, b: T| if (a.widen() > b.widen()) | a.widen().is_nan() { a } else { b };
    let smaller = |a: T, b: T| if (a.widen() < b.widen()) | a.widen().is_nan() { a } else { b };
    let filled = |fill: &dyn Fn(&mut [T])| Some(filled(operands.shape(), a.dtype(), fill));
    match op {
        Comparison::Greater => filled(&|out| zip(grid, pair, out, larger)),
        Comparison::Less => filled(&|out| zip(grid, pair, out, smaller)),
        _ => None,
    }
}

/// Whether each element is NaN.
pub(crate) fn is_nan(x: &FlexTensor) -> Option<FlexTensor> {
    let dtype = DType::Bool.burn();
    match x.dtype() {
        BurnDType::F64 => Some(mapped(x, dtype, |x: f64| u8::from(x.is_nan()))),
        BurnDType::F32 => Some(mapped(x, dtype, |x: f32| u8::from(x.is_nan()))),
        BurnDType::BF16 => Some(mapped(x, dtype, |x: bf16| u8::from(x.widen().is_nan()))),
        _ => None,
    }
}

/// Elements of `other` where `mask` is true, of `x` elsewhere.
pub(crate) fn mask_where(x: &FlexTensor, mask: &FlexTensor, other: &FlexTensor) -> Option<FlexTensor> {
    with_native!(x.dtype(), mask_where_of(x, mask, other))
}

fn mask_where_of<T: Native>(x: &FlexTensor, mask: &FlexTensor, other: &FlexTensor) -> Option<FlexTensor> {
    let operands = Operands::new([mask, other, x]);
    let Operands { grid, tensors: [mask, other, x] } = &operands;
    let all = (elements::<u8>(mask), elements::<T>(other), elements::<T>(x));
    Some(filled(operands.shape(), x.dtype(), |out| {
        zip3(grid, all, out, |mask, other, x| if mask != 0 { other } else { x });
    }))
}

/// Casts between the common dtypes.
pub(crate) fn cast(x: &FlexTensor, dtype: DType) -> Option<FlexTensor> {
    let burn = dtype.burn();
    Some(match (x.dtype(), dtype) {
        (BurnDType::F32, DType::BF16) => mapped(x, burn, <bf16 as Element>::narrow),
        (BurnDType::BF16, DType::F32) => mapped(x, burn, |x: bf16| x.widen()),
        (BurnDType::F32, DType::F64) => mapped(x, burn, |x: f32| f64::from(x)),
        (BurnDType::F64, DType::F32) => mapped(x, burn, |x: f64| x as f32),
        (BurnDType::F32, DType::I64) => mapped(x, burn, |x: f32| x as i64),
        (BurnDType::F32, DType::Bool) => mapped(x, burn, |x: f32| u8::from(x != 0.0)),
        (BurnDType::I64, DType::F32) => mapped(x, burn, |x: i64| x as f32),
        (BurnDType::I64, DType::Bool) => mapped(x, burn, |x: i64| u8::from(x != 0)),
        (BurnDType::Bool(_), DType::F32) => mapped(x, burn, |x: u8| f32::from(u8::from(x != 0))),
        (BurnDType::Bool(_), DType::I64) => mapped(x, burn, |x: u8| i64::from(x != 0)),
        _ => return None,
    })
}
