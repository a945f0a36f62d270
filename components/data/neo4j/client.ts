import type { PodArgs, Variable } from "../../kit/pod";
import type { ConfigMapFiles, ScratchVolume } from "../../kit/volumes";
import { BOLT_PORT, paths } from "./config";
import { ADMIN_USER, PASSWORD_KEY, RUN_AS } from "./pods";
import { variables } from "./scripts";

const CA_FOLDER = "/etc/neo4j-ca";

/** How pods beside the server talk to it as its administrator, with cypher-shell of the server's own image. */
export interface AdminFacts {
  readonly host: string;
  readonly adminSecret: string;
  /** ConfigMap with `ca.crt` beside them. @default - plain text */
  readonly caConfigMap?: string;
}

/** `neo4j+s`: encrypted, and the certificate is checked. */
export function neo4jUri(host: string, encrypted: boolean): string {
  return `${encrypted ? "neo4j+s" : "neo4j"}://${host}:${BOLT_PORT}`;
}

export function caFile({ caConfigMap }: AdminFacts): string | undefined {
  return caConfigMap === undefined ? undefined : `${CA_FOLDER}/ca.crt`;
}

/** What cypher-shell reads. */
export function adminEnvironment({ host, adminSecret, caConfigMap }: AdminFacts): Record<string, Variable> {
  return {
    NEO4J_URI: neo4jUri(host, caConfigMap !== undefined),
    NEO4J_USERNAME: ADMIN_USER,
    [variables.password]: { secret: adminSecret, key: PASSWORD_KEY },
    JAVA_OPTS: "-Xmx256m",
    // Where it keeps a history of what it was told.
    HOME: paths.tmp,
  };
}

export const adminScratch: ScratchVolume = { name: "tmp", path: paths.tmp, sizeLimitMiB: 64 };

export function adminAuthority({ caConfigMap }: AdminFacts): ConfigMapFiles[] {
  return caConfigMap === undefined ? [] : [{ name: "neo4j-ca", path: CA_FOLDER, configMap: caConfigMap }];
}

export const adminRunAs: PodArgs["runAs"] = RUN_AS;
