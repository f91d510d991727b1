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
    ("kubectl", "apply --overwrite=false", "the manifest always wins over other changes"),
    ("kubectl", "apply --cascade, --timeout, --wait", "forced deletions are sent without waiting"),
    ("kubectl", "apply --openapi-patch", "merge keys come from the built-in schema"),
    ("kubectl", "create --edit", "objects are created as they stand in the file"),
    ("kubectl", "diff --prune, --concurrency", "only the files' own objects are compared, one by one"),
    ("kubectl", "KUBECTL_EXTERNAL_DIFF", "the diff is made by kubectl itself"),
    ("kubectl", "exec -f, attach -f", "the pod is named on the command line"),
    ("kubectl", "exec, attach --pod-running-timeout", "a workload without pods is reported at once"),
    ("kubectl", "port-forward --address", "the port is open on all of the laptop's addresses"),
    ("kubectl", "cp --retries, --no-preserve", "copies do not break; modes are kept"),
    ("kubectl", "debug --profile", "every profile adds what the legacy one does"),
    ("kubectl", "scale --timeout", "scaling is not waited for"),
    ("kubectl", "kustomize helmCharts, replacements, vars, plugins, remote bases", "not built"),
];
