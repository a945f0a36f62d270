/** Longest value that the Hetzner API takes in a label. */
export const MAX_LABEL_VALUE_LENGTH = 63;

export type HcloudLabels = Record<string, string>;

/**
 * Labels of everything that the program makes in the Hetzner project. `orrery.dev/cluster` is what tells one cluster's
 * things from another's in the same project, `orrery.dev/pool` what a server belongs to.
 */
export function hcloudLabels(cluster: string, extra: HcloudLabels = {}): HcloudLabels {
  const labels: HcloudLabels = { "managed-by": "orrery", "orrery.dev/cluster": cluster, ...extra };
  for (const [key, value] of Object.entries(labels)) {
    if (value.length > MAX_LABEL_VALUE_LENGTH) {
      throw new Error(
        `Hetzner label ${key} would be "${value}" (${value.length} characters). At most ${MAX_LABEL_VALUE_LENGTH} are ` +
          "allowed: choose a shorter name.",
      );
    }
  }
  return labels;
}

/** A schematic id (64 hex digits) as a label value: the first 32, which is still 128 bits. */
export function schematicLabel(schematicId: string): string {
  return schematicId.slice(0, 32);
}
