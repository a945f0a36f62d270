import { isMap, type PropertyValue } from "../framework";
import { isConfigMap, isSecret, type KubeObject, kindOfObject } from "./objects";

/**
 * Fields whose change replaces the object, as in the official provider. Paths are of map keys; `*` is any element of
 * an array. A path stands for everything below it too.
 */
const CONTAINER_FIELDS = [
  "args",
  "command",
  "env",
  "image",
  "imagePullPolicy",
  "lifecycle",
  "livenessProbe",
  "ports",
  "readinessProbe",
  "resources",
  "securityContext",
  "stdin",
  "stdinOnce",
  "terminationMessagePath",
  "terminationMessagePolicy",
  "tty",
  "volumeDevices",
  "volumeMounts",
  "workingDir",
];

const POD_FIELDS = [
  "affinity",
  "automountServiceAccountToken",
  "dnsConfig",
  "dnsPolicy",
  "enableServiceLinks",
  "hostAliases",
  "hostIPC",
  "hostNetwork",
  "hostPID",
  "hostname",
  "imagePullSecrets",
  "nodeName",
  "nodeSelector",
  "overhead",
  "preemptionPolicy",
  "priority",
  "priorityClassName",
  "readinessGates",
  "restartPolicy",
  "runtimeClassName",
  "schedulerName",
  "securityContext",
  "serviceAccount",
  "serviceAccountName",
  "shareProcessNamespace",
  "subdomain",
  "terminationGracePeriodSeconds",
  "volumes",
];

const VOLUME_SOURCES = [
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "cephfs",
  "cinder",
  "csi",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "glusterfs",
  "hostPath",
  "iscsi",
  "local",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
];

const SELECTOR = ["spec.selector"];
const ROLE_BINDING = ["roleRef"];

/** `group/version/Kind` -> fields. */
const FIELDS: Record<string, readonly string[]> = {
  "apps/v1/DaemonSet": SELECTOR,
  "apps/v1/Deployment": SELECTOR,
  "apps/v1/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/v1/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ROLE_BINDING,
  "rbac.authorization.k8s.io/v1/RoleBinding": ROLE_BINDING,
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "/v1/PersistentVolume": VOLUME_SOURCES.map((source) => `spec.${source}`),
  "/v1/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "/v1/Pod": [
    ...POD_FIELDS.map((field) => `spec.${field}`),
    ...["containers", "initContainers"].flatMap((list) => CONTAINER_FIELDS.map((field) => `spec.${list}.*.${field}`)),
  ],
  "/v1/ResourceQuota": ["spec.scopes"],
  "/v1/Secret": ["type"],
  "/v1/Service": ["spec.clusterIP"],
};

const IDENTITY = ["metadata.name", "metadata.namespace"];

export interface Mutability {
  /** Change a ConfigMap's data in place. */
  enableConfigMapMutable: boolean;
  /** Change a Secret's data in place. */
  enableSecretMutable: boolean;
}

/** The fields whose change replaces this object. Another name or namespace is always another object. */
export function immutableFields(object: KubeObject, mutability: Mutability): string[] {
  const { group, version, kind } = kindOfObject(object);
  const locked = object["immutable"] === true;
  if (isSecret(object) && (locked || !mutability.enableSecretMutable)) {
    return [...IDENTITY, "type", "stringData", "data"];
  }
  if (isConfigMap(object) && (locked || !mutability.enableConfigMapMutable)) {
    return [...IDENTITY, "binaryData", "data"];
  }
  return [...IDENTITY, ...(FIELDS[`${group}/${version}/${kind}`] ?? [])];
}

/**
 * Whether a change at `path` touches one of the fields: at it, below it, or a whole parent whose value holds it.
 * `value` is what was added or changed to, or what was removed.
 */
export function touches(
  path: readonly (string | number)[],
  value: PropertyValue | undefined,
  fields: readonly string[],
): boolean {
  return fields.some((field) => {
    const parts = field.split(".");
    const above = parts.slice(0, path.length);
    return above.every((part, index) => matches(part, path[index])) && holds(value, parts.slice(path.length));
  });
}

function matches(part: string, key: string | number | undefined): boolean {
  return part === "*" ? typeof key === "number" : part === key;
}

function holds(value: PropertyValue | undefined, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) {
    return true;
  }
  if (Array.isArray(value)) {
    return key === "*" && value.some((element) => holds(element, rest));
  }
  return isMap(value) && key in value && holds(value[key], rest);
}
