/** What Istio's charts have in common. */

export const istioVersion = "1.30.3";
export const hub = "registry.istio.io/release";

/**
 * Istio's charts keep their defaults under one key, and lay the given values over them in the template that Helm renders
 * first: the last one by name, among those that are not in a folder.
 */
export function wrapped(defaults: Record<string, unknown>): Record<string, unknown> {
  return { _internal_defaults_do_not_set: defaults };
}

export const flatten: Record<string, string> = {
  "zzz_profile.yaml": `{{- $defaults := $.Values._internal_defaults_do_not_set }}
{{- $_ := unset $.Values "_internal_defaults_do_not_set" }}
{{- $_ := set $ "Values" (mustMergeOverwrite $defaults $.Values) }}
`,
};

/** An image of the release, in the chosen variant. */
export function image(name: string): string {
  return `{{ .Values.global.hub }}/${name}:{{ .Values.global.tag }}{{ with .Values.global.variant }}-{{ . }}{{ end }}`;
}

export const toleratesEverything = [
  { effect: "NoSchedule", operator: "Exists" },
  { key: "CriticalAddonsOnly", operator: "Exists" },
  { effect: "NoExecute", operator: "Exists" },
];
