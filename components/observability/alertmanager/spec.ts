import { imageReference, images, imageVersion } from "../../kit/images";
import { type Identity, labels, type PodIdentity } from "../../kit/labels";
import { priorityClassOf } from "../../kit/priorities";
import { NOBODY, podSecurityContext } from "../../kit/security";
import { type Environment, resources, type Size, type SizeTable } from "../../kit/sizes";
import { spreadInProd } from "../../kit/spread";

/** Name of the container port, and its number: alerts, the web page, and its own metrics. */
export const WEB = { name: "web", port: 9093 } as const;

/** The servers tell each other what they have sent already. */
export const PEERS = [
  { name: "mesh-tcp", port: 9094 },
  { name: "mesh-udp", port: 9094, protocol: "UDP" },
] as const;

const NAMESPACE = "observability";

/** Where the operator mounts a Secret that the custom resource names. */
const SECRETS_DIRECTORY = "/etc/alertmanager/secrets";

/** It holds alerts and silences: what it needs grows with alerts that fire, not with the cluster. */
const figures: SizeTable = {
  dev: {
    small: { cpuMillicores: 10, memoryMiB: 64 },
    medium: { cpuMillicores: 20, memoryMiB: 96 },
    large: { cpuMillicores: 20, memoryMiB: 128 },
  },
  prod: {
    small: { cpuMillicores: 20, memoryMiB: 128 },
    medium: { cpuMillicores: 50, memoryMiB: 192 },
    large: { cpuMillicores: 100, memoryMiB: 256 },
  },
};

export function alertmanagerIdentity(instance: string): Identity {
  return {
    name: "alertmanager",
    instance,
    component: "alerts",
    domain: NAMESPACE,
    version: imageVersion(images.alertmanager),
  };
}

/** Labels that the operator puts on all pods of one Alertmanager, and on nothing else. */
export function alertmanagerPods(name: string): PodIdentity {
  return {
    namespace: NAMESPACE,
    labels: {
      "app.kubernetes.io/name": "alertmanager",
      "app.kubernetes.io/instance": name,
      "app.kubernetes.io/managed-by": "prometheus-operator",
    },
    instance: name,
  };
}

/** Secret with alertmanager.yaml. */
export const configSecretName = (name: string) => `${name}-config`;

/** Secret with what the receivers need, each under its name in the settings. */
export const receiversSecretName = (name: string) => `${name}-receivers`;

/** Where the receivers' secrets are files. */
export const receiversDirectory = (name: string) => `${SECRETS_DIRECTORY}/${receiversSecretName(name)}`;

export interface AlertmanagerFacts {
  readonly identity: Identity;
  readonly environment: Environment;
  readonly replicas: number;
  readonly size: Size;
  readonly externalUrl?: string;
  /** Whether there is a Secret for receivers. */
  readonly hasReceivers: boolean;
}

/** Spec of the monitoring.coreos.com/v1 Alertmanager. */
export function alertmanagerSpec({
  identity,
  environment,
  replicas,
  size,
  externalUrl,
  hasReceivers,
}: AlertmanagerFacts) {
  const name = identity.instance;
  const { cpuMillicores, memoryMiB } = figures[environment][size];
  const { affinity, topologySpreadConstraints } = spreadInProd(environment, alertmanagerPods(name).labels);
  return {
    image: imageReference(images.alertmanager),
    version: images.alertmanager.tag,
    replicas,
    configSecret: configSecretName(name),
    ...(hasReceivers ? { secrets: [receiversSecretName(name)] } : {}),
    ...(externalUrl === undefined ? {} : { externalUrl }),
    portName: WEB.name,
    podMetadata: { labels: ownLabels(identity) },
    // It asks the Kubernetes API nothing.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurityContext(NOBODY),
    priorityClassName: priorityClassOf(identity.domain),
    resources: resources(cpuMillicores, memoryMiB),
    ...(replicas > 1 ? { affinity, topologySpreadConstraints } : {}),
    retention: "120h",
  };
}

/** Ours beside those that the operator sets itself. */
function ownLabels(identity: Identity): Record<string, string> {
  const operators = ["name", "instance", "managed-by", "version"].map((key) => `app.kubernetes.io/${key}`);
  return Object.fromEntries(Object.entries(labels(identity)).filter(([key]) => !operators.includes(key)));
}
