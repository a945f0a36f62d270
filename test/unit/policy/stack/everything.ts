import type { Subject } from "../../../../policy/framework/rule";
import { requests, subject } from "./objects";

/** A stack in which each rule over the stack has something to look at, and nothing to say. */
export interface Named {
  name: string;
  plain: object;
  subject: Subject;
}

const named = (type: string, name: string, plain: object): Named => ({
  name,
  plain,
  subject: subject(type, name, plain),
});

const k8s = (
  apiVersion: string,
  kind: string,
  name: string,
  body: object,
  inNamespace: string | undefined = "apps",
): Named =>
  named(`kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`, `${kind}-${name}`, {
    apiVersion,
    kind,
    metadata: { name, ...(inNamespace === "" ? {} : { namespace: inNamespace }) },
    ...body,
  });

const labels = {
  "managed-by": "x",
  "orrery.dev/cluster": "c",
  "orrery.dev/pool": "general",
  "orrery.dev/role": "worker",
};

const container = {
  name: "web",
  image: `registry.example/web@sha256:${"a".repeat(64)}`,
  resources: requests("100m", "128Mi"),
  ports: [{ name: "http", containerPort: 80 }],
  env: [{ name: "A", valueFrom: { secretKeyRef: { name: "web", key: "a" } } }],
};

const pods = (more: object = {}) => ({
  metadata: { labels: { app: "web" } },
  spec: {
    serviceAccountName: "web",
    priorityClassName: "high",
    nodeSelector: { "orrery.dev/pool": "general" },
    tolerations: [{ key: "team", operator: "Equal", value: "data", effect: "NoSchedule" }],
    containers: [container],
    volumes: [{ name: "config", configMap: { name: "web" } }],
    ...more,
  },
});

const gpuPods = {
  metadata: { labels: { app: "gpu" } },
  spec: {
    tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
    containers: [
      { name: "gpu", resources: { requests: { cpu: "1", "nvidia.com/gpu": "1" }, limits: { "nvidia.com/gpu": "1" } } },
    ],
  },
};

const claim = {
  accessModes: ["ReadWriteOnce"],
  storageClassName: "fast",
  resources: { requests: { storage: "10Gi" } },
};
const gateway = "gateway.networking.k8s.io/v1";
const rbac = "rbac.authorization.k8s.io/v1";

const node = (pool: string, type: string, taints: object[]) => ({
  name: `${pool}-1`,
  pool,
  type,
  role: "worker",
  labels: { team: pool },
  taints,
});

export const everything: readonly Named[] = [
  k8s("v1", "Namespace", "apps", {}, ""),
  k8s("v1", "ResourceQuota", "quota", { spec: { hard: { pods: "10" } } }),
  k8s("v1", "LimitRange", "limits", {
    spec: { limits: [{ type: "Container", defaultRequest: { cpu: "10m", memory: "16Mi" } }] },
  }),
  k8s("networking.k8s.io/v1", "NetworkPolicy", "deny", {
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  }),
  // Where Intel's operator makes the pods of its device plugin.
  k8s(
    "networking.k8s.io/v1",
    "NetworkPolicy",
    "deny-gpu",
    { spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
    "gpu",
  ),
  k8s("networking.k8s.io/v1", "NetworkPolicy", "dns", {
    spec: {
      podSelector: { matchLabels: { app: "web" } },
      policyTypes: ["Egress"],
      egress: [{ ports: [{ port: 53, protocol: "UDP" }] }],
    },
  }),
  k8s("cilium.io/v2", "CiliumNetworkPolicy", "api", {
    spec: { endpointSelector: { matchLabels: { app: "web" } }, egress: [{ toPorts: [{ ports: [{ port: "6443" }] }] }] },
  }),
  k8s("apps/v1", "Deployment", "web", { spec: { replicas: 2, template: pods() } }),
  k8s("apps/v1", "DaemonSet", "agent", { spec: { template: pods() } }),
  k8s("apps/v1", "StatefulSet", "db", {
    spec: {
      replicas: 3,
      template: {
        metadata: { labels: { app: "db", "app.kubernetes.io/name": "qdrant" } },
        spec: { containers: [container] },
      },
      volumeClaimTemplates: [{ spec: claim }],
    },
  }),
  k8s("apps/v1", "Deployment", "gpu", { spec: { template: gpuPods } }),
  k8s("deviceplugin.intel.com/v1", "GpuDevicePlugin", "time-slicing-10", {
    spec: { sharedDevNum: 10, nodeSelector: { "orrery.dev/gpu": "intel" }, tolerations: [{ operator: "Exists" }] },
  }),
  k8s("apps/v1", "Deployment", "scaled", {
    spec: { template: { metadata: { labels: { app: "scaled" } }, spec: { containers: [container] } } },
  }),
  k8s("autoscaling/v2", "HorizontalPodAutoscaler", "scaled", {
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "scaled" },
      minReplicas: 2,
      maxReplicas: 3,
    },
  }),
  k8s("policy/v1", "PodDisruptionBudget", "web", {
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: "web" } } },
  }),
  k8s("policy/v1", "PodDisruptionBudget", "db", {
    spec: { minAvailable: 2, selector: { matchLabels: { app: "db" } } },
  }),
  k8s("v1", "Service", "web", { spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }] } }),
  k8s("v1", "Secret", "web", {}),
  k8s("v1", "ConfigMap", "web", { data: { a: "b" } }),
  k8s("v1", "ServiceAccount", "web", {}),
  k8s("scheduling.k8s.io/v1", "PriorityClass", "high", { value: 1 }, ""),
  k8s(rbac, "Role", "web", { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] }),
  k8s(rbac, "RoleBinding", "web", {
    roleRef: { kind: "Role", name: "web" },
    subjects: [{ kind: "ServiceAccount", name: "web", namespace: "apps" }],
  }),
  k8s(
    "storage.k8s.io/v1",
    "StorageClass",
    "fast",
    {
      metadata: { name: "fast", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "csi.hetzner.cloud",
      reclaimPolicy: "Retain",
      volumeBindingMode: "WaitForFirstConsumer",
    },
    "",
  ),
  k8s("v1", "PersistentVolumeClaim", "data", { spec: claim }),
  k8s("v1", "PersistentVolumeClaim", "other", { spec: { ...claim, storageClassName: undefined } }),
  k8s("velero.io/v1", "Schedule", "nightly", {
    spec: {
      template: {
        includedNamespaces: ["apps"],
        excludedNamespaces: ["x"],
        labelSelector: { matchLabels: { app: "db" } },
      },
    },
  }),
  k8s("postgresql.cnpg.io/v1", "Cluster", "pg", {
    spec: {
      instances: 2,
      imageName: container.image,
      resources: requests("100m", "128Mi"),
      storage: { size: "10Gi", storageClass: "fast" },
      affinity: { nodeSelector: { team: "general" }, tolerations: [{ key: "team", operator: "Exists" }] },
    },
  }),
  k8s("postgresql.cnpg.io/v1", "ScheduledBackup", "pg", { spec: { cluster: { name: "pg" } } }),
  k8s("kafka.strimzi.io/v1", "KafkaNodePool", "brokers", {
    metadata: { name: "brokers", namespace: "apps", labels: { "strimzi.io/cluster": "kafka" } },
    spec: {
      replicas: 3,
      resources: requests("100m", "128Mi"),
      storage: { type: "jbod", volumes: [{ type: "persistent-claim", size: "10Gi", class: "fast" }] },
    },
  }),
  k8s("kafka.strimzi.io/v1", "Kafka", "kafka", {
    spec: { entityOperator: { topicOperator: { resources: requests("10m", "64Mi") } } },
  }),
  k8s("monitoring.coreos.com/v1", "Prometheus", "p", {
    spec: { replicas: 1, resources: requests("10m", "64Mi"), storage: { volumeClaimTemplate: { spec: claim } } },
  }),
  k8s("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "es", {
    spec: {
      nodeSets: [
        { name: "a", count: 1, podTemplate: { spec: { containers: [] } }, volumeClaimTemplates: [{ spec: claim }] },
      ],
    },
  }),
  k8s("monitoring.coreos.com/v1", "PodMonitor", "web", {
    spec: { selector: { matchLabels: { app: "web" } }, namespaceSelector: { matchNames: ["apps"] } },
  }),
  k8s("monitoring.coreos.com/v1", "ServiceMonitor", "web", { spec: { selector: { matchLabels: { app: "web" } } } }),
  k8s("cert-manager.io/v1", "Certificate", "web", { spec: { secretName: "web-tls", dnsNames: ["*.example.com"] } }),
  k8s("external-secrets.io/v1", "ExternalSecret", "x", { spec: { target: { name: "x" } } }),
  k8s(gateway, "Gateway", "public", {
    spec: {
      listeners: [
        {
          name: "https",
          protocol: "HTTPS",
          port: 443,
          hostname: "*.example.com",
          tls: { mode: "Terminate", certificateRefs: [{ name: "web-tls" }] },
        },
      ],
    },
  }),
  k8s(gateway, "HTTPRoute", "web", {
    spec: {
      parentRefs: [{ name: "public", sectionName: "https" }],
      hostnames: ["a.example.com"],
      rules: [{ matches: [{ path: { type: "PathPrefix", value: "/" }, headers: [{ name: "x", value: "1" }] }] }],
    },
  }),
  k8s("networking.k8s.io/v1", "Ingress", "web", {
    spec: {
      ingressClassName: "nginx",
      tls: [{ hosts: ["b.example.com"], secretName: "web-tls" }],
      rules: [{ host: "b.example.com", http: { paths: [{ path: "/", pathType: "Prefix" }] } }],
    },
  }),
  named("orrery:talos:Cluster", "cluster", {
    nodes: [1, 2, 3]
      .map(() => node("general", "ccx33", [{ key: "team", value: "data", effect: "PreferNoSchedule" }]))
      .concat(node("gpu", "GEX131", [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }])),
  }),
  ...["fsn1", "nbg1", "hel1"].map((location, index) =>
    named("hcloud:index/server:Server", `general-${index}`, {
      serverType: "ccx33",
      location,
      labels,
      placementGroupId: 1,
      firewallIds: [1],
      publicNets: [{ ipv4Enabled: true }],
      backups: false,
      userData: "x",
    }),
  ),
  named("hcloud:index/server:Server", "control-plane-1", {
    serverType: "cpx32",
    location: "fsn1",
    labels: { ...labels, "orrery.dev/role": "control-plane" },
  }),
  named("hcloud:index/network:Network", "network", { ipRange: "10.0.0.0/16", labels }),
  named("hcloud:index/networkSubnet:NetworkSubnet", "subnet", { networkId: 1, ipRange: "10.0.0.0/24" }),
  named("hcloud:index/loadBalancer:LoadBalancer", "balancer", { loadBalancerType: "lb11", location: "fsn1", labels }),
  named("hcloud:index/loadBalancerTarget:LoadBalancerTarget", "target", { loadBalancerId: 1 }),
  named("hcloud:index/firewall:Firewall", "firewall", { rules: [{ direction: "in" }], labels }),
  named("hcloud:index/placementGroup:PlacementGroup", "group", { labels }),
  named("hcloud:index/primaryIp:PrimaryIp", "address", { type: "ipv4", labels }),
  named("hcloud:index/volume:Volume", "volume", { size: 10, location: "fsn1", labels }),
  named("hcloud:index/volumeAttachment:VolumeAttachment", "attachment", { serverId: 1, volumeId: 2 }),
];
