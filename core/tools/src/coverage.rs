//! What the tools accept but do not simulate, for the coverage register.

/// (area, thing, why)
pub const NOT_SIMULATED: &[(&str, &str, &str)] = &[
    ("kubectl", "--profile, --profile-output", "there is no Go runtime to profile"),
    ("kubectl", "--cache-dir, --disable-compression", "nothing is cached on disk or compressed"),
    ("kubectl", "--log-flush-frequency, --vmodule", "log lines are written at once"),
    ("kubectl", "--insecure-skip-tls-verify, --tls-server-name", "the simulated connection has no TLS"),
    ("kubectl", "-f URL", "the sandbox reaches no outside site"),
    ("kubectl", "logs --pod-running-timeout", "a workload without pods is reported at once"),
    ("kubectl", "logs --insecure-skip-tls-verify-backend", "the kubelet's answers have no TLS"),
    ("kubectl", "proxy --www, --www-prefix, --api-prefix, --address", "the proxy serves the API alone"),
    ("kubectl", "explain -o plaintext-openapiv2", "the v2 document is empty; v3 is rendered"),
    ("kubectl", "cluster-info dump --output-directory", "the dump is printed"),
];
