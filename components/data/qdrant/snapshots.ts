import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Objects } from "../../kit/bucket";
import { imageReference, images } from "../../kit/images";
import { after } from "../../kit/options";
import type { Variable } from "../../kit/pod";
import { consumerOf, Service, type ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { API_KEY, apiKeySecretName, HTTP_PORT } from "./pods";

const CA_FOLDER = "/etc/qdrant-ca";

export interface QdrantBackupSettings {
  /** Where the snapshots go. */
  readonly objects: Objects;
  /** Name of the bucket. */
  readonly bucket: string;
  /** Cron expression in UTC. */
  readonly schedule: string;
  /** Days after which a snapshot is removed, by the bucket's own rule. */
  readonly retentionDays: number;
}

export interface QdrantSnapshotsArgs {
  readonly service: Service;
  readonly replicas: number;
  readonly schedule: string;
  /** ConfigMap with `ca.crt` beside the server. @default - plain text */
  readonly caConfigMap?: string;
}

/**
 * Has every member put a snapshot of its part of every collection into the bucket, by a CronJob. A member has its own
 * shards only, so all of them are asked.
 */
export class QdrantSnapshots extends Component {
  constructor(name: string, args: QdrantSnapshotsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { service, schedule } = args;
    const { namespace } = service;
    super("orrery:data:QdrantSnapshots", name, after(opts, service));
    const about = { software: "qdrant", component: "backup", namespace };
    service.open(consumerOf(name, about), "http", this);
    new Service(
      name,
      {
        ...about,
        image: imageReference(images.curl),
        kind: "CronJob",
        schedule: { cron: schedule, activeDeadlineSeconds: 6 * 3600 },
        ...snapshotJob(args),
      },
      this.child(),
    );

    this.registerOutputs({});
  }
}

/** Everything of the CronJob but image, namespace and schedule. */
export function snapshotJob({
  service,
  replicas,
  caConfigMap,
}: QdrantSnapshotsArgs): Pick<ServiceArgs, "command" | "environment" | "volumes" | "resources"> {
  const name = service.identity.instance;
  const scheme = caConfigMap === undefined ? "http" : "https";
  const members = Array.from(
    { length: replicas },
    (_, index) => `${scheme}://${name}-${index}.${name}-headless.${service.namespace.name}.svc:${HTTP_PORT}`,
  );
  const environment: Record<string, Variable> = {
    MEMBERS: members.join(" "),
    API_KEY: { secret: apiKeySecretName(name), key: API_KEY },
    ...(caConfigMap === undefined ? {} : { CURL_CA_BUNDLE: `${CA_FOLDER}/ca.crt` }),
  };
  return {
    command: ["/bin/sh", "-ec", SCRIPT.join("\n")],
    environment,
    volumes: {
      scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 16 }],
      ...(caConfigMap === undefined ? {} : { configMaps: [{ name: "ca", path: CA_FOLDER, configMap: caConfigMap }] }),
    },
    resources: resources(50, 64),
  };
}

/** The key goes in by a file: a command line can be seen. */
const SCRIPT = [
  "umask 077",
  'printf \'header = "api-key: %s"\\n\' "$API_KEY" > /tmp/login',
  'ask() { curl --silent --show-error --fail-with-body --config /tmp/login --retry 5 --retry-connrefused "$@"; }',
  "failed=0",
  "for member in $MEMBERS; do",
  "  # One name for each line.",
  '  ask "$member/collections" > /tmp/collections || { failed=1; continue; }',
  '  for collection in $(grep -o \'"name": *"[^"]*"\' /tmp/collections | cut -d \'"\' -f 4); do',
  '    ask --request POST "$member/collections/$collection/snapshots?wait=true" || failed=1',
  "    echo",
  "  done",
  "done",
  "exit $failed",
];
