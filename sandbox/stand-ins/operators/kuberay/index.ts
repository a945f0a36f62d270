import { pods, services } from "../../runtime/kinds";
import type { Operator } from "../types";
import { clusterHandler } from "./cluster";
import { serviceHandler } from "./service";
import { clusterKind } from "./types";

export const kuberay: Operator = {
  name: "kuberay-operator",
  image: /(^|\/)kuberay\/operator[:@]/,
  standsInFor: "KubeRay: the pods and Services of Ray clusters; no Ray answers in them",
  children: [clusterKind, services, pods],
  handlers: [serviceHandler, clusterHandler],
};
