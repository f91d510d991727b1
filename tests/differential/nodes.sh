kubectl create deployment web --image=nginx --replicas=3
kubectl rollout status deploy web
kubectl apply -f ds.yaml
kubectl get ds -o wide
kubectl cordon node-1
kubectl get nodes
kubectl cordon node-1
kubectl uncordon node-1
kubectl drain node-2
kubectl drain node-2 --ignore-daemonsets
kubectl get pods -o wide --field-selector spec.nodeName=node-2
kubectl uncordon node-2
kubectl taint nodes node-3 key=value:NoSchedule
kubectl taint nodes node-3 key=value:NoSchedule
kubectl describe node node-3 | grep Taints
kubectl taint nodes node-3 key:NoSchedule-
kubectl taint nodes node-3 nope:NoSchedule-
kubectl label node node-3 disk=ssd
kubectl get nodes -l disk=ssd
kubectl label node node-3 disk-
kubectl top nodes
kubectl top pods
kubectl top pod nope
kubectl get --raw /healthz
kubectl get --raw /version
kubectl get --raw /apis/nope
kubectl get --raw '/api/v1/nodes?limit=1' | head -c 300
kubectl get componentstatuses
kubectl get leases -n kube-node-lease
kubectl get sc
kubectl get pv,pvc
kubectl get priorityclasses
kubectl get crd
kubectl get clusterroles | head -5
kubectl auth can-i create pods
kubectl auth can-i '*' '*'
kubectl auth can-i list pods --as=system:serviceaccount:default:default
kubectl auth can-i get pods/log
kubectl auth can-i delete nodes -q
kubectl auth whoami
kubectl auth can-i --list
kubectl explain pod
kubectl explain pod.spec.containers.livenessProbe
kubectl explain deployment.spec.strategy --recursive
kubectl explain nope
kubectl explain pod.spec.nope
kubectl explain svc.spec.type
kubectl debug node/node-1 --image=busybox -- true
kubectl get pods -l nope=x
kubectl get pods -l app=web -o name | head -1 | xargs -I{} kubectl debug {} --image=busybox -c dbg -- sleep 30
kubectl delete ds agent
kubectl get events -A --field-selector reason=Drain
kubectl kustomize kust/base
kubectl kustomize kust/overlay
kubectl apply -k kust/base
kubectl get deploy,cm -l env=dev
kubectl diff -k kust/base
kubectl delete -k kust/base
kubectl proxy --port=38473 > proxy.log 2>&1 &
sleep 1
curl -s http://127.0.0.1:38473/api/v1/namespaces/default/services/kubernetes | head -5
kill $!; cat proxy.log
kubectl create clusterrolebinding crb --clusterrole=view --group=devs
kubectl describe clusterrolebinding crb
kubectl create token default | cut -c1-3
kubectl certificate approve nope
kubectl get csr
kubectl get deploy -v=6
kubectl get pods -l x=y --v=7
kubectl create cm v7 --from-literal=a=b -v=6
