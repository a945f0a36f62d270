import { type BackupPlan, backupAnnotations, backupLabels } from "../../kit/backup";
import { imageReference, images } from "../../kit/images";
import { priorities } from "../../kit/priorities";
import { probes } from "../../kit/probes";
import { containerSecurityContext, podSecurityContext } from "../../kit/security";
import type { Environment, Size } from "../../kit/sizes";
import { spreadInProd } from "../../kit/spread";
import {
  clientPorts,
  INTERSERVER_PORT,
  KEEPER_CONTROL_PORT,
  KEEPER_PORT,
  keeperLabels,
  keeperPort,
  METRICS_PORT,
  METRICS_PORT_NAME,
  RAFT_PORT,
  serverLabels,
} from "./names";
import { hashKey, PASSWORDS, passwordsSecretName } from "./passwords";
import { TLS_FOLDER, VARIABLES } from "./server-config";
import { keeperResources, serverResources } from "./sizes";

/** User and group of the images. */
export const RUN_AS = { user: 101, group: 101 };

/** Name of the data's claim template. */
export const DATA = "data";

export interface PodFacts {
  readonly name: string;
  readonly environment: Environment;
  /** Pods of this kind. */
  readonly copies: number;
  /** Secret of the certificate. @default - plain text */
  readonly tlsSecret?: string;
}

export interface ServerPodFacts extends PodFacts {
  readonly size: Size;
  /** Secret with the keys of the backups' bucket. @default - no backups */
  readonly backupSecret?: string;
}

/** Pod template of a server. The operator adds its ConfigMaps, its labels and the container's ports that it misses. */
export function serverPodTemplate(facts: ServerPodFacts) {
  const { name, environment, size, tlsSecret, backupSecret } = facts;
  const { native, http } = clientPorts(tlsSecret !== undefined);
  const plan: BackupPlan =
    backupSecret === undefined
      ? { by: "none", reason: "services.clickhouse.backup is off" }
      : { by: "native", reason: "a CronJob has the server write its databases to the backups' store" };
  const ping = { http: "/ping", port: http.name, tls: tlsSecret !== undefined };
  return {
    name: "server",
    metadata: metadata(plan),
    spec: {
      ...podSpec(facts, serverLabels(name)),
      containers: [
        {
          name: "clickhouse",
          image: imageReference(images.clickhouse),
          imagePullPolicy: "IfNotPresent",
          // Without the image's start script, which wants to write beside the configuration.
          command: ["clickhouse-server", "--config-file=/etc/clickhouse-server/config.xml"],
          ports: ports([
            native,
            http,
            { name: "interserver", port: INTERSERVER_PORT },
            { name: METRICS_PORT_NAME, port: METRICS_PORT },
          ]),
          env: serverVariables(facts),
          resources: serverResources(size, environment),
          securityContext: containerSecurityContext(true),
          // A start after a crash checks the parts of every table first.
          ...probes({ ready: ping, live: ping, startupSeconds: 900 }),
          volumeMounts: mounts("/var/lib/clickhouse", "/var/log/clickhouse-server", tlsSecret),
        },
      ],
    },
  };
}

/** Pod template of a Keeper. */
export function keeperPodTemplate(facts: PodFacts) {
  const { name, environment, tlsSecret } = facts;
  const plan: BackupPlan = { by: "none", reason: "what Keepers know follows from the servers' own data" };
  return {
    name: "keeper",
    metadata: metadata(plan),
    spec: {
      ...podSpec(facts, keeperLabels(name)),
      containers: [
        {
          name: "clickhouse-keeper",
          image: imageReference(images.clickhouseKeeper),
          imagePullPolicy: "IfNotPresent",
          command: ["clickhouse-keeper", "--config-file=/etc/clickhouse-keeper/keeper_config.xml"],
          ports: ports([
            { name: "zk", port: KEEPER_PORT },
            ...(tlsSecret === undefined ? [] : [keeperPort(true)]),
            { name: "raft", port: RAFT_PORT },
            { name: "control", port: KEEPER_CONTROL_PORT },
            { name: METRICS_PORT_NAME, port: METRICS_PORT },
          ]),
          env: [{ name: "CLICKHOUSE_WATCHDOG_ENABLE", value: "0" }],
          resources: keeperResources(environment),
          securityContext: containerSecurityContext(true),
          // Ready is who is part of a quorum; alive is who answers at all.
          ...probes({ ready: { http: "/ready", port: "control" }, live: { tcp: "zk" } }),
          volumeMounts: mounts("/var/lib/clickhouse-keeper", "/var/log/clickhouse-keeper", tlsSecret),
        },
      ],
    },
  };
}

function metadata(plan: BackupPlan) {
  return {
    labels: { ...backupLabels(plan), "orrery.dev/metrics-port": METRICS_PORT_NAME },
    annotations: { ...backupAnnotations(plan, []), "orrery.dev/metrics-path": "/metrics" },
  };
}

function podSpec({ copies, environment, tlsSecret }: PodFacts, labels: Record<string, string>) {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurityContext(RUN_AS),
    priorityClassName: priorities.data.name,
    // Running queries come to their end, and buffers to the disk.
    terminationGracePeriodSeconds: 60,
    ...(copies === 1 ? {} : spreadInProd(environment, labels)),
    volumes: [
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      { name: "log", emptyDir: { sizeLimit: "64Mi" } },
      ...(tlsSecret === undefined ? [] : [{ name: "tls", secret: { secretName: tlsSecret } }]),
    ],
  };
}

function serverVariables({ name, backupSecret }: ServerPodFacts) {
  const secret = passwordsSecretName(name);
  const variable = (variableName: string, from: string, key: string) => ({
    name: variableName,
    valueFrom: { secretKeyRef: { name: from, key } },
  });
  return [
    { name: "CLICKHOUSE_WATCHDOG_ENABLE", value: "0" },
    variable(VARIABLES.administrator, secret, hashKey(PASSWORDS.administrator)),
    variable(VARIABLES.interserver, secret, PASSWORDS.interserver),
    ...(backupSecret === undefined
      ? []
      : [
          variable(VARIABLES.backupUser, secret, hashKey(PASSWORDS.backup)),
          variable(VARIABLES.backupAccessKey, backupSecret, "AWS_ACCESS_KEY_ID"),
          variable(VARIABLES.backupSecretKey, backupSecret, "AWS_SECRET_ACCESS_KEY"),
        ]),
  ];
}

function ports(all: readonly { readonly name: string; readonly port: number }[]) {
  return all.map(({ name, port }) => ({ name, containerPort: port, protocol: "TCP" }));
}

function mounts(data: string, log: string, tlsSecret: string | undefined) {
  return [
    { name: DATA, mountPath: data },
    { name: "tmp", mountPath: "/tmp" },
    { name: "log", mountPath: log },
    ...(tlsSecret === undefined ? [] : [{ name: "tls", mountPath: TLS_FOLDER, readOnly: true }]),
  ];
}
