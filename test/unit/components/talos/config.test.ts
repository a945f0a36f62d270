import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { renderConfig } from "../../../../components/talos/config/common";
import { controlPlaneConfig } from "../../../../components/talos/config/control-plane";
import { nodeMtuBytes } from "../../../../components/talos/config/network";
import type { ConfigDocument, MachineConfig } from "../../../../components/talos/config/types";
import { workerConfig } from "../../../../components/talos/config/worker";
import { userData } from "../../../../components/talos/user-data";
import { controlPlaneInput, dedicatedInput, wireguard, workerInput } from "./config-inputs";

function documents<Kind extends ConfigDocument["kind"]>(config: MachineConfig, kind: Kind) {
  return config.slice(1).filter((document): document is Extract<ConfigDocument, { kind: Kind }> => {
    return "kind" in document && document.kind === kind;
  });
}
const main = (config: MachineConfig) => config[0];
const openTo = (config: MachineConfig) =>
  Object.fromEntries(
    documents(config, "NetworkRuleConfig").map(({ portSelector, ingress }) => [
      `${portSelector.protocol}/${portSelector.ports.join("+")}`,
      ingress.map(({ subnet }) => subnet),
    ]),
  );

describe("secrets", () => {
  const { secrets } = workerInput();
  const privateParts = [
    secrets.talosCa.privateKeyPem,
    secrets.kubernetesCa.privateKeyPem,
    secrets.etcdCa.privateKeyPem,
    secrets.aggregatorCa.privateKeyPem,
    secrets.serviceAccountKeyPem,
  ].map((pem) => Buffer.from(pem).toString("base64"));

  test("a worker has no private key of any authority, nor what is only for control planes", () => {
    const text = renderConfig(workerConfig(workerInput()));
    for (const part of [...privateParts, secrets.secretboxEncryptionSecret]) expect(text).not.toContain(part);
    expect(main(workerConfig(workerInput())).cluster).not.toHaveProperty("etcd");
  });

  test("a control plane has them all", () => {
    const text = renderConfig(controlPlaneConfig(controlPlaneInput()));
    for (const part of [...privateParts, secrets.secretboxEncryptionSecret]) expect(text).toContain(part);
  });
});

describe("links", () => {
  const dhcp = (config: MachineConfig) => documents(config, "DHCPv4Config").map(({ name }) => name);

  test("a cloud server names both links, because one document switches off DHCP on all others", () => {
    const config = controlPlaneConfig(controlPlaneInput({ wireguard }));
    expect(dhcp(config)).toEqual(["eth0", "eth1"]);
    expect(documents(config, "LinkConfig")).toMatchObject([{ name: "eth1", mtu: 1450 }]);
  });

  test("a server without a public IPv4 asks for none", () => {
    expect(dhcp(workerConfig(workerInput({ platform: { name: "hcloud", publicIpv4: false } })))).toEqual(["eth1"]);
  });

  test("a dedicated machine keeps Talos's default DHCP: no document about links", () => {
    const config = workerConfig(dedicatedInput());
    for (const kind of ["DHCPv4Config", "LinkConfig", "WireguardConfig"] as const) {
      expect(documents(config, kind)).toEqual([]);
    }
  });

  test("what runs in the mesh fits into every path", () => {
    expect(main(workerConfig(workerInput())).machine.network?.kubespan.mtu).toBe(1370);
    expect([nodeMtuBytes(true), nodeMtuBytes(false)]).toEqual([1370, 1450]);
  });
});

describe("kubelet and node", () => {
  test("a cloud server is known by its private address, a dedicated machine by its public one", () => {
    expect(main(workerConfig(workerInput())).machine.kubelet.nodeIP.validSubnets).toEqual(["10.0.0.0/20"]);
    expect(main(workerConfig(dedicatedInput())).machine.kubelet.nodeIP.validSubnets).toEqual(["203.0.113.40/32"]);
  });

  test("cloud servers wait for the cloud controller, dedicated machines say themselves who they are", () => {
    expect(main(workerConfig(workerInput())).cluster.externalCloudProvider).toEqual({ enabled: true });
    expect(main(controlPlaneConfig(controlPlaneInput())).cluster.externalCloudProvider).toEqual({ enabled: true });
    const dedicated = main(workerConfig(dedicatedInput()));
    expect(dedicated.cluster).not.toHaveProperty("externalCloudProvider");
    expect(dedicated.machine.kubelet.extraArgs).toEqual({ "provider-id": "hrobot://2400001" });
  });

  test("one's own machine is of a provider that the cloud controller does not know, and no load balancer's target", () => {
    const input = dedicatedInput();
    const platform = { ...input.platform, robotNumber: undefined };
    const { machine } = main(workerConfig({ ...input, platform } as typeof input));
    expect(machine.kubelet.extraArgs).toEqual({ "provider-id": `own://${input.hostname}` });
    expect(machine.nodeLabels).toMatchObject({
      "instance.hetzner.cloud/provided-by": "robot",
      "node.kubernetes.io/exclude-from-external-load-balancers": "true",
    });
  });

  test("taints come at registration, the only time that a worker may set them", () => {
    expect(main(workerConfig(workerInput())).machine.kubelet.extraConfig).toEqual({
      registerWithTaints: [{ key: "example.com/batch", value: "yes", effect: "NoSchedule" }],
    });
    expect(main(workerConfig(workerInput()))).not.toHaveProperty("machine.nodeTaints");
  });

  test("labels name the pool and what the settings say", () => {
    expect(main(workerConfig(workerInput())).machine.nodeLabels).toEqual({
      "orrery.dev/pool": "general",
      "example.com/tier": "batch",
    });
    expect(main(workerConfig(dedicatedInput({ labels: {} }))).machine.nodeLabels).toEqual({
      "orrery.dev/pool": "gpu",
      "orrery.dev/gpu": "nvidia",
      "instance.hetzner.cloud/provided-by": "robot",
    });
  });

  test("an NVIDIA machine loads the modules, and the settings' sysctls win", () => {
    const { machine } = main(workerConfig(dedicatedInput()));
    expect(machine.kernel?.modules.map(({ name }) => name)).toEqual([
      "nvidia",
      "nvidia_uvm",
      "nvidia_drm",
      "nvidia_modeset",
    ]);
    expect(machine.sysctls).toEqual({ "net.core.bpf_jit_harden": "1" });
    const sysctls = { "net.core.bpf_jit_harden": "2" };
    expect(main(workerConfig(dedicatedInput({ sysctls }))).machine.sysctls).toEqual(sysctls);
  });

  test.each([
    ["amdgpu", "amd"],
    ["i915", "intel"],
    ["xe", "intel"],
  ] as const)("a machine whose card needs %s loads that, and changes no sysctl", (driver, vendor) => {
    const { machine } = main(workerConfig(dedicatedInput({ gpu: { vendor, model: { driver } } })));
    expect(machine.kernel?.modules).toEqual([{ name: driver }]);
    expect(machine).not.toHaveProperty("sysctls");
  });

  test("a dedicated machine picks its disk by what it is, a cloud server has only one", () => {
    expect(main(workerConfig(dedicatedInput())).machine.install).toMatchObject({
      diskSelector: { type: "nvme" },
      image: `factory.talos.dev/metal-installer/${"b".repeat(64)}:v1.12.1`,
    });
    expect(main(workerConfig(dedicatedInput())).machine.install).not.toHaveProperty("disk");
    expect(main(workerConfig(workerInput())).machine.install).toMatchObject({
      disk: "/dev/sda",
      image: `factory.talos.dev/hcloud-installer/${"b".repeat(64)}:v1.12.1`,
    });
  });
});

describe("ingress firewall", () => {
  test("blocks by default, everywhere", () => {
    for (const config of [controlPlaneConfig(controlPlaneInput()), workerConfig(workerInput())]) {
      expect(documents(config, "NetworkDefaultActionConfig")).toMatchObject([{ ingress: "block" }]);
    }
  });

  test("opens nothing but WireGuard to the world", () => {
    const open = Object.entries(openTo(controlPlaneConfig(controlPlaneInput({ wireguard }))));
    const world = open.filter(([, subnets]) => subnets.includes("0.0.0.0/0")).map(([port]) => port);
    expect(world).toEqual(["udp/51820", "udp/51821"]);
  });

  test("opens the APIs to administrators, nodes and pods", () => {
    const open = openTo(controlPlaneConfig(controlPlaneInput({ wireguard })));
    const who = ["10.0.0.0/16", "10.244.0.0/16", "203.0.113.7/32", "10.200.0.0/24"];
    // Pods have no business with Talos.
    expect(open["tcp/50000"]).toEqual(who.filter((cidr) => cidr !== "10.244.0.0/16"));
    expect(open["tcp/6443"]).toEqual(who);
    expect(open["tcp/2379-2380"]).toEqual(["10.0.0.0/16"]);
    expect(open["tcp/50001"]).toEqual(["10.0.0.0/16"]);
  });

  test("a worker has no port of a control plane, but what nodes need of each other", () => {
    const open = openTo(workerConfig(workerInput()));
    for (const port of ["tcp/6443", "tcp/50001", "tcp/2379-2380"]) expect(open).not.toHaveProperty([port]);
    for (const port of ["tcp/10250", "udp/8472", "udp/51820", "tcp/50000"]) expect(open).toHaveProperty([port]);
  });

  test("without a mesh its port is closed, and Cilium's own WireGuard open between nodes", () => {
    const open = openTo(workerConfig(workerInput({ kubespan: false })));
    expect(open).not.toHaveProperty(["udp/51820"]);
    expect(open["udp/51871"]).toEqual(["10.0.0.0/16"]);
    expect(openTo(workerConfig(workerInput()))).not.toHaveProperty(["udp/51871"]);
  });
});

describe("backups of etcd", () => {
  const config = controlPlaneConfig(controlPlaneInput({ etcdBackupNamespace: "backup" }));

  test("let pods of one namespace take snapshots by the Talos API, and do nothing else", () => {
    expect(config[0].machine.features.kubernetesTalosAPIAccess).toEqual({
      enabled: true,
      allowedRoles: ["os:etcd:backup"],
      allowedKubernetesNamespaces: ["backup"],
    });
    const opened = documents(config, "NetworkRuleConfig").find(({ name }) => name === "talos-api");
    expect(opened?.ingress).toContainEqual({ subnet: "10.244.0.0/16" });
  });

  test("are not asked for unless they are switched on: no pod may call the Talos API", () => {
    const without = controlPlaneConfig(controlPlaneInput());
    expect(without[0].machine.features).not.toHaveProperty("kubernetesTalosAPIAccess");
    const rule = documents(without, "NetworkRuleConfig").find(({ name }) => name === "talos-api");
    expect(rule?.ingress).not.toContainEqual({ subnet: "10.244.0.0/16" });
  });
});

describe("control plane", () => {
  test("leaves pods' network and services to Cilium", () => {
    const { cluster } = main(controlPlaneConfig(controlPlaneInput()));
    expect(cluster.network.cni).toEqual({ name: "none" });
    expect(cluster.proxy).toEqual({ disabled: true });
  });

  test("keeps the issuer of tokens apart from the endpoint, which may move", () => {
    const { cluster } = main(controlPlaneConfig(controlPlaneInput()));
    expect(cluster.controlPlane.endpoint).toBe("https://198.51.100.1:6443");
    expect(cluster.apiServer?.extraArgs["service-account-issuer"]).toBe("https://api.example.com:6443");
    expect(cluster.apiServer?.extraArgs["api-audiences"]).toBe("https://api.example.com:6443");
  });

  test("keeps etcd in the private network", () => {
    expect(main(controlPlaneConfig(controlPlaneInput())).cluster.etcd?.advertisedSubnets).toEqual(["10.0.0.0/20"]);
  });

  test("enforces the baseline where a namespace says nothing", () => {
    const [plugin] = main(controlPlaneConfig(controlPlaneInput())).cluster.apiServer!.admissionControl;
    expect(plugin).toMatchObject({ name: "PodSecurity", configuration: { defaults: { enforce: "baseline" } } });
  });

  test("gives the administrators' WireGuard one address for each peer", () => {
    expect(documents(controlPlaneConfig(controlPlaneInput({ wireguard })), "WireguardConfig")).toMatchObject([
      {
        listenPort: 51821,
        addresses: [{ address: "10.200.0.1/24" }],
        peers: [{ publicKey: wireguard.peers[0]!.publicKey, allowedIPs: ["10.200.0.16/32"] }],
      },
    ]);
  });
});

test("both system volumes are encrypted, or none", () => {
  const encrypted = (diskEncryption: boolean) =>
    documents(workerConfig(workerInput({ diskEncryption })), "VolumeConfig").map(({ name }) => name);
  expect(encrypted(true)).toEqual(["STATE", "EPHEMERAL"]);
  expect(encrypted(false)).toEqual([]);
});

test("local volumes have a directory where they are wanted", () => {
  expect(documents(workerConfig(workerInput()), "UserVolumeConfig")).toMatchObject([
    { name: "local-path", volumeType: "directory" },
  ]);
  expect(
    documents(workerConfig(workerInput({ storage: { directories: [], kubeletMounts: [] } })), "UserVolumeConfig"),
  ).toEqual([]);
});

test("the kubelet sees a directory as the host does where storage needs it", () => {
  const mount = { destination: "/x", source: "/x", type: "bind" as const, options: ["bind", "rshared", "rw"] };
  const mounts = (kubeletMounts: (typeof mount)[]) =>
    workerConfig(workerInput({ storage: { directories: [], kubeletMounts } }))[0].machine.kubelet.extraMounts;
  expect(mounts([mount])).toEqual([mount]);
  expect(mounts([])).toBeUndefined();
});

test("the text has the same documents, in the same order, each time", () => {
  const config = controlPlaneConfig(controlPlaneInput({ wireguard }));
  const text = renderConfig(config);
  expect(renderConfig(controlPlaneConfig(controlPlaneInput({ wireguard })))).toBe(text);
  expect(parseAllDocuments(text).map((document) => document.toJS())).toEqual(JSON.parse(JSON.stringify(config)));
});

test("user data is base64 of gzip, the same each time, far below the limit", () => {
  const text = renderConfig(controlPlaneConfig(controlPlaneInput({ wireguard })));
  const data = userData(text);
  expect(gunzipSync(Buffer.from(data, "base64")).toString()).toBe(text);
  expect(userData(text)).toBe(data);
  // Neither the time nor the operating system of whoever runs it: a change would show as one of every server.
  expect([...Buffer.from(data, "base64").subarray(4, 10)]).toEqual([0, 0, 0, 0, 2, 255]);
});
