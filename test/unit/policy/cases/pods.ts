import { unknown } from "../unknown";
import type { RuleCases } from "./types";

const type = "kubernetes:apps/v1:Deployment";
const jobType = "kubernetes:batch/v1:Job";
const cronJobType = "kubernetes:batch/v1:CronJob";
const statefulSetType = "kubernetes:apps/v1:StatefulSet";

const of = (spec: object, metadata: object = {}, rest: object = {}) => ({
  metadata: { name: "web", namespace: "apps" },
  spec: { ...rest, template: { metadata, spec } },
});
const main = { name: "web", image: "registry.example/web:1.2.3" };
const one = (container: object, pod: object = {}) => of({ ...pod, containers: [{ ...main, ...container }] });
const declared = (name: string) => ({ annotations: { [`orrery.dev/exception.${name}`]: "the software writes there" } });
const http = (path: string, more: object = {}) => ({ httpGet: { path, port: "http" }, ...more });
const cronJob = (spec: object) => ({
  metadata: { name: "web", namespace: "apps" },
  spec: { schedule: "0 * * * *", ...spec },
});

export const podCases: RuleCases[] = [
  {
    rule: "workload-baseline",
    type,
    pass: {
      "what baseline allows": one(
        {
          securityContext: {
            capabilities: { add: ["CHOWN", "NET_BIND_SERVICE"] },
            seLinuxOptions: { type: "container_t" },
          },
          livenessProbe: http("/"),
        },
        {
          securityContext: {
            sysctls: [{ name: "net.ipv4.tcp_rmem", value: "1" }],
            appArmorProfile: { type: "Localhost" },
          },
        },
      ),
      "another /proc in a user namespace": one({ securityContext: { procMount: "Unmasked" } }, { hostUsers: false }),
      "the node's loopback from the node's network": one(
        { livenessProbe: { httpGet: { host: "127.0.0.1", port: 1 } } },
        { hostNetwork: true },
      ),
      "an AppArmor annotation that keeps the default": of(
        { containers: [main] },
        {
          annotations: { "container.apparmor.security.beta.kubernetes.io/web": "runtime/default" },
        },
      ),
    },
    fail: {
      capability: { props: one({ securityContext: { capabilities: { add: ["SYS_ADMIN"] } } }), says: "SYS_ADMIN" },
      procMount: { props: one({ securityContext: { procMount: "Unmasked" } }), says: "procMount is Unmasked" },
      sysctl: {
        props: one({}, { securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }] } }),
        says: "the sysctl kernel.msgmax",
      },
      "SELinux type": {
        props: one({ securityContext: { seLinuxOptions: { type: "spc_t" } } }),
        says: "seLinuxOptions.type is spc_t",
      },
      "SELinux role": {
        props: one({}, { securityContext: { seLinuxOptions: { role: "sysadm_r" } } }),
        says: "sets user or role",
      },
      AppArmor: {
        props: one({}, { securityContext: { appArmorProfile: { type: "Unconfined" } } }),
        says: "appArmorProfile is Unconfined",
      },
      "AppArmor, the older way": {
        props: of(
          { containers: [main] },
          {
            annotations: { "container.apparmor.security.beta.kubernetes.io/web": "unconfined" },
          },
        ),
        says: "beta.kubernetes.io/web is unconfined",
      },
      seccomp: {
        props: one({ securityContext: { seccompProfile: { type: "Unconfined" } } }),
        says: "seccompProfile is Unconfined",
      },
      "host process": {
        props: one({ securityContext: { windowsOptions: { hostProcess: true } } }),
        says: "hostProcess",
      },
      "a probe elsewhere": {
        props: one({ readinessProbe: { tcpSocket: { host: "169.254.169.254", port: 80 } } }),
        says: "readinessProbe calls another host",
      },
      "a hook elsewhere": {
        props: one({ lifecycle: { preStop: { httpGet: { host: "10.0.0.1", port: 80 } } } }),
        says: "lifecycle.preStop calls another host",
      },
      "a loopback that is not its own": {
        props: one({ livenessProbe: { httpGet: { host: "127.0.0.1", port: 80 } } }),
        says: "livenessProbe calls another host",
      },
      "an init container": {
        props: of({
          containers: [main],
          initContainers: [{ name: "init", securityContext: { procMount: "Unmasked" } }],
        }),
        says: "initContainers[init]",
      },
    },
    unknown: one({ securityContext: { capabilities: { add: [unknown] } } }),
  },
  {
    rule: "workload-read-only-root",
    type,
    pass: {
      "read-only": one({ securityContext: { readOnlyRootFilesystem: true } }),
      "declared with a reason": of({ containers: [main] }, declared("read-only-root-filesystem")),
    },
    fail: {
      writable: { props: one({}), says: "containers[web] can write" },
      "a reason that is none": {
        props: of({ containers: [main] }, { annotations: { "orrery.dev/exception.read-only-root-filesystem": "" } }),
        says: "can write",
      },
      "ephemeral container": {
        props: of({
          containers: [{ ...main, securityContext: { readOnlyRootFilesystem: true } }],
          ephemeralContainers: [{ name: "debug" }],
        }),
        says: "ephemeralContainers[debug]",
      },
    },
    unknown: one({ securityContext: { readOnlyRootFilesystem: unknown } }),
  },
  {
    rule: "workload-no-token",
    type,
    pass: {
      none: one({}, { automountServiceAccountToken: false }),
      "declared with a reason": of({ containers: [main] }, declared("service-account-token")),
    },
    fail: {
      default: { props: one({}), says: "gets a token" },
      "asked for": { props: one({}, { automountServiceAccountToken: true }), says: "gets a token" },
    },
    unknown: one({}, { automountServiceAccountToken: unknown }),
  },
  {
    rule: "workload-service-account",
    type,
    pass: { own: one({}, { serviceAccountName: "web" }) },
    fail: {
      none: { props: one({}), says: "default ServiceAccount" },
      "default by name": { props: one({}, { serviceAccountName: "default" }), says: "default ServiceAccount" },
    },
    unknown: one({}, { serviceAccountName: unknown }),
  },
  {
    rule: "workload-probes",
    type,
    pass: {
      ready: one({ ports: [{ containerPort: 80 }], readinessProbe: http("/ready") }),
      "no port": one({}),
      "declared with a reason": of({ containers: [{ ...main, ports: [{ containerPort: 80 }] }] }, declared("probes")),
    },
    fail: { none: { props: one({ ports: [{ containerPort: 80 }] }), says: "containers[web] serves a port" } },
    unknown: one({ ports: unknown }),
  },
  {
    rule: "workload-probes-differ",
    type,
    pass: {
      "another question": one({ livenessProbe: http("/live"), readinessProbe: http("/ready") }),
      "more patience": one({
        livenessProbe: http("/", { failureThreshold: 6 }),
        readinessProbe: http("/", { failureThreshold: 3 }),
      }),
      "readiness alone": one({ readinessProbe: http("/") }),
    },
    fail: {
      same: { props: one({ livenessProbe: http("/"), readinessProbe: http("/") }), says: "containers[web] is killed" },
      "same command": {
        props: one({ livenessProbe: { exec: { command: ["ok"] } }, readinessProbe: { exec: { command: ["ok"] } } }),
        says: "is killed",
      },
    },
    unknown: one({ livenessProbe: http("/"), readinessProbe: { httpGet: { path: unknown, port: "http" } } }),
  },
  {
    rule: "workload-empty-dir-limit",
    type,
    pass: { limited: one({}, { volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1Gi" } }] }) },
    fail: { unlimited: { props: one({}, { volumes: [{ name: "tmp", emptyDir: {} }] }), says: "volume tmp" } },
    unknown: one({}, { volumes: [{ name: "tmp", emptyDir: { sizeLimit: unknown } }] }),
  },
  {
    rule: "workload-spread",
    type,
    pass: {
      "one replica": of({ containers: [main] }, {}, { replicas: 1 }),
      spread: of({ containers: [main], topologySpreadConstraints: [{ topologyKey: "a" }] }, {}, { replicas: 3 }),
      "anti-affinity": of(
        { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1 }] } } },
        {},
        { replicas: 3 },
      ),
    },
    fail: { together: { props: of({ containers: [main] }, {}, { replicas: 2 }), says: "2 replicas" } },
    unknown: of({ containers: [main], topologySpreadConstraints: unknown }, {}, { replicas: 2 }),
  },
  {
    rule: "workload-replicas",
    type,
    config: { minimum: 2 },
    pass: {
      enough: of({ containers: [main] }, {}, { replicas: 2 }),
      "switched off": of({ containers: [main] }, {}, { replicas: 0 }),
    },
    fail: {
      "too few": { props: of({ containers: [main] }, {}, { replicas: 1 }), says: "it has 1 replicas; at least 2" },
      default: { props: of({ containers: [main] }), says: "at least 2" },
    },
    unknown: of({ containers: [main] }, {}, { replicas: unknown }),
  },
  {
    rule: "workload-secret-files",
    type,
    config: { environment: "advised-against" },
    pass: { plain: one({ env: [{ name: "A", value: "b" }] }) },
    fail: {
      key: {
        props: one({ env: [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "p" } } }] }),
        says: "PASSWORD",
      },
      whole: { props: one({ envFrom: [{ secretRef: { name: "db" } }] }), says: "in its environment: db" },
    },
    unknown: one({ env: unknown }),
  },
  {
    rule: "data-memory",
    type: statefulSetType,
    pass: {
      equal: of(
        { containers: [{ name: "db", resources: { requests: { memory: "1024Mi" }, limits: { memory: "1Gi" } } }] },
        {},
        { volumeClaimTemplates: [{}] },
      ),
      "keeps no data": of({
        containers: [{ name: "db", resources: { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } } }],
      }),
    },
    fail: {
      less: {
        props: of(
          { containers: [{ name: "db", resources: { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } } }] },
          {},
          { volumeClaimTemplates: [{}] },
        ),
        says: "containers[db] requests 1Gi memory of its limit of 2Gi",
      },
      "a PostgreSQL cluster": {
        type: "kubernetes:postgresql.cnpg.io/v1:Cluster",
        props: { spec: { resources: { requests: { memory: "1Gi" }, limits: { memory: "4Gi" } } } },
        says: "spec requests 1Gi",
      },
    },
    unknown: of({ containers: [{ name: "db", resources: unknown }] }, {}, { volumeClaimTemplates: [{}] }),
  },
  {
    rule: "config-not-secret",
    type: "kubernetes:core/v1:ConfigMap",
    pass: {
      settings: { data: { LOG_LEVEL: "info", TOKEN_TTL: "60", "token.yaml": "a: b\nc: d\n" } },
      "where it is, not what it is": { data: { PASSWORD: "/run/secrets/password", API_KEY: "${API_KEY}" } },
      none: {},
    },
    fail: {
      password: { props: { data: { DB_PASSWORD: "hunter2" } }, says: "DB_PASSWORD is a secret by its name" },
      "private key": {
        props: { data: { "tls.pem": "-----BEGIN EC PRIVATE KEY-----\nMHc=\n" } },
        says: "tls.pem holds a private key",
      },
      "in a URL": { props: { data: { url: "postgres://app:hunter2@db/app" } }, says: "a URL with a password" },
      token: { props: { data: { config: `token: ghp_${"a".repeat(36)}` } }, says: "an access token" },
    },
    unknown: { data: { url: unknown } },
  },
  {
    rule: "pod-managed",
    type: "kubernetes:core/v1:Pod",
    pass: { owned: { metadata: { name: "web", ownerReferences: [{ kind: "ReplicaSet" }] }, spec: {} } },
    fail: {
      pod: { props: { metadata: { name: "web" }, spec: {} }, says: "stands alone" },
      "replica set": { type: "kubernetes:apps/v1:ReplicaSet", props: { metadata: {} }, says: "stands alone" },
    },
    unknown: { metadata: { ownerReferences: unknown } },
  },
  {
    rule: "job-ttl",
    type: jobType,
    pass: { "a resource of the stack": of({ containers: [main] }) },
    fail: {
      "a resource with a ttl": {
        props: of({ containers: [main] }, {}, { ttlSecondsAfterFinished: 60 }),
        says: "would run again",
      },
    },
    unknown: of({ containers: [main] }, {}, { ttlSecondsAfterFinished: unknown }),
  },
  {
    rule: "cron-job-deadline",
    type: cronJobType,
    pass: { set: cronJob({ startingDeadlineSeconds: 300 }) },
    fail: {
      none: { props: cronJob({}), says: "no startingDeadlineSeconds" },
      "too short": { props: cronJob({ startingDeadlineSeconds: 5 }), says: "startingDeadlineSeconds is 5" },
    },
    unknown: cronJob({ startingDeadlineSeconds: unknown }),
  },
  {
    rule: "namespace-restricted",
    type: "kubernetes:core/v1:Namespace",
    pass: {
      restricted: { metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
      "declared with a reason": {
        metadata: {
          labels: { "pod-security.kubernetes.io/enforce": "privileged" },
          ...declared("pod-security-restricted"),
        },
      },
    },
    fail: {
      privileged: {
        props: { metadata: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } } },
        says: "it is privileged and does not say why",
      },
    },
    unknown: { metadata: { labels: unknown } },
  },
];
