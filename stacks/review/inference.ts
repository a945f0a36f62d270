import type { PlacedService, Placements } from "../../components/inference/plan/placements";

/** Which model services come, go, move or change, from what is deployed to what would be. */
export interface ModelChanges {
  readonly go: string[];
  readonly come: string[];
  readonly change: string[];
}

const nothing: Placements = { services: {}, leftOut: {}, gpus: {} };

/** @param before the stack's `inference` output; undefined where nothing is deployed, or models were off */
export function modelChanges(before: Placements = nothing, after: Placements = nothing): ModelChanges {
  const gone = Object.keys(before.services).filter((name) => after.services[name] === undefined);
  const left = Object.keys(after.leftOut).filter((name) => !gone.includes(name));
  return {
    go: [
      ...gone.map((name) => `**${name}** (${before.services[name]!.model}) goes: ${whyGone(after.leftOut[name])}`),
      ...left.map((name) => `**${name}** is left out: ${after.leftOut[name]!.join(" ")}`),
    ],
    come: Object.entries(after.services)
      .filter(([name]) => before.services[name] === undefined)
      .map(([name, service]) => `**${name}** (${service.model}) comes, on ${where(service)}`),
    change: Object.entries(after.services).flatMap(([name, now]) => {
      const was = before.services[name];
      const changes = was === undefined ? [] : differences(was, now);
      return changes.length === 0 ? [] : [`**${name}** ${changes.join(", ")}`];
    }),
  };
}

function whyGone(reasons: readonly string[] | undefined): string {
  return reasons === undefined ? "the settings do not name it any more" : reasons.join(" ");
}

const machines = (service: PlacedService) => [...service.machines].sort().join(", ") || "CPUs";

function where(service: PlacedService): string {
  return service.machines.length === 0 ? "CPUs" : `${machines(service)} (${service.on})`;
}

function differences(was: PlacedService, now: PlacedService): string[] {
  return [
    ...(machines(was) === machines(now) ? [] : [`moves from ${where(was)} to ${where(now)}`]),
    ...(was.model === now.model ? [] : [`changes its model from ${was.model} to ${now.model}`]),
    ...(was.server === now.server ? [] : [`changes its server from ${was.server} to ${now.server}`]),
    ...(was.share === now.share || now.share === undefined || was.share === undefined
      ? []
      : [`changes its share of a GPU from ${was.share} to ${now.share}`]),
    ...(was.replicas === now.replicas ? [] : [`changes its replicas from ${was.replicas} to ${now.replicas}`]),
  ];
}

/** Markdown; undefined where no model service comes, goes, moves or changes. */
export function renderModels(before: Placements | undefined, after: Placements | undefined): string | undefined {
  const { go, come, change } = modelChanges(before, after);
  if (go.length + come.length + change.length === 0) return undefined;
  const gpus = Object.entries(after?.gpus ?? {});
  return [
    [...go, ...change, ...come].map((line) => `- ${line}`).join("\n"),
    ...(gpus.length === 0
      ? []
      : [
          [
            "| GPU | model | used | left | share left |",
            "| --- | --- | ---: | ---: | ---: |",
            ...gpus.map(
              ([gpu, { model, usedGiB, leftGiB, leftShare }]) =>
                `| ${gpu} | ${model} | ${usedGiB} GiB | ${leftGiB} GiB | ${leftShare} |`,
            ),
          ].join("\n"),
        ]),
  ].join("\n\n");
}
