import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { startExtension } from "../extensions";
import type { Context } from "../runtime/context";
import { nodes, pods } from "../runtime/kinds";
import { answer } from "./answer";

/** metrics-server: an extension of the API that says what pods and nodes use. */
export function startMetrics(context: Context): void {
  const nodeStore = context.store<V1Node>(nodes);
  const podStore = context.store<V1Pod>(pods);
  startExtension(context, {
    apiService: "v1beta1.metrics.k8s.io",
    image: /(^|\/)metrics-server[:@]/,
    // Beside metrics-server's own Service, whose address leads nowhere here.
    serviceName: "metrics-server-of-the-sandbox",
    standsInFor: "metrics-server: what pods ask for, as nothing is measured",
    answer: (url) => answer(url, nodeStore.list(), podStore.list(), new Date()),
  });
}
