import { describe, expect, it } from "vitest";
import { withoutDescendants } from "../../../../sandbox/recovery/orphans";
import { type Decision, decide } from "../../../../sandbox/recovery/plan";
import { kubeconfigOf } from "../../../../sandbox/recovery/releases";
import { deploymentOf, failedServers, plain } from "../../../../sandbox/recovery/state";
import { applyDecisions, knownIds, refreshTargets } from "../../../../sandbox/recovery/surgery";
import { pending, RELEASE, resource, SERVER, secret } from "./fixtures";

const adoption = (operation: ReturnType<typeof pending>, id: string): Decision => ({
  operation,
  action: "adopt",
  id,
  line: "",
});

describe("applyDecisions", () => {
  const network = resource("hcloud:index/network:Network", "net", {}, { id: "1" });

  it("appends an adopted resource with all that the engine recorded, and its inputs as first outputs", () => {
    const userData = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
    const made = { ...resource(SERVER, "a", { name: "a", userData }), provider: "p::1", dependencies: [network.urn] };
    const operation = pending(made);
    const result = applyDecisions({ resources: [network], pending_operations: [operation] }, [
      adoption(operation, "7"),
    ]);
    expect(result.resources).toEqual([network, { ...made, id: "7", outputs: { name: "a", userData } }]);
    expect(result.pending_operations).toEqual([]);
  });

  it("gives a release the record of its inputs that its provider keeps in the outputs", () => {
    const operation = pending(resource(RELEASE, "r", { name: "r" }));
    const [adopted] =
      applyDecisions({ pending_operations: [operation] }, [adoption(operation, "ns/r")]).resources ?? [];
    expect(adopted?.outputs).toEqual({ name: "r", __inputs: { name: "r" } });
  });

  it("puts a replacement where the old one was, which then waits for its deletion", () => {
    const old = resource(SERVER, "a", {}, { id: "6" });
    const operation = pending(resource(SERVER, "a", { name: "b" }));
    const { resources = [] } = applyDecisions({ resources: [old, network], pending_operations: [operation] }, [
      adoption(operation, "7"),
    ]);
    expect(resources.map(({ id, delete: gone }) => [id, gone])).toEqual([
      ["7", undefined],
      ["1", undefined],
      ["6", true],
    ]);
  });

  it("forgets an old one that was deleted before its replacement was made", () => {
    const old = resource(SERVER, "a", {}, { id: "6", pendingReplacement: true });
    const operation = pending(resource(SERVER, "a"));
    const result = applyDecisions({ resources: [old], pending_operations: [operation] }, [adoption(operation, "7")]);
    expect(result.resources?.map(({ id }) => id)).toEqual(["7"]);
  });

  it("drops what was dropped, and leaves what is not known or is read again", () => {
    const [password, bucket, change] = [
      pending(resource("random:index/randomPassword:RandomPassword", "p")),
      pending(resource("aws:s3/bucket:Bucket", "b")),
      pending(network, "updating"),
    ] as const;
    const decisions = [password, bucket, change].map((operation) => decide(operation, { found: "nothing" }));
    const state = { resources: [network], pending_operations: [password, bucket, change] };
    const result = applyDecisions(state, decisions);
    expect(result.pending_operations).toEqual([bucket, change]);
    expect(result.resources).toEqual([network]);
    expect(refreshTargets(decisions)).toEqual([network.urn]);
  });
});

describe("reading the state", () => {
  it.each(["latest", "Latest"])("finds the deployment under %s", (key) => {
    const operation = pending(resource(SERVER, "a"));
    const file = JSON.stringify({ version: 3, checkpoint: { [key]: { pending_operations: [operation] } } });
    expect(deploymentOf(file).pending_operations).toEqual([operation]);
  });

  it("takes a stack without a deployment for empty", () => {
    expect(deploymentOf(JSON.stringify({ version: 3, checkpoint: { stack: "dev" } }))).toEqual({});
  });

  it("knows ids by type", () => {
    const known = knownIds({ resources: [resource(SERVER, "a", {}, { id: "6" }), resource(SERVER, "b")] });
    expect([...known]).toEqual([[SERVER, new Set(["6"])]]);
  });

  it("unwraps secrets at every depth, and hides those that are encrypted", () => {
    const encrypted = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
    expect(plain({ a: [secret({ b: secret(1) })], c: encrypted })).toEqual({ a: [{ b: 1 }], c: undefined });
  });

  it("finds the kubeconfig of a release's own provider", () => {
    const provider = resource("pulumi:providers:kubernetes", "dev", { kubeconfig: secret("apiVersion: v1") });
    expect(kubeconfigOf(`${provider.urn}::id-1`, [resource("x:y:Z", "z"), provider])).toBe("apiVersion: v1");
    expect(kubeconfigOf("urn:pulumi:dev::orrery::pulumi:providers:kubernetes::other::id", [provider])).toBeUndefined();
  });

  it("looks only at servers that were made with errors", () => {
    const failed = resource(SERVER, "a", {}, { id: "7", initErrors: ["x"] });
    const others = [
      resource(SERVER, "b", {}, { id: "8" }),
      resource(SERVER, "c", {}, { initErrors: ["x"] }),
      resource("kubernetes:apps/v1:Deployment", "d", {}, { id: "d", initErrors: ["x"] }),
    ];
    expect(failedServers({ resources: [failed, ...others] })).toEqual([failed]);
  });
});

describe("withoutDescendants", () => {
  const process = (pid: number, parent: number) => ({ pid, parent, name: `p${pid}` });

  it("spares what the running command itself started, however deep", () => {
    const own = [process(11, 10), process(12, 11), process(13, 12)];
    const orphans = [process(20, 1), process(21, 20)];
    expect(withoutDescendants([...own, ...orphans, process(10, 5)], 10)).toEqual(orphans);
  });
});
