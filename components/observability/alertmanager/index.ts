export { Alertmanager, type AlertmanagerArgs } from "./alertmanager";
export type { AlertmanagerReceiver } from "./receivers";
