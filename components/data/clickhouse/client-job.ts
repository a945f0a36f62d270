import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { PASSWORDS, passwordsSecretName } from "./passwords";
import { RUN_AS } from "./pods";
import { configFile } from "./xml";

const CONFIG_FOLDER = "/etc/clickhouse-job";
const CA_FOLDER = "/etc/clickhouse-ca";

export interface ClientFacts {
  /** Name of the installation. */
  readonly server: string;
  readonly host: string;
  readonly port: number;
  /** Who says it. */
  readonly user: keyof Pick<typeof PASSWORDS, "administrator" | "backup">;
  /** ConfigMap with the authority of the server's certificate. @default - plain text */
  readonly caConfigMap?: string;
}

export type ClientJob = Pick<ServiceArgs, "command" | "environment" | "volumes" | "resources" | "runAs">;

/**
 * A pod that has ClickHouse's own client say statements. They go in by standard input and passwords by the environment:
 * a command line can be seen. `before` are shell commands whose variables the statements may use.
 */
export function clientJob(
  facts: ClientFacts,
  before: readonly string[],
  statements: readonly string[],
  environment: Readonly<Record<string, Variable>> = {},
): ClientJob {
  const { server, user, caConfigMap } = facts;
  const script = [
    ...before,
    `clickhouse-client --config-file ${CONFIG_FOLDER}/client.xml <<STATEMENTS`,
    ...statements.map((statement) => `${statement};`),
    "STATEMENTS",
  ];
  return {
    command: ["/bin/sh", "-ec", script.join("\n")],
    environment: {
      ...environment,
      HOME: "/tmp",
      CLICKHOUSE_PASSWORD: { secret: passwordsSecretName(server), key: PASSWORDS[user] },
    },
    volumes: {
      config: { path: CONFIG_FOLDER, files: { "client.xml": clientConfig(facts) } },
      scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 16 }],
      ...(caConfigMap === undefined ? {} : { configMaps: [{ name: "ca", path: CA_FOLDER, configMap: caConfigMap }] }),
    },
    resources: resources(50, 256),
    runAs: RUN_AS,
  };
}

/** Where the client finds the server, and whom it believes. The password is in none of it. */
export function clientConfig({ host, port, user, caConfigMap }: ClientFacts): string {
  return configFile({
    host,
    port,
    user: PASSWORDS[user],
    // A backup of everything is one statement.
    receive_timeout: 21_600,
    ...(caConfigMap === undefined
      ? {}
      : {
          secure: 1,
          openSSL: {
            client: {
              caConfig: `${CA_FOLDER}/ca.crt`,
              loadDefaultCAFile: false,
              verificationMode: "strict",
              invalidCertificateHandler: { name: "RejectCertificateHandler" },
            },
          },
        }),
  });
}
