import type { Manifest } from "./objects";

const NAMESPACE = "default";

/**
 * `count` objects in the mixture of a service: account, configuration, Service, network policy, workload. Nothing runs
 * on the bench's API server, so the workload asks for no pod and nothing waits for one.
 */
export function growthObjects(count: number): Manifest[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `growth-${Math.floor(index / makers.length)}`;
    return makers[index % makers.length]!(name, {
      name,
      namespace: NAMESPACE,
      labels: { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "orrery" },
      annotations: { "pulumi.com/skipAwait": "true" },
    });
  });
}

const makers: readonly ((name: string, metadata: Manifest["metadata"]) => Manifest)[] = [
  (_, metadata) => ({ apiVersion: "v1", kind: "ServiceAccount", metadata, automountServiceAccountToken: false }),
  (name, metadata) => ({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { "settings.yaml": `name: ${name}\n` } }),
  (name, metadata) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: { selector: { "app.kubernetes.io/name": name }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
  }),
  (name, metadata) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata,
    spec: { podSelector: { matchLabels: { "app.kubernetes.io/name": name } }, policyTypes: ["Ingress", "Egress"] },
  }),
  (name, metadata) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas: 0,
      selector: { matchLabels: { "app.kubernetes.io/name": name } },
      template: {
        metadata: { labels: { "app.kubernetes.io/name": name } },
        spec: {
          containers: [
            {
              name: "main",
              image: "example.com/growth:1.0.0",
              ports: [{ name: "http", containerPort: 8080 }],
              resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
            },
          ],
        },
      },
    },
  }),
];
