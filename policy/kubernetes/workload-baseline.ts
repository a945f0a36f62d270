import { type Props, podSecurityStandards, type Rule, type Subject } from "../framework/rule";
import { type ContainerView, containers, isWorkload, podSpec, podTemplate } from "./objects";

const capabilities = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

const sysctls = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
]);

const seLinuxTypes = new Set(["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]);

/** What pod and container may both set. */
function context(where: string, settings: Props | undefined): string[] {
  const wrong: string[] = [];
  const { type = "", user = "", role = "" } = settings?.seLinuxOptions ?? {};
  if (!seLinuxTypes.has(type)) wrong.push(`${where}: seLinuxOptions.type is ${type}`);
  if (user !== "" || role !== "") wrong.push(`${where}: seLinuxOptions sets user or role`);
  const appArmor = settings?.appArmorProfile?.type ?? "RuntimeDefault";
  if (appArmor !== "RuntimeDefault" && appArmor !== "Localhost") wrong.push(`${where}: appArmorProfile is ${appArmor}`);
  if (settings?.seccompProfile?.type === "Unconfined") wrong.push(`${where}: seccompProfile is Unconfined`);
  if (settings?.windowsOptions?.hostProcess === true) wrong.push(`${where}: windowsOptions.hostProcess is true`);
  return wrong;
}

/** Probes and hooks that call another host than the pod: from the node's network, past every network policy. */
function otherHosts({ path, container }: ContainerView, hostNetwork: boolean): string[] {
  // In the node's network its loopback is the pod's own; that the pod is there is said elsewhere.
  const own = hostNetwork ? ["", "127.0.0.1", "::1", "localhost"] : [""];
  const handlers: [string, Props | undefined][] = [
    ...["livenessProbe", "readinessProbe", "startupProbe"].map((name): [string, Props] => [name, container[name]]),
    ["lifecycle.postStart", container.lifecycle?.postStart],
    ["lifecycle.preStop", container.lifecycle?.preStop],
  ];
  return handlers
    .filter(([, handler]) => !own.includes(handler?.httpGet?.host ?? handler?.tcpSocket?.host ?? ""))
    .map(([name]) => `${path}: ${name} calls another host`);
}

function ofContainer(view: ContainerView, spec: Props): string[] {
  const { path, container } = view;
  const settings = container.securityContext;
  const added = ((settings?.capabilities?.add ?? []) as string[]).filter((name) => !capabilities.has(name));
  const procMount = settings?.procMount ?? "Default";
  return [
    ...context(path, settings),
    ...(added.length > 0 ? [`${path}: capabilities.add has ${added.join(", ")}`] : []),
    ...(procMount !== "Default" && spec.hostUsers !== false ? [`${path}: procMount is ${procMount}`] : []),
    ...otherHosts(view, spec.hostNetwork === true),
  ];
}

/** The older way to say it, still read by Kubernetes. */
function appArmorAnnotations(subject: Subject): string[] {
  const annotations = (podTemplate(subject)?.metadata?.annotations ?? {}) as Record<string, unknown>;
  return Object.keys(annotations)
    .filter((key) => key.startsWith("container.apparmor.security.beta.kubernetes.io/"))
    .filter((key) => !/^(runtime\/default|localhost\/.*)?$/.test(String(annotations[key])))
    .map((key) => `annotation ${key} is ${annotations[key]}`);
}

export const workloadBaseline: Rule = {
  name: "workload-baseline",
  description:
    "No pod loosens what isolates it: capabilities, sysctls, /proc, SELinux, AppArmor, seccomp, other hosts in probes " +
    "(Pod Security level baseline; host access has its own policy).",
  severity: "critical",
  level: "mandatory",
  remediation: "Remove the setting; what cannot do without it needs a reviewed exception.",
  framework: podSecurityStandards("baseline"),
  appliesTo: isWorkload,
  check: (subject) => {
    const spec = podSpec(subject) ?? {};
    const unsafe = ((spec.securityContext?.sysctls ?? []) as Props[]).filter(({ name }) => !sysctls.has(name));
    return [
      ...context("the pod", spec.securityContext),
      ...unsafe.map(({ name }) => `the pod sets the sysctl ${name}`),
      ...containers(spec).flatMap((view) => ofContainer(view, spec)),
      ...appArmorAnnotations(subject),
    ];
  },
};
