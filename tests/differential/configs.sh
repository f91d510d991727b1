kubectl config get-contexts --no-headers
kubectl config get-contexts -o name
kubectl config get-contexts -o nope
kubectl config get-clusters
kubectl config get-users
kubectl config current-context
kubectl config current-context extra
kubectl config set-cluster dev --server=https://1.2.3.4:6443 --insecure-skip-tls-verify=true
kubectl config set-cluster dev --server=https://1.2.3.4:6443 --certificate-authority=app/hello.txt --embed-certs=true
kubectl config set-cluster dev --certificate-authority=x --insecure-skip-tls-verify=true
kubectl config set-credentials anna --token=abc
kubectl config set-credentials anna --username=anna --password=secret
kubectl config set-credentials ben --username=ben --password=secret
kubectl config set-credentials ben --client-certificate=nope.crt --embed-certs
kubectl config set-credentials ben --auth-provider=oidc --auth-provider-arg=client-id=x
kubectl config set-credentials ex --exec-command=/bin/x --exec-api-version=client.authentication.k8s.io/v1 --exec-arg=a --exec-env=A=b
kubectl config set-context dev --cluster=dev --user=anna --namespace=team
kubectl config set-context dev --namespace=other
kubectl config set-context --current --cluster=dev --kubeconfig=empty
kubectl config get-contexts dev
kubectl config get-contexts dev nope
kubectl config view -o jsonpath='{.contexts[?(@.name=="dev")].context}{"\n"}'
kubectl config view -o jsonpath='{.users[?(@.name=="ben")].user}{"\n"}'
kubectl config view -o jsonpath='{.users[?(@.name=="anna")].user}{"\n"}' --raw
kubectl config view --context=dev --minify
kubectl config view --minify --context=nope
kubectl config view --flatten -o jsonpath='{.clusters[?(@.name=="dev")]}{"\n"}'
kubectl config set contexts.dev.namespace prod
kubectl config set clusters.dev.server https://5.6.7.8
kubectl config set nope.x y
kubectl config set preferences.colors true
kubectl config set contexts.new.user anna
kubectl config unset contexts.dev.namespace
kubectl config unset contexts.nope
kubectl config unset nope
kubectl config rename-context dev stage
kubectl config rename-context dev stage
kubectl config use-context stage
kubectl config current-context
kubectl get pods --context=nope
kubectl config use-context nope
kubectl config delete-context stage
kubectl config current-context
kubectl config delete-context stage
kubectl config delete-cluster dev
kubectl config delete-cluster dev
kubectl config delete-user anna
kubectl config delete-user nope
kubectl config unset current-context
kubectl config current-context
kubectl config get-contexts
kubectl config view -o nope
kubectl config set-context --current --namespace=x
KUBECONFIG=a.yaml kubectl config set-cluster one --server=http://one
KUBECONFIG=b.yaml kubectl config set-cluster two --server=http://two
KUBECONFIG=a.yaml:b.yaml kubectl config get-clusters
KUBECONFIG=a.yaml:b.yaml kubectl config view
KUBECONFIG=nope.yaml kubectl config view
KUBECONFIG=a.yaml kubectl config view -o json
KUBECONFIG=app/hello.txt kubectl config view
kubectl --kubeconfig=a.yaml config set-context c --cluster=one
cat a.yaml
