use std::f64::consts::{FRAC_2_SQRT_PI, SQRT_2};

use trustformers_core::{Error, Result};

use crate::ops::elementwise::Arithmetic;
use crate::promotion::Operand;
use crate::scalar::Scalar;
use crate::shape::normalized_axis;
use crate::storage::Unary;
use crate::tensor::Tensor;

impl Tensor {
    /// Softmax along a dimension, or its logarithm.
    ///
    /// **Errors:** `Input` if there is no such dimension, or the elements are not floats.
    pub fn softmax(&self, axis: isize, is_log: bool) -> Result<Self> {
        self.check_float("softmax")?;
        let x = if self.rank() == 0 { self.reshape(&[1])? } else { self.clone() };
        let dim = normalized_axis(axis, x.rank())?;
        if x.num_elements() == 0 {
            return Ok(self.clone());
        }
        let wide = x.in_float32()?;
        let result = wide.apply_softmax(dim, is_log).cast(self.dtype())?;
        if self.rank() == 0 { result.reshape(&[]) } else { Ok(result) }
    }

    /// Tanh approximation of GELU, arXiv 1606.08415 section 2.
    ///
    /// **Errors:** `Input` if the elements are not floats.
    pub fn gelu_tanh(&self) -> Result<Self> {
        self.check_float("gelu")?;
        let number = |value: f64| Operand::from(Scalar::Float(value));
        let of = |op, left: &Self, right: &Operand| Self::arithmetic(op, &left.clone().into(), right);
        let x = self.in_float32()?;
        let cubed = of(Arithmetic::Mul, &x.mul(&x)?.mul(&x)?, &number(0.044_715))?;
        let inner = of(Arithmetic::Add, &cubed, &x.clone().into())?;
        let inner = of(Arithmetic::Mul, &inner, &number(FRAC_2_SQRT_PI / SQRT_2))?;
        let gate = of(Arithmetic::Add, &inner.unary(Unary::Tanh)?, &number(1.0))?;
        of(Arithmetic::Mul, &x.mul(&gate)?, &number(0.5))?.cast(self.dtype())
    }

    /// Layer normalization over the last dimensions, whose sizes are `shape`, arXiv 1607.06450.
    ///
    /// **Errors:** `Input` if the last dimensions, `weight` or `bias` have another shape, or the elements are
    /// not floats.
    pub fn layer_norm(&self, shape: &[usize], weight: Option<&Self>, bias: Option<&Self>, eps: f64) -> Result<Self> {
        self.check_float("layer_norm")?;
        let axes = self.last_axes(shape, [weight, bias])?;
        let x = self.in_float32()?;
        let centered = x.sub(&x.mean(Some(&axes), true)?)?;
        let variance = centered.mul(&centered)?.mean(Some(&axes), true)?;
        self.scaled(&centered, &variance, eps, [weight, bias])
    }

    /// RMS normalization over the last dimensions, whose sizes are `shape`, arXiv 1910.07467.
    ///
    /// **Errors:** `Input` if the last dimensions or `weight` have another shape, or the elements are not floats.
    pub fn rms_norm(&self, shape: &[usize], weight: Option<&Self>, eps: f64) -> Result<Self> {
        self.check_float("rms_norm")?;
        let axes = self.last_axes(shape, [weight, None])?;
        let x = self.in_float32()?;
        let squares = x.mul(&x)?.mean(Some(&axes), true)?;
        self.scaled(&x, &squares, eps, [weight, None])
    }

    fn scaled(&self, x: &Self, squares: &Self, eps: f64, [weight, bias]: [Option<&Self>; 2]) -> Result<Self> {
        let eps = Scalar::Float(eps).into();
        let sum = Self::arithmetic(Arithmetic::Add, &squares.clone().into(), &eps)?;
        let mut result = Self::arithmetic(Arithmetic::Div, &x.clone().into(), &sum.unary(Unary::Sqrt)?.into())?;
        if let Some(weight) = weight {
            result = result.mul(weight)?;
        }
        if let Some(bias) = bias {
            result = Self::arithmetic(Arithmetic::Add, &result.into(), &bias.clone().into())?;
        }
        result.cast(self.dtype())
    }

    fn last_axes(&self, shape: &[usize], parameters: [Option<&Self>; 2]) -> Result<Vec<isize>> {
        let own = self.shape();
        let fits = own.ends_with(shape) && !shape.is_empty();
        if !fits {
            let message = format!("{shape:?} does not match the last dimensions of {own:?}");
            return Err(Error::input("normalized_shape", message));
        }
        for (name, parameter) in ["weight", "bias"].into_iter().zip(parameters) {
            if let Some(found) = parameter.map(Self::shape).filter(|found| found != shape) {
                return Err(Error::input(name, format!("expected the shape {shape:?}, found {found:?}")));
            }
        }
        Ok((1..=shape.len()).map(|at| -(at as isize)).collect())
    }
}
