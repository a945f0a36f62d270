import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { answer } from "../../../../sandbox/stand-ins/metrics/answer";

const nodes: V1Node[] = ["a", "b"].map((name) => ({ metadata: { name, labels: { pool: name } } }));

function pod(
  name: string,
  node: string,
  requests: [cpu: string, memory: string][],
  changes: Partial<V1Pod> = {},
): V1Pod {
  return {
    metadata: { name, namespace: "apps", labels: { app: name } },
    spec: {
      nodeName: node,
      containers: requests.map(([cpu, memory], index) => ({
        name: `c${index}`,
        resources: { requests: { cpu, memory } },
      })),
    },
    status: { phase: "Running" },
    ...changes,
  };
}

const pods = [
  pod("web", "a", [
    ["250m", "64Mi"],
    ["1", "1Gi"],
  ]),
  pod("api", "a", [["0.5", "128Mi"]]),
  pod("done", "a", [["4", "4Gi"]], { status: { phase: "Succeeded" } }),
];

const ask = (path: string) => answer(new URL(path, "https://127.0.0.1"), nodes, pods, new Date(0));
const api = "/apis/metrics.k8s.io/v1beta1";
const names = (body: object) =>
  (body as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);

describe("the metrics API", () => {
  it("says what it has, where the API server looks", () => {
    expect(ask(api)).toMatchObject({
      status: 200,
      body: { kind: "APIResourceList", groupVersion: "metrics.k8s.io/v1beta1" },
    });
  });

  it("adds up what runs on a node", () => {
    expect(ask(`${api}/nodes/a`).body).toMatchObject({
      kind: "NodeMetrics",
      usage: { cpu: "1750m", memory: "1245184Ki" },
    });
    expect(ask(`${api}/nodes/b`).body).toMatchObject({ usage: { cpu: "0m", memory: "0Ki" } });
    expect(names(ask(`${api}/nodes`).body)).toEqual(["a", "b"]);
  });

  it("shows the containers of pods that run", () => {
    expect(names(ask(`${api}/pods`).body)).toEqual(["web", "api"]);
    expect(ask(`${api}/namespaces/apps/pods/web`).body).toMatchObject({
      containers: [
        { name: "c0", usage: { cpu: "250m", memory: "65536Ki" } },
        { name: "c1", usage: { cpu: "1000m", memory: "1048576Ki" } },
      ],
    });
  });

  it.each([
    [`${api}/namespaces/apps/pods`, ["web", "api"]],
    [`${api}/namespaces/other/pods`, []],
    [`${api}/pods?labelSelector=app%3Dapi`, ["api"]],
    [`${api}/pods?labelSelector=app%20in%20(web,api)`, ["web", "api"]],
    [`${api}/nodes?labelSelector=pool%21%3Da`, ["b"]],
  ])("%s lists %j", (path, expected) => expect(names(ask(path).body)).toEqual(expected));

  it.each([`${api}/nodes/c`, `${api}/namespaces/apps/pods/done`, "/openapi/v2", "/apis"])("%s is not found", (path) => {
    expect(ask(path)).toMatchObject({ status: 404, body: { kind: "Status", reason: "NotFound" } });
  });
});
