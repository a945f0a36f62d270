import { type Rule, rule } from "../rule";

/** Rules of what offers GPUs to pods. */
export const pluginRules: Rule[] = [
  rule("intel-gpus-need-certificates", ({ certificates, dedicated }) =>
    certificates.enabled
      ? []
      : dedicated.flatMap(({ gpu }, index) =>
          gpu?.vendor !== "intel"
            ? []
            : [
                {
                  path: `dedicated[${index}].gpu.vendor`,
                  value: "intel",
                  message:
                    "The operator of Intel's device plugin gets the certificate of its webhooks from cert-manager, which is switched off.",
                  allowed: "nvidia or amd while certificates.enabled is false",
                  fix: "Set orrery:certificates.enabled to true.",
                },
              ],
        ),
  ),
];
