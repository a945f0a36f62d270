import type { AreaCases } from "./case";

const pod = { namespace: "broker", pod: "nats-0" };
const server = (number: number) => `{namespace="broker",pod="nats-${number}"}`;
const disabled = (number: number, leads: boolean) =>
  `nats_server_jetstream_disabled{namespace="broker",pod="nats-${number}",is_meta_leader="${leads}"}`;
const remotes = (number: number) => `nats_varz_remotes${server(number)}`;
const varz = (name: string) => `nats_varz_jetstream_${name}${server(0)}`;
const stream = { ...pod, stream_name: "ORDERS", is_stream_leader: "true" };
const ofStream = (name: string) =>
  `nats_stream_${name}_bytes{namespace="broker",pod="nats-0",stream_name="ORDERS",is_stream_leader="true"}`;
const consumer = { ...pod, consumer_name: "shop", is_consumer_leader: "true" };
const ofConsumer = (name: string, leads = true) =>
  `nats_consumer_num_${name}{namespace="broker",pod="nats-0",consumer_name="shop",is_consumer_leader="${leads}"}`;
const slow = `nats_varz_slow_consumers${server(0)}`;

export const natsCases: AreaCases = {
  area: "nats",
  alerts: [
    {
      alert: "NatsWithoutLeader",
      fires: { series: { [disabled(0, false)]: "0x10", [disabled(1, false)]: "0x10" }, minute: 6, labels: {} },
      quiet: { series: { [disabled(0, false)]: "0x10", [disabled(1, true)]: "0x10" }, minute: 6 },
    },
    {
      alert: "NatsJetStreamDisabled",
      fires: {
        series: { [disabled(0, false)]: "1x10", [disabled(1, true)]: "0x10" },
        minute: 3,
        labels: { ...pod, is_meta_leader: "false" },
      },
      quiet: { series: { [disabled(0, false)]: "0x10", [disabled(1, true)]: "0x10" }, minute: 3 },
    },
    {
      alert: "NatsServerCutOff",
      // The third server is away: those that are left see one other each.
      fires: {
        series: { [remotes(0)]: "2x10 1x20", [remotes(1)]: "2x10 1x20", [remotes(2)]: "2x10 stale" },
        minute: 20,
        labels: [pod, { ...pod, pod: "nats-1" }],
      },
      quiet: { series: { [remotes(0)]: "2x30", [remotes(1)]: "2x30", [remotes(2)]: "2x30" }, minute: 20 },
    },
    {
      alert: "NatsStorageFull",
      fires: {
        series: { [varz("stats_storage")]: "86x20", [varz("config_max_storage")]: "100x20" },
        minute: 16,
        labels: pod,
      },
      quiet: { series: { [varz("stats_storage")]: "85x20", [varz("config_max_storage")]: "100x20" }, minute: 16 },
    },
    {
      alert: "NatsMemoryFull",
      fires: {
        series: { [varz("stats_memory")]: "86x20", [varz("config_max_memory")]: "100x20" },
        minute: 16,
        labels: pod,
      },
      // Streams in memory are not allowed at all.
      quiet: { series: { [varz("stats_memory")]: "1x20", [varz("config_max_memory")]: "0x20" }, minute: 16 },
    },
    {
      alert: "NatsStreamDropsEarly",
      fires: { series: { [ofStream("total")]: "96x20", [ofStream("limit")]: "100x20" }, minute: 16, labels: stream },
      quiet: { series: { [ofStream("total")]: "96x20", [ofStream("limit")]: "0x20" }, minute: 16 },
    },
    {
      alert: "NatsConsumerBehind",
      fires: { series: { [ofConsumer("pending")]: "10001x20" }, minute: 16, labels: consumer },
      // What a follower says of it is old.
      quiet: {
        series: { [ofConsumer("pending")]: "10000x20", [ofConsumer("pending", false)]: "20000x20" },
        minute: 16,
      },
    },
    {
      alert: "NatsRedelivers",
      fires: { series: { [ofConsumer("redelivered")]: "101x20" }, minute: 16, labels: consumer },
      quiet: { series: { [ofConsumer("redelivered")]: "100x20" }, minute: 16 },
    },
    {
      alert: "NatsSlowClients",
      fires: { series: { [slow]: "0x3 2x20" }, minute: 12, labels: pod },
      quiet: { series: { [slow]: "2x40" }, minute: 30 },
    },
  ],
};
