import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { userData } from "../../../../components/talos/user-data";

/** The scripts with a talosctl that answers from a list: what they try again, what they give up on, what they say. */
const scripts = join(__dirname, "../../../../components/talos/scripts");

/** Keeps its arguments, the talosconfig and the config that it saw; answers with the next line of `answers`. */
const FAKE_TALOSCTL = `#!/bin/sh
printf '%s\\n' "$*" >> "$FAKE/calls"
while [ $# -gt 0 ]; do
  case $1 in --talosconfig) cp "$2" "$FAKE/talosconfig" ;; --file) cp "$2" "$FAKE/machine.yaml" ;; esac
  shift
done
answer=$(head -n 1 "$FAKE/answers")
tail -n +2 "$FAKE/answers" > "$FAKE/rest" && mv "$FAKE/rest" "$FAKE/answers"
printf '%s\\n' "\${answer#* }" >&2
exit "\${answer%% *}"
`;
const UNAVAILABLE = '1 rpc error: code = Unavailable desc = connection error: "connect: connection refused"';
const UNKNOWN_AUTHORITY = "1 rpc error: code = Unavailable desc = tls: x509: certificate signed by unknown authority";
const APPLIED = "0 Applied configuration without a reboot";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "orrery-scripts-"));
  for (const inner of ["bin", "fake", "tmp"]) mkdirSync(join(dir, inner));
  writeFileSync(join(dir, "bin/talosctl"), FAKE_TALOSCTL);
  chmodSync(join(dir, "bin/talosctl"), 0o755);
  // Stands for wait-kubernetes.ts, which has its own test.
  writeFileSync(join(dir, "bin/node"), '#!/bin/sh\ncat > "$FAKE/kubeconfig"\n');
  chmodSync(join(dir, "bin/node"), 0o755);
});
afterEach(() => rmSync(dir, { recursive: true }));

function run(script: string, answers: string[], env: Record<string, string> = {}) {
  writeFileSync(join(dir, "fake/answers"), answers.map((answer) => `${answer}\n`).join(""));
  const { status, stdout, stderr } = spawnSync("sh", [join(scripts, `${script}.sh`)], {
    encoding: "utf8",
    input: userData("machine config"),
    env: {
      PATH: `${join(dir, "bin")}:/usr/bin:/bin`,
      TMPDIR: join(dir, "tmp"),
      FAKE: join(dir, "fake"),
      TALOSCONFIG_CONTENT: "talosconfig content",
      ENDPOINTS: "198.51.100.1,198.51.100.2",
      NODE: "10.0.1.0",
      MACHINE: "demo-general-1",
      WAIT_SECONDS: "60",
      PAUSE_SECONDS: "0",
      REBOOT_SECONDS: "0",
      CONFIG_SHA256: "new-digest",
      ...env,
    },
  });
  const file = (name: string) => readFileSync(join(dir, "fake", name), "utf8");
  return { status, stdout, stderr, calls: callsOf(), file };
}

function callsOf(): string[] {
  try {
    return readFileSync(join(dir, "fake/calls"), "utf8").trim().split("\n");
  } catch {
    return [];
  }
}

test("apply-first waits for the API, applies, and answers with the config's digest alone", () => {
  const { status, stdout, calls, file } = run("apply-first", [UNAVAILABLE, UNAVAILABLE, APPLIED]);
  expect(status).toBe(0);
  expect(stdout).toBe("new-digest");
  expect(calls).toHaveLength(3);
  expect(calls[2]).toMatch(
    /^--talosconfig \S+ --endpoints 198.51.100.1,198.51.100.2 --nodes 10.0.1.0 apply-config --mode auto --file \S+$/,
  );
  expect(file("machine.yaml")).toBe("machine config");
  expect(file("talosconfig")).toBe("talosconfig content");
});

test("no secret is left behind, and none is on a command line", () => {
  const { calls } = run("apply-first", [APPLIED]);
  expect(readdirSync(join(dir, "tmp"))).toEqual([]);
  expect(calls.join()).not.toContain("content");
});

test("nothing is called when the machine has this config already", () => {
  const { status, stdout, calls } = run("apply-change", [], { PULUMI_COMMAND_STDOUT: "new-digest" });
  expect({ status, stdout, calls }).toEqual({ status: 0, stdout: "new-digest", calls: [] });
});

test("another digest in the last output means that there is something to do", () => {
  const { calls } = run("apply-change", [APPLIED], { PULUMI_COMMAND_STDOUT: "old-digest" });
  expect(calls).toHaveLength(1);
});

test.each(["InvalidArgument", "PermissionDenied"])("%s is not tried again", (code) => {
  const { status, stderr, calls } = run("apply-change", [`1 rpc error: code = ${code} desc = because`]);
  expect(status).toBe(1);
  expect(calls).toHaveLength(1);
  expect(stderr).toContain("demo-general-1: the machine refused its config");
  expect(stderr).toContain("because");
});

test("a machine that never answers ends with what to look at", () => {
  const { status, stderr } = run("apply-first", [UNAVAILABLE], { WAIT_SECONDS: "0" });
  expect(status).toBe(1);
  expect(stderr).toContain("gave up after 0 s");
  expect(stderr).toContain("access.adminCidrs");
  expect(stderr).toContain("connection refused");
});

const REBOOT = "0 Applied configuration with a reboot: this config change can't be applied in immediate mode";

test("apply-change waits for etcd after a control plane's reboot", () => {
  const { status, calls } = run("apply-change", [
    REBOOT,
    UNAVAILABLE,
    "0 10.0.0.10   etcd   Preparing   ?",
    "0 10.0.0.10   etcd   Running   OK",
  ]);
  expect(status).toBe(0);
  expect(calls).toHaveLength(4);
});

test("apply-change waits for the API alone after a worker's reboot", () => {
  const { status, calls } = run("apply-change", [REBOOT, UNAVAILABLE, "0 10.0.1.0   kubelet   Running   OK"]);
  expect(status).toBe(0);
  expect(calls).toHaveLength(3);
});

test("apply-first does not wait for etcd: it may not be bootstrapped", () => {
  expect(run("apply-first", [REBOOT]).calls).toHaveLength(1);
});

test("join hands the config over in maintenance mode, once, and waits for the machine", () => {
  const { status, stdout, calls } = run("join", [UNKNOWN_AUTHORITY, "0 ", UNAVAILABLE, UNKNOWN_AUTHORITY, APPLIED], {
    FINGERPRINT: "abc=",
  });
  expect(status).toBe(0);
  expect(stdout).toBe("new-digest");
  const insecure = calls.filter((call) => call.includes("--insecure"));
  expect(insecure).toHaveLength(1);
  expect(insecure[0]).toMatch(/^apply-config --insecure --nodes 10.0.1.0 --cert-fingerprint abc= --file \S+$/);
});

test("join goes on where an interrupted one stopped", () => {
  const { status, calls } = run("join", [APPLIED]);
  expect(status).toBe(0);
  expect(calls.some((call) => call.includes("--insecure"))).toBe(false);
});

test("join says when there is no fingerprint, and asks for none", () => {
  const { stderr, calls } = run("join", [UNKNOWN_AUTHORITY, "0 ", APPLIED]);
  expect(stderr).toContain("no certificateFingerprint is set");
  expect(calls.join()).not.toContain("--cert-fingerprint");
});

test.each([
  [
    "another machine's certificate",
    "1 tls: leaf peer certificate doesn't match the provided fingerprints",
    "certificateFingerprint says",
  ],
  ["a machine of another cluster", "1 remote error: tls: certificate required", "configured by another cluster"],
  ["a config that the machine refuses", "1 rpc error: code = InvalidArgument desc = no disk", "refused its config"],
])("join stops at %s", (_case, answer, message) => {
  const { status, stderr, calls } = run("join", [UNKNOWN_AUTHORITY, answer], { FINGERPRINT: "abc=" });
  expect(status).toBe(1);
  expect(calls).toHaveLength(2);
  expect(stderr).toContain(message);
});

test("join takes a machine that is just starting for its own", () => {
  const { status } = run("join", [UNAVAILABLE, "1 remote error: tls: certificate required", APPLIED]);
  expect(status).toBe(0);
});

test("leave resets to maintenance mode, and is not done while the machine still answers", () => {
  const { status, calls } = run("leave", ["0 ", "0 version", UNAVAILABLE]);
  expect(status).toBe(0);
  expect(calls).toHaveLength(3);
  expect(calls[0]).toContain("reset --graceful=false --reboot --wait=false --system-labels-to-wipe STATE,EPHEMERAL");
});

test("leave does not hold up a destroy, but says what is left", () => {
  const { status, stderr } = run("leave", [UNAVAILABLE]);
  expect(status).toBe(0);
  expect(stderr).toContain("could not be reset");
});

test.each([
  [
    "the first time",
    ["1 rpc error: code = FailedPrecondition desc = bootstrap is not available yet", UNAVAILABLE, "0 "],
    3,
  ],
  ["the second time", ["1 rpc error: code = AlreadyExists desc = etcd data directory is not empty"], 1],
])("bootstrap succeeds %s, and then waits for Kubernetes", (_case, answers, count) => {
  const { status, stdout, calls, file } = run("bootstrap", answers);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  expect(calls).toHaveLength(count);
  expect(file("kubeconfig")).toBe(userData("machine config"));
});

test("bootstrap stops when it is not allowed", () => {
  const { status, calls } = run("bootstrap", ["1 rpc error: code = PermissionDenied desc = not authorized"]);
  expect(status).toBe(1);
  expect(calls).toHaveLength(1);
});

test("a missing talosctl is said", () => {
  rmSync(join(dir, "bin/talosctl"));
  const { status, stderr } = run("apply-first", []);
  expect(status).toBe(1);
  expect(stderr).toContain("talosctl is not on PATH");
});
