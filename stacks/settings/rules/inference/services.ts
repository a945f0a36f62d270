import { loads, PROGRAM_SUPPORT, programsOf, runsOn } from "../../../../components/inference/engines/support";
import { wellKnownRoles } from "../../../../components/inference/models/catalogue";
import {
  modelNamed,
  modelNames,
  programsFor,
  resolveService,
  roleOf,
} from "../../../../components/inference/plan/resolve";
import { type Program, roles, servers } from "../../../../components/inference/types";
import { gpuMachines } from "../../gpus";
import { modelsOf } from "../../inference";
import type { Settings } from "../../schema";
import type { ModelServiceSettings } from "../../schema/inference";
import { didYouMean } from "../../suggest";
import { type Finding, type Rule, rule } from "../rule";

/** A service that is wanted, and where it stands. */
export interface Wanted {
  readonly name: string;
  readonly service: ModelServiceSettings;
  readonly path: string;
}

export function wantedServices({ inference }: Settings): Wanted[] {
  if (!inference.enabled) return [];
  return Object.entries(inference.services)
    .filter(([, { enabled }]) => enabled)
    .map(([name, service]) => ({ name, service, path: `inference.services.${name}` }));
}

export function perService(id: string, check: (wanted: Wanted, settings: Settings) => Finding[]): Rule {
  return rule(id, (settings) => wantedServices(settings).flatMap((wanted) => check(wanted, settings)));
}

export function inputsOf(settings: Settings) {
  return { machines: gpuMachines(settings), models: modelsOf(settings) };
}

/** Short enough for Services and Pods that are named after it. */
const serviceName = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** The keys of a service that name models. */
const modelKeys = ["model", "cpuModel"] as const;

export const serviceRules: Rule[] = [
  perService("inference-service-name", ({ name, service, path }) =>
    serviceName.test(name)
      ? []
      : [
          {
            path,
            value: service,
            message: `"${name}" cannot be the name of Services and pods.`,
            allowed: "a lower-case letter, then lower-case letters, digits and hyphens, at most 40",
            fix: "Rename it; requests have the new name in their field model.",
          },
        ],
  ),
  perService("inference-role", ({ name, service, path }, settings) =>
    roleOf(name, service, modelsOf(settings)) !== undefined || modelKeys.some((key) => service[key] !== undefined)
      ? []
      : [
          {
            path: `${path}.role`,
            value: service.role,
            message: `Nothing says what ${name} does: its name is none of the usual ones, and it has no model.`,
            allowed: `${roles.join(", ")}; not needed for ${Object.keys(wellKnownRoles).join(", ")}`,
            fix: `Set orrery:${path}.role, or orrery:${path}.model.`,
          },
        ],
  ),
  perService("inference-model-unknown", ({ service, path }, settings) => {
    const models = modelsOf(settings);
    return modelKeys.flatMap((key) => {
      const given = service[key];
      if (given === undefined || modelNamed(models, given) !== undefined) return [];
      const meant = didYouMean(given, Object.keys(models));
      return [
        {
          path: `${path}.${key}`,
          value: given,
          message: `There is no model of this name.${meant ? ` Did you mean ${meant}?` : ""}`,
          allowed: Object.keys(models).join(", "),
          fix: meant
            ? `Set orrery:${path}.${key} to ${meant}.`
            : `Take one of these, or describe the model under orrery:inference.models.${given}.`,
        },
      ];
    });
  }),
  perService("inference-model-role", ({ name, service, path }, settings) => {
    const models = modelsOf(settings);
    const role = roleOf(name, service, models);
    return modelKeys.flatMap((key) => {
      const model = modelNamed(models, service[key] ?? "");
      if (model === undefined || role === undefined || model.role === role) return [];
      const able = Object.values(models).filter((each) => each.role === role);
      return [
        {
          path: `${path}.${key}`,
          value: service[key],
          message: `${model.name} is for ${model.role}, and ${name} is for ${role}.`,
          allowed: able.map((each) => each.name).join(", "),
          fix: `Take a model for ${role}, or set orrery:${path}.role to ${model.role}.`,
        },
      ];
    });
  }),
  perService("inference-server-model", (wanted, settings) => {
    const { service, path } = wanted;
    const model = unservable(wanted, settings);
    if (model === undefined) return [];
    const able = servers.filter((server) => programsFor(model, server).length > 0);
    return [
      {
        path: `${path}.server`,
        value: service.server,
        message: `${service.server ?? "No server of its own"} cannot serve ${model.name}: ${whyNot(service.server, model)}.`,
        allowed: able.length > 0 ? `for ${model.name}: ${able.join(", ")}` : "another model",
        fix:
          able.length > 0
            ? `Set orrery:${path}.server to ${able[0]}, or take a model that it serves.`
            : `Set orrery:${path}.model to another one.`,
      },
    ];
  }),
  perService("inference-cpu-program", (wanted, settings) => {
    const { name, service, path } = wanted;
    const inputs = inputsOf(settings);
    const onCpus = service.accelerator !== "gpu" && resolveService(name, service, inputs) === undefined;
    // Without GPUs, what cannot go to CPUs has no room: the settings may say that it is left out.
    const mayGo = service.accelerator === "auto" && settings.inference.whenNoRoom === "leave-out";
    const model = modelNamed(inputs.models, modelsAsked(wanted, settings)?.cpu ?? "");
    if (!onCpus || mayGo || model === undefined || unservable(wanted, settings) !== undefined) return [];
    const able = servers.filter((server) => programsFor(model, server).some((program) => runsOn(program, "cpu")));
    const gpu = inputs.machines.length === 0 ? "The cluster has no GPU" : "No GPU of the cluster suits it";
    const asked = service.accelerator === "cpu";
    return [
      {
        path: `${path}.server`,
        value: service.server,
        message: `${asked ? "It is to run on CPUs" : `${gpu}, so that it would run on CPUs`}, and ${service.server ?? "no server"} cannot run ${model.name} there.`,
        allowed: able.length > 0 ? `on CPUs, for ${model.name}: ${able.join(", ")}` : "on CPUs: another model",
        fix:
          able.length > 0
            ? `Set orrery:${path}.server to ${able[0]}, or add a machine with a GPU under orrery:dedicated.`
            : `Set orrery:${path}.cpuModel to a model for CPUs, or add a machine with a GPU.`,
      },
    ];
  }),
  perService("inference-context", ({ name, service, path }, settings) => {
    const model = resolveService(name, service, inputsOf(settings))?.model;
    const given = service.contextTokens;
    if (model === undefined || given === undefined || given <= model.maxContextTokens) return [];
    return [
      {
        path: `${path}.contextTokens`,
        value: given,
        message: `${model.name} takes ${model.maxContextTokens} tokens at most: longer ones would make it talk nonsense.`,
        allowed: `128 to ${model.maxContextTokens}`,
        fix: `Set orrery:${path}.contextTokens to ${model.maxContextTokens} or less.`,
      },
    ];
  }),
  perService("inference-min-replicas", ({ service: { scaling, replicas }, path }) =>
    scaling === undefined || scaling.minReplicas <= replicas
      ? []
      : [
          {
            path: `${path}.scaling.minReplicas`,
            value: scaling.minReplicas,
            message: `These are more than \`replicas\`, which are ${replicas}: the most that there ever are.`,
            allowed: `0 to ${replicas}`,
            fix: `Set orrery:${path}.scaling.minReplicas to ${replicas} or less, or orrery:${path}.replicas to more.`,
          },
        ],
  ),
  perService("inference-gated-token", ({ name, service, path }, settings) => {
    const model = resolveService(name, service, inputsOf(settings))?.model;
    const { huggingFaceTokenSecret } = settings.inference;
    if (model?.source.gated !== true || huggingFaceTokenSecret !== undefined) return [];
    return [
      {
        path: "inference.huggingFaceTokenSecret",
        value: undefined,
        message: `${path.split(".").at(-1)} takes ${model.name}, whose licence (${model.licence}) a person must accept: without a token of that person nothing can be fetched.`,
        allowed: "the name of a secret with a token of Hugging Face",
        fix: `Accept the licence on https://huggingface.co/${model.source.repository}, make a read token there, put it under orrery:secrets.values, and its name here; or take a model that is not gated.`,
      },
    ];
  }),
];

/** Names of the models that the settings of a service lead to; undefined where nothing says what it does. */
function modelsAsked({ name, service }: Wanted, settings: Settings) {
  const models = modelsOf(settings);
  const role = roleOf(name, service, models);
  if (role === undefined) return undefined;
  const names = modelNames(role, service, models);
  // One that asks for CPUs may name its model as `model`.
  return { role, gpu: names.gpu, cpu: service.accelerator === "cpu" ? (service.model ?? names.cpu) : names.cpu };
}

/** The model that its server cannot load on anything; whether it would run on a GPU or on CPUs may still be open. */
function unservable(wanted: Wanted, settings: Settings) {
  const { accelerator, model, server } = wanted.service;
  const asked = modelsAsked(wanted, settings);
  if (asked === undefined) return undefined;
  const open = accelerator === "auto" && model === undefined ? [asked.cpu] : [];
  const names = accelerator === "cpu" ? [asked.cpu] : [asked.gpu, ...open];
  const models = names.flatMap((each) => modelNamed(modelsOf(settings), each) ?? []);
  const known = models.filter(({ role }) => role === asked.role);
  return known.some((each) => programsFor(each, server).length > 0) ? undefined : known[0];
}

function whyNot(server: ModelServiceSettings["server"], model: NonNullable<ReturnType<typeof modelNamed>>): string {
  const able = programsOf(server);
  const known = able.flatMap((program) => PROGRAM_SUPPORT[program].roles);
  if (!known.includes(model.role)) return `${server} does ${[...new Set(known)].join(", ")}, not ${model.role}`;
  const fitting = model.engines.filter((program) => able.includes(program));
  if (fitting.length === 0) return `it is loaded by ${model.engines.join(", ")}`;
  const [first] = fitting as [Program];
  const { formats } = PROGRAM_SUPPORT[first];
  return loads(first, model)
    ? "it does not run here"
    : `${first} loads ${formats.join(", ")}, and its files are ${model.format}`;
}
