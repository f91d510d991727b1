kubectl apply -f two.yaml
kubectl run target --image=nginx --labels=app=t --annotations=note=hi --port=80
kubectl wait --for=condition=Ready pod/target pod/two --timeout=60s
kubectl debug target --image=busybox --profile=general -c g -- sleep 1
kubectl get pod target -o jsonpath='{.spec.ephemeralContainers}'
kubectl debug target --image=busybox --profile=restricted -c r --env=A=b -- sleep 1
kubectl debug target --image=busybox --profile=netadmin -c n --image-pull-policy=Always --arguments-only -- sleep 1
kubectl debug target --image=busybox --profile=sysadmin -c s --target=target -- sleep 1
kubectl debug target --image=busybox --profile=baseline -c b -q -- sleep 1
kubectl get pod target -o jsonpath='{range .spec.ephemeralContainers[*]}{.name}{" "}{.securityContext}{" "}{.targetContainerName}{"\n"}{end}'
kubectl describe pod target | grep -A12 'Ephemeral Containers'
kubectl debug target --image=busybox --profile=nope
kubectl debug target --image=busybox --profile=general --custom=custom.yaml -c cu -- sleep 1
kubectl get pod target -o jsonpath='{.spec.ephemeralContainers[-1:]}'
kubectl debug target --image=busybox --profile=general --custom=nope.yaml
kubectl debug target --copy-to=copy1 --set-image='*=nginx:1.26' --profile=general
kubectl get pod copy1 --show-labels --no-headers | cut -c1-20
kubectl get pod copy1 -o jsonpath='{.spec.containers[0].image}{" "}{.metadata.labels}{" "}{.metadata.annotations}{" "}{.spec.shareProcessNamespace}{"\n"}'
kubectl debug target --copy-to=copy2 --image=busybox -c side --profile=general --keep-labels --keep-annotations -- sleep 5
kubectl get pod copy2 -o jsonpath='{.spec.containers[*].name}{" "}{.metadata.labels}{" "}{.metadata.annotations}{" "}{.spec.shareProcessNamespace}{" "}{.spec.containers[1].securityContext}{"\n"}'
kubectl debug two --copy-to=copy3 --container=main --profile=restricted --keep-init-containers=false -- sleep 5
kubectl get pod copy3 -o jsonpath='{.spec.containers[*].name}{" "}{.spec.containers[0].command}{" "}{.spec.containers[0].securityContext}{" "}{.spec.initContainers}{"\n"}'
kubectl debug two --copy-to=copy4 --set-image=main=busybox:1.35,side=nginx:1.25 --share-processes --same-node --profile=baseline
kubectl get pod copy4 -o jsonpath='{.spec.containers[*].image}{" "}{.spec.shareProcessNamespace}{"\n"}'
kubectl debug two --copy-to=copy4 --set-image=main=busybox
kubectl debug two --copy-to=copy5 --image=busybox --container=extra --profile=legacy -- sleep 5
kubectl get pod copy5 -o jsonpath='{.spec.containers[*].name}{" "}{.spec.shareProcessNamespace}{" "}{.metadata.labels}{"\n"}'
kubectl debug target --copy-to=copy6 --image=busybox -c x --replace --profile=sysadmin -- sleep 5
kubectl get pods -o name
kubectl debug two --copy-to=z
kubectl debug two --copy-to=z -- sh
kubectl debug two --copy-to=z -c nope -- sh
kubectl debug two --copy-to=z --image=busybox --target=main
kubectl debug two --image=busybox --replace
kubectl debug two --image=busybox --same-node
kubectl debug two --image=busybox --set-image=a=b
kubectl debug two --image='bad image'
kubectl debug two --image=busybox --image-pull-policy=Sometimes
kubectl debug two --copy-to=z --set-image=main='Bad Image'
kubectl debug two --image=busybox -t
kubectl debug --image=busybox
kubectl debug two --attach
kubectl debug deploy/nope --image=busybox
kubectl debug svc/kubernetes --image=busybox --profile=general
kubectl debug node/nope --image=busybox --profile=general
kubectl debug node/node-1 --image=busybox --profile=general -q -- sleep 1
kubectl debug node/node-1 --image=busybox --profile=sysadmin -q -c sys -- sleep 1
kubectl debug node/node-1 --image=busybox --profile=netadmin -q -c net -- sleep 1
kubectl debug node/node-1 --image=busybox --profile=restricted -q -c res -- sleep 1
kubectl debug node/node-1 --image=busybox --profile=baseline -q -c bas -- sleep 1
kubectl get pods --field-selector spec.nodeName=node-1 -o jsonpath='{range .items[?(@.spec.tolerations[0].operator=="Exists")]}{.spec.containers[0].name}{" "}{.spec.hostNetwork}{.spec.hostPID}{" "}{.spec.containers[0].securityContext}{" "}{.spec.volumes[0].name}{"\n"}{end}' | sort
kubectl debug two --image=busybox --profile=general -q -c file -- echo hi
sleep 5
kubectl logs two -c file
kubectl get pod two -o jsonpath='{.status.ephemeralContainerStatuses[0].state.terminated.reason}{" "}{.status.phase}{"\n"}'
