//! Gradients of every differentiable operation beside finite differences, and the rules of the graph.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use trustformers_core::{Device, Result};
use trustformers_ops::Flex;
use trustformers_tensor::{
    Arithmetic, Backward, CrossEntropy, Cumulative, DType, Extremum, Index, Interpolation, LossReduction, Operand,
    Options, Scalar, Tensor, TensorDevice, Unary, Variance, with_recording,
};

type Function = Box<dyn Fn(&[Tensor]) -> Result<Tensor>>;

fn device() -> TensorDevice {
    TensorDevice::new::<Flex>(Default::default(), Device::Cpu)
}

/// Distinct numbers, of which none is near zero, one half or another kink.
fn numbers(count: usize, seed: usize) -> Vec<f64> {
    (0..count).map(|at| 0.13 + 0.07 * (((at * 7 + seed * 5) % 11) as f64) + 0.003 * at as f64).collect()
}

fn tensor(shape: &[usize], seed: usize) -> Tensor {
    Tensor::from_f64(numbers(shape.iter().product(), seed), shape, DType::F64, &device()).unwrap()
}

fn number(value: f64) -> Operand {
    Scalar::Float(value).into()
}

fn arithmetic(op: Arithmetic) -> Function {
    Box::new(move |x| Tensor::arithmetic(op, &x[0].clone().into(), &x[1].clone().into()))
}

fn unary(op: Unary) -> Function {
    Box::new(move |x| x[0].unary(op))
}

fn of(function: impl Fn(&[Tensor]) -> Result<Tensor> + 'static) -> Function {
    Box::new(function)
}

/// A sum of the results with different weights, so that each element has a gradient of its own.
fn weighted(result: &Tensor) -> Result<Tensor> {
    let weights = tensor(&result.shape(), 3);
    Tensor::arithmetic(Arithmetic::Mul, &result.clone().into(), &weights.into())?.sum(None, false)
}

fn gradients(function: &Function, inputs: &[Tensor], options: Options) -> Vec<Tensor> {
    let leaves: Vec<_> = inputs.iter().map(|input| input.as_leaf().unwrap()).collect();
    let total = weighted(&function(&leaves).unwrap()).unwrap();
    let found = Backward::new(&[(total, None)], options).unwrap().of(&leaves).unwrap();
    found.into_iter().zip(inputs).map(|(gradient, input)| gradient.unwrap_or_else(|| zeros(input))).collect()
}

fn zeros(like: &Tensor) -> Tensor {
    Tensor::full(&like.shape(), Scalar::Int(0), like.dtype(), like.device()).unwrap()
}

/// Compares gradients with central differences.
fn check(name: &str, function: &Function, inputs: &[Tensor]) {
    const STEP: f64 = 1e-5;
    let found = gradients(function, inputs, Options::default());
    for (which, input) in inputs.iter().enumerate() {
        let values = input.to_f64().unwrap();
        let found = found[which].to_f64().unwrap();
        for at in 0..values.len() {
            let moved = |step: f64| {
                let mut values = values.clone();
                values[at] += step;
                let mut inputs = inputs.to_vec();
                inputs[which] = Tensor::from_f64(values, &input.shape(), DType::F64, &device()).unwrap();
                weighted(&function(&inputs).unwrap()).unwrap().to_f64().unwrap()[0]
            };
            let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            let close = (found[at] - expected).abs() <= 1e-6 + 1e-6 * expected.abs();
            assert!(close, "{name}: operand {which}, element {at}: {} instead of {expected}", found[at]);
        }
    }
}

fn slice(start: i64, stop: i64, step: i64) -> Index {
    Index::Slice { start: Some(start), stop: Some(stop), step }
}

fn indices(values: &[i64], shape: &[usize]) -> Tensor {
    Tensor::from_i64(values.to_vec(), shape, DType::I64, &device()).unwrap()
}

#[test]
fn gradients_of_elementwise_functions_are_finite_differences() {
    let functions = [
        Unary::Neg,
        Unary::Abs,
        Unary::Exp,
        Unary::Log,
        Unary::Log1p,
        Unary::Sqrt,
        Unary::Recip,
        Unary::Sin,
        Unary::Cos,
        Unary::Tan,
        Unary::Sinh,
        Unary::Cosh,
        Unary::Tanh,
        Unary::Asin,
        Unary::Acos,
        Unary::Atan,
        Unary::Asinh,
        Unary::Atanh,
        Unary::Erf,
        Unary::Sigmoid,
        Unary::Relu,
        Unary::Gelu,
        Unary::Silu,
    ];
    for op in functions {
        check(&format!("{op:?}"), &unary(op), &[tensor(&[2, 3], 1)]);
    }
    let above_one = Tensor::arithmetic(Arithmetic::Add, &tensor(&[2, 3], 1).into(), &number(1.5)).unwrap();
    check("Acosh", &unary(Unary::Acosh), &[above_one]);
    let functions: Vec<(&str, Function)> = vec![
        ("gelu_tanh", of(|x| x[0].gelu_tanh())),
        ("exp2", of(|x| x[0].exp2())),
        ("expm1", of(|x| x[0].exp_m1())),
        ("log2", of(|x| x[0].log2())),
        ("log10", of(|x| x[0].log10())),
        ("nan_to_num", of(|x| x[0].nan_to_num(0.0, None, None))),
    ];
    for (name, function) in functions {
        check(name, &function, &[tensor(&[2, 3], 1)]);
    }
}

#[test]
fn gradients_of_moved_and_scattered_elements_are_finite_differences() {
    let index = || indices(&[2, 0, 2], &[3]);
    let cases: Vec<(&str, Function)> = vec![
        ("narrow", of(|x| x[0].narrowed(1, 1, 2))),
        ("movedim", of(|x| x[0].move_axes(&[0], &[2]))),
        ("roll", of(|x| x[0].roll(&[1, -1], Some(&[0, 2])))),
        ("repeat_interleave", of(|x| x[0].repeat_interleave(&[2, 0, 3], Some(1)))),
        ("diagonal", of(|x| x[0].diagonal(1, 1, 2))),
        ("diag_embed", of(|x| x[0].diag_embed(-1))),
        ("triu", of(|x| x[0].triangle(1, true))),
        ("tril", of(|x| x[0].triangle(0, false))),
        ("unflatten", of(|x| x[0].unflatten(2, &[2, -1]))),
        ("unfold", of(|x| x[0].unfold(1, 2, 1))),
        ("index_fill", of(move |x| x[0].index_fill(1, &index(), Scalar::Float(0.5)))),
    ];
    for (name, function) in cases {
        check(name, &function, &[tensor(&[2, 3, 4], 1)]);
    }
    let cases: Vec<(&str, Function)> = vec![
        ("index_add", of(move |x| x[0].index_add(1, &index(), &x[1]))),
        ("index_put", of(|x| x[0].index_put(&[Index::Tensor(indices(&[1, 1], &[2]))], &x[1], true))),
        ("index_copy", of(|x| x[0].index_copy(1, &indices(&[2, 0, 1], &[3]), &x[1]))),
        ("scatter", of(|x| x[0].scatter(1, &indices(&[2, 1], &[1, 2, 1]), &x[1]))),
        ("scatter_add", of(|x| x[0].scatter_add(1, &indices(&[2, 2], &[1, 2, 1]), &x[1]))),
        ("lerp", of(|x| x[0].lerp(&x[1], &number(0.3)))),
        ("addcdiv", of(|x| x[0].add_combined(Arithmetic::Div, [&x[1], &x[0]], Some(Scalar::Float(0.5))))),
    ];
    for (name, function) in cases {
        check(name, &function, &[tensor(&[2, 3, 4], 1), tensor(&[2, 3, 4], 2)]);
    }
    let product = of(|x| x[0].add_product([&x[1], &x[2]], Some(Scalar::Float(0.5)), Some(Scalar::Float(2.0))));
    check("addmm", &product, &[tensor(&[2], 1), tensor(&[3, 4], 2), tensor(&[4, 2], 3)]);
}

#[test]
fn gradients_of_arithmetic_are_finite_differences() {
    let operations = [
        Arithmetic::Add,
        Arithmetic::Sub,
        Arithmetic::Mul,
        Arithmetic::Div,
        Arithmetic::Pow,
        Arithmetic::Maximum,
        Arithmetic::Minimum,
        Arithmetic::Atan2,
    ];
    for op in operations {
        check(&format!("{op:?}"), &arithmetic(op), &[tensor(&[2, 3], 1), tensor(&[2, 3], 2)]);
        check(&format!("{op:?}, broadcast"), &arithmetic(op), &[tensor(&[4, 1, 3], 1), tensor(&[2, 1], 2)]);
    }
    // The quotient must not step between the differences.
    let divisor = Tensor::from_f64(vec![0.37, 0.41, 0.53], &[3], DType::F64, &device()).unwrap();
    check("Remainder", &arithmetic(Arithmetic::Remainder), &[tensor(&[3], 1), divisor]);
    for op in [Arithmetic::Add, Arithmetic::Sub, Arithmetic::Mul, Arithmetic::Div, Arithmetic::Pow] {
        let right = of(move |x| Tensor::arithmetic(op, &x[0].clone().into(), &number(3.0)));
        check(&format!("{op:?} with a number"), &right, &[tensor(&[2, 3], 1)]);
        let left = of(move |x| Tensor::arithmetic(op, &number(3.0), &x[0].clone().into()));
        check(&format!("a number {op:?}"), &left, &[tensor(&[2, 3], 1)]);
    }
    check(
        "square",
        &of(|x| Tensor::arithmetic(Arithmetic::Pow, &x[0].clone().into(), &number(2.0))),
        &[tensor(&[3], 1)],
    );
    check("clamp", &of(|x| x[0].clamp(Some(&number(0.3)), Some(&number(0.6)))), &[tensor(&[7], 1)]);
    let bounds = of(|x| x[0].clamp(Some(&x[1].clone().into()), Some(&x[2].clone().into())));
    check("clamp between tensors", &bounds, &[tensor(&[7], 1), tensor(&[7], 2), tensor(&[7], 4)]);
    let chosen = of(|x| {
        let mask = Tensor::compare(trustformers_tensor::Comparison::Less, &x[0].clone().into(), &number(0.5))?;
        mask.where_(&x[0].clone().into(), &x[1].clone().into())
    });
    check("where", &chosen, &[tensor(&[2, 3], 1), tensor(&[3], 2)]);
}

#[test]
fn gradients_of_movements_are_finite_differences() {
    let x = || tensor(&[2, 3, 4], 1);
    let cases: Vec<(&str, Function)> = vec![
        ("reshape", of(|x| x[0].reshape(&[4, -1]))),
        ("permute", of(|x| x[0].permute(&[2, 0, 1]))),
        ("transpose", of(|x| x[0].transpose(0, 2))),
        ("unsqueeze", of(|x| x[0].unsqueeze(1)?.squeeze(Some(&[1]))?.unsqueeze(-1))),
        ("expand", of(|x| x[0].unsqueeze(0)?.expand(&[5, 2, 3, 4]))),
        ("flip", of(|x| x[0].flip(&[0, 2]))),
        ("tile", of(|x| x[0].tile(&[2, 1, 3]))),
        ("split", of(|x| Ok(x[0].split(&[1, 3], 2)?.remove(1)))),
        ("cat", of(|x| Tensor::cat(&[x[0].clone(), x[0].flip(&[1])?, x[0].clone()], 1))),
        ("stack", of(|x| Tensor::stack(&[x[0].clone(), x[0].clone()], 1))),
        ("cast", of(|x| x[0].cast(DType::F64)?.contiguous().copied())),
    ];
    for (name, function) in cases {
        check(name, &function, &[x()]);
    }
}

#[test]
fn gradients_of_indexing_are_finite_differences() {
    let x = || tensor(&[3, 4, 2], 1);
    let cases: Vec<(&str, Function)> = vec![
        ("integer", of(|x| x[0].index(&[Index::At(1)]))),
        ("slices", of(|x| x[0].index(&[slice(0, 3, 2), slice(3, -9, -2), Index::NewAxis]))),
        ("empty slice", of(|x| x[0].index(&[slice(2, 1, 1)]))),
        (
            "tensors",
            of(|x| x[0].index(&[Index::Tensor(indices(&[0, 2, 0], &[3])), Index::Tensor(indices(&[1], &[1]))])),
        ),
        ("index_select", of(|x| x[0].index_select(1, &indices(&[3, 0, 3], &[3])))),
        ("gather", of(|x| x[0].gather(1, &indices(&[0, 3, 3, 1, 2, 2, 0, 1], &[2, 2, 2])))),
        (
            "masked_select",
            of(|x| {
                let mask = Tensor::compare(trustformers_tensor::Comparison::Less, &x[0].clone().into(), &number(0.5))?;
                x[0].masked_select(&mask)
            }),
        ),
        ("embedding", of(|x| x[0].reshape(&[6, 4])?.embedding(&indices(&[5, 0, 5, 2], &[2, 2]), None))),
    ];
    for (name, function) in cases {
        check(name, &function, &[x()]);
    }
    let assigned = of(|x| x[0].assigned(&[Index::At(-1), slice(0, 3, 2)], &x[1]));
    check("assignment", &assigned, &[x(), tensor(&[2, 2], 2)]);
    let assigned = of(|x| x[0].assigned(&[Index::Tensor(indices(&[2, 0, 2], &[3]))], &x[1]));
    check("assignment to repeated indices", &assigned, &[x(), tensor(&[3, 4, 2], 2)]);
}

#[test]
fn gradients_of_reductions_are_finite_differences() {
    let variance = |is_std| Variance { correction: 1.0, is_std };
    let cases: Vec<(&str, Function)> = vec![
        ("sum", of(|x| x[0].sum(Some(&[1]), false))),
        ("mean", of(|x| x[0].mean(Some(&[0, -1]), true))),
        ("prod", of(|x| x[0].prod(Some(&[0, 2]), false))),
        ("var", of(move |x| x[0].var(Some(&[1]), false, variance(false)))),
        ("std", of(move |x| x[0].var(None, false, variance(true)))),
        ("max", of(|x| x[0].extremum(Extremum::Max, Some(&[2]), false))),
        ("min", of(|x| x[0].extremum(Extremum::Min, None, true))),
        ("max with indices", of(|x| Ok(x[0].extremum_with_indices(Extremum::Max, 1, false)?.0))),
        ("norm", of(|x| x[0].norm(2.0, Some(&[1]), false))),
        ("norm of order 3", of(|x| x[0].norm(3.0, None, false))),
        ("norm of order 1", of(|x| x[0].norm(1.0, Some(&[0]), true))),
        ("norm of infinite order", of(|x| x[0].norm(f64::INFINITY, Some(&[1]), false))),
        ("cumsum", of(|x| x[0].cumulative(Cumulative::Sum, 1))),
        ("cumprod", of(|x| x[0].cumulative(Cumulative::Prod, 2))),
        ("sort", of(|x| Ok(x[0].sort(1, true)?.0))),
        ("topk", of(|x| Ok(x[0].topk(2, 2, Extremum::Min)?.0))),
        ("softmax", of(|x| x[0].softmax(1, false))),
        ("log_softmax", of(|x| x[0].softmax(-1, true))),
        ("logsumexp", of(|x| x[0].log_sum_exp(Some(&[1]), false))),
        ("median", of(|x| Ok(x[0].median(Some(1), false)?.0))),
        ("quantile", of(|x| x[0].quantile(&[0.3, 0.7], Some(2), true, Interpolation::Linear))),
        ("cummax", of(|x| Ok(x[0].cumulative_extremum(Extremum::Max, 1)?.0))),
    ];
    for (name, function) in cases {
        check(name, &function, &[tensor(&[2, 3, 4], 1)]);
    }
    let zero = Tensor::from_f64(vec![0.5, 0.0, 0.7, 0.0, 0.3, 0.9], &[2, 3], DType::F64, &device()).unwrap();
    check("prod with zeros", &of(|x| x[0].prod(Some(&[0]), false)), std::slice::from_ref(&zero));
    check("cumprod with zeros", &of(|x| x[0].cumulative(Cumulative::Prod, 1)), &[zero]);
}

#[test]
fn gradients_of_products_and_normalizations_are_finite_differences() {
    let product = of(|x| x[0].matmul(&x[1]));
    for shapes in
        [[&[2, 3][..], &[3, 4]], [&[3], &[3]], [&[2, 2, 3], &[3, 2]], [&[2, 1, 2, 3], &[3, 3, 2]], [&[3], &[2, 3, 2]]]
    {
        check(&format!("matmul {shapes:?}"), &product, &shapes.map(|shape| tensor(shape, shape.len())));
    }
    let einsum = of(|x| Tensor::einsum("bij,kj->bk", x, &[]));
    check("einsum", &einsum, &[tensor(&[2, 3, 4], 1), tensor(&[5, 4], 2)]);
    let inputs = [tensor(&[2, 3, 4], 1), tensor(&[4], 2), tensor(&[4], 3)];
    check("layer_norm", &of(|x| x[0].layer_norm(&[4], Some(&x[1]), Some(&x[2]), 1e-5)), &inputs);
    check("rms_norm", &of(|x| x[0].rms_norm(&[4], Some(&x[1]), 1e-5)), &inputs[..2]);
    let operands = [tensor(&[3, 3, 2], 1), tensor(&[2, 4], 2), tensor(&[4], 3)];
    check("einsum of a diagonal", &of(|x| Tensor::einsum("iij,jk,k->i", x, &[(1, 2)])), &operands);
    let options = |weight: Option<&Tensor>, label_smoothing| CrossEntropy {
        weight: weight.cloned(),
        ignore_index: -100,
        reduction: LossReduction::Mean,
        label_smoothing,
    };
    let logits = [tensor(&[3, 4], 1)];
    let classes = || indices(&[2, -100, 0], &[3]);
    check("cross_entropy", &of(move |x| x[0].cross_entropy(&classes(), &options(None, 0.0))), &logits);
    let weight = tensor(&[4], 2);
    let smoothed = of(move |x| x[0].cross_entropy(&classes(), &options(Some(&weight), 0.2)));
    check("cross_entropy with weights", &smoothed, &logits);
    let soft = of(move |x| x[0].cross_entropy(&x[1], &options(None, 0.1)));
    check("cross_entropy of probabilities", &soft, &[tensor(&[2, 3, 2], 1), tensor(&[2, 3, 2], 2)]);
    let binary = of(|x| x[0].binary_cross_entropy_with_logits(&x[1], Some(&x[2])));
    check("binary cross entropy", &binary, &[tensor(&[2, 3], 1), tensor(&[2, 3], 2), tensor(&[3], 3)]);
}

#[test]
fn gradients_of_gradients_are_finite_differences() {
    let cases: Vec<(&str, Function)> = vec![
        ("exp", unary(Unary::Exp)),
        ("tanh", unary(Unary::Tanh)),
        ("softmax", of(|x| x[0].softmax(-1, false))),
        ("product", of(|x| x[0].matmul(&x[0].transpose(0, 1)?))),
        ("prod", of(|x| x[0].prod(None, false))),
        ("norm", of(|x| x[0].norm(2.0, None, false))),
    ];
    for (name, function) in cases {
        let slope = of(move |x| {
            let leaf = if x[0].requires_grad() { x[0].clone() } else { x[0].as_leaf()? };
            let total = weighted(&function(std::slice::from_ref(&leaf))?)?;
            let options = Options { retain_graph: true, create_graph: true };
            Ok(Backward::new(&[(total, None)], options)?.of(&[leaf])?.remove(0).expect("the result depends on it"))
        });
        check(name, &slope, &[tensor(&[2, 3], 1)]);
    }
}

#[test]
fn leaves_collect_the_sum_of_gradients() {
    let x = tensor(&[3], 1).as_leaf().unwrap();
    let y = x.sum(None, false).unwrap();
    let pass = || Backward::new(&[(y.clone(), None)], Options::default()).unwrap().into_leaves();
    pass().unwrap();
    pass().unwrap();
    assert_eq!(x.gradient().unwrap().get().to_f64().unwrap(), [2.0; 3]);
}

#[test]
fn a_second_pass_through_saved_tensors_is_refused() {
    let x = tensor(&[3], 1).as_leaf().unwrap();
    let y = x.unary(Unary::Exp).unwrap().sum(None, false).unwrap();
    let pass = |retain_graph| {
        let options = Options { retain_graph, create_graph: false };
        Backward::new(&[(y.clone(), None)], options).unwrap().into_leaves()
    };
    pass(true).unwrap();
    pass(false).unwrap();
    let before = x.gradient().unwrap().get().to_f64().unwrap();
    assert!(pass(false).unwrap_err().to_string().contains("retain_graph"));
    assert_eq!(x.gradient().unwrap().get().to_f64().unwrap(), before);
}

#[test]
fn a_graph_of_a_million_operations_is_dropped_without_recursion() {
    let mut x = tensor(&[1], 1).as_leaf().unwrap();
    for _ in 0..1_000_000 {
        x = x.unary(Unary::Sin).unwrap();
    }
    drop(x);
}

#[test]
fn nothing_is_recorded_where_recording_is_off() {
    let x = tensor(&[3], 1).as_leaf().unwrap();
    let y = with_recording(false, || x.unary(Unary::Exp)).unwrap();
    assert!(!y.requires_grad() && x.requires_grad());
    assert!(x.unary(Unary::Exp).unwrap().requires_grad());
    assert!(Tensor::from_i64(vec![1], &[1], DType::I64, &device()).unwrap().as_leaf().is_err());
}
