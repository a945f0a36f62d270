import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** A Helm repository: a folder or a URL with an index.yaml. */

const Entry = z.object({
  name: z.string().optional(),
  version: z.string(),
  digest: z.string().optional(),
  urls: z.array(z.string()).min(1),
});

const Index = z.object({ entries: z.record(z.string(), z.array(Entry).nullable()) });

export type Entry = z.output<typeof Entry>;

export class RepositoryError extends Error {
  /** True: nobody answered, or with an error of the network's own; false: the repository said no. */
  readonly unreachable: boolean;

  constructor(message: string, options: { unreachable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.unreachable = options.unreachable;
  }
}

export function isUrl(location: string): boolean {
  return /^https?:\/\//.test(location);
}

export function parseIndex(text: string, location: string): Record<string, Entry[]> {
  const parsed = Index.safeParse(parse(text));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new RepositoryError(`${location}: not a chart repository's index: ${path.join(".")}: ${message}`, {
      unreachable: false,
    });
  }
  return Object.fromEntries(Object.entries(parsed.data.entries).map(([name, entries]) => [name, entries ?? []]));
}

/** Helm takes a version with or without the leading "v"; without a version, the newest that is no pre-release. */
export function pickVersion(entries: readonly Entry[], version?: string): Entry | undefined {
  if (version !== undefined) {
    const bare = (text: string) => text.replace(/^v/, "");
    return (
      entries.find((entry) => entry.version === version) ??
      entries.find((entry) => bare(entry.version) === bare(version))
    );
  }
  const stable = entries.filter((entry) => !entry.version.includes("-"));
  return [...stable].sort((a, b) => compareVersions(b.version, a.version))[0];
}

export function compareVersions(a: string, b: string): number {
  const numbers = (version: string) => version.replace(/^v/, "").split(/[.+-]/).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let n = 0; n < Math.max(left.length, right.length); n++) {
    const difference = (left[n] || 0) - (right[n] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export async function readIndex(location: string): Promise<Record<string, Entry[]>> {
  const text = await load(join_(location, "index.yaml"));
  return parseIndex(text.toString("utf8"), location);
}

/** The archive of a chart, checked against the index's digest. */
export async function loadArchive(location: string, entry: Entry): Promise<Buffer> {
  const [url] = entry.urls as [string];
  const archive = await load(isUrl(url) ? url : join_(location, url.replace(/^file:\/\//, "")));
  const digest = createHash("sha256").update(archive).digest("hex");
  const wanted = entry.digest?.replace(/^sha256:/, "");
  if (wanted && wanted !== digest) {
    throw new RepositoryError(
      `${url}: digest is ${digest}, the index says ${wanted}; the archive was changed or the index is out of date`,
      { unreachable: false },
    );
  }
  return archive;
}

function join_(location: string, path: string): string {
  if (isUrl(location)) return new URL(path, location.endsWith("/") ? location : `${location}/`).toString();
  return path.startsWith("/") ? path : join(location, path);
}

async function load(location: string): Promise<Buffer> {
  if (!isUrl(location)) {
    try {
      return await readFile(location);
    } catch (cause) {
      throw new RepositoryError(`${location}: ${(cause as Error).message}`, { unreachable: false, cause });
    }
  }
  let response: Response;
  try {
    response = await fetch(location, { signal: AbortSignal.timeout(30_000) });
  } catch (cause) {
    throw new RepositoryError(`${location}: no answer (${(cause as Error).message})`, { unreachable: true, cause });
  }
  if (!response.ok) {
    // A gateway that says no for the repository is the same as no network.
    const unreachable = response.status === 403 || response.status === 407 || response.status >= 500;
    throw new RepositoryError(`${location}: HTTP ${response.status}`, { unreachable });
  }
  return Buffer.from(await response.arrayBuffer());
}
