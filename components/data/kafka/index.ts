export { Kafka, type KafkaArgs } from "./kafka";
export { kafkaSignals } from "./signals";
export type { TopicOptions } from "./topic";
export type { KafkaUser } from "./user";
