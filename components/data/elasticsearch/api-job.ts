import { imageReference, images } from "../../kit/images";
import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { elasticUserSecret } from "./cluster";

export const SOFTWARE = "elasticsearch";
/** The part that all Jobs play which set something up in Elasticsearch: they share one network path. */
export const SETUP_COMPONENT = "setup";

const CA_FOLDER = "/etc/elasticsearch-ca";

export interface ApiJobFacts {
  /** Name of the cluster. */
  readonly cluster: string;
  /** URL of Elasticsearch. */
  readonly url: string;
  /** ConfigMap with `ca.crt`. @default - plain HTTP */
  readonly caConfigMap?: string;
  /** What it does, in shell: with `put`, `api` and `has`. Every step may run again. */
  readonly steps: readonly string[];
  readonly environment: Readonly<Record<string, Variable>>;
}

/**
 * `api METHOD PATH` with a body from standard input where it is given `--data-binary @-`; `put PATH BODY`; `has PATH`.
 * Passwords go through files and standard input: a command line can be seen.
 */
export const API_FUNCTIONS = [
  "umask 077",
  `printf 'default login elastic password %s\\n' "$ELASTIC_PASSWORD" > /tmp/netrc`,
  "api() {",
  '  method="$1" path="$2"; shift 2',
  "  curl --silent --show-error --fail-with-body --max-time 60 --netrc-file /tmp/netrc --write-out '\\n' \\",
  '    --header "Content-Type: application/json" --request "$method" "$@" "$URL$path"',
  "}",
  `put() { printf %s "$2" | api PUT "$1" --data-binary @-; }`,
  'has() { curl --silent --fail --max-time 60 --output /dev/null --netrc-file /tmp/netrc "$URL$1"; }',
];

/** A Job that sets something up by Elasticsearch's REST API, as its superuser: everything but name and namespace. */
export function apiJob(facts: ApiJobFacts): Omit<ServiceArgs, "namespace"> {
  const { cluster, url, caConfigMap } = facts;
  return {
    software: SOFTWARE,
    component: SETUP_COMPONENT,
    kind: "Job",
    image: imageReference(images.curl),
    command: ["/bin/sh", "-ec", [...API_FUNCTIONS, ...facts.steps].join("\n")],
    environment: {
      URL: url,
      ELASTIC_PASSWORD: { secret: elasticUserSecret(cluster), key: "elastic" },
      ...(caConfigMap === undefined ? {} : { CURL_CA_BUNDLE: `${CA_FOLDER}/ca.crt` }),
      ...facts.environment,
    },
    volumes: {
      scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 1 }],
      ...(caConfigMap === undefined ? {} : { configMaps: [{ name: "ca", path: CA_FOLDER, configMap: caConfigMap }] }),
    },
    resources: resources(20, 32, 64),
  };
}
