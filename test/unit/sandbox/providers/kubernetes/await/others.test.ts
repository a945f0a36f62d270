import { describe, expect, it } from "vitest";
import {
  addUpEndpoints,
  ENDPOINTS_SETTLE_MS,
  ingressReadiness,
  serviceReadiness,
  servicesOfIngress,
  targetsPods,
} from "../../../../../../sandbox/providers/kubernetes/await/network";
import {
  crdReadiness,
  resourceQuotaReadiness,
  secretReadiness,
} from "../../../../../../sandbox/providers/kubernetes/await/others";
import { formatSelector, problemsOfPod } from "../../../../../../sandbox/providers/kubernetes/await/pods";
import { claimReadiness } from "../../../../../../sandbox/providers/kubernetes/await/storage";
import { waitForCheck } from "../../../../../../sandbox/providers/kubernetes/await/wait-for";

const selector = { app: "a" };
const address = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };

describe("services", () => {
  it.each([
    [{ selector }, true],
    [{ selector, clusterIP: "None" }, false],
    [{ type: "ExternalName", externalName: "x" }, false],
    [{}, false],
  ])("%j waits for pods: %s", (spec, expected) => {
    expect(targetsPods({ spec })).toBe(expected);
  });

  const cases: [what: string, object: object, ready: number, notReady: number, elapsedMs: number, expected: boolean][] =
    [
      ["ready endpoints", { spec: { selector } }, 1, 0, 0, true],
      ["one endpoint that is not ready", { spec: { selector } }, 1, 1, 99_999, false],
      ["no endpoints yet", { spec: { selector } }, 0, 0, 0, false],
      ["no endpoints for long", { spec: { selector } }, 0, 0, ENDPOINTS_SETTLE_MS, true],
      ["no selector", { spec: {} }, 0, 0, 0, true],
      ["a load balancer without address", { spec: { type: "LoadBalancer" } }, 0, 0, 99_999, false],
      ["a load balancer with address", { spec: { type: "LoadBalancer" }, status: address }, 0, 0, 0, true],
    ];
  it.each(cases)("%s", (_what, object, ready, notReady, elapsedMs, expected) => {
    expect(serviceReadiness(object as never, { ready, notReady }, elapsedMs).ready).toBe(expected);
  });

  it("counts endpoints; one that says nothing is ready", () => {
    const endpoints = [{ conditions: { ready: true } }, { conditions: { ready: false } }, {}];
    expect(addUpEndpoints([{ endpoints }, {}])).toEqual({ ready: 2, notReady: 1 });
  });
});

describe("ingresses", () => {
  const backend = (name: string) => ({ service: { name } });
  const spec = {
    defaultBackend: backend("fallback"),
    rules: [{ http: { paths: [{ backend: backend("a") }, { backend: backend("a") }, { backend: { resource: {} } }] } }],
  };

  it("finds the services", () => {
    expect(servicesOfIngress({ spec })).toEqual(["fallback", "a"]);
  });

  it("waits for an address and for every service", () => {
    expect(ingressReadiness({ spec, status: address }, []).ready).toBe(true);
    expect(ingressReadiness({ spec }, []).ready).toBe(false);
    expect(ingressReadiness({ spec, status: address }, ["a"]).ready).toBe(false);
  });
});

describe("storage and others", () => {
  const cases: [phase: string, mode: string, isUpdate: boolean, ready: boolean][] = [
    ["Bound", "Immediate", false, true],
    ["Pending", "Immediate", false, false],
    ["Pending", "WaitForFirstConsumer", false, true],
    ["Pending", "WaitForFirstConsumer", true, true],
    ["Lost", "WaitForFirstConsumer", true, false],
    ["", "WaitForFirstConsumer", false, false],
  ];
  it.each(cases)("a claim that is %s with %s, update %s, is ready: %s", (phase, mode, isUpdate, ready) => {
    expect(claimReadiness({ status: { phase } }, mode, isUpdate).ready).toBe(ready);
  });

  it("a definition is ready when it is established, and never when its names clash", () => {
    const conditions = (type: string, status: string) => ({ status: { conditions: [{ type, status }] } });
    expect(crdReadiness(conditions("Established", "True")).ready).toBe(true);
    expect(crdReadiness({}).ready).toBe(false);
    expect(crdReadiness(conditions("NamesAccepted", "False")).failed).toBe(true);
  });

  it("a quota is ready when its limits are in effect", () => {
    expect(resourceQuotaReadiness({ spec: { hard: { cpu: "1000m" } }, status: { hard: { cpu: "1" } } }).ready).toBe(
      true,
    );
    expect(resourceQuotaReadiness({ spec: { hard: { cpu: "2" } }, status: { hard: { cpu: "1" } } }).ready).toBe(false);
    expect(resourceQuotaReadiness({ spec: { hard: { cpu: "2" } } }).ready).toBe(false);
  });

  it("only a token's Secret is waited for", () => {
    const base = { apiVersion: "v1", kind: "Secret" };
    const metadata = { annotations: { "kubernetes.io/service-account.name": "a" } };
    const token = { ...base, type: "kubernetes.io/service-account-token", metadata };
    expect(secretReadiness(base).ready).toBe(true);
    expect(secretReadiness(token).ready).toBe(false);
    expect(secretReadiness({ ...token, data: { token: "x" } }).ready).toBe(true);
  });
});

describe("pods", () => {
  it("says why a pod is not scheduled", () => {
    const message = "0/3 nodes are available: 3 Insufficient cpu.";
    const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
    expect(problemsOfPod({ status: { conditions } })).toEqual([`[Unschedulable] ${message}`]);
  });

  it("says what is wrong with containers, and nothing while one is only being made", () => {
    const waiting = (reason: string) => ({ name: "c", state: { waiting: { reason, message: "no such image" } } });
    expect(problemsOfPod({ status: { containerStatuses: [waiting("ImagePullBackOff")] } })).toEqual([
      "container c: [ImagePullBackOff] no such image",
    ]);
    expect(problemsOfPod({ status: { containerStatuses: [waiting("ContainerCreating")] } })).toEqual([]);
    const crashed = { name: "c", lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } } };
    expect(problemsOfPod({ status: { initContainerStatuses: [crashed] } })).toEqual([
      "container c ended with exit code 137 (OOMKilled)",
    ]);
  });

  it("writes selectors as the API reads them", () => {
    const matchExpressions = [
      { key: "a", operator: "In", values: ["1", "2"] },
      { key: "b", operator: "NotIn", values: ["3"] },
      { key: "c", operator: "Exists" },
      { key: "d", operator: "DoesNotExist" },
    ];
    expect(formatSelector({ matchLabels: { x: "y" }, matchExpressions })).toBe("x=y,a in (1,2),b notin (3),c,!d");
  });
});

describe("pulumi.com/waitFor", () => {
  const conditions = [{ type: "Ready", status: "True", reason: "", message: "" }];
  const status = { phase: "Running", conditions, list: [{ name: "a", value: 1 }], observedGeneration: 2, "a.b": "c" };
  const cases: [expression: string, ready: boolean][] = [
    ["condition=Ready", true],
    ["condition=ready", false],
    ["condition=Ready=False", false],
    ["condition=Other", false],
    ["jsonpath={.status.phase}=Running", true],
    ['jsonpath={.status.phase}="Running"', true],
    ["jsonpath=.status.phase=Running", true],
    ["jsonpath={.status.phase}=Pending", false],
    ["jsonpath={.status.phase}", true],
    ["jsonpath={.status.missing}", false],
    ["jsonpath={.status.list[0].value}=1", true],
    ["jsonpath={.status.list[-1].name}=a", true],
    ["jsonpath={.status.list[*].name}=a", true],
    ["jsonpath={.status['a.b']}=c", true],
    ["jsonpath={.status.a\\.b}=c", true],
    ['jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', true],
    ['jsonpath={.status.conditions[?(@.type=="Other")].status}=True', false],
    ['["condition=Ready","jsonpath={.status.phase}=Running"]', true],
    ['["condition=Ready","jsonpath={.status.phase}=Pending"]', false],
  ];
  it.each(cases)("%s: %s", async (expression, ready) => {
    const live = { metadata: { generation: 2, annotations: { "pulumi.com/waitFor": expression } }, status };
    const result = await waitForCheck(live)?.(live, {} as never);
    expect(result?.ready).toBe(ready);
  });

  it("waits until the controller has seen the change", async () => {
    const annotations = { "pulumi.com/waitFor": "jsonpath={.status.phase}=Running" };
    const live = { metadata: { generation: 3, annotations }, status };
    expect((await waitForCheck(live)?.(live, {} as never))?.ready).toBe(false);
  });

  it.each([
    ["ready", "prefix"],
    ["[]", "at least one condition"],
    ["jsonpath={.a[", "is not a JSONPath"],
  ])("refuses %s", (expression, message) => {
    const object = { metadata: { annotations: { "pulumi.com/waitFor": expression } } };
    expect(() => waitForCheck(object)).toThrow(message);
  });

  it("is not there without the annotation", () => {
    expect(waitForCheck({ metadata: {} })).toBeUndefined();
  });
});
