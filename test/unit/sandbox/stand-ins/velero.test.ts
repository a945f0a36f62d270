import { describe, expect, it } from "vitest";
import { desiredLocation, desiredSchedule } from "../../../../sandbox/stand-ins/operators/velero";
import { observing } from "./observed";

const metadata = { namespace: "velero", name: "default" };
const location = (spec: { provider: string; objectStorage?: { bucket?: string } }, status?: object) => ({
  apiVersion: "velero.io/v1",
  kind: "BackupStorageLocation",
  metadata,
  spec,
  status,
});

describe("BackupStorageLocation", () => {
  it.each([
    [{ provider: "aws", objectStorage: { bucket: "velero" } }, "Available"],
    [{ provider: "aws", objectStorage: {} }, "Unavailable"],
    [{ provider: "azure", objectStorage: { bucket: "velero" } }, "Unavailable"],
  ])("%o is %s", (spec, phase) => {
    expect(desiredLocation(location(spec), observing([])).status).toMatchObject({ phase });
  });

  it("is left alone once it is available", () => {
    const known = location({ provider: "aws", objectStorage: { bucket: "velero" } }, { phase: "Available" });
    expect(desiredLocation(known, observing([]))).toEqual({});
  });
});

describe("Schedule", () => {
  const there = location({ provider: "aws", objectStorage: { bucket: "velero" } });
  const schedule = (text: string, storageLocation = "default") => ({
    apiVersion: "velero.io/v1",
    kind: "Schedule",
    metadata: { ...metadata, name: "scheduled" },
    spec: { schedule: text, template: { storageLocation } },
  });

  it.each([
    ["0 2 * * *", "default", "Enabled"],
    ["@every 24h", "default", "Enabled"],
    ["0 0 2 * * *", "default", "FailedValidation"],
    ["0 2 * * *", "elsewhere", "FailedValidation"],
  ])("%s to %s is %s", (text, where, phase) => {
    expect(desiredSchedule(schedule(text, where), observing([there])).status).toMatchObject({ phase });
  });
});
