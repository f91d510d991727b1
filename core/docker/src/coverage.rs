//! What the engine accepts and does not simulate, for the coverage register.

/// Area, thing, why.
pub const NOT_SIMULATED: &[(&str, &str, &str)] = &[
    (
        "docker",
        "swarm, services, stacks, secrets, configs, plugins",
        "refused: this node is not a swarm manager",
    ),
    (
        "docker",
        "the BuildKit session protocol (/grpc, /session)",
        "the simulated CLI builds through its own door",
    ),
    ("docker", "UDP ports", "published and listed; traffic is TCP"),
    (
        "docker",
        "capabilities, security options, devices, ulimits, cgroup parents",
        "kept and shown by inspect",
    ),
    (
        "docker",
        "logging drivers other than json-file, log rotation options",
        "kept and shown; logs are json-file",
    ),
    ("docker", "IPv6 networks", "addresses are IPv4; ports say they listen on both"),
];
