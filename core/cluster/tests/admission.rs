//! Admission against a booted cluster: limit ranges, quotas, pod security, webhooks, finalizers of what
//! is in use. Expected texts are those recorded from a real API server, in the words of 1.33.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use drydock_cluster::boot::Config;
use drydock_cluster::{Actor, Cluster, kinds};
use drydock_container::Machines;
use drydock_container::program::Programs;
use drydock_machinery::{Clock, Value, value, yaml};
use drydock_network::http::{Body, Method, Request, Response};

struct World {
    cluster: Cluster,
    machines: Machines,
}

const CORE: &str = "/api/v1/namespaces/demo";

impl World {
    fn new() -> World {
        let mut machines = Machines::new(Clock::new(7, 1_795_000_000), Programs::default());
        let mut cluster = Cluster::boot(&mut machines, &Config::default());
        let named = |name: &str| value!({"metadata": {"name": name}});
        let admin = Actor::admin();
        cluster.create(&mut machines, &admin, kinds::NAMESPACE, "", named("demo")).unwrap();
        let mut world = World { cluster, machines };
        world.settle(2_000);
        world
    }
    fn settle(&mut self, ms: u64) {
        let until = self.machines.clock.now + ms;
        while let Some(task) = self.machines.clock.next(until) {
            if !self.machines.handle(&mut self.cluster, task) {
                self.cluster.run_task(&mut self.machines, task);
            }
        }
        self.machines.clock.now = until;
    }
    fn send(&mut self, method: Method, path: &str, body: &str) -> Response {
        let value = yaml::load(body).unwrap().into_iter().next().map(|d| d.value).unwrap_or_default();
        let media = if method == Method::Patch { "application/merge-patch+json" } else { "application/json" };
        let request = Request::new(method, path).header("Content-Type", media).body(Body::Json(value));
        self.cluster.handle(&mut self.machines, &request)
    }
    /// Creates an object; gives its message where it is refused, else "".
    fn post(&mut self, path: &str, body: &str) -> String {
        let response = self.send(Method::Post, path, body);
        if response.is_success() { String::new() } else { text(&response, "message") }
    }
    fn get(&mut self, path: &str) -> Value {
        let response = self.cluster.handle(&mut self.machines, &Request::get(path));
        response.body.json().unwrap()
    }
    fn pod(&mut self, name: &str, container: &str) -> String {
        let body = format!(
            "metadata: {{name: {name}}}\nspec: {{containers: [{{name: c, image: nginx, {container}}}]}}"
        );
        self.post(&format!("{CORE}/pods"), &body)
    }
}

fn text(response: &Response, field: &str) -> String {
    response.body.json().unwrap()[field].text().to_string()
}

fn warnings(response: &Response) -> Vec<String> {
    let all = response.headers.0.iter().filter(|h| h.0.eq_ignore_ascii_case("warning"));
    all.map(|h| h.1.to_string()).collect()
}

#[test]
fn limit_ranges_fill_and_bound() {
    let mut w = World::new();
    let range = "metadata: {name: lr}\nspec: {limits: [{type: Container, max: {cpu: '1', memory: 1Gi}, min: {cpu: 100m, memory: 64Mi}, default: {cpu: 500m, memory: 256Mi}, defaultRequest: {cpu: 200m, memory: 128Mi}, maxLimitRequestRatio: {cpu: '4'}}, {type: Pod, max: {cpu: 1500m, memory: 2Gi}}, {type: PersistentVolumeClaim, min: {storage: 1Gi}, max: {storage: 5Gi}}]}";
    assert_eq!(w.post(&format!("{CORE}/limitranges"), range), "");
    assert_eq!(w.pod("d", ""), "");
    let pod = w.get(&format!("{CORE}/pods/d"));
    assert_eq!(
        pod["metadata"]["annotations"]["kubernetes.io/limit-ranger"],
        "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c"
    );
    assert_eq!(pod["spec"]["containers"][0]["resources"]["requests"]["memory"], "128Mi");
    for (name, resources, refusal) in [
        (
            "big",
            "limits: {cpu: '2'}",
            "[maximum cpu usage per Container is 1, but limit is 2, maximum cpu usage per Pod is 1500m, but limit is 2]",
        ),
        (
            "small",
            "requests: {cpu: 10m, memory: 1Mi}",
            "[minimum cpu usage per Container is 100m, but request is 10m, minimum memory usage per Container is 64Mi, but request is 1Mi, cpu max limit to request ratio per Container is 4, but provided ratio is 50.000000]",
        ),
        (
            "ratio",
            "requests: {cpu: 100m}, limits: {cpu: '1'}",
            "cpu max limit to request ratio per Container is 4, but provided ratio is 10.000000",
        ),
    ] {
        let expected = format!("pods \"{name}\" is forbidden: {refusal}");
        assert_eq!(w.pod(name, &format!("resources: {{{resources}}}")), expected);
    }
    for (size, refusal) in [
        ("100Mi", "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 100Mi"),
        ("10Gi", "maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 10Gi"),
    ] {
        let claim = format!(
            "metadata: {{name: x}}\nspec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: {size}}}}}}}"
        );
        let expected = format!("persistentvolumeclaims \"x\" is forbidden: {refusal}");
        assert_eq!(w.post(&format!("{CORE}/persistentvolumeclaims"), &claim), expected);
    }
}

#[test]
fn quotas_are_charged_and_given_back() {
    let mut w = World::new();
    let quota = "metadata: {name: q}\nspec: {hard: {pods: '2', requests.cpu: '1', limits.cpu: '2', services: '1', services.nodeports: '0', count/deployments.apps: '1', configmaps: '2'}}";
    assert_eq!(w.post(&format!("{CORE}/resourcequotas"), quota), "");
    assert_eq!(
        w.pod("early", ""),
        "pods \"early\" is forbidden: failed quota: q: must specify limits.cpu for: c; requests.cpu for: c"
    );
    let sized = |cpu: &str| format!("resources: {{requests: {{cpu: {cpu}}}, limits: {{cpu: {cpu}}}}}");
    assert!(w.pod("unknown", &sized("100m")).contains("status unknown for quota: q"));
    w.settle(1_000);
    assert_eq!(w.pod("p1", &sized("500m")), "");
    let used = w.get(&format!("{CORE}/resourcequotas/q"))["status"]["used"].clone();
    assert_eq!((used["pods"].text(), used["requests.cpu"].text()), ("1", "500m"));
    assert_eq!(
        w.pod("p2", &sized("800m")),
        "pods \"p2\" is forbidden: exceeded quota: q, requested: requests.cpu=800m, used: requests.cpu=500m, limited: requests.cpu=1"
    );
    let map = |name: &str| format!("metadata: {{name: {name}}}");
    assert_eq!(w.post(&format!("{CORE}/configmaps"), &map("a")), "");
    assert_eq!(
        w.post(&format!("{CORE}/configmaps"), &map("b")),
        "configmaps \"b\" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2"
    );
    let service = |name: &str, kind: &str| {
        format!("metadata: {{name: {name}}}\nspec: {{type: {kind}, ports: [{{port: 80}}]}}")
    };
    assert_eq!(
        w.post(&format!("{CORE}/services"), &service("s", "NodePort")),
        "services \"s\" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0"
    );
    assert_eq!(w.post(&format!("{CORE}/services"), &service("s", "ClusterIP")), "");
    w.send(Method::Delete, &format!("{CORE}/pods/p1"), "");
    w.settle(60_000);
    let used = w.get(&format!("{CORE}/resourcequotas/q"))["status"]["used"].clone();
    assert_eq!((used["pods"].text(), used["services"].text()), ("0", "1"));
}

#[test]
fn scopes_choose_pods() {
    let mut w = World::new();
    let quota = "metadata: {name: be}\nspec: {hard: {pods: '0'}, scopes: [BestEffort]}";
    assert_eq!(w.post(&format!("{CORE}/resourcequotas"), quota), "");
    w.settle(1_000);
    assert_eq!(
        w.pod("be", ""),
        "pods \"be\" is forbidden: exceeded quota: be, requested: pods=1, used: pods=0, limited: pods=0"
    );
    assert_eq!(w.pod("burstable", "resources: {requests: {cpu: 10m}}"), "");
}

#[test]
fn pods_are_judged_by_their_namespaces_level() {
    let mut w = World::new();
    assert_eq!(w.pod("before", ""), "");
    let labels = |level: &str, mode: &str| {
        format!("metadata: {{name: demo, labels: {{pod-security.kubernetes.io/{mode}: {level}}}}}")
    };
    let response = w.send(Method::Patch, "/api/v1/namespaces/demo", &labels("restricted", "enforce"));
    assert_eq!(
        warnings(&response),
        [
            "299 - \"existing pods in namespace \\\"demo\\\" violate the new PodSecurity enforce level \\\"restricted:latest\\\"\"",
            "299 - \"before: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile\"",
        ]
    );
    assert_eq!(
        w.pod("p", ""),
        "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"
    );
    let good = "securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}";
    assert_eq!(w.pod("good", good), "");
    let response = w.send(Method::Patch, "/api/v1/namespaces/demo", &labels("baseline", "enforce"));
    assert_eq!(response.status, 200);
    assert_eq!(w.pod("plain", ""), "");
    assert_eq!(
        w.pod("host", "ports: [{containerPort: 80, hostPort: 80}], securityContext: {privileged: true, capabilities: {add: [NET_ADMIN]}}"),
        "pods \"host\" is forbidden: violates PodSecurity \"baseline:latest\": non-default capabilities (container \"c\" must not include \"NET_ADMIN\" in securityContext.capabilities.add), hostPort (container \"c\" uses hostPort 80), privileged (container \"c\" must not set securityContext.privileged=true)"
    );
    w.send(Method::Patch, "/api/v1/namespaces/demo", &labels("restricted", "warn"));
    let deployment = "metadata: {name: d}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx}]}}}";
    let response = w.send(Method::Post, "/apis/apps/v1/namespaces/demo/deployments", deployment);
    assert_eq!(response.status, 201);
    assert!(warnings(&response)[0].starts_with(
        "299 - \"would violate PodSecurity \\\"restricted:latest\\\": allowPrivilegeEscalation"
    ));
    let response = w.send(Method::Patch, "/api/v1/namespaces/demo", &labels("strict", "enforce"));
    assert_eq!(
        text(&response, "message"),
        "Namespace \"demo\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": must be one of privileged, baseline, restricted"
    );
}

#[test]
fn webhooks_nobody_answers_for_fail_as_they_say() {
    let mut w = World::new();
    let path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    let hook = |client: &str, policy: &str| {
        format!(
            "metadata: {{name: wh}}\nwebhooks: [{{name: deny.example.com, clientConfig: {client}, failurePolicy: {policy}, rules: [{{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}}], admissionReviewVersions: [v1], sideEffects: None, timeoutSeconds: 2}}]"
        )
    };
    let map = |name: &str| format!("metadata: {{name: {name}}}");
    let start = "Internal error occurred: failed calling webhook \"deny.example.com\": Post";
    assert_eq!(w.post(path, &hook("{url: 'https://127.0.0.1:9/x'}", "Fail")), "");
    assert_eq!(
        w.post(&format!("{CORE}/configmaps"), &map("a")),
        format!(
            "{start} \"https://127.0.0.1:9/x?timeout=2s\": dial tcp 127.0.0.1:9: connect: connection refused"
        )
    );
    assert_eq!(w.post(&format!("{CORE}/secrets"), &map("a")), "", "no rule is about secrets");
    let service = hook("{service: {name: nosuch, namespace: demo}}", "Fail");
    w.send(Method::Patch, &format!("{path}/wh"), &service);
    assert_eq!(
        w.post(&format!("{CORE}/configmaps"), &map("a")),
        format!("{start} \"https://nosuch.demo.svc:443/?timeout=2s\": service \"nosuch\" not found")
    );
    let empty = "metadata: {name: nosuch}\nspec: {ports: [{port: 443}]}";
    assert_eq!(w.post(&format!("{CORE}/services"), empty), "");
    assert_eq!(
        w.post(&format!("{CORE}/configmaps"), &map("a")),
        format!(
            "{start} \"https://nosuch.demo.svc:443/?timeout=2s\": no endpoints available for service \"nosuch\""
        )
    );
    w.send(Method::Patch, &format!("{path}/wh"), &service.replace("Fail", "Ignore"));
    assert_eq!(w.post(&format!("{CORE}/configmaps"), &map("a")), "");
}

#[test]
fn hooks_are_asked_where_their_conditions_hold() {
    let mut w = World::new();
    let path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    let hook = |condition: &str, policy: &str| {
        format!(
            "metadata: {{name: wh}}\nwebhooks: [{{name: deny.example.com, clientConfig: {{url: 'https://127.0.0.1:9/x'}}, failurePolicy: {policy}, rules: [{{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}}], admissionReviewVersions: [v1], sideEffects: None, matchConditions: [{{name: c, expression: \"{condition}\"}}]}}]"
        )
    };
    let maps = format!("{CORE}/configmaps");
    assert_eq!(
        w.post(
            path,
            &hook("object.metadata.name.startsWith('bad') && request.operation == 'CREATE'", "Fail")
        ),
        ""
    );
    assert_eq!(w.post(&maps, "metadata: {name: good}"), "");
    assert!(w.post(&maps, "metadata: {name: bad}").ends_with("connection refused"));
    w.send(Method::Patch, &format!("{path}/wh"), &hook("object.data.x == '1'", "Fail"));
    assert_eq!(
        w.post(&maps, "metadata: {name: c}"),
        "configmaps \"c\" is forbidden: expression 'object.data.x == '1'' resulted in error: no such key: data"
    );
    w.send(Method::Patch, &format!("{path}/wh"), &hook("object.data.x == '1'", "Ignore"));
    assert_eq!(w.post(&maps, "metadata: {name: c}"), "");
    assert_eq!(
        text(&w.send(Method::Patch, &format!("{path}/wh"), &hook("object.x +", "Fail")), "message"),
        "ValidatingWebhookConfiguration.admissionregistration.k8s.io \"wh\" is invalid: webhooks[0].matchConditions[0].expression: Invalid value: \"object.x +\": compilation failed: ERROR: <input>:1:11: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | object.x +\n | ..........^"
    );
}

#[test]
fn claims_in_use_wait() {
    let mut w = World::new();
    let claim =
        "metadata: {name: c}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}";
    assert_eq!(w.post(&format!("{CORE}/persistentvolumeclaims"), claim), "");
    let path = format!("{CORE}/persistentvolumeclaims/c");
    assert_eq!(w.get(&path)["metadata"]["finalizers"], value!(["kubernetes.io/pvc-protection"]));
    let pod = "metadata: {name: user}\nspec: {nodeName: node-1, containers: [{name: c, image: nginx}], volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]}";
    assert_eq!(w.post(&format!("{CORE}/pods"), pod), "");
    w.send(Method::Delete, &path, "");
    w.settle(2_000);
    assert!(!w.get(&path)["metadata"]["deletionTimestamp"].is_null());
    w.send(Method::Delete, &format!("{CORE}/pods/user"), "gracePeriodSeconds: 0");
    w.settle(60_000);
    assert_eq!(w.get(&path)["reason"], "NotFound");
}
