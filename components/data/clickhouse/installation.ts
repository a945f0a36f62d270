import { keeperConfig } from "./keeper-config";
import { CLUSTER, clientPorts, keeperHosts, keeperPort } from "./names";
import { PASSWORDS, passwordsSecretName } from "./passwords";
import { DATA, keeperPodTemplate, type PodFacts, type ServerPodFacts, serverPodTemplate } from "./pods";
import { type ServerConfigFacts, serverConfig } from "./server-config";
import { KEEPER_STORAGE_GIB, serverMemoryMiB } from "./sizes";
import { usersConfig } from "./users-config";

interface Volumes {
  readonly storageClass: string;
}

export interface InstallationFacts extends Omit<ServerPodFacts, "copies">, Volumes {
  readonly namespace: string;
  readonly shards: number;
  readonly replicas: number;
  readonly keepers: number;
  readonly storageGiB: number;
  readonly backup?: ServerConfigFacts["backup"];
}

/** Spec of the clickhouse.altinity.com/v1 ClickHouseInstallation. The operator's booleans are texts. */
export function installationSpec(facts: InstallationFacts) {
  const { name, namespace, shards, replicas, keepers, tlsSecret, backup } = facts;
  const secure = tlsSecret !== undefined;
  const replicated = keepers > 0;
  const copies = shards * replicas;
  return {
    defaults: {
      replicasUseFQDN: "yes",
      storageManagement: { provisioner: "Operator", reclaimPolicy: "Retain" },
      templates: { podTemplate: "server", dataVolumeClaimTemplate: DATA, serviceTemplate: "clients" },
    },
    reconcile: keepClaims,
    configuration: {
      ...(replicated
        ? {
            zookeeper: {
              nodes: keeperHosts(name, namespace, keepers).map((host) => ({
                host,
                port: keeperPort(secure).port,
                secure: secure ? "yes" : "no",
              })),
            },
          }
        : {}),
      files: {
        "config.d/orrery.xml": serverConfig({ secure, replicated, backup }),
        "users.d/orrery.xml": usersConfig({
          memoryMiB: serverMemoryMiB(facts.size, facts.environment),
          replicated,
          backup: backup !== undefined,
        }),
      },
      clusters: [
        {
          name: CLUSTER,
          ...(secure ? { secure: "yes", insecure: "no" } : {}),
          secret: { valueFrom: { secretKeyRef: { name: passwordsSecretName(name), key: PASSWORDS.cluster } } },
          // Alone, a budget would not protect it, only keep its node from ever being drained.
          pdbManaged: copies > 1 ? "yes" : "no",
          pdbMaxUnavailable: 1,
          layout: { shardsCount: shards, replicasCount: replicas },
        },
      ],
    },
    templates: {
      podTemplates: [serverPodTemplate({ ...facts, copies })],
      volumeClaimTemplates: [claimTemplate(facts, facts.storageGiB)],
      serviceTemplates: [clientService(secure)],
    },
  };
}

export interface KeeperFacts extends PodFacts, Volumes {}

/** Spec of the clickhouse-keeper.altinity.com/v1 ClickHouseKeeperInstallation. */
export function keeperSpec(facts: KeeperFacts) {
  const { copies, tlsSecret } = facts;
  return {
    defaults: {
      replicasUseFQDN: "yes",
      storageManagement: { provisioner: "Operator", reclaimPolicy: "Retain" },
      templates: { podTemplate: "keeper", dataVolumeClaimTemplate: DATA },
    },
    reconciling: keepClaims,
    configuration: {
      files: { "keeper_config.d/orrery.xml": keeperConfig({ secure: tlsSecret !== undefined }) },
      clusters: [
        {
          name: CLUSTER,
          pdbManaged: copies > 1 ? "yes" : "no",
          pdbMaxUnavailable: 1,
          layout: { replicasCount: copies },
        },
      ],
    },
    templates: {
      podTemplates: [keeperPodTemplate(facts)],
      volumeClaimTemplates: [claimTemplate(facts, KEEPER_STORAGE_GIB)],
    },
  };
}

/** Of what a spec does not name any more, everything goes but the data. */
const keepClaims = {
  cleanup: { unknownObjects: { statefulSet: "Delete", configMap: "Delete", service: "Delete", pvc: "Retain" } },
};

/** The claims get the labels of the resource itself. */
function claimTemplate({ storageClass }: Volumes, storageGiB: number) {
  return {
    name: DATA,
    provisioner: "Operator",
    reclaimPolicy: "Retain",
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: storageClass,
      resources: { requests: { storage: `${storageGiB}Gi` } },
    },
  };
}

/** One address for clients; the operator's own has the plain ports alone. */
function clientService(secure: boolean) {
  const { native, http } = clientPorts(secure);
  return {
    name: "clients",
    generateName: "{chi}",
    spec: {
      type: "ClusterIP",
      ports: [native, http].map(({ name, port }) => ({ name, port, targetPort: name })),
    },
  };
}
