import type { MetricsSource } from "../../kit/signals";

/** NATS, by its exporter. */
export const natsSource: MetricsSource = {
  source: "prometheus-nats-exporter",
  known: "the real program in test/real/nats.test.ts",
  metrics: [
    "nats_varz_connections",
    "nats_varz_cpu",
    "nats_varz_in_bytes",
    "nats_varz_in_msgs",
    "nats_varz_mem",
    "nats_varz_out_bytes",
    "nats_varz_out_msgs",
    "nats_varz_subscriptions",
    "nats_server_total_messages",
    "nats_server_total_message_bytes",
    "nats_server_total_streams",
    "nats_server_total_consumers",
    "nats_stream_total_messages",
    "nats_stream_consumer_count",
    "nats_consumer_num_ack_pending",
    "nats_varz_jetstream_stats_api_errors",
  ],
};
