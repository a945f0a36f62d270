import type { Signals } from "../../kit/signals";

/** What the servers' metrics, as NATS's exporter shows them, say is wrong. */
export const natsSignals: Signals = {
  area: "nats",
  metrics: [
    "nats_server_jetstream_disabled",
    "nats_varz_remotes",
    "nats_varz_jetstream_stats_storage",
    "nats_varz_jetstream_config_max_storage",
    "nats_varz_jetstream_stats_memory",
    "nats_varz_jetstream_config_max_memory",
    "nats_varz_slow_consumers",
    "nats_stream_total_bytes",
    "nats_stream_limit_bytes",
    "nats_consumer_num_pending",
    "nats_consumer_num_redelivered",
  ],
  signals: [
    {
      name: "NatsWithoutLeader",
      severity: "critical",
      expression: 'absent(nats_server_jetstream_disabled{is_meta_leader="true"} == 0)',
      forMinutes: 5,
      summary: "No server leads JetStream: too few of them reach each other, and streams cannot be made or changed.",
    },
    {
      name: "NatsJetStreamDisabled",
      severity: "critical",
      expression: "nats_server_jetstream_disabled == 1",
      forMinutes: 2,
      summary: "A server has switched JetStream off, as it does when it cannot write to its volume.",
    },
    {
      name: "NatsServerCutOff",
      severity: "warning",
      expression: "nats_varz_remotes < scalar(max_over_time(count(nats_varz_remotes)[1h:5m])) - 1",
      forMinutes: 5,
      summary: "A server does not reach all others: one more that fails may cost the majority.",
    },
    {
      name: "NatsStorageFull",
      severity: "warning",
      expression: "nats_varz_jetstream_stats_storage / nats_varz_jetstream_config_max_storage > 0.85",
      forMinutes: 15,
      summary: "Streams on file take more than 85 % of a server's room; without room, messages are refused.",
    },
    {
      name: "NatsMemoryFull",
      severity: "warning",
      expression:
        "nats_varz_jetstream_stats_memory / nats_varz_jetstream_config_max_memory > 0.85 and nats_varz_jetstream_config_max_memory > 0",
      forMinutes: 15,
      summary: "Streams in memory take more than 85 % of their room; without room, messages are refused.",
    },
    {
      name: "NatsStreamDropsEarly",
      severity: "warning",
      expression:
        'nats_stream_total_bytes{is_stream_leader="true"} / nats_stream_limit_bytes > 0.95 and nats_stream_limit_bytes > 0',
      forMinutes: 15,
      summary: "A stream is as large as it may be: its oldest messages go before their time.",
    },
    {
      name: "NatsConsumerBehind",
      severity: "warning",
      expression: 'nats_consumer_num_pending{is_consumer_leader="true"} > 10000',
      forMinutes: 15,
      summary: "A client is more than 10,000 messages behind; what it has not read in time is lost.",
    },
    {
      name: "NatsRedelivers",
      severity: "warning",
      expression: 'nats_consumer_num_redelivered{is_consumer_leader="true"} > 100',
      forMinutes: 15,
      summary: "More than 100 messages are sent to a client again and again: it does not get done with them.",
    },
    {
      name: "NatsSlowClients",
      severity: "warning",
      expression: "increase(nats_varz_slow_consumers[15m]) > 0",
      forMinutes: 5,
      summary: "A server has cut off clients that took their messages too slowly.",
    },
  ],
};
