import type { PropertyMap } from "./values";

export type LogSeverity = "debug" | "info" | "warning" | "error";

/** What every operation knows beside its arguments. */
export interface OperationContext {
  /** The resource's URN; empty for functions and configuration. */
  urn: string;
  /** e.g. `hcloud:index/server:Server`, or the function's token. */
  type: string;
  /** Nothing may be changed; what is not known yet is answered with UNKNOWN. */
  preview: boolean;
  /** Aborted when the user cancels, and when the resource's customTimeouts are over; its `reason` says which. */
  signal: AbortSignal;
  /** The resource's customTimeouts for this operation. @default undefined, the handler's own limit */
  timeoutSeconds: number | undefined;
  /** Shows a line at the resource. @param ephemeral a status that the next line replaces */
  log(severity: LogSeverity, message: string, ephemeral?: boolean): void;
}

export interface CheckFailure {
  /** Path of the input, e.g. `networks[0].ip`. */
  property: string;
  reason: string;
}

export interface CheckArgs {
  /** The inputs of the last operation, empty for a new resource. */
  oldInputs: PropertyMap;
  newInputs: PropertyMap;
  /** The resource's own name, the last part of its URN. */
  name: string;
}

export interface CheckResult {
  inputs: PropertyMap;
  failures?: CheckFailure[];
}

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface PropertyDiff {
  kind: DiffKind;
  /** Whether the difference is to the old inputs; else to the old outputs. @default false */
  inputDiff?: boolean;
}

export interface DiffArgs {
  id: string;
  oldInputs: PropertyMap;
  oldOutputs: PropertyMap;
  newInputs: PropertyMap;
  ignoreChanges: string[];
}

export interface DiffResult {
  /** Keyed by path, e.g. `spec.replicas`. Empty: nothing changes. */
  detailedDiff: Record<string, PropertyDiff>;
  /** Top-level properties that force a replacement, beside those whose kind says so. */
  replaces?: string[];
  /** Outputs that an update leaves as they are, so that their consumers need not be unknown in a preview. */
  stables?: string[];
  /** The old one must go before the new one can be made. @default false */
  deleteBeforeReplace?: boolean;
}

export interface ResourceState {
  id: string;
  outputs: PropertyMap;
}

export interface ReadArgs {
  id: string;
  /** Empty for an import. */
  inputs: PropertyMap;
  /** Empty for an import. */
  outputs: PropertyMap;
}

export interface ReadResult extends ResourceState {
  inputs: PropertyMap;
}

export interface UpdateArgs {
  id: string;
  oldInputs: PropertyMap;
  oldOutputs: PropertyMap;
  newInputs: PropertyMap;
  ignoreChanges: string[];
}

export interface DeleteArgs {
  id: string;
  inputs: PropertyMap;
  outputs: PropertyMap;
}

/** One resource type. Values are as the engine has them: unknown and secret values are wrapped. */
export interface ResourceHandler {
  /** @default the inputs as they are */
  check?(args: CheckArgs, context: OperationContext): Promise<CheckResult>;
  diff(args: DiffArgs, context: OperationContext): Promise<DiffResult>;
  /** With `context.preview` nothing is made, and the id is ignored. */
  create(inputs: PropertyMap, context: OperationContext): Promise<ResourceState>;
  /** @returns undefined when the resource is gone */
  read(args: ReadArgs, context: OperationContext): Promise<ReadResult | undefined>;
  /** @default every difference must be a replacement */
  update?(args: UpdateArgs, context: OperationContext): Promise<PropertyMap>;
  /** Succeeds when the resource is gone already. */
  delete(args: DeleteArgs, context: OperationContext): Promise<void>;
}

export type ProviderFunction = (args: PropertyMap, context: OperationContext) => Promise<PropertyMap>;

/** A provider after its configuration is known: what one provider resource (or the default provider) can do. */
export interface ProviderInstance {
  /** @returns undefined for a type that this provider does not have */
  resource(type: string): ResourceHandler | undefined;
  /** @returns undefined for a function that this provider does not have */
  function?(token: string): ProviderFunction | undefined;
  /** Frees what the instance holds (connections). */
  close?(): void;
}

export interface ProviderDefinition {
  /** The package's name, e.g. `hcloud`. */
  name: string;
  /** The version of the SDK package that it stands for. */
  version: string;
  /** Checks a provider resource's inputs and fills in defaults. @default the inputs as they are */
  checkConfig?(args: CheckArgs, context: OperationContext): Promise<CheckResult | undefined>;
  /** What a changed configuration means. @default an update of the provider, nothing is replaced */
  diffConfig?(args: DiffArgs, context: OperationContext): Promise<DiffResult | undefined>;
  /**
   * Called once for each provider resource. The engine sends scalars that are no strings as JSON text in some SDKs:
   * read them with `configBoolean`, `configNumber` and `configObject`.
   */
  configure(config: PropertyMap, context: OperationContext): Promise<ProviderInstance>;
}
