export type { Neo4jBackupSettings } from "./backup";
export type { Graph } from "./graph";
export { Neo4j, type Neo4jArgs } from "./neo4j";
