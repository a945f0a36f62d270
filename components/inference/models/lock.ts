import type { Model } from "./types";

/** What a repository had at a commit, as models.lock.json keeps it: what is fetched never changes. */
export interface LockedRepository {
  /** Commit, 40 hex digits. */
  readonly revision: string;
  /** Of the files that are fetched, by path. Small ones are in git itself, which has no SHA-256 of them. */
  readonly files: Readonly<Record<string, { readonly sizeBytes: number; readonly sha256?: string }>>;
}

/** By model. */
export type ModelsLock = Readonly<Record<string, LockedRepository>>;

/** What the Hub answers to `/api/models/<repository>/revision/<revision>?blobs=true`, as far as it is read. */
export interface HubModel {
  readonly sha: string;
  readonly siblings: readonly {
    readonly rfilename: string;
    readonly size?: number;
    readonly lfs?: { readonly sha256?: string; readonly size?: number };
  }[];
}

const MIB = 1024 * 1024;

/** The model with its commit, checksums and true size; those that the settings pinned themselves stay as they are. */
export function withLock(model: Model, lock: ModelsLock): Model {
  const locked = Object.hasOwn(lock, model.name) ? lock[model.name] : undefined;
  if (locked === undefined || model.source.revision !== undefined) return model;
  const files = Object.entries(locked.files);
  const checksums = files.flatMap(([path, { sha256 }]) => (sha256 === undefined ? [] : [[path, sha256] as const]));
  const sizeBytes = files.reduce((sum, [, file]) => sum + file.sizeBytes, 0);
  return {
    ...model,
    source: { ...model.source, revision: locked.revision, checksums: Object.fromEntries(checksums) },
    diskMiB: Math.ceil(sizeBytes / MIB),
  };
}

/**
 * What the lock keeps of a model.
 * @throws when a glob of the catalogue names no file: it would fail when it is fetched
 */
export function lockOf(model: Model, { sha, siblings }: HubModel): LockedRepository {
  const globs = model.source.files?.map(pattern);
  const missing = (model.source.files ?? []).filter((_, index) =>
    siblings.every(({ rfilename }) => !globs![index]!.test(rfilename)),
  );
  if (missing.length > 0)
    throw new Error(`${model.name}: ${model.source.repository} has no file ${missing.join(", ")}.`);
  const chosen = siblings
    .filter(({ rfilename }) => globs === undefined || globs.some((glob) => glob.test(rfilename)))
    .sort((a, b) => (a.rfilename < b.rfilename ? -1 : 1));
  return {
    revision: sha,
    files: Object.fromEntries(
      chosen.map(({ rfilename, size, lfs }) => [
        rfilename,
        { sizeBytes: lfs?.size ?? size ?? 0, ...(lfs?.sha256 === undefined ? {} : { sha256: lfs.sha256 }) },
      ]),
    ),
  };
}

/** A glob as the Hub's own client reads it: `*` also stands for what has slashes. */
function pattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
