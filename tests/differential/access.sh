kubectl auth whoami
kubectl auth whoami -o yaml
kubectl auth whoami -o json
kubectl auth whoami --as=jane --as-group=dev -o yaml
kubectl auth can-i list pods
kubectl auth can-i '*' '*'
kubectl auth can-i list pods --as=jane
kubectl auth can-i list pods --as=jane -q
kubectl auth can-i get /healthz --as=jane
kubectl auth can-i get /logs --as=jane
kubectl auth can-i get nodes --as=jane
kubectl auth can-i list nopes
kubectl auth can-i create deployments.apps/scale -n team
kubectl auth can-i
kubectl auth can-i list
kubectl auth can-i list pods/log extra words
kubectl auth can-i --list --as=jane
kubectl auth can-i --list
kubectl auth can-i --list --no-headers --as=system:serviceaccount:default:default
kubectl create role pod-reader --verb=get,list --verb=watch --resource=pods,deployments.apps,pods/log
kubectl create role named --verb=get --resource=configmaps --resource-name=a --resource-name=b
kubectl create role bad --verb=fly --resource=pods
kubectl create role bad2 --verb=get --resource=nopes
kubectl create role bad3 --verb=get
kubectl create role bad4 --resource=pods
kubectl create role bad5 --verb=get --resource=pods,services --resource-name=x
kubectl create role r2 --verb=* --resource=deployments,replicasets.apps -o yaml --dry-run=client
kubectl create clusterrole nodes --verb=get,list --resource=nodes,pods
kubectl create clusterrole urls --verb=get --non-resource-url=/logs/* --non-resource-url=/metrics
kubectl create clusterrole sum --aggregation-rule=shop=true
kubectl create clusterrole both --aggregation-rule=a=b --verb=get --resource=pods
kubectl create clusterrole badurl --verb=list --non-resource-url=/x
kubectl create clusterrole mixed --verb=get --resource=pods --non-resource-url=/x
kubectl create rolebinding read --role=pod-reader --user=jane --group=dev --serviceaccount=default:bot
kubectl create rolebinding r2 --clusterrole=view --serviceaccount=bot
kubectl create rolebinding r3 --role=a --clusterrole=b --user=x
kubectl create rolebinding r4 --user=x
kubectl create rolebinding empty --clusterrole=view
kubectl create clusterrolebinding nodes --clusterrole=nodes --user=jane
kubectl create clusterrolebinding x
kubectl get roles,rolebindings
kubectl get roles,rolebindings -o wide
kubectl get clusterrole nodes urls sum
kubectl get clusterrolebinding nodes -o wide
kubectl get role pod-reader -o yaml
kubectl describe role pod-reader named
kubectl describe clusterrole urls sum
kubectl describe clusterrole view
kubectl describe clusterrole edit
kubectl describe clusterrole admin
kubectl describe clusterrole cluster-admin system:basic-user system:discovery
kubectl describe rolebinding read
kubectl describe clusterrolebinding nodes cluster-admin
kubectl get clusterrole view -o yaml
kubectl label clusterrole nodes shop=true
sleep 1
kubectl get clusterrole sum -o yaml
kubectl auth can-i --list --as=jane
kubectl auth can-i list pods --as=jane
kubectl auth can-i list pods --as=x --as-group=dev
kubectl auth can-i delete pods --as=jane
kubectl auth can-i get pods --subresource=log --as=jane
kubectl auth can-i get configmaps/a --as=jane
kubectl auth can-i list deployments.apps --as=system:serviceaccount:default:bot
kubectl auth can-i list pods -A --as=jane
kubectl get pods --as=jane
kubectl get pods -n team --as=jane
kubectl get secrets --as=jane
kubectl get nodes --as=jane
kubectl get cs --as=jane
kubectl delete pod x --as=jane
kubectl run x --image=nginx --as=jane
kubectl create cm x --as=jane
kubectl get secrets --as=jane -w
kubectl logs x --as=jane
kubectl exec x --as=jane -- ls
kubectl scale deploy x --replicas=1 --as=jane
kubectl get all --as=jane
kubectl get pods --as-group=dev
kubectl create role esc --verb=* --resource=secrets --as=jane
kubectl auth reconcile -f access/rbac.yaml
kubectl auth reconcile -f access/rbac.yaml
kubectl auth reconcile -f access/rbac2.yaml
kubectl auth reconcile -f access/rbac.yaml --remove-extra-permissions --remove-extra-subjects
kubectl auth reconcile -f access/rbac2.yaml --dry-run=client
kubectl auth reconcile -f access/rbac2.yaml --dry-run=server
kubectl auth reconcile -f access/rbac2.yaml --dry-run=client -o yaml
kubectl get role reader -o yaml
kubectl get rolebinding reader -o yaml
kubectl patch rolebinding reader --type=merge -p '{"roleRef":{"name":"other"}}'
kubectl set subject rolebinding reader --user=ann --serviceaccount=default:bot
kubectl describe rolebinding reader
kubectl create sa bot
kubectl get sa
kubectl describe sa bot
kubectl get sa bot -o yaml
kubectl create token nope
kubectl create token bot --duration=1s
kubectl create token bot --duration=-1s
kubectl create token bot --duration=1500ms
kubectl create token bot --bound-object-kind=Pod
kubectl create token bot --bound-object-kind=Deployment --bound-object-name=x
kubectl create token bot --bound-object-name=x
kubectl create token bot --bound-object-kind=Pod --bound-object-name=nope
kubectl create token bot --bound-object-kind=Secret --bound-object-name=nope
kubectl create token bot --duration=10m --audience=a --audience=b | cut -d. -f2 | tr '_-' '/+' | base64 -d 2>/dev/null | cut -c1-30
kubectl apply -f access/token.yaml
sleep 1
kubectl get secret bot-token
kubectl describe sa bot
kubectl get secret bot-token -o jsonpath='{.metadata.annotations}' | cut -c1-90
kubectl delete sa bot
sleep 2
kubectl get secrets
kubectl delete role nope
kubectl delete clusterrole nodes urls sum
kubectl certificate approve nope
