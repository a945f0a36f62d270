import { BOLT_PORT, type Edition, paths } from "./config";

/** What the scripts below read from their environment, beside what cypher-shell itself does. */
export const variables = {
  password: "NEO4J_PASSWORD",
  user: "GRAPH_USER",
  userPassword: "GRAPH_PASSWORD",
  database: "GRAPH_DATABASE",
} as const;

/** The certificate that the server was started with. */
const STARTED = `${paths.tmp}/started.crt`;
/** Where cypher-shell finds the authority: Java reads no PEM by itself. The password guards nothing. */
const TRUST_STORE = `${paths.tmp}/authority.p12`;
const TRUST_PASSWORD = "changeit";

/**
 * Before the first start. The image's own start script would put the password onto a command line; from an argument file
 * it is read, and the file is a pipe.
 */
export function initialPasswordScript(): string {
  return [
    `exec java -Xmx64m -cp '${paths.libraries}/*' org.neo4j.cli.AdminTool dbms set-initial-password \\`,
    `  @<(printf %s "$${variables.password}")`,
  ].join("\n");
}

/** The server itself, without the image's start script, which would write into the image. */
export function startScript(encrypted: boolean): string {
  return [
    ...(encrypted ? [`cp ${paths.certificates}/tls.crt ${STARTED}`] : []),
    // Prints what to run, with the memory of neo4j.conf.
    'server="$(neo4j console --dry-run)"',
    'eval "exec $server"',
  ].join("\n");
}

/** It listens, and with the certificate that it was given last: Community takes up a new one only when it starts. */
export function liveScript(encrypted: boolean): string {
  return [
    ...(encrypted ? [`if [ -f ${STARTED} ]; then cmp -s ${paths.certificates}/tls.crt ${STARTED}; fi`] : []),
    `exec 3<>/dev/tcp/127.0.0.1/${BOLT_PORT}`,
  ].join("\n");
}

/** Before cypher-shell: every certificate of the authority's PEM into a store that Java reads. */
export function trustScript(caFile: string | undefined): string[] {
  if (caFile === undefined) return [];
  return [
    // A container that starts again finds what the one before it has left.
    `rm -f ${TRUST_STORE} ${paths.tmp}/authority-*`,
    `csplit --silent --elide-empty-files --prefix=${paths.tmp}/authority- ${caFile} '/-----BEGIN CERTIFICATE-----/' '{*}'`,
    `for part in ${paths.tmp}/authority-*; do`,
    `  keytool -importcert -noprompt -alias "$part" -file "$part" -keystore ${TRUST_STORE} -storepass ${TRUST_PASSWORD}`,
    "done 2>/dev/null",
    `export JAVA_OPTS="$JAVA_OPTS -Djavax.net.ssl.trustStore=${TRUST_STORE} -Djavax.net.ssl.trustStorePassword=${TRUST_PASSWORD}"`,
  ];
}

/** Community knows users, and nothing that one of them may not do. */
const communityStatements = ["CREATE OR REPLACE USER $user SET PLAINTEXT PASSWORD $password CHANGE NOT REQUIRED;"];

/** Enterprise: a database, and a role that may do everything in it and nothing outside. */
const enterpriseStatements = [
  "CREATE DATABASE $database IF NOT EXISTS WAIT;",
  "CREATE ROLE $user IF NOT EXISTS;",
  "GRANT ACCESS ON DATABASE $database TO $user;",
  "GRANT ALL GRAPH PRIVILEGES ON GRAPH $database TO $user;",
  "GRANT INDEX MANAGEMENT ON DATABASE $database TO $user;",
  "GRANT CONSTRAINT MANAGEMENT ON DATABASE $database TO $user;",
  "GRANT NAME MANAGEMENT ON DATABASE $database TO $user;",
  "CREATE OR REPLACE USER $user SET PLAINTEXT PASSWORD $password CHANGE NOT REQUIRED SET HOME DATABASE $database;",
  "GRANT ROLE $user TO $user;",
];

/**
 * Makes the user of a consumer, once: who can sign in with the password is left alone, because a user that is replaced
 * loses its connections. Values go in by standard input: a command line can be seen.
 */
export function userScript(edition: Edition, caFile: string | undefined): string {
  const { user, userPassword, database } = variables;
  const statements = edition === "community" ? communityStatements : enterpriseStatements;
  return [
    ...trustScript(caFile),
    `if printf 'RETURN 1;\\n' | NEO4J_USERNAME="$${user}" ${variables.password}="$${userPassword}" \\`,
    `  cypher-shell --database "$${database}" >/dev/null 2>&1; then exit 0; fi`,
    "{",
    `  printf ":param {user: '%s', password: '%s', database: '%s'}\\n" "$${user}" "$${userPassword}" "$${database}"`,
    ...statements.map((statement) => `  echo '${statement}'`),
    "} | cypher-shell --database system",
  ].join("\n");
}

/** One file for each database: statements that cypher-shell runs, from an export that does not stop the server. */
export function exportScript(folder: string, caFile: string | undefined): string {
  const options =
    '{stream: true, streamStatements: true, format: "cypher-shell", ifNotExists: true, saveIndexNames: true}';
  return [
    "set -o pipefail",
    ...trustScript(caFile),
    'question=\'SHOW DATABASES YIELD name, currentStatus WHERE name <> "system" AND currentStatus = "online" RETURN DISTINCT name;\'',
    // Not in the loop's own line, where a failure would look like no databases, and so like a backup.
    'databases="$(echo "$question" | cypher-shell --format plain --database system | tail -n +2 | tr -d \'"\')"',
    '[ -n "$databases" ]',
    "for database in $databases; do",
    // A row is some statements; as base64 it is one line, whatever is in them.
    `  echo 'CALL apoc.export.cypher.all(null, ${options})' \\`,
    "    'YIELD cypherStatements RETURN apoc.text.base64Encode(cypherStatements);' |",
    '    cypher-shell --format plain --database "$database" | tail -n +2 | tr -d \'"\' |',
    '    while IFS= read -r part; do printf %s "$part" | base64 -d; echo; done |',
    `    gzip > "${folder}/$database.cypher.gz"`,
    "done",
  ].join("\n");
}

/** Under the time of the export, so that no backup is ever overwritten. The bucket removes old ones. */
export function uploadScript(folder: string, endpoint: string): string {
  const { protocol, host } = new URL(endpoint);
  return [
    `export MC_HOST_store="${protocol}//$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY@${host}"`,
    `mcli cp --recursive --quiet "${folder}/" "store/$BUCKET/$(date -u +%Y-%m-%dT%H-%M-%SZ)/"`,
  ].join("\n");
}
