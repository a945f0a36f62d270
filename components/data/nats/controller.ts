import type { ChartValues } from "../../kit/chart";
import { exceptionAnnotations } from "../../kit/labels";
import { priorities } from "../../kit/priorities";
import { containerSecurityContext, NOBODY, podSecurityContext } from "../../kit/security";
import { resources } from "../../kit/sizes";

/** Key of the Secret with NACK's own key. */
export const CONTROLLER_KEY = "nack.nk";
const CA_FOLDER = "/etc/nats-ca";

export interface ControllerFacts {
  /** Name of its service account. */
  readonly name: string;
  readonly url: string;
  /** Secret with the key that it signs in with. */
  readonly keySecret: string;
  /** @default - plain text */
  readonly caConfigMap?: string;
}

/** Values of the chart of NACK, which makes streams and consumers from custom resources in its own namespace. */
export function controllerValues({ name, url, keySecret, caConfigMap }: ControllerFacts): ChartValues {
  const token = { rule: "service-account-token", reason: "it follows streams and consumers" };
  return {
    jetstream: {
      controlLoop: true,
      nats: { url, nkey: { secret: { name: keySecret, key: CONTROLLER_KEY } } },
      ...(caConfigMap === undefined ? {} : { tls: { enabled: true, settings: trust() } }),
    },
    ...(caConfigMap === undefined ? {} : trustVolume(caConfigMap)),
    namespaced: true,
    useLegacyNames: false,
    serviceAccountName: name,
    rbacRules,
    priorityClassName: priorities.platform.name,
    podAnnotations: exceptionAnnotations([token]),
    securityContext: podSecurityContext(NOBODY),
    containerSecurityContext: containerSecurityContext(true),
    resources: { ...resources(20, 64, 128) },
  };
}

function trust(): ChartValues {
  return { client_cert: "", client_key: "", client_ca: `${CA_FOLDER}/ca.crt` };
}

function trustVolume(configMap: string): ChartValues {
  return {
    additionalVolumes: [{ name: "ca", configMap: { name: configMap } }],
    additionalVolumeMounts: [{ name: "ca", mountPath: CA_FOLDER, readOnly: true }],
  };
}

/** The chart's own, without the right to read every Secret: its key is mounted. */
const rbacRules = `rules:
- apiGroups: [""]
  resources: [events]
  verbs: [create, update, patch]
- apiGroups: [jetstream.nats.io]
  resources: [streams, consumers, accounts, keyvalues, objectstores]
  verbs: [get, list, watch, update, patch]
- apiGroups: [jetstream.nats.io]
  resources: [streams/status, consumers/status, accounts/status, keyvalues/status, objectstores/status]
  verbs: [get, update, patch]
`;
