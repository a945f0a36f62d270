import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

export interface HetznerApi {
  endpoint: string;
  token: string;
  timeoutMs: number;
}

/** Hetzner's API answered, but not with what was asked for. */
export class HetznerApiError extends Error {
  override name = "HetznerApiError";
}

/** Hetzner's API did not answer at all. */
export class UnreachableError extends Error {
  override name = "UnreachableError";
}

const attempts = 3;
const perPage = 50;

/** Answers that a repetition can mend: the rate limit, and failures on Hetzner's side. */
const transient = new Set([429, 500, 502, 503, 504]);

const ErrorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** One answer, checked against its schema. */
export async function readOne<T>(api: HetznerApi, path: string, schema: z.ZodType<T>): Promise<T> {
  const response = await get(api, path);
  const body: unknown = await response.json().catch(() => undefined);
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new HetznerApiError(
    `${api.endpoint}${path} gave an answer that Orrery does not understand:\n${z.prettifyError(result.error)}\n` +
      "Is hcloud:endpoint the address of a Hetzner Cloud API, with its /v1?",
  );
}

/** All pages of a list. */
export async function readAll<Page extends { meta: { pagination: { next_page: number | null } } }, T>(
  api: HetznerApi,
  path: string,
  schema: z.ZodType<Page>,
  entries: (page: Page) => T[],
): Promise<T[]> {
  const all: T[] = [];
  for (let page: number | null = 1; page !== null; ) {
    const query = `${path.includes("?") ? "&" : "?"}page=${page}&per_page=${perPage}`;
    const body: Page = await readOne(api, `${path}${query}`, schema);
    all.push(...entries(body));
    page = body.meta.pagination.next_page;
  }
  return all;
}

async function get(api: HetznerApi, path: string): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await send(api, path);
    if (response.ok) return response;
    if (attempt === attempts || !transient.has(response.status)) throw await refusal(api, path, response);
    await sleep(250 * 2 ** attempt);
  }
}

async function send({ endpoint, token, timeoutMs }: HetznerApi, path: string): Promise<Response> {
  try {
    return await fetch(`${endpoint.replace(/\/+$/, "")}${path}`, {
      headers: { authorization: `Bearer ${token}`, accept: "application/json" },
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new UnreachableError(`Hetzner's API at ${endpoint} cannot be reached (${cause}).`);
  }
}

async function refusal(api: HetznerApi, path: string, response: Response): Promise<HetznerApiError> {
  const body = ErrorBody.safeParse(await response.json().catch(() => undefined));
  const said = body.success ? `${body.data.error.code}: ${body.data.error.message}` : response.statusText;
  const fix =
    response.status === 401 || response.status === 403
      ? "Set a token that is valid and may write: pulumi config set --secret hcloud:token."
      : response.status === 429
        ? "The project's requests for this hour are used up; try again later."
        : "Look at https://status.hetzner.com and try again.";
  return new HetznerApiError(`GET ${api.endpoint}${path} failed with ${response.status} (${said}). ${fix}`);
}
