import type { PlannedService, Role } from "../types";
import { httpProbes, OFFLINE, onGpu, TMP, threads, tmp } from "./common";
import { ggufPath } from "./gguf";
import { engineImage } from "./images";
import type { EngineDefinition } from "./types";

const PORT = 8080;

export const llamacpp: EngineDefinition = (service, { directory }) => ({
  image: engineImage("llamacpp", service),
  args: llamacppArgs(service, ggufPath(service.model, directory)),
  environment: { ...OFFLINE, LLAMA_CACHE: `${TMP}/llama.cpp` },
  port: PORT,
  probes: httpProbes("/health", service),
  metricsPath: "/metrics",
  waiting: (matchers) => `sum(llamacpp:requests_deferred{${matchers}})`,
  scratch: [tmp(1024)],
});

function llamacppArgs(service: PlannedService, file: string): string[] {
  const { name, role, contextTokens, concurrency, timeoutSeconds } = service;
  const gpu = onGpu(service);
  return [
    ...["--model", file],
    ...["--alias", name],
    ...["--host", "0.0.0.0"],
    ...["--port", String(PORT)],
    // The context is shared out among the slots: each has the longest text that was promised.
    ...["--ctx-size", String(contextTokens * concurrency)],
    ...["--parallel", String(concurrency)],
    ...["--n-gpu-layers", gpu ? "all" : "0"],
    // What the plan has counted stays as it is, also where the driver reports less memory.
    ...["--fit", "off"],
    ...["--flash-attn", "auto"],
    ...["--threads", String(threads(service))],
    ...["--timeout", String(timeoutSeconds)],
    // Old prompts would take up to 8 GiB more of the machine's memory.
    ...["--cache-ram", "0"],
    ...roleArgs(role, contextTokens),
    "--metrics",
    // Slots would show what others ask.
    "--no-slots",
    "--no-ui",
    "--offline",
  ];
}

/** A text that is read in one piece must fit into one pass. */
function roleArgs(role: Role, contextTokens: number): string[] {
  const onePass = ["--batch-size", String(contextTokens), "--ubatch-size", String(contextTokens)];
  switch (role) {
    case "embedding":
      return ["--embeddings", ...onePass];
    case "rerank":
      return ["--reranking", ...onePass];
    default:
      return [];
  }
}
