use std::collections::HashSet;
use std::sync::Arc;

use trustformers_core::{Error, Result};

use super::mode::is_recording;
use crate::device::TensorDevice;
use crate::storage::Shared;
use crate::tensor::{CustomGradient, Edge, Flow, Node, Operation, Rule, Tensor};

/// A function without operands in this graph, where another graph continues.
#[derive(Clone, Debug)]
pub struct Source {
    pub(super) node: Arc<Node>,
}

impl Source {
    /// Calls `read` with the function, if it is of type `T` and was not released.
    pub fn function<T: 'static, R>(&self, read: impl FnOnce(&T) -> R) -> Option<R> {
        match &*self.node.operation() {
            Operation::Custom(function, _) => function.as_any().downcast_ref().map(read),
            _ => None,
        }
    }
}

/// A result that its own rules use; it does not own the node, which would own itself.
pub(crate) struct SavedResult {
    storage: Shared,
    device: TensorDevice,
}

impl SavedResult {
    pub(crate) fn restore(&self, flow: &Flow<'_>) -> Tensor {
        let tensor = Tensor::new(self.storage.clone(), &self.device);
        if is_recording() { tensor.at(Edge { node: flow.node.clone(), output: 0 }) } else { tensor }
    }
}

impl Tensor {
    /// Whether operations on the tensor are recorded now.
    pub(crate) fn is_tracked(&self) -> bool {
        self.edge().is_some() && is_recording()
    }

    /// The tensor for the rules of the operation that computed it.
    pub(crate) fn saved(&self) -> SavedResult {
        SavedResult { storage: self.storage().clone(), device: self.device().clone() }
    }

    /// Records the operation that computed the tensor: its operands, each with the rule of its gradient.
    pub(crate) fn computed_from<const N: usize>(self, operands: [(&Self, Rule); N]) -> Self {
        self.computed_from_all(operands.into())
    }

    /// Records the operation that computed the tensor, which has any number of operands.
    pub(crate) fn computed_from_all(self, operands: Vec<(&Self, Rule)>) -> Self {
        if !self.dtype().is_float() || !is_recording() {
            return self;
        }
        let recorded = operands.into_iter().filter_map(|(operand, rule)| Some((operand.edge()?.clone(), rule)));
        let (edges, rules): (Vec<_>, Vec<_>) = recorded.unzip();
        if edges.is_empty() {
            return self;
        }
        self.at(Edge { node: Node::new(edges, Operation::Rules(rules)), output: 0 })
    }

    /// Records that the tensor is constant, although it was computed from operands: their gradients are zeros.
    pub(crate) fn constant_in(self, operands: &[&Self]) -> Self {
        if !operands.iter().any(|operand| operand.is_tracked()) {
            return self;
        }
        let zeros = |operand: &Self| {
            let shape = operand.shape();
            Rule::of(move |gradient| gradient.zeros(&shape))
        };
        let operands = operands.iter().map(|operand| (*operand, zeros(operand))).collect();
        self.computed_from_all(operands)
    }

    /// The tensor as the result of a function without operands in this graph.
    ///
    /// **Errors:** `Input` if the elements are not floats.
    pub fn with_source(&self, function: Box<dyn CustomGradient>) -> Result<Self> {
        if !self.dtype().is_float() {
            return Err(Error::input("self", format!("only floats have gradients, not {}", self.dtype())));
        }
        let node = Node::new(Vec::new(), Operation::Custom(function, Vec::new()));
        Ok(self.detached().at(Edge { node, output: 0 }))
    }

    /// The functions without operands that the tensor depends on.
    pub fn sources(&self) -> Vec<Source> {
        let (mut seen, mut found) = (HashSet::new(), Vec::new());
        let mut rest: Vec<Arc<Node>> = self.edge().map(|edge| edge.node.clone()).into_iter().collect();
        while let Some(node) = rest.pop() {
            if !seen.insert(node.id) {
                continue;
            }
            rest.extend(node.edges().iter().map(|edge| edge.node.clone()));
            if node.edges().is_empty() && matches!(&*node.operation(), Operation::Custom(..)) {
                found.push(Source { node });
            }
        }
        found
    }

    /// Records that a function computed `results` from `operands`; unchanged if no operand requires a gradient.
    ///
    /// **Errors:** `Input` if no result is a float.
    pub fn record(results: Vec<Self>, operands: &[Self], function: Box<dyn CustomGradient>) -> Result<Vec<Self>> {
        if !operands.iter().any(Self::is_tracked) {
            return Ok(results);
        }
        if !results.iter().any(|result| result.dtype().is_float()) {
            return Err(Error::input("results", "expected a float tensor; others have no gradient"));
        }
        let tracked = operands.iter().enumerate().filter_map(|(at, operand)| Some((at, operand.edge()?.clone())));
        let (positions, edges) = tracked.unzip();
        let node = Node::new(edges, Operation::Custom(function, positions));
        let with_edge = |(output, result): (usize, Self)| {
            if result.dtype().is_float() { result.at(Edge { node: node.clone(), output }) } else { result }
        };
        Ok(results.into_iter().enumerate().map(with_edge).collect())
    }
}
