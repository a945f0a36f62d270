import { resolve } from "node:path";
import type { Subject } from "../framework/rule";
import { cacheFolder, digest, diskCache, type RenderCache } from "./cache";
import { contentHash, findOnDisk, isPath } from "./content";
import { type Helm, type HelmResult, helmOnPath } from "./helm";
import { parseManifest, subjectsOf } from "./manifest";
import { readRelease } from "./release";
import { type ChartRequest, defaultTarget, RELEASE_TYPE, type Rendering, type Target } from "./types";

/** Raise it when what is kept on the disk changes its form. */
const FORMAT = 1;

export interface ChartsOptions {
  helm?: Helm;
  /** @default - $XDG_CACHE_HOME/orrery/policy */
  cache?: RenderCache;
  /**
   * Where relative paths of charts may begin.
   * @default - the folder that the command line was called from, the one that holds the pack, the pack's own
   */
  folders?: readonly string[];
  /** Flags of `helm template` for every chart, e.g. `--include-crds`. */
  flags?: readonly string[];
}

/** Renders the charts of a stack's Releases, each once however many policies ask. */
export class Charts {
  private target: Target = defaultTarget;
  private readonly helm: Helm;
  private readonly cache: RenderCache;
  private readonly folders: readonly string[];
  private readonly flags: readonly string[];
  private readonly bySubject = new WeakMap<object, Promise<Rendering>>();
  private readonly byKey = new Map<string, Promise<Rendering>>();

  constructor(options: ChartsOptions = {}) {
    this.helm = options.helm ?? helmOnPath();
    this.cache = options.cache ?? diskCache(cacheFolder());
    this.folders = options.folders ?? programFolders();
    this.flags = options.flags ?? [];
  }

  /** What the stack set; before the first rendering. */
  configure(target: Partial<Target>): void {
    this.target = { ...this.target, ...target };
  }

  /** What a Release installs. */
  render(release: Subject): Promise<Rendering> {
    let rendering = this.bySubject.get(release.props);
    if (rendering === undefined) {
      rendering = this.renderOnce(release);
      this.bySubject.set(release.props, rendering);
    }
    return rendering;
  }

  /** The rendered objects of all Releases among the resources. */
  async renderAll(resources: readonly Subject[]): Promise<Map<Subject, Rendering>> {
    const releases = resources.filter(({ type }) => type === RELEASE_TYPE);
    const renderings = await Promise.all(releases.map((release) => this.render(release)));
    return new Map(releases.map((release, index) => [release, renderings[index]!]));
  }

  private async renderOnce(release: Subject): Promise<Rendering> {
    const read = readRelease(release);
    if (read.kind !== "chart") return read;
    const { request } = read;
    const helm = await this.helm.identity();
    if (helm === undefined) return { kind: "opaque", reason: "helm is not on PATH" };
    const path = isPath(request.chart) ? await findOnDisk(request.chart, this.folders) : undefined;
    if (isPath(request.chart) && path === undefined) {
      return { kind: "opaque", reason: `there is no chart at ${request.chart}` };
    }
    const content = path === undefined ? undefined : await contentHash(path);
    const located = { ...request, chart: path ?? request.chart, flags: [...request.flags, ...this.flags] };
    const key = digest([FORMAT, helm, this.target, located, content]);
    const mapKey = `${release.urn} ${key}`;
    let rendering = this.byKey.get(mapKey);
    if (rendering === undefined) {
      // Without a version it is the newest, whichever that is today.
      const lasting = content !== undefined || located.version !== undefined;
      rendering = this.fromCacheOrHelm(key, located, release.urn, lasting);
      this.byKey.set(mapKey, rendering);
    }
    return rendering;
  }

  private async fromCacheOrHelm(key: string, request: ChartRequest, urn: string, lasting: boolean): Promise<Rendering> {
    const kept = lasting ? await this.cache.read(key) : undefined;
    if (kept !== undefined) return { kind: "objects", subjects: subjectsOf(kept, request, urn) };
    const result = await this.helm.run(templateArgs(request, this.target), JSON.stringify(request.values));
    if (result.kind !== "output") return this.explain(result, request);
    const objects = parseManifest(result.text);
    if (lasting) await this.cache.write(key, objects);
    return { kind: "objects", subjects: subjectsOf(objects, request, urn) };
  }

  /** A chart that can be had refuses its values; one that cannot be had says nothing about them. */
  private async explain(result: HelmResult, request: ChartRequest): Promise<Rendering> {
    if (result.kind !== "error") return { kind: "opaque", reason: "helm is not on PATH" };
    const shown = await this.helm.run(["show", "chart", ...location(request)]);
    if (shown.kind === "output") return { kind: "failed", reason: result.message };
    return { kind: "opaque", reason: shown.kind === "error" ? shown.message : "helm is not on PATH" };
  }
}

/** Relative paths are the program's, whose folder nobody tells a pack: it runs in its own. */
const programFolders = () =>
  [process.env["PWD"], resolve(process.cwd(), ".."), process.cwd()].filter((it) => it !== undefined);

function location({ chart, version, repository, flags }: ChartRequest): string[] {
  const places = flags.filter((flag, index) => /-file$/.test(flag) || /-file$/.test(flags[index - 1] ?? ""));
  return [
    chart,
    ...(version === undefined ? [] : ["--version", version]),
    ...(repository === undefined ? [] : ["--repo", repository]),
    ...places,
  ];
}

export function templateArgs(request: ChartRequest, { kubeVersion, apiVersions }: Target): string[] {
  const places = location(request);
  return [
    "template",
    request.release,
    ...places,
    ...request.flags.filter((flag) => !places.includes(flag)),
    "--namespace",
    request.namespace,
    "--kube-version",
    kubeVersion,
    ...apiVersions.flatMap((version) => ["--api-versions", version]),
    // What `helm test` would run is never installed.
    "--skip-tests",
    "--values",
    "-",
  ];
}
