import type { Settings } from "./schema";

/** How the settings expose a web page for operators. */
interface ConsoleSettings {
  readonly host: string;
  readonly groups: readonly string[];
}

interface ConsoleRow {
  /** Where it stands in the settings. */
  readonly setting: string;
  /** Undefined while it is not exposed, or what it shows is switched off. */
  readonly of: (settings: Settings) => ConsoleSettings | undefined;
  /** Whether an answer may last: a large file, a log that goes on. @default false */
  readonly lasts?: boolean;
}

/** Every web page for operators, one row each. All of them are behind sign-in. */
export const consoles = {
  hubble: { setting: "identity.consoles.hubble", of: ({ identity }) => identity.consoles.hubble },
  minio: {
    setting: "objects.minio.console",
    of: ({ objects: { kind, minio } }) => (kind === "minio" ? minio.console : undefined),
    lasts: true,
  },
  vault: {
    setting: "secrets.vault.console",
    of: ({ secrets: { vault } }) => (vault.enabled ? vault.console : undefined),
  },
  neo4j: {
    setting: "services.neo4j.browser",
    of: ({ services: { neo4j } }) => (neo4j.enabled ? neo4j.browser : undefined),
  },
  kafka: {
    setting: "services.kafka.ui",
    of: ({ services: { kafka } }) => (kafka.enabled ? kafka.ui : undefined),
    lasts: true,
  },
  kibana: {
    setting: "services.elasticsearch.kibana",
    of: ({ services: { elasticsearch } }) => (elasticsearch.enabled ? elasticsearch.kibana : undefined),
  },
  prometheus: {
    setting: "observability.metrics.console",
    of: ({ observability }) => (observability.enabled ? observability.metrics.console : undefined),
  },
  alertmanager: {
    setting: "observability.alerts.console",
    of: ({ observability }) => (observability.enabled ? observability.alerts.console : undefined),
  },
  models: {
    setting: "inference.gateway.console",
    of: ({ inference: { enabled, gateway } }) => (enabled ? gateway.console : undefined),
    lasts: true,
  },
} as const satisfies Record<string, ConsoleRow>;

export type ConsoleName = keyof typeof consoles;

export function consoleNames(): ConsoleName[] {
  return Object.keys(consoles) as ConsoleName[];
}

export function consoleOf(name: ConsoleName, settings: Settings): ConsoleSettings | undefined {
  const row: ConsoleRow = consoles[name];
  return row.of(settings);
}

export function consoleLasts(name: ConsoleName): boolean {
  const row: ConsoleRow = consoles[name];
  return row.lasts ?? false;
}
