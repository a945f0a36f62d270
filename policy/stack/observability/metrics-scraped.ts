import type { Props, StackRule, StackView } from "../../framework/rule";
import { containers } from "../../kubernetes/objects";
import { type Model, modelOf, type Pods, type Thing } from "../model/model";
import { equalTo, labelsOf, matches, selectorOf, selectorText } from "../model/selector";

const group = "monitoring.coreos.com";
const metricsPort = /^(http-)?metrics$|^prometheus$/;

/** Where Kubernetes keeps the Service of its API servers, which are no pods of any stack. */
const apiServersNamespace = "default";

/** Whether somebody scrapes the pods. */
type Covers = (pods: Pods) => boolean;

/** The namespaces that a monitor looks into: its own unless it says otherwise. */
function inNamespaces(spec: Props, own: string): (namespace: string) => boolean {
  if (spec.namespaceSelector?.any === true) return () => true;
  const names = ((spec.namespaceSelector?.matchNames ?? []) as unknown[]).map(String);
  return (namespace) => (names.length === 0 ? namespace === own : names.includes(namespace));
}

function podMonitor({ subject, namespace }: Thing): Covers {
  const { spec = {} } = subject.props;
  const [selector, within] = [selectorOf(spec.selector), inNamespaces(spec, namespace)];
  return (pods) => within(pods.namespace) && matches(pods.labels ?? {}, selector);
}

/** By way of the Services that it selects. */
function serviceMonitor({ subject, namespace }: Thing, model: Model, stack: StackView): Covers {
  const { spec = {} } = subject.props;
  const [selector, within] = [selectorOf(spec.selector), inNamespaces(spec, namespace)];
  const covered = new Set(
    model
      .ofKind("core", "Service")
      .filter((service) => within(service.namespace))
      .flatMap((service) =>
        stack.read(service.subject, ({ metadata, spec: own }) =>
          matches(labelsOf(metadata?.labels), selector) && own?.selector !== undefined
            ? model.select(service.namespace, equalTo(own.selector))
            : [],
        ),
      ),
  );
  return (pods) => covered.has(pods);
}

function offersMetrics({ labels, spec }: Pods): boolean {
  return (
    labels?.["orrery.dev/metrics-port"] !== undefined ||
    containers(spec()).some(({ container }) =>
      ((container.ports ?? []) as Props[]).some(({ name }) => metricsPort.test(String(name ?? ""))),
    )
  );
}

/** What a monitor looks for, where it finds nothing and there can be nothing that the stack does not show. */
function selectsNothing({ thing, covers }: Monitor, model: Model): string[] {
  const { spec = {} } = thing.subject.props;
  const named = ((spec.namespaceSelector?.matchNames ?? []) as unknown[]).map(String);
  const namespaces = named.length === 0 ? [thing.namespace] : named;
  const open =
    spec.namespaceSelector?.any === true ||
    namespaces.some((each) => each === apiServersNamespace || model.mayHaveMorePods(each));
  return open || model.pods.some((pods) => pods.labels === undefined || covers(pods))
    ? []
    : [`it selects no pods: ${selectorText(selectorOf(spec.selector))}`];
}

interface Monitor {
  readonly thing: Thing;
  readonly covers: Covers;
}

export const metricsScraped: StackRule = {
  name: "metrics-scraped",
  description:
    "Where a stack has PodMonitors or ServiceMonitors, every pod that offers metrics is selected by one, and every " +
    "monitor selects pods.",
  severity: "low",
  level: "advisory",
  remediation:
    "Add a PodMonitor, or the label that an existing one selects; correct the selector of one that selects none.",
  check: (stack) => {
    const model = modelOf(stack);
    const monitors = [
      ...model.ofKind(group, "PodMonitor").map((thing) => ({ thing, covers: () => podMonitor(thing) })),
      ...model.ofKind(group, "ServiceMonitor").map((thing) => ({
        thing,
        covers: () => serviceMonitor(thing, model, stack),
      })),
    ].map(({ thing, covers }) => ({ thing, covers: stack.read(thing.subject, covers) }));
    const known = monitors.filter((monitor): monitor is Monitor => monitor.covers !== undefined);
    const empty = known.flatMap((monitor) =>
      selectsNothing(monitor, model).map((message) => ({ subject: monitor.thing.subject, message })),
    );
    // One that is not known yet may select anything.
    if (monitors.length === 0 || known.length < monitors.length) return empty;
    const missed = model.pods
      .filter((pods) => pods.labels !== undefined && !known.some(({ covers }) => covers(pods)))
      .flatMap((pods) => {
        const { subject } = pods.thing;
        return stack.read(subject, () => offersMetrics(pods)) === true
          ? [{ subject, message: `${pods.what} offers metrics that nothing scrapes` }]
          : [];
      });
    return [...missed, ...empty];
  },
};
