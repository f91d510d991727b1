kubectl get gadgets
kubectl apply -f access/gadget.yaml
kubectl apply -f access/crd.yaml
kubectl wait --for=condition=Established crd/gadgets.shop.example.com --timeout=10s
kubectl get crd
kubectl get crd gadgets.shop.example.com -o wide
kubectl api-resources --api-group=shop.example.com -o wide
kubectl api-versions | grep shop
kubectl explain gadgets
kubectl explain gd.spec
kubectl explain gadgets.spec.parts
kubectl explain gadgets.spec.parts.count
kubectl explain gadgets.spec.size
kubectl explain gadgets.spec.nope
kubectl explain gadgets.metadata.name
kubectl explain gadgets.spec.labels
kubectl explain gadgets --recursive
kubectl explain gadgets --api-version=shop.example.com/v1beta1
kubectl explain gadgets --api-version=shop.example.com/v2
kubectl explain crd.spec.names
kubectl get gd
kubectl apply -f access/gadget.yaml
kubectl get gadget one -o yaml
kubectl get gd
kubectl get gd -o wide
kubectl get all
kubectl get gd one -o jsonpath='{.spec.replicas} {.spec.parts[*].count}{"\n"}'
kubectl get gadgets.v1beta1.shop.example.com one -o yaml
kubectl describe gd one
kubectl apply -f access/gadget.yaml
kubectl diff -f access/gadget2.yaml
kubectl apply -f access/gadget2.yaml
kubectl get gd one -o yaml
kubectl create -f access/bad1.yaml
kubectl create -f access/bad1.yaml --validate=false
kubectl create -f access/bad1.yaml --validate=warn
kubectl create -f access/bad2.yaml
kubectl create -f access/bad3.yaml
kubectl apply -f access/bad3.yaml --dry-run=server
kubectl scale gd one --replicas=5
kubectl get gd one
kubectl scale gd one --replicas=20
kubectl get --raw /apis/shop.example.com/v1/namespaces/default/gadgets/one/scale | head -c 120
kubectl patch gd one --type=merge -p '{"spec":{"size":"XL","nope":1}}'
kubectl patch gd one -p '{"spec":{"size":"S"}}'
kubectl patch gd one --type=json -p '[{"op":"replace","path":"/spec/size","value":"S"}]'
kubectl patch gd one --type=merge -p '{"status":{"phase":"Ready"}}'
kubectl patch gd one --subresource=status --type=merge -p '{"status":{"phase":"Ready","replicas":3},"spec":{"size":"L"}}'
kubectl get gd one -o wide
kubectl get gd one --subresource=status -o jsonpath='{.status}{"\n"}'
kubectl wait --for=jsonpath='{.status.phase}'=Ready gd/one --timeout=2s
kubectl apply --server-side -f access/gadget2.yaml
kubectl apply --server-side --field-manager=other -f access/gadget.yaml
kubectl apply --server-side --field-manager=other -f access/gadget.yaml --force-conflicts
kubectl get gd one -o yaml --show-managed-fields
kubectl label gd one a=b
kubectl annotate gd one note=hello
kubectl get gd -l a=b --no-headers
kubectl get gd --field-selector=metadata.name=one -o name
kubectl get gd --field-selector=spec.size=S
kubectl get gd --sort-by=.spec.size
kubectl delete gd nope
kubectl get events --field-selector involvedObject.kind=Gadget
kubectl describe crd gadgets.shop.example.com
kubectl get crd gadgets.shop.example.com -o jsonpath='{.status.acceptedNames}{"\n"}{.status.storedVersions}{"\n"}'
kubectl patch crd gadgets.shop.example.com --type=merge -p '{"spec":{"scope":"Cluster"}}'
kubectl patch crd gadgets.shop.example.com --type=merge -p '{"spec":{"names":{"plural":"others"}}}'
kubectl delete crd gadgets.shop.example.com
kubectl get crd
printf 'kind: Pod\nmetadata: {name: x}\n' > bare.yaml; kubectl create -f bare.yaml
kubectl create -f bare.yaml --validate=false
printf 'kind: Deployment\nmetadata: {name: x}\n' > bare2.yaml; kubectl create -f bare2.yaml --validate=false
printf 'apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1.far.example.com}\nspec: {group: far.example.com, version: v1, groupPriorityMinimum: 100, versionPriority: 100, service: {name: nope, namespace: default}}\n' | kubectl apply -f -
sleep 1
kubectl get apiservice v1.far.example.com
kubectl api-resources --api-group=apps
kubectl api-versions | grep far
kubectl get foos.far.example.com
kubectl get pods
kubectl delete apiservice v1.far.example.com
kubectl apply -f access/paints.yaml
kubectl wait --for=condition=Established crd/paints.shop.example.com --timeout=10s
kubectl create -f access/paint.yaml
kubectl get paints --field-selector=spec.color=red
kubectl get paints --field-selector=spec.color!=red
kubectl get paints --field-selector=spec.nope=red
kubectl get paints.v1alpha1.shop.example.com
kubectl create -f access/paint2.yaml
kubectl patch paint one --type=merge -p '{"spec":{"until":"2020-01-01T00:00:00Z"}}'
kubectl patch paint one --type=merge -p '{"spec":{"amount":"3Gi"}}'
kubectl patch paint one --type=merge -p '{"spec":{"color":"blue"}}'
kubectl apply -f access/badrule.yaml
kubectl delete paints --all
kubectl delete crd paints.shop.example.com
