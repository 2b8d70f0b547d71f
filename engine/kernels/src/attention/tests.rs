use half::bf16;

use super::*;
use crate::testing::values;

/// Sizes of a problem; its operands are columns of wider matrices that are NaN elsewhere.
#[derive(Clone, Debug)]
struct Case {
    segments: Vec<Segment>,
    num_heads: usize,
    num_kv_heads: usize,
    head_dim: usize,
    is_causal: bool,
    /// One in this many keys is hidden; 0 hides none.
    hidden_each: usize,
    /// Number of bias heads; 0 is no bias.
    bias_heads: usize,
    /// Whether there is a softcap, a position bias and a sink.
    has_terms: [bool; 3],
    /// Range of the queries' values.
    range: f32,
}

/// The smallest matrices that hold the segments, and the optional operands.
struct Operands<T> {
    q: (Vec<T>, usize),
    k: (Vec<T>, usize),
    v: (Vec<T>, usize),
    hidden: Option<Vec<bool>>,
    bias: Option<Vec<f32>>,
    cap: Option<f32>,
    key_bias: Option<Vec<f32>>,
    sinks: Option<Vec<f32>>,
}

/// Padding elements between rows.
const GAP: usize = 5;

impl Case {
    fn new(lengths: &[(usize, usize)], [num_heads, num_kv_heads, head_dim]: [usize; 3]) -> Self {
        let mut segments = Vec::new();
        let (mut q_start, mut k_start) = (0, 0);
        for &(queries, keys) in lengths {
            segments.push(Segment { q_start, queries, k_start, keys });
            // Leaves rows that belong to no segment.
            (q_start, k_start) = (q_start + queries + 1, k_start + keys + 2);
        }
        Self {
            segments,
            num_heads,
            num_kv_heads,
            head_dim,
            is_causal: false,
            hidden_each: 0,
            bias_heads: 0,
            has_terms: [false; 3],
            range: 4.0,
        }
    }

    fn operands<T: Element>(&self, seed: u64) -> Operands<T> {
        let matrix = |seed: u64, width: usize, factor: f32, rows: &dyn Fn(&Segment) -> [usize; 2]| {
            let stride = width + GAP;
            let end = self.segments.iter().map(rows).filter(|rows| rows[1] > 0).map(|rows| rows[0] + rows[1]).max();
            let len = end.map_or(0, |end| (end - 1) * stride + width);
            let mut data = vec![T::narrow(f32::NAN); len];
            let numbers = values(len, seed);
            for [start, count] in self.segments.iter().map(rows) {
                for at in (start..start + count).flat_map(|row| row * stride..row * stride + width) {
                    data[at] = T::narrow(numbers[at] * factor);
                }
            }
            (data, stride)
        };
        let [q_width, kv_width] = [self.num_heads, self.num_kv_heads].map(|heads| heads * self.head_dim);
        let pairs: usize = self.segments.iter().map(|segment| segment.queries * segment.keys).sum();
        let hide = |value: f32| ((value.to_bits() >> 8) as usize).is_multiple_of(self.hidden_each);
        Operands {
            q: matrix(seed, q_width, self.range, &|segment| [segment.q_start, segment.queries]),
            k: matrix(seed + 1, kv_width, 1.0, &|segment| [segment.k_start, segment.keys]),
            v: matrix(seed + 2, kv_width, 1.0, &|segment| [segment.k_start, segment.keys]),
            hidden: (self.hidden_each > 0).then(|| values(pairs, seed + 3).into_iter().map(hide).collect()),
            cap: self.has_terms[0].then_some(1.5),
            key_bias: self.has_terms[1].then(|| {
                let most = self.segments.iter().map(|segment| segment.keys).max().unwrap_or(0);
                values(self.num_heads * (most + 3), seed + 5)
            }),
            sinks: self.has_terms[2].then(|| values(self.num_heads, seed + 6).iter().map(|x| 3.0 * x).collect()),
            bias: (self.bias_heads > 0).then(|| {
                let numbers = values(self.bias_heads * pairs, seed + 4).into_iter();
                // Minus infinity masks keys, sometimes a whole tile.
                numbers.map(|x| if x > 0.5 { f32::NEG_INFINITY } else { 4.0 * x }).collect()
            }),
        }
    }

    fn attention<'a, T: Element>(&'a self, operands: &'a Operands<T>) -> Attention<'a, T> {
        let rows = |(data, stride): &'a (Vec<T>, usize)| Rows { data, stride: *stride };
        Attention {
            q: rows(&operands.q),
            k: rows(&operands.k),
            v: rows(&operands.v),
            segments: &self.segments,
            num_heads: self.num_heads,
            num_kv_heads: self.num_kv_heads,
            head_dim: self.head_dim,
            scale: 1.0 / (self.head_dim as f32).sqrt(),
            is_causal: self.is_causal,
            hidden: operands.hidden.as_deref(),
            bias: operands.bias.as_deref().map(|values| Bias { values, heads: self.bias_heads }),
            terms: Terms {
                logit_softcap: operands.cap,
                key_bias: operands.key_bias.as_deref(),
                sinks: operands.sinks.as_deref(),
            },
        }
    }
}

/// Runs with an output buffer of NaN.
fn run<T: Element>(attention: &Attention<'_, T>, isa: Isa) -> Vec<T> {
    let queries: usize = attention.segments.iter().map(|segment| segment.queries).sum();
    let mut out = vec![T::narrow(f32::NAN); queries * attention.num_heads * attention.head_dim];
    attention.run_with(isa, &mut out);
    out
}

fn reference<T: Element>(attention: &Attention<'_, T>) -> Vec<f64> {
    let Attention { num_heads, num_kv_heads, head_dim, .. } = *attention;
    let element = |rows: &Rows<'_, T>, row: usize, col: usize| f64::from(rows.data[row * rows.stride + col].widen());
    let (mut out, mut first_flag) = (Vec::new(), 0);
    for &Segment { q_start, queries, k_start, keys } in attention.segments {
        for query in 0..queries {
            let is_visible = |key: usize| {
                let is_hidden = attention.hidden.is_some_and(|hidden| hidden[first_flag + query * keys + key]);
                !is_hidden && (!attention.is_causal || key + queries <= query + keys)
            };
            let seen: Vec<usize> = (0..keys).filter(|key| is_visible(*key)).collect();
            for head in 0..num_heads {
                let (q_col, kv_col) = (head * head_dim, head / (num_heads / num_kv_heads) * head_dim);
                let scores: Vec<f64> = seen
                    .iter()
                    .map(|key| {
                        let products = (0..head_dim).map(|d| {
                            element(&attention.q, q_start + query, q_col + d)
                                * element(&attention.k, k_start + key, kv_col + d)
                        });
                        let bias = attention.bias.map_or(0.0, |Bias { values, heads }| {
                            values[first_flag * heads + (head % heads * keys + key) * queries + query]
                        });
                        let score = products.sum::<f64>() * f64::from(attention.scale);
                        let cap = attention.terms.logit_softcap.map(f64::from);
                        let score = cap.map_or(score, |cap| cap * (score / cap).tanh());
                        let key_bias_of =
                            attention.terms.key_bias.map(|key_bias| key_bias[head * key_bias.len() / num_heads + key]);
                        score + f64::from(bias) + f64::from(key_bias_of.unwrap_or(0.0))
                    })
                    .collect();
                let is_blind = scores.iter().all(|score| *score == f64::NEG_INFINITY);
                let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let weights: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
                let sink = attention.terms.sinks.map_or(0.0, |sinks| (f64::from(sinks[head]) - most).exp());
                let sum: f64 = weights.iter().sum::<f64>() + sink;
                out.extend((0..head_dim).map(|d| {
                    let terms = seen.iter().zip(&weights);
                    let sum_of_values: f64 =
                        terms.map(|(key, w)| w * element(&attention.v, k_start + key, kv_col + d)).sum();
                    if seen.is_empty() || is_blind { 0.0 } else { sum_of_values / sum }
                }));
            }
        }
        first_flag += queries * keys;
    }
    out
}

fn check<T: Element>(case: &Case, tolerance: f64) {
    let operands = case.operands::<T>(case.head_dim as u64 * 31 + case.segments.len() as u64);
    let attention = case.attention(&operands);
    let expected = reference(&attention);
    for isa in Isa::testable() {
        for (at, (found, expected)) in run(&attention, isa).iter().zip(&expected).enumerate() {
            let error = (f64::from(found.widen()) - expected).abs();
            assert!(error <= tolerance, "{isa:?}, {case:?}: {found} at {at} is not {expected}", found = found.widen());
        }
    }
}

fn check_both(case: &Case) {
    // Values are below one, so an error in a weight is not amplified. Scores are sums of `head_dim` products below
    // `range / sqrt(head_dim)`.
    let score = f64::from(case.range) * (case.head_dim as f64).sqrt();
    check::<f32>(case, 2e-7 * (2.0 + score));
    // The weights are rounded, and so is the result: half of 2^-8 each.
    check::<bf16>(case, 2.0f64.powi(-8) + 2e-7 * score);
}

#[test]
fn matches_double_precision_at_every_head_dim() {
    for head_dim in (1..=70).chain([96, 128, 200]) {
        check_both(&Case::new(&[(9, 13), (3, 21)], [2, 2, head_dim]));
    }
}

#[test]
fn matches_double_precision_at_every_length() {
    for keys in (0..70).chain([95, 97, 127, 128, 129, 200]) {
        let queries = (keys * 37 + 11) % 101;
        check_both(&Case::new(&[(queries, keys)], [1, 1, 20]));
    }
}

#[test]
fn few_queries_see_many_keys() {
    for (queries, keys) in [(1, 1), (1, 16), (1, 300), (2, 33), (3, 47), (4, 100), (6, 70), (7, 70)] {
        for heads in [[1, 1, 20], [2, 1, 64], [6, 2, 31]] {
            let case = Case::new(&[(queries, keys), (queries, 5)], heads);
            check_both(&case);
            check_both(&Case { range: 40.0, ..case.clone() });
            check_both(&Case { is_causal: true, ..case.clone() });
            check_both(&Case { is_causal: true, hidden_each: 2, ..case });
        }
    }
}

#[test]
fn tiles_of_keys_are_merged() {
    for (queries, keys) in [(3, 257), (5, 511), (50, 700), (700, 600)] {
        let case = Case::new(&[(queries, keys)], [1, 1, 16]);
        check_both(&case);
        // Later tiles often have larger scores than earlier ones.
        check_both(&Case { range: 40.0, ..case.clone() });
        check_both(&Case { is_causal: true, ..case.clone() });
        check_both(&Case { is_causal: true, hidden_each: 2, ..case });
    }
}

#[test]
fn sequences_of_a_batch_differ_in_length() {
    let lengths = [(7, 7), (100, 100), (1, 1), (0, 3), (3, 0), (49, 48), (48, 12), (150, 149), (2, 190)];
    for heads in [[1, 1, 24], [6, 6, 33], [6, 2, 64], [4, 1, 31], [7, 1, 8]] {
        let case = Case::new(&lengths, heads);
        check_both(&case);
        check_both(&Case { is_causal: true, ..case.clone() });
        check_both(&Case { hidden_each: 3, ..case.clone() });
        check_both(&Case { hidden_each: 1, ..case });
    }
}

#[test]
fn a_bias_is_added_to_the_scores_and_may_mask_keys() {
    let lengths = [(1, 1), (2, 3), (5, 70), (64, 64), (33, 300), (70, 513)];
    for heads in [1, 3] {
        let case = Case { bias_heads: heads, ..Case::new(&lengths, [3, 3, 20]) };
        check_both(&case);
        check_both(&Case { is_causal: true, hidden_each: 3, ..case });
    }
}

#[test]
fn softcap_position_biases_and_sinks_match_double_precision() {
    let lengths = [(1, 1), (1, 40), (2, 3), (5, 70), (64, 64), (0, 4), (3, 0), (70, 513)];
    for has_terms in [[true, false, false], [false, true, false], [false, false, true], [true; 3]] {
        for heads in [[1, 1, 24], [6, 2, 20], [4, 1, 31], [3, 3, 33]] {
            let case = Case { has_terms, ..Case::new(&lengths, heads) };
            check_both(&case);
            check_both(&Case { is_causal: true, hidden_each: 3, ..case });
        }
    }
}

#[test]
fn a_sink_far_above_all_scores_gives_zeros() {
    let case = Case { has_terms: [false, false, true], ..Case::new(&[(1, 9), (40, 50)], [2, 2, 8]) };
    let mut operands = case.operands::<f32>(3);
    operands.sinks = Some(vec![1e4, f32::MAX]);
    for isa in Isa::testable() {
        assert!(run(&case.attention(&operands), isa).iter().all(|x| x.abs() < 1e-20), "{isa:?}");
    }
}

#[test]
fn results_do_not_depend_on_the_batch() {
    fn check<T: Element>(case: &Case) {
        let operands = case.operands::<T>(5);
        let batch = case.attention(&operands);
        for isa in Isa::testable() {
            let together = run(&batch, isa);
            let mut apart = Vec::new();
            for segment in &case.segments {
                apart.extend(run(&Attention { segments: std::slice::from_ref(segment), ..batch }, isa));
            }
            let bits = |out: &[T]| out.iter().map(|x| x.widen().to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&together), bits(&apart), "{isa:?}");
        }
    }
    let lengths = [(30, 30), (600, 600), (1, 9), (90, 70), (5, 300)];
    for is_causal in [false, true] {
        let case = Case { is_causal, ..Case::new(&lengths, [4, 2, 40]) };
        check::<f32>(&case);
        check::<bf16>(&case);
    }
}

#[test]
fn nan_spreads_only_within_its_query_or_segment_and_head() {
    fn check<T: Element>() {
        let case = Case::new(&[(20, 20), (60, 60)], [2, 2, 17]);
        let width = 2 * case.head_dim;
        let nan =
            |place: fn(&mut Operands<T>) -> &mut (Vec<T>, usize), row: usize, is_hit: &dyn Fn(usize, usize) -> bool| {
                let mut operands = case.operands::<T>(9);
                let (data, stride) = place(&mut operands);
                data[row * *stride + 3] = T::narrow(f32::NAN);
                for isa in Isa::testable() {
                    for (at, value) in run(&case.attention(&operands), isa).iter().enumerate() {
                        assert_eq!(value.widen().is_nan(), is_hit(at / width, at % width), "{isa:?}: {at}");
                    }
                }
            };
        nan(|operands| &mut operands.q, 22, &|row, col| row == 21 && col < 17);
        nan(|operands| &mut operands.k, 23, &|row, col| row >= 20 && col < 17);
        nan(|operands| &mut operands.v, 19, &|row, col| row < 20 && col == 3);
    }
    check::<f32>();
    check::<bf16>();
}

#[test]
fn large_scores_neither_overflow_nor_underflow() {
    for magnitude in [1e4f32, 1e18, 1e30] {
        // Scores are `magnitude` times 0, -1, -2, ... or 0, 1, 2, ....
        for sign in [-1.0, 1.0] {
            let (keys, head_dim) = (300, 2);
            let k: Vec<f32> = (0..keys).flat_map(|key| [key as f32 * sign, 0.0]).collect();
            let v: Vec<f32> = (0..keys * head_dim).map(|at| at as f32).collect();
            let attention = Attention {
                q: Rows { data: &[magnitude, 0.0], stride: head_dim },
                k: Rows { data: &k, stride: head_dim },
                v: Rows { data: &v, stride: head_dim },
                segments: &[Segment { q_start: 0, queries: 1, k_start: 0, keys }],
                num_heads: 1,
                num_kv_heads: 1,
                head_dim,
                scale: 1.0,
                is_causal: false,
                hidden: None,
                bias: None,
                terms: Terms::default(),
            };
            for isa in Isa::testable() {
                let first = if sign < 0.0 { 0.0 } else { v[2 * (keys - 1)] };
                assert_eq!(run(&attention, isa), [first, first + 1.0], "{isa:?}, {magnitude}");
            }
        }
    }
}

#[test]
fn equal_values_are_reproduced_exactly() {
    let case = Case::new(&[(33, 300)], [1, 1, 24]);
    let mut operands = case.operands::<bf16>(3);
    operands.v.0.fill(bf16::from_f32(-0.7));
    for isa in Isa::testable() {
        assert!(run(&case.attention(&operands), isa).iter().all(|x| *x == bf16::from_f32(-0.7)), "{isa:?}");
    }
}

#[test]
fn queries_without_visible_keys_give_zeros_despite_nan_values() {
    let case = Case { is_causal: true, ..Case::new(&[(9, 4), (4, 1)], [1, 1, 5]) };
    let mut operands = case.operands::<f32>(3);
    operands.v.0.fill(f32::NAN);
    for isa in Isa::testable() {
        let out = run(&case.attention(&operands), isa);
        for (query, out) in out.chunks(5).enumerate() {
            let is_blind = query < 5 || (9..12).contains(&query);
            assert!(out.iter().all(|x| if is_blind { *x == 0.0 } else { x.is_nan() }), "{isa:?}, {query}: {out:?}");
        }
    }
}

#[test]
fn mismatched_lengths_panic() {
    let case = Case { hidden_each: 2, ..Case::new(&[(4, 6), (2, 3)], [4, 2, 8]) };
    let operands = case.operands::<f32>(1);
    let good = case.attention(&operands);
    let refuses = |attention: Attention<'_, f32>, len: usize, message: &str| {
        let panic = std::panic::catch_unwind(|| attention.run(&mut vec![0.0; len])).unwrap_err();
        let found =
            panic.downcast_ref::<String>().cloned().or(panic.downcast_ref::<&str>().map(|text| text.to_string()));
        assert!(found.as_ref().is_some_and(|found| found.contains(message)), "{found:?} does not contain {message:?}");
    };
    fn shorter<'a>(rows: Rows<'a, f32>) -> Rows<'a, f32> {
        Rows { data: &rows.data[..rows.data.len() - 1], ..rows }
    }
    let len = 6 * 32;
    good.run(&mut vec![0.0; len]);
    refuses(good, len - 1, "out is not");
    refuses(Attention { q: shorter(good.q), ..good }, len, "q does not hold");
    refuses(Attention { k: shorter(good.k), ..good }, len, "k does not hold");
    refuses(Attention { v: shorter(good.v), ..good }, len, "v does not hold");
    refuses(Attention { k: Rows { stride: usize::MAX / 2, ..good.k }, ..good }, len, "k does not hold");
    refuses(Attention { num_kv_heads: 3, ..good }, len, "cannot share");
    refuses(Attention { scale: f32::NAN, ..good }, len, "scale");
    refuses(Attention { hidden: good.hidden.map(|hidden| &hidden[1..]), ..good }, len, "hidden");
    let terms = |terms| Attention { terms, ..good };
    refuses(terms(Terms { key_bias: Some(&[0.0; 20]), ..Terms::default() }), len, "key_bias");
    refuses(terms(Terms { sinks: Some(&[0.0; 3]), ..Terms::default() }), len, "sinks");
    refuses(terms(Terms { logit_softcap: Some(-1.0), ..Terms::default() }), len, "logit_softcap");
}
