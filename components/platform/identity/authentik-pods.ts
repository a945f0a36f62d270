import { AUTHORITY_FILE, authorityFiles } from "../../kit/authority";
import { imageReference, images, imageVersion } from "../../kit/images";
import type { PodIdentity } from "../../kit/labels";
import type { Variable } from "../../kit/pod";
import { priorities } from "../../kit/priorities";
import type { ServiceArgs } from "../../kit/service";
import { type Resources, resources, type Size } from "../../kit/sizes";

export const HTTP_PORT = 9000;
const METRICS_PORT = 9300;

const SOFTWARE = "authentik";

/** Directory below which blueprints are looked for; the Jobs mount theirs into it. */
export const BLUEPRINTS = "/blueprints";

/** Keys of the Secret beside the servers. */
export const SECRET_KEYS = { secretKey: "secret-key", password: "password", email: "email" } as const;

export interface AuthentikAccess {
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly secretName: string;
    readonly caConfigMap?: string;
  };
  /** Secret with the keys above, in the namespace of the pods. */
  readonly secretName: string;
}

export interface AuthentikPodsArgs {
  readonly access: AuthentikAccess;
  readonly replicas: number;
  readonly size: Size;
}

/** Authentik asks for 2 GiB in all: half of it for who answers, half for who works in the background. */
const figures: Record<Size, Resources> = {
  small: resources(250, 768, 1536),
  medium: resources(1000, 1536, 3072),
  large: resources(2000, 3072, 6144),
};

export type AuthentikPart = "server" | "worker" | "setup";

/** What the parts of Authentik are called. */
export function authentikSoftware(part: AuthentikPart) {
  return { software: SOFTWARE, component: part, version: imageVersion(images.authentik) } as const;
}

/** Servers, workers and Jobs: all of them keep their data in one database. */
export function authentikPods(namespace: string): PodIdentity {
  return { namespace, labels: { "app.kubernetes.io/name": SOFTWARE }, instance: SOFTWARE };
}

/** What answers people. */
export function authentikServer(args: AuthentikPodsArgs): Omit<ServiceArgs, "namespace"> {
  return {
    ...authentikSoftware("server"),
    ...common(args.access),
    args: ["server"],
    replicas: args.replicas,
    ports: [
      { name: "http", port: HTTP_PORT },
      { name: "metrics", port: METRICS_PORT },
    ],
    resources: figures[args.size],
    probes: {
      ready: { http: "/-/health/ready/", port: "http" },
      live: { http: "/-/health/live/", port: "http" },
      startupSeconds: 600,
    },
    metrics: { port: "metrics" },
  };
}

/** What works in the background: mail, blueprints, cleaning up. */
export function authentikWorker(args: AuthentikPodsArgs): Omit<ServiceArgs, "namespace"> {
  const healthy = { command: ["ak", "healthcheck"] };
  return {
    ...authentikSoftware("worker"),
    ...common(args.access),
    args: ["worker"],
    replicas: args.replicas,
    ports: [{ name: "metrics", port: METRICS_PORT }],
    resources: figures[args.size],
    probes: { ready: healthy, live: healthy, startupSeconds: 600 },
    metrics: { port: "metrics" },
  };
}

/** A Job that applies one blueprint. It works on the database, as the worker does. */
export function authentikSetup(
  access: AuthentikAccess,
  blueprint: { readonly file: string; readonly text: string },
  environment: Readonly<Record<string, Variable>>,
): Omit<ServiceArgs, "namespace"> {
  const base = common(access);
  return {
    ...authentikSoftware("setup"),
    ...base,
    kind: "Job",
    args: ["apply_blueprint", `orrery/${blueprint.file}`],
    environment: { ...base.environment, ...environment },
    resources: resources(100, 384, 768),
    volumes: {
      ...base.volumes,
      config: { path: `${BLUEPRINTS}/orrery`, files: { [blueprint.file]: blueprint.text } },
    },
  };
}

function common({ database, secretName }: AuthentikAccess) {
  return {
    image: imageReference(images.authentik),
    environment: {
      AUTHENTIK_POSTGRESQL__HOST: database.host,
      AUTHENTIK_POSTGRESQL__PORT: String(database.port),
      AUTHENTIK_POSTGRESQL__NAME: database.database,
      ...(database.caConfigMap === undefined
        ? { AUTHENTIK_POSTGRESQL__SSLMODE: "require" }
        : { AUTHENTIK_POSTGRESQL__SSLMODE: "verify-full", AUTHENTIK_POSTGRESQL__SSLROOTCERT: AUTHORITY_FILE }),
      AUTHENTIK_POSTGRESQL__USER: { secret: database.secretName, key: "username" },
      AUTHENTIK_POSTGRESQL__PASSWORD: { secret: database.secretName, key: "password" },
      AUTHENTIK_SECRET_KEY: { secret: secretName, key: SECRET_KEYS.secretKey },
      AUTHENTIK_BOOTSTRAP_PASSWORD: { secret: secretName, key: SECRET_KEYS.password },
      AUTHENTIK_BOOTSTRAP_EMAIL: { secret: secretName, key: SECRET_KEYS.email },
      // Nothing calls home, and no outpost is made behind the program's back.
      AUTHENTIK_ERROR_REPORTING__ENABLED: "false",
      AUTHENTIK_DISABLE_UPDATE_CHECK: "true",
      AUTHENTIK_DISABLE_STARTUP_ANALYTICS: "true",
    } satisfies Record<string, Variable>,
    volumes: {
      scratch: [
        { name: "tmp", path: "/tmp", sizeLimitMiB: 256 },
        { name: "data", path: "/data", sizeLimitMiB: 256 },
      ],
      configMaps: authorityFiles(database),
    },
    runAs: { user: 1000, group: 1000 },
    priorityClass: priorities.platform.name,
  };
}
