import { describe, expect, it } from "vitest";
import { type Answer, brokenServer, decide, questionOf } from "../../../../sandbox/recovery/plan";
import type { PendingOperation } from "../../../../sandbox/recovery/state";
import { labels, pending, RELEASE, resource, SERVER, secret } from "./fixtures";

const server = resource(SERVER, "dev-general-1", { name: "dev-general-1", labels });
const release = resource(
  RELEASE,
  "cilium",
  { name: "cilium", namespace: "kube-system" },
  { provider: "urn:pulumi:dev::orrery::pulumi:providers:kubernetes::dev::id-1" },
);
const hcloud = (object: object): Answer => ({ found: "hcloud", object: { id: 7, ...object } });
const records = (...statuses: string[]): Answer => ({
  found: "release",
  records: statuses.map((status, index) => ({ secret: `cilium.v${index + 1}`, revision: index + 1, status })),
});
const nothing: Answer = { found: "nothing" };

describe("decide", () => {
  const cases: [string, PendingOperation, Answer, Partial<ReturnType<typeof decide>>, RegExp][] = [
    [
      "a server that was made",
      pending(server),
      hcloud({ labels, status: "running" }),
      { action: "adopt", id: "7" },
      /adopted as 7$/,
    ],
    [
      "a server that was never switched on",
      pending(server),
      hcloud({ labels, status: "off" }),
      { action: "adopt", id: "7", powerOn: true },
      /switched on/,
    ],
    ["a server that was not made", pending(server), nothing, { action: "drop" }, /was not made/],
    [
      "a server of somebody else with the same name",
      pending(server),
      hcloud({ labels: { ...labels, "orrery.dev/cluster": "other" }, status: "running" }),
      { action: "drop" },
      /taken by 7.*left alone/,
    ],
    [
      "an account that cannot be asked",
      pending(server),
      { found: "unknown", reason: "GET /servers: 503" },
      { action: "keep" },
      /GET \/servers: 503/,
    ],
    [
      "an hcloud type that recovery does not know",
      pending(resource("hcloud:index/certificate:Certificate", "c", { name: "c" })),
      nothing,
      { action: "keep" },
      /pulumi import/,
    ],
    [
      "a deployed release",
      pending(release),
      records("deployed"),
      { action: "adopt", id: "kube-system/cilium" },
      /adopted/,
    ],
    ["a release that was not begun", pending(release), records(), { action: "drop" }, /was not installed/],
    [
      "a release in the middle of its installation",
      pending(release),
      records("pending-install"),
      { action: "drop", deleteRecords: ["cilium.v1"] },
      /pending-install/,
    ],
    [
      "a release that failed, and failed again",
      pending(release),
      records("failed", "failed"),
      { action: "drop", deleteRecords: ["cilium.v1", "cilium.v2"] },
      /failed/,
    ],
    [
      "a release in the middle of an upgrade: the revision before stays",
      pending(release, "updating"),
      records("deployed", "pending-upgrade"),
      { action: "refresh", deleteRecords: ["cilium.v2"] },
      /revision 2 was left at pending-upgrade/,
    ],
    [
      "a release whose upgrade ended",
      pending(release, "updating"),
      records("superseded", "deployed"),
      { action: "refresh" },
      /read again/,
    ],
    [
      "a cluster that does not answer",
      pending(release),
      { found: "unknown", reason: "the cluster did not answer" },
      { action: "keep" },
      /did not answer/,
    ],
    [
      "a Kubernetes object",
      pending(resource("kubernetes:apps/v1:Deployment", "web", { metadata: { name: "web", namespace: "apps" } })),
      nothing,
      { action: "drop" },
      /takes over/,
    ],
    [
      "a Kubernetes object whose name the provider made up",
      pending(
        resource("kubernetes:core/v1:ConfigMap", "web", {
          metadata: { name: "web-1f", namespace: "apps", annotations: { "pulumi.com/autonamed": "true" } },
        }),
      ),
      nothing,
      { action: "drop" },
      /kubectl delete configmap -n apps web-1f/,
    ],
    [
      "a password",
      pending(resource("random:index/randomPassword:RandomPassword", "p")),
      nothing,
      { action: "drop" },
      /nowhere but/,
    ],
    ["a key", pending(resource("tls:index/privateKey:PrivateKey", "k")), nothing, { action: "drop" }, /nowhere but/],
    ["a command", pending(resource("command:local:Command", "c")), nothing, { action: "drop" }, /may run again/],
    [
      "another provider's resource",
      pending(resource("aws:s3/bucket:Bucket", "b")),
      nothing,
      { action: "keep" },
      /pulumi import/,
    ],
    ["a change of a server", pending(server, "updating"), nothing, { action: "refresh" }, /being changed; read again/],
    ["a deletion", pending(server, "deleting"), nothing, { action: "refresh" }, /being deleted; read again/],
    ["a read", pending(server, "reading"), nothing, { action: "drop" }, /being read/],
  ];
  it.each(cases)("%s", (_name, operation, answer, wanted, line) => {
    const decision = decide(operation, answer);
    const { action, id, powerOn, deleteRecords } = decision;
    const given = Object.fromEntries(
      Object.entries({ action, id, powerOn, deleteRecords }).filter(([, value]) => value !== undefined),
    );
    expect(given).toEqual(wanted);
    expect(decision.line).toMatch(line);
    expect(decision.line).not.toContain("\n");
  });

  it("does not take the server that is to be replaced for its successor", () => {
    const known = new Map([[SERVER, new Set(["7"])]]);
    expect(decide(pending(server), hcloud({ labels, status: "running" }), known)).toMatchObject({ action: "drop" });
  });
});

describe("parts of other resources", () => {
  const balancer = {
    id: 5,
    services: [{ listen_port: 6443 }],
    targets: [{ type: "server", server: { id: 9 } }],
    private_net: [{ network: 3 }],
  };
  const network = { id: 3, subnets: [{ ip_range: "10.0.0.0/20" }], routes: [{ destination: "10.1.0.0/16" }] };
  const cases: [string, Record<string, unknown>, object, string | undefined][] = [
    ["networkSubnet:NetworkSubnet", { networkId: 3, ipRange: "10.0.0.0/20" }, network, "3-10.0.0.0/20"],
    ["networkSubnet:NetworkSubnet", { networkId: 3, ipRange: "10.0.16.0/20" }, network, undefined],
    ["networkRoute:NetworkRoute", { networkId: 3, destination: "10.1.0.0/16" }, network, "3-10.1.0.0/16"],
    ["loadBalancerNetwork:LoadBalancerNetwork", { loadBalancerId: 5, subnetId: "3-10.0.0.0/20" }, balancer, "5-3"],
    ["loadBalancerNetwork:LoadBalancerNetwork", { loadBalancerId: 5, networkId: 4 }, balancer, undefined],
    ["serverNetwork:ServerNetwork", { serverId: 5, networkId: "3" }, balancer, "5-3"],
    ["loadBalancerService:LoadBalancerService", { loadBalancerId: "5", listenPort: 6443 }, balancer, "5__6443"],
    ["loadBalancerService:LoadBalancerService", { loadBalancerId: "5", protocol: "https" }, balancer, undefined],
    ["loadBalancerTarget:LoadBalancerTarget", { loadBalancerId: 5, serverId: 9 }, balancer, "lb-srv-tgt-9-5"],
    ["loadBalancerTarget:LoadBalancerTarget", { loadBalancerId: 5, serverId: 8 }, balancer, undefined],
  ];
  it.each(cases)("%s %j", (type, inputs, parent, id) => {
    const decision = decide(pending(resource(`hcloud:index/${type}`, "part", inputs)), hcloud(parent));
    expect(decision).toMatchObject(id === undefined ? { action: "drop" } : { action: "adopt", id });
  });
});

describe("questionOf", () => {
  it("reads names that are secrets", () => {
    const operation = pending(resource(SERVER, "s", { name: secret("dev-1"), labels }));
    expect(questionOf(operation)).toEqual({
      about: "hcloud",
      lookup: { kind: "named", collection: "servers", name: "dev-1", labels },
    });
  });

  it("asks the cluster about a release that was being changed, and about nothing else", () => {
    expect(questionOf(pending(release, "updating"))).toMatchObject({ about: "release", namespace: "kube-system" });
    expect(questionOf(pending(release, "deleting"))).toEqual({ about: "nothing" });
    expect(questionOf(pending(server, "updating"))).toEqual({ about: "nothing" });
  });
});

describe("brokenServer", () => {
  const made = { ...server, id: "7", initErrors: ["action failed"] };
  it.each([
    ["initializing", true],
    ["running", false],
    ["off", false],
  ])("a server that is %s: %s", (status, broken) => {
    expect(brokenServer(made, hcloud({ status })) !== undefined).toBe(broken);
  });

  it("leaves one that is gone to the engine", () => {
    expect(brokenServer(made, nothing)).toBeUndefined();
  });
});
