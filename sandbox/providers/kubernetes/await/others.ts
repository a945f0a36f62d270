import { isMap, sameValue } from "../../framework";
import { annotation, isSecret, type KubeObject, pluck, text } from "../objects";
import { sameQuantity } from "../quantity";
import { conditionOf } from "./pods";
import type { Readiness } from "./types";

/** Objects of a definition can be made once the API server serves it and its names clash with no other. */
export function crdReadiness(crd: KubeObject): Readiness {
  const accepted = conditionOf(crd, "NamesAccepted");
  if (accepted?.status === "False") {
    return { ready: false, failed: true, problems: [`[${accepted.reason}] ${accepted.message}`] };
  }
  return {
    ready: conditionOf(crd, "Established")?.status === "True",
    progress: "Waiting for CustomResourceDefinition to be established",
    problems: ["the API server does not serve the CustomResourceDefinition"],
  };
}

/** The quota controller has taken the limits over into the status. */
export function resourceQuotaReadiness(quota: KubeObject): Readiness {
  const asked = pluck(quota, "spec", "hard");
  const known = pluck(quota, "status", "hard");
  const same = isMap(asked) && isMap(known) && Object.keys(asked).every((key) => sameAmount(asked[key], known[key]));
  return {
    ready: same || asked === undefined,
    progress: "Waiting for ResourceQuota to be initialized",
    problems: ["the ResourceQuota's limits are not in effect"],
  };
}

function sameAmount(left: unknown, right: unknown): boolean {
  const isText = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";
  return isText(left) && isText(right) && (sameValue(left, right) || sameQuantity(left, right));
}

/** A token Secret is filled in by a controller; every other Secret is ready as it is. */
export function secretReadiness(secret: KubeObject): Readiness {
  const waitsForToken =
    isSecret(secret) &&
    text(secret, "type") === "kubernetes.io/service-account-token" &&
    annotation(secret, "kubernetes.io/service-account.name") !== "";
  return {
    ready: !waitsForToken || pluck(secret, "data", "token") !== undefined,
    progress: "Waiting for the service account's token",
    problems: ["the Secret was not filled with a service account's token; does the ServiceAccount exist?"],
  };
}
