/** gRPC, and where applications connect. */
export const MILVUS_PORT = 19530;
/** The RESTful API: a port of its own, because it cannot share that of gRPC when there is TLS. */
export const REST_PORT = 8080;
/** Metrics and health of every component; the operator names it. */
export const METRICS_PORT = 9091;
export const METRICS_PORT_NAME = "metrics";
/** Between the components: coordinator, query, data and streaming nodes, and the proxies' inner side. */
export const PEER_PORTS: Readonly<Record<string, number>> = {
  coordinator: 53100,
  "query-coordinator": 19531,
  "data-coordinator": 13333,
  "query-node": 21123,
  "data-node": 21124,
  "streaming-node": 22222,
  "proxy-inner": 19529,
};

export const SOFTWARE = "milvus";
export const COMPONENT = "vector-database";

/** Longest name of a prefix: it stands in the names of a user, a role and a database, which take 32 and more. */
export const PREFIX_MAX = 31;

/** What Milvus would refuse about a prefix; undefined when it is fine. */
export function prefixProblem(prefix: string): string | undefined {
  if (!/^[a-z][a-z0-9-]*$/.test(prefix) || prefix.length > PREFIX_MAX || prefix.endsWith("-")) {
    return `it is the name of a database, a role and a user of Milvus`;
  }
  return RESERVED.includes(milvusName(prefix)) ? "Milvus has a database, a role or a user of this name" : undefined;
}

const RESERVED = ["default", "admin", "public", "root"];

export const ALLOWED_PREFIX = `a lower-case letter, then lower-case letters, digits and hyphens, no hyphen at the end, at most ${PREFIX_MAX}; not ${RESERVED.join(", ")}`;

/** Milvus knows no hyphens in names. */
export function milvusName(prefix: string): string {
  return prefix.replaceAll("-", "_");
}
