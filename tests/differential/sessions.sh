kubectl apply -f two.yaml -f pod.yaml
kubectl get pod two
timeout 6 kubectl get pods -w
kubectl wait --for=condition=Ready pod --all --timeout=60s
kubectl get pods two -o jsonpath='{.status.containerStatuses[*].name}'
kubectl exec one -- ls /usr/share/nginx/html
kubectl exec one -- sh -c 'echo out; echo err >&2; exit 3'
kubectl exec one -- nosuch
kubectl exec two -- echo defaulted
kubectl exec two -c side -- nginx -v
kubectl exec two -c nope -- true
kubectl exec nope -- true
kubectl exec deploy/nope -- true
echo 'from stdin' | kubectl exec -i one -- cat
printf 'b\na\n' | kubectl exec -i one -- sort
kubectl exec -i one -- sh -c 'cat; echo done' < app/hello.txt
kubectl exec one
kubectl exec one ls
kubectl cp app/hello.txt one:/tmp/hello.txt
kubectl exec one -- cat /tmp/hello.txt
kubectl cp one:/tmp/hello.txt back.txt
cat back.txt
kubectl cp app one:/tmp/app
kubectl exec one -- ls /tmp/app
kubectl cp one:/tmp/app out -c web
ls -1 out
kubectl cp one:/nope x
kubectl cp nope/one:/tmp/x y
kubectl cp a b
kubectl logs one --tail=2
kubectl logs two
kubectl logs two -c prepare
kubectl logs two -c nope
kubectl logs two --all-containers --tail=1 --prefix
kubectl logs nope
kubectl logs one --since=1s
kubectl logs two -c main --tail=2 --timestamps
kubectl logs one -p
timeout 4 kubectl logs -f two -c main --tail=1
timeout 3 kubectl get pods one -w -o name
kubectl port-forward pod/one 38471:80 > pf.log 2>&1 &
sleep 2
curl -s http://127.0.0.1:38471/ | head -4
curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:38471/nope
kill $!; sleep 1; cat pf.log
kubectl port-forward pod/one
kubectl port-forward pod/nope 38472:80
kubectl port-forward pod/one 38472:nope
kubectl port-forward pod/one abc:80
kubectl run tmp --image=busybox --restart=Never -- sh -c 'echo ran; exit 2'
kubectl wait --for=jsonpath='{.status.phase}'=Failed pod/tmp --timeout=30s
kubectl get pod tmp
kubectl run -i --rm once --image=busybox --restart=Never -- echo once
echo 'piped in' | kubectl run -i --rm cat --image=busybox --restart=Never -- cat
kubectl run same --image=nginx --port=80 --labels=a=b --env=X=1 --dry-run=client -o yaml
kubectl run exposed --image=nginx --port=80 --expose
kubectl attach nope
timeout 3 kubectl attach two -c main
kubectl wait --for=delete pod/tmp --timeout=5s
kubectl delete pod tmp
kubectl wait --for=delete pod/tmp --timeout=5s
kubectl wait --for=condition=Ready pod/nope --timeout=5s
kubectl wait --for=condition=Nope pod/one --timeout=3s
kubectl wait --for=create pod/later --timeout=3s
kubectl delete pod one two --now
kubectl delete pod exposed --force
kubectl delete pods --all
kubectl delete pod nope
kubectl get pods
