//! What the tools accept but do not simulate, for the coverage register.

/// (area, thing, why)
pub const NOT_SIMULATED: &[(&str, &str, &str)] = &[
    ("kubectl", "--profile, --profile-output", "there is no Go runtime to profile"),
    ("kubectl", "--cache-dir, --disable-compression", "nothing is cached on disk or compressed"),
    ("kubectl", "--log-flush-frequency, --vmodule", "log lines are written at once"),
    ("kubectl", "--insecure-skip-tls-verify, --tls-server-name", "the simulated connection has no TLS"),
];
