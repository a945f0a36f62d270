import { type BackupPlan, backupAnnotations, backupLabels } from "../../kit/backup";
import { exceptionAnnotations } from "../../kit/labels";
import { priorities } from "../../kit/priorities";
import { containerSecurityContext, podSecurityContext } from "../../kit/security";
import type { Environment } from "../../kit/sizes";
import { spreadInProd } from "../../kit/spread";
import { brokerPods, METRICS_PORT_NAME } from "./names";

/** User and group of Strimzi's images. */
const STRIMZI = { user: 1001, group: 1001 };

/** Strimzi gives the containers a /tmp of their own; nothing else is written outside the volume. */
const container = { securityContext: containerSecurityContext(true) };

/** Topics are streams that their sources can send again; what must not be lost is kept where it is kept for good. */
export const backupPlan: BackupPlan = {
  by: "none",
  reason:
    "each message is on as many brokers as the topic has replicas; a copy of the files of a running log is of no use",
};

export interface BrokerPodFacts {
  readonly cluster: string;
  readonly namespace: string;
  readonly brokers: number;
  readonly environment: Environment;
  /** Labels that everything made by the operator gets. */
  readonly labels: Record<string, string>;
}

/** Template of a node pool: pods, containers, claims. */
export function brokerTemplate(facts: BrokerPodFacts) {
  const { labels } = facts;
  return {
    pod: {
      metadata: {
        labels: { ...labels, ...backupLabels(backupPlan), "orrery.dev/metrics-port": METRICS_PORT_NAME },
        annotations: {
          ...backupAnnotations(backupPlan, []),
          "orrery.dev/metrics-path": "/metrics",
          ...exceptionAnnotations([
            { rule: "service-account-token", reason: "a broker reads its certificates from Secrets" },
          ]),
        },
      },
      securityContext: podSecurityContext(STRIMZI),
      priorityClassName: priorities.data.name,
      enableServiceLinks: false,
      // It hands its partitions over to the others before it goes.
      terminationGracePeriodSeconds: 120,
      tmpDirSizeLimit: "100Mi",
      ...spread(facts),
    },
    kafkaContainer: container,
    initContainer: container,
    persistentVolumeClaim: { metadata: { labels } },
    podSet: { metadata: { labels } },
    perPodService: { metadata: { labels } },
  };
}

/** One broker has nobody to keep away from. */
function spread({ cluster, namespace, brokers, environment }: BrokerPodFacts) {
  return brokers === 1 ? {} : spreadInProd(environment, { ...brokerPods(cluster, namespace).labels });
}

/** Template of the pod that makes topics and users. */
export function entityOperatorTemplate(labels: Record<string, string>) {
  return {
    deployment: { metadata: { labels } },
    pod: {
      metadata: {
        labels,
        annotations: exceptionAnnotations([
          { rule: "service-account-token", reason: "it follows KafkaTopics and KafkaUsers" },
        ]),
      },
      securityContext: podSecurityContext(STRIMZI),
      priorityClassName: priorities.platform.name,
      enableServiceLinks: false,
    },
    topicOperatorContainer: {
      ...container,
      // Without them a KafkaTopic that goes takes nothing with it, and never keeps its namespace from ending.
      env: [{ name: "STRIMZI_USE_FINALIZERS", value: "false" }],
    },
    userOperatorContainer: container,
  };
}
