use trustformers_core::{Error, Result};

use crate::dtype::{DType, Kind};
use crate::ops::elementwise::Arithmetic;
use crate::promotion::Operand;
use crate::scalar::Scalar;
use crate::shape::normalized_axis;
use crate::storage::{Comparison, Unary};
use crate::tensor::Tensor;

/// How losses of single elements become one result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossReduction {
    /// Each loss for itself.
    None,
    /// The weighted mean.
    Mean,
    /// The sum.
    Sum,
}

/// Settings of a cross entropy.
#[derive(Clone, Debug)]
pub struct CrossEntropy {
    /// Weight of each class; `None` is 1.
    pub weight: Option<Tensor>,
    /// A class that does not count.
    pub ignore_index: i64,
    /// How the losses become one result.
    pub reduction: LossReduction,
    /// Share of the target that is spread over all classes, in `[0, 1]`.
    pub label_smoothing: f64,
}

impl Tensor {
    /// Looks up rows of an embedding table by indices of any shape; rows at `padding` have no gradient.
    ///
    /// **Shapes:** `self: [rows, width]`; returns `[...indices, width]`.
    ///
    /// **Errors:** `Input` if the table is not a matrix, or an index is out of range.
    pub fn embedding(&self, indices: &Self, padding: Option<isize>) -> Result<Self> {
        let [height, width] = self.shape()[..] else {
            return Err(Error::input("weight", format!("expected a matrix, found the shape {:?}", self.shape())));
        };
        let flat = indices.reshape(&[-1])?;
        let mut rows = self.index_select(0, &flat)?;
        if let Some(padding) = padding {
            let padding = normalized_axis(padding, height)
                .map_err(|_| Error::input("padding_idx", format!("{padding} is not a row of {height}")))?;
            let is_padding = Self::compare(Comparison::Equal, &flat.into(), &Scalar::Int(padding as i64).into())?;
            rows = is_padding.unsqueeze(1)?.where_(&rows.detached().into(), &rows.into())?;
        }
        let shape: Vec<isize> = indices.shape().into_iter().chain([width]).map(|size| size as isize).collect();
        rows.reshape(&shape)
    }

    /// Cross entropy of logits and classes, or of logits and probabilities of classes.
    ///
    /// **Shapes:** `self: [classes]` or `[batch, classes, ...]`; `target` without the dimension of classes, of integers,
    /// or with it, of floats; returns the shape without it, or rank 0.
    ///
    /// **Errors:** `Input` if the shapes do not fit, a class is out of range, or the smoothing is not in `[0, 1]`.
    pub fn cross_entropy(&self, target: &Self, options: &CrossEntropy) -> Result<Self> {
        self.check_float("cross_entropy")?;
        if !(0.0..=1.0).contains(&options.label_smoothing) {
            return Err(Error::input("label_smoothing", format!("{} is not in [0, 1]", options.label_smoothing)));
        }
        if self.rank() == 0 {
            return Err(Error::input("input", "expected at least rank 1, found a tensor of rank 0"));
        }
        let log_probabilities = self.softmax(self.class_dim() as isize, true)?;
        if target.shape() == self.shape() && target.dtype().is_float() {
            return log_probabilities.soft_cross_entropy(target, options);
        }
        log_probabilities.negative_log_likelihood(target, options)
    }

    /// Negative log likelihood of classes, given log probabilities.
    ///
    /// **Shapes:** as [`Tensor::cross_entropy`] with classes.
    ///
    /// **Errors:** `Input` if the shapes do not fit, or a class is out of range.
    pub fn negative_log_likelihood(&self, target: &Self, options: &CrossEntropy) -> Result<Self> {
        let dim = self.class_dim();
        let mut expected = self.shape();
        let classes = expected.remove(dim);
        if target.shape() != expected || target.dtype().kind() != Kind::Int {
            let (own, found) = (self.shape(), target.shape());
            let message = format!(
                "logits of shape {own:?} need classes of shape {expected:?}, found {found:?} of {}",
                target.dtype()
            );
            return Err(Error::input("target", message));
        }
        let target = target.cast(DType::I64)?;
        let ignored: Operand = Scalar::Int(options.ignore_index).into();
        let mask = Self::compare(Comparison::NotEqual, &target.clone().into(), &ignored)?;
        let indices = mask.where_(&target.into(), &Scalar::Int(0).into())?;
        if let Some(negative) = indices.to_i64()?.iter().find(|index| **index < 0) {
            return Err(Error::input("target", format!("{negative} is not a class; expected 0 to {}", classes - 1)));
        }
        let zero = Operand::from(Scalar::Float(0.0));
        let counts = match &options.weight {
            Some(weight) => {
                weight.check_classes(classes)?;
                let shape: Vec<isize> = expected.iter().map(|size| *size as isize).collect();
                weight.index_select(0, &indices.reshape(&[-1])?)?.reshape(&shape)?
            }
            None => Self::full(&expected, Scalar::Int(1), self.dtype(), self.device())?,
        };
        let counts = mask.where_(&counts.into(), &zero)?;
        let picked = self.gather(dim as isize, &indices.unsqueeze(dim as isize)?)?.squeeze(Some(&[dim as isize]))?;
        let picked = mask.where_(&picked.into(), &zero)?;
        let mut losses = picked.mul(&counts)?.neg()?;
        if options.label_smoothing > 0.0 {
            let spread = self.weighted(options, classes)?.sum(Some(&[dim as isize]), false)?;
            let spread = mask.where_(&spread.into(), &zero)?.scaled_by(-options.label_smoothing / classes as f64)?;
            losses = losses.scaled_by(1.0 - options.label_smoothing)?.add(&spread)?;
        }
        losses.loss(options.reduction, || counts.sum(None, false))
    }

    /// Cross entropy of log probabilities and probabilities.
    fn soft_cross_entropy(&self, target: &Self, options: &CrossEntropy) -> Result<Self> {
        let dim = self.class_dim();
        let classes = self.shape()[dim];
        let mut target = target.clone();
        if options.label_smoothing > 0.0 {
            let spread = options.label_smoothing / classes as f64;
            target = target.scaled_by(1.0 - options.label_smoothing)?.plus(spread)?;
        }
        let losses = self.weighted(options, classes)?.mul(&target)?.sum(Some(&[dim as isize]), false)?.neg()?;
        let count = losses.num_elements() as f64;
        losses.loss(options.reduction, || Self::full(&[], Scalar::Float(count), self.dtype(), self.device()))
    }

    /// Reduces losses; `count` is the divisor of a mean.
    fn loss(&self, reduction: LossReduction, count: impl FnOnce() -> Result<Self>) -> Result<Self> {
        match reduction {
            LossReduction::None => Ok(self.clone()),
            LossReduction::Sum => self.sum(None, false),
            LossReduction::Mean => self.sum(None, false)?.div(&count()?),
        }
    }

    /// Log probabilities times the weights of their classes.
    fn weighted(&self, options: &CrossEntropy, classes: usize) -> Result<Self> {
        let Some(weight) = &options.weight else { return Ok(self.clone()) };
        weight.check_classes(classes)?;
        let mut shape = vec![1; self.rank()];
        shape[self.class_dim()] = classes as isize;
        self.mul(&weight.reshape(&shape)?)
    }

    fn check_classes(&self, classes: usize) -> Result<()> {
        if self.shape() == [classes] {
            return Ok(());
        }
        Err(Error::input("weight", format!("expected the shape [{classes}], found {:?}", self.shape())))
    }

    fn class_dim(&self) -> usize {
        usize::from(self.rank() > 1)
    }

    /// Binary cross entropy of each logit and the probability `target`, with weights of positive targets.
    ///
    /// **Errors:** any error of [`Tensor::arithmetic`].
    pub fn binary_cross_entropy_with_logits(&self, target: &Self, positive_weight: Option<&Self>) -> Result<Self> {
        self.check_float("binary_cross_entropy_with_logits")?;
        // -log(sigmoid(x)) = log(1 + exp(-|x|)) + max(-x, 0)
        let zero = Operand::from(Scalar::Float(0.0));
        let negative = self.neg()?;
        let tail = self.unary(Unary::Abs)?.neg()?.unary(Unary::Exp)?.unary(Unary::Log1p)?;
        let positive_loss = tail.add(&negative.clamp(Some(&zero), None)?)?;
        let rest = target.neg()?.plus(1.0)?.mul(self)?;
        match positive_weight {
            Some(weight) => {
                let factor = Self::arithmetic(Arithmetic::Sub, &weight.clone().into(), &Scalar::Float(1.0).into())?;
                rest.add(&factor.mul(target)?.plus(1.0)?.mul(&positive_loss)?)
            }
            None => rest.add(&positive_loss),
        }
    }
}
