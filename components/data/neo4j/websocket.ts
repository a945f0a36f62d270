import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { metadata, selectorLabels } from "../../kit/labels";
import type { Backend, BackendTls } from "../../kit/route";
import type { Service } from "../../kit/service";
import { BOLT_PORT } from "./config";

const PORT = { name: "websocket", port: 443, targetPort: "bolt" };

/**
 * Bolt over WebSocket as what answers behind a route. A Service of its own: the gateway speaks TLS with this one, and
 * passes on what comes for the other as it is.
 */
export function createWebsocket(
  name: string,
  { identity, namespace, pods }: Service,
  tls: BackendTls | undefined,
  opts: pulumi.CustomResourceOptions,
): Backend {
  new k8s.core.v1.Service(
    name,
    {
      metadata: metadata(identity, { name, namespace: namespace.name }),
      spec: { type: "ClusterIP", selector: selectorLabels(identity), ports: [PORT] },
    },
    opts,
  );
  const { name: portName, port } = PORT;
  return {
    identity,
    namespace,
    service: name,
    port,
    podPort: BOLT_PORT,
    pods,
    ...(tls && { tls: { ...tls, portName } }),
  };
}
