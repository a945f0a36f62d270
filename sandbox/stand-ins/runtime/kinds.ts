import type { Kind } from "./cluster";

const core = (kind: string, plural: string): Kind => ({ apiVersion: "v1", kind, plural });

export const nodes = core("Node", "nodes");
export const pods = core("Pod", "pods");
export const secrets = core("Secret", "secrets");
export const services = core("Service", "services");
export const claims = core("PersistentVolumeClaim", "persistentvolumeclaims");
export const volumes = core("PersistentVolume", "persistentvolumes");
export const storageClasses: Kind = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", plural: "storageclasses" };
export const attachments: Kind = {
  apiVersion: "storage.k8s.io/v1",
  kind: "VolumeAttachment",
  plural: "volumeattachments",
};
export const csiNodes: Kind = { apiVersion: "storage.k8s.io/v1", kind: "CSINode", plural: "csinodes" };
export const deployments: Kind = { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments" };
export const definitions: Kind = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
};
