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
    ("docker", "environment variables of legacy links", "linked names stand in /etc/hosts"),
    ("docker", "pull rate limits of Docker Hub", "pulls take time by size only"),
    (
        "docker",
        "images of other platforms",
        "registries serve linux/amd64; a pull for another says so at its end",
    ),
    (
        "docker",
        "devices of tmpfs and volume options (size, o, device)",
        "kept and shown; a volume is a folder",
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
    ("docker build", "stages that do not need each other", "they are built one after the other"),
    (
        "docker build",
        "network of RUN steps",
        "steps share the host's network; --network is kept in the cache key",
    ),
    ("docker build", "ADD and contexts from web addresses and git", "the sandbox reaches no outside site"),
    ("docker build", "archives in bzip2, xz and zstd", "ADD copies them as they are"),
    (
        "docker build",
        "RUN --mount=type=ssh, --security=insecure",
        "there is no agent; steps have no privileges",
    ),
    ("docker build", "# syntax=", "the built-in frontend reads every file"),
    (
        "docker",
        "cloud registries other than ECR",
        "theirs need no repository that is made first; gcloud and az are not here",
    ),
    (
        "docker",
        "localhost registries of a node",
        "a node pulls what the laptop pushed to localhost, as if it were its own",
    ),
    ("docker", "all random names", "container names come from a shorter list than the real one"),
];
