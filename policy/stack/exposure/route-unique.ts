import type { Finding, Props, StackRule, StackView } from "../../framework/rule";
import { nameText } from "../model/each";
import { type Model, modelOf, type Thing } from "../model/model";

/** What a route takes: two routes that take the same are one too many. */
interface Taken {
  key: string;
  text: string;
}

function ofIngress({ subject }: Thing): Taken[] {
  const { spec } = subject.props;
  return ((spec?.rules ?? []) as Props[]).flatMap((rule) =>
    ((rule.http?.paths ?? []) as Props[]).map((entry) => {
      const host = String(rule.host ?? "*");
      const path = String(entry.path ?? "/");
      return {
        key: `ingress ${spec?.ingressClassName ?? ""} ${host} ${entry.pathType} ${path}`,
        text: `${host}${path}`,
      };
    }),
  );
}

/** The listeners that a route is attached to: those that it names, or all of the Gateway's. */
function listenersOf(parent: Props, namespace: string, model: Model): string[] {
  const inNamespace = parent.namespace ?? namespace;
  const gateway = model.find("gateway.networking.k8s.io", "Gateway", inNamespace, String(parent.name));
  const prefix = `${inNamespace}/${parent.name}`;
  if (parent.sectionName !== undefined) return [`${prefix}/${parent.sectionName}`];
  const all = ((gateway?.subject.props.spec?.listeners ?? []) as Props[]).filter(
    ({ port }) => parent.port === undefined || parent.port === port,
  );
  return all.length === 0 ? [`${prefix}/${parent.port ?? ""}`] : all.map(({ name }) => `${prefix}/${name}`);
}

const namedValues = (list: unknown) =>
  ((list ?? []) as Props[]).map(({ name, type, value }) => `${name} ${type ?? "Exact"} ${value}`).sort();

/** A match of a rule as text; every part of it makes it another one. */
function matchText(match: Props): string {
  const path = `${match.path?.type ?? "PathPrefix"} ${match.path?.value ?? "/"}`;
  return [path, match.method ?? "", ...namedValues(match.headers), "?", ...namedValues(match.queryParams)].join(" ");
}

function ofRoute(thing: Thing, model: Model): Taken[] {
  const { subject, kind, namespace } = thing;
  const { spec } = subject.props;
  const listeners = ((spec?.parentRefs ?? []) as Props[]).flatMap((parent) => listenersOf(parent, namespace, model));
  const hosts = ((spec?.hostnames ?? ["*"]) as string[]).map(String);
  const rules = ((spec?.rules ?? [{}]) as Props[]).flatMap((rule) => {
    const list = (rule.matches ?? []) as Props[];
    return list.length === 0 ? [{}] : list;
  }) as Props[];
  return listeners.flatMap((listener) =>
    hosts.flatMap((host) =>
      rules.map((match) => ({
        key: `${kind} ${listener} ${host} ${matchText(match)}`,
        text: `${host}${match.path?.value ?? "/"} on ${listener}`,
      })),
    ),
  );
}

const sources: readonly { group: string; kind: string; taken: (thing: Thing, model: Model) => Taken[] }[] = [
  { group: "networking.k8s.io", kind: "Ingress", taken: ofIngress },
  { group: "gateway.networking.k8s.io", kind: "HTTPRoute", taken: ofRoute },
];

function duplicates(stack: StackView): Finding[] {
  const model = modelOf(stack);
  const owners = new Map<string, Thing>();
  return sources.flatMap(({ group, kind, taken }) =>
    model.ofKind(group, kind).flatMap((thing) => {
      const { subject } = thing;
      return (stack.read(subject, () => taken(thing, model)) ?? []).flatMap(({ key, text }) => {
        const owner = owners.get(key);
        if (owner === undefined) owners.set(key, thing);
        return owner === undefined || owner === thing
          ? []
          : [{ subject, message: `${text} is taken by ${nameText(owner)} too` }];
      });
    }),
  );
}

export const routeUnique: StackRule = {
  name: "route-unique",
  description: "No two routes take the same host and path: which of them answers would be the older one's luck.",
  severity: "high",
  level: "mandatory",
  remediation: "Give one of them another host or path.",
  check: duplicates,
};
