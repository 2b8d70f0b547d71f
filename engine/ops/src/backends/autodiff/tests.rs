use burn::tensor::{Distribution, Tolerance};

use super::*;
use crate::dropout::next_mask;
use crate::{
    AttentionKind, CachedAttention, CachedSegment, DropoutRates, Flex, Heads, KvCache, LinearWeight, PassState,
    Precision, RotaryLayout, Rounding, Scores, Segment, Segments, with_dropout,
};

type Graph = Autodiff<Flex>;

fn random<const D: usize>(shape: [usize; D]) -> Tensor<Flex, D> {
    Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), &Default::default())
}

fn leaf<const D: usize>(values: &Tensor<Flex, D>) -> Tensor<Graph, D> {
    Tensor::from_inner(values.clone()).require_grad()
}

/// A function of matrices and vectors.
type Function<'a> = dyn Fn(&[Tensor<Graph, 2>], &[Tensor<Graph, 1>]) -> Tensor<Graph, 2> + 'a;

/// Compares results and gradients of matrices and vectors of two functions.
fn check(matrices: &[Tensor<Flex, 2>], vectors: &[Tensor<Flex, 1>], tolerance: f32, functions: [&Function<'_>; 2]) {
    let mut expected: Option<Vec<burn::tensor::TensorData>> = None;
    let mut direction = None;
    for function in functions {
        let leaves: Vec<_> = matrices.iter().map(leaf).collect();
        let vectors: Vec<_> = vectors.iter().map(leaf).collect();
        let result = function(&leaves, &vectors);
        let direction = direction.get_or_insert_with(|| random(result.dims())).clone();
        let gradients = (result.clone() * Tensor::from_inner(direction)).sum().backward();
        let mut found = vec![result.inner().into_data()];
        let missing = "every operand has a gradient";
        found.extend(leaves.iter().map(|leaf| leaf.grad(&gradients).expect(missing).into_data()));
        found.extend(vectors.iter().map(|leaf| leaf.grad(&gradients).expect(missing).into_data()));
        if let Some(expected) = &expected {
            for (found, expected) in found.iter().zip(expected) {
                found.assert_approx_eq::<f32>(expected, Tolerance::absolute(tolerance));
            }
        }
        expected = Some(found);
    }
}

#[test]
fn linear_layers_have_the_gradients_of_plain_burn() {
    for (rows, inputs, outputs) in [(1, 3, 2), (7, 40, 19), (70, 33, 50)] {
        let matrices =
            [random([rows, inputs]), random([outputs, inputs]), random([5, inputs]), random([rows, outputs + 5])];
        let parts = |x: &[Tensor<Graph, 2>], bias: &[Tensor<Graph, 1>]| {
            let part = |weight: &Tensor<Graph, 2>, bias: Option<&Tensor<Graph, 1>>| LinearPart {
                weight: LinearWeight::Dense(weight.clone()),
                bias: bias.cloned(),
                low_rank: Vec::new(),
            };
            let epilogue = Epilogue { activation: Some(Activation::GeluErf), residual: Some(x[3].clone()) };
            ([part(&x[1], Some(&bias[0])), part(&x[2], None)], epilogue)
        };
        let own = |x: &[Tensor<Graph, 2>], bias: &[Tensor<Graph, 1>]| {
            let (parts, epilogue) = parts(x, bias);
            crate::linear(x[0].clone(), &parts, epilogue)
        };
        let plain = |x: &[Tensor<Graph, 2>], bias: &[Tensor<Graph, 1>]| {
            let ([first, second], Epilogue { residual, .. }) = parts(x, bias);
            let product = |part: &LinearPart<Graph>| match &part.weight {
                LinearWeight::Dense(weight) => x[0].clone().matmul(weight.clone().transpose()),
                LinearWeight::Packed(_) => unreachable!("the weights are dense"),
            };
            let both = Tensor::cat(vec![product(&first) + bias[0].clone().unsqueeze(), product(&second)], 1);
            Activation::GeluErf.forward(both) + residual.expect("there is one")
        };
        check(&matrices, &[random([outputs])], 2e-4, [&own, &plain]);
        for (rounding, tolerance) in [(Rounding::Bf16, 0.5), (Rounding::F16, 0.05)] {
            let rounded = |x: &[Tensor<Graph, 2>], bias: &[Tensor<Graph, 1>]| rounding.during(|| own(x, bias));
            check(&matrices, &[random([outputs])], tolerance, [&rounded, &plain]);
        }
    }
}

#[test]
fn operands_of_products_are_numbers_of_float16() {
    // 1 + 2^-12 is rounded to 1, and a gradient beyond 65504 to infinity.
    let values = |value: f32, shape: [usize; 2]| Tensor::<Flex, 2>::full(shape, value, &Default::default());
    let (x, weight) = (leaf(&values(1.0 + 1.0 / 4096.0, [2, 3])), leaf(&values(2.0, [4, 3])));
    let part = LinearPart { weight: LinearWeight::Dense(weight.clone()), bias: None, low_rank: Vec::new() };
    let output = Rounding::F16.during(|| crate::linear(x.clone(), &[part], Epilogue::default()));
    output.clone().inner().into_data().assert_eq(&values(6.0, [2, 4]).into_data(), true);
    let gradients = (output * 60000.0).sum().backward();
    let [of_x, of_weight] = [x, weight].map(|leaf| leaf.grad(&gradients).unwrap());
    of_x.into_data().assert_eq(&values(480_000.0, [2, 3]).into_data(), true);
    of_weight.into_data().assert_eq(&values(120_000.0, [4, 3]).into_data(), true);
    let part = LinearPart { weight: LinearWeight::Dense(leaf(&values(1.0, [1, 1]))), bias: None, low_rank: Vec::new() };
    let x = leaf(&values(1.0, [1, 1]));
    let output = Rounding::F16.during(|| crate::linear(x.clone(), &[part], Epilogue::default()));
    let gradients = (output * 70000.0).sum().backward();
    assert_eq!(x.grad(&gradients).unwrap().into_scalar(), f32::INFINITY);
}

#[test]
fn packed_linear_layers_have_a_gradient_of_their_input() {
    let (x, weight) = (random([9, 40]), random([30, 40]));
    let packed = <Flex as EngineBackend>::pack(&weight, Precision::Float(trustformers_core::DType::F32)).unwrap();
    let own = |x: &[Tensor<Graph, 2>], bias: &[Tensor<Graph, 1>]| {
        let weight = LinearWeight::Packed(packed.clone());
        let part = LinearPart { weight, bias: Some(bias[0].clone()), low_rank: Vec::new() };
        crate::linear(x[0].clone(), &[part], Epilogue::default())
    };
    let plain = |x: &[Tensor<Graph, 2>], bias: &[Tensor<Graph, 1>]| {
        x[0].clone().matmul(Tensor::from_inner(weight.clone()).transpose()) + bias[0].clone().unsqueeze()
    };
    check(&[x], &[random([30])], 1e-4, [&own, &plain]);
}

#[test]
fn operations_on_rows_have_the_gradients_of_plain_burn() {
    for (rows, width) in [(1, 8), (5, 40), (67, 24)] {
        let (x, weight, bias) = (random([rows, width]), random([width]), random([width]));
        check(
            std::slice::from_ref(&x),
            &[weight.clone(), bias],
            1e-4,
            [&|x, w| crate::layer_norm(x[0].clone(), w[0].clone(), Some(w[1].clone()), 1e-5), &|x, w| {
                crate::layer_norm::reference(x[0].clone(), w[0].clone(), Some(w[1].clone()), 1e-5)
            }],
        );
        check(
            std::slice::from_ref(&x),
            &[weight],
            1e-4,
            [&|x, w| crate::rms_norm(x[0].clone(), w[0].clone(), 1e-5), &|x, w| {
                crate::rms_norm::reference(x[0].clone(), w[0].clone(), 1e-5)
            }],
        );
        for activation in [Activation::Silu, Activation::GeluTanh, Activation::QuickGelu] {
            check(
                std::slice::from_ref(&x),
                &[],
                1e-4,
                [&|x, _| crate::gate(x[0].clone(), activation), &|x, _| {
                    crate::gate::reference(x[0].clone(), activation)
                }],
            );
        }
        let angles = random([rows, 2]);
        for layout in [RotaryLayout::RotateHalf, RotaryLayout::Interleaved] {
            let [cos, sin] = [angles.clone().cos(), angles.clone().sin()].map(Tensor::from_inner);
            let rotation = Rotation { cos, sin, layout };
            check(
                std::slice::from_ref(&x),
                &[],
                1e-5,
                [&|x, _| crate::rotate(x[0].clone(), 8, &rotation), &|x, _| {
                    crate::rotary::reference(x[0].clone(), 8, &rotation)
                }],
            );
        }
    }
}

#[test]
fn lookups_leave_out_the_gradient_of_the_padding_row() {
    let ids = || crate::int_vector::<Graph>(vec![2, 0, 2, 3, 1], &Default::default());
    let lookup = |table: &Tensor<Graph, 2>, padding| Lookup { table: table.clone(), ids: ids(), padding };
    let constant = |table: &Tensor<Graph, 2>| {
        let others =
            Tensor::from_inner(Tensor::<Flex, 2>::ones([4, 6], &Default::default()).slice_fill([2..3, 0..6], 0.0));
        table.clone() * others.clone() + table.clone().detach() * (others * -1.0 + 1.0)
    };
    check(
        &[random([4, 6])],
        &[],
        1e-6,
        [&|x, _| crate::embedding(lookup(&x[0], Some(2))), &|x, _| crate::embedding(lookup(&constant(&x[0]), None))],
    );
    let weight = Tensor::from_inner(random([6]));
    let norm = |lookup| crate::embedding_norm(&[lookup], weight.clone(), None, 1e-5);
    check(
        &[random([4, 6])],
        &[],
        1e-5,
        [&|x, _| norm(lookup(&x[0], Some(2))), &|x, _| norm(lookup(&constant(&x[0]), None))],
    );
}

#[test]
fn attention_has_the_gradients_of_plain_burn() {
    let heads = Heads { num_heads: 4, num_kv_heads: 2, head_dim: 10 };
    let segments = Segments([(7, 7), (1, 1), (70, 60)].map(|(rows, keys)| Segment { rows, keys }).to_vec());
    let qkv = [random([78, 40]), random([78, 20]), random([78, 20])];
    for (kind, window) in [
        (AttentionKind::Causal, None),
        (AttentionKind::Bidirectional, None),
        (AttentionKind::Causal, Some(5)),
        (AttentionKind::Bidirectional, Some(9)),
    ] {
        for rate in [0.0, 0.2] {
            let mask = with_dropout(3, DropoutRates { attention_weights: rate, ..Default::default() }, || {
                next_mask(|rates| rates.attention_weights)
            });
            let scores = Scores { window, ..Scores::plain(kind, 0.4) };
            let attention = Attention { segments: &segments, heads, scores, relative: None, dropout: mask.as_ref() };
            let operands = |x: &[Tensor<Graph, 2>]| [0, 1, 2].map(|at| x[at].clone());
            check(
                &qkv,
                &[],
                1e-4,
                [&|x, _| crate::attention(operands(x), &attention), &|x, _| {
                    crate::attention::reference(operands(x), &attention)
                }],
            );
        }
    }
}

#[test]
fn cross_attention_has_the_gradients_of_plain_burn() {
    let lengths = [(1, 90), (70, 3), (0, 2), (5, 5)];
    let segments = Segments(lengths.map(|(rows, keys)| Segment { rows, keys }).to_vec());
    for (heads, rate) in [((4, 2), 0.0), ((4, 4), 0.3)] {
        let heads = Heads { num_heads: heads.0, num_kv_heads: heads.1, head_dim: 10 };
        let width = heads.num_kv_heads * heads.head_dim;
        let qkv = [random([76, 40]), random([100, width]), random([100, width])];
        let rates = DropoutRates { attention_weights: rate, ..Default::default() };
        let mask = with_dropout(7, rates, || next_mask(|rates| rates.attention_weights));
        let scores = Scores::plain(AttentionKind::Cross, 0.4);
        let attention = Attention { segments: &segments, heads, scores, relative: None, dropout: mask.as_ref() };
        let operands = |x: &[Tensor<Graph, 2>]| [0, 1, 2].map(|at| x[at].clone());
        check(
            &qkv,
            &[],
            1e-4,
            [&|x, _| crate::attention(operands(x), &attention), &|x, _| {
                crate::attention::reference(operands(x), &attention)
            }],
        );
    }
}

#[test]
fn cross_attention_to_rows_equals_that_to_a_cache() {
    let lengths = [(1, 90), (70, 3), (5, 5)];
    let segments = Segments(lengths.map(|(rows, keys)| Segment { rows, keys }).to_vec());
    let heads = Heads { num_heads: 4, num_kv_heads: 2, head_dim: 10 };
    let scores = Scores::plain(AttentionKind::Cross, 0.4);
    let [q, k, v] = [random([76, 40]), random([98, 20]), random([98, 20])];
    let mut cache = KvCache::<Flex>::new(3, 20, None);
    cache.append([k.clone(), v.clone()], &CachedSegment::fresh(lengths.map(|(_, keys)| keys)));
    let of_slots = [0, 1, 2].map(|slot| CachedSegment { slot, past: lengths[slot].1, rows: lengths[slot].0 });
    let cached = CachedAttention { segments: &of_slots, heads, scores, bias: None };
    let expected = crate::cached_attention(q.clone(), &cache, &cached).into_data();
    let attention = Attention { segments: &segments, heads, scores, relative: None, dropout: None };
    let tolerance = Tolerance::<f32>::absolute(1e-5);
    crate::attention([q.clone(), k.clone(), v.clone()], &attention).into_data().assert_approx_eq(&expected, tolerance);
    crate::attention::reference([q, k, v], &attention).into_data().assert_approx_eq(&expected, tolerance);
}

#[test]
fn a_pass_in_parts_has_the_gradients_of_the_whole() {
    let (x, weight) = (random([6, 4]), random([4, 4]));
    let rates = DropoutRates { embeddings: 0.3, ..Default::default() };
    let layer = |x: Tensor<Graph, 2>, weight: &Tensor<Graph, 2>| {
        let part = LinearPart { weight: LinearWeight::Dense(weight.clone()), bias: None, low_rank: Vec::new() };
        crate::dropout(crate::linear(x, &[part], Epilogue::default()), |rates| rates.embeddings)
    };
    Rounding::Bf16.during(|| {
        with_dropout(5, rates, || {
            let (own_x, own_weight) = (leaf(&x), leaf(&weight));
            let first = layer(own_x.clone(), &own_weight);
            let state = PassState::current();
            let output = layer(first.clone(), &own_weight);
            let direction = random([6, 4]);
            let whole = seed(output, direction.clone()).backward();
            let expected = [&own_x, &own_weight].map(|leaf| leaf.grad(&whole).unwrap().into_data());

            let (own_x, own_weight) = (leaf(&x), leaf(&weight));
            let cut = leaf(&first.inner());
            let output = std::thread::scope(|scope| {
                scope.spawn(|| state.during(|| layer(cut.clone(), &own_weight))).join().unwrap()
            });
            let mut second = seed(output, direction).backward();
            let first = with_dropout(5, rates, || layer(own_x.clone(), &own_weight));
            assert!(is_tracked(&first) && !is_tracked(&Tensor::<Graph, 2>::from_inner(x.clone())));
            let mut total = seed(first, cut.grad_remove(&mut second).unwrap()).backward();
            move_gradient(&own_weight, &mut second, &mut total);
            assert!(own_weight.grad(&second).is_none());
            let found = [&own_x, &own_weight].map(|leaf| leaf.grad(&total).unwrap().into_data());
            assert_eq!(found, expected);
        });
    });
}

#[test]
fn dropout_keeps_its_mask_and_its_place() {
    let x = random([40, 30]);
    let rates = DropoutRates { embeddings: 0.5, ..Default::default() };
    let dropped = |seed| {
        with_dropout(seed, rates, || {
            let both = [0, 1].map(|_| crate::dropout(x.clone(), |rates| rates.embeddings));
            let none = crate::dropout(x.clone(), |rates| rates.head_input);
            (both.map(Tensor::into_data), none.into_data())
        })
    };
    let ([first, second], none) = dropped(1);
    assert_eq!((&none, &dropped(1).0[0]), (&x.to_data(), &first));
    assert!(first != second && dropped(2).0[0] != first);
    assert_eq!(crate::dropout(x.clone(), |rates| rates.embeddings).into_data(), x.to_data());
    let mask = with_dropout(1, rates, || next_mask(|rates| rates.embeddings)).unwrap();
    check(
        &[x],
        &[],
        1e-6,
        [&|x, _| Graph::drop(x[0].clone(), &mask), &|x, _| crate::dropout::reference(x[0].clone(), &mask)],
    );
}
