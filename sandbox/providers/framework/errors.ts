import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { encodeProperties } from "./codec";
import type { PropertyMap } from "./values";

/**
 * The resource exists but is not as it should be: its id and outputs go into the state, so that nothing is lost, and
 * the next `up` updates it (or deletes it) instead of making another one.
 */
export class PartialFailure extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly outputs: PropertyMap,
    /** The inputs to record instead of those that were asked for. */
    readonly inputs?: PropertyMap,
    readonly reasons: string[] = [message],
  ) {
    super(message);
    this.name = "PartialFailure";
  }
}

/** An error that gRPC can carry, with the state of a half-made resource where there is one. */
export function toServiceError(error: unknown): Partial<ServiceError> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new Metadata();
  if (error instanceof PartialFailure) {
    metadata.add("grpc-status-details-bin", Buffer.from(initFailedStatus(error).serializeBinary()));
  }
  return { code: status.UNKNOWN, details: message, message, metadata };
}

function initFailedStatus(failure: PartialFailure): Status {
  const detail = new ErrorResourceInitFailed();
  detail.setId(failure.id);
  detail.setProperties(encodeProperties(failure.outputs));
  if (failure.inputs !== undefined) {
    detail.setInputs(encodeProperties(failure.inputs));
  }
  detail.setReasonsList(failure.reasons);
  const any = new Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const result = new Status();
  result.setCode(status.UNKNOWN);
  result.setMessage(failure.message);
  result.addDetails(any);
  return result;
}

/** The error that says why waiting ended: cancelled by the user, or the resource's own timeout. */
export function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("cancelled");
}

/** Waits; ends with `abortError` as soon as the operation is cancelled or timed out. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    throw abortError(signal);
  }
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(abortError(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
