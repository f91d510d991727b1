//! Criterion benchmarks of what a learner waits for. They print figures and assert nothing.
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    use criterion::Criterion;
    use drydock_sandbox::{FrameMark, Sandbox};
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    criterion.bench_function("boot the default world", |b| b.iter(|| Sandbox::new(1)));
    let mut sandbox = Sandbox::new(1);
    sandbox.run_line("kubectl create deployment web --image=nginx --replicas=20");
    sandbox.settle(60_000);
    criterion.bench_function("copy a world", |b| b.iter(|| sandbox.experiment()));
    criterion
        .bench_function("frame of a course-size world", |b| b.iter(|| sandbox.frame(FrameMark::default())));
    criterion.bench_function("hash a course-size world", |b| b.iter(|| sandbox.hash()));
    criterion.bench_function("kubectl get pods", |b| {
        b.iter_batched(
            || sandbox.clone(),
            |mut s| s.run_line("kubectl get pods"),
            criterion::BatchSize::SmallInput,
        );
    });
    criterion.final_summary();
}

#[cfg(target_arch = "wasm32")]
fn main() {}
