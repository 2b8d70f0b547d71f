use trustformers_core::{Error, Result};

use super::mode::is_recording;
use crate::tensor::{Edge, Gradient, Node, Operation, Tensor};

impl Tensor {
    /// Whether the tensor is part of the graph of operations.
    pub fn requires_grad(&self) -> bool {
        self.edge().is_some()
    }

    /// Whether the tensor is no result of a recorded operation.
    pub fn is_leaf(&self) -> bool {
        self.edge().is_none_or(|edge| edge.node.is_leaf())
    }

    /// A leaf of the graph with the same elements; backward passes collect its gradient.
    ///
    /// **Errors:** `Input` if the elements are not floats.
    pub fn as_leaf(&self) -> Result<Self> {
        if !self.dtype().is_float() {
            let message = format!("only floats have gradients, not {}; cast with float()", self.dtype());
            return Err(Error::input("requires_grad", message));
        }
        Ok(self.detached().at(Edge { node: Node::new(Vec::new(), Operation::Leaf), output: 0 }))
    }

    /// The tensor outside of the graph; shares memory.
    pub fn detached(&self) -> Self {
        Self::new(self.storage().clone(), self.device())
    }

    /// The elements of another tensor at this tensor's place in the graph.
    pub fn with_elements_of(&self, other: &Self) -> Self {
        let other = other.detached();
        match self.edge() {
            Some(edge) => other.at(edge.clone()),
            None => other,
        }
    }

    /// The gradient that backward passes have collected.
    pub fn gradient(&self) -> Option<Gradient> {
        let edge = self.edge()?;
        let kept = edge.node.kept();
        kept.iter().find(|(output, _)| *output == edge.output).and_then(|(_, gradient)| gradient.clone())
    }

    /// Replaces or clears the gradient of a leaf.
    ///
    /// **Errors:** `Input` if the tensor is not a leaf that requires a gradient, or the gradient has another shape,
    /// dtype or device.
    pub fn set_gradient(&self, gradient: Option<Self>) -> Result<()> {
        let edge = self.edge().filter(|edge| edge.node.is_leaf());
        let edge = edge.ok_or_else(|| Error::input("grad", "the tensor is not a leaf that requires a gradient"))?;
        if let Some(gradient) = &gradient {
            let fits = gradient.shape() == self.shape()
                && gradient.dtype() == self.dtype()
                && gradient.device() == self.device();
            if !fits {
                let message = format!(
                    "expected {:?} of {} on {}, found {:?} of {} on {}",
                    self.shape(),
                    self.dtype(),
                    self.device().name(),
                    gradient.shape(),
                    gradient.dtype(),
                    gradient.device().name()
                );
                return Err(Error::input("grad", message));
            }
        }
        edge.node.keep(edge.output, gradient.map(|gradient| Gradient::new(gradient.detached())));
        Ok(())
    }

    /// Makes backward passes collect the gradient of a result, as they do for leaves.
    ///
    /// **Errors:** `Input` if the tensor does not require a gradient.
    pub fn retain_gradient(&self) -> Result<()> {
        let edge = self.edge().ok_or_else(|| Error::input("self", "the tensor does not require a gradient"))?;
        let mut kept = edge.node.kept();
        if !kept.iter().any(|(output, _)| *output == edge.output) {
            kept.push((edge.output, None));
        }
        Ok(())
    }

    /// The tensor after an operation in place with the result `new`, which is cast to the dtype of `self`.
    ///
    /// **Errors:** `Input` if the result has another shape or a dtype of a higher kind, or the tensor is a leaf that
    /// requires a gradient and operations are recorded.
    pub fn updated(&self, new: Self) -> Result<Self> {
        if new.shape() != self.shape() {
            let message = format!("the result of shape {:?} does not fit a tensor of {:?}", new.shape(), self.shape());
            return Err(Error::input("self", message));
        }
        if new.dtype().kind() > self.dtype().kind() {
            let message = format!("the result of {} cannot be stored in a tensor of {}", new.dtype(), self.dtype());
            return Err(Error::input("self", message));
        }
        let new = new.cast(self.dtype())?;
        match self.edge().filter(|edge| edge.node.is_leaf()) {
            Some(_) if is_recording() => {
                let message = "a leaf that requires a gradient cannot be changed in place; use no_grad() or detach()";
                Err(Error::input("self", message))
            }
            Some(leaf) => Ok(new.detached().at(leaf.clone())),
            None => Ok(new),
        }
    }
}

impl Node {
    fn keep(&self, output: usize, gradient: Option<Gradient>) {
        let mut kept = self.kept();
        kept.retain(|(known, _)| *known != output);
        kept.push((output, gradient));
    }

    /// Adds to the gradients that are kept; `gradients` are those of the node's results.
    pub(super) fn collect(&self, gradients: &[Option<Tensor>], is_differentiable: bool) -> Result<()> {
        for (output, known) in self.kept().iter_mut() {
            let Some(new) = gradients.get(*output).and_then(Option::as_ref) else { continue };
            let new = if is_differentiable { new.clone() } else { new.detached() };
            match known {
                Some(known) => known.add(&new)?,
                None => *known = Some(Gradient::new(new)),
            }
        }
        Ok(())
    }
}
