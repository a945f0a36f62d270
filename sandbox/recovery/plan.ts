import { type ApiObject, carriesLabels, type HcloudLookup, hcloudLookup } from "./hcloud";
import { describe, type PendingOperation, plain, type ResourceState, text } from "./state";

/** What has to be asked about a pending operation before it can be decided. */
export type Question =
  | { about: "hcloud"; lookup: HcloudLookup }
  | { about: "release"; namespace: string; name: string; provider: string }
  | { about: "nothing" };

/** What the account or the cluster answered. */
export type Answer =
  | { found: "hcloud"; object: ApiObject }
  /** Helm's records of a release, by revision; the newest last. */
  | { found: "release"; records: ReleaseRecord[] }
  | { found: "nothing" }
  /** Could not be asked; the reason is for the operator. */
  | { found: "unknown"; reason: string };

/** One revision of a Helm release: a Secret in its namespace. */
export interface ReleaseRecord {
  secret: string;
  revision: number;
  /** deployed, superseded, failed, pending-install, pending-upgrade, pending-rollback, uninstalling, uninstalled */
  status: string;
}

export interface Decision {
  operation: PendingOperation;
  /**
   * adopt: into the state under `id`, then read from the provider. refresh: the resource is in the state, and is read.
   * drop: forgotten. keep: stays pending, because nothing is known.
   */
  action: "adopt" | "drop" | "refresh" | "keep";
  id?: string;
  /** Helm's records that are in the way of the next operation on the release. */
  deleteRecords?: string[];
  /** The server is there but was never switched on. */
  powerOn?: boolean;
  /** For the operator. */
  line: string;
}

/**
 * A server whose creation failed at Hetzner stays "initializing" for good, and the engine would take it for made. It
 * never ran, so nothing is lost with it. Any other status is left to the engine and the provider.
 */
export interface BrokenServer {
  urn: string;
  id: string;
  line: string;
}

/** Pure: whether a server with a failed create or update is one that never came to life. */
export function brokenServer(resource: ResourceState, answer: Answer): BrokenServer | undefined {
  if (answer.found !== "hcloud" || answer.object.status !== "initializing" || !resource.id) return undefined;
  const line = `${describe(resource)}: its creation failed at Hetzner and ${resource.id} never ran; deleted, the next \`up\` makes it again`;
  return { urn: resource.urn, id: resource.id, line };
}

/** Why a create of these can be forgotten. */
const LOCAL: Readonly<Record<string, string>> = {
  random: "it existed nowhere but in the state, and nothing has used it",
  tls: "it existed nowhere but in the state, and nothing has used it",
  command: "its command may run again",
  pulumi: "the engine makes it again",
};

export function providerOf(resource: ResourceState): string {
  return resource.type.split(":")[0] ?? "";
}

const isRelease = ({ type }: ResourceState) => /^kubernetes:helm\.sh\/v\d+:Release$/.test(type);

/** What to ask before deciding. Only creates and changes of releases depend on what is there. */
export function questionOf({ resource, type }: PendingOperation): Question {
  if (isRelease(resource) && (type === "creating" || type === "updating")) {
    const name = text(resource.inputs, "name");
    const namespace = text(resource.inputs, "namespace") || "default";
    if (name === "") return { about: "nothing" };
    return { about: "release", namespace, name, provider: resource.provider ?? "" };
  }
  if (providerOf(resource) === "hcloud" && type === "creating") {
    const lookup = hcloudLookup(resource);
    if (lookup) return { about: "hcloud", lookup };
  }
  return { about: "nothing" };
}

/** Pure: what becomes of one pending operation. `known` are the ids in the state, by type. */
export function decide(
  operation: PendingOperation,
  answer: Answer,
  known: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): Decision {
  const { resource, type } = operation;
  const what = describe(resource);
  if (answer.found === "unknown") {
    return { operation, action: "keep", line: `${what}: ${answer.reason}; left as it is` };
  }
  if (isRelease(resource) && answer.found === "release") return decideRelease(operation, answer.records);
  if (type === "reading" || type === "importing") {
    return { operation, action: "drop", line: `${what}: was being ${PAST[type]}; the next \`up\` does so again` };
  }
  if (type !== "creating") {
    return { operation, action: "refresh", line: `${what}: was being ${PAST[type]}; read again` };
  }
  if (resource.custom === false || LOCAL[providerOf(resource)] !== undefined) {
    const why = LOCAL[providerOf(resource)] ?? "it is only a group of others";
    return { operation, action: "drop", line: `${what}: dropped, ${why}` };
  }
  if (providerOf(resource) === "kubernetes") return decideObject(operation);
  if (providerOf(resource) === "hcloud") return decideHcloud(operation, answer, known);
  return {
    operation,
    action: "keep",
    line: `${what}: look whether it was made; then \`pulumi refresh --clear-pending-creates\`, or \`pulumi import\` it`,
  };
}

const PAST: Readonly<Record<PendingOperation["type"], string>> = {
  creating: "made",
  updating: "changed",
  deleting: "deleted",
  reading: "read",
  importing: "imported",
};

/** Server-side apply makes an object or takes it over, so the next `up` finds it, by the name that the program gave. */
function decideObject(operation: PendingOperation): Decision {
  const { resource } = operation;
  const metadata = (plain(resource.inputs?.metadata) ?? {}) as {
    name?: string;
    namespace?: string;
    annotations?: Record<string, string>;
  };
  const what = describe(resource);
  if (metadata.annotations?.["pulumi.com/autonamed"] === "true") {
    const at = `${metadata.namespace ? `-n ${metadata.namespace} ` : ""}${metadata.name}`;
    const kind = resource.type.split(":").at(-1)?.toLowerCase();
    return {
      operation,
      action: "drop",
      line: `${what}: dropped; its name was made up and the next one's differs: \`kubectl delete ${kind} ${at}\` removes it`,
    };
  }
  return { operation, action: "drop", line: `${what}: dropped; the next \`up\` takes over what is in the cluster` };
}

function decideHcloud(
  operation: PendingOperation,
  answer: Answer,
  known: ReadonlyMap<string, ReadonlySet<string>>,
): Decision {
  const { resource } = operation;
  const what = describe(resource);
  const lookup = hcloudLookup(resource);
  if (!lookup) {
    return {
      operation,
      action: "keep",
      line: `${what}: recovery does not know this type; look in the console, then \`pulumi import\` it or \`pulumi refresh --clear-pending-creates\``,
    };
  }
  const missing: Decision = { operation, action: "drop", line: `${what}: was not made; the next \`up\` makes it` };
  if (answer.found !== "hcloud") return missing;
  if (lookup.kind === "part") {
    if (!lookup.holds(answer.object)) return missing;
    return { operation, action: "adopt", id: lookup.id, line: `${what}: was made; adopted as ${lookup.id}` };
  }
  const id = String(answer.object.id);
  // The one that it was to replace, which still has the name.
  if (known.get(resource.type)?.has(id)) return missing;
  if (!carriesLabels(answer.object, lookup.labels)) {
    return {
      operation,
      action: "drop",
      line:
        `${what}: the name is taken by ${id}, which does not carry this cluster's labels and was left alone. ` +
        "Rename or delete it in the console, or choose another cluster.name",
    };
  }
  const powerOn = resource.type === "hcloud:index/server:Server" && answer.object.status === "off";
  const line = `${what}: was made; adopted as ${id}${powerOn ? " and switched on" : ""}`;
  return { operation, action: "adopt", id, ...(powerOn && { powerOn }), line };
}

/**
 * A release that Helm believes to be in the middle of something refuses every further change. Its record of that is
 * deleted, and nothing else: what it made stays, and the next install takes it over by Helm's own labels on it.
 */
function decideRelease(operation: PendingOperation, records: ReleaseRecord[]): Decision {
  const { resource, type } = operation;
  const what = describe(resource);
  const newest = records.at(-1);
  if (type === "creating") {
    if (!newest) return { operation, action: "drop", line: `${what}: was not installed; the next \`up\` installs it` };
    if (newest.status === "deployed") {
      const id = `${text(resource.inputs, "namespace") || "default"}/${text(resource.inputs, "name")}`;
      return { operation, action: "adopt", id, line: `${what}: was installed; adopted as ${id}` };
    }
    return {
      operation,
      action: "drop",
      deleteRecords: records.map(({ secret }) => secret),
      line: `${what}: was left at ${newest.status}; Helm's record of it is deleted, and the next \`up\` installs it again`,
    };
  }
  if (newest?.status.startsWith("pending-")) {
    return {
      operation,
      action: "refresh",
      deleteRecords: [newest.secret],
      line: `${what}: revision ${newest.revision} was left at ${newest.status}; Helm's record of it is deleted, and the next \`up\` changes it again`,
    };
  }
  return { operation, action: "refresh", line: `${what}: was being changed; read again` };
}
