import type { Props } from "../../framework/rule";
import { container, nameOf, type Operator } from "./made";
import { labelsOf } from "./selector";

export const intelGpuPlugin: Operator = {
  pods: (props) => [
    {
      part: "plugins",
      // The operator makes them where it runs itself.
      namespace: "gpu",
      labels: { app: "intel-gpu-plugin" },
      replicas: 1,
      daemon: true,
      spec: {
        ...container({ requests: { cpu: "40m", memory: "45Mi" }, limits: { cpu: "100m", memory: "90Mi" } }),
        nodeSelector: props.spec?.nodeSelector,
        tolerations: props.spec?.tolerations,
      },
      claims: [],
    },
  ],
};

/** Its clusters have other names each time; their pods are known by the labels that the templates give them. */
export const rayService: Operator = {
  pods: (props) => {
    const { headGroupSpec, workerGroupSpecs = [] } = props.spec?.rayClusterConfig ?? {};
    const made = (part: string, group: Props, type: string, replicas: number) => ({
      part,
      labels: {
        "ray.io/node-type": type,
        "ray.io/serve": "true",
        ...labelsOf(group.template?.metadata?.labels),
        "ray.io/group": type === "head" ? "headgroup" : String(group.groupName ?? ""),
      },
      replicas,
      spec: group.template?.spec ?? {},
      claims: [],
    });
    return [
      made("head", headGroupSpec ?? {}, "head", 1),
      ...(workerGroupSpecs as Props[]).map((group) =>
        made(`workers ${group.groupName}`, group, "worker", group.replicas ?? 0),
      ),
    ];
  },
};

/** Its pods bear the labels of the resource and of the predictor, and some of KServe's own. */
export const inferenceService: Operator = {
  pods: (props) => {
    const { labels, annotations, minReplicas, maxReplicas, deploymentStrategy, ...spec } = props.spec?.predictor ?? {};
    return [
      {
        part: "predictor",
        labels: {
          ...labelsOf(props.metadata?.labels),
          ...labelsOf(labels),
          app: `isvc.${nameOf(props)}-predictor`,
          component: "predictor",
          "serving.kserve.io/inferenceservice": nameOf(props),
        },
        // All of them have a place, also those that there are only now and then.
        replicas: maxReplicas ?? minReplicas ?? 1,
        spec,
        claims: [],
      },
    ];
  },
};
