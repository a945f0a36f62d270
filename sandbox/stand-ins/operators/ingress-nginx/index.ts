import type { V1Ingress, V1IngressClass, V1Pod, V1Service } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { pods, services } from "../../runtime/kinds";
import { isReady, runsImage } from "../../runtime/presence";
import { type Desired, handler, type Observed, type Operator } from "../types";

const networking = (kind: string, plural: string): Kind => ({ apiVersion: "networking.k8s.io/v1", kind, plural });
const ingresses = networking("Ingress", "ingresses");
const ingressClasses = networking("IngressClass", "ingressclasses");

const image = /(^|\/)ingress-nginx\/controller[:@]/;

/** What the controller was started with. */
function flags(pod: V1Pod): Map<string, string> {
  const args = pod.spec?.containers.find(({ image: name }) => image.test(name ?? ""))?.args ?? [];
  return new Map(
    args.map((arg) => {
      const [, flag = "", value = ""] = /^--([^=]+)=(.*)$/.exec(arg) ?? [];
      return [flag, value];
    }),
  );
}

/** The addresses of the Service that the controller publishes, in each Ingress of its class. */
export function desiredIngress(ingress: V1Ingress, observed: Observed): Desired {
  const controller = observed.list<V1Pod>(pods).find((pod) => runsImage(pod, image) && isReady(pod));
  const given = controller === undefined ? undefined : flags(controller);
  const className = ingress.spec?.ingressClassName;
  const found = className === undefined ? undefined : observed.find<V1IngressClass>(ingressClasses, className);
  if (given === undefined || found?.spec?.controller !== given.get("controller-class")) return {};
  const [namespace, name = ""] = (given.get("publish-service") ?? "").split("/");
  const addresses = observed.find<V1Service>(services, name, namespace)?.status?.loadBalancer?.ingress ?? [];
  // Nothing is written before there is something to write.
  if (addresses.length === 0) return {};
  const status = addresses.map(({ ip, hostname }) => (ip === undefined ? { hostname } : { ip }));
  return { status: { loadBalancer: { ingress: status } } };
}

export const ingressNginx: Operator = {
  name: "ingress-nginx",
  image,
  standsInFor: "ingress-nginx: addresses of Ingresses; no nginx passes a request on",
  children: [],
  handlers: [
    handler<V1Ingress>({
      kind: ingresses,
      uses: [ingressClasses, services, pods],
      across: true,
      desired: desiredIngress,
    }),
  ],
};
