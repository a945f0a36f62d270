import { isMap, type PropertyMap } from "../../../sandbox/providers/framework";
import type { ApiClient } from "../../../sandbox/providers/kubernetes/client";
import { list, nameOf, namespaceOf, pluck, text } from "../../../sandbox/providers/kubernetes/objects";

const STATUS_PATCH = "application/merge-patch+json";
const PERIOD_MS = 100;

/** Plays the kubelet of one node: scheduled pods become ready or complete at once, deleted ones go. */
export class PodRunner {
  private timer: NodeJS.Timeout | undefined;
  private pass: Promise<void> = Promise.resolve();

  constructor(private readonly client: ApiClient) {}

  async start(): Promise<void> {
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: "node-1" } };
    await this.client.request({ method: "POST", path: "/api/v1/nodes", body: node });
    await this.patchStatus("/api/v1/nodes/node-1", {
      capacity: { cpu: "4", memory: "8Gi", pods: "110" },
      allocatable: { cpu: "4", memory: "8Gi", pods: "110" },
      conditions: [{ type: "Ready", status: "True", reason: "Test", message: "", lastHeartbeatTime: now() }],
    });
    // Every new node is tainted as not ready; the controller that takes the taint away is not running here.
    const body = { spec: { taints: [] } };
    await this.client.request({ method: "PATCH", path: "/api/v1/nodes/node-1", body, contentType: STATUS_PATCH });
    this.timer = setInterval(() => {
      this.pass = this.pass.then(() => this.once()).catch(() => undefined);
    }, PERIOD_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.pass;
  }

  private async once(): Promise<void> {
    const { object } = await this.client.request({ method: "GET", path: "/api/v1/pods" });
    await Promise.all(
      list(object, "items")
        .filter(isMap)
        .map((pod) => this.handle(pod)),
    );
  }

  private async handle(pod: PropertyMap): Promise<void> {
    const path = `/api/v1/namespaces/${namespaceOf(pod)}/pods/${nameOf(pod)}`;
    if (text(pod, "spec", "nodeName") === "") {
      return;
    }
    if (pluck(pod, "metadata", "deletionTimestamp") !== undefined) {
      await this.client.request({ method: "DELETE", path, query: { gracePeriodSeconds: "0" } });
      return;
    }
    if (text(pod, "status", "phase") !== "Pending") {
      return;
    }
    await this.patchStatus(path, runningStatus(pod));
  }

  private async patchStatus(path: string, status: PropertyMap): Promise<void> {
    await this.client.request({ method: "PATCH", path: `${path}/status`, body: { status }, contentType: STATUS_PATCH });
  }
}

function runningStatus(pod: PropertyMap): PropertyMap {
  const completes = text(pod, "spec", "restartPolicy") !== "Always";
  const isReady = completes ? "False" : "True";
  const podIP = `10.0.0.${1 + Math.floor(Math.random() * 250)}`;
  const condition = (type: string, status: string): PropertyMap => ({ type, status, lastTransitionTime: now() });
  const state = completes
    ? { terminated: { exitCode: 0, reason: "Completed", startedAt: now(), finishedAt: now() } }
    : { running: { startedAt: now() } };
  return {
    phase: completes ? "Succeeded" : "Running",
    startTime: now(),
    podIP,
    podIPs: [{ ip: podIP }],
    conditions: [
      condition("PodScheduled", "True"),
      condition("Initialized", "True"),
      condition("ContainersReady", isReady),
      condition("Ready", isReady),
    ],
    containerStatuses: list(pod, "spec", "containers").map((container) => ({
      name: text(container, "name"),
      image: text(container, "image"),
      imageID: "",
      ready: !completes,
      restartCount: 0,
      started: !completes,
      state,
    })),
  };
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}
