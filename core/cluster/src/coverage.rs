//! What the API accepts and the simulation does not act on.

/// (area, thing, why)
pub const NOT_SIMULATED: &[(&str, &str, &str)] = &[
    (
        "api",
        "signatures of tokens and certificates",
        "keyed digests of the simulation's own authority stand in the place of RSA",
    ),
    (
        "api",
        "tokens in pods' volumes",
        "the pods of a service account share one that is bound to the account and not renewed",
    ),
    (
        "api",
        "OpenID Connect, token and authorization webhooks",
        "not configured; tokens are the cluster's own",
    ),
    ("api", "auditing", "nothing is written down; PodSecurity's audit labels are checked and not acted on"),
    (
        "api",
        "admission webhooks",
        "a program that cannot answer at once fails as its connection would; matchConditions know no authorizer",
    ),
    ("api", "ValidatingAdmissionPolicy, MutatingAdmissionPolicy", "not served"),
    ("api", "ServiceCIDR, IPAddress, CSIStorageCapacity", "not served"),
    ("api", "quota scopes of volume attributes classes, quotas of events", "not counted"),
    ("api", "bootstrap tokens, CSR approval of kubelets", "nodes join without asking"),
    ("api", "APIService", "its availability is told; no aggregated server is called"),
    (
        "api",
        "managedFields",
        "a component's writes of one status in a row are one write; a changed schema does not rewrite them; of objects loaded from outside none are kept",
    ),
    (
        "api",
        "x-kubernetes-validations: the estimated cost of rules",
        "no rule is refused as too costly; a running one is stopped after 200,000 steps",
    ),
    ("api", "conversion webhooks", "versions of a custom resource differ in apiVersion only"),
    (
        "api",
        "resize subresource",
        "new resources are stored under the real rules; running containers keep theirs",
    ),
    ("api", "watch bookmarks", "one a minute at most"),
    ("api", "lists of the past", "as far back as the last 4,096 writes; older revisions count as compacted"),
    ("api", "Table descriptions", "columns have names, types and priorities, no descriptions"),
    ("api", "OpenAPI v2", "answers an empty document, as every client accepts"),
    ("api", "FlowSchema, PriorityLevelConfiguration", "stored and shown; requests are never queued"),
    (
        "validation",
        "sources of storage that is not local",
        "required fields are checked, not what each plugin demands beyond them",
    ),
    ("validation", "time zones of cron jobs", "names of the right shape count as known"),
    (
        "controllers",
        "StatefulSet, DaemonSet, Job, CronJob, ReplicationController",
        "stored and shown; nothing makes their pods",
    ),
    (
        "controllers",
        "HorizontalPodAutoscaler, PodDisruptionBudget, PersistentVolume binding",
        "stored and shown; nothing acts on them",
    ),
    (
        "scheduler",
        "preemption",
        "a higher priority evicts nobody; the message says that no victims were found",
    ),
    (
        "scheduler",
        "volume topology, ImageLocality, extenders, profiles",
        "placement looks at resources, taints, affinity, ports and spreading",
    ),
    (
        "scheduler",
        "clusters of more than 100 nodes",
        "the emptiest nodes that fit are compared instead of a random sample",
    ),
    ("kubelet", "memory limits", "a container is not killed for its memory; OOMKilled does not occur"),
    (
        "kubelet",
        "eviction under node pressure, image garbage collection",
        "disks and memory of nodes do not fill up",
    ),
    (
        "kubelet",
        "hostPath and claims",
        "folders of their own that live as long as the node or the claim; not the host's filesystem",
    ),
    ("kubelet", "volumes of type nfs, csi, iscsi and other network storage", "an empty folder instead"),
    (
        "kubelet",
        "subPathExpr, mountPropagation, device plugins, in-place resize, the process namespace of an ephemeral container's target",
        "accepted and ignored",
    ),
    ("kubelet", "grpc probes and httpGet hooks", "a grpc probe only connects; an httpGet hook is not sent"),
    (
        "kubelet",
        "securityContext beyond runAsUser, runAsGroup, runAsNonRoot and readOnlyRootFilesystem",
        "nothing enforces capabilities, seccomp or fsGroup",
    ),
    ("network", "NetworkPolicy", "every pod reaches every other"),
    ("network", "UDP and SCTP service ports", "only TCP is routed; names are answered without packets"),
    (
        "network",
        "externalTrafficPolicy, internalTrafficPolicy, topology hints",
        "every ready endpoint is used from everywhere",
    ),
    ("network", "SRV, PTR and pod A records", "services and headless endpoints have A records"),
    (
        "admission",
        "ExtendedResourceToleration, RuntimeClass overhead and nodeSelector",
        "pods are admitted without them",
    ),
];
