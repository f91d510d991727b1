kubectl get nodes
kubectl get nodes -o wide
kubectl get namespaces
kubectl cluster-info
kubectl version
kubectl api-versions
kubectl api-resources --namespaced=false
kubectl api-resources --api-group=apps -o wide
kubectl api-resources --verbs=list,get --no-headers -o name
kubectl get pods
kubectl get pods -A
kubectl get all
kubectl get all -n kube-system
kubectl create deployment web --image=nginx --replicas=2
kubectl get deployment web
kubectl rollout status deployment web
kubectl get deployment,rs,pods
kubectl get pods -l app=web -o wide
kubectl get pods -o name
kubectl get pods --show-labels
kubectl get pods -L app
kubectl get deploy web -o yaml
kubectl get deploy web -o json
kubectl get deploy web -o jsonpath='{.status.readyReplicas}{"\n"}'
kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}{"\t"}{.status.phase}{"\n"}{end}'
kubectl get pods -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName,IP:.status.podIP
kubectl get pods -o go-template='{{range .items}}{{.metadata.name}} {{len .spec.containers}}{{"\n"}}{{end}}'
kubectl get pods --sort-by=.metadata.creationTimestamp --no-headers
kubectl get pods --field-selector=status.phase=Running
kubectl get pods --field-selector=status.phase!=Running
kubectl describe deployment web
kubectl describe pods -l app=web
kubectl describe node node-1
kubectl expose deployment web --port=80 --target-port=80
kubectl get svc,endpoints,endpointslices
kubectl describe service web
kubectl scale deployment web --replicas=4
kubectl rollout status deployment web
kubectl get deploy web
kubectl logs deploy/web --tail=3
kubectl logs -l app=web --tail=1 --prefix
kubectl set image deployment/web nginx=nginx:1.27
kubectl rollout status deployment/web
kubectl rollout history deployment/web
kubectl annotate deployment web kubernetes.io/change-cause="use 1.27"
kubectl rollout history deployment web
kubectl rollout history deployment web --revision=2
kubectl rollout undo deployment web
kubectl rollout status deploy web
kubectl get rs
kubectl get events --sort-by=.lastTimestamp
kubectl events --types=Warning
kubectl events --for deployment/web
kubectl delete service web
kubectl delete deployment web
kubectl get all
kubectl create namespace team
kubectl get ns team -o yaml
kubectl config view
kubectl config get-contexts
kubectl config current-context
kubectl config set-context --current --namespace=team
kubectl get pods
kubectl config view --minify -o jsonpath='{..namespace}'
kubectl config set-context --current --namespace=default
kubectl delete ns team
