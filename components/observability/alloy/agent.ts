import type { ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { priorityClassOf } from "../../kit/priorities";
import type { Agent, AgentValuesFacts } from "../agents/agent";
import {
  agentAnnotations,
  agentResources,
  everyNode,
  MEMORY_MIB,
  rootReader,
  stateVolume,
} from "../agents/host-access";
import { agentConfig } from "./config";

const CONFIG = "config.alloy";
const STATE = "/var/lib/alloy";
const PORT = 12345;

/** Alloy as the agent on every node. */
export const alloyAgent: Agent = {
  chart: charts.alloy,
  metrics: { port: { name: "http-metrics", port: PORT }, path: "/metrics" },
  files: (facts) => ({ [CONFIG]: agentConfig(facts) }),
  values: alloyValues,
};

function alloyValues({ configMap, configHash }: AgentValuesFacts): ChartValues {
  return {
    // Of PodLogs, which nobody uses here.
    crds: { create: false },
    alloy: {
      configMap: { create: false, name: configMap, key: CONFIG },
      storagePath: STATE,
      listenPort: PORT,
      enableReporting: false,
      extraEnv: [{ name: "GOMEMLIMIT", value: `${Math.floor(MEMORY_MIB * 0.9)}MiB` }],
      mounts: { varlog: true, extra: [{ name: "state", mountPath: STATE }] },
      securityContext: rootReader,
      resources: agentResources,
      livenessProbe: { httpGet: { path: "/-/ready", port: PORT }, initialDelaySeconds: 30, failureThreshold: 6 },
    },
    // Another configuration is another pod: the program rolls them.
    configReloader: { enabled: false },
    rbac: {
      // The chart writes both lists one under the other, and an empty one is no YAML there.
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
      clusterRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] }],
    },
    controller: {
      podAnnotations: agentAnnotations(configHash),
      podLabels: { "app.kubernetes.io/version": charts.alloy.appVersion },
      priorityClassName: priorityClassOf("observability-agents"),
      tolerations: everyNode,
      // What is read and not sent yet goes out first.
      terminationGracePeriodSeconds: 90,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%" } },
      volumes: { extra: [stateVolume(STATE)] },
    },
    // Its metrics are read at the pods themselves, and nobody sends it anything.
    service: { enabled: false },
  };
}
