kubectl
kubectl nope
kubectl ge pods
kubectl get
kubectl get nope
kubectl get pods nope
kubectl get pods a b
kubectl get pods,nope
kubectl get pod/a svc
kubectl get pods -n nope
kubectl get pods -o nope
kubectl get pods -o jsonpath='{.x'
kubectl get pods -o custom-columns=
kubectl get pods --nope
kubectl get pods -l 'a in (b'
kubectl get pods --field-selector=nope=x
kubectl get pods --sort-by=.nope
kubectl get deploy.v1.apps
kubectl get deployments.nope
kubectl describe
kubectl describe pod nope
kubectl describe nope x
kubectl delete
kubectl delete pods
kubectl delete pod
kubectl delete pods --all --field-selector=a=b
kubectl create
kubectl create nope
kubectl create deployment
kubectl create deployment x
kubectl create deployment X_y --image=nginx
kubectl create ns default
kubectl create ns Bad_Name
kubectl create cm
kubectl create cm x --from-file=nope
kubectl create cm x --from-literal=bad
kubectl create secret
kubectl create secret generic
kubectl create svc clusterip s
kubectl create service nodeport s --tcp=80 --node-port=99
kubectl create job j
kubectl create cronjob c --image=busybox --schedule=bad
kubectl create quota q --hard=x
kubectl run
kubectl run x
kubectl run x --image=
kubectl run X --image=nginx
kubectl run x --image='nginx latest'
kubectl run x --image=nginx --restart=Maybe
kubectl expose
kubectl apply
kubectl apply -f
kubectl apply -f /nope
kubectl label
kubectl label pods
kubectl label pods x
kubectl label pods x a=b
kubectl label node node-1 'bad key=x'
kubectl annotate pods x
kubectl patch
kubectl patch pod x
kubectl patch pod x -p '{'
kubectl patch node node-1 -p '{bad'
kubectl scale
kubectl scale --replicas=2
kubectl scale deploy --replicas=2
kubectl scale deploy x --replicas=-1
kubectl set
kubectl set image
kubectl set image deploy/x
kubectl set image deploy/x a=b
kubectl set env deploy/x A=1
kubectl rollout nope
kubectl rollout status
kubectl rollout status pod/x
kubectl rollout undo deploy/x
kubectl rollout history ds
kubectl logs
kubectl logs x y z
kubectl logs x --tail=a
kubectl exec
kubectl exec x
kubectl cp
kubectl cp x
kubectl port-forward
kubectl wait
kubectl wait pod/x
kubectl wait --for=nope pod/x
kubectl wait --for=condition=Ready pods --all
kubectl drain
kubectl drain nope
kubectl cordon
kubectl cordon nope
kubectl taint
kubectl taint node node-1
kubectl taint node node-1 bad
kubectl taint node node-1 a=b:Nope
kubectl top
kubectl auth can-i
kubectl auth can-i get
kubectl auth can-i get nope
kubectl config
kubectl config use-context nope
kubectl config use-context
kubectl config nope
kubectl config get-contexts nope
kubectl config delete-context nope
kubectl explain
kubectl autoscale deploy x
kubectl autoscale deploy x --max=0
kubectl edit
kubectl edit pod nope
kubectl attach
kubectl debug
kubectl debug nope --image=busybox
kubectl events --for nope
kubectl diff
kubectl replace
kubectl replace -f pod.yaml
kubectl kustomize nope
kubectl kustomize app
kubectl certificate
kubectl cluster-info nope
kubectl completion
kubectl completion nope
kubectl api-resources --verbs=nope
kubectl api-resources --sort-by=nope
kubectl api-resources nope
kubectl version --output=nope
kubectl version nope
kubectl options nope
kubectl help nope
kubectl plugin list
kubectl -n nope get pods -o wide
kubectl --context=nope get pods
kubectl --kubeconfig=/nope get pods
kubectl --server=http://127.0.0.1:1 get pods
kubectl -s http://127.0.0.1:1 version
kubectl get pods --request-timeout=x
kubectl get pods --as
kubectl get pods --v=x
kubectl proxy --port=x
kubectl alpha
