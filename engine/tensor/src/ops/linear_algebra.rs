use trustformers_core::{Error, Result};

use crate::dtype::{DType, Kind};
use crate::ops::elementwise::{no_common_dtype, same_device};
use crate::promotion::promote;
use crate::shape::{broadcast, check_room};
use crate::tensor::Tensor;

impl Tensor {
    /// Matrix product, as in NumPy: a tensor of rank 1 is a row on the left and a column on the right; leading
    /// dimensions are broadcast.
    ///
    /// **Errors:** `Input` for a tensor of rank 0, sizes that do not fit, different dtypes, or different devices.
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        let (own, theirs) = (self.shape(), other.shape());
        if own.is_empty() || theirs.is_empty() {
            return Err(Error::input("other", "expected at least rank 1, found a tensor of rank 0"));
        }
        same_device(&[self, other])?;
        let dtype =
            promote(self.dtype(), other.dtype()).ok_or_else(|| no_common_dtype((self.dtype(), other.dtype())))?;
        let left = if own.len() == 1 { self.unsqueeze(0)? } else { self.clone() }.cast(dtype)?;
        let right = if theirs.len() == 1 { other.unsqueeze(1)? } else { other.clone() }.cast(dtype)?;
        let product = left.matrices(&right, [&own, &theirs])?;
        let mut removed = Vec::new();
        if own.len() == 1 {
            removed.push(-2);
        }
        if theirs.len() == 1 {
            removed.push(-1);
        }
        if removed.is_empty() { Ok(product) } else { product.squeeze(Some(&removed)) }
    }

    /// Products of matrices of equal dtype.
    fn matrices(&self, other: &Self, shapes: [&[usize]; 2]) -> Result<Self> {
        let (left, right) = (self.shape(), other.shape());
        let ([left_batch @ .., rows, inner], [right_batch @ .., depth, cols]) = (&left[..], &right[..]) else {
            return Err(Error::internal("a product of vectors"));
        };
        if inner != depth {
            let message = format!("shapes {:?} and {:?} do not fit: {inner} is not {depth}", shapes[0], shapes[1]);
            return Err(Error::input("other", message));
        }
        let batch = broadcast(&[left_batch, right_batch])?;
        let shape = [&batch[..], &[*rows, *cols]].concat();
        check_room(&shape, self.dtype())?;
        if shape.contains(&0) || *inner == 0 {
            return Ok(self.zeros(&shape)?.constant_in(&[self, other]));
        }
        if self.dtype().kind() == Kind::Bool {
            let [left, right] = [self, other].map(|tensor| tensor.cast(DType::I64));
            return left?.matrices(&right?, shapes)?.cast(DType::Bool);
        }
        // With one matrix on the right, the rows of all matrices on the left form one matrix.
        if right_batch.is_empty() && left.len() > 2 {
            let rows: usize = left[..left.len() - 1].iter().product();
            let flat = self.apply_reshape(&[rows, *inner]);
            let product = flat.apply_matmul(other)?;
            return Ok(product.apply_reshape(&shape));
        }
        let left = self.expanded(&[&batch[..], &[*rows, *inner]].concat());
        let right = other.expanded(&[&batch[..], &[*inner, *cols]].concat());
        left.apply_matmul(&right)
    }

    /// Einstein summation of one or two tensors, such as `"bij,bjk->bik"`.
    ///
    /// **Errors:** `Input` named `equation` if the equation does not fit the tensors; `Unsupported` for a repeated
    /// label in one operand.
    pub fn einsum(equation: &str, tensors: &[Self]) -> Result<Self> {
        let parsed = Equation::parse(equation, tensors)?;
        if tensors.len() > 2 {
            return Err(Error::unsupported("einsum of more than two tensors; call it pair by pair"));
        }
        let mut parts = parsed.inputs.into_iter().zip(tensors);
        let (Some((labels, first)), second) = (parts.next(), parts.next()) else {
            return Err(Error::input("tensors", "expected one or two tensors"));
        };
        let output = &parsed.output;
        let Some((other_labels, second)) = second else {
            let (labels, x) = first.summed(&labels, |label| output.contains(&label))?;
            return x.ordered(&labels, output);
        };
        let (left, x) = first.summed(&labels, |label| output.contains(&label) || other_labels.contains(&label))?;
        let (right, y) = second.summed(&other_labels, |label| output.contains(&label) || labels.contains(&label))?;
        let of = |is_kind: &dyn Fn(char) -> bool, labels: &[char]| -> Vec<char> {
            labels.iter().copied().filter(|label| is_kind(*label)).collect()
        };
        let batch = of(&|label| right.contains(&label) && output.contains(&label), &left);
        let inner = of(&|label| right.contains(&label) && !output.contains(&label), &left);
        let rows = of(&|label| !right.contains(&label), &left);
        let cols = of(&|label| !left.contains(&label), &right);
        // A size of 1 is broadcast to the other tensor's size.
        let sizes: Vec<(char, usize)> = sizes_of(&left, &x).chain(sizes_of(&right, &y)).collect();
        let size_of = |label: char| sizes.iter().filter(|(own, _)| *own == label).map(|(_, size)| *size).max();
        let size =
            |labels: &[char]| -> Vec<usize> { labels.iter().map(|label| size_of(*label).unwrap_or(1)).collect() };
        let matrix = |x: &Self, labels: &[char], groups: [&[char]; 2]| -> Result<Self> {
            let order: Vec<char> = batch.iter().chain(groups[0]).chain(groups[1]).copied().collect();
            let wide = x.ordered(labels, &order)?.expanded(&size(&order));
            let shape = [&batch[..], groups[0], groups[1]].map(|group| size(group).iter().product());
            Ok(wide.apply_reshape(&shape))
        };
        let product = matrix(&x, &left, [&rows, &inner])?.matmul(&matrix(&y, &right, [&inner, &cols])?)?;
        let labels: Vec<char> = batch.iter().chain(&rows).chain(&cols).copied().collect();
        product.apply_reshape(&size(&labels)).ordered(&labels, output)
    }

    /// Sums over the labels that are not kept.
    fn summed(&self, labels: &[char], is_kept: impl Fn(char) -> bool) -> Result<(Vec<char>, Self)> {
        let summed: Vec<isize> = (0..labels.len()).filter(|at| !is_kept(labels[*at])).map(|at| at as isize).collect();
        let kept = labels.iter().copied().filter(|label| is_kept(*label)).collect();
        let dtype = self.dtype();
        let x = if summed.is_empty() { self.clone() } else { self.sum(Some(&summed), false)?.cast(dtype)? };
        Ok((kept, x))
    }

    /// Permutes dimensions with `labels` to `order`.
    fn ordered(&self, labels: &[char], order: &[char]) -> Result<Self> {
        let dims = order.iter().filter_map(|label| labels.iter().position(|own| own == label)).map(|at| at as isize);
        self.permute(&dims.collect::<Vec<_>>())
    }
}

fn sizes_of(labels: &[char], x: &Tensor) -> impl Iterator<Item = (char, usize)> {
    labels.iter().copied().zip(x.shape())
}

/// The labels of an equation; an ellipsis stands for labels in Unicode's private use area.
struct Equation {
    inputs: Vec<Vec<char>>,
    output: Vec<char>,
}

impl Equation {
    fn parse(equation: &str, tensors: &[Tensor]) -> Result<Self> {
        let wrong = |message: String| Error::input("equation", format!("{equation:?} {message}"));
        let text: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
        let (inputs, output) = match text.split_once("->") {
            Some((inputs, output)) => (inputs, Some(output)),
            None => (&text[..], None),
        };
        let operands: Vec<&str> = inputs.split(',').collect();
        if operands.len() != tensors.len() {
            return Err(wrong(format!("has {} operands, found {} tensors", operands.len(), tensors.len())));
        }
        let mut longest = 0;
        let mut parsed = Vec::new();
        let mut sizes: Vec<(char, usize)> = Vec::new();
        for (operand, tensor) in operands.iter().zip(tensors) {
            let rank = tensor.rank();
            let letters = operand.replace("...", "").chars().count();
            let implied = rank.checked_sub(letters).filter(|implied| operand.contains("...") || *implied == 0);
            let implied = implied.ok_or_else(|| wrong(format!("does not fit the shape {:?}", tensor.shape())))?;
            longest = longest.max(implied);
            let labels =
                labels(operand, implied).ok_or_else(|| wrong("has a label that is not a letter".to_owned()))?;
            for (at, (label, size)) in labels.iter().zip(tensor.shape()).enumerate() {
                if labels[..at].contains(label) {
                    return Err(Error::unsupported(format!("einsum with {label:?} twice in {operand:?}")));
                }
                match sizes.iter_mut().find(|(known, _)| known == label) {
                    Some((_, known)) if *known == size || size == 1 => {}
                    Some((_, known)) if *known == 1 => *known = size,
                    Some((_, known)) => return Err(wrong(format!("gives {label:?} the sizes {known} and {size}"))),
                    None => sizes.push((*label, size)),
                }
            }
            parsed.push(labels);
        }
        let output = match output {
            Some(output) => labels(output, if output.contains("...") { longest } else { 0 })
                .ok_or_else(|| wrong("has a label that is not a letter".to_owned()))?,
            // Without an output, the labels that occur once are the output, in alphabetical order.
            None => {
                let count = |label: char| parsed.iter().flatten().filter(|own| **own == label).count();
                let mut once: Vec<char> = sizes.iter().map(|(label, _)| *label).collect();
                once.retain(|label| is_ellipsis(*label) || count(*label) == 1);
                once.sort_by_key(|label| (!is_ellipsis(*label), *label));
                once
            }
        };
        let is_new = |label: &char| !sizes.iter().any(|(known, _)| known == label);
        if let Some(label) = output.iter().find(|label| is_new(label)) {
            return Err(wrong(format!("has {label:?} in the output only")));
        }
        if (1..output.len()).any(|at| output[..at].contains(&output[at])) {
            return Err(wrong("names a label twice in the output".to_owned()));
        }
        Ok(Self { inputs: parsed, output })
    }
}

/// The first character of Unicode's private use area, the label of an ellipsis's last dimension.
const ELLIPSIS: u32 = 0xE000;

fn is_ellipsis(label: char) -> bool {
    !label.is_ascii_alphabetic()
}

/// The labels of an operand whose ellipsis stands for `implied` dimensions; `None` if one is not a letter.
fn labels(operand: &str, implied: usize) -> Option<Vec<char>> {
    let letters = |text: &str| text.chars().map(|c| c.is_ascii_alphabetic().then_some(c)).collect::<Option<Vec<_>>>();
    let Some((before, after)) = operand.split_once("...") else { return letters(operand) };
    let ellipsis = (0..implied).rev().filter_map(|at| char::from_u32(ELLIPSIS + at as u32));
    Some(letters(before)?.into_iter().chain(ellipsis).chain(letters(after)?).collect())
}
