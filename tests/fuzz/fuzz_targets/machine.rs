//! Scripts from anywhere, run on the laptop: they end, wait or are stopped by their limits, and the world
//! lives on. `cargo fuzz run --fuzz-dir tests/fuzz machine`
#![no_main]

use drydock_sandbox::{Config, Input, World};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static WORLD: LazyLock<World> =
    LazyLock::new(|| World::new(&Config { cluster: false, nodes: 0, ..Config::default() }));

fuzz_target!(|text: &str| {
    let mut world = WORLD.clone();
    world.apply(&Input::Line { tty: 0, text: text.to_owned() });
    world.apply(&Input::Advance { ms: 2_000 });
    world.apply(&Input::Interrupt { tty: 0 });
    world.apply(&Input::Advance { ms: 100 });
});
