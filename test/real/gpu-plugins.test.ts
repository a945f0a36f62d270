import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { V1DaemonSet } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { intelOperatorValues, intelPluginSpec } from "../../components/inference/gpu/intel";
import { nvidiaConfig, nvidiaConfigs, nvidiaPluginValues } from "../../components/inference/gpu/nvidia-values";
import { sharingName } from "../../components/inference/gpu/sharing";
import { charts } from "../../components/kit/charts";
import { type ApiServer, startApiServer } from "../../sandbox/bench/api-server";
import { kubectl } from "../../sandbox/bench/kubectl";
import { repository } from "../../sandbox/paths";
import { createProgress } from "../../sandbox/progress";
import { daemonSetOf } from "../../sandbox/stand-ins/operators/intel-device-plugins";
import { ensureTools } from "../../sandbox/tools/build";
import { toolModules } from "../../sandbox/tools/catalog";
import { gpuMachine } from "../unit/components/inference/gpu/machines";
import {
  type ChartObject,
  helmTemplate,
  IntelOperator,
  moduleFolder,
  nvidiaChart,
  readNvidiaConfig,
  standInChart,
} from "./programs/gpu-plugins";
import { ensurePrograms, until } from "./programs/servers";

const MINUTES = 60_000;
const sliced = gpuMachine("time-slicing", 20);
const parted = gpuMachine("mps", 4);
const whole = gpuMachine("none");

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "orrery-gpu-plugins-"));
  await ensureTools(createProgress(process.stderr), toolModules(repository));
  await ensurePrograms("nvidia-config", "intel-device-plugins");
}, 20 * MINUTES);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("NVIDIA's device plugin", { timeout: 2 * MINUTES }, () => {
  it("reads every configuration that machines can have", async () => {
    const configs = nvidiaConfigs([sliced, parted, whole]);
    expect(Object.keys(configs).sort()).toEqual(["mps-4", "none", "time-slicing-20"]);
    const read = await Promise.all(
      ["none", "time-slicing-20", "mps-4"].map((name) =>
        mkdtemp(path.join(folder, "config-")).then((at) => readNvidiaConfig(at, configs[name]!)),
      ),
    );
    expect(read.map(({ strategy }) => strategy)).toEqual(["none", "time-slicing", "mps"]);
    for (const { flags, version } of read) expect([flags.migStrategy, version]).toEqual(["none", "v1"]);
  });

  it("counts a time-sliced GPU as often as it has slices, under its own name, and gives a pod several", async () => {
    const { resources } = await readNvidiaConfig(folder, nvidiaConfig(sliced.sharing));
    expect(resources.resources).toMatchObject([{ name: "nvidia.com/gpu", replicas: 20 }]);
    // Left out is false: no other name, and requests of more than one are answered.
    expect(resources.renameByDefault ?? false).toBe(false);
    expect(resources.resources![0]!.rename ?? "").toBe("");
    expect(resources.failRequestsGreaterThanOne ?? false).toBe(false);
  });

  it("gives a pod exactly one part of a divided GPU", async () => {
    const text = nvidiaConfig(parted.sharing);
    const { resources } = await readNvidiaConfig(folder, text);
    expect(resources).toMatchObject({
      failRequestsGreaterThanOne: true,
      resources: [{ name: "nvidia.com/gpu", replicas: 4 }],
    });
    // And would do it too if the configuration said nothing of it.
    const silent = await readNvidiaConfig(folder, text.replace(/ *failRequests.*\n/, ""));
    expect(silent.resources.failRequestsGreaterThanOne).toBe(true);
  });

  it("refuses what it does not understand, so that a wrong configuration is seen here", async () => {
    const text = nvidiaConfig(sliced.sharing);
    await expect(readNvidiaConfig(folder, text.replace("version: v1", "version: v2"))).rejects.toThrow(
      "unknown version",
    );
    await expect(readNvidiaConfig(folder, text.replace("replicas: 20", "replicas: -1"))).rejects.toThrow(/replicas/);
  });

  it.each([
    ["with machines that share", [sliced, parted]],
    ["with machines that do not", [whole]],
  ])("has a chart that does with our values what the sandbox's does, %s", async (_, machines) => {
    const values = nvidiaPluginValues(machines);
    const { name, version } = charts.nvidiaDevicePlugin;
    const at = await mkdtemp(path.join(folder, "charts-"));
    const real = await helmTemplate(name, await nvidiaChart(at), values, at);
    const standIn = await helmTemplate(name, await standInChart(name, version, at), values, at);
    const daemonSets = (objects: readonly ChartObject[]) =>
      objects.filter(({ kind }) => kind === "DaemonSet").sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    expect(daemonSets(standIn).map(({ metadata }) => metadata.name)).toEqual([name, `${name}-mps-control-daemon`]);
    expect(daemonSets(real).map(essence)).toEqual(daemonSets(standIn).map(essence));

    const plugin = daemonSets(real)[0]!.spec!.template!.spec;
    for (const container of plugin.containers as { securityContext?: object; resources?: object }[]) {
      expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
    }
    expect(plugin["runtimeClassName"]).toBe("nvidia");
    const files = real.find(({ kind }) => kind === "ConfigMap")?.data;
    const shared = nvidiaConfigs(machines);
    expect(Object.keys(files ?? {}).sort()).toEqual(Object.keys(shared).sort());
    for (const [file, text] of Object.entries(shared)) expect(files![file]!.trim()).toBe(text.trim());
  });
});

describe("Intel's operator", { timeout: 3 * MINUTES }, () => {
  const address = "127.84.77.1";
  let api: ApiServer;
  let operator: IntelOperator;
  const intel = gpuMachine("time-slicing", 10, "Arc Pro B60");
  const resource = {
    apiVersion: "deviceplugin.intel.com/v1",
    kind: "GpuDevicePlugin",
    metadata: { name: sharingName(intel.sharing) },
    spec: intelPluginSpec(intel.sharing, intel.taints),
  };

  const apply = async (object: object) => {
    const file = path.join(folder, "object.json");
    await writeFile(file, JSON.stringify(object));
    return kubectl(api.kubeconfig, ["apply", "--filename", file]);
  };

  beforeAll(async () => {
    api = await startApiServer(path.join(folder, "api"));
    const module = await moduleFolder("intel-device-plugins", "github.com/intel/intel-device-plugins-for-kubernetes");
    await kubectl(api.kubeconfig, ["create", "namespace", "gpu"]);
    const definitions = path.join(module, "deployments/operator/crd/bases");
    expect(await readdir(definitions)).toContain("deviceplugin.intel.com_gpudeviceplugins.yaml");
    await kubectl(api.kubeconfig, [
      "apply",
      "--filename",
      path.join(definitions, "deviceplugin.intel.com_gpudeviceplugins.yaml"),
    ]);
    operator = new IntelOperator(path.join(folder, "operator"), api.kubeconfig, address, 19443);
    await operator.start();
    await apply(webhook(operator));
    // Until it answers, everything is refused.
    await until(async () => (await apply(resource)).includes("created"), "the resource");
  }, 5 * MINUTES);

  afterAll(async () => {
    await operator?.stop();
    await api?.stop();
  });

  it("makes of our resource the DaemonSet that the sandbox makes of it", async () => {
    const found = await until(async () => {
      const text = await kubectl(api.kubeconfig, ["get", "daemonsets", "--namespace=gpu", "--output=json"]);
      return (JSON.parse(text) as { items: V1DaemonSet[] }).items[0];
    }, "the DaemonSet");
    const made = daemonSetOf({ ...resource, metadata: { ...resource.metadata, uid: "1" } }, "gpu");
    expect(found.metadata!.name).toBe(made.metadata!.name);
    expect(found.metadata!.ownerReferences).toMatchObject([{ kind: "GpuDevicePlugin", name: resource.metadata.name }]);
    expect(found.spec!.selector).toEqual(made.spec!.selector);
    const [real, ours] = [found, made].map(({ spec }) => spec!.template.spec!) as [Spec, Spec];
    expect(real.nodeSelector).toEqual(ours.nodeSelector);
    expect(real.tolerations).toEqual(ours.tolerations);
    const [container] = real.containers;
    const { env: _, ...expected } = ours.containers[0]!;
    expect(container).toMatchObject(expected);
    const paths = ({ volumes }: Spec) => volumes!.map(({ name, hostPath }) => [name, hostPath?.path]).sort();
    expect(paths(real)).toEqual(paths(ours));
    expect(container!.args).toEqual(expect.arrayContaining(["-shared-dev-num", "10"]));
  });

  it("follows a change of the sharing", async () => {
    await apply({ ...resource, spec: { ...resource.spec, sharedDevNum: 3 } });
    await until(async () => {
      const args = ["get", "daemonsets", "--namespace=gpu", "--output=jsonpath={.items[0].spec.template.spec}"];
      return (await kubectl(api.kubeconfig, args)).includes('"-shared-dev-num","3"');
    }, "the argument");
  });

  it("refuses an image that is older than itself, and a sharing that its schema does not know", async () => {
    const wrong = (spec: object) => apply({ ...resource, spec: { ...resource.spec, ...spec } });
    await expect(wrong({ image: "docker.io/intel/intel-gpu-plugin:0.20.0" })).rejects.toThrow("too low");
    await expect(wrong({ sharedDevNum: -1 })).rejects.toThrow("sharedDevNum");
    await expect(wrong({ sharedDevnum: 2 })).rejects.toThrow("sharedDevnum");
  });

  it("has no trace of errors in its log", async () => {
    expect(await readFile(operator.log, "utf8")).not.toMatch(/panic|forbidden/);
  });

  it("is asked for GPUs alone", () => {
    expect(intelOperatorValues()).toMatchObject({ manager: { devices: { gpu: true } } });
  });
});

type Spec = NonNullable<V1DaemonSet["spec"]>["template"]["spec"] & object;

/** The validating webhook of the operator's chart, where the operator is on this machine. */
function webhook({ webhook: url, certificate }: IntelOperator): object {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "intel" },
    webhooks: [
      {
        name: "vgpudeviceplugin.kb.io",
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        failurePolicy: "Fail",
        clientConfig: {
          url: `${url}/validate-deviceplugin-intel-com-v1-gpudeviceplugin`,
          caBundle: Buffer.from(certificate).toString("base64"),
        },
        rules: [
          {
            apiGroups: ["deviceplugin.intel.com"],
            apiVersions: ["v1"],
            operations: ["CREATE", "UPDATE"],
            resources: ["gpudeviceplugins"],
          },
        ],
      },
    ],
  };
}

/** What a pod does and may do: order, empty fields and checksums of texts that are written differently left out. */
function essence({ metadata, spec }: ChartObject) {
  const { volumes = [], initContainers = [], containers, ...pod } = spec!.template!.spec;
  const byName = (list: readonly object[]) =>
    [...(list as { name: string }[])].sort((a, b) => (a.name < b.name ? -1 : 1));
  const container = (each: object) => {
    const { env = [], volumeMounts = [], imagePullPolicy: _, image: __, ...rest } = each as Record<string, object[]>;
    const variables = (byName(env) as { name: string; value?: string }[]).map(({ value, ...more }) => ({
      ...more,
      ...(value === undefined || value === null ? {} : { value: String(value) }),
    }));
    return { ...rest, env: variables.map(withoutApiVersion), volumeMounts: byName(volumeMounts) };
  };
  return {
    name: metadata.name,
    pod: { ...pod, hostPID: pod["hostPID"] ?? false },
    volumes: byName(volumes as object[]),
    initContainers: initContainers.map(container),
    containers: containers.map(container),
  };
}

/** Of a field reference, where the default may be written out. */
function withoutApiVersion(variable: object): object {
  return JSON.parse(JSON.stringify(variable, (key, value) => (key === "apiVersion" ? undefined : value))) as object;
}
