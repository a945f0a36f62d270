import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { metadata } from "../../kit/labels";
import type { KafkaServer } from "./user";

/** A KafkaTopic or KafkaUser. The label says which cluster it belongs to; the entity operator says when it is there. */
export function createEntity(
  pulumiName: string,
  kind: "KafkaTopic" | "KafkaUser",
  name: string,
  { server, spec }: { readonly server: Pick<KafkaServer, "name" | "identity" | "namespace">; readonly spec: object },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new k8s.apiextensions.CustomResource(
    pulumiName,
    {
      apiVersion: "kafka.strimzi.io/v1",
      kind,
      metadata: metadata(server.identity, {
        name,
        namespace: server.namespace.name,
        labels: { "strimzi.io/cluster": server.name },
        annotations: { "pulumi.com/waitFor": "condition=Ready" },
      }),
      spec,
    },
    { ...opts, customTimeouts: { create: "20m", update: "20m" } },
  );
}
