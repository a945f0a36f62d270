import { KUBERNETES_API_PORT } from "../../hetzner/firewall-rules";
import { base64, clusterSection, machineSection, storageDocuments, unique, withKey } from "./common";
import { ingressDocuments } from "./ingress";
import type { ControlPlaneConfigInput } from "./input";
import { networkDocuments, wireguardDocument } from "./network";
import type { ClusterSection, MachineConfig, MachineSection } from "./types";

/** Machine config of a control plane. */
export function controlPlaneConfig(input: ControlPlaneConfigInput): MachineConfig {
  const { secrets } = input;
  return [
    {
      version: "v1alpha1",
      debug: false,
      machine: controlPlaneMachine(input),
      cluster: {
        ...clusterSection(input, withKey(secrets.kubernetesCa)),
        ...controlPlaneSection(input),
      },
    },
    ...networkDocuments(input),
    ...(input.wireguard ? [wireguardDocument(input.wireguard)] : []),
    ...storageDocuments(input),
    ...ingressDocuments({ ...input, controlPlane: true, podsCallTalos: input.etcdBackupNamespace !== undefined }),
  ];
}

function controlPlaneMachine(input: ControlPlaneConfigInput): MachineSection {
  const machine = machineSection(input, "controlplane", withKey(input.secrets.talosCa));
  const namespace = input.etcdBackupNamespace;
  if (namespace === undefined) return machine;
  const kubernetesTalosAPIAccess = {
    enabled: true,
    allowedRoles: ["os:etcd:backup"],
    allowedKubernetesNamespaces: [namespace],
  };
  return { ...machine, features: { ...machine.features, kubernetesTalosAPIAccess } };
}

function controlPlaneSection(input: ControlPlaneConfigInput): Partial<ClusterSection> {
  const { secrets, kubernetesVersion } = input;
  return {
    secretboxEncryptionSecret: secrets.secretboxEncryptionSecret,
    aggregatorCA: withKey(secrets.aggregatorCa),
    serviceAccount: { key: base64(secrets.serviceAccountKeyPem) },
    apiServer: {
      image: `registry.k8s.io/kube-apiserver:${kubernetesVersion}`,
      certSANs: unique(input.apiServerSans),
      extraArgs: serviceAccountIssuer(input.domain),
      admissionControl: [{ name: "PodSecurity", configuration: POD_SECURITY }],
      auditPolicy: { apiVersion: "audit.k8s.io/v1", kind: "Policy", rules: [{ level: "Metadata" }] },
    },
    controllerManager: { image: `registry.k8s.io/kube-controller-manager:${kubernetesVersion}` },
    proxy: { disabled: true },
    scheduler: { image: `registry.k8s.io/kube-scheduler:${kubernetesVersion}` },
    etcd: { ca: withKey(secrets.etcdCa), advertisedSubnets: [input.network.nodeCidr] },
    allowSchedulingOnControlPlanes: input.schedulable,
  };
}

/**
 * Talos would take the cluster's endpoint. A name instead lets the endpoint move (a load balancer that comes later)
 * without making every service account token in the cluster invalid.
 */
function serviceAccountIssuer(domain: string): Record<string, string> {
  const issuer = `https://api.${domain}:${KUBERNETES_API_PORT}`;
  return { "service-account-issuer": issuer, "api-audiences": issuer };
}

/** Baseline is enforced wherever a namespace says nothing, restricted where it should be is shown to whoever applies. */
const POD_SECURITY = {
  apiVersion: "pod-security.admission.config.k8s.io/v1alpha1",
  kind: "PodSecurityConfiguration",
  defaults: {
    audit: "restricted",
    "audit-version": "latest",
    enforce: "baseline",
    "enforce-version": "latest",
    warn: "restricted",
    "warn-version": "latest",
  },
  exemptions: { namespaces: ["kube-system"], runtimeClasses: [], usernames: [] },
};
