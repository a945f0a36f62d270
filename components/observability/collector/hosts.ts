import type * as pulumi from "@pulumi/pulumi";
import { LABELS, NODE_LABEL, OUTSIDE_NAMESPACES } from "../labels";
import type { CollectorPart, PartPipeline } from "./part";

/** Where machines outside the cluster send to: OTLP over HTTP, behind the gateway. */
export const HOSTS_PORT = { name: "hosts", port: 4319 } as const;

const FOLDER = "/etc/otel-hosts";
/** The key of the Secret with the tokens, one on a line. */
export const TOKENS_KEY = "tokens";

export interface HostsPartFacts {
  readonly cluster: string;
  /** Secret with the tokens, in the collector's namespace. */
  readonly secret: string;
  readonly ready: pulumi.Resource;
}

const resource = (name: string) => `resource.attributes["${name}"]`;

/** The collector's way in for machines outside: whoever shows a token, and nobody else. */
export function hostsPart({ cluster, secret, ready }: HostsPartFacts): CollectorPart {
  const pipeline: PartPipeline = { receivers: ["otlp/hosts"], processors: ["transform/hosts"] };
  const statements = originStatements(cluster);
  return {
    name: "hosts",
    extensions: { "bearertokenauth/hosts": { scheme: "Bearer", filename: `${FOLDER}/${TOKENS_KEY}` } },
    receivers: {
      "otlp/hosts": {
        protocols: {
          http: { endpoint: `0.0.0.0:${HOSTS_PORT.port}`, auth: { authenticator: "bearertokenauth/hosts" } },
        },
      },
    },
    processors: {
      "transform/hosts": {
        error_mode: "ignore",
        trace_statements: statements,
        log_statements: statements,
        metric_statements: [
          ...statements,
          // Samples know no resource.
          `set(datapoint.attributes["${NODE_LABEL.label}"], ${resource(NODE_LABEL.attribute)}) where ${resource(NODE_LABEL.attribute)} != nil`,
        ],
      },
    },
    pipelines: { traces: pipeline, metrics: pipeline, logs: pipeline },
    ports: [HOSTS_PORT],
    secrets: [{ name: "host-tokens", path: FOLDER, secret }],
    ready: [ready],
  };
}

/** Whatever a machine says: it is none of the cluster's nodes, and runs none of its pods. */
function originStatements(cluster: string): string[] {
  const { namespace, service, pod } = LABELS;
  const node = resource(NODE_LABEL.attribute);
  return [
    `set(${resource(LABELS.cluster.attribute)}, "${cluster}")`,
    `set(${resource(namespace.attribute)}, "${OUTSIDE_NAMESPACES.hosts}")`,
    `set(${resource("service.namespace")}, "${OUTSIDE_NAMESPACES.hosts}")`,
    `delete_key(resource.attributes, "${pod.attribute}")`,
    `delete_key(resource.attributes, "${NODE_LABEL.attribute}")`,
    `set(${node}, ${resource("host.name")}) where ${resource("host.name")} != nil`,
    `set(${resource(service.attribute)}, ${node}) where ${resource(service.attribute)} == nil and ${node} != nil`,
  ];
}
