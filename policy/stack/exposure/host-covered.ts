import type { Finding, Props, StackRule, StackView } from "../../framework/rule";
import { type Model, modelOf, type Thing } from "../model/model";
import { Certificates, issuesItself } from "./certificates";
import { certificateCovers, listenerTakes } from "./hosts";

const gatewayGroup = "gateway.networking.k8s.io";
const routeKinds = ["HTTPRoute", "GRPCRoute", "TLSRoute"];

interface Context {
  stack: StackView;
  model: Model;
  certificates: Certificates;
}

/** The Gateways that a route attaches to, with the listeners that it names. Ones that are not in the stack are left out. */
function parentsOf({ subject, namespace }: Thing, model: Model): { gateway: Thing; parent: Props }[] {
  return ((subject.props.spec?.parentRefs ?? []) as Props[]).flatMap((parent) => {
    if ((parent.kind ?? "Gateway") !== "Gateway") return [];
    const gateway = model.find(gatewayGroup, "Gateway", parent.namespace ?? namespace, String(parent.name));
    return gateway === undefined ? [] : [{ gateway, parent }];
  });
}

const attaches = (listener: Props, parent: Props, host: string) =>
  (parent.sectionName === undefined || parent.sectionName === listener.name) &&
  (parent.port === undefined || parent.port === listener.port) &&
  listenerTakes(listener.hostname, host);

/** Why no listener of the Gateway serves the host with TLS; undefined where one does. */
function problemOf(host: string, gateway: Thing, parent: Props, context: Context): string | undefined {
  const { props } = gateway.subject;
  const listeners = ((props.spec?.listeners ?? []) as Props[]).filter((each) => attaches(each, parent, host));
  const name = `Gateway ${gateway.namespace}/${gateway.name}`;
  if (listeners.length === 0) return `no listener of ${name} takes ${host}`;
  const secured = listeners.filter(({ protocol }) => protocol === "HTTPS" || protocol === "TLS");
  // Plain HTTP that only redirects is the policy route-tls's matter.
  if (secured.length === 0)
    return parent.sectionName === undefined ? `${name} has no TLS listener for ${host}` : undefined;
  const problems = secured.map((listener) => certificateProblem(host, listener, gateway, context));
  return problems.includes(undefined) ? undefined : problems.find((problem) => problem !== undefined);
}

function certificateProblem(host: string, listener: Props, gateway: Thing, context: Context): string | undefined {
  if (listener.tls?.mode === "Passthrough") return undefined;
  const { props } = gateway.subject;
  const refs = (listener.tls?.certificateRefs ?? []) as Props[];
  const where = `listener ${listener.name} of Gateway ${gateway.namespace}/${gateway.name}`;
  if (refs.length === 0) return `${where} has no certificate`;
  // cert-manager makes a certificate for the listener's hostname alone.
  if (issuesItself(props) && listener.hostname !== undefined) {
    return certificateCovers(String(listener.hostname), host)
      ? undefined
      : `the certificate of ${where} is for ${listener.hostname}, which does not cover ${host}`;
  }
  const problems = refs.map((ref) =>
    context.certificates.problem(ref.namespace ?? gateway.namespace, String(ref.name), host),
  );
  const problem = problems.includes(undefined) ? undefined : problems[0];
  return problem === undefined ? undefined : `${where} does not cover ${host}: ${problem}`;
}

function ofRoute(thing: Thing, context: Context): string[] {
  const hosts = ((thing.subject.props.spec?.hostnames ?? []) as string[]).map(String);
  return parentsOf(thing, context.model).flatMap(({ gateway, parent }) =>
    hosts.flatMap((host) => {
      // Read for the Gateway, whose values it is that may not be known.
      const problem = context.stack.read(gateway.subject, () => [problemOf(host, gateway, parent, context)]);
      return problem?.[0] ?? [];
    }),
  );
}

function ofIngress({ subject, namespace }: Thing, { certificates }: Context): string[] {
  const { spec } = subject.props;
  const issued = issuesItself(subject.props);
  const entries = (spec?.tls ?? []) as Props[];
  return ((spec?.rules ?? []) as Props[]).flatMap(({ host }) => {
    if (host === undefined) return [];
    const entry = entries.find(({ hosts }) =>
      ((hosts ?? []) as string[]).some((name) => certificateCovers(String(name), String(host))),
    );
    // An Ingress without TLS for the host is the policy route-tls's matter.
    if (entry === undefined || entry.secretName === undefined || issued) return [];
    const problem = certificates.problem(namespace, String(entry.secretName), String(host));
    return problem === undefined ? [] : [`no certificate covers ${host}: ${problem}`];
  });
}

export const hostCovered: StackRule = {
  name: "host-covered",
  description: "Every exposed host has a TLS listener that takes it, with a certificate whose names cover it.",
  severity: "high",
  level: "mandatory",
  remediation:
    "Add the host to the listener's hostname and to the Certificate's dnsNames (a wildcard covers one label only).",
  check: (stack) => {
    const model = modelOf(stack);
    const context = { stack, model, certificates: new Certificates(stack, model) };
    const look = (things: readonly Thing[], problems: (thing: Thing, context: Context) => string[]): Finding[] =>
      things.flatMap((thing) =>
        (stack.read(thing.subject, () => problems(thing, context)) ?? []).map((message) => ({
          subject: thing.subject,
          message,
        })),
      );
    return [
      ...look(
        routeKinds.flatMap((kind) => model.ofKind(gatewayGroup, kind)),
        ofRoute,
      ),
      ...look(model.ofKind("networking.k8s.io", "Ingress"), ofIngress),
    ];
  },
};
