//! Operators between tensors, numbers and arrays.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3_stub_gen::derive::gen_stub_pymethods;
use trustformers::tensor::{Arithmetic, Comparison, Operand, Tensor, Unary};

use super::arguments::{AnyOther, Matrix, OperatorOther, Other};
use super::{PyTensor, compute};

impl PyTensor {
    pub(super) fn arithmetic(
        &self,
        py: Python<'_>,
        other: Operand,
        op: Arithmetic,
        is_reflected: bool,
    ) -> PyResult<Self> {
        let own = self.get();
        let own = Operand::from(own);
        compute(py, || {
            if is_reflected { Tensor::arithmetic(op, &other, &own) } else { Tensor::arithmetic(op, &own, &other) }
        })
        .map(Self::of)
    }

    fn compared(&self, py: Python<'_>, other: Operand, op: Comparison) -> PyResult<Self> {
        let own = self.get();
        compute(py, || Tensor::compare(op, &own.into(), &other)).map(Self::of)
    }

    pub(super) fn unary(&self, py: Python<'_>, op: Unary) -> PyResult<Self> {
        self.derived(py, |tensor| tensor.unary(op))
    }
}

/// Methods for arithmetic operators.
macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        #[gen_stub_pymethods]
        #[pymethods]
        impl PyTensor {
            $(
                $(#[$doc])*
                fn $name(&self, py: Python<'_>, other: Other) -> PyResult<Self> {
                    self.arithmetic(py, other.0, Arithmetic::$op, false)
                }
            )*
        }
    };
}

/// Methods for comparison operators.
macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        #[gen_stub_pymethods]
        #[pymethods]
        impl PyTensor {
            $(
                $(#[$doc])*
                fn $name(&self, py: Python<'_>, other: Other) -> PyResult<Self> {
                    self.compared(py, other.0, Comparison::$op)
                }
            )*
        }
    };
}

methods! {
    /// Product.
    mul => Mul;
    /// Quotient, rounded down.
    floor_divide => FloorDiv;
    /// Remainder with the divisor's sign.
    remainder => Remainder;
    /// Power.
    pow => Pow;
    /// Product.
    multiply => Mul;
    /// Quotient, a float.
    true_divide => Div;
    /// Left shift of bits.
    bitwise_left_shift => ShiftLeft;
    /// Right shift of bits.
    bitwise_right_shift => ShiftRight;
    /// The larger of two elements; NaN if either is NaN.
    maximum => Maximum;
    /// The smaller of two elements; NaN if either is NaN.
    minimum => Minimum;
    /// Angle of a point given as `y, x`.
    atan2 => Atan2;
    /// Angle of a point given as `y, x`.
    arctan2 => Atan2;
    /// Conjunction of bits.
    bitwise_and => And;
    /// Disjunction of bits.
    bitwise_or => Or;
    /// Exclusive disjunction of bits.
    bitwise_xor => Xor;
}

comparisons! {
    /// Whether elements are equal, element by element.
    eq => Equal;
    /// Whether elements differ, element by element.
    ne => NotEqual;
    /// Whether elements are less than the other's.
    lt => Less;
    /// Whether elements are less than or equal to the other's.
    le => LessEqual;
    /// Whether elements are greater than the other's.
    gt => Greater;
    /// Whether elements are greater than or equal to the other's.
    ge => GreaterEqual;
    /// Whether elements differ, element by element.
    not_equal => NotEqual;
    /// Whether elements are less than the other's.
    less => Less;
    /// Whether elements are less than or equal to the other's.
    less_equal => LessEqual;
    /// Whether elements are greater than the other's.
    greater => Greater;
    /// Whether elements are greater than or equal to the other's.
    greater_equal => GreaterEqual;
}

#[gen_stub_pymethods]
#[pymethods]
impl PyTensor {
    fn __add__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Add, false)
    }

    fn __radd__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Add, true)
    }

    fn __sub__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Sub, false)
    }

    fn __rsub__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Sub, true)
    }

    fn __mul__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Mul, false)
    }

    fn __rmul__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Mul, true)
    }

    fn __truediv__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Div, false)
    }

    fn __rtruediv__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Div, true)
    }

    fn __floordiv__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::FloorDiv, false)
    }

    fn __rfloordiv__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::FloorDiv, true)
    }

    fn __mod__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Remainder, false)
    }

    fn __rmod__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Remainder, true)
    }

    fn __and__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::And, false)
    }

    fn __rand__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::And, true)
    }

    fn __or__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Or, false)
    }

    fn __ror__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Or, true)
    }

    fn __xor__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Xor, false)
    }

    fn __rxor__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::Xor, true)
    }

    fn __lshift__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::ShiftLeft, false)
    }

    fn __rlshift__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::ShiftLeft, true)
    }

    fn __rshift__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::ShiftRight, false)
    }

    fn __rrshift__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.arithmetic(py, other.0?, Arithmetic::ShiftRight, true)
    }

    #[gen_stub(skip)]
    fn __pow__(&self, py: Python<'_>, other: OperatorOther, modulo: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        no_modulo(modulo)?;
        self.arithmetic(py, other.0?, Arithmetic::Pow, false)
    }

    #[gen_stub(skip)]
    fn __rpow__(&self, py: Python<'_>, other: OperatorOther, modulo: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        no_modulo(modulo)?;
        self.arithmetic(py, other.0?, Arithmetic::Pow, true)
    }

    fn __matmul__(&self, py: Python<'_>, other: Matrix) -> PyResult<Self> {
        self.product(py, &self.get(), &other.0)
    }

    fn __rmatmul__(&self, py: Python<'_>, other: Matrix) -> PyResult<Self> {
        self.product(py, &other.0, &self.get())
    }

    #[gen_stub(type_ignore = ["override"])]
    fn __eq__(&self, py: Python<'_>, other: AnyOther) -> PyResult<Self> {
        self.compared(py, other.0?, Comparison::Equal)
    }

    #[gen_stub(type_ignore = ["override"])]
    fn __ne__(&self, py: Python<'_>, other: AnyOther) -> PyResult<Self> {
        self.compared(py, other.0?, Comparison::NotEqual)
    }

    #[gen_stub(type_ignore = ["misc"])]
    fn __lt__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.compared(py, other.0?, Comparison::Less)
    }

    #[gen_stub(type_ignore = ["misc"])]
    fn __le__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.compared(py, other.0?, Comparison::LessEqual)
    }

    #[gen_stub(type_ignore = ["misc"])]
    fn __gt__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.compared(py, other.0?, Comparison::Greater)
    }

    #[gen_stub(type_ignore = ["misc"])]
    fn __ge__(&self, py: Python<'_>, other: OperatorOther) -> PyResult<Self> {
        self.compared(py, other.0?, Comparison::GreaterEqual)
    }

    /// Hashes the object's identity, because `==` compares elements.
    fn __hash__(slf: &Bound<'_, Self>) -> isize {
        slf.as_ptr().addr().rotate_right(4) as isize
    }

    fn __neg__(&self, py: Python<'_>) -> PyResult<Self> {
        self.unary(py, Unary::Neg)
    }

    fn __pos__(&self) -> Self {
        Self::of(self.get())
    }

    fn __abs__(&self, py: Python<'_>) -> PyResult<Self> {
        self.unary(py, Unary::Abs)
    }

    fn __invert__(&self, py: Python<'_>) -> PyResult<Self> {
        self.unary(py, Unary::Not)
    }
}

impl PyTensor {
    pub(super) fn product(&self, py: Python<'_>, left: &Tensor, right: &Tensor) -> PyResult<Self> {
        compute(py, || left.matmul(right)).map(Self::of)
    }
}

// Only the function pow() passes the third argument.
pyo3_stub_gen::inventory::submit! {
    pyo3_stub_gen::derive::gen_methods_from_python! {
        r#"
        class PyTensor:
            def __pow__(self, other: Tensor | builtins.float | trustformers.tensor.dtypes.Array) -> Tensor:
                """Power."""

            def __rpow__(self, other: Tensor | builtins.float | trustformers.tensor.dtypes.Array) -> Tensor:
                """Power."""
        "#
    }
}

fn no_modulo(modulo: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    modulo.map_or(Ok(()), |_| Err(PyTypeError::new_err("pow() of tensors has no modulo")))
}
