import { imageReference, images } from "../kit/images";
import type { KubernetesApi } from "../kit/permissions";
import { LOCAL_STORAGE_PATH } from "../talos/storage-requirements";

/** The provisioner's ConfigMap: where volumes go, how a directory is made and removed, and by what pod. */
export function localPathFiles(): Record<string, string> {
  return {
    "config.json": JSON.stringify({
      nodePathMap: [{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: [LOCAL_STORAGE_PATH] }],
    }),
    setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
    teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
    "helperPod.yaml": JSON.stringify(helperPod(), null, 2),
  };
}

/** JSON is YAML: no template to get wrong. */
function helperPod() {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "helper-pod" },
    spec: {
      priorityClassName: "system-node-critical",
      automountServiceAccountToken: false,
      tolerations: [{ key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" }],
      containers: [
        {
          name: "helper-pod",
          image: imageReference(images.busybox),
          imagePullPolicy: "IfNotPresent",
          resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
        },
      ],
    },
  };
}

const READ = ["get", "list", "watch"];
const MANAGE = [...READ, "create", "patch", "update", "delete"];

/** What the provisioner may do: pods only in its own namespace. */
export function localPathRules(): Required<Pick<KubernetesApi, "clusterRules" | "namespaceRules">> {
  return {
    clusterRules: [
      {
        apiGroups: [""],
        resources: ["nodes", "persistentvolumeclaims", "configmaps", "pods", "pods/log"],
        verbs: READ,
      },
      { apiGroups: [""], resources: ["persistentvolumes"], verbs: MANAGE },
      { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
      { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: READ },
    ],
    namespaceRules: [{ apiGroups: [""], resources: ["pods"], verbs: MANAGE }],
  };
}
