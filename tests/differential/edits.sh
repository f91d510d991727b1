kubectl create deployment web --image=nginx:1.26 --replicas=2
kubectl rollout status deploy web
EDITOR='sed -i s/nginx:1.26/nginx:1.27/' kubectl edit deployment web
kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[0].image}'
EDITOR=true kubectl edit deployment web
EDITOR='sed -i /replicas:/s/2/3/' KUBE_EDITOR='sed -i /replicas:/s/2/1/' kubectl edit deployment web -o json
kubectl get deploy web
EDITOR=true kubectl edit deployment nope
EDITOR='sed -i s/RollingUpdate/Rolling/' kubectl edit deployment web 2>&1 | head -3
kubectl rollout pause deployment web
kubectl set image deploy web nginx=nginx:1.25
kubectl rollout status deploy web --timeout=3s
kubectl rollout resume deployment web
kubectl rollout status deploy web
kubectl rollout history deploy web -o yaml --revision=1
kubectl rollout undo deploy web --to-revision=1
kubectl rollout undo deploy web --to-revision=42
kubectl rollout undo deploy web --dry-run=client
kubectl scale deploy web --replicas=5 --current-replicas=3
kubectl scale deploy web --replicas=2
kubectl scale deploy nope --replicas=2
kubectl scale deploy web
kubectl get deploy web -o yaml > web.yaml
sed -i 's/replicas: 2/replicas: 1/' web.yaml
kubectl replace -f web.yaml
kubectl apply -f web.yaml
kubectl apply set-last-applied -f web.yaml
kubectl create deployment new --image=nginx --dry-run=client -o yaml > new.yaml
cat new.yaml
kubectl create deployment new --image=nginx --dry-run=server -o yaml
kubectl create -f new.yaml --save-config
kubectl apply -f new.yaml --server-side
kubectl apply -f new.yaml --server-side --force-conflicts
kubectl get deploy new -o yaml --show-managed-fields
kubectl set image deploy/new '*=nginx:1.27' --local -o yaml -f new.yaml
kubectl set image deploy/new nope=nginx:1.27
kubectl set image deploy/new nginx=nginx:nope
kubectl rollout status deploy new --timeout=10s
kubectl get pods -l app=new
kubectl describe pod -l app=new
kubectl delete deploy new --cascade=orphan
kubectl get rs,pods -l app=new
kubectl delete rs,pods -l app=new
kubectl expose deploy web --name=front --type=NodePort --port=8080 --target-port=80
kubectl get svc front
kubectl expose deploy nope --port=80
kubectl expose deploy web
kubectl create svc nodeport np --tcp=80:8080 --node-port=30080
kubectl describe svc np
kubectl create svc loadbalancer lb --tcp=80
kubectl get svc
kubectl create svc externalname en --external-name=example.com
kubectl get svc en -o yaml
kubectl get deploy,svc -o wide
kubectl get deploy -o name | xargs kubectl delete
kubectl delete svc front np lb en
kubectl get svc
kubectl create deployment last --image=nginx
kubectl rollout restart deployment last
kubectl rollout restart deployment nope
