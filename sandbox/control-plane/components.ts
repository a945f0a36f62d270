import { join } from "node:path";
import { mergeArgs } from "./args";
import type { Material } from "./material";

/** One of the control plane's programs: what it is started with. */
export interface Program {
  name: "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kwok";
  args: string[];
  env: Record<string, string>;
  /** Files, made before the start. */
  files?: Record<string, string>;
}

export const ETCD_PORT = 2379;
export const KUBE_PORT = 6443;

/**
 * Memory limits of Go's collector, soft. They are for what grows by accident: a program whose live memory comes near its
 * limit does nothing but collect (kube-apiserver with the definitions of ten operators has 700 MiB alive).
 */
const memory = (mebibytes: number): Record<string, string> => ({ GOMEMLIMIT: `${mebibytes}MiB`, GOGC: "75" });

/**
 * etcd with the cluster's own etcd CA. No fsync: the data outlives every process, only a crash of the host may cost it.
 * `moved` is for a data directory of another control plane: its one member then takes this address.
 */
export function etcd({ settings, file }: Material, dataDir: string, moved: boolean): Program {
  const client = `https://${settings.address}:${ETCD_PORT}`;
  const peer = `https://${settings.address}:${ETCD_PORT + 1}`;
  const own = {
    name: settings.hostname,
    "data-dir": dataDir,
    "listen-client-urls": client,
    "advertise-client-urls": client,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `${settings.hostname}=${peer}`,
    "initial-cluster-token": settings.etcdCA,
    "trusted-ca-file": file("etcd-ca.crt"),
    "cert-file": file("etcd-server.crt"),
    "key-file": file("etcd-server.key"),
    "client-cert-auth": "true",
    "peer-trusted-ca-file": file("etcd-ca.crt"),
    "peer-cert-file": file("etcd-server.crt"),
    "peer-key-file": file("etcd-server.key"),
    "peer-client-cert-auth": "true",
    "log-level": "warn",
    "snapshot-count": "5000",
    "unsafe-no-fsync": "true",
    ...(moved ? { "force-new-cluster": "true" } : {}),
  };
  const denied = ["data-dir", "cert-file", "key-file", "trusted-ca-file", "peer-cert-file", "peer-key-file"];
  const ignored = ["listen-metrics-urls", "metrics"];
  const args = mergeArgs("etcd", own, settings.etcd.extraArgs, { denied, ignored }, settings.address);
  return { name: "etcd", args, env: memory(256) };
}

/** Talos's arguments, with the addresses of the sandbox, and with the request limits that a burst of `up` needs. */
export function apiServer({ settings, file }: Material, auditLog: string): Program {
  // Must not be loopback: it becomes the endpoint of the service "kubernetes".
  const advertised = settings.addresses.find((a) => !a.startsWith("127.") && !a.includes(":")) ?? "192.0.2.1";
  const own = {
    "admission-control-config-file": file("admission.json"),
    "advertise-address": advertised,
    "allow-privileged": "true",
    "anonymous-auth": "false",
    "api-audiences": settings.endpoint,
    "audit-log-maxbackup": "1",
    "audit-log-maxsize": "50",
    "audit-log-mode": "batch",
    "audit-log-path": auditLog,
    "audit-policy-file": file("audit-policy.json"),
    "authorization-config": file("authorization.json"),
    "bind-address": settings.address,
    "client-ca-file": file("ca.crt"),
    "enable-admission-plugins": "NodeRestriction",
    "enable-bootstrap-token-auth": "true",
    "encryption-provider-config": file("encryption.json"),
    "etcd-cafile": file("etcd-ca.crt"),
    "etcd-certfile": file("etcd-client.crt"),
    "etcd-keyfile": file("etcd-client.key"),
    "etcd-servers": `https://${settings.address}:${ETCD_PORT}`,
    "kubelet-client-certificate": file("apiserver-kubelet-client.crt"),
    "kubelet-client-key": file("apiserver-kubelet-client.key"),
    "kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
    "max-mutating-requests-inflight": "1000",
    "max-requests-inflight": "2000",
    profiling: "false",
    "proxy-client-cert-file": file("front-proxy-client.crt"),
    "proxy-client-key-file": file("front-proxy-client.key"),
    "requestheader-allowed-names": "front-proxy-client",
    "requestheader-client-ca-file": file("aggregator-ca.crt"),
    "requestheader-extra-headers-prefix": "X-Remote-Extra-",
    "requestheader-group-headers": "X-Remote-Group",
    "requestheader-username-headers": "X-Remote-User",
    "secure-port": String(KUBE_PORT),
    "service-account-issuer": settings.endpoint,
    "service-account-key-file": file("service-account.pub"),
    "service-account-signing-key-file": file("service-account.key"),
    "service-cluster-ip-range": settings.serviceCIDRs.join(","),
    "tls-cert-file": file("apiserver.crt"),
    "tls-min-version": "VersionTLS12",
    "tls-private-key-file": file("apiserver.key"),
  };
  const additive = ["enable-admission-plugins", "feature-gates", "authorization-mode", "tls-cipher-suites"];
  const denied = Object.keys(own).filter((name) =>
    /(-file|-key|-certificate|cafile|certfile|keyfile|-servers)$/.test(name),
  );
  denied.push("authorization-config", "encryption-provider-config");
  const replaceable = ["admission-control-config-file", "audit-policy-file"];
  const policy = { additive, denied: denied.filter((name) => !replaceable.includes(name)) };
  const args = mergeArgs("kube-apiserver", own, settings.apiServer.extraArgs, policy, settings.address);
  return { name: "kube-apiserver", args, env: memory(2048) };
}

export function controllerManager({ settings, file }: Material, dir: string): Program {
  const kubeconfig = file("controller-manager.kubeconfig");
  const own = {
    "allocate-node-cidrs": "true",
    "authentication-kubeconfig": kubeconfig,
    "authorization-kubeconfig": kubeconfig,
    "bind-address": settings.address,
    "cert-dir": join(dir, "controller-manager"),
    "cluster-cidr": settings.podCIDRs.join(","),
    "cluster-signing-cert-file": file("ca.crt"),
    "cluster-signing-key-file": file("ca.key"),
    "configure-cloud-routes": "false",
    controllers: "*,tokencleaner",
    "kube-api-burst": "1000",
    "kube-api-qps": "500",
    kubeconfig,
    // One of each runs, whatever the number of control planes: an election would only cost seconds at each start.
    "leader-elect": "false",
    profiling: "false",
    "root-ca-file": file("ca.crt"),
    "service-account-private-key-file": file("service-account.key"),
    "service-cluster-ip-range": settings.serviceCIDRs.join(","),
    "tls-min-version": "VersionTLS13",
    "use-service-account-credentials": "true",
  };
  const policy = {
    additive: ["service-cluster-ip-range", "controllers"],
    denied: [
      "cluster-signing-cert-file",
      "cluster-signing-key-file",
      "authentication-kubeconfig",
      "authorization-kubeconfig",
      "root-ca-file",
      "service-account-private-key-file",
    ],
    ignored: ["bind-address", "leader-elect"],
  };
  const args = mergeArgs(
    "kube-controller-manager",
    own,
    settings.controllerManager.extraArgs,
    policy,
    settings.address,
  );
  return { name: "kube-controller-manager", args, env: memory(400) };
}

export function scheduler({ settings, file }: Material, dir: string): Program {
  const kubeconfig = file("scheduler.kubeconfig");
  const configFile = join(dir, "scheduler.json");
  const own = {
    "authentication-kubeconfig": kubeconfig,
    "authentication-tolerate-lookup-failure": "false",
    "authorization-kubeconfig": kubeconfig,
    "bind-address": settings.address,
    "cert-dir": join(dir, "scheduler"),
    config: configFile,
    profiling: "false",
    "tls-min-version": "VersionTLS13",
  };
  const policy = {
    denied: ["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig", "config"],
    ignored: ["bind-address", "leader-elect"],
  };
  const args = mergeArgs("kube-scheduler", own, settings.scheduler.extraArgs, policy, settings.address);
  const config = {
    // A pod that found no room is tried again soon: nothing here waits for real machines.
    podMaxBackoffSeconds: 2,
    ...settings.scheduler.config,
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    clientConnection: { kubeconfig, qps: 500, burst: 1000 },
    leaderElection: { leaderElect: false },
  };
  const files = { [configFile]: JSON.stringify(config, null, 2) };
  return { name: "kube-scheduler", args, env: memory(128), files };
}
