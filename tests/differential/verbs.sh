kubectl apply -f deploy.yaml
kubectl rollout status deploy/shop --timeout=60s
kubectl set image deploy/shop shop=nginx:1.27 --dry-run=client
kubectl set image deploy/shop shop=nginx:1.27 --dry-run=server -o name
kubectl set image deploy/shop shop=nginx:1.27 -o jsonpath='{.spec.template.spec.containers[0].image}'
kubectl set image deploy/shop '*=nginx:1.26' --record
kubectl set image -f deploy.yaml shop=nginx:1.25 --local -o name
kubectl set image deploy/shop =x
kubectl set image deploy --all shop=nginx:1.26
kubectl set image pod,deploy shop=nginx
kubectl set image
kubectl set env deploy/shop A=1 B- --list
kubectl set env deploy/shop A=1
kubectl set env deploy/shop A-
kubectl set env deploy/shop MODE=x --overwrite=false
kubectl set env deploy/shop --from=cm/nope
kubectl create cm conf --from-literal=key.one=1 --from-literal=TWO=2
kubectl set env deploy/shop --from=configmap/conf --prefix=P_ --keys=key.one
kubectl set env deploy/shop --from=configmap/conf --keys=TWO
kubectl set env deploy/shop --list
kubectl set env deploy/shop --list --resolve
kubectl set env deploy/shop bad
kubectl set env deploy/shop -c nope X=1
kubectl set env deploy/shop X=1 --dry-run=client -o jsonpath='{.spec.template.spec.containers[0].env[-1:].name}'
echo 'FROM=stdin' | kubectl set env deploy/shop -
kubectl set env
kubectl set resources deploy/shop --limits=cpu=200m,memory=256Mi --requests=cpu=100m
kubectl set resources deploy/shop
kubectl set resources deploy/shop --limits=bad
kubectl set resources deploy/shop --limits=cpu=0 --dry-run=server
kubectl set resources deploy/shop -c=nope --limits=cpu=1
kubectl set sa deploy/shop
kubectl set serviceaccount deploy/shop robot --dry-run=client -o name
kubectl set selector svc/shop app=other --dry-run=client
kubectl set selector deploy/shop app=other
kubectl set subject rolebinding x --user=a
kubectl create rolebinding rb --clusterrole=view --user=anna
kubectl set subject rolebinding rb --user=ben --group=devs --serviceaccount=default:bot
kubectl get rolebinding rb -o wide
kubectl set subject rolebinding rb
kubectl set nope
kubectl rollout history deploy/shop
kubectl rollout history deploy/shop --revision=99
kubectl rollout history deploy/shop --revision=1 -o jsonpath='{.spec.template.spec.containers[0].image}'
kubectl rollout history -f deploy.yaml
kubectl rollout pause deploy/shop deploy/nope
kubectl rollout pause deploy/shop
kubectl rollout restart deploy/shop
kubectl rollout undo deploy/shop
kubectl rollout resume deploy/shop
kubectl rollout resume deploy/shop
kubectl rollout restart svc/shop
kubectl rollout status deploy/shop --watch=false | head -1
kubectl rollout status deploy/shop --revision=1
kubectl rollout status deploy/nope
kubectl rollout status -l app=shop --timeout=60s
kubectl rollout
kubectl scale deploy/shop deploy/nope --replicas=1
kubectl scale --replicas=2 -f deploy.yaml
kubectl scale deploy -l app=shop --replicas=1
kubectl scale deploy --all --replicas=2
kubectl scale deploy/shop --replicas=3 --current-replicas=9
kubectl scale deploy/shop --replicas=3 --resource-version=1
kubectl scale svc/shop --replicas=3
kubectl scale deploy/shop --replicas=2 --timeout=30s
kubectl label deploy/shop a=1 b=2 -o jsonpath='{.metadata.labels}'
kubectl label deploy/shop a=1
kubectl label deploy/shop a=2
kubectl label deploy/shop a=2 a-
kubectl label deploy/shop 'a=b c'
kubectl label deploy/shop a=3 --overwrite --resource-version=1
kubectl label deploy/shop --list | sort
kubectl label deploy,svc -l app=shop x=y
kubectl label deploy/shop svc/shop z=1 --dry-run=client
kubectl label -f deploy.yaml q=1
kubectl label ns default env=x --dry-run=server
kubectl annotate deploy/shop note='a b' --overwrite
kubectl annotate deploy/shop note=other
kubectl annotate deploy/shop note- other-
kubectl annotate deploy --all mark=1 -o name
kubectl patch deploy shop -p '{"spec":{"template":{"spec":{"containers":[{"name":"shop","tty":true}]}}}}' --dry-run=client -o jsonpath='{.spec.template.spec.containers[0].tty}'
kubectl patch deploy shop --type=json -p '[{"op":"remove","path":"/spec/nope"}]'
kubectl patch deploy shop --type=json -p '[{"op":"test","path":"/spec/replicas","value":99}]'
kubectl patch deploy shop --type=json -p '{"a":1}'
kubectl patch deploy shop --type=nope -p '{}'
kubectl patch deploy shop --type=merge -p '{"metadata":{"labels":{"a":null}}}' -o jsonpath='{.metadata.labels}'
kubectl patch deploy shop -p 'spec: {replicas: 2}'
kubectl patch deploy shop -p '{"spec":{"replicas":"x"}}'
kubectl patch deploy shop -p '{"spec":{"nope":1}}'
kubectl patch deploy shop --subresource=scale --type=merge -p '{"spec":{"replicas":1}}'
kubectl patch deploy shop --subresource=nope -p '{}'
kubectl patch deploy shop -p '{}' --patch-file=patch.yaml
kubectl patch -f deploy.yaml -p '{"metadata":{"labels":{"m":"1"}}}'
kubectl patch deploy/shop svc/shop -p '{"metadata":{"labels":{"m":"2"}}}'
kubectl wait --for=jsonpath='{.status.readyReplicas}'=1 deploy/shop --timeout=30s
kubectl wait --for=jsonpath='{.status.nope}'=1 deploy/shop --timeout=1s
kubectl wait --for=jsonpath='{.spec.replicas}' deploy/shop
kubectl wait --for=jsonpath='{.spec' deploy/shop
kubectl wait --for=jsonpath={.spec.replicas}=1 deploy/shop
kubectl wait --for=condition=Available=False deploy/shop --timeout=1s
kubectl wait --for=condition=Available deploy/shop deploy/nope --timeout=1s
kubectl wait --for=condition=available -f deploy.yaml --timeout=1s
kubectl wait --for=condition=Available deploy --all --timeout=10s
kubectl wait --for=condition=Available deploy -l app=nope
kubectl wait deploy/shop
kubectl wait --for=delete deploy/nope
kubectl wait --for=create deploy/shop
kubectl wait --for=nope deploy/shop
kubectl wait --for=condition=X --timeout=bad deploy/shop
kubectl diff -f deploy.yaml; echo rc $?
kubectl diff -f deploy2.yaml > /dev/null; echo rc $?
kubectl diff -f /nope; echo rc $?
kubectl diff; echo rc $?
kubectl diff -f deploy.yaml --server-side; echo rc $?
sed 's/replicas: 2/replicas: 3/' deploy.yaml | kubectl diff -f - | tail -12
kubectl replace -f deploy.yaml
kubectl replace -f deploy.yaml --dry-run=server
kubectl replace --force -f deploy.yaml
kubectl replace --raw /nope -f pod.yaml
kubectl apply view-last-applied deploy/shop -o json | head -5
kubectl apply view-last-applied deploy/nope
kubectl apply edit-last-applied deploy/nope
kubectl apply set-last-applied -f pod.yaml
kubectl apply -f deploy.yaml --prune -l app=shop --dry-run=client
kubectl apply -f deploy.yaml --prune
kubectl apply -f deploy.yaml --force-conflicts
kubectl apply -f deploy.yaml --server-side --field-manager=me
kubectl apply -f deploy.yaml --server-side --dry-run=client
kubectl apply -f deploy.yaml -f nope.yaml
kubectl apply -f app/hello.txt
kubectl apply -f deploy.yaml -o name
kubectl apply -f deploy.yaml --validate=nope
kubectl create -f deploy.yaml -f pod.yaml
kubectl create -f deploy.yaml --edit=x
kubectl create -f pod.yaml --raw /api/v1/namespaces/default/pods | head -c 20
cat pod.yaml | kubectl delete -f -
kubectl events --for deploy/shop --types=Normal --no-headers | head -1
kubectl events --types=Nope
kubectl events --for nope/x
kubectl events --for deploy
kubectl events -A -o name | wc -l
kubectl events -n nope
timeout 2 kubectl events --for deploy/shop --watch --no-headers | head -1
kubectl api-resources --namespaced=true --api-group=batch
kubectl api-resources --categories=all --sort-by=kind -o name
kubectl api-resources --api-group=nope
kubectl api-resources --cached=false --no-headers --verbs=create,nope
kubectl api-resources -o json | head -5
kubectl api-versions | head -3
kubectl cluster-info dump --output-directory=dump --namespaces=default; find dump | sort
kubectl cluster-info dump -o yaml --namespaces=nope | head -3
kubectl cp app shop-nope:/tmp
kubectl auth can-i get pods --subresource=log
kubectl auth can-i get pods/nope -n kube-system
kubectl auth can-i get /healthz
kubectl auth can-i create deploy.apps --as=anna --as-group=system:masters
kubectl auth can-i list pods -A --as=anna
kubectl auth can-i nope pods
kubectl auth whoami -o jsonpath='{.status.userInfo.username}'
kubectl auth whoami --as=anna
kubectl auth reconcile -f many.yaml --dry-run=client
kubectl auth
kubectl completion bash | head -1
kubectl completion zsh | head -1
kubectl completion fish | head -1
kubectl plugin list
kubectl version --client
kubectl version -o json --client | head -3
kubectl options | head -3
kubectl delete deploy/shop svc/shop --wait=false
kubectl delete deploy shop
kubectl delete deploy,svc -l app=shop
kubectl delete -f deploy.yaml --ignore-not-found=true
kubectl delete pod x --grace-period=0
kubectl delete pod x --force --grace-period=5
kubectl delete pods -l app=x --all
kubectl delete pods --cascade=nope x
kubectl delete cm conf --dry-run=client
kubectl delete cm conf --dry-run=server -o name
kubectl delete cm conf -o yaml
kubectl delete cm/conf rolebinding/rb
kubectl delete cm
kubectl delete --all
kubectl delete cm --all --field-selector=metadata.name=nope
kubectl delete --raw /api/v1/namespaces/default/configmaps/nope
