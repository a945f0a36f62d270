import type { ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { priorityClassOf } from "../../kit/priorities";
import type { Agent, AgentValuesFacts } from "../agents/agent";
import { agentAnnotations, agentResources, everyNode, rootReader, stateVolume } from "../agents/host-access";
import { fluentBitConfig } from "./config";
import { fieldsScript } from "./fields";
import { CONFIG_FOLDER, METRICS_PORT, STATE } from "./paths";

const CONFIG = "fluent-bit.yaml";

/** Fluent Bit as the agent on every node. */
export const fluentBitAgent: Agent = {
  chart: charts.fluentBit,
  metrics: { port: { name: "http", port: METRICS_PORT }, path: "/api/v2/metrics/prometheus" },
  files: (facts) => ({ [CONFIG]: fluentBitConfig(facts), "fields.lua": fieldsScript() }),
  values: fluentBitValues,
};

function fluentBitValues({ configMap, configHash }: AgentValuesFacts): ChartValues {
  return {
    testFramework: { enabled: false },
    existingConfigMap: configMap,
    args: ["--workdir=/fluent-bit/etc", `--config=${CONFIG_FOLDER}/${CONFIG}`],
    env: [{ name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
    metricsPort: METRICS_PORT,
    securityContext: rootReader,
    resources: agentResources,
    podAnnotations: agentAnnotations(configHash),
    podLabels: { "app.kubernetes.io/version": charts.fluentBit.appVersion },
    priorityClassName: priorityClassOf("observability-agents"),
    tolerations: everyNode,
    terminationGracePeriodSeconds: 60,
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%" } },
    daemonSetVolumes: [{ name: "varlog", hostPath: { path: "/var/log" } }, stateVolume(STATE)],
    daemonSetVolumeMounts: [
      { name: "varlog", mountPath: "/var/log", readOnly: true },
      { name: "state", mountPath: STATE },
    ],
  };
}
