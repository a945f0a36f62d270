import { isMap, type PropertyMap } from "../framework";
import { integer, list, text } from "./objects";

/** The API server refused: its Status object, in its own words. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly status: PropertyMap,
    readonly path: string,
  ) {
    super(text(status, "message") || `the Kubernetes API server answered ${code} to ${path}`);
    this.name = "ApiError";
  }

  /** e.g. AlreadyExists, Conflict, Forbidden, Invalid, NotFound, Timeout. */
  get reason(): string {
    return text(this.status, "reason");
  }

  /** Seconds after which the server wants to be asked again. */
  get retryAfterSeconds(): number | undefined {
    return integer(this.status, "details", "retryAfterSeconds");
  }

  get isNotFound(): boolean {
    return this.code === 404;
  }

  /** The namespace that the object should go to does not exist. */
  get isNamespaceMissing(): boolean {
    return this.code === 404 && text(this.status, "details", "kind") === "namespaces";
  }

  get isAlreadyExists(): boolean {
    return this.code === 409 && this.reason === "AlreadyExists";
  }

  get isConflict(): boolean {
    return this.code === 409 && this.reason === "Conflict";
  }

  get isForbidden(): boolean {
    return this.code === 403;
  }

  get isInvalid(): boolean {
    return this.code === 422;
  }

  /** Somebody changed a field that must not change. */
  get isImmutableField(): boolean {
    return this.isInvalid && /is immutable|updates to .* are forbidden|cannot change roleRef/i.test(this.message);
  }

  /** The server, or a webhook behind it, cannot do dry runs. */
  get isDryRunRefused(): boolean {
    return this.code === 400 && /dry ?run/i.test(this.message);
  }

  get causes(): string[] {
    return list(this.status, "details", "causes").flatMap((cause) =>
      isMap(cause) ? [`${text(cause, "field")}: ${text(cause, "message")}`] : [],
    );
  }
}

/** The API server does not know this kind: its CustomResourceDefinition is not there (yet). */
export class UnknownKindError extends Error {
  constructor(
    readonly apiVersion: string,
    readonly kind: string,
  ) {
    super(`no matches for kind "${kind}" in version "${apiVersion}"`);
    this.name = "UnknownKindError";
  }
}

/** No answer at all: refused, timed out, wrong certificate, unknown host. */
export class UnreachableError extends Error {
  constructor(
    readonly server: string,
    override readonly cause: Error & { code?: string },
    /** The request surely did not reach the server. */
    readonly unsent = false,
  ) {
    super(`the Kubernetes API server ${server} does not answer: ${cause.message || cause.code || "no reason given"}`);
    this.name = "UnreachableError";
  }
}

const CONFLICT_HELP =
  "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/" +
  "managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources";

/** A field belongs to somebody else: says who we are, whose it is, and how to take it over. */
export function explainConflict(error: unknown, fieldManager: string): unknown {
  if (!(error instanceof ApiError) || !error.isConflict) {
    return error;
  }
  return new Error(
    `server-side apply field conflict detected, see ${CONFLICT_HELP} for troubleshooting help\n` +
      `The resource managed by field manager "${fieldManager}" had an apply conflict: ${error.message}\n` +
      'To take the fields over, set the annotation pulumi.com/patchForce to "true" on the resource.',
  );
}

export function explainExists(error: ApiError): Error {
  return new Error(
    `${error.message}\n\n` +
      "The resource already exists in the cluster. This can happen when:\n\n" +
      "  - Renaming a Pulumi resource: use an alias to preserve the identity,\n" +
      "    or use deleteBeforeReplace if the resource needs replacement.\n" +
      "  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)\n" +
      "    to manage specific fields without owning the resource lifecycle.\n" +
      "  - Adopting a resource into Pulumi: use `pulumi import`. Note that\n" +
      "    protected resources (e.g. kube-system) cannot be deleted on destroy.\n" +
      "  - Intentional upsert: set upsertExistingObjects on the provider to allow\n" +
      "    server-side apply to update existing objects on create.",
  );
}
