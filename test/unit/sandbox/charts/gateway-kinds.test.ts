import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { ChartValues } from "../../../../components/kit/chart";
import { cniValues, istiodValues, ztunnelValues } from "../../../../components/platform/gateway/istio/values";
import { nginxValues } from "../../../../components/platform/gateway/nginx/values";
import { resolveChart } from "../../../../sandbox/charts";
import { at } from "../../components/recorder";

const run = promisify(execFile);
const helm = join(process.env["ORRERY_TOOLS_DIR"] ?? "", "helm");

interface Manifest {
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  data?: Record<string, string>;
}

/** The shapes under the values that the program gives them. */
describe.skipIf(!existsSync(helm))("charts of the gateways, by the real helm (needs ORRERY_TOOLS_DIR)", () => {
  let cacheDir: string;
  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "orrery-gateway-kinds-"));
  });
  afterAll(() => rm(cacheDir, { recursive: true, force: true }));

  async function render(chart: string, values: ChartValues): Promise<Manifest[]> {
    const { path } = await resolveChart({ chart, cacheDir });
    const file = join(cacheDir, `${chart}.json`);
    await writeFile(file, JSON.stringify(values));
    const { stdout } = await run(helm, [
      "template",
      chart,
      path,
      "-n",
      "here",
      "--kube-version",
      "1.35.0",
      "--values",
      file,
    ]);
    return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
  }
  const one = (manifests: Manifest[], kind: string, name: string) =>
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  const container = (manifests: Manifest[], kind: string, name: string) =>
    at(one(manifests, kind, name), "spec", "template", "spec", "containers", 0);

  it("starts ingress-nginx with the class, ports and arguments that it is given", async () => {
    const made = await render(
      "ingress-nginx",
      nginxValues({ replicas: 2, size: "small", proxyProtocol: true, certificate: "all-tls", tcp: true }),
    );
    const controller = container(made, "Deployment", "ingress-nginx-controller");
    expect(at(controller, "args")).toEqual(
      expect.arrayContaining([
        "--controller-class=k8s.io/orrery-gateway",
        "--validating-webhook=:9443",
        "--default-ssl-certificate=gateway/all-tls",
        "--publish-service=gateway/gateway-load-balancer",
        "--tcp-services-configmap=gateway/tcp-services",
      ]),
    );
    expect(at(controller, "ports")).toMatchObject([
      { name: "http", containerPort: 8080 },
      { name: "https", containerPort: 8443 },
      { name: "metrics", containerPort: 10254 },
      { name: "webhook", containerPort: 9443 },
    ]);
    expect(at(controller, "resources", "limits", "memory")).toBe("512Mi");
    expect(one(made, "IngressClass", "orrery-gateway")).toBeDefined();
    expect(at(one(made, "PodDisruptionBudget", "ingress-nginx-controller"), "spec", "minAvailable")).toBe(1);
    expect(one(made, "ConfigMap", "ingress-nginx-controller")?.data).toMatchObject({ "use-proxy-protocol": "true" });
    expect(made.filter(({ kind }) => kind === "Service").map(({ metadata }) => metadata.name)).toEqual([
      "ingress-nginx-controller-admission",
    ]);
  });

  it("gives istiod's overlays of the class as they are", async () => {
    const values = istiodValues({ environment: "prod", replicas: 2, size: "small", proxyProtocol: true, mesh: true });
    const made = await render("istiod", values);
    const overlays = made.find(
      ({ metadata }) => metadata.labels?.["gateway.istio.io/defaults-for-class"] === "orrery-istio",
    );
    const given = at(values, "gatewayClasses", "orrery-istio") as Record<string, unknown>;
    const read = Object.entries(overlays?.data ?? {}).map(([kind, text]) => [kind, parse(text)]);
    expect(Object.fromEntries(read)).toEqual(given);
    expect(parse(one(made, "ConfigMap", "istio")?.data?.["mesh"] ?? "")).toEqual({
      enablePrometheusMerge: true,
      defaultConfig: {
        gatewayTopology: { proxyProtocol: {} },
        proxyMetadata: { ISTIO_META_ENABLE_HBONE: "true" },
      },
    });
    expect(at(one(made, "Deployment", "istiod"), "spec", "replicas")).toBe(2);
    expect(at(container(made, "Deployment", "istiod"), "image")).toBe(
      "registry.istio.io/release/pilot:1.30.3-distroless",
    );
    expect(one(made, "PodDisruptionBudget", "istiod")).toBeDefined();
    expect(made.map(({ kind }) => kind)).not.toContain("HorizontalPodAutoscaler");
  });

  it("bounds the memory of the mesh's agents", async () => {
    const cni = await render("cni", cniValues());
    expect(at(container(cni, "DaemonSet", "istio-cni-node"), "resources", "limits")).toEqual({ memory: "256Mi" });
    expect(one(cni, "ConfigMap", "istio-cni-config")?.data).toMatchObject({ AMBIENT_ENABLED: "true" });
    const ztunnel = await render("ztunnel", ztunnelValues());
    expect(at(container(ztunnel, "DaemonSet", "ztunnel"), "resources", "limits")).toEqual({ memory: "1024Mi" });
  });
});
