import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { apiServer, controllerManager, etcd, scheduler } from "../../../../sandbox/control-plane/components";
import { kwok } from "../../../../sandbox/control-plane/kwok";
import { material, settings } from "./support";

describe("apiServer", () => {
  it("is as strict as Talos makes it", () => {
    const { args } = apiServer(material(), "/audit.log");
    expect(args).toEqual(
      expect.arrayContaining([
        "--anonymous-auth=false",
        "--authorization-config=/m/authorization.json",
        "--admission-control-config-file=/m/admission.json",
        "--enable-admission-plugins=NodeRestriction",
        "--encryption-provider-config=/m/encryption.json",
        "--bind-address=127.83.12.11",
        "--advertise-address=10.0.0.11",
        "--service-account-issuer=https://10.0.0.2:6443",
      ]),
    );
  });

  it("never advertises a loopback address, which kube-apiserver refuses", () => {
    expect(apiServer(material({ addresses: ["127.83.12.11"] }), "/a").args).toContain("--advertise-address=192.0.2.1");
  });

  it("takes the config's own arguments", () => {
    const extraArgs = { "oidc-issuer-url": "https://id.example.com", "enable-admission-plugins": "AlwaysPullImages" };
    const { args } = apiServer(material({ apiServer: { ...settings.apiServer, extraArgs } }), "/a");
    expect(args).toContain("--oidc-issuer-url=https://id.example.com");
    expect(args).toContain("--enable-admission-plugins=NodeRestriction,AlwaysPullImages");
  });

  it.each(["etcd-servers", "client-ca-file", "authorization-config", "service-account-signing-key-file"])(
    "keeps %s",
    (name) => {
      const changed = material({ apiServer: { ...settings.apiServer, extraArgs: { [name]: "x" } } });
      expect(() => apiServer(changed, "/a")).toThrow(name);
    },
  );
});

describe("etcd", () => {
  it("takes a moved data directory as a new cluster of one", () => {
    expect(etcd(material(), "/data", false).args.join(" ")).not.toContain("force-new-cluster");
    expect(etcd(material(), "/data", true).args).toContain("--force-new-cluster=true");
  });

  it("does not listen for metrics on an address that all machines share", () => {
    const extraArgs = { "listen-metrics-urls": "http://0.0.0.0:2381" };
    expect(etcd(material({ etcd: { image: "", extraArgs } }), "/data", false).args.join(" ")).not.toContain("2381");
  });
});

describe("controllerManager", () => {
  it("signs kubelets' certificates and cleans up tokens", () => {
    const { args } = controllerManager(material(), "/d");
    expect(args).toContain("--cluster-signing-key-file=/m/ca.key");
    expect(args).toContain("--controllers=*,tokencleaner");
  });
});

describe("scheduler", () => {
  it("merges the config's scheduler configuration, but not its connection", () => {
    const config = { profiles: [{ schedulerName: "packed" }], leaderElection: { leaderElect: true } };
    const { files } = scheduler(material({ scheduler: { ...settings.scheduler, config } }), "/d");
    expect(JSON.parse(files?.["/d/scheduler.json"] ?? "")).toMatchObject({
      kind: "KubeSchedulerConfiguration",
      profiles: [{ schedulerName: "packed" }],
      leaderElection: { leaderElect: false },
      clientConnection: { kubeconfig: "/m/scheduler.kubeconfig" },
    });
  });
});

describe("kwok", () => {
  it("plays pods, their end and their deletion, and leaves nodes to their machines", () => {
    const { files } = kwok(material(), "/d");
    const documents = parseAllDocuments(files?.["/d/kwok.yaml"] ?? "").map((d) => d.toJS());
    expect(documents.map((d) => `${d.kind} ${d.spec?.resourceRef.kind ?? ""} ${d.metadata.name}`)).toEqual([
      "KwokConfiguration  kwok",
      "Stage Node node-is-kept-by-its-machine",
      "Stage Pod pod-runs",
      "Stage Pod pod-completes",
      "Stage Pod pod-is-gone",
    ]);
    expect(documents[0].options).toMatchObject({
      nodeLeaseDurationSeconds: 0,
      manageNodesWithAnnotationSelector: "kwok.x-k8s.io/node=fake",
    });
  });
});
