import type * as pulumi from "@pulumi/pulumi";
import type { ContainerPort, Variable } from "../../kit/pod";
import type { SecretFiles } from "../../kit/volumes";

/** What goes over OTLP. */
export type Signal = "traces" | "metrics" | "logs";

/** A part of the collector's configuration, as its components spell it. */
export type Settings = Readonly<Record<string, unknown>>;

/** Where a part takes its data, and what it does with it before it is the same as everybody's. */
export interface PartPipeline {
  readonly receivers: readonly string[];
  /** After the memory limiter. @default - none */
  readonly processors?: readonly string[];
}

/** Another way in, beside the cluster's pods: what it takes goes the same way to the same stores. */
export interface CollectorPart {
  /** Behind the slash of its pipelines' names. */
  readonly name: string;
  readonly receivers: Settings;
  readonly processors?: Settings;
  readonly extensions?: Settings;
  readonly pipelines: Readonly<Partial<Record<Signal, PartPipeline>>>;
  readonly ports?: readonly ContainerPort[];
  readonly secrets?: readonly SecretFiles[];
  readonly environment?: Readonly<Record<string, Variable>>;
  /** What must be there before the pods. @default - nothing */
  readonly ready?: readonly pulumi.Resource[];
}
