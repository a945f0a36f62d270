import type { Kind } from "../../runtime/cluster";
import { deployments, services } from "../../runtime/kinds";
import type { Operator } from "../types";
import { milvusHandler } from "./milvus";

const configMaps: Kind = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };

export const milvus: Operator = {
  name: "milvus-operator",
  image: /(^|\/)milvusdb\/milvus-operator[:@]/,
  standsInFor: "the Milvus operator: the pods of a Milvus; no Milvus answers in them",
  children: [configMaps, services, deployments],
  handlers: [milvusHandler],
};
