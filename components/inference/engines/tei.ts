import type { PlannedService } from "../types";
import { httpProbes, OFFLINE, threads, tmp } from "./common";
import { engineImage } from "./images";
import type { EngineDefinition } from "./types";

const PORT = 8080;

/** Texts of one request: what OpenAI's own clients send at most by default in one go would be 2048. */
const CLIENT_BATCH = 128;

/** Requests that may wait for those in work; over it, the answer is 429 at once. */
const WAITING_FOR_EACH = 64;

/** Of one request, in bytes. */
const PAYLOAD_BYTES = 8_000_000;

export const tei: EngineDefinition = (service, { directory }) => ({
  image: engineImage("tei", service),
  args: teiArgs(service, directory),
  environment: { ...OFFLINE, RAYON_NUM_THREADS: String(threads(service)) },
  port: PORT,
  probes: httpProbes("/health", service),
  metricsPath: "/metrics",
  waiting: (matchers) => `sum(te_queue_size{${matchers}})`,
  scratch: [tmp(256)],
});

function teiArgs(service: PlannedService, directory: string): string[] {
  const { name, contextTokens, concurrency } = service;
  return [
    `--model-id=${directory}`,
    `--served-model-name=${name}`,
    // Its variable HOSTNAME is the name of the pod here.
    "--hostname=0.0.0.0",
    `--port=${PORT}`,
    // A pass through the model is as large as the plan has counted memory for.
    `--max-batch-tokens=${contextTokens * concurrency}`,
    `--max-batch-requests=${concurrency}`,
    `--max-client-batch-size=${CLIENT_BATCH}`,
    `--max-concurrent-requests=${Math.max(CLIENT_BATCH, concurrency * WAITING_FOR_EACH)}`,
    `--payload-limit=${PAYLOAD_BYTES}`,
    `--tokenization-workers=${threads(service)}`,
    "--json-output",
    // They would carry the texts.
    "--disable-spans",
  ];
}
