import type { ApplicationDefinition } from "../kit/application-definition";
import { n8n } from "./n8n";

/** Every application, by its key under `orrery:services`. */
export const applications = { n8n } as const satisfies Record<string, ApplicationDefinition>;

export type ApplicationName = keyof typeof applications;
