import { type OperationContext, type PropertyValue, sleep } from "../framework";
import type { ApiClient } from "./client";
import { parsePath } from "./diff";
import type { Discovery } from "./discovery";
import { ApiError, explainConflict, explainExists, UnknownKindError } from "./errors";
import { adoptFields, CREATE_MANAGER, isForeignField } from "./managed-fields";
import {
  ANNOTATION,
  annotation,
  isAnnotated,
  isCrd,
  type KubeObject,
  kindOfObject,
  list,
  nameOf,
  namespaceOf,
  pluck,
  withMetadata,
  without,
  withValue,
} from "./objects";

const APPLY = "application/apply-patch+yaml";
const JSON_PATCH = "application/json-patch+json";

/** A kind or a namespace that is not there yet is waited for: 0.25 + 0.5 + 1 + ... seconds, about half a minute. */
const MISSING_RETRIES = 7;
const FIRST_RETRY_MS = 250;
/** Times that an update begins anew because the object changed under it. */
const MAX_STALE = 5;

export interface WriteOptions {
  context: OperationContext;
  fieldManager: string;
  /** Nothing is stored: the server only says what would be. */
  dryRun: boolean;
  /** Take fields over that belong to others. */
  force: boolean;
}

/** Creates, changes and deletes single objects; every answer's warnings are shown at the resource. */
export class ObjectsApi {
  constructor(
    private readonly client: ApiClient,
    private readonly discovery: Discovery,
    private readonly showDeprecations: boolean,
  ) {}

  async read(object: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined> {
    return this.client.get(await this.pathOf(object), signal);
  }

  /** Fails when the object exists: updating it unasked could take it from whoever owns it. */
  async create(object: KubeObject, options: WriteOptions): Promise<KubeObject> {
    return this.untilPossible(object, options, async () => {
      const collection = await this.discovery.path(kindOfObject(object), namespaceOf(object), "");
      try {
        return await this.write(options.context, {
          method: "POST",
          path: collection,
          query: { fieldManager: CREATE_MANAGER, fieldValidation: "Warn", dryRun: options.dryRun ? "All" : undefined },
          body: object,
        });
      } catch (error) {
        throw error instanceof ApiError && error.isAlreadyExists && !options.dryRun ? explainExists(error) : error;
      }
    });
  }

  /** Creates or updates, and owns exactly the fields that are in the object. */
  async apply(object: KubeObject, options: WriteOptions): Promise<KubeObject> {
    return this.untilPossible(object, options, async () => {
      try {
        return await this.patch(object, options);
      } catch (error) {
        throw explainConflict(error, options.fieldManager);
      }
    });
  }

  /** Changes the live object to the inputs; fields that are no longer asked for go, unless others want them. */
  async update(inputs: KubeObject, live: KubeObject, ignored: string[], options: WriteOptions): Promise<KubeObject> {
    let current = live;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.updateOnce(inputs, current, ignored, options);
      } catch (error) {
        const fresh =
          isOutdated(error) && attempt < MAX_STALE ? await this.read(live, options.context.signal) : undefined;
        if (fresh === undefined) {
          throw explainConflict(error, options.fieldManager);
        }
        current = fresh;
      }
    }
  }

  private async updateOnce(
    inputs: KubeObject,
    live: KubeObject,
    ignored: string[],
    options: WriteOptions,
  ): Promise<KubeObject> {
    if (isCrd(inputs)) {
      return this.write(options.context, {
        method: "PUT",
        path: await this.pathOf(inputs),
        query: { fieldManager: options.fieldManager, dryRun: options.dryRun ? "All" : undefined },
        body: withMetadata(inputs, "resourceVersion", pluck(live, "metadata", "resourceVersion")),
      });
    }
    const owned = options.dryRun ? live : await this.adopt(live, options);
    const ownedByCreation = options.dryRun && adoptFields(live, options.fieldManager) !== undefined;
    return this.patch(keepIgnored(inputs, owned, ignored, options.fieldManager), {
      ...options,
      force: options.force || ownedByCreation,
    });
  }

  /** Gives up every field that the manager owns; the object stays. */
  async relinquish(object: KubeObject, options: WriteOptions): Promise<void> {
    const empty: KubeObject = {
      apiVersion: object["apiVersion"] ?? "",
      kind: object["kind"] ?? "",
      metadata: { name: nameOf(object), ...(namespaceOf(object) === "" ? {} : { namespace: namespaceOf(object) }) },
    };
    await this.patch(empty, { ...options, force: true });
  }

  /** Starts the deletion; false when the object is gone, now or already. */
  async delete(object: KubeObject, policy: string, signal: AbortSignal): Promise<boolean> {
    try {
      const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: policy };
      const { object: answer } = await this.client.request({
        method: "DELETE",
        path: await this.pathOf(object),
        body,
        signal,
      });
      // A Status instead of the object: nothing holds it, so it is gone.
      return answer["kind"] !== "Status";
    } catch (error) {
      if ((error instanceof ApiError && error.isNotFound) || error instanceof UnknownKindError) {
        return false;
      }
      throw error;
    }
  }

  private async patch(object: KubeObject, options: WriteOptions): Promise<KubeObject> {
    return this.write(options.context, {
      method: "PATCH",
      path: await this.pathOf(object),
      query: {
        fieldManager: options.fieldManager,
        force: String(options.force),
        dryRun: options.dryRun ? "All" : undefined,
      },
      body: object,
      contentType: APPLY,
    });
  }

  private async adopt(live: KubeObject, options: WriteOptions): Promise<KubeObject> {
    const managedFields = adoptFields(live, options.fieldManager);
    if (managedFields === undefined) {
      return live;
    }
    const resourceVersion = pluck(live, "metadata", "resourceVersion") ?? null;
    return this.write(options.context, {
      method: "PATCH",
      path: await this.pathOf(live),
      contentType: JSON_PATCH,
      body: [
        { op: "replace", path: "/metadata/managedFields", value: managedFields },
        { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
      ],
    });
  }

  private async write(context: OperationContext, request: Parameters<ApiClient["request"]>[0]): Promise<KubeObject> {
    const { object, warnings } = await this.client.request({ ...request, signal: context.signal });
    for (const warning of warnings) {
      if (this.showDeprecations || !/deprecated/i.test(warning)) {
        context.log("warning", warning);
      }
    }
    return object;
  }

  private async untilPossible<T>(object: KubeObject, options: WriteOptions, run: () => Promise<T>): Promise<T> {
    const { context } = options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await run();
      } catch (error) {
        const isMissing = error instanceof UnknownKindError || (error instanceof ApiError && error.isNotFound);
        if (!isMissing || options.dryRun || attempt > MISSING_RETRIES) {
          throw error;
        }
        this.discovery.reset();
        context.log("info", `Retry #${attempt} for ${nameOf(object)}; creation failed: ${error.message}`, true);
        await sleep(FIRST_RETRY_MS * 2 ** (attempt - 1), context.signal);
      }
    }
  }

  private pathOf(object: KubeObject): Promise<string> {
    return this.discovery.path(kindOfObject(object), namespaceOf(object), nameOf(object));
  }
}

/** Somebody, mostly a controller, wrote the object between our reading and writing it. */
function isOutdated(error: unknown): boolean {
  return error instanceof ApiError && error.isConflict && /the object has been modified/.test(error.message);
}

/** ignoreChanges: a field that somebody else owns is left out, any other keeps its live value. */
function keepIgnored(inputs: KubeObject, live: KubeObject, ignored: string[], fieldManager: string): KubeObject {
  return ignored.reduce((object, text) => {
    const path = parsePath(text);
    if (!path.every((part): part is string => typeof part === "string" && part !== "*")) {
      return object;
    }
    if (isForeignField(live, fieldManager, path)) {
      return without(object, ...path);
    }
    const value: PropertyValue | undefined = pluck(live, ...path);
    return value === undefined ? object : withValue(object, path, value);
  }, inputs);
}

/** Whether an apply may take fields from others: asked for, or a preview that must not stop at what `up` settles. */
export function mayForce(inputs: KubeObject, live: KubeObject | undefined, enabled: boolean): boolean {
  const unmanaged = live !== undefined && list(live, "metadata", "managedFields").length === 0;
  return enabled || isAnnotated(inputs, ANNOTATION.patchForce) || unmanaged;
}

/** Kinds that nothing else is made from: there is nobody to go first, so no controller needs to look. */
const CHILDLESS = new Set([
  "/ConfigMap",
  "/LimitRange",
  "/ResourceQuota",
  "/Secret",
  "/ServiceAccount",
  "networking.k8s.io/NetworkPolicy",
  "policy/PodDisruptionBudget",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
  "rbac.authorization.k8s.io/Role",
  "rbac.authorization.k8s.io/RoleBinding",
  "scheduling.k8s.io/PriorityClass",
  "storage.k8s.io/StorageClass",
]);

/** Foreground unless the annotation says otherwise: what depends on the object goes first. */
export function deletionPolicy(inputs: KubeObject): "Orphan" | "Background" | "Foreground" {
  const policy = annotation(inputs, ANNOTATION.deletionPropagation).toLowerCase();
  if (policy === "orphan") {
    return "Orphan";
  }
  const { group, kind } = kindOfObject(inputs);
  return policy === "background" || CHILDLESS.has(`${group}/${kind}`) ? "Background" : "Foreground";
}
