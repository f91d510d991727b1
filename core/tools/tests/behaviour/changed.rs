//! What changed between the recorded server (v1.20, kubectl 1.31) and the simulated one (v1.33), as
//! general rules: each puts recorded words into today's. Single commands whose whole answer changed stand
//! in `tests/goldens/behaviour-changed.jsonl` (`amended.rs`).

use super::normal::{compiled, masked};
use regex_lite::Regex;
use std::sync::LazyLock;

/// Old words of the server and today's.
const CHANGED: &[(&str, &str)] = &[
    ("v1.20.2", "v1.33.1"),
    // The recorder's name of its program.
    ("kubectl.1.31", "kubectl"),
    ("must have at most 1048576 bytes", "may not be more than 1048576 bytes"),
    ("v1beta1.batch", "v1.batch"),
    ("v1beta1.policy", "v1.policy"),
    ("v1beta1.discovery", "v1.discovery"),
    ("v2beta2.autoscaling", "v2.autoscaling"),
    ("policy/v1beta1", "policy/v1"),
    ("discovery.k8s.io/v1beta1", "discovery.k8s.io/v1"),
    ("batch/v1beta1", "batch/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "flowcontrol.apiserver.k8s.io/v1"),
    ("autoscaling/v2beta2", "autoscaling/v2"),
    (
        "`spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)",
        "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    ),
    (
        "other than 'replicas', 'template', and 'updateStrategy' are forbidden",
        "other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ),
];

/// More of them: one line of another.
const REPHRASED: &[(&str, &str)] = &[
    ("(127.0.0.0/8)", "(127.0.0.0/8, ::1/128)"),
    ("(169.254.0.0/16)", "(169.254.0.0/16, fe80::/10)"),
    ("(224.0.0.0/24)", "(224.0.0.0/24, ff02::/10)"),
    ("may not be unspecified (0.0.0.0)", "may not be unspecified (0.0.0.0 or ::)"),
    ("must be valid IP address", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
    ("not a valid CIDR", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
    ("must contain at least one letter or number (a-z, 0-9)", "must contain at least one letter (a-z)"),
    ("\"ReadWriteMany\", \"ReadWriteOnce\"", "\"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\""),
    (
        "except resources.requests for bound",
        "except resources.requests and volumeAttributesClassName for bound",
    ),
    (
        "can not be set when the class field is also set",
        "must match `ingressClassName` when both are specified",
    ),
    (
        "ResourceQuotaScopeBestEffort and ResourceQuotaScopeNotBestEffort",
        "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
    ),
    (
        "ExternalTrafficPolicy can only be set on NodePort and LoadBalancer service",
        "may only be set for externally-accessible services",
    ),
    (
        "Invalid value: \"Foo\": ExternalTrafficPolicy must be empty, Cluster or Local",
        "Unsupported value: \"Foo\": supported values: \"Cluster\", \"Local\"",
    ),
    (
        "Cluster is not configured for dual stack services",
        "this cluster is not configured for dual-stack services",
    ),
    ("ipfamily IPv6 is not configured on cluster", "not configured on this cluster"),
];

/// As [`CHANGED`], by patterns.
const REWORDED: &[(&str, &str)] = &[
    (r#"intstr\.IntOrString\{Type:0, IntVal:(-?\d+), StrVal:""\}"#, "$1"),
    (r#"intstr\.IntOrString\{Type:1, IntVal:0, StrVal:("[^"]*")\}"#, "$1"),
    (r#"resource\.Quantity\{i:.*?, s:("[^"]+"), Format:"[A-Za-z]+"\}"#, "$1"),
    (
        r#"resource\.Quantity\{i:resource.int64Amount\{value:(-?\d+), scale:-1\}.*?, s:"", Format:"DecimalSI"\}"#,
        r#""${1}00m""#,
    ),
    (r"Expected exactly 5 fields, found (\d+): ([^\n]*)", "expected exactly 5 fields, found $1: [$2]"),
    (r"End of range \(", "end of range ("),
    (r"Unrecognized descriptor", "unrecognized descriptor"),
    (
        r"Value: Forbidden: may not be changed in an update",
        "value: Forbidden: may not be changed in an update",
    ),
    // kubectl 1.33 dereferences the flag of a projected volume's source.
    (r"ConfigMapOptional:( +)<nil>", "Optional:${1}false"),
    // The scheduler since v1.21: node affinity and node selector are named together.
    (r"didn't match Pod's node affinity([,.])", "didn't match Pod's node affinity/selector$1"),
    // Only the specific reason is given for pods near or apart, no longer the pair.
    (
        r"(\d+ node\(s\) didn't match pod affinity rules), \d+ node\(s\) didn't match pod affinity/anti-affinity",
        "$1",
    ),
    (
        r"\d+ node\(s\) didn't match pod affinity/anti-affinity, (\d+ node\(s\) didn't (?:match pod anti-affinity|satisfy existing pods anti-affinity) rules)",
        "$1",
    ),
    // Since v1.25 what fails before any node is looked at is not counted by node.
    (r#"available: \d+ (persistentvolumeclaim "|pod has unbound immediate)"#, "available: $1"),
    (r"had taint (\{[^}]*\}), that the pod didn't tolerate", "had untolerated taint $1"),
    // Since v1.32 deleting a pod that waits wakes it for no attempt (queueing hints).
    (r"(?m)^.*skip schedule deleting pod.*\n", ""),
    // extensions/v1beta1 is gone since v1.22.
    (r"Warning: short name .ing. could also match lower priority resource ingresses.extensions\n", ""),
    // discovery.k8s.io/v1 tells of the zone and the node instead of a topology.
    (
        r"Topology:( +)kubernetes.io/hostname=(\S+)\n +topology.kubernetes.io/region=\S+\n( +)topology.kubernetes.io/zone=(\S+)",
        "NodeName:$1$2\n    Zone:$1$4",
    ),
];

/// What the recorded server would say today.
pub fn today(text: &str) -> String {
    static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(REWORDED));
    let words = CHANGED.iter().chain(REPHRASED);
    let text = words.fold(text.to_string(), |text, (old, new)| text.replace(old, new));
    masked(&text, &PATTERNS)
}
