//! Objects as kubectl's typed clients hold them: decoded into Go structs and encoded again. Fields the
//! struct does not know vanish, fields without `omitempty` appear (`creationTimestamp: null`,
//! `resources: {}`, `status: {}`), and JSON keeps the order of the struct.
//!
//! Follows k8s.io/api v0.33. Left out: zero scalars behind `omitempty` stay where they were written,
//! because the schema does not tell pointers from values.

use drydock_machinery::schema::{self, Schema, Ty, Type};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Sym, Value, json};

/// Fields Go writes even when they are empty; `*` marks pointers, whose empty form is null.
const ALWAYS: &[(&str, &[&str])] = &[
    ("ObjectMeta", &["creationTimestamp"]),
    ("PodTemplateSpec", &["metadata", "spec"]),
    ("PodSpec", &["containers"]),
    ("Container", &["name", "resources"]),
    ("EphemeralContainer", &["name", "resources"]),
    ("ContainerPort", &["containerPort"]),
    ("VolumeMount", &["name", "mountPath"]),
    ("KeyToPath", &["key", "path"]),
    ("ConfigMapKeySelector", &["key"]),
    ("SecretKeySelector", &["key"]),
    ("ObjectFieldSelector", &["fieldPath"]),
    ("ResourceFieldSelector", &["resource", "divisor"]),
    ("HTTPGetAction", &["port"]),
    ("TCPSocketAction", &["port"]),
    ("GRPCAction", &["port", "*service"]),
    ("HTTPHeader", &["name", "value"]),
    ("ContainerStatus", &["name", "state", "lastState", "ready", "restartCount", "image", "imageID"]),
    ("ContainerStateRunning", &["startedAt"]),
    ("ContainerStateTerminated", &["exitCode", "startedAt", "finishedAt"]),
    ("PodCondition", &["type", "status", "lastProbeTime", "lastTransitionTime"]),
    ("Pod", &["metadata", "spec", "status"]),
    ("Deployment", &["metadata", "spec", "status"]),
    ("DeploymentSpec", &["*selector", "template", "strategy"]),
    ("DeploymentCondition", &["type", "status", "lastUpdateTime", "lastTransitionTime"]),
    ("ReplicaSet", &["metadata", "spec", "status"]),
    ("ReplicaSetSpec", &["*selector"]),
    ("ReplicaSetStatus", &["replicas"]),
    ("ReplicationController", &["metadata", "spec", "status"]),
    ("ReplicationControllerStatus", &["replicas"]),
    ("StatefulSet", &["metadata", "spec", "status"]),
    ("StatefulSetSpec", &["*selector", "template", "serviceName", "updateStrategy"]),
    ("StatefulSetStatus", &["replicas", "availableReplicas"]),
    ("DaemonSet", &["metadata", "spec", "status"]),
    ("DaemonSetSpec", &["*selector", "template", "updateStrategy"]),
    (
        "DaemonSetStatus",
        &["currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"],
    ),
    ("Job", &["metadata", "spec", "status"]),
    ("JobSpec", &["template"]),
    ("JobTemplateSpec", &["metadata", "spec"]),
    ("CronJob", &["metadata", "spec", "status"]),
    ("CronJobSpec", &["schedule", "jobTemplate"]),
    ("Service", &["metadata", "spec", "status"]),
    ("ServicePort", &["port", "targetPort"]),
    ("ServiceStatus", &["loadBalancer"]),
    ("Namespace", &["metadata", "spec", "status"]),
    ("Node", &["metadata", "spec", "status"]),
    ("ConfigMap", &["metadata"]),
    ("Secret", &["metadata"]),
    ("ServiceAccount", &["metadata"]),
    ("ResourceQuota", &["metadata", "spec", "status"]),
    ("LimitRange", &["metadata", "spec"]),
    ("LimitRangeSpec", &["limits"]),
    ("PersistentVolume", &["metadata", "spec", "status"]),
    ("PersistentVolumeClaim", &["metadata", "spec", "status"]),
    ("PersistentVolumeClaimSpec", &["resources"]),
    ("Ingress", &["metadata", "spec", "status"]),
    ("IngressStatus", &["loadBalancer"]),
    ("HTTPIngressRuleValue", &["paths"]),
    ("HTTPIngressPath", &["*pathType", "backend"]),
    ("IngressServiceBackend", &["name", "port"]),
    ("IngressClass", &["metadata", "spec"]),
    ("NetworkPolicy", &["metadata", "spec"]),
    ("NetworkPolicySpec", &["podSelector"]),
    ("HorizontalPodAutoscaler", &["metadata", "spec", "status"]),
    ("HorizontalPodAutoscalerSpec", &["scaleTargetRef", "maxReplicas"]),
    ("v1.HorizontalPodAutoscalerStatus", &["currentReplicas", "desiredReplicas"]),
    ("v2.HorizontalPodAutoscalerStatus", &["desiredReplicas", "currentMetrics"]),
    ("PodDisruptionBudget", &["metadata", "spec", "status"]),
    (
        "PodDisruptionBudgetStatus",
        &["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"],
    ),
    ("Role", &["metadata", "rules"]),
    ("ClusterRole", &["metadata", "rules"]),
    ("PolicyRule", &["verbs"]),
    ("RoleBinding", &["metadata", "roleRef"]),
    ("ClusterRoleBinding", &["metadata", "roleRef"]),
    ("PriorityClass", &["metadata", "value"]),
    ("StorageClass", &["metadata", "provisioner"]),
    ("LabelSelectorRequirement", &["key", "operator"]),
    ("NodeSelectorRequirement", &["key", "operator"]),
    ("NodeSelector", &["nodeSelectorTerms"]),
    ("PreferredSchedulingTerm", &["weight", "preference"]),
    ("WeightedPodAffinityTerm", &["weight", "podAffinityTerm"]),
    ("PodAffinityTerm", &["topologyKey"]),
    ("TopologySpreadConstraint", &["maxSkew", "topologyKey", "whenUnsatisfiable"]),
];

fn always(ty: &Type) -> &'static [&'static str] {
    let matches =
        |name: &str| ty.name.strip_suffix(name).is_some_and(|head| head.is_empty() || head.ends_with('.'));
    ALWAYS.iter().find(|(name, _)| matches(name)).map_or(&[], |(_, fields)| fields)
}

/// Whether the object's kind is one of the built-in ones, as kubectl's scheme knows them.
#[must_use]
pub fn is_known(object: &Value) -> bool {
    type_of(object).is_some()
}

fn type_of(object: &Value) -> Option<&'static Type> {
    schema::builtin().kind(object["apiVersion"].text(), object["kind"].text())
}

/// Decodes into the kind's struct and encodes again; an unknown kind stays as it is.
#[must_use]
pub fn round_trip(object: &Value) -> Value {
    match type_of(object) {
        Some(ty) => encode(schema::builtin(), ty, object)
            .with("apiVersion", object.get("apiVersion"))
            .with("kind", object.get("kind")),
        None => object.clone(),
    }
}

fn encode(schema: &Schema, ty: &Type, value: &Value) -> Value {
    let always = always(ty);
    let mut entries: Vec<(Sym, Value)> = Vec::new();
    for field in &ty.fields {
        let given = value.get(field.json);
        let pointer = always.iter().any(|a| a.strip_prefix('*') == Some(field.json));
        let kept = match (given, field.ty) {
            (Value::Null, _) => None,
            (_, Ty::List(_) | Ty::Map(_)) if given.is_empty() => None,
            (_, ty) => Some(encode_field(schema, ty, given)),
        };
        match kept {
            Some(value) => entries.push((field.json.into(), value)),
            None if pointer => entries.push((field.json.into(), Value::Null)),
            None if always.contains(&field.json) => entries.push((field.json.into(), zero(schema, field.ty))),
            None => {}
        }
    }
    Value::from_entries(entries)
}

fn encode_field(schema: &Schema, ty: Ty, value: &Value) -> Value {
    match ty {
        Ty::Object(number) => match schema.type_at(number) {
            // Types without fields are free-form (RawExtension, FieldsV1).
            Some(ty) if !ty.fields.is_empty() && value.is_map() => encode(schema, ty, value),
            _ => value.clone(),
        },
        Ty::List(item) => value.items().iter().map(|v| encode_field(schema, *item, v)).collect(),
        Ty::Map(item) => value.entries().iter().map(|(k, v)| (*k, encode_field(schema, *item, v))).collect(),
        Ty::Quantity => match drydock_machinery::Quantity::parse(&plain(value)) {
            Ok(quantity) => quantity.canonical().into(),
            Err(_) => value.clone(),
        },
        _ => value.clone(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| json::to_string(value), Into::into)
}

fn zero(schema: &Schema, ty: Ty) -> Value {
    match ty {
        Ty::Str => "".into(),
        Ty::Int32 | Ty::Int64 | Ty::Float | Ty::IntOrString => 0.into(),
        Ty::Bool => false.into(),
        Ty::Quantity => "0".into(),
        Ty::Object(number) => match schema.type_at(number) {
            Some(ty) => encode(schema, ty, &Value::empty_map()),
            None => Value::empty_map(),
        },
        Ty::List(_) | Ty::Map(_) | Ty::Time | Ty::MicroTime | Ty::Bytes | Ty::Any => Value::Null,
    }
}

/// Compact JSON with the fields in the order of the Go structs: `kind` and `apiVersion` first.
#[must_use]
pub fn to_json(object: &Value) -> String {
    let mut out = String::new();
    match type_of(object) {
        Some(ty) => write(&mut out, schema::builtin(), None, Some(ty), object),
        None => out = json::to_string(object),
    }
    out
}

fn write(out: &mut String, schema: &Schema, ty: Option<Ty>, object: Option<&Type>, value: &Value) {
    let object = object.or_else(|| match ty {
        Some(Ty::Object(number)) => schema.type_at(number),
        _ => None,
    });
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            let mut ordered: Vec<_> = entries.iter().collect();
            if let Some(object) = object {
                ordered.arrange_by_key(|(key, _)| rank(object, key.text()));
            }
            out.push('{');
            for (at, (key, item)) in ordered.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&json::to_string(&key.text().into()));
                out.push(':');
                let inner = match (object, ty) {
                    (Some(object), _) => object.field(key.text()).map(|f| f.ty),
                    (None, Some(Ty::Map(item))) => Some(*item),
                    _ => None,
                };
                write(out, schema, inner, None, item);
            }
            out.push('}');
        }
        Value::List(items) if !items.is_empty() => {
            let inner = match ty {
                Some(Ty::List(item)) => Some(*item),
                _ => None,
            };
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(out, schema, inner, None, item);
            }
            out.push(']');
        }
        _ => out.push_str(&json::to_string(value)),
    }
}

fn rank(object: &Type, key: &str) -> usize {
    match key {
        "kind" if object.gvk.is_some() => 0,
        "apiVersion" if object.gvk.is_some() => 1,
        _ => object.field(key).map_or(usize::MAX, |f| usize::from(f.go_order) + 2),
    }
}
