//! The thread team beside rayon, with the loops of a BERT-base layer.

use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{hint, thread};

use rayon::prelude::*;
use trustformers_kernels::Format;
use trustformers_kernels::cpu;
use trustformers_kernels::linear::{Linear, PackedWeight, Part, Values};
use trustformers_kernels::norm::LayerNorm;

use super::rounds;

/// Rounds; a fifth of them where a loop takes long enough to be a round by itself.
const ROUNDS: usize = 101;
/// Time for the threads of the last contender to go to sleep.
const PAUSE: Duration = Duration::from_micros(500);
const HIDDEN: usize = 768;
const INTERMEDIATE: usize = 3072;

type Body<'a> = &'a (dyn Fn(usize) + Sync);

pub(crate) fn compare() {
    let threads = cpu::num_threads();
    println!("{threads} threads, {}", cpu::isa().name());
    for (gap, calls) in [(0, 200), (10, 100), (50, 50), (1000, 5)] {
        let title = format!("empty tasks, {gap} us between loops");
        compare_loops(&title, Duration::from_micros(gap), calls, threads, &|_| {});
    }
    // Few rows are split by columns, a task for each thread; many into blocks of 128 rows and a few panels.
    compare_linear("linear 16x768x768", 20, [1, threads], [16, HIDDEN]);
    compare_linear("linear 16x768x3072", 10, [1, threads], [16, INTERMEDIATE]);
    compare_linear("linear 1024x768x3072", 1, [8, threads.div_ceil(2)], [1024, INTERMEDIATE]);
    compare_norm();
}

/// Compares loops of tasks with a time of serial work between them, which is not measured.
fn compare_loops(title: &str, gap: Duration, calls: usize, tasks: usize, body: Body<'_>) {
    let one_thread = || measure(gap, calls, || (0..tasks).for_each(body));
    let team = || measure(gap, calls, || cpu::parallel(tasks, body));
    let par_iter = || measure(gap, calls, || (0..tasks).into_par_iter().with_max_len(1).for_each(body));
    let scope = || {
        measure(gap, calls, || {
            rayon::in_place_scope(|scope| {
                (1..tasks).for_each(|task| scope.spawn(move |_| body(task)));
                body(0);
            });
        })
    };
    rounds::compare(
        title,
        ["median us", "fastest 10%", "mean us"],
        if calls == 1 { ROUNDS / 5 } else { ROUNDS },
        vec![
            ("team", Box::new(team)),
            ("rayon, par_iter", Box::new(|| with_serial_tasks(par_iter))),
            ("rayon, scope", Box::new(|| with_serial_tasks(scope))),
            ("one thread", Box::new(|| with_serial_tasks(one_thread))),
        ],
    );
}

/// Loops of the kernels inside a task run on its thread, as they do inside the team's tasks.
fn with_serial_tasks<T>(run: impl Fn() -> T) -> T {
    cpu::set_num_threads(1);
    let result = run();
    cpu::set_num_threads(0);
    result
}

/// Median, tenth percentile and mean time of a loop, in microseconds.
fn measure(gap: Duration, calls: usize, run: impl Fn()) -> [f64; 3] {
    thread::sleep(PAUSE);
    run();
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let start = Instant::now();
        while start.elapsed() < gap {
            hint::spin_loop();
        }
        let start = Instant::now();
        run();
        times.push(1e6 * start.elapsed().as_secs_f64());
    }
    let mean = times.iter().sum::<f64>() / calls as f64;
    [rounds::quantile(&mut times, 0.5), rounds::quantile(&mut times, 0.1), mean]
}

/// A linear layer of `[rows, n]` outputs from [`HIDDEN`] inputs, in blocks of rows and columns.
fn compare_linear(title: &str, calls: usize, [row_blocks, col_blocks]: [usize; 2], [rows, n]: [usize; 2]) {
    let (rows, cols) = (rows / row_blocks, n / col_blocks);
    let weight = values(cols * HIDDEN);
    let pack = || PackedWeight::pack_for(cpu::isa(), Values::F32(&weight), [cols, HIDDEN], Format::F32);
    let weights: Vec<_> = (0..col_blocks).map(|_| pack()).collect();
    let inputs: Vec<_> = (0..row_blocks).map(|_| values(rows * HIDDEN)).collect();
    let outputs: Vec<_> = (0..row_blocks * col_blocks).map(|_| Mutex::new(values(rows * cols))).collect();
    compare_loops(title, Duration::ZERO, calls, outputs.len(), &|task| {
        let parts = [Part { weight: &weights[task % col_blocks], bias: None }];
        let mut out = outputs[task].lock().expect("no task panics");
        Linear { x: &inputs[task / col_blocks], parts: &parts, activation: None, residual: None }.run(&mut out);
    });
}

fn compare_norm() {
    const ROWS: usize = 1024;
    const TASK_ROWS: usize = 22;
    let (x, weight) = (values(ROWS * HIDDEN), values(HIDDEN));
    let x: Vec<_> = x.chunks(TASK_ROWS * HIDDEN).collect();
    let outputs: Vec<_> = x.iter().map(|x| Mutex::new(x.to_vec())).collect();
    compare_loops("layer norm 1024x768", Duration::ZERO, 10, x.len(), &|task| {
        let mut out = outputs[task].lock().expect("no task panics");
        LayerNorm { x: x[task], residual: None, weight: &weight, bias: Some(&weight), eps: 1e-12, width: HIDDEN }
            .run(&mut out);
    });
}

fn values(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i * 7919 % 1000) as f32 / 1000.0 - 0.5).collect()
}
