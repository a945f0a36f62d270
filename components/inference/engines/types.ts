import type { ImagePin } from "../../kit/images";
import type { Sidecar } from "../../kit/pod";
import type { ProbeArgs } from "../../kit/probes";
import type { RunAs } from "../../kit/security";
import type { Resources } from "../../kit/sizes";
import type { ScratchVolume } from "../../kit/volumes";
import type { ModelFiles } from "../cache/types";
import type { Engine, PlannedService } from "../types";

/** Where the files of the model are, for a program that only reads them. */
export type ModelLocation = Pick<ModelFiles, "volume" | "directory">;

/** Name of the one port that every engine has: for OpenAI's API, health and metrics alike. */
export const ENGINE_PORT_NAME = "http";

/**
 * A program that serves one model, as a container: nothing of it depends on who makes the pod. The pod mounts the
 * model's volume read-only beside `scratch`; the root file system is read-only, nobody is root, and no capability is
 * needed.
 */
export interface EngineContainer {
  readonly engine: Engine;
  /** By accelerator and architecture. */
  readonly image: ImagePin;
  /** Of the program: a label. */
  readonly version: string;
  /** @default - the image's own */
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Its number; the name is ENGINE_PORT_NAME. */
  readonly port: number;
  /** They ask for ENGINE_PORT_NAME. The first start waits until the weights are loaded. */
  readonly probes: ProbeArgs;
  /** Path of metrics at the same port. @default - it has none */
  readonly metricsPath?: string;
  /**
   * Requests that wait, as PromQL over series with the matchers: `namespace="ai-ml",service="llm-predictor"`.
   * @default - the program does not say
   */
  readonly waiting?: (matchers: string) => string;
  /** Directories that die with the pod; those in memory count as the container's, and are within its limit. */
  readonly scratch: readonly ScratchVolume[];
  /** What must be made of the model's files before the first start. @default - nothing */
  readonly initContainers?: readonly Sidecar[];
  readonly runAs: RunAs;
  /** CPU and memory of the machine, and the devices of the place. */
  readonly resources: Resources;
  /** Path before `/v1/...` of OpenAI's API. @default - none */
  readonly basePath?: string;
  /** What stands in the field `model` of a request to it. */
  readonly servedName: string;
  /** Seconds that answers under way have to end. */
  readonly terminationGraceSeconds: number;
}

/** What an engine decides for itself; the rest is the same for all of them. */
export type EngineParts = Omit<
  EngineContainer,
  "engine" | "version" | "resources" | "runAs" | "servedName" | "terminationGraceSeconds"
> &
  Partial<Pick<EngineContainer, "runAs" | "servedName">>;

/** Makes the container of one engine. */
export type EngineDefinition = (service: PlannedService, files: ModelLocation) => EngineParts;
