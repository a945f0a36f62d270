import { z } from "zod";
import { BackupSettings } from "./schema/backup";
import { CertificateSettings } from "./schema/certificates";
import { DnsSettings } from "./schema/dns";
import { doc } from "./schema/doc";
import { GatewaySettings } from "./schema/gateway";
import { IdentitySettings } from "./schema/identity";
import { InferenceSettings } from "./schema/inference";
import { ControlPlane, DedicatedMachine, DiskSelector, NodePool, Taint } from "./schema/machines";
import { AccessSettings, KubernetesApiSettings, MeshSettings, NetworkSettings } from "./schema/network";
import { ObjectSettings } from "./schema/objects";
import { ObservabilitySettings } from "./schema/observability";
import { SafetySettings } from "./schema/safety";
import { SecretSettings } from "./schema/secrets";
import { ChartSettings, ServiceSettings } from "./schema/services";
import { StorageSettings } from "./schema/storage";
import { TalosSettings, VersionSettings } from "./schema/talos";

/**
 * The shape of everything under `orrery:`. One source for the types, the defaults, the messages, Pulumi.yaml's config
 * schema and docs/settings.md. Rules that look at more than one field, or need more than a range, are in rules/.
 */
export const Settings = z.strictObject({
  environment: doc(
    z.enum(["dev", "prod"]),
    "Kind of environment. prod insists on three control planes and on replicas, and protects its servers.",
  ),
  cluster: doc(
    z.strictObject({
      name: doc(z.string(), "Name of the cluster, the first part of every server's name.", {
        allowed: "lower-case letters, digits and hyphens, at most 32",
        replaces: "the whole cluster",
      }),
      domain: doc(z.string(), "DNS domain under which the cluster and its services are found.", {
        allowed: "a lower-case DNS name with a dot",
        replaces: "certificates and routes",
      }),
    }),
    "What the cluster is called.",
  ),
  versions: doc(VersionSettings.prefault({}), "Versions of Talos and Kubernetes."),
  network: doc(NetworkSettings.prefault({}), "Private network, and the addresses of pods and services."),
  access: doc(AccessSettings, "Who may administer the cluster from outside."),
  kubernetesApi: doc(KubernetesApiSettings.prefault({}), "How the Kubernetes API is reached."),
  controlPlane: doc(ControlPlane.prefault({}), "The control planes: cloud servers with etcd and the Kubernetes API."),
  pools: doc(z.array(NodePool).default([]), "Pools of cloud servers that run the pods."),
  dedicated: doc(
    z.array(DedicatedMachine).default([]),
    "Dedicated machines of Hetzner Robot, with or without GPU: ordered by hand, joined over the mesh.",
  ),
  talos: doc(TalosSettings.prefault({}), "The operating system of all machines."),
  mesh: doc(MeshSettings.prefault({}), "Encrypted networks between the nodes and to administrators."),
  storage: doc(StorageSettings.prefault({}), "StorageClasses."),
  gateway: doc(GatewaySettings.prefault({}), "The way in: gateway, load balancer, routes."),
  certificates: doc(CertificateSettings.prefault({}), "TLS certificates: who issues them, and for which names."),
  dns: doc(DnsSettings.prefault({}), "DNS records, and ways in without open ports."),
  objects: doc(ObjectSettings.prefault({}), "Object storage: buckets, in the cluster or outside."),
  secrets: doc(SecretSettings.prefault({}), "Where secrets come from that people bring along."),
  identity: doc(IdentitySettings.prefault({}), "Who people are: the identity provider."),
  safety: doc(SafetySettings.prefault({}), "What watches and measures the cluster."),
  backup: doc(BackupSettings.prefault({}), "Backups of volumes, databases and etcd."),
  observability: doc(ObservabilitySettings.prefault({}), "Metrics, logs, traces, dashboards and alerts."),
  inference: doc(InferenceSettings.prefault({}), "Models: what serves them, on which GPUs, and for whom."),
  charts: doc(ChartSettings.prefault({}), "Where Helm charts come from."),
  services: doc(ServiceSettings.prefault({}), "Services that run on the platform."),
  protection: doc(
    z.boolean().optional(),
    "Deletion and rebuild protection on servers, network, load balancer and addresses. To tear prod down, set it to false and run `pulumi up` first.",
    { defaultText: "true in prod, false in dev" },
  ),
  cost: doc(
    z
      .strictObject({
        monthlyCeilingEur: doc(
          z.number().positive().optional(),
          "Refuse an environment that costs more than this, in EUR for each month, net.",
          { defaultText: "no ceiling" },
        ),
      })
      .prefault({}),
    "What the environment may cost.",
  ),
});

export { ControlPlane, DedicatedMachine, DiskSelector, NodePool, Taint };

export type Settings = z.output<typeof Settings>;
export type SettingsInput = z.input<typeof Settings>;
