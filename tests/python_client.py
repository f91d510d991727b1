"""The official Python client against `drydock apiserver`: prints what it did, fails by an assertion."""

import sys
import time

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.stream import stream

config.load_kube_config(sys.argv[1])
core, apps, custom = client.CoreV1Api(), client.AppsV1Api(), client.CustomObjectsApi()
done = []


def step(name):
    done.append(name)
    print(name, flush=True)


assert client.VersionApi().get_code().git_version.startswith("v1.33")
assert {"default", "kube-system"} <= {n.metadata.name for n in core.list_namespace().items}
nodes = core.list_node()
assert len(nodes.items) == 4 and nodes.items[0].status.node_info.kubelet_version == "v1.33.1"
step("list")

container = client.V1Container(name="web", image="nginx:1.27", ports=[client.V1ContainerPort(container_port=80)])
deployment = client.V1Deployment(
    metadata=client.V1ObjectMeta(name="web", labels={"app": "web"}),
    spec=client.V1DeploymentSpec(
        replicas=2,
        selector=client.V1LabelSelector(match_labels={"app": "web"}),
        template=client.V1PodTemplateSpec(
            metadata=client.V1ObjectMeta(labels={"app": "web"}), spec=client.V1PodSpec(containers=[container])
        ),
    ),
)
created = apps.create_namespaced_deployment("default", deployment)
assert created.metadata.uid and created.spec.strategy.type == "RollingUpdate"
step("create")

seen = []
watcher = watch.Watch()
for event in watcher.stream(apps.list_namespaced_deployment, "default", timeout_seconds=60):
    seen.append(event["type"])
    if (event["object"].status.ready_replicas or 0) == 2:
        watcher.stop()
assert seen[0] == "ADDED" and "MODIFIED" in seen
step("watch")

patched = apps.patch_namespaced_deployment("web", "default", {"spec": {"replicas": 3}})
assert patched.spec.replicas == 3
scale = apps.read_namespaced_deployment_scale("web", "default")
scale.spec.replicas = 1
assert apps.replace_namespaced_deployment_scale("web", "default", scale).spec.replicas == 1
step("patch and scale")

for _ in range(200):
    pods = core.list_namespaced_pod("default", label_selector="app=web").items
    if len(pods) == 1 and pods[0].status.container_statuses[0].ready:
        break
    time.sleep(0.1)
pod = pods[0].metadata.name
said = stream(
    core.connect_get_namespaced_pod_exec, pod, "default", command=["sh", "-c", "echo out; echo err >&2; exit 3"],
    stderr=True, stdin=False, stdout=True, tty=False, _preload_content=False,
)
said.run_forever(timeout=30)
assert said.read_stdout() == "out\n" and said.read_stderr() == "err\n", "both outputs arrive"
assert said.returncode == 3
shell = stream(
    core.connect_get_namespaced_pod_exec, pod, "default", command=["cat"],
    stderr=True, stdin=True, stdout=True, tty=False, _preload_content=False,
)
shell.write_stdin("typed\n")
shell.update(timeout=5)
assert shell.read_stdout(timeout=5) == "typed\n"
shell.close()
step("exec")

core.create_namespaced_pod("default", {
    "metadata": {"name": "talker"},
    "spec": {"containers": [{"name": "c", "image": "busybox", "command": ["sh", "-c", "i=0; while true; do echo line $i; i=$((i+1)); sleep 1; done"]}]},
})
for _ in range(100):
    if core.read_namespaced_pod("talker", "default").status.phase == "Running":
        break
    time.sleep(0.1)
lines = []
for line in watch.Watch().stream(core.read_namespaced_pod_log, "talker", "default"):
    lines.append(line)
    if len(lines) == 3:
        break
assert lines == ["line 0", "line 1", "line 2"], lines
assert "line 0" in core.read_namespaced_pod_log("talker", "default", tail_lines=1000)
step("logs")

try:
    core.read_namespaced_pod("nope", "default")
    raise AssertionError("a pod that is not there")
except ApiException as error:
    assert error.status == 404 and error.reason == "Not Found"
try:
    core.create_namespaced_config_map("default", {"metadata": {"name": "Bad_Name"}})
    raise AssertionError("a name that is none")
except ApiException as error:
    assert error.status == 422 and "RFC 1123" in error.body
step("errors")

utils.create_from_dict(client.ApiClient(), {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "boats.example.com"},
    "spec": {
        "group": "example.com", "scope": "Namespaced",
        "names": {"plural": "boats", "singular": "boat", "kind": "Boat"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
            "type": "object", "properties": {"spec": {"type": "object", "properties": {"length": {"type": "integer"}}}},
        }}}],
    },
})
boat = {"apiVersion": "example.com/v1", "kind": "Boat", "metadata": {"name": "argo"}, "spec": {"length": 30}}
for _ in range(50):
    try:
        custom.create_namespaced_custom_object("example.com", "v1", "default", "boats", boat)
        break
    except ApiException as error:
        assert error.status == 404
        time.sleep(0.1)
assert custom.list_namespaced_custom_object("example.com", "v1", "default", "boats")["items"][0]["spec"]["length"] == 30
step("custom resources")

anything = dynamic.DynamicClient(client.ApiClient())
boats = anything.resources.get(api_version="example.com/v1", kind="Boat")
assert boats.get(name="argo", namespace="default").spec.length == 30
services = anything.resources.get(api_version="v1", kind="Service")
service = services.create(namespace="default", body={
    "kind": "Service", "apiVersion": "v1", "metadata": {"name": "web"},
    "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
})
assert service.spec.clusterIP
patch = {"metadata": {"labels": {"by": "python"}}}
services.patch(name="web", namespace="default", body=patch, content_type="application/merge-patch+json")
assert services.get(namespace="default", label_selector="by=python").items[0].metadata.name == "web"
applied = services.server_side_apply(
    name="web", namespace="default", field_manager="python",
    body={"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "annotations": {"a": "b"}}},
)
assert applied.metadata.annotations["a"] == "b"
services.delete(name="web", namespace="default")
step("dynamic client")

apps.delete_namespaced_deployment("web", "default", propagation_policy="Foreground")
gone = [
    e["type"] for e in watch.Watch().stream(
        apps.list_namespaced_deployment, "default", field_selector="metadata.name=web", timeout_seconds=20,
    ) if e["type"] == "DELETED" or e["object"].metadata.deletion_timestamp
] if apps.list_namespaced_deployment("default").items else ["DELETED"]
assert gone
core.delete_namespaced_pod("talker", "default", grace_period_seconds=0)
step("delete")
print(f"{len(done)} steps")
