//! Kernels on the shapes of BERT-base, next to the processor's peak: `cargo bench -p trustformers-kernels`.
//!
//! Criterion prints operations or bytes per second; `peak/*` are the limits to compare with.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use half::bf16;
use trustformers_kernels::attention::{Attention, Rows, Segment, Terms};
use trustformers_kernels::cpu::{self, Isa};
use trustformers_kernels::linear::{Linear, PackedWeight, Part, Values};
use trustformers_kernels::norm::LayerNorm;
use trustformers_kernels::{Activation, Bits, Element, Format, Grouping};

fn values<T: Element>(len: usize) -> Vec<T> {
    (0..len).map(|i| T::narrow((i * 7919 % 1000) as f32 / 1000.0 - 0.5)).collect()
}

fn linear(criterion: &mut Criterion) {
    for (m, k, n) in [
        (1, 768, 768),
        (1, 1024, 4096),
        (1, 1024, 151936),
        (16, 768, 768),
        (128, 768, 3072),
        (128, 3072, 768),
        (1024, 768, 3072),
    ] {
        let mut group = criterion.benchmark_group(format!("linear {m}x{k}x{n}"));
        group.throughput(Throughput::Elements(2 * (m * k * n) as u64));
        let weight = values::<f32>(n * k);
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            let int4 = Grouping { bits: Bits::Four, group_size: 64, has_mins: false };
            let of_32 = |bits| Format::Groups(Grouping { bits, group_size: 32, has_mins: false });
            let [q4_0, q8_0] = [Bits::Four, Bits::Eight].map(of_32);
            for format in [Format::F32, Format::Bf16, Format::Int8, Format::Groups(int4), q4_0, q8_0] {
                let weight = PackedWeight::pack_for(isa, Values::F32(&weight), [n, k], format);
                let name = match format {
                    Format::Groups(Grouping { bits, group_size, .. }) => format!("{bits:?}x{group_size}"),
                    format => format!("{format:?}"),
                };
                let id = BenchmarkId::new(isa.name(), name);
                match format {
                    Format::Bf16 => group.bench_function(id, |bencher| bencher.iter(layer::<bf16>(&weight, m))),
                    _ => group.bench_function(id, |bencher| bencher.iter(layer::<f32>(&weight, m))),
                };
            }
        }
        group.finish();
    }
}

fn layer<T: Element>(weight: &PackedWeight, m: usize) -> impl FnMut() {
    let [n, k] = weight.shape();
    let (x, bias, mut out) = (values::<T>(m * k), values::<T>(n), values::<T>(m * n));
    move || {
        let parts = [Part { weight, bias: Some(&bias[..]) }];
        Linear { x: &x, parts: &parts, activation: Some(Activation::GeluErf), residual: None }.run(&mut out);
    }
}

fn norm(criterion: &mut Criterion) {
    const WIDTH: usize = 768;
    let mut group = criterion.benchmark_group("layer_norm 1024x768");
    let (x, weight, mut out) = (values::<f32>(1024 * WIDTH), values::<f32>(WIDTH), values::<f32>(1024 * WIDTH));
    group.throughput(Throughput::Bytes(4 * x.len() as u64));
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        let norm = LayerNorm { x: &x, residual: None, weight: &weight, bias: Some(&weight), eps: 1e-12, width: WIDTH };
        group.bench_function(isa.name(), |bencher| bencher.iter(|| norm.run_with(isa, &mut out)));
    }
    group.finish();
}

/// Decodes one token with cached keys and values, whose bytes are the throughput.
fn one_token(criterion: &mut Criterion) {
    for (num_heads, num_kv_heads, head_dim, keys) in [(12, 12, 64, 300), (16, 8, 128, 300), (16, 8, 128, 3000)] {
        let mut group =
            criterion.benchmark_group(format!("one token {num_heads}/{num_kv_heads}x{head_dim}, {keys} keys"));
        attend_once::<f32>(&mut group, "f32", [num_heads, num_kv_heads, head_dim, keys]);
        attend_once::<bf16>(&mut group, "bf16", [num_heads, num_kv_heads, head_dim, keys]);
        group.finish();
    }
}

fn attend_once<T: Element>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, sizes: [usize; 4]) {
    let [num_heads, num_kv_heads, head_dim, keys] = sizes;
    let (width, kv_width) = (num_heads * head_dim, num_kv_heads * head_dim);
    let (q, k, v, mut out) =
        (values::<T>(width), values::<T>(keys * kv_width), values::<T>(keys * kv_width), values::<T>(width));
    let segments = [Segment { q_start: 0, queries: 1, k_start: 0, keys }];
    let attention = Attention {
        q: Rows { data: &q, stride: width },
        k: Rows { data: &k, stride: kv_width },
        v: Rows { data: &v, stride: kv_width },
        segments: &segments,
        num_heads,
        num_kv_heads,
        head_dim,
        scale: 0.125,
        is_causal: true,
        hidden: None,
        bias: None,
        terms: Terms::default(),
    };
    group.throughput(Throughput::Bytes((2 * keys * kv_width * size_of::<T>()) as u64));
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        group.bench_function(BenchmarkId::new(isa.name(), name), |bencher| {
            bencher.iter(|| attention.run_with(isa, &mut out));
        });
    }
}

fn peak(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("peak");
    let bytes = vec![1u64; 32 << 20];
    group.throughput(Throughput::Bytes(8 * bytes.len() as u64));
    group.bench_function("read 256 MiB", |bencher| {
        bencher.iter(|| {
            let parts: Vec<_> = bytes.chunks(bytes.len().div_ceil(64)).collect();
            cpu::parallel(parts.len(), |part| {
                black_box(parts[part].iter().fold(0, |sum, x| sum ^ x));
            });
        });
    });
    #[cfg(target_arch = "x86_64")]
    products::measure(&mut group);
    group.finish();
}

#[cfg(target_arch = "x86_64")]
mod products {
    use std::arch::asm;

    use criterion::measurement::WallTime;
    use criterion::{BenchmarkGroup, Throughput};
    use trustformers_kernels::cpu::{self, Isa};

    const ROUNDS: u64 = 1 << 20;
    const SUMS: u64 = 12;

    /// A loop of independent products on registers, the peak of one core.
    macro_rules! rounds {
        ($name:ident, $instruction:literal) => {
            /// # Safety
            /// The processor has the instruction.
            unsafe fn $name() {
                // SAFETY: only registers are used, and all of them are named.
                unsafe {
                    asm!(
                        "2:",
                        concat!($instruction, " zmm0, zmm30, zmm31"), concat!($instruction, " zmm1, zmm30, zmm31"),
                        concat!($instruction, " zmm2, zmm30, zmm31"), concat!($instruction, " zmm3, zmm30, zmm31"),
                        concat!($instruction, " zmm4, zmm30, zmm31"), concat!($instruction, " zmm5, zmm30, zmm31"),
                        concat!($instruction, " zmm6, zmm30, zmm31"), concat!($instruction, " zmm7, zmm30, zmm31"),
                        concat!($instruction, " zmm8, zmm30, zmm31"), concat!($instruction, " zmm9, zmm30, zmm31"),
                        concat!($instruction, " zmm10, zmm30, zmm31"), concat!($instruction, " zmm11, zmm30, zmm31"),
                        "dec {rounds}",
                        "jnz 2b",
                        rounds = inout(reg) ROUNDS => _,
                        out("zmm0") _, out("zmm1") _, out("zmm2") _, out("zmm3") _, out("zmm4") _, out("zmm5") _,
                        out("zmm6") _, out("zmm7") _, out("zmm8") _, out("zmm9") _, out("zmm10") _, out("zmm11") _,
                        options(nomem, nostack),
                    );
                }
            }
        };
    }

    rounds!(f32s, "vfmadd231ps");
    rounds!(bf16s, "vdpbf16ps");
    rounds!(bytes, "vpdpbusd");

    /// Name, instruction set, loop, and operations of one instruction.
    type Loop = (&'static str, Isa, unsafe fn(), u64);

    pub(super) fn measure(group: &mut BenchmarkGroup<'_, WallTime>) {
        let loops: [Loop; 3] = [
            ("f32", Isa::Avx512, f32s, 32),
            ("bf16", Isa::Avx512Bf16, bf16s, 64),
            ("int8", Isa::Avx512Vnni, bytes, 128),
        ];
        for (name, _, rounds, operations) in loops.into_iter().filter(|(_, isa, ..)| isa.is_available()) {
            let threads = cpu::num_threads();
            group.throughput(Throughput::Elements(threads as u64 * ROUNDS * SUMS * operations));
            group.bench_function(name, |bencher| {
                // SAFETY: the instruction set was found to be available.
                bencher.iter(|| cpu::parallel(threads, |_| unsafe { rounds() }));
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_secs(2));
    targets = linear, norm, one_token, peak
}
criterion_main!(benches);
