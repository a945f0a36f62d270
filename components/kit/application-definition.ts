import { AUTHORITY_FILE, authorityFiles } from "./authority";
import type { Domain } from "./domains";
import { type ImagePin, imageReference } from "./images";
import type { ModelKey } from "./models";
import type { Variable } from "./pod";
import type { RunAs } from "./security";
import type { ServiceArgs } from "./service";
import { type Environment, resourcesFor, type Size } from "./sizes";
import type { TraceEndpoint } from "./telemetry";
import type { ScratchVolume } from "./volumes";

/** Keys of a database's Secret. */
export type DatabaseKey = "host" | "port" | "dbname" | "user" | "password" | "uri";

/** The usual five variables of a database, behind a prefix. */
export function databaseVariables(prefix: string): Record<string, DatabaseKey> {
  const keys = { HOST: "host", PORT: "port", DATABASE: "dbname", USER: "user", PASSWORD: "password" } as const;
  return Object.fromEntries(Object.entries(keys).map(([name, key]) => [`${prefix}${name}`, key]));
}

/** What is unique to an application. Everything else the kit gives. */
export interface ApplicationDefinition {
  /** For the catalogue and the settings' reference. */
  readonly description: string;
  readonly software: string;
  /** The part that it plays. */
  readonly component: string;
  readonly domain: Domain;
  readonly image: ImagePin;
  /** Port on which it answers HTTP. */
  readonly port: number;
  /** HTTP paths: may it get traffic, must it be restarted? */
  readonly probes: { readonly ready: string; readonly live: string };
  /** @default - no metrics */
  readonly metricsPath?: string;
  /** @default user and group 65532 */
  readonly runAs?: RunAs;
  /** A database of its own, and which of the Secret's keys goes into which variable. @default - none */
  readonly database?: {
    readonly name: string;
    readonly environment: Readonly<Record<string, DatabaseKey>>;
    /**
     * Variables by which it believes the server's certificate: that of the authority is in this file. Undefined: the
     * certificate is of an authority that nobody knows. @default - none
     */
    readonly trust?: (authorityFile: string | undefined) => Readonly<Record<string, string>>;
  };
  /** Models that it asks, and which of the Secret's keys goes into which variable. @default - none */
  readonly models?: {
    /** Names of services: orrery:inference.services. */
    readonly names: readonly string[];
    readonly environment: Readonly<Record<string, ModelKey>>;
    /** As of a database: variables by which it believes the gateway's certificate. @default - none */
    readonly trust?: (authorityFile: string | undefined) => Readonly<Record<string, string>>;
  };
  /** Variables whose values are made up once and nobody has to know: keys, passwords. @default - none */
  readonly generated?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Variables that only an application with an address has. @default - none */
  readonly publicEnvironment?: (url: URL) => Readonly<Record<string, string>>;
  /** Directories that it writes to and may lose, with their limits in MiB. @default - none: the root is read-only */
  readonly scratchMiB?: Readonly<Record<string, number>>;
  /** Ports on the internet that it calls. @default - none */
  readonly internetPorts?: readonly number[];
  /** Paths that other machines call: webhooks. Sign-in is never asked there. @default - none */
  readonly machinePaths?: readonly string[];
  /**
   * It sends traces over OTLP: by the variables that OpenTelemetry's SDKs read (`otlp`), or by variables of its own.
   * @default - it sends none
   */
  readonly traces?: "otlp" | ((endpoint: TraceEndpoint) => Readonly<Record<string, string>>);
}

/** What the environment adds to a definition. */
export interface ApplicationFacts {
  readonly environment: Environment;
  readonly replicas?: number;
  readonly size?: Size;
  readonly url?: string;
  readonly databaseSecret?: string;
  /** ConfigMap with the certificate of the authority that signed the database server's. */
  readonly databaseAuthority?: string;
  readonly generatedSecret?: string;
  /** Secret with the key for its models, and the authority that signed the gateway's certificate. */
  readonly modelSecret?: string;
  readonly modelAuthority?: string;
  /** Where traces are taken. @default - nobody takes them */
  readonly traces?: TraceEndpoint;
}

/** The pods of an application. */
export function applicationPods(
  definition: ApplicationDefinition,
  facts: ApplicationFacts,
): Omit<ServiceArgs, "software" | "component" | "version" | "namespace"> {
  const { image, port, probes, metricsPath, runAs, scratchMiB = {} } = definition;
  return {
    image: imageReference(image),
    replicas: facts.replicas,
    ports: [{ name: "http", port }],
    environment: environmentOf(definition, facts),
    resources: resourcesFor(facts.size ?? "small", facts.environment, "stateless"),
    probes: { ready: { http: probes.ready, port: "http" }, live: { http: probes.live, port: "http" } },
    ...(metricsPath === undefined ? {} : { metrics: { port: "http", path: metricsPath } }),
    ...(runAs === undefined ? {} : { runAs }),
    volumes: {
      scratch: scratchVolumes(scratchMiB),
      // One authority signs for all of them.
      configMaps: authorityFiles({ caConfigMap: facts.databaseAuthority ?? facts.modelAuthority }),
    },
  };
}

function environmentOf(definition: ApplicationDefinition, facts: ApplicationFacts): Record<string, Variable> {
  const { database, models, generated = [], environment, publicEnvironment, traces } = definition;
  const fromSecret = (secret: string | undefined, keys: readonly (readonly [string, string])[]) =>
    secret === undefined ? {} : Object.fromEntries(keys.map(([variable, key]) => [variable, { secret, key }]));
  return {
    ...environment,
    ...(facts.traces === undefined || traces === undefined
      ? {}
      : traces === "otlp"
        ? facts.traces.environment
        : traces(facts.traces)),
    ...(facts.url === undefined ? {} : publicEnvironment?.(new URL(facts.url))),
    ...database?.trust?.(facts.databaseAuthority === undefined ? undefined : AUTHORITY_FILE),
    ...fromSecret(facts.databaseSecret, Object.entries(database?.environment ?? {})),
    ...models?.trust?.(facts.modelAuthority === undefined ? undefined : AUTHORITY_FILE),
    ...fromSecret(facts.modelSecret, Object.entries(models?.environment ?? {})),
    ...fromSecret(
      facts.generatedSecret,
      generated.map((variable) => [variable, variable]),
    ),
  };
}

function scratchVolumes(limitsMiB: Readonly<Record<string, number>>): ScratchVolume[] {
  return Object.entries(limitsMiB).map(([path, sizeLimitMiB], index) => ({
    name: `scratch-${index + 1}`,
    path,
    sizeLimitMiB,
  }));
}
