import { type Props, podSecurityStandards, type Rule } from "../framework/rule";
import { containers, isWorkload, podSpec } from "./objects";

export const workloadNoHostAccess: Rule = {
  name: "workload-no-host-access",
  description:
    "No pod shares the host's namespaces, paths or ports, and none is privileged (Pod Security level baseline).",
  severity: "critical",
  level: "mandatory",
  remediation: "Remove the host access; what cannot do without it needs a reviewed exception.",
  framework: podSecurityStandards("baseline"),
  appliesTo: isWorkload,
  check: (subject) => {
    const spec = podSpec(subject) ?? {};
    const shared = ["hostNetwork", "hostPID", "hostIPC"]
      .filter((field) => spec[field] === true)
      .map((field) => `${field} is true`);
    const paths = ((spec.volumes ?? []) as Props[])
      .filter((volume) => volume.hostPath !== undefined)
      .map((volume) => `volume ${volume.name} is the host's path ${volume.hostPath.path}`);
    const inside = containers(spec).flatMap(({ path, container }) => [
      ...(container.securityContext?.privileged === true ? [`${path} is privileged`] : []),
      ...((container.ports ?? []) as Props[])
        // With the host's network every port is one of the host; that is already said above.
        .filter((port) => port.hostPort !== undefined && spec.hostNetwork !== true)
        .map((port) => `${path} takes the host's port ${port.hostPort}`),
    ]);
    return [...shared, ...paths, ...inside];
  },
};
