import { duplicates, type Rule, rule } from "./rule";

export const safetyRules: Rule[] = [
  rule("hubble-verdicts", ({ safety: { hubbleFlows } }) => {
    const { verdicts } = hubbleFlows;
    if (verdicts.length > 0 && duplicates(verdicts).length === 0) return [];
    return [
      {
        path: "safety.hubbleFlows.verdicts",
        value: verdicts,
        message: verdicts.length === 0 ? "No flow would be written." : "A verdict stands twice.",
        allowed: "at least one of FORWARDED, DROPPED, ERROR, AUDIT, REDIRECTED, each once",
        fix: "Set orrery:safety.hubbleFlows.verdicts to [DROPPED, ERROR], or enabled to false.",
      },
    ];
  }),
];
