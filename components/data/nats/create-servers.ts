import type * as pulumi from "@pulumi/pulumi";
import { Chart, type ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { createClaims } from "../../kit/claims";
import { openPeers } from "../../kit/network-policy";
import { Paths } from "../../kit/paths";
import { serverCertificate, serviceDnsNames } from "../../kit/server-certificate";
import type { Size } from "../../kit/sizes";
import type { Accounts } from "./accounts";
import { backupPlan, type NatsBackupSettings } from "./backup";
import type { NatsServer } from "./client";
import { claimTemplateName, METRICS, natsValues, ROUTE_PORT } from "./values";

export interface ServersArgs {
  readonly charts: ChartSource;
  readonly server: NatsServer;
  readonly users: Accounts;
  readonly replicas?: number;
  readonly storageGiB: number;
  readonly memoryStorageMiB?: number;
  readonly storageClass: string;
  readonly size?: Size;
  readonly backup?: NatsBackupSettings;
}

/** The servers from their chart, after everything that they need to start. */
export function createServers(name: string, args: ServersArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const { server, users, replicas = 1, storageGiB, storageClass } = args;
  const { identity, namespace } = server;
  namespace.telemetry.metrics({ identity, pods: server.pods, port: METRICS });
  const tls = createCertificate(name, server, opts);
  const volume = { name: claimTemplateName(name), storageGiB, storageClass, setting: "services.nats.storageGiB" };
  const claims = createClaims(name, { identity, namespace: namespace.name, replicas, volumes: [volume] }, opts);
  const values = natsValues(name, {
    identity,
    environment: namespace.environment,
    servers: replicas,
    storageGiB,
    memoryStorageMiB: args.memoryStorageMiB ?? 128,
    size: args.size ?? "small",
    authSecret: users.secretName,
    backup: backupPlan(args.backup),
    tls: tls?.files,
  });
  return new Chart(
    name,
    { chart: charts.nats, source: args.charts, namespace: namespace.name, values },
    {
      ...opts,
      dependsOn: [users.ready, ...claims, ...openRoutes(name, server, replicas, opts), ...(tls?.ready ?? [])],
    },
  );
}

/** Servers find each other before they are ready: their way to each other comes first. */
function openRoutes(name: string, server: NatsServer, replicas: number, opts: pulumi.CustomResourceOptions) {
  if (replicas === 1) return [];
  const { pods, identity: owner } = server;
  const ports = [{ name: "routes", port: ROUTE_PORT }];
  return [new Paths(`${name}-routes`, (inside) => openPeers(`${name}-peers`, { pods, ports, owner }, inside), opts)];
}

/** For clients and between the servers; the reloader tells the server when it is renewed. */
function createCertificate(
  name: string,
  { certificates, namespace, identity }: NatsServer,
  opts: pulumi.CustomResourceOptions,
) {
  if (certificates === undefined) return undefined;
  const dnsNames = serviceDnsNames(name, namespace.name, { headless: `${name}-headless` });
  const certificate = serverCertificate(
    `${name}-tls`,
    { certificates, namespace: namespace.name, owner: identity, dnsNames },
    opts,
  );
  const trust = certificate.trust(namespace.name);
  return {
    files: { secretName: certificate.secretName, caConfigMap: trust.configMap },
    ready: [certificate.ready, trust.ready],
  };
}
