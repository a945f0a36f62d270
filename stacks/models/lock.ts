import { z } from "zod";
import { lockOf, type ModelsLock } from "../../components/inference/models/lock";
import type { Model } from "../../components/inference/models/types";

export interface Hub {
  readonly endpoint: string;
  /** @default - gated models are refused by the Hub */
  readonly token?: string | undefined;
}

const HubAnswer = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.number().optional(),
      lfs: z.object({ sha256: z.string().optional(), size: z.number().optional() }).optional(),
    }),
  ),
});

/** The lock with the newest commits of these models, by name; others keep theirs. One that fails stops no other. */
export async function lockModels(models: readonly Model[], old: ModelsLock, hub: Hub) {
  const lock: Record<string, ModelsLock[string]> = { ...old };
  const changed: string[] = [];
  const problems: string[] = [];
  for (const model of models) {
    try {
      const now = lockOf(model, await ask(model, hub));
      problems.push(...(await wrongShape(model, now.revision, hub)));
      const was = old[model.name];
      if (was?.revision === now.revision && Object.keys(was.files).join() === Object.keys(now.files).join()) continue;
      lock[model.name] = now;
      changed.push(
        `${model.name}: ${was === undefined ? "new" : was.revision.slice(0, 12)} -> ${now.revision.slice(0, 12)}`,
      );
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { lock: Object.fromEntries(Object.entries(lock).sort(([a], [b]) => (a < b ? -1 : 1))), changed, problems };
}

/** What a model's config.json says, as far as memory grows with it. */
const Config = z.object({
  num_hidden_layers: z.number().optional(),
  num_key_value_heads: z.number().optional(),
  head_dim: z.number().optional(),
  max_position_embeddings: z.number().optional(),
});

/** Whether the catalogue reckons with another shape than the model has. Repositories of GGUF files do not say. */
async function wrongShape({ name, source, format, shape, maxContextTokens }: Model, revision: string, hub: Hub) {
  if (shape === undefined || format !== "safetensors") return [];
  const response = await get(`${hub.endpoint}/${source.repository}/resolve/${revision}/config.json`, hub);
  if (!response.ok) return [`${name}: ${source.repository} has no config.json (${response.status}).`];
  const config = Config.parse(await response.json());
  const rows = [
    ["layers", shape.layers, config.num_hidden_layers],
    ["kvHeads", shape.kvHeads, config.num_key_value_heads],
    ["headDimension", shape.headDimension, config.head_dim],
  ] as const;
  const wrong = rows.filter(([, ours, theirs]) => theirs !== undefined && ours !== theirs);
  const longest = config.max_position_embeddings;
  return [
    ...wrong.map(
      ([what, ours, theirs]) => `${name}: the catalogue says ${what} ${ours}, and its config.json ${theirs}.`,
    ),
    ...(longest !== undefined && longest < maxContextTokens
      ? [`${name}: the catalogue says ${maxContextTokens} tokens, and its config.json ${longest}.`]
      : []),
  ];
}

function get(url: string, { token }: Hub): Promise<Response> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(url, { headers, signal: AbortSignal.timeout(30_000) });
}

async function ask({ name, source }: Model, hub: Hub) {
  const url = `${hub.endpoint}/api/models/${source.repository}/revision/main?blobs=true`;
  const response = await get(url, hub);
  if (response.status === 401 || response.status === 403) {
    throw new Error(`${name}: ${source.repository} is gated: accept its licence on its page, and give --token-file.`);
  }
  if (!response.ok) throw new Error(`${name}: ${url} answered ${response.status}.`);
  return HubAnswer.parse(await response.json());
}
