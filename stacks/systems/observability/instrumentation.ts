import { after } from "../../../components/kit/options";
import {
  createInstrumentationOperator,
  INSTRUMENTED_LANGUAGES,
  Instrumentation,
} from "../../../components/observability/instrumentation";
import { applicationNamespaces } from "../../settings/observability";
import type { LateSystems, SystemContext } from "../context";

/**
 * The OpenTelemetry operator, and what agents it has for each namespace of applications. The namespace `apps` is always
 * one of them. Before the collector, which opens the ways of the namespaces that there are.
 */
export function createInstrumentation(
  { settings, platform, opts }: SystemContext,
  { certificates }: Pick<LateSystems, "certificates">,
): void {
  const { enabled, languages } = settings.observability.traces.autoInstrumentation;
  if (!enabled) return;
  const { namespaces, charts } = platform;
  namespaces.get("apps");
  const instrumented = applicationNamespaces.filter((domain) => namespaces.has(domain));
  const operator = createInstrumentationOperator(
    "opentelemetry-operator",
    { charts, namespaces, instrumented },
    // The chart has certificates of its own.
    after(opts, certificates?.ready),
  );
  new Instrumentation(
    "instrumentation",
    {
      operator,
      namespaces: instrumented.map((domain) => namespaces.get(domain)),
      // A rule has refused the others.
      languages: INSTRUMENTED_LANGUAGES.filter((language) => languages.includes(language)),
      cluster: settings.cluster.name,
    },
    opts,
  );
}
