import { planInference } from "../../inference";
import { type Rule, rule } from "../rule";
import { perService, wantedServices } from "./services";

export const kserveRules: Rule[] = [
  rule("kserve-needs-certificates", (settings) => {
    const own = wantedServices(settings).filter(({ service }) => service.server === "kserve");
    if (own.length === 0 || settings.certificates.enabled) return [];
    const names = own.map(({ name }) => name).join(", ");
    return [
      {
        path: "certificates.enabled",
        value: false,
        message: `KServe serves ${names}, and its webhooks, which the API server asks about every pod of a model, have no certificate.`,
        allowed: "true where a service has the server kserve",
        fix: `Set orrery:certificates.enabled to true, or take another server for ${names}.`,
      },
    ];
  }),
  perService("kserve-one-gpu-machine", ({ name, service, path }, settings) => {
    if (service.server !== "kserve") return [];
    const place = planInference(settings).services.find((planned) => planned.name === name)?.place;
    if (place?.kind !== "gpu" || place.machines.length < 2) return [];
    return [
      {
        path: `${path}.replicas`,
        value: service.replicas,
        message: `An InferenceService has one volume for all its pods, and each GPU machine keeps models on its own disk: ${place.machines.join(", ")}.`,
        allowed: "1 with the server kserve on GPUs",
        fix: `Set orrery:${path}.replicas to 1, or take the program itself as the server, which has a volume on each machine.`,
      },
    ];
  }),
];
