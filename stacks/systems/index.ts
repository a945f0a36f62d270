import type { ServiceComponents } from "../catalog";
import { createBackup } from "./backup";
import { createCertificates } from "./certificates";
import { createConsoles } from "./consoles";
import type { LateSystems, SystemContext, Systems } from "./context";
import { createDns } from "./dns";
import { createGateway } from "./gateway";
import { createIdentity } from "./identity";
import { createGpus } from "./inference/gpus";
import { createBackupStore, createObjects } from "./objects";
import { createSafety } from "./safety";
import { createSecrets } from "./secrets";

export type { LateSystems, SystemContext, Systems } from "./context";

/** The systems that services stand on, in the order in which they need each other. */
export function createSystems(context: SystemContext): Systems {
  const { nodeFeatures } = createSafety(context);
  const { source: secrets, vault } = createSecrets(context);
  const certificates = createCertificates(context, { secrets });
  const gpus = createGpus(context, { certificates, nodeFeatures });
  const gateway = createGateway(context, { secrets, certificates });
  const objects = createObjects(context, { secrets, certificates });
  const backups = createBackupStore(context, { secrets, objects });
  const systems: Systems = { secrets, certificates, gateway, objects, backups, vault, gpus };
  createDns(context, systems);
  return systems;
}

/** The systems that stand on services: identity keeps its users in PostgreSQL, backups go over everything. */
export function createLateSystems(context: SystemContext, systems: Systems, services: ServiceComponents): LateSystems {
  const { postgres } = services;
  const identity = createIdentity(context, { ...systems, postgres });
  const late: LateSystems = { ...systems, postgres, identity };
  createConsoles(context, late, services);
  createBackup(context, late);
  return late;
}
