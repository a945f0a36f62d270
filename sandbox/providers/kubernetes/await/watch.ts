import { isMap, sleep } from "../../framework";
import type { ApiClient } from "../client";
import { ApiError, UnreachableError } from "../errors";
import { type KubeObject, list, text } from "../objects";

const RESTART_DELAY_MS = 200;

/**
 * The versions of one object as they come: first as it is, then every change. Yields undefined when it is gone.
 * A watch that the server ends is begun anew. Ends with the signal.
 */
export async function* watchObject(
  client: ApiClient,
  collection: string,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<KubeObject | undefined> {
  const query = { fieldSelector: `metadata.name=${name}` };
  while (!signal.aborted) {
    try {
      const { object } = await client.request({ method: "GET", path: collection, query, signal });
      const found = list(object, "items")[0];
      // The elements of a list do not say what they are; the list does.
      const apiVersion = object["apiVersion"] ?? "";
      yield isMap(found) ? { apiVersion, kind: text(object, "kind").replace(/List$/, ""), ...found } : undefined;
      const resourceVersion = text(object, "metadata", "resourceVersion");
      for await (const event of client.watch(
        collection,
        { ...query, resourceVersion, timeoutSeconds: "300" },
        signal,
      )) {
        const type = text(event, "type");
        if (type === "ERROR") {
          break;
        }
        const changed = event["object"];
        if (type !== "BOOKMARK" && isMap(changed)) {
          yield type === "DELETED" ? undefined : changed;
        }
      }
    } catch (error) {
      const again = error instanceof UnreachableError || (error instanceof ApiError && error.code >= 410);
      if (signal.aborted || !again) {
        throw error;
      }
    }
    await sleep(RESTART_DELAY_MS, signal);
  }
}
