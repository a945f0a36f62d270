import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  clientDefinition,
  clientScript,
  JOB_FILES,
  realmDefinition,
  realmScript,
} from "../../../../../components/platform/identity/keycloak-scripts";

/**
 * The real scripts with a kcadm that writes down its arguments and its standard input, and answers as it is told: a
 * file `answers/<verb> <resource>` holds what it prints, `failures/<verb> <resource>` what it says when it fails.
 */
const kcadm = `#!/bin/bash
here=$(dirname "$0")
call="$1 $2"
printf '%s' "$1" >> "$here/calls"; printf ' %q' "\${@:2}" >> "$here/calls"; printf '\\n' >> "$here/calls"
for word in "$@"; do [ "$word" = - ] && { printf 'stdin: ' >> "$here/calls"; cat >> "$here/calls"; printf '\\n' >> "$here/calls"; }; done
name=\${call//\\//_}
[ -f "$here/failures/$name" ] && { cat "$here/failures/$name" >&2; exit 1; }
[ -f "$here/answers/$name" ] && cat "$here/answers/$name"
exit 0
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "orrery-keycloak-"));
  for (const name of ["answers", "failures", "files"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "kcadm.sh"), kcadm, { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string) => writeFileSync(join(folder, name), text);

function run(script: string): string {
  const here = script
    .replaceAll("/tmp/", `${folder}/`)
    .replaceAll("/opt/keycloak/bin/kcadm.sh", join(folder, "kcadm.sh"))
    .replaceAll(JOB_FILES, join(folder, "files"));
  const env = {
    PATH: process.env["PATH"],
    SERVER: "http://keycloak.auth.svc:8080",
    REALM: "orrery",
    ADMIN_USER: "admin",
    KC_CLI_PASSWORD: "admin-sesame",
    CLIENT_ID: "grafana",
    CLIENT_SECRET: "client-sesame",
  };
  execFileSync("/bin/bash", ["-c", here], { env, stdio: ["ignore", "pipe", "pipe"] });
  return readFileSync(join(folder, "calls"), "utf8");
}

const commands = (calls: string) => calls.split("\n").filter((line) => line !== "" && !line.startsWith("stdin: "));
const verbs = (calls: string) => commands(calls).map((line) => line.split(" ").slice(0, 2).join(" "));

describe("the realm", () => {
  it("is made when it is not there", () => {
    put("failures/get realms_orrery", "Resource not found for url: http://x/admin/realms/orrery");
    expect(verbs(run(realmScript))).toEqual(["config credentials", "get realms/orrery", "create realms"]);
  });

  it("is brought in line when it is there", () => {
    expect(verbs(run(realmScript))).toEqual(["config credentials", "get realms/orrery", "update realms/orrery"]);
  });

  it("is not touched when nobody knows", () => {
    put("failures/get realms_orrery", "HTTP 503 Service Unavailable");
    expect(() => run(realmScript)).toThrow("HTTP 503");
    expect(verbs(readFileSync(join(folder, "calls"), "utf8"))).not.toContain("create realms");
  });

  it("lets nobody sign up, and slows guesses down", () => {
    expect(realmDefinition({ realm: "x" })).toMatchObject({
      realm: "x",
      registrationAllowed: false,
      bruteForceProtected: true,
      sslRequired: "external",
    });
  });
});

describe("a client", () => {
  const definition = { clientId: "grafana", redirectUris: ["https://grafana.example.com/login/generic_oauth"] };
  beforeEach(() => {
    put("files/client.json", JSON.stringify(clientDefinition(definition)));
    put("files/groups", "");
  });

  it("is made when it is not there", () => {
    const calls = run(clientScript);
    expect(verbs(calls)).toEqual(["config credentials", "get clients", "create clients"]);
    expect(JSON.parse(/stdin: (.*)/.exec(calls)![1]!)).toMatchObject({ clientId: "grafana", secret: "client-sesame" });
  });

  it("is brought in line when it is there", () => {
    put("answers/get clients", "0b1d\n");
    expect(verbs(run(clientScript))).toEqual(["config credentials", "get clients", "update clients/0b1d"]);
  });

  it("brings its groups along, those that are missing", () => {
    put("files/groups", "admins\nreaders\n");
    put("answers/get groups", "admins\n");
    const calls = run(clientScript);
    expect(verbs(calls).filter((verb) => verb.endsWith("groups"))).toEqual([
      "get groups",
      "get groups",
      "create groups",
    ]);
    expect(calls).toContain('stdin: {"name": "readers"}');
  });

  it("fails as a whole when a step fails", () => {
    put("failures/get clients", "HTTP 403");
    expect(() => run(clientScript)).toThrow("HTTP 403");
  });

  it("never has a secret on a command line", () => {
    put("files/groups", "admins\n");
    const calls = `${commands(run(clientScript)).join("\n")}\n${commands(run(realmScript)).join("\n")}`;
    expect(calls).not.toContain("sesame");
  });

  it("takes the code flow alone, to exact addresses, and names groups in its tokens", () => {
    const made = clientDefinition(definition);
    expect(made).toMatchObject({
      publicClient: false,
      standardFlowEnabled: true,
      implicitFlowEnabled: false,
      directAccessGrantsEnabled: false,
      redirectUris: definition.redirectUris,
    });
    expect(made.protocolMappers[0]!.config).toMatchObject({ "claim.name": "groups", "full.path": "false" });
  });
});
