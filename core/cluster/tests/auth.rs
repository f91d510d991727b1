//! Authentication and authorization against a booted cluster: credentials, roles, reviews, tokens,
//! certificates. Expected texts are those recorded from a real API server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use drydock_cluster::auth::{Door, User};
use drydock_cluster::boot::Config;
use drydock_cluster::{Actor, Cluster, kinds};
use drydock_container::Machines;
use drydock_container::program::Programs;
use drydock_machinery::{Clock, Value, value, x509};
use drydock_network::http::{Body, Method, Request, Response};

struct World {
    cluster: Cluster,
    machines: Machines,
}

const NS: &str = "/api/v1/namespaces/raw-http";
const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

impl World {
    fn new() -> World {
        let mut machines = Machines::new(Clock::new(7, 1_795_000_000), Programs::default());
        let mut cluster = Cluster::boot(&mut machines, &Config::default());
        let named = |name: &str| value!({"metadata": {"name": name}});
        let admin = Actor::admin();
        cluster.create(&mut machines, &admin, kinds::NAMESPACE, "", named("raw-http")).unwrap();
        cluster.create(&mut machines, &admin, kinds::SERVICE_ACCOUNT, "raw-http", named("bot")).unwrap();
        cluster.add_token("alicetoken", User::new("alice", &["dev", "system:authenticated"]));
        World { cluster, machines }
    }
    fn ask(&mut self, request: &Request) -> Response {
        self.cluster.handle_at(&mut self.machines, request, Door::Network)
    }
    fn admin(&mut self, method: Method, path: &str, body: Value) -> Value {
        let request = Request::new(method, path).body(Body::Json(body));
        let response = self.cluster.handle(&mut self.machines, &request);
        assert!(response.is_success(), "{path}: {:?}", response.body);
        response.body.json().unwrap()
    }
    fn settle(&mut self) {
        let until = self.machines.clock.now + 2_000;
        while let Some(task) = self.machines.clock.next(until) {
            if !self.machines.handle(&mut self.cluster, task) {
                self.cluster.run_task(&mut self.machines, task);
            }
        }
        self.machines.clock.now = until;
    }
}

fn told(response: &Response) -> (u16, String) {
    let body = response.body.json().unwrap_or_default();
    (response.status, body["message"].text().to_string())
}

fn bearer(request: Request, token: &str) -> Request {
    request.header("Authorization", &format!("Bearer {token}"))
}

#[test]
fn refusals_are_the_real_ones() {
    let mut w = World::new();
    let cases = [
        (
            Request::get(format!("{NS}/configmaps")),
            403,
            "configmaps is forbidden: User \"system:anonymous\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"raw-http\"",
        ),
        (bearer(Request::get(format!("{NS}/configmaps")), "bad"), 401, "Unauthorized"),
        (
            bearer(Request::get(format!("{NS}/configmaps")), "alicetoken"),
            403,
            "configmaps is forbidden: User \"alice\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"raw-http\"",
        ),
        (
            bearer(Request::get("/api/v1/nodes"), "alicetoken"),
            403,
            "nodes is forbidden: User \"alice\" cannot list resource \"nodes\" in API group \"\" at the cluster scope",
        ),
        (
            bearer(Request::get("/metrics"), "alicetoken"),
            403,
            "forbidden: User \"alice\" cannot get path \"/metrics\"",
        ),
        (
            bearer(Request::new(Method::Post, format!("{RBAC}/clusterroles")), "alicetoken"),
            403,
            "clusterroles.rbac.authorization.k8s.io is forbidden: User \"alice\" cannot create resource \"clusterroles\" in API group \"rbac.authorization.k8s.io\" at the cluster scope",
        ),
        (
            bearer(Request::get(format!("{NS}/configmaps")), "alicetoken").header("Impersonate-User", "bob"),
            403,
            "users \"bob\" is forbidden: User \"alice\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope",
        ),
        (
            bearer(Request::get(format!("{NS}/pods/p/log")), "alicetoken"),
            403,
            "pods \"p\" is forbidden: User \"alice\" cannot get resource \"pods/log\" in API group \"\" in the namespace \"raw-http\"",
        ),
    ];
    for (request, code, message) in cases {
        let response = w.ask(&request);
        assert_eq!(told(&response), (code, message.to_string()), "{}", request.path);
    }
    assert_eq!(w.ask(&Request::get("/version")).status, 200);
    assert_eq!(w.ask(&bearer(Request::get("/api"), "alicetoken")).status, 200);
}

#[test]
fn roles_give_and_are_taken_away() {
    let mut w = World::new();
    let list = || bearer(Request::get(format!("{NS}/configmaps")), "alicetoken");
    let role = value!({
        "metadata": {"name": "reader"},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}],
    });
    w.admin(Method::Post, &format!("{RBAC}/namespaces/raw-http/roles"), role);
    let binding = value!({
        "metadata": {"name": "rb"}, "subjects": [{"kind": "Group", "name": "dev"}],
        "roleRef": {"kind": "Role", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"},
    });
    w.admin(Method::Post, &format!("{RBAC}/namespaces/raw-http/rolebindings"), binding);
    assert_eq!(w.ask(&list()).status, 200);
    let elsewhere = bearer(Request::get("/api/v1/namespaces/default/configmaps"), "alicetoken");
    assert_eq!(w.ask(&elsewhere).status, 403);
    w.admin(Method::Delete, &format!("{RBAC}/namespaces/raw-http/roles/reader"), Value::Null);
    let (code, message) = told(&w.ask(&list()));
    assert_eq!(code, 403);
    assert!(message.ends_with(": RBAC: role.rbac.authorization.k8s.io \"reader\" not found"), "{message}");
    // The administrator is one by a binding, and is none without it.
    let admin = || Request { peer: Some(drydock_cluster::auth::admin_certificate().into()), ..list_nodes() };
    assert_eq!(w.ask(&admin()).status, 200);
    w.admin(Method::Delete, &format!("{RBAC}/clusterrolebindings/kubeadm:cluster-admins"), Value::Null);
    assert_eq!(w.ask(&admin()).status, 403);
}

fn list_nodes() -> Request {
    Request::get("/api/v1/nodes")
}

#[test]
fn nobody_grants_what_they_do_not_hold() {
    let mut w = World::new();
    let binding = value!({
        "metadata": {"name": "adm"}, "subjects": [{"kind": "User", "name": "eve"}],
        "roleRef": {"kind": "ClusterRole", "name": "admin", "apiGroup": "rbac.authorization.k8s.io"},
    });
    let roles = format!("{RBAC}/namespaces/raw-http/roles");
    w.admin(Method::Post, &format!("{RBAC}/namespaces/raw-http/rolebindings"), binding);
    let as_eve = |path: &str, body: Value| {
        Request::new(Method::Post, path).header("Impersonate-User", "eve").body(Body::Json(body))
    };
    let role = value!({"metadata": {"name": "esc"}, "rules": [
        {"apiGroups": [""], "resources": ["secrets", "nodes"], "verbs": ["*"]},
    ]});
    let response = w.cluster.handle(&mut w.machines, &as_eve(&roles, role));
    assert_eq!(
        told(&response),
        (403, "roles.rbac.authorization.k8s.io \"esc\" is forbidden: user \"eve\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"nodes\"], Verbs:[\"*\"]}\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"*\"]}".into())
    );
    let role = value!({"metadata": {"name": "ok"}, "rules": [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
    ]});
    assert_eq!(w.cluster.handle(&mut w.machines, &as_eve(&roles, role)).status, 201);
    let bind = value!({
        "metadata": {"name": "e2"}, "subjects": [{"kind": "User", "name": "mallory"}],
        "roleRef": {"kind": "ClusterRole", "name": "cluster-admin", "apiGroup": "rbac.authorization.k8s.io"},
    });
    let path = format!("{RBAC}/namespaces/raw-http/rolebindings");
    let (code, message) = told(&w.cluster.handle(&mut w.machines, &as_eve(&path, bind)));
    assert_eq!(code, 403);
    assert!(
        message.ends_with(
            "{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}"
        ),
        "{message}"
    );
}

#[test]
fn tokens_end_with_their_time_and_their_account() {
    let mut w = World::new();
    let path = format!("{NS}/serviceaccounts/bot/token");
    let asked = value!({"spec": {"expirationSeconds": 600}});
    let token = w.admin(Method::Post, &path, asked)["status"]["token"].text().to_string();
    let list = || bearer(Request::get(format!("{NS}/pods")), &token);
    let (code, message) = told(&w.ask(&list()));
    assert_eq!(code, 403);
    assert!(message.contains("User \"system:serviceaccount:raw-http:bot\" cannot list"), "{message}");
    let review = value!({"spec": {"token": &token}});
    let reviews = "/apis/authentication.k8s.io/v1/tokenreviews";
    let status = w.admin(Method::Post, reviews, review.clone())["status"].clone();
    assert_eq!(status["user"]["username"], "system:serviceaccount:raw-http:bot");
    assert!(status["authenticated"].bool());
    let other = w.admin(Method::Post, &path, value!({"spec": {"audiences": ["vault"]}}));
    let other = other["status"]["token"].text().to_string();
    assert_eq!(w.ask(&bearer(list_nodes(), &other)).status, 401);
    w.machines.clock.now += 700_000;
    assert_eq!(w.ask(&list()).status, 401);
    let status = w.admin(Method::Post, reviews, review)["status"].clone();
    assert_eq!(status["error"], "[invalid bearer token, service account token has expired]");
    let fresh = w.admin(Method::Post, &path, value!({"spec": {}}))["status"]["token"].text().to_string();
    assert_eq!(w.ask(&bearer(list_nodes(), &fresh)).status, 403);
    w.admin(Method::Delete, &format!("{NS}/serviceaccounts/bot"), Value::Null);
    assert_eq!(w.ask(&bearer(list_nodes(), &fresh)).status, 401);
    // Nobody else's signature is accepted.
    assert_eq!(w.ask(&bearer(list_nodes(), &format!("{fresh}x"))).status, 401);
}

#[test]
fn secrets_of_accounts_are_filled_or_swept() {
    let mut w = World::new();
    let secret = |name: &str, account: &str| {
        value!({
            "metadata": {"name": name, "annotations": {"kubernetes.io/service-account.name": account}},
            "type": "kubernetes.io/service-account-token",
        })
    };
    w.admin(Method::Post, &format!("{NS}/secrets"), secret("manual", "bot"));
    w.admin(Method::Post, &format!("{NS}/secrets"), secret("orph", "ghost"));
    w.settle();
    let filled = w.admin(Method::Get, &format!("{NS}/secrets/manual"), Value::Null);
    let token = drydock_machinery::hash::base64_decode(filled["data"]["token"].text()).unwrap();
    let token = String::from_utf8(token).unwrap();
    assert_eq!(w.ask(&bearer(list_nodes(), &token)).status, 403);
    let orphan = Request::get(format!("{NS}/secrets/orph"));
    assert_eq!(w.cluster.handle(&mut w.machines, &orphan).status, 404);
    w.admin(Method::Delete, &format!("{NS}/serviceaccounts/bot"), Value::Null);
    w.settle();
    assert_eq!(w.ask(&bearer(list_nodes(), &token)).status, 401);
}

#[test]
fn an_approved_request_becomes_a_user() {
    let mut w = World::new();
    let subject = x509::Subject::new("jane", &["dev"]);
    let request = x509::make_request(&subject, &x509::public_key("jane"));
    let csrs = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    let object = |signer: &str| {
        value!({
            "metadata": {"name": "jane"},
            "spec": {
                "request": drydock_machinery::hash::base64_encode(request.as_bytes()),
                "signerName": signer, "usages": ["client auth"], "expirationSeconds": 3600,
            },
        })
    };
    let made = w.admin(Method::Post, csrs, object("kubernetes.io/kube-apiserver-client"));
    assert_eq!(made["spec"]["username"], "kubernetes-admin");
    let approved = value!([{"type": "Approved", "status": "True", "reason": "KubectlApprove"}]);
    let approval = made.with_at(&["status", "conditions"], approved);
    w.admin(Method::Put, &format!("{csrs}/jane/approval"), approval);
    w.settle();
    let signed = w.admin(Method::Get, &format!("{csrs}/jane"), Value::Null);
    let pem = drydock_machinery::hash::base64_decode(signed["status"]["certificate"].text()).unwrap();
    let pem = String::from_utf8(pem).unwrap();
    let shown = || Request { peer: Some(pem.as_str().into()), ..list_nodes() };
    let (code, message) = told(&w.ask(&shown()));
    assert_eq!(code, 403);
    assert!(message.contains("User \"jane\" cannot list"), "{message}");
    let who = Request {
        method: Method::Post,
        path: "/apis/authentication.k8s.io/v1/selfsubjectreviews".into(),
        body: Body::Json(value!({})),
        ..shown()
    };
    let info = w.ask(&who).body.json().unwrap()["status"]["userInfo"].clone();
    assert_eq!(info["groups"], value!(["dev", "system:authenticated"]));
    w.machines.clock.now += 3_600_000;
    assert_eq!(w.ask(&shown()).status, 401);
}

#[test]
fn roles_of_a_new_cluster_are_all_there() {
    let w = World::new();
    let names: Vec<&str> = w.cluster.store.list(kinds::CLUSTER_ROLE).map(|r| &*r.name).collect();
    let recorded = include_str!("data/clusterroles.txt");
    for name in recorded.lines() {
        assert!(names.contains(&name), "{name}");
    }
    let bindings: Vec<&str> = w.cluster.store.list(kinds::CLUSTER_ROLE_BINDING).map(|r| &*r.name).collect();
    assert!(bindings.contains(&"system:controller:job-controller"));
    let admin = w.cluster.find(kinds::CLUSTER_ROLE, "", "admin").unwrap();
    let first = &admin.field("rules")[0];
    assert_eq!(first["resources"].items().len(), 6, "the rules of edit come first: {first:?}");
}
