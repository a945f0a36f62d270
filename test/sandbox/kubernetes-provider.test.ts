import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { output, type Resource, secret } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedProvider, serveProvider } from "../../sandbox/providers/framework";
import { kubernetesProvider } from "../../sandbox/providers/kubernetes";
import { list, text } from "../../sandbox/providers/kubernetes/objects";
import { writeChart } from "./kubernetes-provider/chart";
import { TestCluster } from "./kubernetes-provider/cluster";
import { TestStack } from "./kubernetes-provider/stack";

const tools = process.env["ORRERY_TOOLS_DIR"] ?? "";
if (tools === "") {
  console.log("kubernetes-provider.test.ts is skipped: ORRERY_TOOLS_DIR does not name a folder with the tools");
}

type Program = () => Promise<Record<string, unknown> | undefined>;

const MERGE_PATCH = "application/merge-patch+json";

function container(image = "registry.example/app:1", requests: Record<string, string> = { cpu: "1000m" }) {
  return { name: "app", image, resources: { requests } };
}

function deployment(name: string, namespace: string, replicas: number, requests?: Record<string, string>) {
  const labels = { app: name };
  return {
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container(undefined, requests)] } },
    },
  };
}

describe.skipIf(tools === "")(
  "the built-in kubernetes provider against a real API server",
  { timeout: 180_000 },
  () => {
    const folder = tools === "" ? "" : mkdtempSync(join(tmpdir(), "orrery-k8s-provider-"));
    const cluster = new TestCluster(tools, join(folder, "cluster"));
    let provider: ServedProvider;
    const open = (name: string): Promise<TestStack> => TestStack.open(folder, tools, provider.port, name);
    const connection = (args: Partial<k8s.ProviderArgs> = {}): k8s.Provider =>
      new k8s.Provider("cluster", { kubeconfig: cluster.kubeconfig, ...args });
    const get = (path: string) => cluster.client.get(path);
    const patch = (path: string, body: Record<string, never> | object) =>
      cluster.client.request({ method: "PATCH", path, body: body as never, contentType: MERGE_PATCH });

    beforeAll(async () => {
      await cluster.start();
      provider = await serveProvider(kubernetesProvider());
    });

    afterAll(async () => {
      await provider?.close();
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it("creates, changes nothing the second time, updates in place, finds drift, and deletes", async () => {
      const stack = await open("life");
      const program =
        (replicas: number): Program =>
        async () => {
          const options = { provider: connection({ enablePatchForce: true }) };
          const namespace = new k8s.core.v1.Namespace("life", { metadata: { name: "life" } }, options);
          const inside = { ...options, dependsOn: [namespace] };
          const token = new k8s.core.v1.Secret(
            "token",
            { metadata: { name: "token", namespace: "life" }, stringData: { token: secret("hidden-value") } },
            inside,
          );
          const app = new k8s.apps.v1.Deployment("app", deployment("app", "life", replicas), inside);
          const service = new k8s.core.v1.Service(
            "app",
            { metadata: { name: "app", namespace: "life" }, spec: { selector: { app: "app" }, ports: [{ port: 80 }] } },
            inside,
          );
          return { ready: app.status.readyReplicas, clusterIP: service.spec.clusterIP, data: token.data };
        };
      const first = await stack.up(program(1));
      expect(first.text).not.toContain("error");
      expect(first.changes).toEqual({ create: 6 });
      expect(first.outputs["ready"]?.value).toBe(1);
      expect(first.outputs["clusterIP"]?.value).toMatch(/^10\.96\./);
      expect(first.outputs["data"]).toEqual({
        value: { token: Buffer.from("hidden-value").toString("base64") },
        secret: true,
      });
      expect(stack.state()).not.toContain(Buffer.from("hidden-value").toString("base64"));

      expect((await stack.up(program(1))).changes).toEqual({ same: 6 });

      const scaled = await stack.up(program(2));
      expect(scaled.changes).toEqual({ same: 5, update: 1 });
      expect(scaled.outputs["ready"]?.value).toBe(2);

      await patch("/apis/apps/v1/namespaces/life/deployments/app", { spec: { replicas: 3 } });
      const refreshed = await stack.refresh();
      expect(refreshed.changes["update"]).toBe(1);
      const repaired = await stack.preview(program(2));
      expect(repaired.text).toContain("replicas");
      expect(repaired.changes).toMatchObject({ update: 1 });
      expect((await stack.up(program(2))).changes).toEqual({ same: 5, update: 1 });
      expect(await get("/apis/apps/v1/namespaces/life/deployments/app")).toMatchObject({ spec: { replicas: 2 } });

      expect((await stack.destroy()).changes).toEqual({ delete: 6 });
      expect(await get("/api/v1/namespaces/life")).toBeUndefined();
    });

    it("replaces what cannot be changed, with a new name where it made the name up", async () => {
      const stack = await open("replace");
      const program =
        (value: string, app: string): Program =>
        async () => {
          const options = { provider: connection() };
          const config = new k8s.core.v1.ConfigMap("config", { data: { value } }, options);
          const fixed = deployment("fixed", "default", 1);
          fixed.spec.selector.matchLabels.app = app;
          fixed.spec.template.metadata.labels.app = app;
          new k8s.apps.v1.Deployment("fixed", fixed, options);
          return { name: config.metadata.name };
        };
      const before = await stack.up(program("a", "one"));
      expect(before.outputs["name"]?.value).toMatch(/^config-[0-9a-f]{8}$/);
      const after = await stack.up(program("b", "two"));
      expect(after.text).not.toContain("error:");
      expect(after.changes).toEqual({ same: 2, replace: 2 });
      expect(after.outputs["name"]?.value).not.toBe(before.outputs["name"]?.value);
      expect(await get(`/api/v1/namespaces/default/configmaps/${before.outputs["name"]?.value}`)).toBeUndefined();
      const live = await get("/apis/apps/v1/namespaces/default/deployments/fixed");
      expect(text(live, "spec", "selector", "matchLabels", "app")).toBe("two");
      await stack.destroy();
    });

    it("keeps a workload that does not become ready, says why, and repairs it the next time", async () => {
      const stack = await open("broken");
      const program =
        (cpu: string): Program =>
        async () => {
          const args = deployment("hungry", "default", 1, { cpu });
          const annotations = { "pulumi.com/timeoutSeconds": "3" };
          new k8s.apps.v1.Deployment(
            "hungry",
            { ...args, metadata: { ...args.metadata, annotations } },
            { provider: connection() },
          );
          return undefined;
        };
      const failed = await stack.up(program("64"));
      expect(failed.error).toBeDefined();
      expect(failed.text).toContain("'hungry' timed out waiting to be Ready");
      expect(failed.text).toMatch(/0\/1 nodes are available: 1 Insufficient cpu/);
      expect(stack.state()).toContain("default/hungry");
      const repaired = await stack.up(program("100m"));
      expect(repaired.error).toBeUndefined();
      expect(repaired.changes).toEqual({ same: 2, update: 1 });
      expect((await stack.up(program("100m"))).changes).toEqual({ same: 3 });
      await stack.destroy();
    });

    it("refuses to take over an object that exists, and explains a field that belongs to somebody else", async () => {
      const stack = await open("conflict");
      const path = "/api/v1/namespaces/default/configmaps";
      await cluster.client.request({
        method: "POST",
        path,
        body: { metadata: { name: "theirs" }, data: { value: "theirs" } },
      });
      const program =
        (value: string, annotations: Record<string, string> = {}): Program =>
        async () => {
          const options = { provider: connection({ enableConfigMapMutable: true }) };
          const metadata = { name: "ours", annotations };
          new k8s.core.v1.ConfigMap("ours", { metadata, data: { value } }, options);
          return undefined;
        };
      const taking: Program = async () => {
        new k8s.core.v1.ConfigMap("theirs", { metadata: { name: "theirs" }, data: {} }, { provider: connection() });
        return undefined;
      };
      const refused = await stack.up(taking);
      expect(refused.text).toContain('configmaps "theirs" already exists');
      expect(refused.text).toContain("upsertExistingObjects");

      await stack.up(program("1"));
      await cluster.client.request({
        method: "PATCH",
        path: `${path}/ours`,
        query: { fieldManager: "somebody-else", force: "true" },
        body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "ours" }, data: { value: "other" } },
        contentType: "application/apply-patch+yaml",
      });
      const conflicting = await stack.up(program("2"));
      expect(conflicting.text).toContain("server-side apply field conflict detected");
      expect(conflicting.text).toContain("somebody-else");
      const forced = await stack.up(program("2", { "pulumi.com/patchForce": "true" }));
      expect(forced.error).toBeUndefined();
      expect(text(await get(`${path}/ours`), "data", "value")).toBe("2");
      await stack.destroy();
    });

    it("drops a field that the program drops, although the creation wrote it", async () => {
      const stack = await open("drop");
      const program =
        (labels: Record<string, string>): Program =>
        async () => {
          const metadata = { name: "labelled", labels };
          new k8s.core.v1.ServiceAccount("labelled", { metadata }, { provider: connection() });
          return undefined;
        };
      await stack.up(program({ keep: "1", drop: "1" }));
      await stack.up(program({ keep: "1" }));
      const live = await get("/api/v1/namespaces/default/serviceaccounts/labelled");
      expect(live?.["metadata"]).toMatchObject({ labels: { keep: "1" } });
      expect(text(live, "metadata", "labels", "drop")).toBe("");
      await stack.destroy();
    });

    it("deletes in reverse order, and what is gone already is deleted", async () => {
      const stack = await open("order");
      const program: Program = async () => {
        const options = { provider: connection() };
        const metadata = (name: string) => ({ metadata: { name } });
        const base = new k8s.core.v1.ConfigMap("base", metadata("order-base"), options);
        new k8s.core.v1.ConfigMap("top", metadata("order-top"), { ...options, dependsOn: [base] });
        return undefined;
      };
      await stack.up(program);
      await cluster.client.request({ method: "DELETE", path: "/api/v1/namespaces/default/configmaps/order-base" });
      const destroyed = await stack.destroy();
      expect(destroyed.error).toBeUndefined();
      expect(destroyed.text.indexOf("top deleted")).toBeGreaterThan(-1);
      expect(destroyed.text.indexOf("top deleted")).toBeLessThan(destroyed.text.indexOf("base deleted"));
    });

    it("makes definitions and their objects, and waits for what an annotation asks for", async () => {
      const stack = await open("custom");
      const program: Program = async () => {
        const options = { provider: connection() };
        const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
        const definition = new k8s.apiextensions.v1.CustomResourceDefinition(
          "gadgets",
          {
            metadata: { name: "gadgets.test.example" },
            spec: {
              group: "test.example",
              scope: "Cluster",
              names: { plural: "gadgets", singular: "gadget", kind: "Gadget" },
              versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema as never } }],
            },
          },
          options,
        );
        new k8s.apiextensions.CustomResource(
          "gadget",
          {
            apiVersion: "test.example/v1",
            kind: "Gadget",
            metadata: { name: "gadget", annotations: { "pulumi.com/waitFor": "jsonpath={.spec.size}=3" } },
            spec: { size: 3 },
          },
          { ...options, dependsOn: [definition] },
        );
        return undefined;
      };
      expect((await stack.preview(program)).error).toBeUndefined();
      const up = await stack.up(program);
      expect(up.text).not.toContain("error:");
      expect(await get("/apis/test.example/v1/gadgets/gadget")).toMatchObject({ spec: { size: 3 } });
      expect((await stack.up(program)).changes).toEqual({ same: 4 });
      await stack.destroy();
    });

    it("shows in a preview what the API server would refuse", async () => {
      const stack = await open("refused");
      const program: Program = async () => {
        const bad = deployment("bad", "default", 1);
        bad.spec.selector = { matchLabels: { app: "other" } };
        new k8s.apps.v1.Deployment("bad", bad, { provider: connection() });
        return undefined;
      };
      const preview = await stack.preview(program);
      expect(preview.error).toBeDefined();
      expect(preview.text).toContain("`selector` does not match template `labels`");
    });

    it("previews with a kubeconfig and a namespace that are not there yet", async () => {
      const stack = await open("unknown");
      const program: Program = async () => {
        const source = new k8s.core.v1.ConfigMap(
          "source",
          { metadata: { name: "source" } },
          { provider: connection() },
        );
        const computed = new k8s.Provider("computed", {
          kubeconfig: output(source.metadata.uid).apply(() => cluster.kubeconfig),
        });
        const inside: { provider: k8s.Provider; dependsOn: Resource[] } = { provider: computed, dependsOn: [] };
        const namespace = new k8s.core.v1.Namespace("later", { metadata: { name: "later" } }, inside);
        const app = new k8s.apps.v1.Deployment("later", deployment("later", "later", 1), {
          ...inside,
          dependsOn: [namespace],
        });
        return { ready: app.status.readyReplicas };
      };
      const preview = await stack.preview(program);
      expect(preview.error).toBeUndefined();
      expect(preview.changes).toEqual({ create: 6 });
      const up = await stack.up(program);
      expect(up.outputs["ready"]?.value).toBe(1);
      await stack.destroy();
    });

    it("imports an object by its id", async () => {
      const stack = await open("import");
      const path = "/api/v1/namespaces/default/configmaps";
      await cluster.client.request({ method: "POST", path, body: { metadata: { name: "found" }, data: { a: "1" } } });
      const program: Program = async () => {
        const metadata = { name: "found", namespace: "default" };
        const args = { metadata, data: { a: "1" } };
        new k8s.core.v1.ConfigMap("found", args, { provider: connection(), import: "default/found" });
        return undefined;
      };
      const up = await stack.up(program);
      expect(up.text).not.toContain("error:");
      expect(up.changes).toMatchObject({ import: 1 });
      expect(list(await get(path), "items").length).toBeGreaterThan(0);
      await stack.destroy();
    });

    it("installs, upgrades and uninstalls a chart with the real helm, hooks and definitions included", async () => {
      const stack = await open("release");
      const chart = writeChart(join(folder, "chart"));
      const program =
        (replicas: number, version: string): Program =>
        async () => {
          const release = new k8s.helm.v3.Release(
            "demo",
            {
              chart: chart(version),
              name: "demo",
              namespace: "demo",
              createNamespace: true,
              timeout: 60,
              values: { replicas, password: secret("very-hidden") },
            },
            { provider: connection() },
          );
          return { status: release.status, names: release.resourceNames, version: release.version };
        };
      expect((await stack.preview(program(1, "1.0.0"))).changes).toEqual({ create: 3 });
      const first = await stack.up(program(1, "1.0.0"));
      expect(first.text).not.toContain("error:");
      expect(first.outputs["status"]?.value).toEqual({
        appVersion: "9.9.9",
        chart: "demo",
        name: "demo",
        namespace: "demo",
        revision: 1,
        status: "deployed",
        version: "1.0.0",
      });
      expect(first.outputs["names"]?.value).toEqual({ "Deployment.apps/apps/v1": ["demo"], "Secret/v1": ["demo"] });
      expect(await get("/apis/batch/v1/namespaces/demo/jobs/demo-hook")).toMatchObject({ status: { succeeded: 1 } });
      expect(await get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.demo.example")).toBeDefined();
      expect(stack.state()).not.toContain("very-hidden");

      expect((await stack.up(program(1, "1.0.0"))).changes).toEqual({ same: 3 });

      const preview = await stack.preview(program(2, "1.1.0"));
      expect(preview.text).toContain("1.1.0");
      expect(preview.text).not.toContain("very-hidden");
      const upgraded = await stack.up(program(2, "1.1.0"));
      expect(upgraded.changes).toEqual({ same: 2, update: 1 });
      expect(upgraded.outputs["status"]?.value).toMatchObject({ revision: 2, status: "deployed", version: "1.1.0" });
      expect(await get("/apis/apps/v1/namespaces/demo/deployments/demo")).toMatchObject({ spec: { replicas: 2 } });
      expect((await stack.refresh()).changes).toEqual({ same: 3 });
      expect((await stack.up(program(2, "1.1.0"))).changes).toEqual({ same: 3 });

      expect((await stack.destroy()).changes).toEqual({ delete: 3 });
      expect(await get("/apis/apps/v1/namespaces/demo/deployments/demo")).toBeUndefined();
    });

    it("keeps a release that fails, says why, and repairs it the next time", async () => {
      const stack = await open("failing");
      const chart = writeChart(join(folder, "failing-chart"));
      const program =
        (cpu: string): Program =>
        async () => {
          new k8s.helm.v3.Release(
            "hungry",
            { chart: chart("1.0.0"), name: "hungry", namespace: "default", timeout: 4, values: { cpu } },
            { provider: connection() },
          );
          return undefined;
        };
      const failed = await stack.up(program("64"));
      expect(failed.text).toContain('Helm release "default/hungry" was created, but failed to initialize completely');
      expect(failed.text).toMatch(/0\/1 nodes are available: 1 Insufficient cpu/);
      const repaired = await stack.up(program("100m"));
      expect(repaired.text).not.toContain("error:");
      expect(repaired.changes).toEqual({ same: 2, update: 1 });
      await stack.destroy();
    });

    it("refuses a chart that cannot be had and inputs that only the official plugin reads", async () => {
      const stack = await open("no-chart");
      const program =
        (args: k8s.helm.v3.ReleaseArgs): Program =>
        async () => {
          new k8s.helm.v3.Release("refused", args, { provider: connection() });
          return undefined;
        };
      const missing = await stack.preview(program({ chart: join(folder, "nowhere") }));
      expect(missing.text).toContain("check the chart name and repository configuration");
      const chart = writeChart(join(folder, "refused-chart"))("1.0.0");
      const verified = await stack.preview(program({ chart, verify: true }));
      expect(verified.text).toContain("does not verify signatures of charts");
    });

    it("finishes an installation that was killed half-way", async () => {
      const stack = await open("killed");
      const chart = writeChart(join(folder, "killed-chart"));
      const program =
        (cpu: string): Program =>
        async () => {
          new k8s.helm.v3.Release(
            "killed",
            { chart: chart("1.0.0"), name: "killed", namespace: "default", timeout: 60, values: { cpu } },
            { provider: connection() },
          );
          return undefined;
        };
      const running = stack.up(program("64"));
      await expect
        .poll(() => get("/api/v1/namespaces/default/secrets/sh.helm.release.v1.killed.v1"), { timeout: 20_000 })
        .toBeDefined();
      killChildren("helm");
      expect((await running).error).toBeDefined();
      const finished = await stack.up(program("100m"));
      expect(finished.error).toBeUndefined();
      expect(finished.text).toContain("was left at pending-install by an interrupted run");
      await stack.forget("killed");
      const takenOver = await stack.up(program("100m"));
      expect(takenOver.error).toBeUndefined();
      expect(takenOver.text).toContain("was installed by an interrupted run; it is taken over");
      await stack.destroy();
    });

    it("patches an object that somebody else owns, and gives only its own fields back", async () => {
      const stack = await open("patch");
      const program: Program = async () => {
        const metadata = { name: "kube-public", labels: { "orrery.test/patched": "yes" } };
        new k8s.core.v1.NamespacePatch("patch", { metadata }, { provider: connection() });
        return undefined;
      };
      const up = await stack.up(program);
      expect(up.text).not.toContain("error:");
      const label = async () => (await get("/api/v1/namespaces/kube-public"))?.["metadata"];
      expect(await label()).toMatchObject({ labels: { "orrery.test/patched": "yes" } });
      expect((await stack.up(program)).changes).toEqual({ same: 3 });
      expect((await stack.destroy()).error).toBeUndefined();
      expect(JSON.stringify(await label())).not.toContain("orrery.test/patched");
    });

    it("adopts what exists when the provider is told to", async () => {
      const stack = await open("upsert");
      const path = "/api/v1/namespaces/default/configmaps";
      await cluster.client.request({ method: "POST", path, body: { metadata: { name: "present" }, data: { a: "1" } } });
      const program: Program = async () => {
        const metadata = { name: "present", annotations: { "pulumi.com/patchForce": "true" } };
        const provider = connection({ upsertExistingObjects: true });
        new k8s.core.v1.ConfigMap("present", { metadata, data: { a: "2" } }, { provider });
        return undefined;
      };
      expect((await stack.up(program)).error).toBeUndefined();
      expect(await get(`${path}/present`)).toMatchObject({ data: { a: "2" } });
      await stack.destroy();
    });
  },
);

/** Ends this process's own children of a name, as a machine that dies would. */
function killChildren(name: string): void {
  for (const entry of readdirSync("/proc").filter((candidate) => /^\d+$/.test(candidate))) {
    try {
      const [, command = "", parent = ""] = /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, "utf8")) ?? [];
      if (command === name && Number(parent) === process.pid) {
        process.kill(Number(entry), "SIGKILL");
      }
    } catch {
      // It ended while we looked.
    }
  }
}
