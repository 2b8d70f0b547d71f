use super::gradients::Squares;
use super::{Parameter, TASK, for_each};
use crate::Element;
use crate::cpu::{self, Isa, Kernel, mul_add, vectorize};
use crate::rows::{LANES, join, sum};

/// Options of Adafactor, arXiv 1804.04235, with the formulas of transformers.
#[derive(Clone, Copy, Debug)]
pub struct Adafactor {
    /// Added to the squares of gradients.
    pub eps: f64,
    /// Largest root mean square of an update without learning rate.
    pub clip_threshold: f64,
    /// Coefficient of the moving average of updates, if they are averaged.
    pub beta1: Option<f64>,
    /// Parameters are multiplied by one minus its product with the learning rate.
    pub weight_decay: f64,
    /// Least factor of the learning rate, if it is multiplied by the root mean square of the parameter.
    pub least_scale: Option<f64>,
}

/// A parameter, its gradient and its state.
#[derive(Debug)]
pub struct AdafactorTensors<'a, T> {
    /// The parameter.
    pub parameter: Parameter<'a, T>,
    /// The gradient.
    pub gradient: &'a [T],
    /// Moving averages of the squares of gradients.
    pub squares: MeanSquares<'a>,
    /// Moving averages of updates, if the options have a coefficient.
    pub average: Option<&'a mut [f32]>,
    /// Learning rate.
    pub lr: f64,
    /// Coefficient of the moving averages of squares.
    pub coefficient: f64,
}

/// Moving averages of the squares of gradients.
#[derive(Debug)]
pub enum MeanSquares<'a> {
    /// Of each element.
    Whole(&'a mut [f32]),
    /// Of each row and of each column of matrices `[count, height, width]`.
    Factored {
        /// `[count, height]`
        rows: &'a mut [f32],
        /// `[count, width]`
        columns: &'a mut [f32],
        /// Number of columns.
        width: usize,
    },
}

/// A step of Adafactor for each tensor; returns the root mean squares of the parameters before the step.
///
/// **Panics** if the lengths of a parameter, its gradient and its state do not match.
pub fn adafactor<T: Element>(options: &Adafactor, tensors: Vec<AdafactorTensors<'_, T>>) -> Vec<f64> {
    let isa = cpu::isa();
    tensors.into_iter().map(|tensors| tensors.step(isa, options)).collect()
}

impl<T: Element> AdafactorTensors<'_, T> {
    fn step(self, isa: Isa, options: &Adafactor) -> f64 {
        let Self { parameter, gradient, squares, average, lr, coefficient } = self;
        let len = parameter.target.len();
        assert_eq!([gradient.len(), average.as_ref().map_or(len, |x| x.len())], [len; 2], "lengths of the gradient");
        if len == 0 {
            return 0.0;
        }
        let elements = parameter.source.unwrap_or(&*parameter.target);
        let rms = (sum_each(elements.chunks(TASK), |part| vectorize(isa, Squares(part))) / len as f64).sqrt();
        let lr = lr * options.least_scale.map_or(1.0, |least| rms.max(least));
        let mean = Mean { kept: coefficient as f32, weight: (1.0 - coefficient) as f32, eps: options.eps as f32 };
        let factors = match squares {
            MeanSquares::Whole(squares) => {
                assert_eq!(squares.len(), len, "length of the mean squares");
                Factors::Whole(mean.update(isa, gradient, squares))
            }
            MeanSquares::Factored { rows, columns, width } => {
                assert_eq!(rows.len() * width, len, "number of rows");
                assert!(columns.len().is_multiple_of(width), "number of columns");
                mean.update_factored(isa, gradient, [rows, columns], width)
            }
        };
        let parts = factors.parts(gradient);
        let total = sum_each(parts.iter(), |part| vectorize(isa, UpdateSquares(part)));
        let clipped = ((total / len as f64).sqrt() / options.clip_threshold).max(1.0);
        let mut average = average;
        let mut target = parameter.target;
        let mut source = parameter.source;
        let mut work = Vec::with_capacity(parts.len());
        for part in parts {
            let count = part.gradient.len();
            let (own, rest) = target.split_at_mut(count);
            target = rest;
            let own_source = source.map(|source| source.split_at(count));
            source = own_source.map(|(_, rest)| rest);
            let own_average = average.take().map(|average| average.split_at_mut(count));
            let (own_average, rest) = own_average.unzip();
            average = rest;
            work.push(Apply {
                parameter: Parameter { target: own, source: own_source.map(|(own, _)| own) },
                part,
                average: own_average,
                beta1: options.beta1.unwrap_or(0.0) as f32,
                kept: (1.0 - options.weight_decay * lr) as f32,
                factor: (lr / clipped) as f32,
            });
        }
        for_each(work, |part| vectorize(isa, part));
        rms
    }
}

fn sum_each<P: Send>(parts: impl Iterator<Item = P>, work: impl Fn(P) -> f64 + Sync) -> f64 {
    let parts: Vec<_> = parts.collect();
    let mut sums = vec![0.0; parts.len()];
    for_each(sums.iter_mut().zip(parts).collect(), |(sum, part)| *sum = work(part));
    sums.iter().sum()
}

/// How moving averages of squares are updated.
#[derive(Clone, Copy)]
struct Mean {
    kept: f32,
    weight: f32,
    eps: f32,
}

impl Mean {
    /// Updates the moving averages of elements; returns their inverse square roots.
    fn update<T: Element>(self, isa: Isa, gradient: &[T], squares: &mut [f32]) -> Vec<f32> {
        let mut factors = vec![0.0; squares.len()];
        let parts = gradient.chunks(TASK).zip(squares.chunks_mut(TASK)).zip(factors.chunks_mut(TASK));
        let parts = parts.map(|((gradient, squares), factors)| Elements { mean: self, gradient, squares, factors });
        for_each(parts.collect(), |part| vectorize(isa, part));
        factors
    }

    /// Updates the moving averages of rows and columns.
    fn update_factored<T: Element>(
        self,
        isa: Isa,
        gradient: &[T],
        [rows, columns]: [&mut [f32]; 2],
        width: usize,
    ) -> Factors {
        let count = columns.len() / width;
        let height = rows.len() / count;
        let block = (TASK / width).max(1);
        let (mut of_rows, mut of_columns) = (Vec::with_capacity(rows.len()), Vec::with_capacity(columns.len()));
        let matrices = gradient.chunks(height * width).zip(rows.chunks_mut(height)).zip(columns.chunks_mut(width));
        for ((gradient, rows), columns) in matrices {
            let mut sums = vec![vec![0.0f32; width]; height.div_ceil(block)];
            let parts = gradient.chunks(block * width).zip(rows.chunks_mut(block)).zip(&mut sums);
            let parts = parts.map(|((gradient, rows), sums)| Rows { mean: self, gradient, rows, sums });
            for_each(parts.collect(), |part| vectorize(isa, part));
            let mut means = vec![0.0f64; width];
            for sums in &sums {
                means.iter_mut().zip(sums).for_each(|(mean, sum)| *mean += f64::from(*sum));
            }
            for (column, mean) in columns.iter_mut().zip(&means) {
                *column = self.kept * *column + self.weight * (mean / height as f64) as f32;
            }
            let mean = rows.iter().map(|row| f64::from(*row)).sum::<f64>() / height as f64;
            of_rows.extend(rows.iter().map(|row| 1.0 / (*row / mean as f32).sqrt()));
            of_columns.extend(columns.iter().map(|column| 1.0 / column.sqrt()));
        }
        Factors::Factored { rows: of_rows, columns: of_columns, width, height }
    }
}

struct Elements<'a, T> {
    mean: Mean,
    gradient: &'a [T],
    squares: &'a mut [f32],
    factors: &'a mut [f32],
}

impl<T: Element> Kernel for Elements<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Mean { kept, weight, eps } = self.mean;
        for ((gradient, square), factor) in self.gradient.iter().zip(self.squares).zip(self.factors) {
            let gradient = gradient.widen();
            *square = kept * *square + weight * mul_add::<FUSED>(gradient, gradient, eps);
            *factor = 1.0 / square.sqrt();
        }
    }
}

struct Rows<'a, T> {
    mean: Mean,
    gradient: &'a [T],
    rows: &'a mut [f32],
    sums: &'a mut [f32],
}

impl<T: Element> Kernel for Rows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Mean { kept, weight, eps } = self.mean;
        let width = self.sums.len();
        for (gradient, row) in self.gradient.chunks_exact(width).zip(self.rows) {
            let total = sum(gradient, |sum, x| sum + mul_add::<FUSED>(x, x, eps));
            *row = kept * *row + weight * (total / width as f32);
            for (sum, x) in self.sums.iter_mut().zip(gradient) {
                *sum += mul_add::<FUSED>(x.widen(), x.widen(), eps);
            }
        }
    }
}

/// Factors of gradients in updates.
enum Factors {
    Whole(Vec<f32>),
    Factored { rows: Vec<f32>, columns: Vec<f32>, width: usize, height: usize },
}

/// Whole rows of a gradient, and the factors of their elements.
struct Part<'a, T> {
    gradient: &'a [T],
    /// Of each row.
    rows: &'a [f32],
    /// Of each element of a row.
    columns: &'a [f32],
}

impl Factors {
    fn parts<'a, T: Element>(&'a self, gradient: &'a [T]) -> Vec<Part<'a, T>> {
        match self {
            Self::Whole(factors) => {
                let parts = gradient.chunks(TASK).zip(factors.chunks(TASK));
                parts.map(|(gradient, columns)| Part { gradient, rows: &[1.0], columns }).collect()
            }
            Self::Factored { rows, columns, width, height } => {
                let block = (TASK / width).max(1);
                let matrices = gradient.chunks(height * width).zip(rows.chunks(*height)).zip(columns.chunks(*width));
                let parts = matrices.flat_map(|((gradient, rows), columns)| {
                    let parts = gradient.chunks(block * width).zip(rows.chunks(block));
                    parts.map(move |(gradient, rows)| Part { gradient, rows, columns })
                });
                parts.collect()
            }
        }
    }
}

/// Sum of the squares of updates without learning rate.
struct UpdateSquares<'a, 'b, T>(&'b Part<'a, T>);

impl<T: Element> Kernel for UpdateSquares<'_, '_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> f64 {
        let Part { gradient, rows, columns } = self.0;
        let mut total = 0.0;
        for (gradient, row) in gradient.chunks_exact(columns.len()).zip(*rows) {
            let mut lanes = [0.0f32; LANES];
            let (wholes, rest) = gradient.as_chunks::<LANES>();
            let (column_wholes, column_rest) = columns.as_chunks::<LANES>();
            for (gradient, columns) in wholes.iter().zip(column_wholes) {
                for lane in 0..LANES {
                    let update: f32 = gradient[lane].widen() * columns[lane];
                    lanes[lane] = mul_add::<FUSED>(update, update, lanes[lane]);
                }
            }
            // As in `rows::fold`.
            let lanes = std::hint::black_box(lanes);
            let rest = rest.iter().zip(column_rest).map(|(x, column)| (x.widen() * column).powi(2)).sum::<f32>();
            total += f64::from(join(lanes, |a, b| a + b) + rest) * f64::from(*row).powi(2);
        }
        total
    }
}

struct Apply<'a, T> {
    parameter: Parameter<'a, T>,
    part: Part<'a, T>,
    average: Option<&'a mut [f32]>,
    beta1: f32,
    kept: f32,
    factor: f32,
}

impl<T: Element> Kernel for Apply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Part { gradient, rows, columns } = self.part;
        let (width, kept, beta1) = (columns.len(), self.kept, self.beta1);
        let targets = self.parameter.elements().chunks_exact_mut(width);
        let mut averages = self.average.map(|average| average.chunks_exact_mut(width));
        for ((target, gradient), row) in targets.zip(gradient.chunks_exact(width)).zip(rows) {
            let factor = row * self.factor;
            let all = target.iter_mut().zip(gradient).zip(columns);
            match averages.as_mut().and_then(Iterator::next) {
                None => all.for_each(|((target, gradient), column)| {
                    let update = gradient.widen() * (factor * column);
                    *target = T::narrow(mul_add::<FUSED>(kept, target.widen(), -update));
                }),
                Some(average) => all.zip(average).for_each(|(((target, gradient), column), average)| {
                    let update = gradient.widen() * (factor * column);
                    *average = mul_add::<FUSED>(beta1, *average, (1.0 - beta1) * update);
                    *target = T::narrow(mul_add::<FUSED>(kept, target.widen(), -*average));
                }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::values;

    const OPTIONS: Adafactor =
        Adafactor { eps: 1e-3, clip_threshold: 0.5, beta1: Some(0.9), weight_decay: 0.1, least_scale: Some(1e-3) };

    fn rms(values: &[f64]) -> f64 {
        (values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64).sqrt()
    }

    /// The formulas of the paper in f64, of a matrix; a vector is a matrix of one row without factors.
    fn reference(
        options: &Adafactor,
        parameter: &mut [f64],
        gradient: &[f64],
        [whole, rows, columns, average]: &mut [Vec<f64>; 4],
        (lr, coefficient): (f64, f64),
    ) {
        let width = columns.len();
        let lr = lr * options.least_scale.map_or(1.0, |least| rms(parameter).max(least));
        let squares: Vec<_> = gradient.iter().map(|x| x * x + options.eps).collect();
        let height = squares.len() / width;
        let mix = |old: &mut f64, new: f64| *old = coefficient * *old + (1.0 - coefficient) * new;
        whole.iter_mut().zip(&squares).for_each(|(old, new)| mix(old, *new));
        for (row, old) in rows.iter_mut().enumerate() {
            mix(old, squares[row * width..][..width].iter().sum::<f64>() / width as f64);
        }
        for (column, old) in columns.iter_mut().enumerate() {
            mix(old, (0..height).map(|row| squares[row * width + column]).sum::<f64>() / height as f64);
        }
        let mean = rows.iter().sum::<f64>() / height as f64;
        let square = |at: usize| match height {
            1 => whole[at],
            _ => rows[at / width] / mean * columns[at % width],
        };
        let updates: Vec<_> = gradient.iter().enumerate().map(|(at, x)| x / square(at).sqrt()).collect();
        let clipped = (rms(&updates) / options.clip_threshold).max(1.0);
        for ((parameter, update), average) in parameter.iter_mut().zip(&updates).zip(average) {
            let update = update / clipped * lr;
            let beta1 = options.beta1.unwrap_or(0.0);
            *average = beta1 * *average + (1.0 - beta1) * update;
            *parameter -= options.weight_decay * lr * *parameter + *average;
        }
    }

    #[test]
    fn steps_follow_the_formulas() {
        let shapes = if cfg!(miri) { vec![[1, 40], [3, 35]] } else { vec![[1, TASK + 40], [300, 257], [3, 35]] };
        for [height, width] in shapes {
            for options in [OPTIONS, Adafactor { beta1: None, least_scale: None, clip_threshold: 10.0, ..OPTIONS }] {
                for isa in Isa::testable() {
                    let len = height * width;
                    let wide = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<_>>();
                    let mut expected = wide(values(len, 1));
                    let mut state = [vec![0.0; len], vec![0.0; height], vec![0.0; width], vec![0.0; len]];
                    let mut target = values(len, 1);
                    let (mut whole, mut average) = (vec![0.0; len], vec![0.0; len]);
                    let (mut rows, mut columns) = (vec![0.0; height], vec![0.0; width]);
                    for step in 1..4 {
                        let gradient = values(len, 10 + step);
                        let (lr, coefficient) = (0.1, 1.0 - (step as f64).powf(-0.8));
                        let squares = match height {
                            1 => MeanSquares::Whole(&mut whole),
                            _ => MeanSquares::Factored { rows: &mut rows, columns: &mut columns, width },
                        };
                        let tensors = AdafactorTensors {
                            parameter: Parameter { target: &mut target, source: None },
                            gradient: &gradient,
                            squares,
                            average: options.beta1.map(|_| &mut average[..]),
                            lr,
                            coefficient,
                        };
                        let found = tensors.step(isa, &options);
                        assert!((found / rms(&expected) - 1.0).abs() < 1e-5, "{isa:?}: {found}");
                        reference(&options, &mut expected, &wide(gradient), &mut state, (lr, coefficient));
                    }
                    for (found, expected) in target.iter().zip(&expected) {
                        assert!((f64::from(*found) - expected).abs() < 5e-6, "{isa:?}: {found} {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn matrices_of_one_tensor_have_states_of_their_own() {
        let (mut target, gradient) = (values(60, 1), values(60, 2));
        let mut apart = target.clone();
        let options = Adafactor { clip_threshold: 1e9, least_scale: None, beta1: None, ..OPTIONS };
        let step = |target: &mut [f32], gradient: &[f32]| {
            let (mut rows, mut columns) = (vec![0.0; target.len() / 5], vec![0.0; target.len() / 6]);
            let squares = MeanSquares::Factored { rows: &mut rows, columns: &mut columns, width: 5 };
            let parameter = Parameter { target, source: None };
            let tensors = AdafactorTensors { parameter, gradient, squares, average: None, lr: 0.1, coefficient: 0.0 };
            adafactor(&options, vec![tensors]);
        };
        step(&mut target, &gradient);
        apart.chunks_mut(30).zip(gradient.chunks(30)).for_each(|(target, gradient)| step(target, gradient));
        assert_eq!(target, apart);
    }
}
