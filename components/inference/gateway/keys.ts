import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { usualLimits } from "./names";
import type { ModelAccess } from "./registry";

/** The file by which auth.py knows keys; it has their digests only. Its name, and the shape that auth.py reads. */
export const KEYS_FILE = "keys.json";

export interface KeyFileFacts {
  readonly access: readonly ModelAccess[];
  /** Token with which metrics are read. Secret. */
  readonly metricsToken: pulumi.Output<string>;
  /** Models that people may ask who have signed in. @default - people have no access */
  readonly people?: readonly string[];
}

/** Secret, because it is made of secrets; whoever reads it could not ask a model with it. */
export function keyFile({ access, metricsToken, people }: KeyFileFacts): pulumi.Output<string> {
  const entries = access.map(({ consumer, key, models, limits }) =>
    key.apply((plain) => ({ consumer, sha256: sha256(plain), models, ...limits })),
  );
  return pulumi.all([pulumi.all(entries), metricsToken]).apply(([keys, token]) =>
    JSON.stringify({
      keys,
      metrics: sha256(token),
      people: people === undefined ? null : { models: people, ...usualLimits },
    }),
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
