/** What a claim's size may become: pure, from what a claim asked for and what it is to ask for. */

/** StorageClasses whose volumes stay as large as they were made: a directory on a node's disk has no size. */
export const FIXED_SIZE_CLASSES: readonly string[] = ["local-path"];

const GIBIBYTES = /^(\d+)Gi$/;

interface Asked {
  readonly storageGiB?: number;
  readonly storageClass?: string;
}

/**
 * Why a claim cannot change as it is asked to; undefined when it can.
 * @param setting where its size stands, e.g. `services.qdrant.storageGiB`
 */
export function sizeProblem(claim: string, before: unknown, after: unknown, setting?: string): string | undefined {
  const { storageGiB: had, storageClass } = asked(before);
  const { storageGiB: wanted } = asked(after);
  if (had === undefined || wanted === undefined || wanted === had) return undefined;
  const where = setting === undefined ? "the size in the settings" : `orrery:${setting}`;
  if (wanted < had) {
    return (
      `Storage can only grow, and ${claim} would shrink from ${had} to ${wanted} GiB. Allowed: ${had} or more. ` +
      `Set ${where} back to ${had}. (To move to smaller volumes, see docs/data.md.)`
    );
  }
  return storageClass !== undefined && FIXED_SIZE_CLASSES.includes(storageClass)
    ? `Volumes of ${storageClass} cannot grow, and ${claim} would grow from ${had} to ${wanted} GiB. Allowed: ${had}. ` +
        `Set ${where} back to ${had}. (To move to larger volumes, see docs/data.md.)`
    : undefined;
}

interface ClaimInputs {
  spec?: { storageClassName?: unknown; resources?: { requests?: { storage?: unknown } } };
}

function asked(inputs: unknown): Asked {
  const spec = (inputs as ClaimInputs | undefined)?.spec;
  const size = GIBIBYTES.exec(String(spec?.resources?.requests?.storage))?.[1];
  return {
    ...(size === undefined ? {} : { storageGiB: Number(size) }),
    ...(typeof spec?.storageClassName === "string" ? { storageClass: spec.storageClassName } : {}),
  };
}
