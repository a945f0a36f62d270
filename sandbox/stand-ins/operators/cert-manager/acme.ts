import type { KubernetesObject, V1Secret } from "@kubernetes/client-node";
import { apiServices } from "../../extensions";
import { secrets } from "../../runtime/kinds";
import type { Observed } from "../types";

interface SecretKey {
  name: string;
  key: string;
}

export interface AcmeSpec {
  server?: string;
  email?: string;
  solvers?: Solver[];
}

interface Solver {
  selector?: { dnsNames?: string[]; dnsZones?: string[] };
  http01?: object;
  dns01?: {
    cloudflare?: { apiTokenSecretRef?: SecretKey };
    webhook?: { groupName: string; solverName: string };
  };
}

const forbidden = /@example\.(com|net|org)$/i;

/** Why the authority gives no account; undefined when it does. */
export function refusedAccount({ email }: AcmeSpec): string | undefined {
  return email !== undefined && forbidden.test(email)
    ? `Failed to register ACME account: 400 urn:ietf:params:acme:error:invalidContact: contact email has forbidden domain "${email.split("@")[1]}"`
    : undefined;
}

/** Why the challenge for a name cannot be solved; undefined when it can. */
export function unsolved(name: string, { solvers = [] }: AcmeSpec, observed: Observed): string | undefined {
  const wildcard = name.startsWith("*.");
  const fitting = solvers.filter((solver) => (solver.dns01 !== undefined || !wildcard) && selects(solver, name));
  // The most specific selector is taken: a name, then the longest zone.
  const [solver] = fitting.sort((a, b) => weight(b, name) - weight(a, name));
  if (solver === undefined) return `no configured challenge solvers can be used for the identifier ${name}`;
  return solver.dns01 === undefined ? undefined : missingForRecord(solver.dns01, observed);
}

function selects({ selector }: Solver, name: string): boolean {
  if (selector?.dnsNames === undefined && selector?.dnsZones === undefined) return true;
  return selector.dnsNames?.includes(name) === true || zonesOf(selector, name).length > 0;
}

function zonesOf(selector: Solver["selector"], name: string): string[] {
  const bare = name.replace(/^\*\./, "");
  return (selector?.dnsZones ?? []).filter((zone) => bare === zone || bare.endsWith(`.${zone}`));
}

function weight({ selector }: Solver, name: string): number {
  if (selector?.dnsNames?.includes(name)) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...zonesOf(selector, name).map((zone) => zone.length));
}

function missingForRecord(
  { cloudflare, webhook }: NonNullable<Solver["dns01"]>,
  observed: Observed,
): string | undefined {
  if (webhook !== undefined) {
    const { groupName, solverName } = webhook;
    const found = observed
      .list<KubernetesObject>(apiServices)
      .some(({ metadata }) => metadata?.name?.endsWith(`.${groupName}`));
    return found ? undefined : `the server could not find the requested resource (post ${solverName}.${groupName})`;
  }
  const { name = "", key = "" } = cloudflare?.apiTokenSecretRef ?? {};
  const secret = observed.find<V1Secret>(secrets, name, observed.operatorNamespace);
  if (secret === undefined) return `error getting cloudflare secret: secrets "${name}" not found`;
  return secret.data?.[key] === undefined
    ? `specified key "${key}" not found in secret ${observed.operatorNamespace}/${name}`
    : undefined;
}
