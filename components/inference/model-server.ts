import type * as pulumi from "@pulumi/pulumi";
import type { Consumer } from "../kit/capability";
import type { Backend } from "../kit/route";
import type { PlannedService } from "./types";

/** A workload whose number of pods somebody else sets. */
export interface ScaleTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Most pods of it. */
  readonly replicas: number;
}

/** What answers for one model service, whoever serves it. The gateway is its client. */
export interface ModelServer {
  readonly service: PlannedService;
  /** Service, port and pods that answer. */
  readonly backend: Backend;
  /** Path before `/v1/...` of OpenAI's API: `/llm` with Ray. @default - none */
  readonly basePath?: string;
  /** What the server calls the model, in the field `model`. */
  readonly servedName: string;
  /** Metrics by which it is scaled and watched; PromQL that gives the requests that wait. @default - not known */
  readonly waiting?: string;
  /**
   * What KEDA scales, so that together there are `minReplicas` to `replicas`: one workload, or one on each machine, in
   * the order in which they are started. @default - it scales by itself, or not at all
   */
  readonly scaleTargets?: readonly ScaleTarget[];
  readonly ready: pulumi.Resource;
  /** Opens the one network path from the consumer to it. */
  open(consumer: Consumer, parent: pulumi.Resource): void;
}
