kubectl top nodes
kubectl top pods -A
kubectl create deployment web --image=nginx --replicas=2
kubectl apply -f metrics-server.yaml
kubectl get apiservice v1beta1.metrics.k8s.io
kubectl top pods
kubectl top node node-1
kubectl get nodes.metrics.k8s.io
kubectl get --raw /apis/metrics.k8s.io/v1beta1
kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes
kubectl api-resources --api-group=metrics.k8s.io
kubectl get pods -l app=web -o name | wc -l
kubectl describe apiservice v1beta1.metrics.k8s.io
kubectl -n kube-system rollout status deploy metrics-server --timeout=90s
sleep 16
kubectl get apiservice v1beta1.metrics.k8s.io
kubectl api-resources --api-group=metrics.k8s.io
kubectl api-versions | grep metrics
kubectl top nodes
kubectl top node node-1 --no-headers
kubectl top node nope
kubectl top node node-1 -l a=b
kubectl top nodes --sort-by=cpu
kubectl top nodes --sort-by=memory
kubectl top nodes --sort-by=name
kubectl top nodes -l kubernetes.io/hostname=node-2
kubectl top nodes -l nope=x
kubectl top nodes --show-capacity
kubectl top nodes --use-protocol-buffers=false
kubectl top node node-1 node-2
kubectl top pods
kubectl top pods -A
kubectl top pods -A --sum
kubectl top pods -A --containers --sum --no-headers
kubectl top pods --sum
kubectl top pods --containers --sort-by=memory
kubectl top pods -l app=web
kubectl top pods -l app=nope
kubectl top pods -n nope
kubectl top pod nope
kubectl top pod nope -l a=b
kubectl top pods --field-selector=status.phase=Running
kubectl top pods --field-selector=metadata.namespace=kube-system -A --sort-by=cpu
kubectl get podmetrics -A
kubectl get nodes.metrics.k8s.io
kubectl get pods.metrics.k8s.io -o name
kubectl get nodes.metrics node-1 -o jsonpath='{.usage.cpu}{"\n"}'
kubectl get nodes.metrics.k8s.io -w
kubectl delete pods.metrics.k8s.io --all
kubectl get nodemetrics nope
kubectl auth can-i list pods.metrics.k8s.io --as=system:serviceaccount:default:default
kubectl create deployment late --image=nginx
kubectl top pods -l app=late
kubectl -n kube-system scale deploy metrics-server --replicas=0
sleep 3
kubectl get apiservice v1beta1.metrics.k8s.io
kubectl top pods
kubectl api-resources --api-group=apps --no-headers
kubectl get deploy
kubectl delete -f metrics-server.yaml
kubectl top pods
