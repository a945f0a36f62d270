import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { type Identity, metadata } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import type { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import { containerSecurityContext, NOBODY } from "../../kit/security";
import { resources } from "../../kit/sizes";
import { COLLECTOR } from "../collector/address";

/** Languages whose programs can be instrumented in a restricted namespace. */
export const INSTRUMENTED_LANGUAGES = ["java", "nodejs", "python", "dotnet"] as const;

export type InstrumentedLanguage = (typeof INSTRUMENTED_LANGUAGES)[number];

/** Name of the Instrumentation in every namespace: the only one, so that pods ask for `"true"`. */
const INSTRUMENTATION = "default";

export interface InstrumentationArgs {
  readonly operator: Operator;
  readonly namespaces: readonly DomainNamespace[];
  readonly languages: readonly InstrumentedLanguage[];
  /** The cluster's name: part of what every span says about its origin. */
  readonly cluster: string;
}

/**
 * What agents are put into pods with the annotation `instrumentation.opentelemetry.io/inject-<language>: "true"`, one
 * resource in each namespace of applications.
 */
export class Instrumentation extends Component {
  constructor(name: string, args: InstrumentationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:observability:Instrumentation", name, after(opts, args.operator, ...args.namespaces));
    for (const namespace of args.namespaces) {
      new k8s.apiextensions.CustomResource(
        `${name}-${namespace.name}`,
        {
          apiVersion: "opentelemetry.io/v1alpha1",
          kind: "Instrumentation",
          metadata: metadata(identityIn(namespace), { name: INSTRUMENTATION, namespace: namespace.name }),
          spec: instrumentationSpec(args.languages, args.cluster),
        },
        this.child(),
      );
    }

    this.registerOutputs({ namespaces: args.namespaces.map((each) => each.name) });
  }
}

function identityIn({ name: domain }: DomainNamespace): Identity {
  return { name: "instrumentation", instance: INSTRUMENTATION, component: "traces", domain };
}

/** Spec of the opentelemetry.io/v1alpha1 Instrumentation. */
export function instrumentationSpec(languages: readonly InstrumentedLanguage[], cluster: string) {
  const agent = resources(50, 64, 256);
  return {
    exporter: { endpoint: `http://${COLLECTOR.host}:${COLLECTOR.httpPort}` },
    propagators: ["tracecontext", "baggage"],
    // Which traces are kept is decided by the collector, when they are whole.
    sampler: { type: "parentbased_always_on" },
    resource: { resourceAttributes: { "k8s.cluster.name": cluster } },
    // The service is named by the pod's labels app.kubernetes.io/instance and version, as everywhere else.
    defaults: { useLabelsForResourceAttributes: true },
    env: [
      { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http/protobuf" },
      // Logs are read from the pods' own output.
      { name: "OTEL_LOGS_EXPORTER", value: "none" },
    ],
    // The container that copies the agent is as restricted as the namespace demands.
    initContainerSecurityContext: {
      ...containerSecurityContext(true),
      runAsUser: NOBODY.user,
      runAsGroup: NOBODY.group,
    },
    ...Object.fromEntries(
      languages.map((language) => [
        language,
        language === "java" ? { resources: agent } : { resourceRequirements: agent },
      ]),
    ),
  };
}
