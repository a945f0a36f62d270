import { type OperationContext, sleep } from "../../framework";
import type { ApiClient } from "../client";
import type { Discovery } from "../discovery";
import { ANNOTATION, annotation, isAnnotated, type KubeObject, kindOfObject, nameOf, namespaceOf } from "../objects";
import { checkIngress, checkService } from "./network";
import { crdReadiness, resourceQuotaReadiness, secretReadiness } from "./others";
import { podProblems } from "./pods";
import { checkClaim, volumeReadiness } from "./storage";
import { AwaitError, type Awaiter, type AwaitScope, type Readiness } from "./types";
import { waitForCheck } from "./wait-for";
import { watchObject } from "./watch";
import {
  daemonSetReadiness,
  deploymentReadiness,
  jobReadiness,
  podReadiness,
  replicationControllerReadiness,
  statefulSetReadiness,
} from "./workloads";

export { AwaitError } from "./types";

/** How long an object may take to become ready or to go, where nothing says otherwise: 10 minutes, as official. */
const DEFAULT_TIMEOUT_SECONDS = 600;
const POLL_MS = 500;
const POD_REPORT_MS = 5_000;
/** For the questions asked after the time is over. */
const LAST_WORDS_MS = 5_000;

/** `group/Kind` -> how it becomes ready. Kinds that are not here are ready once they exist. */
const AWAITERS: Record<string, Awaiter> = {
  "apps/Deployment": { check: deploymentReadiness, pods: true, onRead: true },
  "apps/StatefulSet": { check: statefulSetReadiness, pods: true, onRead: true },
  "apps/DaemonSet": { check: daemonSetReadiness, pods: true, onRead: true },
  "batch/Job": { check: jobReadiness, pods: true, onRead: true },
  "/Pod": { check: podReadiness, pods: true, onRead: true },
  "/ReplicationController": { check: replicationControllerReadiness },
  "/Service": { check: checkService, polls: true, onRead: true },
  "/PersistentVolumeClaim": { check: checkClaim, polls: true },
  "/PersistentVolume": { check: volumeReadiness },
  "/ResourceQuota": { check: resourceQuotaReadiness },
  "/Secret": { check: secretReadiness },
  "networking.k8s.io/Ingress": { check: checkIngress, polls: true, onRead: true },
  "apiextensions.k8s.io/CustomResourceDefinition": { check: crdReadiness },
};

export interface AwaitRequest {
  client: ApiClient;
  discovery: Discovery;
  context: OperationContext;
  inputs: KubeObject;
  live: KubeObject;
  previous?: KubeObject;
}

/** The object's awaiter; undefined when it is ready as soon as it exists, or when nobody wants to wait. */
export function awaiterOf(inputs: KubeObject, live: KubeObject): Awaiter | undefined {
  if (isAnnotated(inputs, ANNOTATION.skipAwait)) {
    return undefined;
  }
  const asked = waitForCheck(live) ?? waitForCheck(inputs);
  if (asked !== undefined) {
    return { check: asked };
  }
  const { group, kind } = kindOfObject(live);
  return AWAITERS[`${group}/${kind}`];
}

/** customTimeouts, then the annotation, then ten minutes. */
export function timeoutSecondsOf(inputs: KubeObject, context: OperationContext): number {
  const annotated = Number.parseInt(annotation(inputs, ANNOTATION.timeoutSeconds), 10);
  return context.timeoutSeconds ?? (Number.isNaN(annotated) ? DEFAULT_TIMEOUT_SECONDS : annotated);
}

/** Waits until the object is ready, and returns it as it is then. Throws AwaitError with its last known state. */
export async function awaitReady(request: AwaitRequest): Promise<KubeObject> {
  const awaiter = awaiterOf(request.inputs, request.live);
  if (awaiter === undefined) {
    return request.live;
  }
  const first = await awaiter.check(request.live, scopeOf(request, 0));
  if (first.ready) {
    return request.live;
  }
  if (first.failed) {
    throw await failure(request, awaiter, request.live, first, `'${nameOf(request.live)}' failed`);
  }
  return new ReadyWait(request, awaiter).run();
}

/** Whether the object is ready now, for `refresh`. */
export async function checkHealth(request: AwaitRequest): Promise<AwaitError | undefined> {
  const awaiter = awaiterOf(request.inputs, request.live);
  if (awaiter?.onRead !== true) {
    return undefined;
  }
  const readiness = await awaiter.check(request.live, scopeOf(request, Number.POSITIVE_INFINITY));
  return readiness.ready
    ? undefined
    : failure(
        request,
        awaiter,
        request.live,
        readiness,
        `Resource '${nameOf(request.live)}' was created but failed to initialize`,
      );
}

class ReadyWait {
  private readonly startedMs = performance.now();
  private readonly stop = new AbortController();
  private readonly deadlineMs: number;
  private live: KubeObject;
  private last: Readiness = { ready: false };
  private shown = "";
  private gone = false;
  private version = 0;
  private wake: () => void = () => undefined;
  private watchError: unknown;

  constructor(
    private readonly request: AwaitRequest,
    private readonly awaiter: Awaiter,
  ) {
    this.live = request.live;
    this.deadlineMs = timeoutSecondsOf(request.inputs, request.context) * 1000;
  }

  async run(): Promise<KubeObject> {
    const watching = this.watch();
    try {
      return await this.loop();
    } finally {
      this.stop.abort();
      await watching;
    }
  }

  private async watch(): Promise<void> {
    const { client, discovery, live } = this.request;
    const signal = AbortSignal.any([this.stop.signal, this.request.context.signal]);
    try {
      const collection = await discovery.path(kindOfObject(live), namespaceOf(live), "");
      for await (const object of watchObject(client, collection, nameOf(live), signal)) {
        this.live = object ?? this.live;
        this.gone = object === undefined;
        this.version += 1;
        this.wake();
      }
    } catch (error) {
      this.watchError = signal.aborted ? undefined : error;
      this.wake();
    }
  }

  private async loop(): Promise<KubeObject> {
    let reportedMs = 0;
    for (;;) {
      const seen = this.version;
      const elapsedMs = performance.now() - this.startedMs;
      if (this.watchError !== undefined) {
        throw this.watchError;
      }
      this.last = await this.checkNow(elapsedMs);
      this.show(this.last.progress ?? "");
      if (this.last.ready && !this.gone) {
        return this.live;
      }
      if (this.last.failed) {
        throw await failure(this.request, this.awaiter, this.live, this.last, `'${nameOf(this.live)}' failed`);
      }
      if (this.awaiter.pods && elapsedMs - reportedMs > POD_REPORT_MS) {
        reportedMs = elapsedMs;
        const problems = await podProblems(this.request.client, this.live, this.request.context.signal);
        this.show([this.last.progress, ...problems].join("; "));
      }
      if (this.version === seen) {
        await this.changed(
          Math.max(1, Math.min(this.awaiter.polls ? POLL_MS : POD_REPORT_MS, this.deadlineMs - elapsedMs)),
        );
      }
      const ended = this.endedBecause(elapsedMs);
      if (ended !== undefined) {
        throw await failure(this.request, this.awaiter, this.live, this.last, ended);
      }
    }
  }

  private async checkNow(elapsedMs: number): Promise<Readiness> {
    try {
      return await this.awaiter.check(this.live, scopeOf(this.request, elapsedMs));
    } catch (error) {
      // Questions asked after the end are not answered any more: what was known before is reported.
      if (this.request.context.signal.aborted) {
        return this.last;
      }
      throw error;
    }
  }

  /** Until the object changes, the time is over, or the user has had enough. */
  private async changed(milliseconds: number): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    const waiting = new AbortController();
    const signal = AbortSignal.any([waiting.signal, this.request.context.signal]);
    await Promise.race([woken, sleep(milliseconds, signal).catch(() => undefined)]);
    waiting.abort();
  }

  private endedBecause(elapsedMs: number): string | undefined {
    const { signal, timeoutSeconds } = this.request.context;
    if (elapsedMs >= this.deadlineMs || (signal.aborted && timeoutSeconds !== undefined)) {
      return `'${nameOf(this.live)}' timed out waiting to be Ready`;
    }
    return signal.aborted ? `Resource operation was cancelled for "${nameOf(this.live)}"` : undefined;
  }

  private show(line: string): void {
    if (line !== "" && line !== this.shown) {
      this.shown = line;
      this.request.context.log("info", line, true);
    }
  }
}

async function failure(
  request: AwaitRequest,
  awaiter: Awaiter,
  live: KubeObject,
  readiness: Readiness,
  message: string,
): Promise<AwaitError> {
  const pods = awaiter.pods
    ? await podProblems(request.client, live, AbortSignal.timeout(LAST_WORDS_MS)).catch(() => [])
    : [];
  return new AwaitError(message, live, [...(readiness.problems ?? []), ...pods]);
}

function scopeOf(request: AwaitRequest, elapsedMs: number): AwaitScope {
  const { client, discovery, context, inputs, previous } = request;
  return { client, discovery, context, inputs, previous, elapsedMs };
}
