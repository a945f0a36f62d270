import { configString, type PropertyMap } from "../framework";
import type { ClientOptions } from "./client";

const TOKEN_LENGTH = 64;
const DEFAULT_ENDPOINT = "https://api.hetzner.cloud/v1";
const DEFAULT_POLL_INTERVAL = "500ms";

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** Reads `hcloud:*`; token and endpoint may come from the environment, as with the official provider. */
export function clientOptions(config: PropertyMap, environment: NodeJS.ProcessEnv): ClientOptions {
  const token = configString(config, "token") ?? environment["HCLOUD_TOKEN"] ?? "";
  if (token === "") {
    throw new Error("hcloud:token is missing: set it with `pulumi config set --secret hcloud:token`");
  }
  if (token.length !== TOKEN_LENGTH) {
    throw new Error(
      `hcloud:token has ${token.length} characters: entered token is invalid (must be exactly ${TOKEN_LENGTH} characters long)`,
    );
  }
  const endpoint = configString(config, "endpoint") ?? environment["HCLOUD_ENDPOINT"] ?? DEFAULT_ENDPOINT;
  return {
    token,
    endpoint: endpoint.replace(/\/+$/, ""),
    pollIntervalMs: durationMs(configString(config, "pollInterval") || DEFAULT_POLL_INTERVAL),
    pollFunction: pollFunction(configString(config, "pollFunction") || "constant"),
  };
}

function pollFunction(value: string): ClientOptions["pollFunction"] {
  if (value !== "constant" && value !== "exponential") {
    throw new Error(`hcloud:pollFunction is "${value}", but must be constant or exponential`);
  }
  return value;
}

/** A duration as Go writes it: "200ms", "1.5s", "1m30s". */
export function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new Error(`hcloud:pollInterval is "${text}", but must be a duration such as "500ms" or "2s"`);
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS_MS[unit!]!, 0);
}
