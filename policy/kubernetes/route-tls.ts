import type { Props, Rule } from "../framework/rule";
import { kindOf } from "./objects";

const checks: Record<string, (props: Props) => string[]> = {
  Ingress: (props) => {
    const covered = new Set(((props.spec?.tls ?? []) as Props[]).flatMap((entry) => (entry.hosts ?? []) as string[]));
    const hosts = ((props.spec?.rules ?? []) as Props[]).map((rule) => rule.host as string | undefined);
    if (covered.size === 0) return ["the Ingress has no spec.tls with hosts"];
    return hosts
      .filter((host) => host === undefined || !covered.has(host))
      .map((host) => `host ${host ?? "(any)"} is not covered by spec.tls`);
  },
  Gateway: (props) =>
    ((props.spec?.listeners ?? []) as Props[]).flatMap((listener) => {
      if (listener.protocol === "HTTPS" || listener.protocol === "TLS") {
        const passthrough = listener.tls?.mode === "Passthrough";
        return passthrough || ((listener.tls?.certificateRefs ?? []) as Props[]).length > 0
          ? []
          : [`listener ${listener.name} has no tls.certificateRefs`];
      }
      // A plain listener may only redirect; HTTPRoute's own check looks at what is attached to it.
      return listener.protocol === "HTTP" && listener.port !== 80
        ? [`listener ${listener.name} serves plain HTTP on port ${listener.port}`]
        : [];
    }),
  HTTPRoute: (props) => {
    const parents = (props.spec?.parentRefs ?? []) as Props[];
    const plain = parents.filter((parent) => parent.sectionName === "http");
    const redirects = ((props.spec?.rules ?? []) as Props[]).every((rule) =>
      ((rule.filters ?? []) as Props[]).some(
        (filter) => filter.type === "RequestRedirect" && filter.requestRedirect?.scheme === "https",
      ),
    );
    return plain.length > 0 && !redirects
      ? ["the route serves plain HTTP on the listener http without redirecting to https"]
      : [];
  },
};

export const routeTls: Rule = {
  name: "route-tls",
  description: "What is exposed is exposed with TLS; plain HTTP only redirects.",
  severity: "high",
  level: "mandatory",
  remediation: "Give the listener or Ingress a certificate, and let plain HTTP redirect to https.",
  appliesTo: (type) => Object.hasOwn(checks, kindOf(type) ?? ""),
  check: ({ type, props }) => checks[kindOf(type) ?? ""]?.(props) ?? [],
};
