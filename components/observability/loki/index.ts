export { Loki, type LokiArgs, type LokiBucket } from "./loki";
export { lokiStorageGiB, volumeForLogsGiB } from "./sizes";
