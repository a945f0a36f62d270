import type { V1Deployment, V1Pod } from "@kubernetes/client-node";
import { deployments, pods, services } from "../../runtime/kinds";
import { isReady } from "../../runtime/presence";
import { type Condition, type Desired, handler, type Observed, type Operator, withCondition } from "../types";
import { predictorObjects } from "./predictor";
import { type InferenceService, inferenceServiceKind, PREDICTOR_CONTAINER, predictorName } from "./types";

export const kserve: Operator = {
  name: "kserve-controller-manager",
  image: /(^|\/)kserve\/kserve-controller[:@]/,
  standsInFor: "KServe: Deployments and Services of InferenceServices; no model answers in them",
  children: [deployments, services],
  handlers: [handler<InferenceService>({ kind: inferenceServiceKind, uses: [deployments, pods], desired })],
};

/** Only what this program asks for: a container of one's own, in the mode Standard, without an ingress. */
export function desired(service: InferenceService, observed: Observed): Desired {
  const { predictor } = service.spec;
  const own = predictor.containers?.some(({ name }) => name === PREDICTOR_CONTAINER) === true;
  if (!own) {
    const message = `only predictors with a container ${PREDICTOR_CONTAINER} are known here`;
    return {
      status: { conditions: conditionsOf(service, { status: "False", reason: "ReconcileFailed", message }, observed) },
    };
  }
  const found = observed.find<V1Deployment>(deployments, predictorName(service), service.metadata!.namespace);
  const ready = readiness(found);
  const address = `http://${predictorName(service)}.${service.metadata!.namespace}.svc.cluster.local`;
  const running = observed
    .list<V1Pod>(pods, service.metadata!.namespace)
    .filter((pod) => pod.metadata?.labels?.["app"] === `isvc.${predictorName(service)}` && isReady(pod)).length;
  const state = running > 0 && ready.status === "True" ? "Loaded" : "Pending";
  return {
    objects: predictorObjects(service),
    status: {
      observedGeneration: found?.status?.observedGeneration,
      deploymentMode: "Standard",
      address: { url: address },
      url: address,
      components: { predictor: ready.status === "True" ? { url: address } : {} },
      conditions: conditionsOf(service, ready, observed),
      modelStatus: {
        copies: { failedCopies: 0, totalCopies: running },
        states: { activeModelState: state, targetModelState: state },
        transitionStatus: "UpToDate",
      },
    },
  };
}

type Readiness = Pick<Condition, "status" | "reason" | "message">;

/** As the controller reads it: the Deployment's own words, of which "not available" weighs most. */
function readiness(found: V1Deployment | undefined): Readiness {
  const current = (found?.status?.observedGeneration ?? 0) >= (found?.metadata?.generation ?? 1);
  const condition = (type: string) => found?.status?.conditions?.find((each) => each.type === type);
  const [available, progressing] = [condition("Available"), condition("Progressing")];
  const said = [available, progressing].find((each) => each?.status === "False") ?? available ?? progressing;
  if (!current || said === undefined) return { status: "False", reason: "", message: "" };
  const { reason = "", message = "" } = said;
  return { status: said.status === "True" ? "True" : "False", reason, message };
}

/** Ready is PredictorReady and IngressReady; the latter is true where nobody wants an ingress. */
function conditionsOf(service: InferenceService, ready: Readiness, { now }: Observed): Condition[] {
  const good = { status: "True" as const, reason: "", message: "" };
  const wanted: Condition[] = [
    { type: "IngressReady", ...good },
    { type: "PredictorReady", ...ready },
    { type: "Ready", ...ready },
    { type: "Stopped", status: "False", reason: "", message: "" },
  ];
  return wanted.reduce((all, next) => withCondition(all, next, now), service.status?.conditions ?? []);
}
