import type { Props, Rule } from "../framework/rule";
import { isDeclared, isService, podSpec, runningContainers } from "./objects";

const handlers = ["httpGet", "tcpSocket", "grpc", "exec"];

/** What a probe asks, as text. Field by field: a value that is not known yet must be noticed. */
function question(probe: Props): string {
  const handler = handlers.find((name) => probe[name] !== undefined);
  if (handler === undefined) return "";
  const asked = probe[handler];
  const parts =
    handler === "exec"
      ? ((asked.command ?? []) as string[]).map(String)
      : [asked.scheme, asked.host, asked.port, asked.path, asked.service].map((part) => String(part ?? ""));
  return [handler, ...parts].join(" ");
}

export const workloadProbesDiffer: Rule = {
  name: "workload-probes-differ",
  description:
    "Liveness asks less, or more patiently, than readiness: with the same probe a busy container is killed instead of " +
    "spared.",
  severity: "low",
  level: "advisory",
  remediation: "Let the liveness probe ask only whether the process lives, or give it a larger failureThreshold.",
  appliesTo: isService,
  check: (subject) =>
    isDeclared(subject, "probes")
      ? []
      : runningContainers(podSpec(subject) ?? {})
          .filter(({ container: { livenessProbe: live, readinessProbe: ready } }) => {
            if (live === undefined || ready === undefined || question(live) !== question(ready)) return false;
            const patience = (probe: Props) => (probe.failureThreshold ?? 3) * (probe.periodSeconds ?? 10);
            return patience(live) <= patience(ready);
          })
          .map(({ path }) => `${path} is killed by the same probe, as soon as it is not ready`),
};
