use std::any::Any;
use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use trustformers_core::Result;

use crate::device::TensorDevice;
use crate::dtype::DType;
use crate::storage::{Shared, Storage};

/// An immutable tensor of any rank and dtype; clones and views share its memory.
#[derive(Clone, Debug)]
pub struct Tensor {
    storage: Shared,
    device: TensorDevice,
    /// Where the tensor is in the graph of operations; `None` if it requires no gradient.
    edge: Option<Edge>,
}

impl Tensor {
    pub(crate) fn new(storage: Shared, device: &TensorDevice) -> Self {
        Self { storage, device: device.clone(), edge: None }
    }

    pub(crate) fn storage(&self) -> &Shared {
        &self.storage
    }

    /// The elements, if nothing else uses them.
    pub(crate) fn storage_mut(&mut self) -> Option<&mut dyn Storage> {
        Arc::get_mut(&mut self.storage).map(|storage| storage as &mut dyn Storage)
    }

    pub(crate) fn edge(&self) -> Option<&Edge> {
        self.edge.as_ref()
    }

    /// The tensor as a result in the graph of operations.
    pub(crate) fn at(mut self, edge: Edge) -> Self {
        self.edge = Some(edge);
        self
    }

    /// A tensor of other elements on the same device, outside of the graph of operations.
    pub(crate) fn with_storage(&self, storage: Shared) -> Self {
        Self::new(storage, &self.device)
    }

    /// Whether both are one tensor: the same memory at the same place of the graph of operations.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.storage, &other.storage)
            && match (&self.edge, &other.edge) {
                (Some(own), Some(other)) => Arc::ptr_eq(&own.node, &other.node) && own.output == other.output,
                (None, None) => true,
                _ => false,
            }
    }

    /// Dtype of the elements.
    pub fn dtype(&self) -> DType {
        self.storage.dtype()
    }

    /// Size of each dimension.
    pub fn shape(&self) -> Vec<usize> {
        self.storage.shape()
    }

    /// Number of dimensions.
    pub fn rank(&self) -> usize {
        self.shape().len()
    }

    /// Number of elements.
    pub fn num_elements(&self) -> usize {
        self.shape().iter().product()
    }

    /// The device that holds the tensor.
    pub fn device(&self) -> &TensorDevice {
        &self.device
    }
}

/// A result of a node.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) node: Arc<Node>,
    pub(crate) output: usize,
}

/// A recorded operation, or a tensor that collects its gradient.
pub(crate) struct Node {
    /// Increases with the time of creation, so that operands have smaller numbers than results.
    pub(crate) id: u64,
    edges: Vec<Edge>,
    operation: Mutex<Arc<Operation>>,
    /// Gradients to keep, by the index of the result.
    kept: Mutex<Vec<(usize, Option<Gradient>)>>,
    hooks: Mutex<Vec<Hook>>,
}

pub(crate) enum Operation {
    Leaf,
    /// One rule for each edge.
    Rules(Vec<Rule>),
    /// A function and the positions of those operands that have an edge.
    Custom(Box<dyn CustomGradient>, Vec<usize>),
    /// A backward pass has used the operation, and has released what it saved.
    Released,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.id)
    }
}

impl Node {
    pub(crate) fn new(edges: Vec<Edge>, operation: Operation) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let kept = if matches!(operation, Operation::Leaf) { vec![(0, None)] } else { Vec::new() };
        Arc::new(Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            edges,
            operation: Mutex::new(Arc::new(operation)),
            kept: Mutex::new(kept),
            hooks: Mutex::default(),
        })
    }

    pub(crate) fn edges(&self) -> &[Edge] {
        &self.edges
    }

    pub(crate) fn operation(&self) -> Arc<Operation> {
        lock(&self.operation).clone()
    }

    fn release_all(&self) {
        *lock(&self.operation) = Arc::new(Operation::Released);
    }

    /// Releases saved tensors after a backward pass.
    pub(crate) fn release(&self) {
        let has_saved = match &*self.operation() {
            Operation::Rules(rules) => rules.iter().any(|rule| rule.has_saved),
            Operation::Custom(..) => true,
            Operation::Leaf | Operation::Released => false,
        };
        if has_saved {
            self.release_all();
        }
    }

    pub(crate) fn kept(&self) -> MutexGuard<'_, Vec<(usize, Option<Gradient>)>> {
        lock(&self.kept)
    }

    /// Functions that backward passes call with gradients of the node's results.
    pub(crate) fn hooks(&self) -> MutexGuard<'_, Vec<Hook>> {
        lock(&self.hooks)
    }

    pub(crate) fn is_leaf(&self) -> bool {
        matches!(*self.operation(), Operation::Leaf)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Node {
    // A long chain of nodes would overflow the stack if each dropped the next one.
    fn drop(&mut self) {
        let mut rest = mem::take(&mut self.edges);
        // Saved tensors are results of nodes in `rest`, which must be the last to own them.
        self.release_all();
        while let Some(edge) = rest.pop() {
            if let Some(mut node) = Arc::into_inner(edge.node) {
                rest.append(&mut node.edges);
            }
        }
    }
}

/// The gradient of a result on its way to the operands.
pub(crate) struct Flow<'a> {
    pub(crate) gradient: &'a Tensor,
    pub(crate) node: &'a Arc<Node>,
}

/// The gradient of one operand, given the gradient of the result.
pub(crate) struct Rule {
    pub(crate) apply: Box<Apply>,
    has_saved: bool,
}

type Apply = dyn Fn(&Flow<'_>) -> Result<Tensor> + Send + Sync;

impl Rule {
    /// A rule that has saved tensors, which a backward pass releases.
    pub(crate) fn saving(apply: impl Fn(&Flow<'_>) -> Result<Tensor> + Send + Sync + 'static) -> Self {
        Self { apply: Box::new(apply), has_saved: true }
    }

    /// A rule that needs no tensors but the gradient, so that any number of backward passes can use it.
    pub(crate) fn of(apply: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static) -> Self {
        Self { apply: Box::new(move |flow| apply(flow.gradient)), has_saved: false }
    }
}

/// Gradients of a function that this crate does not compute, such as a model or a function of another framework.
pub trait CustomGradient: Send + Sync {
    /// The gradients of the operands, in their order, given those of the results; `None` stands for zeros.
    ///
    /// **Errors:** any error of the function.
    fn backward(&self, gradients: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>>;

    /// The function as its own type.
    fn as_any(&self) -> &dyn Any;
}

/// A function that backward passes call with a gradient.
pub trait GradientHook: Send + Sync {
    /// A gradient that replaces the given one, or `None` to leave it as it is.
    ///
    /// **Errors:** any error of the function; the backward pass ends with it.
    fn call(&self, gradient: &Tensor) -> Result<Option<Tensor>>;
}

/// When a backward pass calls a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookTime {
    /// When the gradient of the tensor is complete; the result of the hook takes its place.
    Computed,
    /// After the pass has added the gradient to that of the leaf; the result of the hook is not used.
    Accumulated,
}

/// A hook at a node, for one of its results.
#[derive(Clone)]
pub(crate) struct Hook {
    pub(crate) id: u64,
    pub(crate) output: usize,
    pub(crate) time: HookTime,
    pub(crate) function: Arc<dyn GradientHook>,
}

/// A gradient that backward passes add to; clones are the same gradient.
#[derive(Clone, Debug)]
pub struct Gradient(Arc<Mutex<Tensor>>);

impl Gradient {
    pub(crate) fn new(tensor: Tensor) -> Self {
        Self(Arc::new(Mutex::new(tensor)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Tensor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Address of what clones share.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// The gradient's current value.
    pub fn get(&self) -> Tensor {
        self.lock().clone()
    }

    /// Adds to the gradient; passes of other threads wait meanwhile.
    pub(crate) fn add(&self, new: &Tensor) -> Result<()> {
        let mut gradient = self.lock();
        *gradient = gradient.add(new)?;
        Ok(())
    }

    /// Replaces the gradient.
    pub fn set(&self, tensor: Tensor) {
        *self.lock() = tensor;
    }
}
