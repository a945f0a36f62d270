import { type OperationContext, type PropertyMap, unwrapSecrets } from "../framework";
import { ApiError, UnknownKindError } from "./errors";
import { isNamed, usesGenerateName } from "./naming";
import { toKubernetes } from "./normalize";
import { ANNOTATION, isAnnotated, isPatchType, type KubeObject, without } from "./objects";

export const UNREACHABLE_HELP =
  "If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the " +
  'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"';

/** Throws for inputs that no API server needs to see to be refused. */
export function refuseInputs(type: string, inputs: KubeObject, enableServerSideApply: boolean): void {
  const isPatch = isPatchType(type);
  if (/List$/.test(type) && Array.isArray(inputs["items"])) {
    throw new Error(
      "list resources exist for compatibility with YAML manifests and Helm charts, and cannot be created directly. " +
        "Use the underlying resource type instead",
    );
  }
  if (isPatch && !enableServerSideApply) {
    throw new Error(
      "patch resources require Server-Side Apply mode, which is enabled using the `enableServerSideApply` Provider config",
    );
  }
  if (isPatch && !isNamed(inputs)) {
    throw new Error("patch resources require the `.metadata.name` field to be set");
  }
  if (usesGenerateName(inputs)) {
    throw new Error("the `.metadata.generateName` field is not supported in Server-Side Apply mode");
  }
}

/** Adds which resource it was about, and what to do where that is known. */
export function explainFailure(error: unknown, urn: string, what: "creation" | "update"): unknown {
  if (error instanceof UnknownKindError) {
    const { apiVersion, kind } = error;
    return new Error(
      `${what} of resource "${urn}" with kind ${apiVersion}/${kind} failed because the Kubernetes API server reported ` +
        "that the apiVersion for this resource does not exist. Verify that any required CRDs have been created: " +
        error.message,
    );
  }
  if (error instanceof Error && what === "creation") {
    return new Error(`resource "${urn}" was not successfully created by the Kubernetes API server: ${error.message}`);
  }
  return error instanceof Error ? new Error(`update of resource "${urn}" failed: ${error.message}`) : error;
}

/** Errors of a dry run that do not mean that `up` fails: what is missing may be made by this very `up`. */
export function mayGoOn(error: unknown, context: Pick<OperationContext, "log">): boolean {
  if (!(error instanceof ApiError)) {
    return error instanceof UnknownKindError;
  }
  if (error.isForbidden) {
    context.log("warning", `the API server would refuse this: ${error.message}`);
    return true;
  }
  // A create that meets an immutable field is one half of a replacement: by then its predecessor is gone.
  return error.isNamespaceMissing || error.isAlreadyExists || error.isImmutableField || error.isDryRunRefused;
}

export function isAutonamed(object: KubeObject): boolean {
  return isAnnotated(object, ANNOTATION.autonamed);
}

export function plainInputs(properties: PropertyMap): KubeObject {
  return toKubernetes(unwrapSecrets(properties));
}

const NOT_INPUTS = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid", "selfLink"];
const NOT_INPUT_ANNOTATIONS = ["deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"];

/** An import has no inputs yet: everything that is not the server's own. */
export function importedInputs(live: KubeObject): KubeObject {
  const withoutStatus = without(live, "status");
  const withoutFields = NOT_INPUTS.reduce((object, field) => without(object, "metadata", field), withoutStatus);
  return NOT_INPUT_ANNOTATIONS.reduce((object, key) => without(object, "metadata", "annotations", key), withoutFields);
}
