import type { Component } from "../../base";
import type { PodIdentity } from "../../kit/labels";
import { openPath, openPeers } from "../../kit/network-policy";
import type { Operator } from "../../kit/operator";
import { SETUP_COMPONENT, SOFTWARE } from "./api-job";
import { HTTP_PORT, TRANSPORT_PORT } from "./cluster";
import type { SearchServer } from "./search-index";

/** Before the cluster: nodes that do not find each other, or their operator, never get ready. */
export function openClusterPaths(server: SearchServer, operator: Operator, parent: Component): void {
  const { name, namespace, identity: owner, pods } = server;
  const http = { name: "http", port: HTTP_PORT };
  const opts = { parent, dependsOn: [namespace, operator.namespace] };
  openPath(`${name}-operator`, { from: operator.pods, to: pods, ports: [http], owner }, opts);
  // A node that is about to stop says so by the Service of all of them, so by HTTP as well.
  openPeers(`${name}-peers`, { pods, ports: [{ name: "transport", port: TRANSPORT_PORT }, http], owner }, opts);
  openPath(`${name}-setup`, { from: setupJobs(namespace.name), to: pods, ports: [http], owner }, opts);
}

/** The Jobs that set something up: one path for them together. */
function setupJobs(namespace: string): PodIdentity {
  return {
    namespace,
    labels: { "app.kubernetes.io/name": SOFTWARE, "app.kubernetes.io/component": SETUP_COMPONENT },
    instance: `${SOFTWARE}-${SETUP_COMPONENT}`,
  };
}
