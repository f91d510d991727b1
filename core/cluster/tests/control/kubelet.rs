//! Pods on their nodes: phases, restarts, back-off, probes, configuration, logs and sessions.

use crate::world::{ADMIN, World, pod};
use drydock_cluster::{DeleteOptions, kinds};
use drydock_machinery::{Value, value};
use drydock_network::http::{Body, Request};

fn state(w: &World, name: &str) -> Value {
    w.get(kinds::POD, name)["status"]["containerStatuses"][0].clone()
}

#[test]
fn crashes_back_off_for_ten_seconds_doubling() {
    let mut w = World::new(1);
    w.create(kinds::POD, pod("crash", "crash:1", Value::Null));
    let mut starts = Vec::new();
    let mut last = -1;
    let begin = w.machines.clock.now;
    for _ in 0..4_000 {
        w.run(50);
        let n = state(&w, "crash")["restartCount"].int();
        if n != last && state(&w, "crash")["state"]["running"].is_map() {
            starts.push(w.machines.clock.now - begin);
            last = n;
        }
    }
    let gaps: Vec<u64> = starts.windows(2).map(|p| p[1] - p[0]).collect();
    // Each run takes 2 s; then 0, 10, 20, 40, 80 s of waiting and about a second of noticing.
    for (gap, wait) in gaps.iter().zip([0, 10_000, 20_000, 40_000, 80_000]) {
        assert!((wait + 1_000..=wait + 5_000).contains(gap), "{gaps:?}");
    }
    let s = state(&w, "crash");
    assert_eq!(s["state"]["waiting"]["reason"], "CrashLoopBackOff");
    let uid = w.get(kinds::POD, "crash")["metadata"]["uid"].text().to_string();
    assert_eq!(
        s["state"]["waiting"]["message"].text(),
        format!("back-off 2m40s restarting failed container=c pod=crash_default({uid})")
    );
    assert_eq!(s["lastState"]["terminated"]["exitCode"].int(), 1);
    assert_eq!(s["lastState"]["terminated"]["reason"], "Error");
    assert_eq!(w.get(kinds::POD, "crash")["status"]["phase"], "Running");
    let back = w.events("crash").into_iter().find(|e| e.contains("BackOff")).unwrap();
    assert!(back.starts_with(&format!(
        "Warning BackOff Back-off restarting failed container c in pod crash_default({uid}) x"
    )));
}

#[test]
fn an_image_that_is_not_there_alternates_between_error_and_back_off() {
    let mut w = World::new(1);
    w.create(kinds::POD, pod("bad", "server:nope", Value::Null));
    let mut reasons: Vec<String> = Vec::new();
    for _ in 0..1_200 {
        w.run(50);
        let reason = state(&w, "bad")["state"]["waiting"]["reason"].text().to_string();
        if !reason.is_empty() && reasons.last() != Some(&reason) {
            reasons.push(reason);
        }
    }
    assert_eq!(
        reasons[..4],
        ["ContainerCreating", "ErrImagePull", "ImagePullBackOff", "ErrImagePull"].map(String::from)[..],
        "{reasons:?}"
    );
    assert_eq!(w.get(kinds::POD, "bad")["status"]["phase"], "Pending");
    let events = w.events("bad");
    let problem = "rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/server:nope\": failed to resolve reference \"docker.io/library/server:nope\": docker.io/library/server:nope: not found";
    let has = |start: &str| assert!(events.iter().any(|e| e.starts_with(start)), "{start}\n{events:#?}");
    has(&format!("Warning Failed Failed to pull image \"server:nope\": {problem}"));
    has("Warning Failed Error: ErrImagePull");
    has("Normal BackOff Back-off pulling image \"server:nope\"");
    has("Warning Failed Error: ImagePullBackOff");
}

#[test]
fn restart_policies_decide_the_phase() {
    let mut w = World::new(1);
    w.create(kinds::POD, pod("fine", "done:1", value!({"restartPolicy": "Never"})));
    w.create(kinds::POD, pod("fails", "crash:1", value!({"restartPolicy": "Never"})));
    w.create(kinds::POD, pod("once", "done:1", value!({"restartPolicy": "OnFailure"})));
    w.run(10_000);
    let phase = |name: &str| w.get(kinds::POD, name)["status"]["phase"].text().to_string();
    assert_eq!([phase("fine"), phase("fails"), phase("once")], ["Succeeded", "Failed", "Succeeded"]);
    assert_eq!(state(&w, "fine")["state"]["terminated"]["reason"], "Completed");
    let ready = w.get(kinds::POD, "fine")["status"]["conditions"]
        .items()
        .iter()
        .find(|c| c["type"] == "Ready")
        .unwrap()
        .clone();
    assert_eq!((ready["status"].text(), ready["reason"].text()), ("False", "PodCompleted"));
}

#[test]
fn init_containers_run_one_after_the_other() {
    let mut w = World::new(1);
    let inits = value!([{"name": "first", "image": "done:1"}, {"name": "second", "image": "done:1"}]);
    w.create(kinds::POD, pod("p", "server:1", value!({"initContainers": inits})));
    w.run(1_600);
    let p = w.get(kinds::POD, "p");
    assert_eq!(p["status"]["phase"], "Pending");
    assert_eq!(p["status"]["containerStatuses"][0]["state"]["waiting"]["reason"], "PodInitializing");
    let took = w.until(20_000, |w| w.ready() == 1).expect("ready");
    assert!(took > 1_000, "{took}");
    let p = w.get(kinds::POD, "p");
    assert_eq!(p["status"]["initContainerStatuses"][1]["state"]["terminated"]["exitCode"].int(), 0);
    assert_eq!(p["status"]["initContainerStatuses"][0]["ready"], Value::Bool(true));
}

#[test]
fn probes_gate_readiness_and_restart() {
    let mut w = World::new(1);
    let http = |path: &str| value!({"httpGet": {"path": path, "port": 80, "scheme": "HTTP"}, "periodSeconds": 5, "failureThreshold": 1, "successThreshold": 1, "timeoutSeconds": 1});
    let container = value!([{"name": "c", "image": "slow:1", "readinessProbe": http("/ready")}]);
    w.create(kinds::POD, pod("slow", "slow:1", value!({"containers": container})));
    w.run(15_000);
    assert_eq!(w.ready(), 0);
    assert!(w.events("slow").iter().any(|e| {
        e.starts_with("Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503")
    }));
    w.until(20_000, |w| w.ready() == 1).expect("ready after 20 s");
    let tcp = value!({"tcpSocket": {"port": 81}, "periodSeconds": 2, "failureThreshold": 2, "successThreshold": 1, "timeoutSeconds": 1});
    let container = value!([{"name": "c", "image": "server:1", "livenessProbe": tcp}]);
    w.create(kinds::POD, pod("dead", "server:1", value!({"containers": container})));
    w.until(30_000, |w| state(w, "dead")["restartCount"].int() == 1).expect("restarted");
    let events = w.events("dead");
    let ip = w.get(kinds::POD, "dead")["status"]["podIP"].text().to_string();
    assert!(
        events.iter().any(|e| e.starts_with(&format!(
            "Warning Unhealthy Liveness probe failed: dial tcp {ip}:81: connect: connection refused"
        ))),
        "{events:#?}"
    );
    assert!(
        events
            .iter()
            .any(|e| e.starts_with("Normal Killing Container c failed liveness probe, will be restarted"))
    );
}

#[test]
fn configuration_arrives_as_variables_and_files() {
    let mut w = World::new(1);
    w.create(kinds::CONFIG_MAP, value!({"metadata": {"name": "cfg"}, "data": {"k": "one"}}));
    w.create(
        kinds::SERVICE,
        value!({"metadata": {"name": "web"}, "spec": {"selector": {"app": "x"}, "ports": [{"port": 80}]}}),
    );
    w.run(100);
    let container = value!([{
        "name": "c", "image": "env:1",
        "env": [
            {"name": "A", "value": "1"}, {"name": "B", "value": "$(A)2 $(NOPE)"},
            {"name": "HOST_IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.hostIP"}}},
            {"name": "KEY", "valueFrom": {"configMapKeyRef": {"name": "cfg", "key": "k"}}},
        ],
        "volumeMounts": [{"name": "v", "mountPath": "/etc/config"}],
    }]);
    let volumes = value!([{"name": "v", "configMap": {"name": "cfg", "defaultMode": 420}}]);
    w.create(kinds::POD, pod("p", "env:1", value!({"containers": container, "volumes": volumes})));
    w.until(10_000, |w| w.ready() == 1).unwrap();
    let log = w.text(&Request::get("/api/v1/namespaces/default/pods/p/log"));
    let ip = w.get(kinds::SERVICE, "web")["spec"]["clusterIP"].text().to_string();
    assert_eq!(
        log,
        format!(
            "A=1\nB=12 $(NOPE)\nHOST_IP=172.18.0.3\nWEB_SERVICE_HOST={ip}\nKEY=one\n/etc/config/k: one\n/etc/config/..data/k: one\nbegin\n"
        )
    );

    let container = value!([{"name": "c", "image": "env:1", "env": [{"name": "K", "valueFrom": {"configMapKeyRef": {"name": "cfg", "key": "x"}}}]}]);
    w.create(kinds::POD, pod("lacks", "env:1", value!({"containers": container})));
    let volumes = value!([{"name": "v", "secret": {"secretName": "gone"}}]);
    w.create(kinds::POD, pod("mounts", "env:1", value!({"volumes": volumes})));
    w.run(5_000);
    let waiting = &state(&w, "lacks")["state"]["waiting"];
    assert_eq!(waiting["reason"], "CreateContainerConfigError");
    assert_eq!(waiting["message"], "couldn't find key x in ConfigMap default/cfg");
    assert_eq!(state(&w, "mounts")["state"]["waiting"]["reason"], "ContainerCreating");
    assert!(w.events("mounts").iter().any(|e| e.starts_with(
        "Warning FailedMount MountVolume.SetUp failed for volume \"v\" : secret \"gone\" not found"
    )));
    w.create(kinds::SECRET, value!({"metadata": {"name": "gone"}, "data": {"a": "Yg=="}}));
    w.until(20_000, |w| state(w, "mounts")["ready"].bool()).expect("goes on once the secret is there");
}

#[test]
fn a_pod_that_ignores_term_is_killed_after_its_grace() {
    let mut w = World::new(1);
    let p = w.create(kinds::POD, pod("hard", "stubborn:1", value!({"terminationGracePeriodSeconds": 5})));
    w.until(10_000, |w| w.ready() == 1).unwrap();
    w.cluster.delete(&mut w.machines, &ADMIN, p.id, &DeleteOptions::default()).unwrap();
    w.run(4_000);
    assert!(w.cluster.get(p.id).is_some());
    w.run(3_000);
    assert!(w.cluster.get(p.id).is_none());
    assert!(w.events("hard").contains(&"Normal Killing Stopping container c x1".to_string()));
    let quick = w.create(kinds::POD, pod("soft", "server:1", Value::Null));
    w.until(10_000, |w| w.ready() == 1).unwrap();
    w.cluster.delete(&mut w.machines, &ADMIN, quick.id, &DeleteOptions::default()).unwrap();
    w.run(2_000);
    assert!(w.cluster.get(quick.id).is_none());
}

#[test]
fn logs_follow_and_remember_the_container_before() {
    let mut w = World::new(1);
    w.create(kinds::POD, pod("crash", "crash:1", Value::Null));
    w.run(1_000);
    let path = "/api/v1/namespaces/default/pods/crash/log";
    w.run(6_000);
    assert_eq!(w.text(&Request::get(path)), "begin\n");
    assert_eq!(w.text(&Request::get(path).query("previous", "true")), "begin\n");
    assert!(
        w.text(&Request::get(path).query("container", "nope"))
            .contains("container nope is not valid for pod crash")
    );
    w.create(kinds::POD, pod("web", "server:1", Value::Null));
    w.until(10_000, |w| w.ready() >= 1).unwrap();
    let follow = Request::get("/api/v1/namespaces/default/pods/web/log")
        .query("follow", "true")
        .query("timestamps", "true");
    let response = w.cluster.handle(&mut w.machines, &follow);
    let Body::Stream(stream) = response.body else { panic!("{response:?}") };
    let frame = w.cluster.read_stream(&mut w.machines, stream);
    let drydock_container::machines::Frame::Bytes { bytes, .. } = frame else { panic!("{frame:?}") };
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with("2026-") && text.ends_with("Z serving\n"), "{text}");
}

#[test]
fn sessions_run_and_tell_their_exit_code() {
    use drydock_container::machines::Frame;
    let mut w = World::new(1);
    w.create(kinds::POD, pod("web", "server:1", Value::Null));
    w.until(10_000, |w| w.ready() == 1).unwrap();
    let mut run = |command: &str| {
        let request = Request::get("/api/v1/namespaces/default/pods/web/exec")
            .header("Upgrade", "websocket")
            .query("command", command)
            .query("stdout", "true");
        let response = w.cluster.handle(&mut w.machines, &request);
        let Body::Stream(stream) = response.body else { panic!("{response:?}") };
        w.run(3_000);
        let mut frames = Vec::new();
        loop {
            match w.cluster.read_stream(&mut w.machines, stream) {
                Frame::End | Frame::Pending => break frames,
                frame => frames.push(frame),
            }
        }
    };
    let frames = run("/bin/t-crash");
    assert_eq!(frames[0], Frame::Bytes { channel: 1, bytes: b"begin\n".to_vec() });
    let Frame::Json(status) = &frames[1] else { panic!("{frames:?}") };
    assert_eq!(status["details"]["causes"][0]["message"], "1");
    let frames = run("nope");
    let Frame::Json(status) = &frames[0] else { panic!("{frames:?}") };
    assert!(
        status["message"].text().ends_with("exec: \"nope\": executable file not found in $PATH: unknown"),
        "{status:?}"
    );
}
