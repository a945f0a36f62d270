/** How a user's extra argument meets one that Talos sets: replaced by default, appended to a list, or refused. */
export interface MergePolicy {
  additive?: string[];
  denied?: string[];
  /** Arguments that cannot hold in the sandbox and are left out. */
  ignored?: string[];
}

/**
 * Merges `extraArgs` of the machine config into Talos's own arguments, by Talos's rules. Listening on all addresses
 * becomes listening on the machine's own: here all machines share one host.
 */
export function mergeArgs(
  component: string,
  own: Record<string, string>,
  extra: Record<string, string> | null,
  policy: MergePolicy,
  address: string,
): string[] {
  const merged = { ...own };
  for (const [name, given] of Object.entries(extra ?? {})) {
    if (policy.ignored?.includes(name) === true) continue;
    if (policy.denied?.includes(name) === true) {
      throw new Error(`${component}: extra argument ${JSON.stringify(name)} can't be overridden`);
    }
    const value = given.replaceAll("0.0.0.0", address);
    const before = merged[name];
    merged[name] = policy.additive?.includes(name) === true && before !== undefined ? `${before},${value}` : value;
  }
  return Object.entries(merged)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => `--${name}=${value}`);
}
