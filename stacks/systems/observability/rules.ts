import type { Operator } from "../../../components/kit/operator";
import type { Signals } from "../../../components/kit/signals";
import { objectiveExpression, ROUTE_OBJECTIVE } from "../../../components/observability/rules/gateway";
import { PrometheusRules } from "../../../components/observability/rules/prometheus-rules";
import { alerts } from "../../observed/alerts";
import { isOn, type Observed } from "../../observed/names";
import type { Settings } from "../../settings";
import type { SystemContext } from "../context";

/** The rules of everything that is on. */
export function createRules(
  { settings, platform, opts }: SystemContext,
  { operator }: { readonly operator: Operator },
): PrometheusRules {
  const { alerts: asked, probes } = settings.observability;
  return new PrometheusRules(
    "rules",
    {
      namespaces: platform.namespaces,
      operator,
      signals: signalsOf(settings),
      runbookUrl: asked.runbookUrl,
      recorded: { [ROUTE_OBJECTIVE]: objectiveExpression(probes.objectivePercent) },
    },
    opts,
  );
}

/** What can be told of everything that is on. */
export function signalsOf(settings: Settings): Signals[] {
  return (Object.keys(alerts) as Observed[]).filter((name) => isOn(name, settings)).flatMap((name) => alerts[name]);
}
