import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: { app.kubernetes.io/instance: {{ .Release.Name }} }
  template:
    metadata:
      labels: { app.kubernetes.io/instance: {{ .Release.Name }} }
    spec:
      containers:
        - name: app
          image: registry.example/app:1
          resources: { requests: { cpu: {{ .Values.cpu | quote }} } }
`;

const SECRET = `
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}
stringData:
  password: {{ .Values.password | quote }}
`;

const HOOK = `
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-hook
  annotations:
    helm.sh/hook: post-install,post-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: hook, image: "registry.example/hook:1" }]
`;

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.demo.example
spec:
  group: demo.example
  scope: Namespaced
  names: { plural: things, singular: thing, kind: Thing }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object } }
`;

/** A chart with a workload, a Secret, a hook and a definition; call the result for its folder in a version. */
export function writeChart(root: string): (version: string) => string {
  return (version) => {
    const folder = join(root, version, "demo");
    mkdirSync(join(folder, "templates"), { recursive: true });
    mkdirSync(join(folder, "crds"), { recursive: true });
    const meta = { apiVersion: "v2", name: "demo", version, appVersion: "9.9.9" };
    writeFileSync(join(folder, "Chart.yaml"), JSON.stringify(meta));
    writeFileSync(join(folder, "values.yaml"), JSON.stringify({ replicas: 1, cpu: "10m", password: "" }));
    writeFileSync(join(folder, "templates", "deployment.yaml"), DEPLOYMENT);
    writeFileSync(join(folder, "templates", "secret.yaml"), SECRET);
    writeFileSync(join(folder, "templates", "hook.yaml"), HOOK);
    writeFileSync(join(folder, "crds", "things.yaml"), DEFINITION);
    return folder;
  };
}
