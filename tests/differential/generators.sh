kubectl create deployment a --image=nginx --dry-run=client -o yaml
kubectl create deployment a --image=nginx --image=busybox:1.36 --port=80 --replicas=0 --dry-run=client -o json
kubectl create deployment a --image=busybox --dry-run=client -o yaml -- sh -c 'sleep 1'
kubectl create deployment a --image=nginx --image=redis --dry-run=client -- sh
kubectl create deployment a --image=nginx --replicas=x
kubectl create deployment a --image=nginx --dry-run=nope
kubectl create deployment a b --image=nginx
kubectl create deployment a --image=nginx -o nope --dry-run=client
kubectl create deployment a --image=nginx -o name --dry-run=server
kubectl create job j --image=busybox --dry-run=client -o yaml -- date
kubectl create job j --from=cronjob/nope
kubectl create job j --from=deploy/x
kubectl create job j --image=busybox --from=cronjob/x
kubectl create cronjob c --image=busybox --schedule='*/1 * * * *' --restart=Never --dry-run=client -o yaml -- date
kubectl create cronjob c --image=busybox
kubectl create cronjob c --image=busybox --schedule='1 2 3' --dry-run=server
kubectl create namespace n1 --dry-run=client -o yaml
kubectl create ns n1 -o json --dry-run=client
kubectl create ns
kubectl create ns a b
kubectl create sa s1 --dry-run=client -o yaml
kubectl create serviceaccount
kubectl create cm c1 --from-literal=a=1 --from-literal=b=two --append-hash --dry-run=client -o yaml
kubectl create cm c1 --from-literal=a=1 --from-literal=a=2
kubectl create cm c1 --from-file=key=app/hello.txt --dry-run=client -o yaml
kubectl create cm c1 --from-file=app/hello.txt --from-env-file=app/vars.env
kubectl create cm c1 --from-literal=a
kubectl create cm c1 --from-literal==x
kubectl create cm c1 --from-file='bad key=app/hello.txt'
kubectl create cm c1 --from-env-file=nope.env
kubectl create secret generic s1 --from-literal=a=b --type=custom/x --dry-run=client -o yaml
kubectl create secret generic s1 --from-literal=a=b --append-hash -o name --dry-run=client
kubectl create secret tls t1 --cert=nope.crt --key=nope.key
kubectl create secret tls t1
kubectl create secret tls t1 --cert=app/hello.txt --key=app/hello.txt
kubectl create secret docker-registry d1 --docker-username=u
kubectl create secret docker-registry d1 --docker-username=u --docker-password=p --docker-email=e@x.y --dry-run=client -o yaml
kubectl create secret docker-registry d1 --from-file=.dockerconfigjson=app/hello.txt
kubectl create secret nope x
kubectl create svc clusterip c1 --tcp=80:8080 --tcp=443 --dry-run=client -o yaml
kubectl create svc clusterip c1 --clusterip=None --dry-run=client -o yaml
kubectl create svc clusterip c1 --tcp=a:b
kubectl create svc clusterip c1 --tcp=80:http --dry-run=client -o yaml
kubectl create svc clusterip c1 --clusterip=None --tcp=70000
kubectl create svc nodeport n1 --tcp=80 --node-port=31000 --dry-run=client -o yaml
kubectl create svc nodeport n1
kubectl create svc loadbalancer l1 --tcp=80:8080 --dry-run=client -o yaml
kubectl create svc externalname e1
kubectl create svc externalname e1 --external-name=a_b --dry-run=client
kubectl create svc externalname e1 --external-name=x.example.com --tcp=80 --dry-run=client -o yaml
kubectl create svc
kubectl create quota q1 --hard=cpu=1,memory=1Gi,pods=2 --scopes=BestEffort --dry-run=client -o yaml
kubectl create quota q1 --hard=cpu=1 --scopes=Nope --dry-run=server
kubectl create quota q1 --hard=cpu=abc
kubectl create pdb p1 --selector=app=x --min-available=50% --dry-run=client -o yaml
kubectl create pdb p1 --selector=app=x --max-unavailable=1 --dry-run=client -o yaml
kubectl create pdb p1 --selector=app=x
kubectl create pdb p1 --min-available=1
kubectl create pdb p1 --selector=app=x --min-available=1 --max-unavailable=1
kubectl create priorityclass pc1 --value=1000 --description="high" --preemption-policy=Never --dry-run=client -o yaml
kubectl create priorityclass pc1 --value=1000 --preemption-policy=Sometimes
kubectl create pc pc1 --value=x
kubectl create role r1 --verb=get --verb=list --resource=pods --resource-name=a --resource-name=b --dry-run=client -o yaml
kubectl create role r1 --verb=get --resource=pods/log,deployments.apps,nope --dry-run=client -o yaml
kubectl create role r1 --verb=nope --resource=pods --dry-run=client
kubectl create role r1 --resource=pods
kubectl create role r1 --verb=get
kubectl create clusterrole cr1 --verb='*' --resource=deployments.apps/scale --dry-run=client -o yaml
kubectl create clusterrole cr1 --verb=get --non-resource-url=/logs/* --dry-run=client -o yaml
kubectl create clusterrole cr1 --aggregation-rule=a=b --dry-run=client -o yaml
kubectl create clusterrole cr1 --aggregation-rule=a=b --verb=get
kubectl create clusterrole cr1
kubectl create rolebinding rb1 --clusterrole=view --serviceaccount=default:bot --group=g --user=u --dry-run=client -o yaml
kubectl create rolebinding rb1 --role=a --clusterrole=b
kubectl create rolebinding rb1 --role=a --serviceaccount=bad
kubectl create rolebinding rb1
kubectl create clusterrolebinding crb1 --clusterrole=view --user=a --user=b --dry-run=client -o yaml
kubectl create clusterrolebinding crb1
kubectl create ingress i1 --rule='h.example.com/path*=svc:http' --rule='/plain=svc:80' --annotation=a=b --default-backend=d:80 --dry-run=client -o yaml
kubectl create ingress i1 --class=nginx --rule='h/=svc:80,tls' --dry-run=client -o yaml
kubectl create ingress i1 --rule=bad
kubectl create ingress i1 --rule='h/=svc'
kubectl create ingress i1
kubectl create token nope
kubectl create token default --duration=5m | wc -l
kubectl create token default --duration=1s
kubectl create token default --bound-object-kind=Pod
kubectl create token default --bound-object-kind=Node --bound-object-name=x
kubectl create token default --audience=x -o name
kubectl run p1 --image=nginx --dry-run=client -o yaml --labels=a=b,c=d --annotations=x=y --env=A=1 --env=B=2 --port=80
kubectl run p1 --image=busybox --restart=OnFailure --command --dry-run=client -o yaml -- sh -c 'echo hi'
kubectl run p1 --image=busybox --dry-run=client -o json --overrides='{"spec":{"nodeName":"x"}}' -- a b
kubectl run p1 --image=busybox --overrides='{bad' --dry-run=client
kubectl run p1 --image=busybox --overrides='[{"op":"add","path":"/metadata/labels/z","value":"1"}]' --override-type=json --dry-run=client -o yaml
kubectl run p1 --image=nginx --expose
kubectl run p1 --image=nginx --env=BAD --dry-run=client
kubectl run p1 --image=nginx --rm
kubectl run p1 --image=nginx --image-pull-policy=Nope --dry-run=client
kubectl run p1 --image=nginx --privileged --dry-run=client -o jsonpath='{.spec.containers[0].securityContext}'
kubectl run p1 p2 --image=nginx --dry-run=client -o jsonpath='{.spec.containers[0].args}'
kubectl expose pod nope --port=80
kubectl run p9 --image=nginx --port=8080
kubectl expose pod p9 --dry-run=client -o yaml
kubectl expose pod p9 --name=svc9 --port=80 --target-port=http --type=LoadBalancer --session-affinity=ClientIP --external-ip=1.2.3.4 --dry-run=client -o yaml
kubectl expose pod p9 --type=Nope
kubectl expose pod p9 --port=80 --protocol=UDP --cluster-ip=None --labels=a=b --selector=x=y --dry-run=client -o yaml
kubectl expose node node-1 --port=80
kubectl expose pod p9 --generator=x
kubectl autoscale deploy nope --max=3
kubectl autoscale deploy x --min=3 --max=1
kubectl delete pod p9 --now
