import { describe, expect, it } from "vitest";
import { type Placements, placementsOf } from "../../../../components/inference/plan/placements";
import { modelChanges, renderModels } from "../../../../stacks/review/inference";
import { renderReview } from "../../../../stacks/review/markdown";
import { parseSettings } from "../../../../stacks/settings";
import { planInference } from "../../../../stacks/settings/inference";
import { planWarnings } from "../../../../stacks/systems/inference/plan";

const machine = (name: string, number: number) => ({
  name,
  address: `203.0.113.${number}`,
  model: "GEX131",
  robotNumber: 2_400_000 + number,
  pool: name,
  diskSelector: { type: "nvme" },
  gpu: { vendor: "nvidia", sharing: { strategy: "time-slicing", slices: 20 } },
});

function settings(machines: string[], inference: object, environment = "dev") {
  return parseSettings({
    environment,
    cluster: { name: "demo", domain: "demo.example.com" },
    access: { adminCidrs: ["203.0.113.7/32"] },
    ...(environment === "prod" ? { controlPlane: { count: 3 } } : {}),
    pools: [{ name: "general", count: 2, serverType: "cpx42", locations: ["fsn1"] }],
    dedicated: machines.map((name, index) => machine(name, 40 + index)),
    inference: { enabled: true, ...inference },
  });
}

const placed = (machines: string[], inference: object): Placements =>
  placementsOf(planInference(settings(machines, inference)));

const shared = { llm: { gpu: { share: 0.5 } }, whisper: { gpu: { share: 0.1 } } };
const demanded = {
  llm: { accelerator: "gpu", gpu: { share: 0.5 } },
  whisper: { accelerator: "gpu", gpu: { share: 0.1 } },
};

describe("what a review says of models", () => {
  it("nothing, where nothing comes, goes, moves or changes", () => {
    expect(
      renderModels(placed(["gpu-1"], { services: shared }), placed(["gpu-1"], { services: shared })),
    ).toBeUndefined();
    expect(renderModels(undefined, placementsOf({ services: [], leftOut: [], gpus: [] }))).toBeUndefined();
  });

  it("that they come, and what is left of each GPU", () => {
    const text = renderModels(undefined, placed(["gpu-1"], { services: shared }));
    expect(text).toContain("- **llm** (qwen3-8b-awq) comes, on gpu-1 (RTX PRO 6000 Blackwell Max-Q)");
    expect(text).toMatch(/\| gpu-1\/0 \| RTX PRO 6000 Blackwell Max-Q \| 23\.9 GiB \| 70\.9 GiB \| 0\.4 \|/);
  });

  it("that they go with the only GPU machine, and why", () => {
    const before = placed(["gpu-1"], { services: demanded });
    const after = placed([], { whenNoRoom: "leave-out", services: demanded });
    expect(modelChanges(before, after)).toEqual({
      come: [],
      change: [],
      go: ["**llm** (qwen3-8b-awq) goes: There is no GPU.", "**whisper** (whisper-large-v3) goes: There is no GPU."],
    });
  });

  it("that they go to CPUs, with a smaller model, where they may", () => {
    const { change } = modelChanges(placed(["gpu-1"], { services: shared }), placed([], { services: shared }));
    expect(change).toEqual([
      "**llm** moves from gpu-1 (RTX PRO 6000 Blackwell Max-Q) to CPUs, changes its model from qwen3-8b-awq to qwen3-1.7b-q8, changes its server from vllm to llamacpp",
      "**whisper** moves from gpu-1 (RTX PRO 6000 Blackwell Max-Q) to CPUs, changes its model from whisper-large-v3 to whisper-small",
    ]);
  });

  it("that they move, change their share, go with the settings", () => {
    const before = placed(["gpu-1", "gpu-2"], {
      services: { llm: { gpu: { share: 0.5, pool: "gpu-1" } }, whisper: {} },
    });
    const after = placed(["gpu-1", "gpu-2"], { services: { llm: { gpu: { share: 0.6, pool: "gpu-2" } } } });
    const { change, go } = modelChanges(before, after);
    expect(change).toEqual([
      "**llm** moves from gpu-1 (RTX PRO 6000 Blackwell Max-Q) to gpu-2 (RTX PRO 6000 Blackwell Max-Q), changes its share of a GPU from 0.5 to 0.6",
    ]);
    expect(go).toEqual(["**whisper** (whisper-large-v3) goes: the settings do not name it any more"]);
  });

  it("in a section of its own, before the changes", () => {
    const models = { after: placed(["gpu-1"], { services: shared }) };
    const text = renderReview({ stack: "dev", cost: { error: "none" }, models });
    expect(text).toContain("### Models\n\n- **llm**");
    expect(renderReview({ stack: "dev", cost: { error: "none" } })).not.toContain("### Models");
  });
});

describe("warnings of a preview", () => {
  const left = settings([], { whenNoRoom: "leave-out", services: { llm: { accelerator: "gpu" } } });

  it("say what is left out, and why", () => {
    expect(planWarnings(planInference(left), left)).toEqual(["The model service llm is left out. There is no GPU."]);
  });

  it("say which models are pinned by no commit, in prod", () => {
    const open = settings([], { services: { llm: {}, embeddings: {} } });
    const unpinned = planInference(open);
    const services = unpinned.services.map((each) => ({
      ...each,
      model: { ...each.model, source: { repository: each.model.source.repository } },
    }));
    expect(planWarnings(unpinned, { environment: "dev" })).toEqual([]);
    expect(planWarnings({ ...unpinned, services }, { environment: "prod" })).toEqual([
      expect.stringMatching(/^No commit is pinned for qwen3-1\.7b-q8, bge-small-en-v1\.5: /),
    ]);
  });
});
