import type { Operator } from "../../../components/kit/operator";
import { Monitors, type Prometheus } from "../../../components/observability/prometheus";
import type { SystemContext } from "../context";

/** Monitors and network paths for everything that has said by now that it serves metrics. */
export function createMonitors(
  { platform, opts }: SystemContext,
  needs: { readonly operator: Operator; readonly prometheus: Prometheus },
): Monitors {
  const { namespaces } = platform;
  return new Monitors("monitors", { ...needs, telemetry: namespaces.telemetry, namespaces }, opts);
}
