import { z } from "zod";
import { doc } from "./doc";

const LoadBalancer = z.strictObject({
  type: doc(z.string().default("lb11"), "Type of the load balancer. A change is made in place.", {
    allowed: "lb11 (5 ports), lb21 (10), lb31 (25)",
  }),
  location: doc(z.string().optional(), "Where the load balancer stands.", {
    allowed: "a location of network.zone",
    replaces: "the load balancer, and with it the public address",
    defaultText: "that of the first control plane",
  }),
  proxyProtocol: doc(
    z.boolean().default(true),
    "Tell the gateway each client's own address (PROXY protocol). Without it, all clients seem to be the load balancer.",
  ),
  public: doc(
    z.boolean().default(true),
    "Give the load balancer public addresses. Without them only the private network reaches it: for tunnels and VPNs.",
  ),
});

/** The way in: gateway, load balancer, routes. */
export const GatewaySettings = z.strictObject({
  enabled: doc(
    z.boolean().default(false),
    "Run a gateway behind a Hetzner load balancer. Everything with a `host` or a port of the gateway needs it.",
  ),
  kind: doc(
    z.enum(["envoy", "nginx", "istio"]).default("envoy"),
    "What passes the requests on: `envoy` is Envoy Gateway; `nginx` is ingress-nginx, retired in March 2026 and without fixes since; `istio` is Istio with Gateway API.",
    { replaces: "the gateway's pods and all routes; the load balancer stays" },
  ),
  replicas: doc(z.number().int().min(1).max(20).optional(), "Pods of the gateway.", {
    allowed: "1 to 20; not 1 in prod; not more than nodes that take pods",
    defaultText: "2 in prod, 1 in dev",
  }),
  size: doc(z.enum(["small", "medium", "large"]).default("small"), "CPU and memory of each pod."),
  loadBalancer: doc(LoadBalancer.prefault({}), "The one load balancer of the gateway."),
  redirectHttp: doc(z.boolean().default(true), "Answer plain HTTP with a redirect to HTTPS; false: do not answer it.", {
    allowed: "true while certificates are checked over HTTP (ACME HTTP-01)",
  }),
  mesh: doc(
    z
      .strictObject({
        enabled: doc(
          z.boolean().default(false),
          "Istio's ambient mesh: mutual TLS between the pods of namespaces with the label `istio.io/dataplane-mode: ambient`.",
          { allowed: "true with gateway.kind istio" },
        ),
      })
      .prefault({}),
    "Service mesh, with Istio only.",
  ),
});
