import type * as pulumi from "@pulumi/pulumi";
import type { Consumer } from "../kit/capability";

/**
 * Something that keeps metrics, logs or traces, as those see it who write to it or read from it. Opening a path makes
 * the one network path from the consumer to that port; the policies belong to `parent`.
 */
export interface Store {
  /** Depend on this: the store answers. */
  readonly ready: pulumi.Resource;
  /** Base URL that data sources read from; Mimir's has the path of its Prometheus API at its end. */
  readonly queryUrl: string;
  openQuery(consumer: Consumer, parent: pulumi.Resource): void;
  openWrite(consumer: Consumer, parent: pulumi.Resource): void;
}

/** Prometheus, or Mimir where metrics are kept for long. */
export interface MetricsStore extends Store {
  /** Where samples are written to, by Prometheus' remote write protocol. */
  readonly remoteWriteUrl: string;
}

/** Alertmanager, as those see it who send alerts to it. */
export interface AlertReceiver {
  /** Depend on this: it answers. */
  readonly ready: pulumi.Resource;
  readonly namespace: string;
  /** Headless Service with an endpoint for each server: an alert is sent to all of them. */
  readonly service: string;
  /** Name of the Service's port. */
  readonly portName: string;
  openAlerts(consumer: Consumer, parent: pulumi.Resource): void;
}

/** Loki. */
export interface LogStore extends Store {
  /** Loki's own push API: `/loki/api/v1/push`. */
  readonly pushUrl: string;
  /** OTLP over HTTP: the collector adds `/v1/logs`. */
  readonly otlpUrl: string;
}

/** Tempo. */
export interface TraceStore extends Store {
  /** `host:port`, OTLP over gRPC. */
  readonly otlpGrpc: string;
}

export { DATA_SOURCES } from "../kit/dashboards/data-sources";
