import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";

const CA_FOLDER = "/etc/milvus-ca";

/**
 * Milvus answers 200 to everything and says in the body what came of it. Passwords go in by files and standard input: a
 * command line can be seen.
 */
const HELPERS = [
  // call PATH BODY [LOGIN]: prints the answer, fails where Milvus says no.
  "call() {",
  '  printf %s "$2" | curl --silent --show-error --fail-with-body --max-time 60 --retry 10 --retry-all-errors \\',
  '    --config "${3:-/tmp/root}" --header "Content-Type: application/json" --data-binary @- \\',
  '    "$MILVUS_URL/v2/vectordb/$1" > /tmp/answer || { cat /tmp/answer >&2; return 1; }',
  "  cat /tmp/answer",
  "  grep -Eq '\"code\": *0[,}]' /tmp/answer",
  "}",
  "must() {",
  '  call "$@" > /tmp/last || { echo "$1 was refused: $(cat /tmp/last)" >&2; exit 1; }',
  "}",
  // has PATH NAME: whether the list at PATH has NAME in it.
  "has() {",
  '  must "$1" "{}"',
  '  grep -q "\\"$2\\"" /tmp/last',
  "}",
  'login() { printf \'header = "Authorization: Bearer %s:%s"\\n\' "$1" "$2"; }',
];

/** Makes database, role and user as they are to be. Every step may run again. */
const STEPS = [
  "umask 077",
  'login root "$ROOT_PASSWORD" > /tmp/root',
  'login "$NAME" "$PASSWORD" > /tmp/user',
  'if ! has databases/list "$NAME"; then must databases/create "{\\"dbName\\":\\"$NAME\\"}"; fi',
  'if ! has roles/list "$NAME"; then must roles/create "{\\"roleName\\":\\"$NAME\\"}"; fi',
  // Its database, and every collection in it; nothing of another one, and nothing of the whole Milvus.
  "for privilege in DatabaseAdmin CollectionAdmin; do",
  '  must roles/grant_privilege_v2 "{\\"roleName\\":\\"$NAME\\",\\"privilege\\":\\"$privilege\\",\\"dbName\\":\\"$NAME\\",\\"collectionName\\":\\"*\\"}"',
  "done",
  // A user whose password is another one was made with a Secret that is gone: it is made again.
  'if has users/list "$NAME" && ! call collections/list "{\\"dbName\\":\\"$NAME\\"}" /tmp/user > /dev/null; then',
  '  must users/drop "{\\"userName\\":\\"$NAME\\"}"',
  "fi",
  'if ! has users/list "$NAME"; then',
  '  must users/create "{\\"userName\\":\\"$NAME\\",\\"password\\":\\"$PASSWORD\\"}"',
  '  must users/grant_role "{\\"userName\\":\\"$NAME\\",\\"roleName\\":\\"$NAME\\"}"',
  "fi",
];

export interface CollectionsJobFacts {
  /** URL of the RESTful API. */
  readonly url: string;
  /** Name of the database, the role and the user. */
  readonly name: string;
  /** Secret beside the Job with the key `password`. */
  readonly secretName: string;
  /** Secret with the key `root-password`. */
  readonly rootSecret: string;
  /** ConfigMap with `ca.crt`. @default - plain HTTP */
  readonly caConfigMap?: string;
}

/** The Job that makes a consumer's database, role and user: everything but image and namespace. */
export function collectionsJob(
  facts: CollectionsJobFacts,
): Pick<ServiceArgs, "kind" | "command" | "environment" | "volumes" | "resources"> {
  const { caConfigMap } = facts;
  const environment: Record<string, Variable> = {
    MILVUS_URL: facts.url,
    NAME: facts.name,
    PASSWORD: { secret: facts.secretName, key: "password" },
    ROOT_PASSWORD: { secret: facts.rootSecret, key: "root-password" },
    ...(caConfigMap === undefined ? {} : { CURL_CA_BUNDLE: `${CA_FOLDER}/ca.crt` }),
  };
  return {
    kind: "Job",
    command: ["/bin/sh", "-ec", [...HELPERS, ...STEPS].join("\n")],
    environment,
    volumes: {
      scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 16 }],
      ...(caConfigMap === undefined ? {} : { configMaps: [{ name: "ca", path: CA_FOLDER, configMap: caConfigMap }] }),
    },
    resources: resources(50, 64),
  };
}
