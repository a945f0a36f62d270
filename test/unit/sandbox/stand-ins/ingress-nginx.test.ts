import type { KubernetesObject, V1Ingress, V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { desiredIngress, ingressNginx } from "../../../../sandbox/stand-ins/operators/ingress-nginx";
import { observing } from "./observed";

const controller = (ready = true): V1Pod => ({
  kind: "Pod",
  metadata: { namespace: "gateway", name: "controller" },
  spec: {
    containers: [
      {
        name: "controller",
        image: "registry.k8s.io/ingress-nginx/controller:v1.15.1@sha256:0123",
        args: ["/nginx-ingress-controller", "--controller-class=k8s.io/ours", "--publish-service=gateway/balancer"],
      },
    ],
  },
  status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
});
const ingressClass = (name: string, of: string): KubernetesObject & { spec: object } => ({
  kind: "IngressClass",
  metadata: { name },
  spec: { controller: of },
});
const balancer = (ingress: { ip: string }[]): KubernetesObject & { status: object } => ({
  kind: "Service",
  metadata: { namespace: "gateway", name: "balancer" },
  status: { loadBalancer: { ingress } },
});
const route = (ingressClassName?: string): V1Ingress => ({
  kind: "Ingress",
  metadata: { namespace: "apps", name: "route" },
  spec: { ...(ingressClassName === undefined ? {} : { ingressClassName }) },
});
const addresses = [{ ip: "203.0.113.9" }, { ip: "2001:db8::9" }];
const cluster = [
  controller(),
  ingressClass("ours", "k8s.io/ours"),
  ingressClass("theirs", "k8s.io/theirs"),
  balancer(addresses),
];

describe("the stand-in for ingress-nginx", () => {
  it("knows the controller by its image", () => {
    expect(ingressNginx.image.test(controller().spec!.containers[0]!.image!)).toBe(true);
    expect(ingressNginx.image.test("registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.9")).toBe(false);
  });

  it("writes the addresses of the published Service into Ingresses of its class", () => {
    expect(desiredIngress(route("ours"), observing(cluster))).toEqual({
      status: { loadBalancer: { ingress: addresses } },
    });
  });

  it.each([
    ["of another controller's class", route("theirs"), cluster],
    ["of a class that is not there", route("gone"), cluster],
    ["without a class", route(), cluster],
    ["while the controller is not ready", route("ours"), [controller(false), ...cluster.slice(1)]],
    ["before the Service has addresses", route("ours"), [...cluster.slice(0, 3), balancer([])]],
    ["without the Service", route("ours"), cluster.slice(0, 3)],
  ])("leaves alone an Ingress %s", (_, ingress, objects) => {
    expect(desiredIngress(ingress, observing(objects))).toEqual({});
  });
});
