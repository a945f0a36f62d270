import {
  type CheckArgs,
  type CheckResult,
  containsUnknown,
  type DeleteArgs,
  type DiffArgs,
  type DiffResult,
  type OperationContext,
  PartialFailure,
  type PropertyMap,
  type ReadArgs,
  type ReadResult,
  type ResourceHandler,
  type ResourceState,
  type UpdateArgs,
} from "../framework";
import { AwaitError, awaitReady, checkHealth } from "./await";
import { awaitGone } from "./await/gone";
import { type Checkpoint, markSecrets, readCheckpoint, writeCheckpoint } from "./checkpoint";
import type { Cluster, Connection } from "./cluster";
import type { ProviderSettings } from "./config";
import { validateCustomResource } from "./custom-resources";
import { diffObjects, replacedBy, withoutIgnored } from "./diff";
import { ApiError, UnknownKindError } from "./errors";
import { immutableFields } from "./immutable";
import { isNamed, newFieldManager, withName } from "./naming";
import { fromKubernetes, normalizeInputs, pruneLive } from "./normalize";
import { ObjectScope } from "./object-scope";
import {
  ANNOTATION,
  annotation,
  idOf,
  isAnnotated,
  isCrd,
  isPatchType,
  type KubeObject,
  kindOfObject,
  nameOf,
  namespaceOf,
  pluck,
  withMetadata,
} from "./objects";
import { deletionPolicy, mayForce, type WriteOptions } from "./objects-api";
import { previewOutputs } from "./preview";
import {
  explainFailure,
  importedInputs,
  isAutonamed,
  mayGoOn,
  plainInputs,
  refuseInputs,
  UNREACHABLE_HELP,
} from "./resource-rules";

/** Any Kubernetes object: built-in kinds, custom resources and patches of objects that others own. */
export class KubernetesResource implements ResourceHandler {
  private readonly scope: ObjectScope;

  constructor(
    private readonly type: string,
    private readonly settings: ProviderSettings,
    private readonly connection: Connection,
  ) {
    this.scope = new ObjectScope(type, settings, connection);
  }

  async check(args: CheckArgs, context: OperationContext): Promise<CheckResult> {
    const oldInputs = plainInputs(args.oldInputs);
    if (this.connection.unreachable !== undefined && this.settings.skipUpdateUnreachable) {
      context.log("warning", "Cluster is unreachable but skipUpdateUnreachable flag is set to true, skipping...");
      return { inputs: args.oldInputs };
    }
    const inputs = normalizeInputs(plainInputs(args.newInputs));
    refuseInputs(this.type, inputs, this.settings.enableServerSideApply);
    const named = await this.scope.withNamespace(
      isPatchType(this.type) ? inputs : withName(inputs, oldInputs, args.name),
    );
    const failures =
      this.settings.checkCustomResources && !containsUnknown(named) ? await validateCustomResource(named) : [];
    return { inputs: markSecrets(fromKubernetes(named), args.newInputs), failures };
  }

  async diff(args: DiffArgs, context: OperationContext): Promise<DiffResult> {
    const old = readCheckpoint(args.oldOutputs);
    const newInputs = await this.scope.canonical(normalizeInputs(plainInputs(args.newInputs)));
    const oldInputs = normalizeInputs(Object.keys(old.inputs).length > 0 ? old.inputs : plainInputs(args.oldInputs));
    const before = withMetadata(await this.scope.canonical(pruneLive(old.live, oldInputs)), "name", nameOf(old.live));
    const fields = isPatchType(this.type)
      ? ["metadata.name", "metadata.namespace"]
      : immutableFields(newInputs, this.settings);
    const changes = withoutIgnored(diffObjects(before, newInputs, fields), args.ignoreChanges);
    const replaces = replacedBy(changes);
    if (isAnnotated(newInputs, ANNOTATION.replaceUnready) && (await this.isUnready(old.live, context))) {
      replaces.push(`metadata.annotations["${ANNOTATION.replaceUnready}"]`);
    }
    const isSameObject = nameOf(newInputs) === nameOf(old.live) && namespaceOf(newInputs) === namespaceOf(before);
    return {
      detailedDiff: Object.fromEntries([...changes].map(([path, kind]) => [path, { kind }])),
      replaces,
      deleteBeforeReplace: replaces.length > 0 && isSameObject && isNamed(newInputs) && !isAutonamed(newInputs),
    };
  }

  async create(properties: PropertyMap, context: OperationContext): Promise<ResourceState> {
    const inputs = plainInputs(properties);
    const { cluster } = this.connection;
    if (context.preview && (cluster === undefined || !(await this.canDryRun(cluster, inputs)))) {
      return { id: "", outputs: properties };
    }
    const reachable = this.reachable();
    const options = this.writeOptions(inputs, undefined, context);
    let live: KubeObject;
    try {
      live = this.upserts()
        ? await reachable.objects.apply(inputs, options)
        : await reachable.objects.create(inputs, options);
    } catch (error) {
      if (context.preview && mayGoOn(error, context)) {
        return { id: "", outputs: properties };
      }
      throw explainFailure(error, context.urn, "creation");
    }
    const checkpoint = this.checkpoint(inputs, live, options.fieldManager, inputs);
    if (context.preview) {
      return { id: "", outputs: writeCheckpoint({ ...checkpoint, live: previewOutputs(inputs, live) }, properties) };
    }
    const ready = await this.ready(
      reachable,
      checkpoint,
      properties,
      context,
      (id) =>
        `resource "${context.urn}" was successfully created, but the Kubernetes API server reported that ${id} failed to ` +
        "fully initialize or become live",
    );
    if (isCrd(inputs)) {
      reachable.discovery.reset();
    }
    return { id: idOf(ready), outputs: writeCheckpoint({ ...checkpoint, live: ready }, properties) };
  }

  async update(args: UpdateArgs, context: OperationContext): Promise<PropertyMap> {
    const properties = args.newInputs;
    const inputs = normalizeInputs(plainInputs(properties));
    const { cluster } = this.connection;
    if (context.preview && (cluster === undefined || !(await this.canDryRun(cluster, inputs)))) {
      return properties;
    }
    const reachable = this.reachable();
    const old = readCheckpoint(args.oldOutputs);
    const current = await reachable.objects.read(old.live, context.signal).catch((error) => {
      throw explainFailure(error, context.urn, "update");
    });
    if (current === undefined) {
      throw new Error(
        `update of resource "${context.urn}" failed: ${args.id} is gone from the cluster; run \`pulumi refresh\``,
      );
    }
    const options = this.writeOptions(inputs, old, context, current);
    let live: KubeObject;
    try {
      live = await reachable.objects.update(inputs, current, args.ignoreChanges, options);
    } catch (error) {
      if (context.preview) {
        if (error instanceof ApiError && error.isForbidden) {
          context.log("warning", `the API server would refuse this update: ${error.message}`);
          return properties;
        }
        throw explainFailure(error, context.urn, "update");
      }
      throw this.updateFailed(error, inputs, current, old, options, properties);
    }
    const checkpoint = this.checkpoint(inputs, live, options.fieldManager, old.inputs, old);
    if (context.preview) {
      return writeCheckpoint(checkpoint, properties);
    }
    const ready = await this.ready(
      reachable,
      checkpoint,
      properties,
      context,
      (id) => `the Kubernetes API server reported that "${id}" failed to fully initialize or become live`,
      current,
    );
    if (old.fieldManager !== undefined && old.fieldManager !== options.fieldManager) {
      await reachable.objects.relinquish(ready, { ...options, fieldManager: old.fieldManager });
    }
    return writeCheckpoint({ ...checkpoint, live: ready }, properties);
  }

  async read(args: ReadArgs, context: OperationContext): Promise<ReadResult | undefined> {
    const { unreachable } = this.connection;
    if (unreachable !== undefined) {
      return this.readUnreachable(args, unreachable, context);
    }
    const isImport = Object.keys(args.inputs).length === 0;
    const cluster = this.reachable();
    const old = readCheckpoint(args.outputs);
    const oldInputs = normalizeInputs(plainInputs(args.inputs));
    const live = await cluster.objects
      .read(this.scope.objectOfId(args.id, isImport ? old.live : oldInputs), context.signal)
      .catch((error) => {
        // A kind that is gone took its objects with it.
        if (error instanceof UnknownKindError) {
          return undefined;
        }
        throw error;
      });
    if (live === undefined) {
      return undefined;
    }
    const inputs = isImport ? importedInputs(live) : pruneLive(live, oldInputs);
    const fieldManager = old.fieldManager ?? this.fieldManager(inputs, old);
    const checkpoint = this.checkpoint(inputs, live, fieldManager, isImport ? inputs : oldInputs, old);
    const outputs = writeCheckpoint(checkpoint, args.inputs);
    const marked = markSecrets(fromKubernetes(inputs), args.inputs);
    const problem = isImport
      ? undefined
      : await checkHealth({ client: cluster.client, discovery: cluster.discovery, context, inputs, live });
    if (problem !== undefined) {
      throw new PartialFailure(problem.message, args.id, outputs, marked, [problem.message, ...problem.problems]);
    }
    return { id: args.id, inputs: marked, outputs };
  }

  async delete(args: DeleteArgs, context: OperationContext): Promise<void> {
    const { unreachable, cluster } = this.connection;
    if (unreachable !== undefined) {
      context.log("warning", `configured Kubernetes cluster is unreachable: ${unreachable}`);
      if (!this.settings.deleteUnreachable) {
        throw new Error(`configured Kubernetes cluster is unreachable. ${UNREACHABLE_HELP}`);
      }
      return;
    }
    const old = readCheckpoint(args.outputs);
    const object = this.scope.objectOfId(args.id, old.live);
    const options = this.writeOptions(old.inputs, old, context);
    if (isPatchType(this.type)) {
      await this.release(cluster, object, options);
      return;
    }
    const started = await cluster.objects.delete(object, deletionPolicy(old.inputs), context.signal);
    const live = withMetadata(object, "uid", pluck(old.live, "metadata", "uid"));
    const left = started ? await awaitGone({ ...cluster, context, inputs: old.inputs, live }) : undefined;
    if (isCrd(object)) {
      cluster.discovery.reset();
    }
    if (left !== undefined) {
      const checkpoint = this.checkpoint(old.inputs, left.live, options.fieldManager, old.inputs, old);
      throw new PartialFailure(left.message, args.id, writeCheckpoint(checkpoint, args.inputs), undefined, [
        left.message,
        ...left.problems,
      ]);
    }
  }

  private async release(cluster: Cluster, object: KubeObject, options: WriteOptions): Promise<void> {
    if ((await cluster.objects.read(object, options.context.signal)) !== undefined) {
      await cluster.objects.relinquish(object, options);
    }
  }

  private async canDryRun(cluster: Cluster, inputs: KubeObject): Promise<boolean> {
    const { enableServerSideApply } = this.settings;
    if (!enableServerSideApply || containsUnknown(inputs) || isPatchType(this.type)) {
      return false;
    }
    return cluster.discovery.exists(kindOfObject(inputs));
  }

  private async isUnready(live: KubeObject, context: OperationContext): Promise<boolean> {
    const { cluster } = this.connection;
    if (cluster === undefined || live["kind"] !== "Job") {
      const why = cluster === undefined ? "the cluster is unreachable" : "only Jobs can be replaced when unready";
      context.log("warning", `${ANNOTATION.replaceUnready} is not looked at: ${why}`);
      return false;
    }
    const current = await cluster.objects.read(live, context.signal).catch(() => undefined);
    const request = { client: cluster.client, discovery: cluster.discovery, context, inputs: {} };
    return current !== undefined && (await checkHealth({ ...request, live: current })) !== undefined;
  }

  private upserts(): boolean {
    return this.settings.enableServerSideApply && (this.settings.upsertExistingObjects || isPatchType(this.type));
  }

  private writeOptions(
    inputs: KubeObject,
    old: Checkpoint | undefined,
    context: OperationContext,
    live?: KubeObject,
  ): WriteOptions {
    const force = mayForce(inputs, live, this.settings.enablePatchForce) || (context.preview && live === undefined);
    return { context, fieldManager: this.fieldManager(inputs, old), dryRun: context.preview, force };
  }

  private fieldManager(inputs: KubeObject, old: Checkpoint | undefined): string {
    return annotation(inputs, ANNOTATION.patchFieldManager) || old?.fieldManager || newFieldManager();
  }

  private checkpoint(
    inputs: KubeObject,
    live: KubeObject,
    fieldManager: string,
    versioned: KubeObject,
    old?: Checkpoint,
  ): Required<Checkpoint> {
    const apiVersion = versioned["apiVersion"];
    const initialApiVersion = old?.initialApiVersion ?? (typeof apiVersion === "string" ? apiVersion : "");
    return { inputs, live, fieldManager, initialApiVersion };
  }

  private async ready(
    cluster: Cluster,
    checkpoint: Required<Checkpoint>,
    properties: PropertyMap,
    context: OperationContext,
    describe: (id: string) => string,
    previous?: KubeObject,
  ): Promise<KubeObject> {
    const { inputs, live } = checkpoint;
    try {
      return await awaitReady({ ...cluster, context, inputs, live, previous });
    } catch (error) {
      const known = error instanceof AwaitError ? error.live : live;
      const why = error instanceof Error ? error.message : String(error);
      const message = `${describe(idOf(known))}: ${why}`;
      const reasons = [message, ...(error instanceof AwaitError ? error.problems : [])];
      const outputs = writeCheckpoint({ ...checkpoint, live: known }, properties);
      throw new PartialFailure(message, idOf(known), outputs, undefined, reasons);
    }
  }

  /** The state takes the new inputs, so that the next `up` tries again. */
  private updateFailed(
    error: unknown,
    inputs: KubeObject,
    current: KubeObject,
    old: Checkpoint,
    options: WriteOptions,
    properties: PropertyMap,
  ): Error {
    const message = `the Kubernetes API server reported that "${idOf(current)}" failed to fully initialize or become live: ${(error as Error).message}`;
    const checkpoint = this.checkpoint(inputs, current, options.fieldManager, old.inputs, old);
    return new PartialFailure(message, idOf(current), writeCheckpoint(checkpoint, properties));
  }

  private reachable(): Cluster {
    if (this.connection.cluster === undefined) {
      throw new Error(`configured Kubernetes cluster is unreachable: ${this.connection.unreachable}`);
    }
    return this.connection.cluster;
  }

  private readUnreachable(args: ReadArgs, reason: string, context: OperationContext): ReadResult | undefined {
    context.log("warning", `configured Kubernetes cluster is unreachable: ${reason}`);
    if (this.settings.deleteUnreachable) {
      return undefined;
    }
    if (this.settings.skipUpdateUnreachable) {
      return args;
    }
    throw new Error(`failed to read resource state due to unreachable cluster. ${UNREACHABLE_HELP}`);
  }
}
