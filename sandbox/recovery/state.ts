/** The parts of an exported stack (`pulumi stack export`) that recovery reads and changes. */
export interface StackExport {
  version: number;
  deployment: Deployment;
}

export interface Deployment {
  resources?: ResourceState[];
  pending_operations?: PendingOperation[];
}

export interface ResourceState {
  urn: string;
  type: string;
  custom?: boolean;
  id?: string;
  inputs?: Properties;
  outputs?: Properties;
  /** `<URN of the provider>::<its id>` */
  provider?: string;
  /** Its create or last update began and failed; the engine retries it as an update. */
  initErrors?: string[];
  /** Waits for its deletion, because another one took its place. */
  delete?: boolean;
  /** Deleted already; what takes its place has not been made yet. */
  pendingReplacement?: boolean;
}

export type Properties = Record<string, unknown>;

/** What the engine had begun and not ended when it died. */
export interface PendingOperation {
  resource: ResourceState;
  type: "creating" | "updating" | "deleting" | "reading" | "importing";
}

/** The deployment in a state file of the file backend. `pulumi stack import` writes its key as Go spells it. */
export function deploymentOf(stateFile: string): Deployment {
  const { checkpoint } = JSON.parse(stateFile) as { checkpoint?: { latest?: Deployment; Latest?: Deployment } };
  return checkpoint?.latest ?? checkpoint?.Latest ?? {};
}

/** How Pulumi marks a secret in an export. */
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";

/** The value without its secret marks; a secret that is still encrypted becomes undefined. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const map = value as Properties;
  if (map[SIGNATURE_KEY] === SECRET_SIGNATURE) {
    return typeof map.plaintext === "string" ? plain(JSON.parse(map.plaintext)) : undefined;
  }
  return Object.fromEntries(Object.entries(map).map(([key, entry]) => [key, plain(entry)]));
}

/** A property as text; "" when it is not there. Ids are numbers in some places and strings in others. */
export function text(properties: Properties | undefined, key: string): string {
  const value = plain(properties?.[key]);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Servers of which the state says that something failed while they were made or changed. */
export function failedServers({ resources = [] }: Deployment): ResourceState[] {
  return resources.filter(
    ({ type, id, initErrors = [] }) =>
      type === "hcloud:index/server:Server" && id !== undefined && initErrors.length > 0,
  );
}

/** "orrery-dev-general-1 (hcloud Server)" for the operator. */
export function describe({ urn, type }: ResourceState): string {
  const name = urn.split("::").slice(3).join("::");
  const [provider = "", , kind = type] = type.split(":");
  return `${name} (${provider} ${kind})`;
}
