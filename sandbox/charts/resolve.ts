import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { pullFromRegistry } from "./oci";
import { resolves } from "./offline";
import { compareVersions, isUrl, loadArchive, pickVersion, RepositoryError, readIndex } from "./repository";
import { shapeOf } from "./shapes";
import type { ChartRequest, ResolvedChart } from "./types";
import { writeStandInChart } from "./write";

/** A chart that cannot be had, for the operator. */
export class ChartError extends Error {}

/**
 * The chart from the mirror, else from its own repository, else a generated one of its recorded shape. A mirror or a
 * repository that answers and lacks the version is an error: a stand-in would hide a wrong pin.
 */
export async function resolveChart(request: ChartRequest): Promise<ResolvedChart> {
  return (
    (await fromDisk(request)) ??
    (await fromMirror(request)) ??
    (await fromRepository(request)) ??
    (await fromShape(request))
  );
}

async function fromDisk({ chart, version }: ChartRequest): Promise<ResolvedChart | undefined> {
  if (!/^[./]/.test(chart)) return undefined;
  if (!existsSync(chart)) throw new ChartError(`Chart ${chart}: there is no such file or directory.`);
  if (chart.endsWith(".tgz")) return { path: chart, version: version ?? "", standIn: false, source: chart };
  const meta = parse(await readFile(join(chart, "Chart.yaml"), "utf8")) as { version?: string };
  return { path: chart, version: meta.version ?? "", standIn: false, source: chart };
}

async function fromMirror(request: ChartRequest): Promise<ResolvedChart | undefined> {
  const { mirror, version } = request;
  if (mirror === undefined) return undefined;
  const name = nameOf(request);
  const place = mirror.replace(/^file:\/\//, "");
  if (place.startsWith("oci://")) return fromRegistry(request, `${place.replace(/\/$/, "")}/${name}`, "the mirror");
  const cached = cachedArchive(request, place);
  if (cached && isUrl(place)) return cached;
  try {
    const entry = pickVersion((await readIndex(place))[name] ?? [], version);
    if (!entry) return undefined;
    const archive = await loadArchive(place, entry);
    return await keep(request, place, entry.version, archive, `mirror ${mirror}`);
  } catch (error) {
    if (!(error instanceof RepositoryError)) throw error;
    throw new ChartError(
      `Chart ${name}: the mirror cannot be used: ${error.message}. Check charts.mirror (or --charts): a directory or URL with an index.yaml, made with "helm repo index".`,
    );
  }
}

async function fromRepository(request: ChartRequest): Promise<ResolvedChart | undefined> {
  const reference = ociReference(request);
  const location = reference ?? request.repo;
  if (location === undefined) return undefined;
  const cached = cachedArchive(request, location);
  if (cached) return cached;
  if (!(await resolves(new URL(location.replace(/^oci:/, "https:")).hostname))) return undefined;
  if (reference) return fromRegistry(request, reference, reference);
  try {
    const entries = (await readIndex(location))[nameOf(request)] ?? [];
    const entry = pickVersion(entries, request.version);
    if (!entry)
      throw missingVersion(
        request,
        location,
        entries.map(({ version }) => version),
      );
    return await keep(request, location, entry.version, await loadArchive(location, entry), location);
  } catch (error) {
    if (error instanceof RepositoryError && error.unreachable) return undefined;
    if (error instanceof RepositoryError) throw new ChartError(`Chart ${nameOf(request)}: ${error.message}.`);
    throw error;
  }
}

async function fromRegistry(
  request: ChartRequest,
  reference: string,
  source: string,
): Promise<ResolvedChart | undefined> {
  const cached = cachedArchive(request, reference);
  if (cached) return cached;
  try {
    const { archive, version } = await pullFromRegistry(reference, request.version);
    return await keep(request, reference, version, archive, source);
  } catch (error) {
    if (error instanceof RepositoryError && error.unreachable) return undefined;
    if (error instanceof RepositoryError) throw new ChartError(`Chart ${nameOf(request)}: ${error.message}.`);
    throw error;
  }
}

async function fromShape(request: ChartRequest): Promise<ResolvedChart> {
  const name = nameOf(request);
  const shape = shapeOf(name);
  if (!shape) {
    throw new ChartError(
      `Chart ${name} ${request.version ?? "(newest)"}: ${request.repo ?? "its repository"} does not answer from here, and there is no recorded shape of it. Connect to the network, set charts.mirror (or --charts) to a directory or URL that has it, or add sandbox/charts/shapes/${name}.ts.`,
    );
  }
  const newest = Object.keys(shape.versions).sort(compareVersions).at(-1)!;
  const version = request.version ?? newest;
  const known = version in shape.versions;
  const path = await writeStandInChart(shape, version, join(request.cacheDir, "stand-in"), {
    crdsDir: request.crdsDir,
  });
  const source = known ? "recorded shape" : `recorded shape of ${newest}: version ${version} is not recorded`;
  return { path, version, standIn: true, source };
}

/** `oci://host/path/chart`, given as the chart itself or as its repository. */
function ociReference({ chart, repo }: ChartRequest): string | undefined {
  if (chart.startsWith("oci://")) return chart;
  return repo?.startsWith("oci://") ? `${repo.replace(/\/$/, "")}/${chart}` : undefined;
}

function nameOf({ chart }: ChartRequest): string {
  return basename(chart);
}

function missingVersion(request: ChartRequest, location: string, versions: string[]): ChartError {
  const name = nameOf(request);
  if (versions.length === 0) return new ChartError(`Chart ${name}: ${location} has no chart of this name.`);
  const newest = [...versions].sort((a, b) => compareVersions(b, a)).slice(0, 5);
  return new ChartError(
    `Chart ${name}: ${location} has no version ${request.version}. The newest ones: ${newest.join(", ")}. Correct the pin.`,
  );
}

function archivePath(request: ChartRequest, location: string, version: string): string {
  const place = createHash("sha256").update(location).digest("hex").slice(0, 12);
  return join(request.cacheDir, "downloaded", place, `${nameOf(request)}-${version}.tgz`);
}

/** A released version of a chart does not change: what was fetched once needs no network again. */
function cachedArchive(request: ChartRequest, location: string): ResolvedChart | undefined {
  if (request.version === undefined) return undefined;
  const path = archivePath(request, location, request.version);
  if (!existsSync(path)) return undefined;
  return { path, version: request.version, standIn: false, source: `${location} (kept from before)` };
}

async function keep(
  request: ChartRequest,
  location: string,
  version: string,
  archive: Buffer,
  source: string,
): Promise<ResolvedChart> {
  const path = archivePath(request, location, request.version ?? version);
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, archive);
  await rename(temporary, path);
  return { path, version, standIn: false, source };
}
