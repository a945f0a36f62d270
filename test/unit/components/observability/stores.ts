import * as pulumi from "@pulumi/pulumi";
import type { BucketArgs, Objects } from "../../../../components/kit/bucket";
import type { LogStore, MetricsStore, Store, TraceStore } from "../../../../components/observability/stores";

class Stub extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Stub", name);
  }
}

/** Stores that note who asked for a way. */
export function fakeStores() {
  const writers: string[] = [];
  const readers: string[] = [];
  const store = (name: string, port: number): Store => ({
    ready: new Stub(name),
    queryUrl: `http://${name}.observability.svc:${port}`,
    openWrite: ({ identity }) => writers.push(`${identity.instance} -> ${name}`),
    openQuery: ({ identity }) => readers.push(`${identity.instance} -> ${name}`),
  });
  const metrics: MetricsStore = {
    ...store("prometheus", 9090),
    remoteWriteUrl: "http://prometheus.observability.svc:9090/api/v1/write",
  };
  const logs: LogStore = {
    ...store("loki", 3100),
    pushUrl: "http://loki.observability.svc:3100/loki/api/v1/push",
    otlpUrl: "http://loki.observability.svc:3100/otlp",
  };
  const traces: TraceStore = { ...store("tempo", 3200), otlpGrpc: "tempo.observability.svc:4317" };
  return { metrics, logs, traces, writers, readers };
}

/** Object storage that notes what was asked for. */
export function fakeObjects() {
  const asked: (BucketArgs & { name: string })[] = [];
  const objects: Objects = {
    bucket: (name, args) => {
      asked.push({ name, ...args });
      return {
        bucket: name,
        endpoint: "https://minio.storage.svc:9000",
        region: "us-east-1",
        secretName: `${name}-bucket`,
        secretNamespace: args.consumer.namespace.name,
        caConfigMap: "internal-ca",
        ready: new Stub(`bucket-${name}`),
      };
    },
  };
  return { objects, asked };
}
