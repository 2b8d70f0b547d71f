//! Activation checkpointing: a training pass keeps the inputs of layers only, and the backward pass computes one layer
//! after another again, arXiv 1604.06174.

use std::fmt::Debug;
use std::num::NonZeroUsize;

use burn::backend::Autodiff;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use burn::tensor::backend::AutodiffBackend;
use trustformers_ops::{AttentionKind, EngineBackend, LowRank, PassState, is_tracked, move_gradient, seed};

use crate::stack::pass::{Intermediates, Pass, PositionData};
use crate::{Adapters, LayerMut};

/// Gradients of one backward pass.
type Gradients<B> = <Autodiff<B> as AutodiffBackend>::Gradients;

/// A stack of layers in steps, each of which reads the output of the one before.
pub(crate) trait Steps<B: EngineBackend>: Module<B> {
    /// Sequences and positions of a batch's rows, as the layers read them.
    type Rows: Clone + Debug + Send + 'static;

    fn num_steps(&self) -> usize;

    /// Index of the layer that a step runs, which several steps may share.
    fn layer_of(&self, step: usize) -> usize;

    /// Runs a step. **Shapes:** `x: [rows, hidden]`; returns the same.
    fn step(&self, step: usize, x: Tensor<B, 2>, pass: &mut Pass<B>, rows: &Self::Rows) -> Tensor<B, 2>;

    /// Runs all steps. **Shapes:** `x: [rows, hidden]`; returns the same.
    fn run(&self, x: Tensor<B, 2>, pass: &mut Pass<B>, rows: &Self::Rows) -> Tensor<B, 2> {
        (0..self.num_steps()).fold(x, |x, step| self.step(step, x, pass, rows))
    }

    /// Visits the parameters of a layer.
    fn visit_layer<V: ModuleVisitor<B>>(&self, layer: usize, visitor: &mut V);

    /// Visits the linear layers of a layer.
    fn each_linear(&mut self, layer: usize, visit: &mut dyn FnMut(LayerMut<'_, B>));
}

/// Layers of a training pass whose inputs were kept in place of what their gradients need.
#[derive(Debug)]
pub struct CheckpointedLayers<B: EngineBackend> {
    layers: Box<dyn Recomputed<B>>,
    kind: AttentionKind,
    positions: PositionData<Autodiff<B>>,
    device: B::Device,
    steps: Vec<Checkpoint<B>>,
    /// Input of the first step, in the graph of the embeddings.
    input: Tensor<Autodiff<B>, 2>,
    /// Output of the last step, a leaf of the graph of what comes after it.
    output: Tensor<Autodiff<B>, 2>,
    cuts: Cuts<B>,
}

/// What is kept of a step.
#[derive(Debug)]
struct Checkpoint<B: EngineBackend> {
    kept: Kept<B>,
    /// Number of hidden states that the step recorded.
    num_hidden_states: usize,
    /// Whether the step's output has a gradient.
    is_tracked: bool,
}

#[derive(Debug)]
enum Kept<B: EngineBackend> {
    /// The input, whether it has a gradient, and what else the step depends on.
    Input(Tensor<B, 2>, bool, PassState),
    Graph(StepGraph<B>),
}

/// A step in a graph of its own.
#[derive(Debug)]
struct StepGraph<B: EngineBackend> {
    input: Tensor<Autodiff<B>, 2>,
    output: Tensor<Autodiff<B>, 2>,
    hidden_states: Vec<Tensor<Autodiff<B>, 2>>,
}

impl<B: EngineBackend> CheckpointedLayers<B> {
    /// Runs a stack, keeping the input only of every n-th layer. Hidden states that the pass requests are recorded in it.
    ///
    /// **Shapes:** `input: [rows, hidden]`.
    pub(crate) fn run<S: Steps<Autodiff<B>> + Send + 'static>(
        stack: &S,
        input: Tensor<Autodiff<B>, 2>,
        pass: &mut Pass<Autodiff<B>>,
        rows: &S::Rows,
        every: NonZeroUsize,
    ) -> Self {
        let (kind, device) = (pass.kind, pass.device().clone());
        let requested = Intermediates { hidden_states: pass.keeps_hidden_states(), ..Intermediates::default() };
        let (mut constant, mut layers) = (stack.clone().no_grad(), stack.clone());
        let num_layers = (0..stack.num_steps()).map(|step| stack.layer_of(step) + 1).max().unwrap_or(0);
        let mut cuts = Cuts::default();
        let has_trained_positions = {
            let positions = pass.positions();
            let mut has_any = false;
            positions.map_learned(&mut |table| {
                has_any |= is_tracked(&table);
                table
            });
            has_any
        };
        let positions = pass.positions().map_learned(&mut |table| cuts.matrix(table));
        let mut is_trained = vec![has_trained_positions; num_layers];
        for (layer, is_trained) in is_trained.iter_mut().enumerate() {
            let mut tracked = HasTracked(false);
            stack.visit_layer(layer, &mut tracked);
            constant.each_linear(layer, &mut |linear| map_updates(linear, |update| detached_update(&update)));
            let known = cuts.len();
            layers.each_linear(layer, &mut |linear| map_updates(linear, |update| cuts.update(update)));
            *is_trained |= tracked.0 || cuts.len() > known;
        }
        let constant = Layers { stack: constant, rows: rows.clone() };
        let constant_positions = positions.map_learned(&mut detached);
        let layers = Box::new(Layers { stack: layers, rows: rows.clone() });
        let mut steps = Vec::with_capacity(stack.num_steps());
        let (mut x, mut is_tracked) = (input.clone().inner(), is_tracked(&input));
        for step in 0..stack.num_steps() {
            let (state, has_tracked_input) = (PassState::current(), is_tracked);
            is_tracked |= is_trained[stack.layer_of(step)];
            let is_checkpoint = step % every == 0 || !is_tracked;
            let (recomputed, positions): (&dyn Recomputed<B>, _) = match is_checkpoint {
                true => (&constant, &constant_positions),
                false => (&*layers, &positions),
            };
            let leaf = leaf(x.clone(), has_tracked_input && !is_checkpoint);
            let own = Pass::new(kind, positions.clone(), &device, requested);
            let graph = recomputed.graph(step, leaf, own);
            pass.keep_all(&graph.hidden_states);
            let num_hidden_states = graph.hidden_states.len();
            let output = graph.output.clone().inner();
            let kept = match is_checkpoint {
                true => Kept::Input(x, has_tracked_input, state),
                false => Kept::Graph(graph),
            };
            steps.push(Checkpoint { kept, num_hidden_states, is_tracked });
            x = output;
        }
        let output = leaf(x, is_tracked);
        Self { layers, kind, positions, device, steps, input, output, cuts }
    }

    /// Output of the last step. **Shapes:** `[rows, hidden]`.
    pub(crate) fn output(&self) -> Tensor<Autodiff<B>, 2> {
        self.output.clone()
    }

    /// Gradients of the leaves of what comes before and after the layers and of the layers, in parts that add up.
    /// `computed` are those of backward passes of what comes after the layers; `hidden_states` the gradients of the steps'
    /// hidden states, which are zero if there are none.
    ///
    /// **Shapes:** `hidden_states: [rows, hidden]` each.
    pub fn backward(self, mut computed: Vec<Gradients<B>>, mut hidden_states: Vec<Tensor<B, 2>>) -> Vec<Gradients<B>> {
        let Self { layers, kind, positions, device, mut steps, input, output, mut cuts } = self;
        let of_output = computed.iter_mut().filter_map(|computed| output.grad_remove(computed));
        let mut gradient = of_output.reduce(|sum, own| own + sum);
        drop(output);
        let requested = Intermediates { hidden_states: !hidden_states.is_empty(), ..Intermediates::default() };
        while let Some(Checkpoint { kept, num_hidden_states, is_tracked: has_gradient }) = steps.pop() {
            let of_states = hidden_states.split_off(hidden_states.len().saturating_sub(num_hidden_states));
            if !has_gradient || (gradient.is_none() && of_states.is_empty()) {
                continue;
            }
            let step = steps.len();
            let StepGraph { input, output, hidden_states } = match kept {
                Kept::Graph(graph) => graph,
                Kept::Input(input, is_tracked, state) => {
                    let pass = Pass::new(kind, positions.clone(), &device, requested);
                    state.during(|| layers.graph(step, leaf(input, is_tracked), pass))
                }
            };
            let of_output = gradient.take().map(|gradient| seed(output, gradient));
            let of_states = hidden_states.into_iter().zip(of_states).map(|(state, given)| seed(state, given));
            let total = of_output.into_iter().chain(of_states).reduce(|sum, term| sum + term);
            // A dropped layer's output is its input, which has no gradient in front of the first trained layer.
            let Some(total) = total.filter(is_tracked) else { continue };
            let mut own = total.backward();
            gradient = input.grad_remove(&mut own);
            cuts.collect(&mut own);
            match computed.first_mut() {
                Some(computed) => layers.move_gradients(step, &mut own, computed),
                None => computed.push(own),
            }
        }
        let of_input = gradient.filter(|_| is_tracked(&input)).map(|gradient| seed(input, gradient));
        let total = of_input.into_iter().chain(cuts.seeds()).reduce(|sum, term| sum + term);
        computed.extend(total.map(|total| total.backward()));
        computed
    }
}

/// A stack of layers with the batch that it ran on.
trait Recomputed<B: EngineBackend>: Debug + Send {
    /// Runs a step. **Shapes:** `input: [rows, hidden]`.
    fn graph(&self, step: usize, input: Tensor<Autodiff<B>, 2>, pass: Pass<Autodiff<B>>) -> StepGraph<B>;

    /// Adds the gradients of a step's parameters to those of other backward passes.
    fn move_gradients(&self, step: usize, from: &mut Gradients<B>, into: &mut Gradients<B>);
}

#[derive(Debug)]
struct Layers<S, R> {
    stack: S,
    rows: R,
}

impl<B: EngineBackend, S: Steps<Autodiff<B>> + Send> Recomputed<B> for Layers<S, S::Rows> {
    fn graph(&self, step: usize, input: Tensor<Autodiff<B>, 2>, mut pass: Pass<Autodiff<B>>) -> StepGraph<B> {
        let output = self.stack.step(step, input.clone(), &mut pass, &self.rows);
        StepGraph { input, output, hidden_states: pass.into_padded().0 }
    }

    fn move_gradients(&self, step: usize, from: &mut Gradients<B>, into: &mut Gradients<B>) {
        self.stack.visit_layer(self.stack.layer_of(step), &mut Move::<B> { from, into });
    }
}

/// Tensors that layers share or that were computed from leaves outside of them. A backward pass uses up what it goes
/// through, so that each is a leaf to the layers, and its gradient is passed on after that of the last layer.
#[derive(Debug)]
struct Cuts<B: EngineBackend> {
    matrices: Vec<Cut<B, 2>>,
    vectors: Vec<Cut<B, 1>>,
}

impl<B: EngineBackend> Default for Cuts<B> {
    fn default() -> Self {
        Self { matrices: Vec::new(), vectors: Vec::new() }
    }
}

#[derive(Debug)]
struct Cut<B: EngineBackend, const D: usize> {
    outside: Tensor<Autodiff<B>, D>,
    inside: Tensor<Autodiff<B>, D>,
    gradient: Option<Tensor<B, D>>,
}

impl<B: EngineBackend> Cuts<B> {
    fn len(&self) -> usize {
        self.matrices.len() + self.vectors.len()
    }

    fn matrix(&mut self, outside: Tensor<Autodiff<B>, 2>) -> Tensor<Autodiff<B>, 2> {
        cut(&mut self.matrices, outside)
    }

    fn update(
        &mut self,
        LowRank { a, b, gain, adapter, scale, dropout }: LowRank<Autodiff<B>>,
    ) -> LowRank<Autodiff<B>> {
        let (a, b) = (self.matrix(a), self.matrix(b));
        let gain = gain.map(|gain| cut(&mut self.vectors, gain));
        LowRank { a, b, gain, adapter, scale, dropout }
    }

    /// Takes the gradients of the tensors from those of a backward pass.
    fn collect(&mut self, computed: &mut Gradients<B>) {
        self.matrices.iter_mut().for_each(|cut| cut.collect(computed));
        self.vectors.iter_mut().for_each(|cut| cut.collect(computed));
    }

    /// Numbers whose gradients are those of the tensors.
    fn seeds(self) -> Vec<Tensor<Autodiff<B>, 1>> {
        let of_matrices = self.matrices.into_iter().filter_map(Cut::seed);
        of_matrices.chain(self.vectors.into_iter().filter_map(Cut::seed)).collect()
    }
}

impl<B: EngineBackend, const D: usize> Cut<B, D> {
    fn collect(&mut self, computed: &mut Gradients<B>) {
        if let Some(gradient) = self.inside.grad_remove(computed) {
            self.gradient = Some(match self.gradient.take() {
                Some(sum) => gradient + sum,
                None => gradient,
            });
        }
    }

    fn seed(self) -> Option<Tensor<Autodiff<B>, 1>> {
        self.gradient.map(|gradient| seed(self.outside, gradient))
    }
}

fn cut<B: EngineBackend, const D: usize>(
    cuts: &mut Vec<Cut<B, D>>,
    outside: Tensor<Autodiff<B>, D>,
) -> Tensor<Autodiff<B>, D> {
    if !is_tracked(&outside) {
        return outside;
    }
    let inside = leaf(outside.clone().inner(), true);
    cuts.push(Cut { outside, inside: inside.clone(), gradient: None });
    inside
}

/// A tensor that nothing in the graph led to.
fn leaf<B: EngineBackend, const D: usize>(values: Tensor<B, D>, has_gradient: bool) -> Tensor<Autodiff<B>, D> {
    Tensor::from_inner(values).set_require_grad(has_gradient)
}

fn detached<B: EngineBackend, const D: usize>(tensor: Tensor<Autodiff<B>, D>) -> Tensor<Autodiff<B>, D> {
    leaf(tensor.inner(), false)
}

fn detached_update<B: EngineBackend>(update: &LowRank<Autodiff<B>>) -> LowRank<Autodiff<B>> {
    let LowRank { a, b, gain, .. } = update.clone();
    LowRank { a: detached(a), b: detached(b), gain: gain.map(detached), ..*update }
}

fn map_updates<B: EngineBackend>(layer: LayerMut<'_, B>, of: impl FnMut(LowRank<B>) -> LowRank<B>) {
    let updates: Vec<_> = layer.adapters().map_or_else(Vec::new, |own| own.updates.clone());
    layer.set_adapters(Adapters { updates: updates.into_iter().map(of).collect() });
}

/// Whether one of the visited parameters has a gradient.
struct HasTracked(bool);

impl<B: EngineBackend> ModuleVisitor<Autodiff<B>> for HasTracked {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<Autodiff<B>, D>>) {
        // The values of packed weights are computed when they are read.
        self.0 |= param.is_initialized() && is_tracked(&param.val());
    }
}

/// Moves gradients of the visited parameters.
struct Move<'a, B: EngineBackend> {
    from: &'a mut Gradients<B>,
    into: &'a mut Gradients<B>,
}

impl<B: EngineBackend> ModuleVisitor<Autodiff<B>> for Move<'_, B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<Autodiff<B>, D>>) {
        if param.is_initialized() {
            move_gradient(&param.val(), self.from, self.into);
        }
    }
}
