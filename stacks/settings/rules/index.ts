import { accessRules } from "./access";
import { applicationRules } from "./applications";
import { backupRules } from "./backup";
import { certificatesRules } from "./certificates";
import { chartRules } from "./charts";
import { controlPlaneRules } from "./control-plane";
import { dataRules } from "./data";
import { dedicatedRules } from "./dedicated";
import { dnsRules } from "./dns";
import { gatewayRules } from "./gateway";
import { identityRules } from "./identity";
import { gpuRules } from "./inference/gpus";
import { inferenceRules } from "./inference/index";
import { pluginRules } from "./inference/plugins";
import { kubernetesRules } from "./kubernetes";
import { locationRules } from "./locations";
import { nameRules } from "./names";
import { networkRules } from "./network";
import { objectsRules } from "./objects";
import { observabilityRules } from "./observability";
import { ownMachineRules } from "./own-machines";
import type { Rule } from "./rule";
import { safetyRules } from "./safety";
import { secretsRules } from "./secrets";
import { storageRules } from "./storage";
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
  ...ownMachineRules,
  ...gpuRules,
  ...pluginRules,
  ...inferenceRules,
  ...talosRules,
  ...chartRules,
  ...dataRules,
  ...applicationRules,
  ...gatewayRules,
  ...certificatesRules,
  ...dnsRules,
  ...objectsRules,
  ...secretsRules,
  ...identityRules,
  ...safetyRules,
  ...backupRules,
  ...storageRules,
  ...observabilityRules,
];
