import { INSTRUMENTED_LANGUAGES } from "../../../../components/observability/instrumentation";
import { tempoReplicas, tracesBucketDays, tracesInBucket } from "../../observability";
import type { Settings } from "../../schema";
import { duplicates, type Finding, type Rule, rule } from "../rule";

type Traces = Settings["observability"]["traces"];

const path = (field: string) => `observability.traces.${field}`;

/** Nothing is asked of what is switched off. */
function tracesRule(id: string, check: (traces: Traces, settings: Settings) => Finding[]): Rule {
  return rule(id, (settings) => {
    const { enabled, traces } = settings.observability;
    return enabled && traces.enabled ? check(traces, settings) : [];
  });
}

function instrumentationRule(
  id: string,
  check: (asked: Traces["autoInstrumentation"], settings: Settings) => Finding[],
): Rule {
  return rule(id, (settings) => {
    const { enabled, traces } = settings.observability;
    const { autoInstrumentation } = traces;
    return enabled && autoInstrumentation.enabled ? check(autoInstrumentation, settings) : [];
  });
}

export const tracesRules: readonly Rule[] = [
  tracesRule("traces-replicas", ({ replicas }) =>
    replicas !== 2
      ? []
      : [
          {
            path: path("replicas"),
            value: replicas,
            message:
              "Each span is kept three times, and two of the three have to answer: two servers bear no more than one.",
            allowed: "1 or 3",
            fix: `Set orrery:${path("replicas")} to 3, or to 1.`,
          },
        ],
  ),
  tracesRule("traces-replicas-bucket", ({ replicas }, settings) =>
    tempoReplicas(settings) === 1 || tracesInBucket(settings)
      ? []
      : [
          {
            path: path("replicas"),
            value: replicas,
            message:
              "Several servers have their traces in common in a bucket: on its own volume each would know a third of them.",
            allowed: "1 without a bucket",
            fix: `Set orrery:${path("bucket")} to true, with orrery:objects.kind minio or external, or remove replicas.`,
          },
        ],
  ),
  tracesRule("traces-bucket", ({ bucket }, { objects: { kind } }) =>
    bucket !== true || kind !== "off"
      ? []
      : [
          {
            path: path("bucket"),
            value: bucket,
            message: "Object storage is switched off, so there is no bucket for traces.",
            allowed: "true with objects.kind minio or external",
            fix: `Set orrery:objects.kind to minio or external, or remove orrery:${path("bucket")}.`,
          },
        ],
  ),
  tracesRule("traces-bucket-days", ({ bucketDays, retentionDays }, settings) =>
    !tracesInBucket(settings) || tracesBucketDays(settings) > retentionDays
      ? []
      : [
          {
            path: path("retentionDays"),
            value: retentionDays,
            message:
              `The bucket removes what is in it after ${bucketDays} days: ` +
              "traces would go before their time, and Tempo would look for blocks that are not there any more.",
            allowed: `less than ${path("bucketDays")}`,
            fix: `Set orrery:${path("bucketDays")} to ${retentionDays + 2}, or remove it.`,
          },
        ],
  ),
  tracesRule("traces-sampling-percent", ({ samplingPercent }, { environment }) =>
    environment !== "dev" || samplingPercent >= 1
      ? []
      : [
          {
            path: path("samplingPercent"),
            value: samplingPercent,
            message: "Dev has so few requests that hardly a trace would be left.",
            allowed: "1 to 100 in dev",
            fix: `Set orrery:${path("samplingPercent")} to 100.`,
          },
        ],
  ),
  rule("traces-jaeger", ({ observability: { enabled, traces } }) =>
    !traces.jaeger || (enabled && traces.enabled)
      ? []
      : [
          {
            path: path("jaeger"),
            value: traces.jaeger,
            message: "Jaeger's queries are answered from Tempo, which is switched off.",
            allowed: "true with observability.enabled and observability.traces.enabled",
            fix: `Set orrery:${path("enabled")} and orrery:observability.enabled to true, or remove jaeger.`,
          },
        ],
  ),
  instrumentationRule("instrumentation-traces", ({ enabled }, { observability: { traces } }) =>
    traces.enabled
      ? []
      : [
          {
            path: path("autoInstrumentation.enabled"),
            value: enabled,
            message: "Instrumented programs would send traces that nobody takes.",
            allowed: "true with observability.traces.enabled",
            fix: `Set orrery:${path("enabled")} to true, or remove autoInstrumentation.`,
          },
        ],
  ),
  instrumentationRule("instrumentation-certificates", ({ enabled }, { certificates }) =>
    certificates.enabled
      ? []
      : [
          {
            path: path("autoInstrumentation.enabled"),
            value: enabled,
            message: "The operator's webhooks have their certificate from cert-manager, which is switched off.",
            allowed: "true with certificates.enabled",
            fix: "Set orrery:certificates.enabled to true, or remove autoInstrumentation.",
          },
        ],
  ),
  instrumentationRule("instrumentation-languages", ({ languages }) =>
    languages.length > 0
      ? []
      : [
          {
            path: path("autoInstrumentation.languages"),
            value: languages,
            message: "The operator would run, and instrument nothing.",
            allowed: `one or more of ${INSTRUMENTED_LANGUAGES.join(", ")}`,
            fix: `Name a language, or set orrery:${path("autoInstrumentation.enabled")} to false.`,
          },
        ],
  ),
  instrumentationRule("instrumentation-language-once", ({ languages }) =>
    duplicates(languages).map((index) => ({
      path: path(`autoInstrumentation.languages[${index}]`),
      value: languages[index],
      message: "The language is in the list already.",
      allowed: "each language once",
      fix: `Remove orrery:${path(`autoInstrumentation.languages[${index}]`)}.`,
    })),
  ),
  instrumentationRule("instrumentation-language-restricted", ({ languages }) =>
    languages.flatMap((language, index) =>
      (INSTRUMENTED_LANGUAGES as readonly string[]).includes(language)
        ? []
        : [
            {
              path: path(`autoInstrumentation.languages[${index}]`),
              value: language,
              message:
                "Its agent is a privileged container beside the program, and namespaces of applications refuse those.",
              allowed: INSTRUMENTED_LANGUAGES.join(", "),
              fix: "Remove it, and use OpenTelemetry's SDK in the program: the label orrery.dev/traces opens its way.",
            },
          ],
    ),
  ),
];
