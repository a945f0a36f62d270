import { unknown } from "../unknown";
import type { RuleCases } from "./types";

const deployment = (spec: object) => ({ metadata: { name: "web", namespace: "apps" }, spec: { template: { spec } } });
const good = {
  name: "web",
  image: "registry.example/web:1.2.3",
  resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "128Mi" } },
  securityContext: {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  },
};
const one = (change: object) => deployment({ containers: [{ ...good, ...change }] });
const type = "kubernetes:apps/v1:Deployment";

export const workloadCases: RuleCases[] = [
  {
    rule: "workload-resources",
    type,
    pass: { complete: one({}) },
    fail: {
      "no limits": { props: one({ resources: { requests: good.resources.requests } }), says: "limits.memory" },
      "no resources": { props: one({ resources: undefined }), says: "requests.cpu, requests.memory, limits.memory" },
      "init container": {
        props: deployment({ containers: [good], initContainers: [{ name: "init", image: "a:1" }] }),
        says: "initContainers[init]",
      },
      "cron job": {
        type: "kubernetes:batch/v1:CronJob",
        props: { spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: "job" }] } } } } } },
        says: "containers[job]",
      },
    },
    unknown: one({ resources: { requests: { cpu: "1", memory: unknown }, limits: unknown } }),
  },
  {
    rule: "workload-no-host-access",
    type,
    pass: { plain: one({}), "false is fine": deployment({ hostNetwork: false, containers: [good] }) },
    fail: {
      hostNetwork: { props: deployment({ hostNetwork: true, containers: [good] }), says: "hostNetwork is true" },
      hostPath: {
        props: deployment({ containers: [good], volumes: [{ name: "root", hostPath: { path: "/" } }] }),
        says: "volume root",
      },
      privileged: { props: one({ securityContext: { privileged: true } }), says: "containers[web] is privileged" },
      hostPort: { props: one({ ports: [{ containerPort: 80, hostPort: 80 }] }), says: "host's port 80" },
    },
    unknown: deployment({ hostNetwork: unknown, containers: [good] }),
  },
  {
    rule: "workload-restricted",
    type,
    pass: {
      "on the container": one({}),
      "on the pod": deployment({
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          { ...good, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } },
        ],
      }),
      "the one capability that restricted allows": one({
        securityContext: { ...good.securityContext, capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } },
      }),
    },
    fail: {
      root: { props: one({ securityContext: { ...good.securityContext, runAsUser: 0 } }), says: "runAsUser is 0" },
      escalation: {
        props: one({ securityContext: { ...good.securityContext, allowPrivilegeEscalation: undefined } }),
        says: "allowPrivilegeEscalation",
      },
      capability: {
        props: one({
          securityContext: { ...good.securityContext, capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } },
        }),
        says: "SYS_ADMIN",
      },
      nothing: { props: one({ securityContext: undefined }), says: "runAsNonRoot is not true" },
      "volume type": {
        props: deployment({ containers: [good], volumes: [{ name: "share", nfs: { server: "a", path: "/" } }] }),
        says: "volume share is of type nfs",
      },
      "another /proc, also in a user namespace": {
        props: deployment({
          hostUsers: false,
          containers: [{ ...good, securityContext: { ...good.securityContext, procMount: "Unmasked" } }],
        }),
        says: "procMount is Unmasked",
      },
    },
    unknown: one({ securityContext: unknown }),
  },
  {
    rule: "image-pinned",
    type,
    pass: {
      tag: one({}),
      digest: one({ image: `registry.example/web@sha256:${"a".repeat(64)}` }),
      "port and tag": one({ image: "registry.example:5000/web:1.2" }),
    },
    fail: {
      latest: { props: one({ image: "web:latest" }), says: "web:latest" },
      untagged: { props: one({ image: "registry.example:5000/web" }), says: "neither tag nor digest" },
    },
    unknown: one({ image: unknown }),
  },
  {
    rule: "secret-not-literal",
    type,
    pass: {
      reference: one({ env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }] }),
      "a name that only looks alike": one({ env: [{ name: "TOKENIZER", value: "bpe" }] }),
      "a file's path": one({ env: [{ name: "VAULT_TOKEN", value: "/run/secrets/token" }] }),
      "a reference on the command line": one({ args: ["--password=$(DB_PASSWORD)", "--token-ttl=60s"] }),
    },
    fail: {
      literal: { props: one({ env: [{ name: "DB_PASSWORD", value: "hunter2" }] }), says: "DB_PASSWORD" },
      "on the command line": { props: one({ args: ["serve", "--admin-password=hunter2"] }), says: "--admin-password" },
      "under another name": {
        props: one({ env: [{ name: "DATABASE_URL", value: "postgres://app:hunter2@db/app" }] }),
        says: "a URL with a password in DATABASE_URL",
      },
      "api key": { props: one({ env: [{ name: "OPENAI_API_KEY", value: "sk" }] }), says: "OPENAI_API_KEY" },
    },
    unknown: one({ env: [{ name: "DB_PASSWORD", value: unknown }] }),
  },
];
