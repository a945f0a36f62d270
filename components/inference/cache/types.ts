import type * as pulumi from "@pulumi/pulumi";
import type { ClaimVolume } from "../../kit/volumes";
import type { PlannedService } from "../types";

/** The files of a service's model, on the nodes where it runs. */
export interface ModelFiles {
  /** To be mounted; read-only. Always named `models`: pods with several models mount each claim once. */
  readonly volume: ClaimVolume;
  /**
   * Directory in which the files of the repository are, below the mount: `/models/qwen3-8b/0a1b2c3d`. Another revision is
   * in another directory, so a change of it starts the servers again.
   */
  readonly directory: string;
  /** Depend on this: the files are there, and their checksums are right. */
  readonly ready: pulumi.Resource;
}

export interface ModelCache {
  /**
   * Asked once for each service, and once more for each machine where its replicas are on several: every GPU machine has
   * a claim of its own, which no pod on another machine can mount.
   * @param machine one of `place.machines`. @default the only one
   * @throws when the service is on several machines and none is named
   */
  files(service: PlannedService, machine?: string): ModelFiles;
}
