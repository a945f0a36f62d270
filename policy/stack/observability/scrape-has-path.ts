import type { Props, StackRule, StackView } from "../../framework/rule";
import { containers } from "../../kubernetes/objects";
import { type Model, modelOf, type Pods, systemNamespaces, type Thing } from "../model/model";
import { matches, selectorOf } from "../model/selector";
import { type Direction, networkPolicies, podsOf } from "../network/policies";

const group = "monitoring.coreos.com";
const sections = { Ingress: ["ingress", "from"], Egress: ["egress", "to"] } as const;

/** A port as policies and pods name it: by number, by name, or by both. */
interface Port {
  readonly name: string;
  readonly number: number | undefined;
}

/** Whether a peer of a rule is, or may be, these pods. */
function isPeer(peer: Props, pods: Pods, own: string): boolean {
  if (peer.ipBlock !== undefined) return false;
  const { namespaceSelector, podSelector } = peer;
  if (namespaceSelector === undefined && pods.namespace !== own) return false;
  if (namespaceSelector !== undefined) {
    const { equal } = selectorOf(namespaceSelector);
    const name = equal.find(([key]) => key === "kubernetes.io/metadata.name")?.[1];
    if (name !== undefined && name !== pods.namespace) return false;
  }
  return podSelector === undefined || pods.labels === undefined || matches(pods.labels, selectorOf(podSelector));
}

/** A rule without ports is for all of them; a port whose number is not known here is let pass by any rule. */
function isPort(rule: Props, port: Port): boolean {
  const ports = (rule.ports ?? []) as Props[];
  return (
    ports.length === 0 ||
    port.number === undefined ||
    ports.some(
      (each) => each.port === undefined || String(each.port) === port.name || Number(each.port) === port.number,
    )
  );
}

/** A policy, and the pods that it closes in a direction. */
interface Closed {
  readonly thing: Thing;
  readonly pods: Readonly<Record<Direction, ReadonlySet<Pods>>>;
}

/** Each policy once: of one that is not known yet nothing is said. */
function closedBy(model: Model, stack: StackView): Closed[] {
  return networkPolicies(model).flatMap(({ thing, closings }) => {
    const closed = stack.read(thing.subject, () => {
      const all = closings();
      const of = (direction: Direction) =>
        new Set(all.filter((each) => each.directions.includes(direction)).flatMap((each) => podsOf(each, model)));
      return { thing, pods: { Ingress: of("Ingress"), Egress: of("Egress") } };
    });
    return closed === undefined ? [] : [closed];
  });
}

/** Whether `other` may be reached from, or may reach, `pods`. Cilium's rules between pods are taken to allow it. */
function allows(policies: readonly Closed[], direction: Direction, pods: Pods, other: Pods, port: Port): boolean {
  const [section, peers] = sections[direction];
  const closing = policies.filter((each) => each.pods[direction].has(pods));
  if (closing.length === 0) return true;
  return closing.some(({ thing }) => {
    if (thing.kind !== "NetworkPolicy") return namesEndpoints(thing, section);
    return ((thing.subject.props.spec?.[section] ?? []) as Props[]).some((rule) => {
      const all = (rule[peers] ?? []) as Props[];
      return isPort(rule, port) && (all.length === 0 || all.some((peer) => isPeer(peer, other, thing.namespace)));
    });
  });
}

function namesEndpoints({ subject }: Thing, section: "ingress" | "egress"): boolean {
  const { spec, specs } = subject.props;
  const rules = [...(spec === undefined ? [] : [spec]), ...((specs ?? []) as Props[])] as Props[];
  return rules.some((rule) =>
    ((rule[section] ?? []) as Props[]).some(
      (each) => each.fromEndpoints !== undefined || each.toEndpoints !== undefined,
    ),
  );
}

function portOf(pods: Pods, name: string): Port {
  const declared = containers(pods.spec()).flatMap(({ container }) => (container.ports ?? []) as Props[]);
  const number = declared.find((each) => String(each.name ?? "") === name)?.containerPort as number | undefined;
  return { name, number: number === undefined ? undefined : Number(number) };
}

/** The pods that a monitor finds, with the ports that it asks. */
function targetsOf({ subject, namespace }: Thing, model: Model): { pods: Pods; port: Port }[] {
  const { spec = {} } = subject.props;
  const endpoints = (spec.podMetricsEndpoints ?? []) as Props[];
  return (
    model
      .select(namespace, selectorOf(spec.selector))
      // Nodes' own addresses are no pods' business, and Kubernetes' own namespaces deny nothing.
      .filter((pods) => pods.spec().hostNetwork !== true && !systemNamespaces.has(pods.namespace))
      .flatMap((pods) => endpoints.map(({ port }) => ({ pods, port: portOf(pods, String(port ?? "")) })))
  );
}

export const scrapeHasPath: StackRule = {
  name: "scrape-has-path",
  description:
    "Prometheus has a network path to every pod that a PodMonitor has it scrape: out of its own and into theirs.",
  severity: "low",
  level: "advisory",
  remediation: "Open the port from Prometheus' pods, with an egress and an ingress rule.",
  check: (stack) => {
    const model = modelOf(stack);
    const policies = closedBy(model, stack);
    const asking = model.pods.filter(({ thing }) => thing.group === group && thing.kind === "Prometheus");
    return model.ofKind(group, "PodMonitor").flatMap((thing) => {
      const { subject } = thing;
      const blocked = stack.read(subject, () =>
        targetsOf(thing, model).flatMap(({ pods, port }) =>
          asking
            .filter(({ labels }) => labels !== undefined)
            .filter(
              (prometheus) =>
                !allows(policies, "Egress", prometheus, pods, port) ||
                !allows(policies, "Ingress", pods, prometheus, port),
            )
            .map((prometheus) => `${prometheus.what} does not reach ${pods.what} at ${port.name}`),
        ),
      );
      return (blocked ?? []).map((message) => ({ subject, message }));
    });
  },
};
