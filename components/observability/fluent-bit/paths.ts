/** Where the chart mounts the configuration. */
export const CONFIG_FOLDER = "/fluent-bit/etc/conf";

/** On the node: how far each file was read, and what Loki has not taken yet. */
export const STATE = "/var/lib/fluent-bit";

export const METRICS_PORT = 2020;
