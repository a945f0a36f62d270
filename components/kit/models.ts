import type { Consumer, Handle } from "./capability";

/** Who asks for models, and how much of them. */
export interface ModelRequest {
  readonly consumer: Consumer;
  /** @default - as the settings say for everybody */
  readonly limits?: Partial<ModelLimits>;
}

/** What a consumer may ask of all its models together; over it, the gateway answers 429. */
export interface ModelLimits {
  readonly requestsPerMinute: number;
  /** Tokens read and written. */
  readonly tokensPerMinute: number;
  /** Requests at one time. */
  readonly parallelRequests: number;
}

/** Keys of a consumer's Secret. What stands under `MODEL_LLM` is the name of the model `llm` in a request. */
export type ModelKey = "OPENAI_BASE_URL" | "OPENAI_API_KEY" | `MODEL_${string}`;

/** `text-small` is MODEL_TEXT_SMALL. */
export function modelKey(name: string): ModelKey {
  return `MODEL_${name.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * A model, as an application takes it: an endpoint that speaks OpenAI's API, and a key. It stays the same whatever
 * serves the model. The Secret has the keys `OPENAI_BASE_URL`, `OPENAI_API_KEY` and, for each model, its name: modelKey().
 */
export interface ModelHandle extends Handle {
  /** `http(s)://<host>:<port>/v1`: OPENAI_BASE_URL. */
  readonly url: string;
  /** What stands in a request's field `model`: the service's name, e.g. `llm`. */
  readonly model: string;
}

/** The models of the environment. A consumer has one key, however many models it asks for. */
export interface Models {
  /** @throws when no service of this name is declared; the message lists those that are */
  model(name: string, request: ModelRequest): ModelHandle;
}
