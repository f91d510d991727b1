kubectl apply -f pod.yaml
kubectl apply -f pod.yaml
kubectl create -f pod.yaml
kubectl wait --for=condition=Ready pod/one --timeout=60s
kubectl get pod one -o yaml
kubectl describe pod one
kubectl apply -f deploy.yaml
kubectl rollout status deployment/shop --timeout=90s
kubectl diff -f deploy2.yaml
kubectl apply -f deploy2.yaml
kubectl rollout status deployment/shop
kubectl apply view-last-applied deployment shop
kubectl get -f deploy.yaml
kubectl describe -f deploy.yaml
kubectl apply -f deploy.yaml --dry-run=server
kubectl apply -f deploy.yaml --dry-run=client
kubectl apply -f deploy.yaml --dry-run=client -o yaml
kubectl apply -f many.yaml
kubectl get cm,secret,sa,role,rolebinding,ingress,pvc -n team
kubectl describe cm settings -n team
kubectl describe secret login -n team
kubectl describe sa bot -n team
kubectl describe role reader -n team
kubectl describe rolebinding reader -n team
kubectl describe ingress front -n team
kubectl describe pvc data -n team
kubectl get secret login -n team -o jsonpath='{.data.password}' | base64 -d
kubectl apply -f bad.yaml
kubectl create -f bad.yaml --validate=false
kubectl apply -f broken.yaml
kubectl apply -f missing.yaml
kubectl apply -f app
kubectl create cm files --from-file=app
kubectl get cm files -o yaml
kubectl create cm env --from-env-file=app/vars.env --from-literal=x=y
kubectl create cm env --from-env-file=app/vars.env
kubectl create secret generic s --from-file=app/hello.txt --from-literal=k=v
kubectl get secret s -o yaml
kubectl create secret docker-registry reg --docker-server=r.example.com --docker-username=u --docker-password=p
kubectl patch deployment shop --patch-file patch.yaml
kubectl patch deployment shop -p '{"spec":{"replicas":1}}'
kubectl patch deployment shop --type=json -p '[{"op":"replace","path":"/spec/replicas","value":2}]'
kubectl patch deployment shop --type=merge -p '{"spec":{"replicas":2}}'
kubectl patch svc shop -p '{"spec":{"type":"NodePort"}}'
kubectl patch pod one -p '{"spec":{"containers":[{"name":"web","image":"nginx:1.26"}]}}'
kubectl patch pod one -p '{"spec":{"nodeName":"node-2"}}'
sed 's/app: one/app: uno/' pod.yaml | kubectl replace -f -
kubectl get pod one --show-labels
sed 's/nginx:1.27/nginx:1.25/' pod.yaml | kubectl replace --force -f -
kubectl label pod one tier=front
kubectl label pod one tier=back
kubectl label pod one tier=back --overwrite
kubectl label pod one tier-
kubectl label pods --all seen=yes
kubectl annotate pod one note="a text"
kubectl annotate pod one note-
kubectl set env deployment/shop MODE=prod EXTRA=1
kubectl set env deployment/shop --list
kubectl set resources deployment shop --limits=memory=256Mi --requests=cpu=50m
kubectl set serviceaccount deployment shop default
kubectl set selector svc shop app=shop,tier=x
kubectl autoscale deployment shop --min=1 --max=3 --cpu-percent=80
kubectl get hpa
kubectl describe hpa shop
kubectl create quota q --hard=pods=10,cpu=4
kubectl describe quota q
kubectl create pdb p --selector=app=shop --min-available=1
kubectl get pdb
kubectl describe pdb p
kubectl create job hi --image=busybox -- echo hi
kubectl describe job hi
kubectl create cronjob tick --image=busybox --schedule='*/5 * * * *' -- date
kubectl get cronjob tick
kubectl describe cronjob tick
kubectl create job now --from=cronjob/tick
kubectl create ingress i --rule='a.example.com/x*=shop:80,tls=cert' --class=nginx
kubectl describe ingress i
kubectl create role r --verb=get,list --resource=pods,deployments.apps
kubectl create clusterrole cr --verb=get --non-resource-url=/healthz
kubectl create rolebinding rb --role=r --user=anna
kubectl describe rolebinding rb
kubectl delete -f pod.yaml
kubectl delete -f deploy.yaml --ignore-not-found
kubectl delete -f deploy.yaml
kubectl delete job --all
kubectl delete ns team
