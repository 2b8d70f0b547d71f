use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use trustformers_core::{Error, Result};

use super::mode::with_recording;
use super::recording::Source;
use crate::scalar::Scalar;
use crate::tensor::{Edge, Flow, Node, Operation, Tensor};

/// What a backward pass keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Keeps the graph for another backward pass.
    pub retain_graph: bool,
    /// Records the backward pass, so that gradients can be differentiated.
    pub create_graph: bool,
}

/// A backward pass: tensors, each with its gradient.
#[derive(Debug)]
pub struct Backward {
    roots: Vec<(Edge, Tensor)>,
    options: Options,
}

/// A node with the gradients of its results that have arrived so far.
type Pending = (Arc<Node>, Vec<Option<Tensor>>);

impl Backward {
    /// A pass from tensors; the gradient of a tensor with one element may be omitted and is 1.
    ///
    /// **Errors:** `Input` if a tensor does not require a gradient, or a gradient is missing or has another shape.
    pub fn new(roots: &[(Tensor, Option<Tensor>)], options: Options) -> Result<Self> {
        let root = |(tensor, gradient): &(Tensor, Option<Tensor>)| {
            let edge = tensor.edge().ok_or_else(|| {
                Error::input("self", "the tensor does not require a gradient; set requires_grad on what it depends on")
            })?;
            let shape = tensor.shape();
            let gradient = match gradient {
                Some(gradient) if gradient.shape() == shape => {
                    gradient.cast(tensor.dtype())?.to_device(tensor.device())?
                }
                Some(gradient) => {
                    let message = format!("expected the tensor's shape {shape:?}, found {:?}", gradient.shape());
                    return Err(Error::input("gradient", message));
                }
                None if tensor.num_elements() == 1 => {
                    Tensor::full(&shape, Scalar::Int(1), tensor.dtype(), tensor.device())?
                }
                None => {
                    let message = format!("is needed for a tensor of shape {shape:?}, which has not one element");
                    return Err(Error::input("gradient", message));
                }
            };
            Ok((edge.clone(), gradient))
        };
        Ok(Self { roots: roots.iter().map(root).collect::<Result<_>>()?, options })
    }

    /// Adds gradients to all leaves that the tensors depend on.
    ///
    /// **Errors:** `Input` if the graph was released by an earlier pass; any error of an operation.
    pub fn into_leaves(self) -> Result<()> {
        self.into_leaves_up_to(&[]).map(|_| ())
    }

    /// Adds gradients to all leaves that the tensors depend on, and returns those of sources, whose functions are not
    /// called.
    ///
    /// **Errors:** as [`Backward::into_leaves`].
    pub fn into_leaves_up_to(self, sources: &[Source]) -> Result<Vec<Option<Tensor>>> {
        let is_differentiable = self.options.create_graph;
        with_recording(is_differentiable, || {
            let (mut kept, mut found) = (Vec::new(), vec![None; sources.len()]);
            self.run(|node, gradients| {
                if !node.kept().is_empty() {
                    kept.push((node.clone(), gradients.to_vec()));
                }
                let source = sources.iter().position(|source| source.node.id == node.id);
                if let Some(at) = source {
                    found[at] = gradients.first().cloned().flatten();
                }
                source.is_none()
            })?;
            // Only a pass that has not failed changes gradients.
            kept.iter().try_for_each(|(node, gradients)| node.collect(gradients, is_differentiable))?;
            kept.iter().try_for_each(|(node, gradients)| node.call_accumulated(gradients))?;
            Ok(found)
        })
    }

    /// The gradients of `inputs`; `None` for one that the tensors do not depend on. Leaves are unchanged.
    ///
    /// **Errors:** `Input` if an input does not require a gradient, or the graph was released by an earlier pass; any
    /// error of an operation.
    pub fn of(self, inputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
        let edge = |input: &Tensor| {
            input.edge().cloned().ok_or_else(|| Error::input("inputs", "a tensor does not require a gradient"))
        };
        let edges = inputs.iter().map(edge).collect::<Result<Vec<_>>>()?;
        let mut found: HashMap<(u64, usize), Tensor> = HashMap::new();
        with_recording(self.options.create_graph, || {
            self.run(|node, gradients| {
                for edge in edges.iter().filter(|edge| edge.node.id == node.id) {
                    if let Some(gradient) = gradients.get(edge.output).and_then(Option::as_ref) {
                        found.insert((node.id, edge.output), gradient.clone());
                    }
                }
                true
            })
        })?;
        Ok(edges.iter().map(|edge| found.get(&(edge.node.id, edge.output)).cloned()).collect())
    }

    /// Visits each node once, after all its results; `visit` decides whether the pass goes on to its operands.
    fn run(self, mut visit: impl FnMut(&Arc<Node>, &[Option<Tensor>]) -> bool) -> Result<()> {
        let is_kept = self.options.retain_graph || self.options.create_graph;
        let mut pending: BTreeMap<u64, Pending> = BTreeMap::new();
        for (edge, gradient) in self.roots {
            arrive(&mut pending, &edge, gradient)?;
        }
        while let Some((_, (node, mut gradients))) = pending.pop_last() {
            node.replace_by_hooks(&mut gradients)?;
            if !visit(&node, &gradients) {
                continue;
            }
            let operation = node.operation();
            match &*operation {
                Operation::Leaf => {}
                Operation::Released => {
                    let message = "an earlier backward pass has released the graph; pass retain_graph=True to it";
                    return Err(Error::input("self", message));
                }
                Operation::Rules(rules) => {
                    let Some(Some(gradient)) = gradients.first() else { continue };
                    let flow = Flow { gradient, node: &node };
                    for (rule, edge) in rules.iter().zip(node.edges()) {
                        arrive(&mut pending, edge, (rule.apply)(&flow)?)?;
                    }
                }
                Operation::Custom(..) if self.options.create_graph => {
                    let message = "gradients of gradients through a model or through torch; they have first ones only";
                    return Err(Error::unsupported(message));
                }
                Operation::Custom(function, positions) => {
                    let mut found = function.backward(&gradients)?;
                    for (position, edge) in positions.iter().zip(node.edges()) {
                        if let Some(gradient) = found.get_mut(*position).and_then(Option::take) {
                            arrive(&mut pending, edge, gradient)?;
                        }
                    }
                }
            }
            if !is_kept {
                node.release();
            }
        }
        Ok(())
    }
}

/// Adds a gradient to those of a node's results.
fn arrive(pending: &mut BTreeMap<u64, Pending>, edge: &Edge, gradient: Tensor) -> Result<()> {
    let (_, gradients) = pending.entry(edge.node.id).or_insert_with(|| (edge.node.clone(), Vec::new()));
    if gradients.len() <= edge.output {
        gradients.resize(edge.output + 1, None);
    }
    let slot = &mut gradients[edge.output];
    *slot = Some(match slot.take() {
        Some(sum) => sum.add(&gradient)?,
        None => gradient,
    });
    Ok(())
}
