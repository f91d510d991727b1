kubectl create ns small
kubectl apply -f access/limits.yaml -n small
kubectl get limits -n small
kubectl describe limits -n small
kubectl run d --image=nginx -n small
kubectl get pod d -n small -o jsonpath='{.metadata.annotations}{"\n"}{.spec.containers[0].resources}{"\n"}'
kubectl apply -f access/big.yaml -n small
kubectl create -f access/big.yaml -n small --dry-run=server
kubectl run half --image=nginx -n small --overrides='{"spec":{"containers":[{"name":"half","image":"nginx","resources":{"limits":{"cpu":"2","memory":"2Gi"}}}]}}'
kubectl create ns q
kubectl apply -f access/quota.yaml -n q
sleep 1
kubectl get quota -n q
kubectl describe quota -n q
kubectl describe ns q
kubectl describe ns small
kubectl run a --image=nginx -n q
kubectl run a --image=nginx -n q --overrides='{"spec":{"containers":[{"name":"a","image":"nginx","resources":{"requests":{"cpu":"600m"},"limits":{"memory":"1Gi"}}}]}}'
kubectl run b --image=nginx -n q --overrides='{"spec":{"containers":[{"name":"b","image":"nginx","resources":{"requests":{"cpu":"600m"},"limits":{"memory":"1Gi"}}}]}}'
kubectl create deployment web --image=nginx --replicas=3 -n q
sleep 3
kubectl get deploy,rs,pods -n q
kubectl describe deploy web -n q
kubectl create cm a -n q
kubectl create cm b -n q
kubectl create cm c -n q
kubectl create service nodeport s --tcp=80 -n q
kubectl get quota -n q
kubectl get quota compute -n q -o yaml
kubectl delete pod a -n q --now
kubectl describe quota compute -n q
kubectl create quota x --hard=pods=1,cpu=abc -n q
kubectl create quota x --hard=pods=1,nope=1 -n q
kubectl create quota x --hard=pods=1 --scopes=BestEffort,NotBestEffort -n q
kubectl create quota x --hard=pods=1 --scopes=Nope -n q
kubectl create quota y --hard=count/deployments.apps=2,requests.storage=10Gi,persistentvolumeclaims=2 -n q
sleep 1
kubectl get quota y -n q
kubectl patch quota compute -n q --type=merge -p '{"spec":{"hard":{"pods":"-1"}}}'
kubectl set resources deploy web -n q --requests=cpu=100m --limits=memory=128Mi
sleep 3
kubectl get deploy web -n q
kubectl delete ns small q
