import { type ChartShape, type CrdShape, template, value } from "../shape";
import { httpProbe, service } from "./common";

const prefix = "inteldeviceplugins";
const namespace = "{{ .Release.Namespace }}";
const group = "deviceplugin.intel.com";
/** It labels its pods with this alone. */
const selector = { "control-plane": "controller-manager" };
/** The whole namespace's: the chart makes none of its own. */
const subjects = [{ kind: "ServiceAccount", name: "default", namespace }];
const rbac = "rbac.authorization.k8s.io";

const devices = ["Dlb", "Dsa", "Fpga", "Gpu", "Iaa", "Npu", "Qat", "Sgx"];
const pluralOf = (device: string) => `${device.toLowerCase()}deviceplugins`;
const watch = ["get", "list", "watch"];
const change = ["create", "delete", "patch", "update"];

const args = template(
  () => `- --metrics-bind-address=:8443
- --metrics-secure
- --health-probe-bind-address=:8081
- --leader-elect
{{- range $device, $on := .Values.manager.devices }}
{{- if $on }}
- --devices={{ $device }}
{{- end }}
{{- end }}`,
);

function clusterRole(name: string, rules: object[]) {
  return {
    manifest: { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: `${prefix}-${name}` }, rules },
  };
}

function binding(kind: "Role" | "ClusterRole", name: string, role: string) {
  return {
    manifest: {
      apiVersion: `${rbac}/v1`,
      kind: `${kind}Binding`,
      metadata: { name: `${prefix}-${name}` },
      roleRef: { apiGroup: rbac, kind, name: `${prefix}-${role}` },
      subjects,
    },
  };
}

/** One for each kind of accelerator, whichever of them the operator looks after. */
function webhooks(kind: "Mutating" | "Validating") {
  const [verb, letter] = kind === "Mutating" ? ["mutate", "m"] : ["validate", "v"];
  return {
    manifest: {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: `${kind}WebhookConfiguration`,
      metadata: {
        name: `${prefix}-${verb.replace(/e$/, "ing")}-webhook-configuration`,
        annotations: { "cert-manager.io/inject-ca-from": `${namespace}/${prefix}-serving-cert` },
      },
      webhooks: devices.map((device) => ({
        name: `${letter}${device.toLowerCase()}deviceplugin.kb.io`,
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        failurePolicy: "Fail",
        clientConfig: {
          service: {
            name: `${prefix}-webhook-service`,
            namespace,
            path: `/${verb}-deviceplugin-intel-com-v1-${device.toLowerCase()}deviceplugin`,
          },
        },
        rules: [
          { apiGroups: [group], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: [pluralOf(device)] },
        ],
      })),
    },
  };
}

function crd(kind: string, plural: string, more: Partial<CrdShape> = {}): CrdShape {
  return { group, kind, plural, scope: "Cluster", versions: ["v1"], ...more };
}

/** The webhooks that change pods which ask for FPGAs or enclaves are left out: they are passed over when they fail. */
export const intelDevicePlugins: ChartShape = {
  chart: "intel-device-plugins-operator",
  versions: { "0.36.0": "0.36.0" },
  appVersionOf: (version) => version,
  description: "Recorded shape of the chart of Intel's device plugins operator",
  values: () => ({
    nodeSelector: { "kubernetes.io/arch": "amd64" },
    manager: { image: { hub: "intel", tag: "", pullPolicy: "IfNotPresent" }, devices: null },
    privateRegistry: { registryUrl: "", registryUser: "", registrySecret: "" },
    resources: { limits: { cpu: "100m", memory: "120Mi" }, requests: { cpu: "100m", memory: "100Mi" } },
    tolerations: [],
  }),
  objects: [
    {
      manifest: {
        apiVersion: `${rbac}/v1`,
        kind: "Role",
        metadata: { name: `${prefix}-leader-election-role` },
        rules: [
          { apiGroups: [""], resources: ["configmaps"], verbs: [...watch, ...change] },
          { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: [...watch, "update", "patch", "delete"] },
          { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
        ],
      },
    },
    clusterRole("manager-role", [
      { apiGroups: [""], resources: ["nodes/proxy"], verbs: ["get", "list"] },
      { apiGroups: [""], resources: ["pods"], verbs: watch },
      { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["create", "delete", ...watch] },
      { apiGroups: ["apps"], resources: ["daemonsets"], verbs: [...watch, ...change] },
      { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
      {
        apiGroups: [group],
        resources: devices.flatMap((device) => [pluralOf(device), `${pluralOf(device)}/finalizers`]),
        verbs: [...watch, ...change],
      },
      {
        apiGroups: [group],
        resources: devices.map((device) => `${pluralOf(device)}/status`),
        verbs: ["get", "patch", "update"],
      },
      { apiGroups: ["fpga.intel.com"], resources: ["acceleratorfunctions", "fpgaregions"], verbs: watch },
    ]),
    clusterRole("auth-role", [
      { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
      { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
    ]),
    binding("Role", "leader-election-rolebinding", "leader-election-role"),
    binding("ClusterRole", "manager-rolebinding", "manager-role"),
    binding("ClusterRole", "auth-rolebinding", "auth-role"),
    service(`${prefix}-controller-manager-metrics-service`, selector, [
      { name: "https", port: 8443, targetPort: 8443 },
    ]),
    service(`${prefix}-webhook-service`, selector, [{ name: "webhook", port: 443, targetPort: 9443 }]),
    {
      manifest: {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: { name: `${prefix}-serving-cert` },
        spec: {
          dnsNames: [
            `${prefix}-webhook-service.${namespace}.svc`,
            `${prefix}-webhook-service.${namespace}.svc.cluster.local`,
          ],
          issuerRef: { kind: "Issuer", name: `${prefix}-selfsigned-issuer` },
          secretName: "webhook-server-cert",
        },
      },
    },
    {
      manifest: {
        apiVersion: "cert-manager.io/v1",
        kind: "Issuer",
        metadata: { name: `${prefix}-selfsigned-issuer` },
        spec: { selfSigned: {} },
      },
    },
    webhooks("Mutating"),
    webhooks("Validating"),
  ],
  workloads: [
    {
      kind: "Deployment",
      name: `${prefix}-controller-manager`,
      replicas: 1,
      selector,
      pod: {
        serviceAccountName: "default",
        terminationGracePeriodSeconds: 10,
        nodeSelector: value(".Values.nodeSelector"),
        tolerations: value(".Values.tolerations"),
        volumes: [{ name: "cert", secret: { defaultMode: 420, secretName: "webhook-server-cert" } }],
      },
      containers: [
        {
          name: "manager",
          image:
            "{{ .Values.manager.image.hub }}/intel-deviceplugin-operator:{{ .Values.manager.image.tag | default .Chart.AppVersion }}",
          args,
          env: [{ name: "DEVICEPLUGIN_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }],
          resources: value(".Values.resources"),
          ports: [{ name: "webhook-server", containerPort: 9443, protocol: "TCP" }],
          livenessProbe: { ...httpProbe("/healthz", 8081), initialDelaySeconds: 15, periodSeconds: 20 },
          readinessProbe: { ...httpProbe("/readyz", 8081), initialDelaySeconds: 5, periodSeconds: 10 },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
            runAsGroup: 65532,
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: "RuntimeDefault" },
          },
        },
      ],
    },
  ],
  crds: [
    ...devices.map((device) => crd(`${device}DevicePlugin`, pluralOf(device))),
    crd("AcceleratorFunction", "acceleratorfunctions", {
      group: "fpga.intel.com",
      scope: "Namespaced",
      versions: ["v2"],
    }),
    crd("FpgaRegion", "fpgaregions", { group: "fpga.intel.com", scope: "Namespaced", versions: ["v2"] }),
  ],
  crdsFrom: { folder: true },
};
