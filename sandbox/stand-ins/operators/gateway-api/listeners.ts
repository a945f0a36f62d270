import type { V1Secret } from "@kubernetes/client-node";
import { secrets } from "../../runtime/kinds";
import type { Observed } from "../types";
import { conditions, type Verdict } from "./conditions";
import { attachment } from "./routes";
import { type Gateway, group, type Listener, type Route, routeKinds } from "./types";

const routesOf: Record<Listener["protocol"], string[]> = {
  HTTP: ["HTTPRoute", "GRPCRoute"],
  HTTPS: ["HTTPRoute", "GRPCRoute"],
  TCP: ["TCPRoute"],
  TLS: ["TLSRoute"],
};

/** Status of each listener: whether its certificate is there, and how many routes it carries. */
export function listenerStatuses(gateway: Gateway, observed: Observed): object[] {
  return gateway.spec.listeners.map((listener) => {
    const have = gateway.status?.listeners?.find(({ name }) => name === listener.name)?.conditions;
    const problem = certificateProblem(gateway, listener, observed);
    const verdicts: Verdict[] = [
      { type: "Accepted", ok: true, reason: "Accepted", message: "Listener has been successfully translated" },
      problem === undefined
        ? { type: "Programmed", ok: true, reason: "Programmed", message: "Sent to the data plane" }
        : { type: "Programmed", ok: false, reason: "Invalid", message: "see other Conditions for details" },
      problem === undefined
        ? { type: "ResolvedRefs", ok: true, reason: "ResolvedRefs", message: "References have been resolved" }
        : { type: "ResolvedRefs", ok: false, reason: "InvalidCertificateRef", message: problem },
    ];
    return {
      name: listener.name,
      attachedRoutes: attachedRoutes(gateway, listener, observed),
      supportedKinds: routesOf[listener.protocol].map((kind) => ({ group, kind })),
      conditions: conditions(have, verdicts, gateway.metadata?.generation, observed.now),
    };
  });
}

function certificateProblem(gateway: Gateway, listener: Listener, observed: Observed): string | undefined {
  const namespace = gateway.metadata!.namespace;
  for (const { name, namespace: at = namespace } of listener.tls?.certificateRefs ?? []) {
    if (at !== namespace) return `Secret ${at}/${name} is in another namespace, and no ReferenceGrant allows it`;
    const secret = observed.find<V1Secret>(secrets, name, at);
    if (!secret) return `Secret ${at}/${name} does not exist`;
    if (!secret.data?.["tls.crt"] || !secret.data["tls.key"]) return `Secret ${at}/${name} has no tls.crt or tls.key`;
  }
  return undefined;
}

function attachedRoutes(gateway: Gateway, listener: Listener, observed: Observed): number {
  return routeKinds
    .filter(({ kind }) => routesOf[listener.protocol].includes(kind))
    .flatMap((kind) => observed.list<Route>(kind).map((route) => ({ ...route, kind: kind.kind })))
    .filter((route) => (route.spec.parentRefs ?? []).some((ref) => attachment(route, ref, gateway, listener, observed)))
    .length;
}
