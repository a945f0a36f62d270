import { type Props, podSecurityStandards, type Rule } from "../framework/rule";
import { containers, isWorkload, podSpec } from "./objects";

/** Everything that a volume may be; the host's paths have a policy of their own. */
const volumeTypes = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "hostPath",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

/** The container's own setting, or the pod's where Kubernetes lets the pod decide. */
const setting = (pod: Props, container: Props, field: string) =>
  container.securityContext?.[field] ?? pod.securityContext?.[field];

function ofContainer(pod: Props, container: Props): string[] {
  const own = container.securityContext ?? {};
  const wrong: string[] = [];
  if (setting(pod, container, "runAsNonRoot") !== true) wrong.push("runAsNonRoot is not true");
  if (setting(pod, container, "runAsUser") === 0) wrong.push("runAsUser is 0");
  if (own.allowPrivilegeEscalation !== false) wrong.push("allowPrivilegeEscalation is not false");
  if (!((own.capabilities?.drop ?? []) as string[]).includes("ALL")) wrong.push("capabilities.drop lacks ALL");
  const added = ((own.capabilities?.add ?? []) as string[]).filter((capability) => capability !== "NET_BIND_SERVICE");
  if (added.length > 0) wrong.push(`capabilities.add has ${added.join(", ")}`);
  const seccomp = setting(pod, container, "seccompProfile")?.type;
  if (seccomp !== "RuntimeDefault" && seccomp !== "Localhost") wrong.push(`seccompProfile is ${seccomp ?? "not set"}`);
  if ((own.procMount ?? "Default") !== "Default") wrong.push(`procMount is ${own.procMount}`);
  return wrong;
}

export const workloadRestricted: Rule = {
  name: "workload-restricted",
  description: "Every pod meets the Pod Security level restricted.",
  severity: "high",
  level: "mandatory",
  remediation:
    "Set runAsNonRoot: true, seccompProfile RuntimeDefault, and on each container allowPrivilegeEscalation: false and capabilities.drop [ALL].",
  framework: podSecurityStandards("restricted"),
  appliesTo: isWorkload,
  check: (subject) => {
    const pod = podSpec(subject) ?? {};
    const volumes = ((pod.volumes ?? []) as Props[]).flatMap((volume) =>
      Object.keys(volume)
        .filter((key) => key !== "name" && !volumeTypes.has(key))
        .map((key) => `volume ${volume.name} is of type ${key}`),
    );
    return [
      ...volumes,
      ...containers(pod).flatMap(({ path, container }) => {
        const wrong = ofContainer(pod, container);
        return wrong.length === 0 ? [] : [`${path}: ${wrong.join(", ")}`];
      }),
    ];
  },
};
