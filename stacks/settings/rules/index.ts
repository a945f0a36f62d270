import { accessRules } from "./access";
import { controlPlaneRules } from "./control-plane";
import { dedicatedRules } from "./dedicated";
import { kubernetesRules } from "./kubernetes";
import { locationRules } from "./locations";
import { nameRules } from "./names";
import { networkRules } from "./network";
import type { Rule } from "./rule";
import { serviceRules } from "./services";
import { talosRules } from "./talos";

/** Every rule over settings whose shape is right. Stock and prices are checked apart, in components/hetzner/market. */
export const rules: readonly Rule[] = [
  ...nameRules,
  ...networkRules,
  ...accessRules,
  ...locationRules,
  ...controlPlaneRules,
  ...kubernetesRules,
  ...dedicatedRules,
  ...talosRules,
  ...serviceRules,
];
