import type { Manifest } from "./manifests";
import type { ControlPlaneSettings } from "./material";

function corefile(domain: string): string {
  return `.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    prometheus :9153
    kubernetes ${domain} in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;
}

/** CoreDNS as Talos ships it: what it requests, what it tolerates and how it spreads are what counts here. */
export function coreDns({ coreDNS, dnsDomain, dnsServiceIPs }: ControlPlaneSettings): Manifest[] {
  const namespace = "kube-system";
  const labels = { "k8s-app": "kube-dns" };
  const rbac = { "kubernetes.io/bootstrapping": "rbac-defaults" };
  const port = (name: string, number: number, protocol: string) => ({
    name,
    port: number,
    protocol,
    targetPort: number,
  });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "coredns", namespace } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "system:coredns", labels: rbac },
      rules: [
        { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"], verbs: ["list", "watch"] },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "system:coredns", labels: rbac },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:coredns" },
      subjects: [{ kind: "ServiceAccount", name: "coredns", namespace }],
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "coredns", namespace },
      data: { Corefile: corefile(dnsDomain) },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "kube-dns",
        namespace,
        labels: { ...labels, "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
      },
      spec: {
        selector: labels,
        clusterIP: dnsServiceIPs[0],
        clusterIPs: dnsServiceIPs,
        ports: [port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", 9153, "TCP")],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "coredns", namespace, labels: { ...labels, "kubernetes.io/name": "CoreDNS" } },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
        template: { metadata: { labels }, spec: podSpec(coreDNS.image) },
      },
    },
  ];
}

function podSpec(image: string): Record<string, unknown> {
  return {
    serviceAccountName: "coredns",
    priorityClassName: "system-cluster-critical",
    dnsPolicy: "Default",
    nodeSelector: { "kubernetes.io/os": "linux" },
    tolerations: [
      { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
      { key: "node.cloudprovider.kubernetes.io/uninitialized", operator: "Exists", effect: "NoSchedule" },
    ],
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: {
              labelSelector: { matchExpressions: [{ key: "k8s-app", operator: "In", values: ["kube-dns"] }] },
              topologyKey: "kubernetes.io/hostname",
            },
          },
        ],
      },
    },
    containers: [
      {
        name: "coredns",
        image,
        args: ["-conf", "/etc/coredns/Corefile"],
        env: [{ name: "GOMEMLIMIT", value: "161MiB" }],
        ports: [
          { name: "dns", containerPort: 53, protocol: "UDP" },
          { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
          { name: "metrics", containerPort: 9153, protocol: "TCP" },
        ],
        resources: { requests: { cpu: "100m", memory: "70Mi" }, limits: { memory: "170Mi" } },
        livenessProbe: { httpGet: { path: "/health", port: 8080 }, initialDelaySeconds: 60, failureThreshold: 5 },
        readinessProbe: { httpGet: { path: "/ready", port: 8181 } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
        },
        volumeMounts: [{ name: "config-volume", mountPath: "/etc/coredns", readOnly: true }],
      },
    ],
    volumes: [
      { name: "config-volume", configMap: { name: "coredns", items: [{ key: "Corefile", path: "Corefile" }] } },
    ],
  };
}
