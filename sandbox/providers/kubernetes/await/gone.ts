import { ApiError, UnknownKindError } from "../errors";
import { ANNOTATION, isAnnotated, type KubeObject, kindOfObject, list, nameOf, namespaceOf, text } from "../objects";
import { AwaitError, type AwaitRequest, timeoutSecondsOf } from "./index";
import { watchObject } from "./watch";

/** Kinds whose deletion is not waited for when pulumi.com/skipAwait is set; all others always are. */
const SKIPPABLE = new Set([
  "/Namespace",
  "/Pod",
  "/ReplicationController",
  "apps/DaemonSet",
  "apps/Deployment",
  "apps/StatefulSet",
  "batch/Job",
]);

/** Waits until the object is gone; undefined then, else what is left and what holds it. */
export async function awaitGone(request: AwaitRequest): Promise<AwaitError | undefined> {
  const { client, discovery, context, inputs, live } = request;
  const gvk = kindOfObject(live);
  if (isAnnotated(inputs, ANNOTATION.skipAwait) && SKIPPABLE.has(`${gvk.group}/${gvk.kind}`)) {
    return undefined;
  }
  const uid = text(live, "metadata", "uid");
  const timeout = AbortSignal.timeout(timeoutSecondsOf(inputs, context) * 1000);
  const signal = AbortSignal.any([context.signal, timeout]);
  let last: KubeObject = live;
  try {
    const collection = await discovery.path(gvk, namespaceOf(live), "");
    for await (const object of watchObject(client, collection, nameOf(live), signal)) {
      // Another object under the same name is not the one that was deleted.
      if (object === undefined || (uid !== "" && text(object, "metadata", "uid") !== uid)) {
        return undefined;
      }
      last = object;
      context.log("info", `Waiting for ${nameOf(live)} to be deleted${heldBy(last)}`, true);
    }
  } catch (error) {
    // The kind itself went, and its objects with it.
    if (error instanceof UnknownKindError || (error instanceof ApiError && error.isNotFound)) {
      return undefined;
    }
    if (!signal.aborted) {
      throw error;
    }
  }
  const message = timeout.aborted
    ? `'${nameOf(live)}' timed out waiting to be deleted`
    : `Resource operation was cancelled for "${nameOf(live)}"`;
  return new AwaitError(message, last, problemsOf(last));
}

function heldBy(live: KubeObject): string {
  const finalizers = list(live, "metadata", "finalizers");
  return finalizers.length === 0 ? "" : ` (finalizers: ${finalizers.join(", ")})`;
}

function problemsOf(live: KubeObject): string[] {
  const finalizers = list(live, "metadata", "finalizers");
  const conditions = list(live, "status", "conditions")
    .filter((condition) => text(condition, "status") === "True" && live["kind"] === "Namespace")
    .map((condition) => `[${text(condition, "reason")}] ${text(condition, "message")}`);
  return [
    ...(finalizers.length === 0 ? [] : [`finalizers might be preventing deletion (${finalizers.join(", ")})`]),
    ...conditions,
  ];
}
