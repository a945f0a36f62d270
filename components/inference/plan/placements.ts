import { gib } from "../placement/reasons";
import type { PlannedService } from "../types";
import type { InferencePlan } from "./types";

/** Where a service runs, as a stack's output has it and a review compares it. */
export interface PlacedService {
  readonly model: string;
  readonly server: string;
  /** Machines of its replicas; empty on CPUs. */
  readonly machines: readonly string[];
  /** `RTX PRO 6000 Blackwell Max-Q`, or `CPUs`. */
  readonly on: string;
  readonly replicas: number;
  /** Of each GPU. @default - it runs on CPUs */
  readonly share?: number;
  readonly needGiB?: number;
}

/** Which model runs where, by service and by GPU. */
export interface Placements {
  readonly services: Readonly<Record<string, PlacedService>>;
  /** Services that do not run, and why. */
  readonly leftOut: Readonly<Record<string, readonly string[]>>;
  /** By machine and number: `gpu-1/0`. */
  readonly gpus: Readonly<
    Record<
      string,
      { readonly model: string; readonly usedGiB: number; readonly leftGiB: number; readonly leftShare: number }
    >
  >;
}

const rounded = (mib: number) => Math.round((10 * mib) / 1024) / 10;

/** The plan in few words. */
export function placementsOf({ services, leftOut, gpus }: InferencePlan): Placements {
  return {
    services: Object.fromEntries(services.map((service) => [service.name, placed(service)])),
    leftOut: Object.fromEntries(leftOut.map(({ name, reasons }) => [name, reasons])),
    gpus: Object.fromEntries(
      gpus.map(({ machine, gpu, model, memoryMiB, leftMiB, leftShare }) => [
        `${machine}/${gpu}`,
        { model, usedGiB: rounded(memoryMiB - leftMiB), leftGiB: rounded(leftMiB), leftShare },
      ]),
    ),
  };
}

function placed({ model, server, place, replicas, needMiB }: PlannedService): PlacedService {
  const base = { model: model.name, server, replicas };
  return place.kind === "cpu"
    ? { ...base, machines: [], on: "CPUs" }
    : { ...base, machines: place.machines, on: place.gpuModel, share: place.share, needGiB: rounded(needMiB) };
}

/** The plan as a table for a terminal: services, then GPUs with what is used and left. */
export function planTable({ services, gpus }: InferencePlan): string {
  const rows = services.map((service) => [
    service.name,
    service.model.name,
    service.server === service.engine ? service.server : `${service.server} (${service.engine})`,
    where(service),
    service.place.kind === "cpu"
      ? `${service.host.cpuMillicores / 1000} cores, ${gib(service.host.memoryMiB)}`
      : `${gib(service.needMiB)}, share ${service.place.share}`,
  ]);
  const gpuRows = gpus.map(({ machine, gpu, model, memoryMiB, services: on, leftMiB, leftShare }) => [
    `${machine}/${gpu}`,
    model,
    on.map(({ name }) => name).join(", ") || "-",
    `${gib(memoryMiB - leftMiB)} of ${gib(memoryMiB)}`,
    `${gib(leftMiB)}, share ${leftShare}`,
  ]);
  return [
    ...aligned(["service", "model", "server", "where", "needs of each"], rows),
    ...(gpuRows.length === 0 ? [] : ["", ...aligned(["GPU", "model", "services", "memory used", "left"], gpuRows)]),
  ].join("\n");
}

function where({ place, replicas }: PlannedService): string {
  if (place.kind === "cpu") return replicas === 1 ? "CPUs" : `CPUs, ${replicas} replicas`;
  return `${place.machines.join(", ")}${place.gpus === 1 ? "" : ` (${place.gpus} GPUs)`}`;
}

function aligned(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
