kubectl explain pods
kubectl explain po.spec
kubectl explain pods.spec.containers
kubectl explain pods.spec.containers.resources
kubectl explain pods.spec.containers.resources.limits
kubectl explain pods.spec.containers.imagePullPolicy
kubectl explain pods.spec.containers.ports
kubectl explain pods.spec.containers.ports.protocol
kubectl explain pods.spec.containers.env.valueFrom --recursive
kubectl explain pods.spec.containers.securityContext
kubectl explain pods.spec.volumes
kubectl explain pods.spec.volumes.hostPath.type
kubectl explain pods.spec.affinity.podAntiAffinity --recursive
kubectl explain pods.spec.restartPolicy
kubectl explain pods.spec.tolerations.effect
kubectl explain pods.spec.dnsPolicy
kubectl explain pods.metadata
kubectl explain pods.metadata.labels
kubectl explain pods.metadata.ownerReferences
kubectl explain pods.status.phase
kubectl explain pods.status.containerStatuses.state
kubectl explain pods.apiVersion
kubectl explain pods.kind
kubectl explain pods --recursive | head -60
kubectl explain deployment
kubectl explain deploy.spec.strategy.rollingUpdate.maxSurge
kubectl explain deploy.spec.template.spec.containers.lifecycle --recursive
kubectl explain deployments.spec.selector
kubectl explain deployments.apps.spec.replicas
kubectl explain deployments.v1.apps.spec.paused
kubectl explain statefulset.spec.volumeClaimTemplates
kubectl explain sts.spec.updateStrategy
kubectl explain ds.spec.updateStrategy.type
kubectl explain job.spec
kubectl explain job.spec.completionMode
kubectl explain cronjob.spec.concurrencyPolicy
kubectl explain service.spec
kubectl explain svc.spec.ports.targetPort
kubectl explain svc.spec.externalTrafficPolicy
kubectl explain ingress.spec.rules.http.paths
kubectl explain ing.spec.rules.http.paths.pathType
kubectl explain netpol.spec.ingress.from
kubectl explain networkpolicies.spec.policyTypes
kubectl explain configmap
kubectl explain cm.data
kubectl explain secret.type
kubectl explain pvc.spec.accessModes
kubectl explain pv.spec.persistentVolumeReclaimPolicy
kubectl explain storageclass
kubectl explain sc.volumeBindingMode
kubectl explain hpa.spec.metrics
kubectl explain hpa --api-version=autoscaling/v1
kubectl explain hpa.spec --api-version=autoscaling/v2
kubectl explain hpa --api-version=autoscaling/v9
kubectl explain role.rules
kubectl explain clusterrolebinding.subjects
kubectl explain namespace.status
kubectl explain node.spec.taints
kubectl explain node.status.conditions
kubectl explain quota.spec.hard
kubectl explain limits.spec.limits
kubectl explain pdb.spec.maxUnavailable
kubectl explain endpointslice.endpoints.conditions
kubectl explain events
kubectl explain events --api-version=events.k8s.io/v1
kubectl explain crd.spec.versions.schema.openAPIV3Schema | head -30
kubectl explain crd.spec.scope
kubectl explain csr.spec
kubectl explain lease.spec
kubectl explain priorityclass
kubectl explain validatingwebhookconfigurations.webhooks.clientConfig
kubectl explain apiservice.spec
kubectl explain rs.spec.template --output=plaintext | head -30
kubectl explain pods.spec.containers --output=plaintext-openapiv2
kubectl explain pods.spec --output=plaintext-openapiv2 --recursive | head -40
kubectl explain pods --output=nope
kubectl explain pods.spec.nope.x
kubectl explain pods.spec.containers.nope
kubectl explain pods.spec.restartPolicy.x
kubectl explain nope.spec
kubectl explain
kubectl explain pods svc
kubectl explain pods --api-version=v2
kubectl explain pods --api-version=apps/v1
kubectl explain deployment --api-version=apps/v1
kubectl explain Pod
kubectl explain PODS.spec.hostNetwork
kubectl explain pod/x
