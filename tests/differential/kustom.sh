kubectl kustomize kust/full
kubectl kustomize kust/parts
kubectl kustomize kust/overlay
kubectl kustomize kust/comp
kubectl kustomize kust/bad
kubectl kustomize kust/bad2
kubectl kustomize kust/bad3
kubectl kustomize kust/bad4
kubectl kustomize kust/nope
kubectl kustomize app
kubectl kustomize kust/base/deployment.yaml
cd kust/base && kubectl kustomize; cd
cd kust/base && kubectl kustomize .; cd
kubectl kustomize kust/base kust/full
kubectl kustomize kust/base -o out.yaml; cat out.yaml | head -5
kubectl kustomize kust/base --output=/nope/x
kubectl create ns shop
kubectl apply -k kust/full --dry-run=client
kubectl apply -k kust/full --dry-run=server -o name
kubectl apply -k kust/full
kubectl get deploy,svc,cm,secret,sa,role,rolebinding,ingress -n shop -l team=blue -o name
kubectl get cm -n shop -l kind=plain
kubectl get deploy pre-web-suf -n shop -o jsonpath='{.spec.template.spec.containers[0].envFrom[0].configMapRef.name}{"\n"}'
kubectl diff -k kust/full
kubectl apply -k kust/full
kubectl get -k kust/full --no-headers | wc -l
kubectl describe -k kust/parts
kubectl delete -k kust/full
kubectl apply -k kust/bad
kubectl apply -k kust/full -f pod.yaml
kubectl apply -k kust/full -R
kubectl apply -k kust/full -k kust/parts
kubectl delete ns shop --wait=false
