export type { ClickHouseBackupSettings } from "./backup";
export { ClickHouse, type ClickHouseArgs } from "./clickhouse";
export type { ClickHouseDatabase } from "./database";
