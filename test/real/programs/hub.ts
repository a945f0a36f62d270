import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** A file of a repository: in git, or as large files are kept. */
export interface HubFile {
  readonly content: Buffer;
  readonly lfs?: boolean;
  /** What the list says instead of the truth. */
  readonly listed?: { readonly size?: number; readonly sha256?: string };
}

export interface Repository {
  readonly commit: string;
  /** Branches and tags. */
  readonly revisions?: readonly string[];
  readonly files: Readonly<Record<string, HubFile>>;
  /** Whoever has this token may read it, once its licence is accepted. */
  readonly gated?: { readonly token: string; readonly accepted: boolean };
}

export interface Asked {
  readonly host: "hub" | "files";
  readonly path: string;
  readonly range?: string;
  readonly authorization?: string;
}

/** What to do to a request instead of answering it; undefined leaves it alone. */
export type Trouble = (request: Asked, response: ServerResponse, file?: HubFile) => boolean | undefined;

/**
 * The Hub's API as far as its own client needs it to download: commits, lists of files in pages, files in git answered
 * by the Hub itself after a relative redirect, large ones by another host with ranges.
 */
export class FakeHub {
  readonly repositories = new Map<string, Repository>();
  readonly asked: Asked[] = [];
  /** Entries of a page of the list. */
  pageSize = 1000;
  trouble: Trouble | undefined;
  private readonly servers: Server[] = [];
  private hubUrl = "";
  private filesUrl = "";

  constructor(private readonly address: string) {}

  get url(): string {
    return this.hubUrl;
  }

  async start(): Promise<void> {
    this.hubUrl = await this.listen("hub", (request, response) => this.hub(request, response));
    this.filesUrl = await this.listen("files", (request, response) => this.files(request, response));
  }

  async stop(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  /** Requests for the content of a file. */
  downloads(path: string): Asked[] {
    return this.asked.filter((each) => each.host === "files" && each.path.endsWith(`/${path}`));
  }

  private async listen(host: Asked["host"], answer: (request: IncomingMessage, response: ServerResponse) => void) {
    const server = createServer((request, response) => {
      const { range, authorization } = request.headers;
      this.asked.push({
        host,
        path: decodeURIComponent(request.url!),
        ...(range === undefined ? {} : { range }),
        ...(authorization === undefined ? {} : { authorization }),
      });
      answer(request, response);
    });
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, this.address, resolve));
    const { port } = server.address() as { port: number };
    return `http://${this.address}:${port}`;
  }

  private hub(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.hubUrl);
    const { owner, name, what, revision, path } = routeOf(url.pathname.split("/").slice(1).map(decodeURIComponent));
    const repository = this.repositories.get(`${owner}/${name}`);
    const file = repository?.files[path];
    if (this.trouble?.(this.asked.at(-1)!, response, file)) return;
    if (repository === undefined) error(response, 404, "RepoNotFound", "Repository not found");
    else if (revision !== undefined && !isRevision(repository, revision))
      error(response, 404, "RevisionNotFound", "Invalid rev id");
    else if (this.mayRead(repository, request, response)) {
      response.setHeader("X-Repo-Commit", repository.commit);
      if (what === "revision" || what === undefined) about(`${owner}/${name}`, repository, response);
      else if (what === "tree") this.tree(repository, url, response);
      else if (file === undefined) error(response, 404, "EntryNotFound", "Entry not found");
      else if (what === "resolve-cache") send(request, response, file.content, gitId(file.content));
      else this.resolve(`${owner}/${name}`, path, file, request, response);
    }
  }

  private mayRead({ gated }: Repository, { headers }: IncomingMessage, response: ServerResponse): boolean {
    if (gated === undefined) return true;
    if (headers.authorization !== `Bearer ${gated.token}`) {
      error(response, 401, "GatedRepo", "Access to this model is restricted. You must be authenticated to access it.");
      return false;
    }
    if (!gated.accepted)
      error(response, 403, "GatedRepo", "You are not in the authorized list. Visit it to ask for access.");
    return gated.accepted;
  }

  private tree({ files }: Repository, url: URL, response: ServerResponse): void {
    const folders = new Set(
      Object.keys(files).flatMap((path) => (path.includes("/") ? [path.replace(/\/[^/]*$/, "")] : [])),
    );
    const entries = [
      ...[...folders].map((path) => ({ type: "directory", oid: "0".repeat(40), size: 0, path })),
      ...Object.entries(files).map(([path, file]) => entryOf(path, file)),
    ];
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const next = from + this.pageSize;
    if (next < entries.length) {
      url.searchParams.set("cursor", String(next));
      response.setHeader("Link", `<${url}>; rel="next"`);
    }
    json(response, entries.slice(from, next));
  }

  private resolve(id: string, path: string, file: HubFile, request: IncomingMessage, response: ServerResponse): void {
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const { commit } = this.repositories.get(id)!;
    if (file.lfs) {
      response.writeHead(302, {
        Location: `${this.filesUrl}/${id}/${commit}/${encoded}?signature=abc`,
        "X-Linked-Etag": `"${sha256(file.content)}"`,
        "X-Linked-Size": file.content.length,
      });
      response.end();
    } else if (request.method === "HEAD") {
      send(request, response, file.content, gitId(file.content));
    } else {
      response.writeHead(307, { Location: `/api/resolve-cache/models/${id}/${commit}/${encoded}` });
      response.end();
    }
  }

  private files(request: IncomingMessage, response: ServerResponse): void {
    const { path } = this.asked.at(-1)!;
    const [owner, name, , ...rest] = path.replace(/\?.*/, "").split("/").slice(1);
    const file = this.repositories.get(`${owner}/${name}`)?.files[rest.join("/")];
    if (this.trouble?.(this.asked.at(-1)!, response, file)) return;
    if (file === undefined) error(response, 404, "EntryNotFound", "Entry not found");
    else send(request, response, file.content, sha256(file.content));
  }
}

interface Route {
  readonly owner?: string;
  readonly name?: string;
  readonly what?: string;
  readonly revision?: string;
  readonly path: string;
}

function routeOf(parts: readonly string[]): Route {
  const cached = parts[1] === "resolve-cache";
  const [owner, name, ...rest] = parts.slice(cached ? 3 : parts[0] === "api" ? 2 : 0);
  const [what, revision, ...path] = cached ? ["resolve-cache", ...rest] : rest;
  return { owner, name, what, revision, path: path.join("/") };
}

function about(id: string, { commit, files }: Repository, response: ServerResponse): void {
  const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
  json(response, { id, modelId: id, sha: commit, private: false, gated: false, tags: [], siblings });
}

function isRevision({ commit, revisions = [] }: Repository, revision: string): boolean {
  return revision === commit || revisions.includes(revision);
}

function entryOf(path: string, { content, lfs, listed }: HubFile) {
  const size = listed?.size ?? content.length;
  const oid = listed?.sha256 ?? sha256(content);
  return {
    type: "file",
    oid: gitId(content),
    size,
    path,
    ...(lfs ? { lfs: { oid, size, pointerSize: 134 } } : {}),
  };
}

/** All of it, or the range that is asked for. */
export function send(
  request: { method?: string; headers: { range?: string } },
  response: ServerResponse,
  content: Buffer,
  etag: string,
): void {
  const [, text] = /^bytes=(\d+)-/.exec(request.headers.range ?? "") ?? [];
  const from = text === undefined ? 0 : Number(text);
  response.writeHead(text === undefined ? 200 : 206, {
    "Content-Length": content.length - from,
    ETag: `"${etag}"`,
    "Accept-Ranges": "bytes",
    ...(text === undefined ? {} : { "Content-Range": `bytes ${from}-${content.length - 1}/${content.length}` }),
  });
  response.end(request.method === "HEAD" ? undefined : content.subarray(from));
}

function error(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { "X-Error-Code": code, "X-Error-Message": message });
  response.end();
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(value));
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** As git names a file. */
function gitId(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}
