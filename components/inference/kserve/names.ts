/** Name of the release, and the namespace: the chart's objects have names of their own. */
export const KSERVE = "kserve";

/** The chart's labels of the operator's pods; it does not label them as Helm's own template does. */
export const OPERATOR_POD_LABELS = { "control-plane": "kserve-controller-manager" } as const;

/** Metrics of the operator, without the proxy before them that wants a token. */
export const OPERATOR_METRICS = { name: "metrics", port: 8080 } as const;

/** The API server asks it about every InferenceService, and about every pod of one. */
export const WEBHOOK_PORT = 9443;

/** KServe looks for the model server under this name, and for no other. */
export const PREDICTOR_CONTAINER = "kserve-container";
