import {
  CheckFailure as CheckFailureMessage,
  CheckResponse,
  DiffResponse,
  PropertyDiff as PropertyDiffMessage,
} from "@pulumi/pulumi/proto/provider_pb";
import { encodeProperties } from "./codec";
import { rootOf } from "./diff";
import type { CheckFailure, CheckResult, DiffKind, DiffResult } from "./handler";

const KINDS: Record<DiffKind, PropertyDiffMessage.Kind> = {
  add: PropertyDiffMessage.Kind.ADD,
  "add-replace": PropertyDiffMessage.Kind.ADD_REPLACE,
  delete: PropertyDiffMessage.Kind.DELETE,
  "delete-replace": PropertyDiffMessage.Kind.DELETE_REPLACE,
  update: PropertyDiffMessage.Kind.UPDATE,
  "update-replace": PropertyDiffMessage.Kind.UPDATE_REPLACE,
};

export function failureMessage(failure: CheckFailure): CheckFailureMessage {
  const message = new CheckFailureMessage();
  message.setProperty(failure.property);
  message.setReason(failure.reason);
  return message;
}

export function checkResponse(result: CheckResult): CheckResponse {
  const response = new CheckResponse();
  response.setInputs(encodeProperties(result.inputs));
  response.setFailuresList((result.failures ?? []).map(failureMessage));
  return response;
}

export function diffResponse(result: DiffResult): DiffResponse {
  const entries = Object.entries(result.detailedDiff);
  const replaces = new Set(result.replaces ?? []);
  const response = new DiffResponse();
  for (const [path, { kind, inputDiff }] of entries) {
    const message = new PropertyDiffMessage();
    message.setKind(KINDS[kind]);
    message.setInputdiff(inputDiff ?? false);
    response.getDetaileddiffMap().set(path, message);
    // The engine replaces for what is in this list, and shows what is in the details.
    if (kind.endsWith("-replace")) {
      replaces.add(rootOf(path));
    }
  }
  const some = entries.length > 0 || replaces.size > 0;
  response.setChanges(some ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE);
  response.setHasdetaileddiff(some);
  response.setDiffsList([...new Set([...entries.map(([path]) => rootOf(path)), ...replaces])]);
  response.setReplacesList([...replaces]);
  response.setStablesList(result.stables ?? []);
  response.setDeletebeforereplace(result.deleteBeforeReplace ?? false);
  return response;
}
