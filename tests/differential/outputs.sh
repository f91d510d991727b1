kubectl create deployment web --image=nginx:1.27 --replicas=3
kubectl run solo --image=busybox:1.36 --labels=app=solo,tier=back --env=A=b -- sleep 3600
kubectl rollout status deploy web
kubectl wait --for=condition=Ready pod/solo --timeout=30s
kubectl get pods -o jsonpath='{.items[*].metadata.labels.app}'
kubectl get pods -o jsonpath='{.items[?(@.metadata.name=="solo")].spec.containers[0].image}'
kubectl get pods -o jsonpath='{.items[?(@.metadata.labels.tier)].metadata.name}'
kubectl get pods -o jsonpath="{.items[?(@.status.phase!='Running')].metadata.name}"
kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}{"\t"}{range .spec.containers[*]}{.image}{","}{end}{"\n"}{end}' | grep solo
kubectl get pod solo -o jsonpath='{.spec.containers[0].env[?(@.name=="A")].value}{"\n"}'
kubectl get pod solo -o jsonpath='{.metadata.labels.nope}'
kubectl get pod solo -o jsonpath='{.metadata.nope.x}'
kubectl get pod solo -o jsonpath='{.spec.containers[5].name}'
kubectl get pod solo -o jsonpath='{.spec.containers[-1].name}'
kubectl get pod solo -o jsonpath='{.spec.containers[0:1]}'
kubectl get pod solo -o jsonpath='{..image}'
kubectl get pod solo -o jsonpath='{.metadata.labels}'
kubectl get pod solo -o jsonpath='{.spec.containers[*].name}' --allow-missing-template-keys=false
kubectl get pod solo -o jsonpath='{.spec.nope}' --allow-missing-template-keys=false
kubectl get pod solo -o jsonpath='{.metadata.labels.app} {.metadata.labels.tier}'
kubectl get pod solo -o jsonpath='{"name: "}{.metadata.name}{"\n"}'
kubectl get pod solo -o jsonpath=.metadata.name
kubectl get pod solo -o jsonpath={.metadata.name}
kubectl get pod solo -o 'jsonpath={.metadata.annotations.a\.b/c}'
kubectl get pod solo -o jsonpath
kubectl get pod solo -o jsonpath=
kubectl get pod solo -o jsonpath='{.metadata.name'
kubectl get pod solo -o jsonpath='{range .x}'
kubectl get pod solo -o jsonpath='{.spec.containers[a]}'
kubectl get pod solo -o jsonpath-as-json='{.spec.containers[*].name}'
kubectl get pod solo -o jsonpath-as-json='{.metadata.labels}'
kubectl get nodes -o jsonpath='{.items[*].status.addresses[?(@.type=="InternalIP")].address}'
kubectl get nodes -o jsonpath='{.items[?(@.spec.taints)].metadata.name}'
kubectl get svc kubernetes -o jsonpath='{.spec.ports[?(@.port>400)].name}'
kubectl get svc kubernetes -o jsonpath='{.spec.ports[?(@.port<=400)].name}'
kubectl get svc kubernetes -o go-template='{{.spec.clusterIP}}{{"\n"}}'
kubectl get pods -o go-template='{{range .items}}{{if eq .metadata.name "solo"}}{{.status.phase}}{{end}}{{end}}{{"\n"}}'
kubectl get pods -o go-template='{{range $i, $p := .items}}{{if $i}},{{end}}{{len $p.spec.containers}}{{end}}'
kubectl get pod solo -o go-template='{{index .metadata.labels "app"}} {{printf "%s-%d" .metadata.name 5}} {{.metadata.name | printf "%q"}}'
kubectl get pod solo -o go-template='{{with .metadata.labels}}{{.tier}}{{end}}{{with .nope}}x{{else}}none{{end}}'
kubectl get pod solo -o go-template='{{.nope}} {{.metadata.nope}}'
kubectl get pod solo -o go-template='{{.metadata.labels}}'
kubectl get pod solo -o go-template='{{range .spec.containers}}{{.command}}{{.args}}{{end}}'
kubectl get pod solo -o go-template='{{nope .}}'
kubectl get pod solo -o go-template='{{.metadata.name'
kubectl get pod solo -o go-template='{{exists . "metadata" "name"}} {{exists . "x"}}'
kubectl get pod solo -o go-template='{{and true .metadata.name}} {{or .x "d"}} {{not .x}} {{ne 1 2}} {{lt 1 2}}'
kubectl get secret nope -o go-template='{{.data.x | base64decode}}'
kubectl create secret generic sec --from-literal=pw=hunter2
kubectl get secret sec -o go-template='{{.data.pw | base64decode}}{{"\n"}}'
kubectl get secret sec -o jsonpath='{.data.pw}' | base64 -d
kubectl get pod solo -o template --template='{{.kind}}'
kubectl get pod solo --template='{{.kind}}'
kubectl get pod solo -o go-template
kubectl get pod solo -o template
kubectl get pods -o custom-columns=NAME:.metadata.name,APP:.metadata.labels.app,NONE:.nope --sort-by=.metadata.name
kubectl get pod solo -o custom-columns=IMAGE:.spec.containers[*].image,ARGS:.spec.containers[0].args
kubectl get pod solo -o custom-columns=A:metadata.name,B:{.kind}
kubectl get pod solo -o custom-columns=A
kubectl get pod solo -o custom-columns=:metadata.name
kubectl get pod solo -o custom-columns=A:.metadata.name --no-headers
kubectl get pod solo -o custom-columns=A:.metadata.labels,B:.spec.restartPolicy
kubectl get pods -l app=web -o custom-columns=PHASE:.status.phase,READY:'.status.conditions[?(@.type=="Ready")].status'
printf 'NAME KIND\n.metadata.name .kind\n' > cols.txt; kubectl get pod solo -o custom-columns-file=cols.txt
kubectl get pod solo -o custom-columns-file=nope.txt
printf '{{.metadata.name}}' > t.txt; kubectl get pod solo -o go-template-file=t.txt
printf '{.metadata.name}' > j.txt; kubectl get pod solo -o jsonpath-file=j.txt
kubectl get pod solo -o jsonpath-file=nope.txt
kubectl get pod/solo deploy/web -o name
kubectl get pod/solo svc/kubernetes
kubectl get pod solo svc/kubernetes
kubectl get deploy/web rs -o name
kubectl get pods solo nope -o name
kubectl get pods,svc -o name --no-headers | tail -1
kubectl get pods solo -o json | grep -c kind
kubectl get pod solo -o yaml --show-managed-fields | grep -c manager
kubectl get pods -o wide --no-headers | grep solo | cut -c1-30
kubectl get pods -l 'app in (web,solo),tier!=back' --no-headers | wc -l
kubectl get pods -l '!tier' --no-headers | wc -l
kubectl get pods -l 'app notin (web)' -o name
kubectl get pods -l app==solo -o name
kubectl get pods -l app=web,app=solo
kubectl get pods -l 'app=='
kubectl get pods -l '=x'
kubectl get pods -l 'a,,b'
kubectl get pods --field-selector=metadata.name=solo -o name
kubectl get pods --field-selector=metadata.name!=solo,status.phase=Running --no-headers | wc -l
kubectl get pods --field-selector=spec.restartPolicy=Always -o name | wc -l
kubectl get pods --field-selector=spec.containers=x
kubectl get pods --field-selector=status.phase
kubectl get svc --field-selector=spec.type=ClusterIP
kubectl get ns --field-selector=metadata.name=default
kubectl get secrets --field-selector=type=Opaque
kubectl get events --field-selector=involvedObject.name=solo,reason=Scheduled -o custom-columns=R:.reason,T:.type
kubectl get nodes --sort-by=.metadata.name --no-headers | cut -c1-8
kubectl get nodes --sort-by='{.status.capacity.cpu}' -o name
kubectl get pods --sort-by=.status.containerStatuses[0].restartCount -o name | wc -l
kubectl get pods --sort-by=.metadata.labels.tier -o custom-columns=T:.metadata.labels.tier
kubectl get pods -A --sort-by=.metadata.namespace -o custom-columns=NS:.metadata.namespace --no-headers | uniq -c
kubectl get pods --chunk-size=1 -o name | wc -l
kubectl get pods --chunk-size=-1
kubectl get pods --ignore-not-found nope
kubectl get pod nope --ignore-not-found -o yaml
kubectl get pods --watch-only --output-watch-events -o nope
kubectl get --raw /api/v1/namespaces/default/pods/nope
kubectl get --raw api/v1
kubectl get --raw /livez?verbose | tail -2
kubectl get pods --subresource=status
kubectl get pod solo --subresource=status -o jsonpath='{.status.phase}'
kubectl get deploy web --subresource=scale
kubectl get deploy web --subresource=scale -o jsonpath='{.spec.replicas} {.status.selector}'
kubectl get deploy web --subresource=nope
kubectl get pods -f two.yaml
kubectl get -k kust/base
kubectl get all,cm --no-headers | cut -d' ' -f1 | grep -v /web-
kubectl get deploy,nope
kubectl get deploy web -L app,tier --show-labels
kubectl get deploy web --show-kind
kubectl get pods.v1. solo
kubectl get deployments.v1.apps web -o name
kubectl get deployments.v1beta1.apps web
kubectl get po/solo -o wide --label-columns=tier
kubectl get cs
kubectl get ep,endpointslices
kubectl describe pods solo
kubectl describe po/solo svc/kubernetes | grep ^Name
kubectl describe pod so
kubectl describe pod -l tier=back | head -3
kubectl describe deploy web nope | head -2
kubectl describe ns default
kubectl describe svc kubernetes
kubectl describe secret sec
kubectl describe sc standard
kubectl describe pc system-node-critical
kubectl describe clusterrole view | head -20
kubectl describe cm kube-root-ca.crt | head -8
kubectl describe sa default
kubectl describe rs -l app=web
kubectl describe ep kubernetes
kubectl describe endpointslice kubernetes
kubectl describe lease node-1 -n kube-node-lease
kubectl describe crd nope
kubectl describe ingressclass
kubectl describe pods --show-events=false | grep -c Events
kubectl describe nodes | grep -A2 'Allocated resources' | head -3
