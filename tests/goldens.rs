//! Recorded runs of the real kubectl v1.33.1, played again by ours: every byte of stdout and stderr, the
//! exit code, and the requests it sent. Cases that are known to differ stand in
//! `goldens/known-failures.txt` with a reason; the suite fails when one of them starts to pass, so that
//! the list only ever gets shorter.
#![cfg(not(target_arch = "wasm32"))]

#[test]
fn the_goldens_are_played_by_the_tools_crate() {
    // The recordings live here, the runner beside the code it judges.
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens");
    for name in ["kubectl-client.jsonl", "kubectl-server.jsonl", "kubectl-server.base.json"] {
        assert!(dir.join(name).is_file(), "tests/goldens/{name} is missing");
    }
}
