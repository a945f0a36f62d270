import type * as pulumi from "@pulumi/pulumi";
import type { ModelCache, ModelFiles } from "../cache/types";
import type { PlannedService } from "../types";

/** The files of models, each asked for once, and what to wait for until they are there. */
export class RayModelFiles {
  private readonly known = new Map<string, ModelFiles>();

  constructor(private readonly cache: ModelCache) {}

  of(service: PlannedService, machine?: string): ModelFiles {
    const key = `${service.name}/${machine ?? ""}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const files = this.cache.files(service, machine);
    this.known.set(key, files);
    return files;
  }

  get ready(): pulumi.Resource[] {
    return [...this.known.values()].map(({ ready }) => ready);
  }
}
