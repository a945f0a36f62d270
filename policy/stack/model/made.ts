import type { Props } from "../../framework/rule";
import type { Labels } from "./selector";

/** A group of equal pods that an operator makes for a custom resource. */
export interface MadePods {
  /** Of which part, for messages. */
  part: string;
  /** @default the custom resource's */
  namespace?: string;
  labels: Labels;
  replicas: number;
  /** One on each node that they may be on: the operator makes a DaemonSet. @default false */
  daemon?: boolean;
  /** What is known of the pods: containers with their resources, nodeSelector, tolerations, affinity. */
  spec: Props;
  /** PersistentVolumeClaim specs of each pod. */
  claims: Props[];
}

/** What an operator makes of one kind of custom resource. Everything here throws at what is not known yet. */
export interface Operator {
  pods?(props: Props): MadePods[];
  secrets?(props: Props): string[];
  configMaps?(props: Props): string[];
  serviceAccounts?(props: Props): string[];
}

export const nameOf = (props: Props) => String(props.metadata?.name ?? "");

export const container = (resources: Props | undefined) => ({
  containers: [{ name: "main", resources: resources ?? {} }],
});

export const suffixed =
  (...suffixes: string[]) =>
  (props: Props) =>
    suffixes.map((suffix) => `${nameOf(props)}${suffix}`);
