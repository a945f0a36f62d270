import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { charts } from "../../../../components/kit/charts";
import { resolveChart, shapes } from "../../../../sandbox/charts";

const run = promisify(execFile);
const helm = join(process.env["ORRERY_TOOLS_DIR"] ?? "", "helm");
const shared = resolve(__dirname, "../../../../../shared");
const known = shapes.flatMap((shape) => Object.keys(shape.versions).map((version) => ({ shape, version })));

interface Manifest {
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  spec: {
    replicas?: number;
    template: {
      spec: {
        containers: { name: string; image: string; resources?: object; env?: { name: string }[] }[];
        tolerations?: object[];
        nodeSelector?: object;
        hostNetwork?: boolean;
        priorityClassName?: string;
      };
    };
  };
}

it("has a shape for every chart that the program pins, at the pinned version", () => {
  for (const { name, version, appVersion } of Object.values(charts)) {
    const shape = shapes.find(({ chart }) => chart === name);
    expect(shape?.versions[version], `${name} ${version}`).toBe(appVersion);
  }
});

describe.skipIf(!existsSync(join(shared, "charts/values")))("against the recorded charts (needs ../shared)", () => {
  it.each(known.filter(({ shape, version }) => existsSync(valuesFile(shape.chart, version))))(
    "$shape.chart $version has the chart's own default values",
    ({ shape, version }) => {
      const real: unknown = parse(readFileSync(valuesFile(shape.chart, version), "utf8"));
      const ours = shape.values(version, shape.versions[version]!);
      expect(differences(ours, real, "")).toEqual([]);
    },
  );

  it("lists the definitions that the index lists", () => {
    const index = readFileSync(join(shared, "crds/INDEX.tsv"), "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.split("\t"));
    // Of KEDA there is no record: its definitions are compared with those of its module, in its own test.
    for (const crd of shapes.filter(({ chart }) => chart !== "keda").flatMap((shape) => shape.crds)) {
      const row = index.find(([name]) => name === `${crd.plural}.${crd.group}`);
      expect(row?.slice(1, 4)).toEqual([crd.kind, crd.scope, crd.versions.join(",")]);
    }
  });
});

/** Values that the shapes add because the chart's own default is an absent key. */
const absentInChart =
  /podAnnotations|topologySpreadConstraints|cluster\.(name|id)|Override|startupapicheck|replicaCount|tag$/;

function valuesFile(chart: string, version: string): string {
  return join(shared, "charts/values", `${chart}-${version}.yaml`);
}

function differences(ours: unknown, real: unknown, path: string): string[] {
  if (typeof ours === "object" && ours !== null && !Array.isArray(ours)) {
    return Object.entries(ours).flatMap(([key, child]) =>
      differences(child, (real as Record<string, unknown> | undefined)?.[key], path ? `${path}.${key}` : key),
    );
  }
  if (real === undefined && absentInChart.test(path)) return [];
  if (/image\.(tag|digest|useDigest)$|Image.*tag$|\.tag$/.test(path)) return [];
  return JSON.stringify(ours) === JSON.stringify(real)
    ? []
    : [`${path}: ${JSON.stringify(ours)} is ${JSON.stringify(real)}`];
}

describe.skipIf(!existsSync(helm))("rendered by the real helm (needs ORRERY_TOOLS_DIR)", () => {
  let cacheDir: string;
  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "orrery-shapes-"));
  });
  afterAll(() => rm(cacheDir, { recursive: true, force: true }));

  async function render(chart: string, sets: string[] = [], version?: string): Promise<Manifest[]> {
    const { path } = await resolveChart({ chart, version, cacheDir });
    const values = sets.flatMap((value) => ["--set", value]);
    const { stdout } = await run(helm, [
      "template",
      "rel",
      path,
      "-n",
      "kube-system",
      "--kube-version",
      "1.35.0",
      ...values,
    ]);
    return parseAllDocuments(stdout).map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as Manifest;
    });
  }

  const one = (manifests: Manifest[], kind: string, name: string) =>
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);

  it.each(known)("$shape.chart $version renders, every object named and labelled", async ({ shape, version }) => {
    const manifests = await render(shape.chart, [], version);
    expect(manifests.length).toBeGreaterThan(1);
    for (const { kind, metadata } of manifests) expect(metadata.name, kind).toMatch(/^[a-z0-9.-]+$/);
  });

  /** What a chart brings along by way of sub-charts, which the program switches off: their shapes are apart. */
  const subCharts: Readonly<Record<string, RegExp>> = {
    "kube-prometheus-stack": /-(grafana|kube-state-metrics|prometheus-node-exporter)$/,
  };

  it.skipIf(!existsSync(join(shared, "charts/workloads.tsv")))(
    "has the recorded workloads, images and requests",
    async () => {
      const rows = readFileSync(join(shared, "charts/workloads.tsv"), "utf8")
        .split("\n")
        .map((line) => line.split("\t"));
      for (const { shape, version } of known) {
        const recorded = rows
          .filter(([chart, , , , hook]) => chart === `${shape.chart}-${version}` && !hook)
          .filter(([, , name]) => !subCharts[shape.chart]?.test(String(name)))
          .map(([, kind, name, replicas, , container, image, requests]) => [
            kind,
            name,
            replicas,
            container,
            image,
            requests,
          ]);
        if (recorded.length === 0) continue;
        const ours = (await render(shape.chart, [], version))
          .filter(({ spec }) => spec?.template)
          .flatMap(({ kind, metadata, spec }) =>
            spec.template.spec.containers.map(({ name, image, resources }) => [
              kind,
              metadata.name,
              String(spec.replicas ?? ""),
              name,
              image,
              JSON.stringify((resources as { requests?: object } | undefined)?.requests ?? {}),
            ]),
          );
        expect(ours.map(String).sort(), shape.chart).toEqual(recorded.map(String).sort());
      }
    },
  );

  it("follows the values that the real charts have", async () => {
    const agent = [
      "resources.requests.cpu=100m",
      "hubble.relay.enabled=true",
      "hubble.ui.enabled=true",
      "operator.replicas=1",
    ];
    const cilium = await render("cilium", agent);
    expect(one(cilium, "DaemonSet", "cilium")?.spec.template.spec).toMatchObject({
      hostNetwork: true,
      priorityClassName: "system-node-critical",
      tolerations: [{ operator: "Exists" }],
      containers: [{ resources: { requests: { cpu: "100m" } } }],
    });
    expect(one(cilium, "Deployment", "cilium-operator")?.spec.replicas).toBe(1);
    expect(one(cilium, "Deployment", "hubble-relay")).toBeDefined();
    expect(one(cilium, "Deployment", "hubble-ui")?.spec.template.spec.containers).toHaveLength(2);
    expect(one(await render("cilium", ["envoy.enabled=false"]), "DaemonSet", "cilium-envoy")).toBeUndefined();
  });

  it("gives the cloud controller its network and tolerations only as configured", async () => {
    const name = "hcloud-cloud-controller-manager";
    const env = (manifests: Manifest[], kind = "Deployment") =>
      one(manifests, kind, name)?.spec.template.spec.containers[0]?.env?.map((entry) => entry.name);
    expect(env(await render(name))).toEqual(["HCLOUD_TOKEN"]);
    const manifests = await render(name, [
      "networking.enabled=true",
      "robot.enabled=true",
      "kind=DaemonSet",
      "nodeSelector.a=b",
    ]);
    expect(env(manifests, "DaemonSet")).toEqual(["HCLOUD_TOKEN", "ROBOT_PASSWORD", "ROBOT_USER", "HCLOUD_NETWORK"]);
    expect(one(manifests, "DaemonSet", name)?.spec.template.spec).toMatchObject({
      hostNetwork: true,
      nodeSelector: { a: "b" },
    });
  });

  it("brings definitions where and when the chart does", async () => {
    const count = async (chart: string, sets: string[] = []) =>
      (await render(chart, sets)).filter(({ kind }) => kind === "CustomResourceDefinition").length;
    expect(await count("cloudnative-pg")).toBe(11);
    expect(await count("cloudnative-pg", ["crds.create=false"])).toBe(0);
    expect(await count("cert-manager")).toBe(0);
    expect(await count("cert-manager", ["crds.enabled=true"])).toBe(6);
    expect(await count("cilium")).toBe(0);
  });

  it("protects and measures several replicas when asked to", async () => {
    const budgets = async (chart: string, sets: string[]) =>
      (await render(chart, sets))
        .filter(({ kind }) => kind === "PodDisruptionBudget")
        .map(({ metadata }) => metadata.name);
    expect(await budgets("cert-manager", [])).toEqual([]);
    expect(await budgets("cert-manager", ["podDisruptionBudget.enabled=true"])).toEqual(["rel-cert-manager"]);
    expect(await budgets("hcloud-csi", [])).toEqual([]);
    expect(await budgets("hcloud-csi", ["controller.replicaCount=2"])).toEqual(["rel-hcloud-csi-controller"]);
    expect(await budgets("cilium", ["operator.podDisruptionBudget.enabled=true"])).toEqual(["cilium-operator"]);
    const metrics = await render("hcloud-csi", ["metrics.enabled=true"]);
    expect(metrics.filter(({ kind }) => kind === "Service")).toHaveLength(2);
  });

  it("runs external-dns's provider beside it only where it is not built in", async () => {
    const containers = async (sets: string[]) =>
      one(await render("external-dns", sets), "Deployment", "rel-external-dns")?.spec.template.spec.containers;
    expect(await containers(["provider.name=cloudflare", "txtOwnerId=demo", "sources={crd}"])).toMatchObject([
      {
        name: "external-dns",
        args: expect.arrayContaining(["--provider=cloudflare", "--txt-owner-id=demo", "--source=crd"]),
      },
    ]);
    const webhook = ["provider.name=webhook", "provider.webhook.image.repository=r", "provider.webhook.image.tag=t"];
    expect(await containers(webhook)).toMatchObject([{ name: "external-dns" }, { name: "webhook", image: "r:t" }]);
  });

  it("has Tailscale's IngressClass and definitions only as configured", async () => {
    const count = async (kind: string, sets: string[]) =>
      (await render("tailscale-operator", sets)).filter((manifest) => manifest.kind === kind).length;
    expect(await count("IngressClass", [])).toBe(1);
    expect(await count("IngressClass", ["ingressClass.enabled=false"])).toBe(0);
    expect(await count("CustomResourceDefinition", [])).toBe(8);
  });

  it("makes the storage classes that the values list", async () => {
    const sets = [
      "storageClasses[0].name=fast",
      "storageClasses[0].defaultStorageClass=false",
      "storageClasses[0].reclaimPolicy=Retain",
    ];
    expect(one(await render("hcloud-csi", sets), "StorageClass", "fast")).toMatchObject({
      provisioner: "csi.hetzner.cloud",
      reclaimPolicy: "Retain",
      volumeBindingMode: "WaitForFirstConsumer",
      metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "false" } },
    });
  });
});
