import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { MainDocument, WireguardConfig } from "../../../../components/talos/config/types";
import { keyPair } from "../../../../components/talos/wireguard";
import { resolve } from "../hetzner/mocks";
import { type Environment, environment, settings, stackSettings } from "./environment";

const SERVER = "hcloud:index/server:Server";
const COMMAND = "command:local:Command";
const PROVIDER = "pulumi:providers:kubernetes";

type Inputs = Record<string, unknown> & { environment: Record<string, string>; stdin: string };

/** A machine config as a Command gets it. */
function documentsOf({ stdin }: Inputs): { kind?: string }[] {
  const text = gunzipSync(Buffer.from(stdin, "base64")).toString();
  return parseAllDocuments(text).map((document) => document.toJS());
}

/** The parts of an environment that most tests look at. */
function views({ recording }: Environment) {
  const command = (name: string) => recording.one(COMMAND, name);
  return {
    command,
    inputs: (name: string) => command(name).inputs as Inputs,
    config: (name: string) => documentsOf(command(name).inputs as Inputs)[0] as MainDocument,
    userData: (server: string) => recording.one(SERVER, server).inputs.userData,
  };
}

describe("prod", () => {
  let prod: Environment;
  let view: ReturnType<typeof views>;
  beforeAll(async () => {
    prod = await environment(stackSettings("prod"), true);
    view = views(prod);
  });
  const dedicated = [1, 2, 3].map((n) => `orrery-prod-gpu-${n}`);
  const machines = [
    "control-plane-1",
    "control-plane-2",
    "control-plane-3",
    "general-1",
    "general-2",
    "general-3",
    "general-4",
    "general-5",
    "general-6",
    "general-7",
    "general-8",
    "general-9",
  ].map((name) => `orrery-prod-${name}`);

  test("a server's user data is the config that is applied to it later", () => {
    for (const machine of machines) {
      expect(view.userData(machine)).toBe(view.inputs(`${machine}-config`).stdin);
    }
  });

  test("config and talosconfig are secrets, and on no command line", () => {
    for (const machine of [...machines.map((name) => `${name}-config`), "orrery-prod-gpu-1", "cluster-bootstrap"]) {
      const { inputs, secrets } = view.command(machine);
      expect(secrets).toEqual(expect.arrayContaining(["environment", "stdin"]));
      for (const key of ["create", "update"])
        expect(inputs[key]).toMatch(/^(sh components\/talos\/scripts\/[a-z-]+\.sh|:)$/);
    }
  });

  test("a control plane is called itself, a worker through all control planes at its private address", () => {
    const { environment: first } = view.inputs("orrery-prod-control-plane-1-config");
    expect(first.ENDPOINTS).toMatch(/^198\.51\.100\.\d+$/);
    expect(first.NODE).toBe(first.ENDPOINTS);
    const { environment: worker } = view.inputs("orrery-prod-general-1-config");
    expect(worker.ENDPOINTS!.split(",")).toHaveLength(3);
    expect(worker.ENDPOINTS!.split(",")[0]).toBe(first.NODE);
    expect(worker.NODE).toBe("10.0.7.0");
  });

  test("configs are applied one after the other, workers after the control planes", () => {
    const dependsOn = (name: string, other: string) =>
      view.command(`orrery-prod-${name}-config`).dependencies.includes(view.command(`orrery-prod-${other}-config`).urn);
    expect(dependsOn("control-plane-2", "control-plane-1")).toBe(true);
    expect(dependsOn("control-plane-3", "control-plane-2")).toBe(true);
    for (const n of [1, 2, 3]) expect(dependsOn("general-1", `control-plane-${n}`)).toBe(true);
    expect(dependsOn("general-2", "general-1")).toBe(true);
    expect(dependsOn("general-3", "general-2")).toBe(true);
  });

  test("a server that is replaced gets its config again", () => {
    const { inputs, dependencies } = view.command("orrery-prod-general-1-config");
    const server = prod.recording.one(SERVER, "orrery-prod-general-1");
    expect(dependencies).toContain(server.urn);
    expect(inputs.triggers).toEqual([prod.recording.resources.indexOf(server) + 1001]);
  });

  test("a new certificate alone changes no digest", () => {
    const { CONFIG_SHA256 } = view.inputs("orrery-prod-general-1-config").environment;
    expect(CONFIG_SHA256).toMatch(/^[0-9a-f]{64}$/);
    expect(CONFIG_SHA256).not.toBe(view.inputs("orrery-prod-general-2-config").environment.CONFIG_SHA256);
  });

  test("bootstrap is for the first control plane, after its API answered, and never runs twice", () => {
    const { inputs, dependencies } = view.command("cluster-bootstrap");
    expect((inputs as Inputs).environment.NODE).toBe(
      view.inputs("orrery-prod-control-plane-1-config").environment.NODE,
    );
    expect(dependencies).toContain(view.command("orrery-prod-control-plane-1-config").urn);
    expect(inputs.update).toBe(":");
    expect(inputs).not.toHaveProperty("triggers");
    expect((inputs as Inputs).stdin).toContain("kind: Config");
  });

  test("servers talk to the load balancer, the dedicated machine to the first control plane", () => {
    const endpoint = (name: string) => view.config(name).cluster.controlPlane.endpoint;
    const first = view.inputs("orrery-prod-control-plane-1-config").environment.NODE;
    expect(endpoint("orrery-prod-general-1-config")).toBe("https://10.0.0.5:6443");
    expect(endpoint("orrery-prod-control-plane-1-config")).toBe("https://10.0.0.5:6443");
    expect(endpoint("orrery-prod-gpu-1")).toBe(`https://${first}:6443`);
  });

  test("the dedicated machine is called directly, after the bootstrap, and reset when it goes", () => {
    const { inputs, dependencies, deleteBeforeReplace } = view.command("orrery-prod-gpu-1");
    expect((inputs as Inputs).environment).toMatchObject({
      NODE: "203.0.113.40",
      ENDPOINTS: "203.0.113.40",
      MACHINE: "orrery-prod-gpu-1",
    });
    expect(inputs.create).toContain("join.sh");
    expect(inputs.delete).toContain("leave.sh");
    expect(inputs.triggers).toEqual(["203.0.113.40"]);
    expect(deleteBeforeReplace).toBe(true);
    expect(dependencies).toContain(view.command("cluster-bootstrap").urn);
    const { machine } = view.config("orrery-prod-gpu-1");
    expect(machine.kubelet.extraConfig).toEqual({
      registerWithTaints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }],
    });
    expect(machine.install.image).toContain("metal-installer");
  });

  test("the Kubernetes provider waits for the cluster, and on destroy goes before the machines", () => {
    const { inputs, dependencies, secrets } = prod.recording.one(PROVIDER, "cluster");
    // The real provider takes its settings as text.
    expect(inputs).toMatchObject({ enableServerSideApply: "true", upsertExistingObjects: "true" });
    expect(JSON.parse(inputs.kubeClientSettings as string)).toEqual({ qps: 200, burst: 400 });
    expect(secrets).toContain("kubeconfig");
    const urns = [
      ...machines.map((name) => prod.recording.one(SERVER, name)),
      ...prod.recording.ofType("hcloud:index/loadBalancerTarget:LoadBalancerTarget"),
      view.command("cluster-bootstrap"),
      view.command("orrery-prod-control-plane-3-config"),
      view.command("orrery-prod-gpu-1"),
    ].map(({ urn }) => urn);
    expect(dependencies).toEqual(expect.arrayContaining(urns));
    // One broken worker must not keep everything else from being changed.
    expect(dependencies).not.toContain(view.command("orrery-prod-general-1-config").urn);
  });

  test("the cluster's secrets are protected; Pulumi's state holds them as secrets", () => {
    const bundle = prod.recording.resources.filter(({ parent }) => parent.endsWith("::cluster-secrets"));
    expect(bundle).toHaveLength(16);
    for (const { protect } of bundle) expect(protect).toBe(true);
    // Those of any other type have their value for an id, and ids are in the state in plain text.
    const random = prod.recording.resources.filter(({ type }) => type.startsWith("random:"));
    expect([...new Set(random.map(({ type }) => type))]).toEqual(["random:index/randomPassword:RandomPassword"]);
    const tokens = random.filter(({ name }) => name.includes("-token-"));
    expect(tokens).toHaveLength(4);
    for (const token of tokens) expect(token.inputs).toMatchObject({ upper: false, special: false });
  });

  test("authorities are what Talos makes itself", () => {
    const key = (name: string) =>
      prod.recording.one("tls:index/privateKey:PrivateKey", `cluster-secrets-${name}`).inputs;
    expect(key("talos")).toMatchObject({ algorithm: "ED25519" });
    for (const name of ["kubernetes", "etcd", "aggregator"]) {
      expect(key(name)).toMatchObject({ algorithm: "ECDSA", ecdsaCurve: "P256" });
    }
    expect(key("service-account")).toMatchObject({ algorithm: "RSA", rsaBits: 4096 });
    const authorities = prod.recording.ofType("tls:index/selfSignedCert:SelfSignedCert");
    expect(authorities).toHaveLength(4);
    for (const { inputs } of authorities) {
      expect(inputs).toMatchObject({
        isCaCertificate: true,
        validityPeriodHours: 87_600,
        allowedUses: ["cert_signing", "digital_signature", "server_auth", "client_auth"],
      });
    }
  });

  test("administrators' certificates have exactly the uses that Talos takes, and renew", () => {
    const certificate = (name: string) =>
      prod.recording.one("tls:index/locallySignedCert:LocallySignedCert", `cluster-access-${name}`).inputs;
    expect(certificate("talos")).toMatchObject({
      allowedUses: ["digital_signature", "client_auth"],
      caCertPem: "certificate of cluster-secrets-talos",
      validityPeriodHours: 8760,
      earlyRenewalHours: 720,
    });
    expect(certificate("kubernetes")).toMatchObject({
      allowedUses: ["digital_signature", "key_encipherment", "client_auth"],
      caCertPem: "certificate of cluster-secrets-kubernetes",
      earlyRenewalHours: 720,
    });
    const subject = (name: string) =>
      prod.recording.one("tls:index/certRequest:CertRequest", `cluster-access-${name}`).inputs.subject;
    expect(subject("talos")).toEqual({ organization: "os:admin" });
    expect(subject("kubernetes")).toEqual({ organization: "system:masters", commonName: "admin" });
  });

  test("kubeconfig and talosconfig are secret, and say where the cluster is", async () => {
    const kubeconfig = await resolve(prod.cluster.kubeconfig);
    const talosconfig = await resolve(prod.cluster.talosconfig);
    expect([kubeconfig.secret, talosconfig.secret]).toEqual([true, true]);
    const first = view.inputs("orrery-prod-control-plane-1-config").environment.NODE;
    expect(parse(kubeconfig.value).clusters[0].cluster.server).toBe(`https://${first}:6443`);
    expect(parse(talosconfig.value).contexts["orrery-prod"].endpoints[0]).toBe(first);
  });

  test("nodes are what there is, cloud and dedicated", async () => {
    expect(prod.cluster.nodes.map(({ name }) => name)).toEqual([...machines, ...dedicated]);
    expect(prod.cluster.nodes.at(-3)).toMatchObject({ pool: "gpu", type: "GEX131", publicIpv4: "203.0.113.40" });
    expect(Object.keys(prod.recording.outputs.get("cluster")!)).toEqual(["nodes"]);
    expect((await resolve(prod.cluster.networkId)).value).toBeGreaterThan(1000);
    expect(prod.cluster.nodeMtuBytes).toBe(1370);
  });
});

test("the cluster id is in URL-safe base64, as Talos keeps it", async () => {
  const { config } = views(await environment(settings()));
  expect(config("demo-control-plane-1-config").cluster.id).toMatch(/^[A-Za-z0-9_-]{43}=$/);
});

test("one control plane and no load balancer: servers reach it inside, administrators from outside", async () => {
  const dev = await environment(stackSettings("dev"));
  const { config, inputs } = views(dev);
  const first = inputs("orrery-dev-control-plane-1-config").environment.NODE;
  expect(config("orrery-dev-general-2-config").cluster.controlPlane.endpoint).toBe("https://10.0.0.10:6443");
  const kubeconfig = parse((await resolve(dev.cluster.kubeconfig)).value as string);
  expect(kubeconfig.clusters[0].cluster.server).toBe(`https://${first}:6443`);
  expect(config("orrery-dev-control-plane-1-config").cluster.apiServer?.certSANs).toEqual([
    first,
    "10.0.0.10",
    "api.dev.example.com",
  ]);
  // A refresh from where the API cannot be reached must not forget what is in the cluster.
  expect(dev.recording.one(PROVIDER, "cluster").inputs.deleteUnreachable).toBeUndefined();
});

test("WireGuard: keys on both ends belong together, and the client's config is a secret", async () => {
  const input = settings({ mesh: { wireguard: { peers: [{ name: "ada" }, { name: "grace" }] } } });
  const { cluster, recording } = await environment(input);
  const { value, secret } = await resolve(cluster.wireguardClients);
  expect(secret).toBe(true);
  expect(Object.keys(value)).toEqual(["ada", "grace"]);
  const documents = documentsOf(recording.one(COMMAND, "demo-control-plane-1-config").inputs as Inputs);
  const tunnel = documents.find(({ kind }) => kind === "WireguardConfig") as WireguardConfig;
  expect(value.ada).toContain(`PublicKey = ${keyPair(tunnel.privateKey).publicKey}`);
  const clientKey = /PrivateKey = (.*)/.exec(value.ada!)![1]!;
  expect(tunnel.peers[0]).toEqual({ publicKey: keyPair(clientKey).publicKey, allowedIPs: ["10.200.0.16/32"] });
  const rules = recording.one("hcloud:index/firewall:Firewall", "foundation-firewall-control-plane").inputs.rules;
  expect(rules).toContainEqual(expect.objectContaining({ protocol: "udp", port: "51821" }));
});

test("no WireGuard where there are no peers", async () => {
  const { cluster, recording } = await environment(settings());
  expect((await resolve(cluster.wireguardClients)).value).toEqual({});
  expect((recording.one(COMMAND, "demo-control-plane-1-config").inputs as Inputs).stdin).not.toContain(
    "WireguardConfig",
  );
});

test("a dedicated machine without a mesh is refused", async () => {
  const { dedicated } = stackSettings("prod");
  const input = { ...settings({ mesh: { kubespan: false } }), dedicated };
  await expect(environment(input)).rejects.toThrow("set mesh.kubespan to true");
});
