use trustformers_core::{Error, Result};

use crate::tensor::Tensor;

/// A tensor and the labels of its dimensions.
struct Labeled {
    labels: Vec<char>,
    tensor: Tensor,
}

impl Tensor {
    /// Einstein summation, such as `"bij,bjk->bik"`. Tensors are contracted in pairs: those whose positions `path` names,
    /// which are removed from the list while the product is appended, and then the first ones.
    ///
    /// **Errors:** `Input` named `equation` if the equation does not fit the tensors; `Input` named `path` if a position is
    /// out of range.
    pub fn einsum(equation: &str, tensors: &[Self], path: &[(usize, usize)]) -> Result<Self> {
        let parsed = Equation::parse(equation, tensors)?;
        let output = &parsed.output;
        let labeled = parsed.inputs.into_iter().zip(tensors).map(|(labels, tensor)| tensor.diagonals(labels));
        let mut rest = labeled.collect::<Result<Vec<_>>>()?;
        let mut steps = path.iter().copied();
        while rest.len() > 1 {
            let (first, second) = steps.next().unwrap_or((0, 1));
            let (first, second) = (first.min(second), first.max(second));
            if first == second || second >= rest.len() {
                let message = format!("({first}, {second}) are no two of {} tensors", rest.len());
                return Err(Error::input("path", message));
            }
            let right = rest.remove(second);
            let left = rest.remove(first);
            let is_kept =
                |label: char| output.contains(&label) || rest.iter().any(|other| other.labels.contains(&label));
            let mut kept: Vec<char> = Vec::new();
            for label in left.labels.iter().chain(&right.labels) {
                if is_kept(*label) && !kept.contains(label) {
                    kept.push(*label);
                }
            }
            let tensor = left.contracted(&right, &kept)?;
            rest.push(Labeled { labels: kept, tensor });
        }
        let Some(Labeled { labels, tensor }) = rest.pop() else {
            return Err(Error::input("tensors", "expected at least one tensor"));
        };
        let (labels, x) = tensor.summed(&labels, |label| output.contains(&label))?;
        x.ordered(&labels, output)
    }

    /// The tensor with one dimension for each label; equal labels select a diagonal.
    fn diagonals(&self, mut labels: Vec<char>) -> Result<Labeled> {
        let mut tensor = self.clone();
        let twice = |labels: &[char]| {
            labels.iter().enumerate().find_map(|(second, label)| {
                labels[..second].iter().position(|own| own == label).map(|first| (first, second))
            })
        };
        while let Some((first, second)) = twice(&labels) {
            tensor = tensor.diagonal(0, first as isize, second as isize)?;
            let label = labels.remove(second);
            labels.remove(first);
            labels.push(label);
        }
        Ok(Labeled { labels, tensor })
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

impl Labeled {
    /// The product of two tensors, summed over the labels that are not in `output`.
    fn contracted(&self, other: &Self, output: &[char]) -> Result<Tensor> {
        let (left, x) =
            self.tensor.summed(&self.labels, |label| output.contains(&label) || other.labels.contains(&label))?;
        let (right, y) =
            other.tensor.summed(&other.labels, |label| output.contains(&label) || self.labels.contains(&label))?;
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
        let matrix = |x: &Tensor, labels: &[char], groups: [&[char]; 2]| -> Result<Tensor> {
            let order: Vec<char> = batch.iter().chain(groups[0]).chain(groups[1]).copied().collect();
            let wide = x.ordered(labels, &order)?.expanded(&size(&order));
            let shape = [&batch[..], groups[0], groups[1]].map(|group| size(group).iter().product());
            Ok(wide.apply_reshape(&shape))
        };
        let product = matrix(&x, &left, [&rows, &inner])?.matmul(&matrix(&y, &right, [&inner, &cols])?)?;
        let labels: Vec<char> = batch.iter().chain(&rows).chain(&cols).copied().collect();
        product.apply_reshape(&size(&labels)).ordered(&labels, output)
    }
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
                if let Some(before) = labels[..at].iter().position(|own| own == label).map(|at| tensor.shape()[at])
                    && before != size
                {
                    return Err(wrong(format!("gives {label:?} the sizes {before} and {size}")));
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
