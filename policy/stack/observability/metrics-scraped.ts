import type { Props, StackRule, StackView } from "../../framework/rule";
import { containers } from "../../kubernetes/objects";
import { type Model, modelOf, type Pods, type Thing } from "../model/model";
import { equalTo, labelsOf, matches, selectorOf } from "../model/selector";

const group = "monitoring.coreos.com";
const metricsPort = /^(http-)?metrics$|^prometheus$/;

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

export const metricsScraped: StackRule = {
  name: "metrics-scraped",
  description: "Where a stack has PodMonitors or ServiceMonitors, every pod that offers metrics is selected by one.",
  severity: "low",
  level: "advisory",
  remediation: "Add a PodMonitor, or the label that an existing one selects.",
  check: (stack) => {
    const model = modelOf(stack);
    const monitors = [
      ...model.ofKind(group, "PodMonitor").map((thing) => ({ thing, covers: () => podMonitor(thing) })),
      ...model.ofKind(group, "ServiceMonitor").map((thing) => ({
        thing,
        covers: () => serviceMonitor(thing, model, stack),
      })),
    ].map(({ thing, covers }) => stack.read(thing.subject, covers));
    // One that is not known yet may select anything.
    if (monitors.length === 0 || monitors.includes(undefined)) return [];
    return model.pods
      .filter((pods) => pods.labels !== undefined && !monitors.some((covers) => covers?.(pods)))
      .flatMap((pods) => {
        const { subject } = pods.thing;
        return stack.read(subject, () => offersMetrics(pods)) === true
          ? [{ subject, message: `${pods.what} offers metrics that nothing scrapes` }]
          : [];
      });
  },
};
