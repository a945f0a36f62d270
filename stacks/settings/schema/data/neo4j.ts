import { z } from "zod";
import { doc } from "../doc";
import { backup, ConsumerSettings, console, deleteData, enabled, gatewayPort, host, size, storageGiB } from "./common";

const Graph = z.strictObject({
  name: doc(z.string(), "Name of the user, and in Enterprise of its database.", {
    allowed:
      "a lower-case letter, then lower-case letters, digits and hyphens, 3 to 40; unique; no name of Neo4j's own",
    replaces: "the user; the old one is kept, and so is its database",
  }),
  consumer: ConsumerSettings,
});

export const Neo4jSettings = z.strictObject({
  enabled: enabled("Neo4j, as one server"),
  edition: doc(
    z.enum(["community", "enterprise"]).default("community"),
    "community: one database, whose users may all do everything; enterprise: a database and a role for each user, metrics.",
    { allowed: "enterprise with acceptLicense" },
  ),
  acceptLicense: doc(
    z.boolean().default(false),
    "Say that there is a license of Neo4j, Inc. for Enterprise: https://neo4j.com/terms/licensing/.",
  ),
  singleServer: doc(
    z.boolean().default(false),
    "Say that it is known that Neo4j is away while its node restarts, and that backups are the only second copy.",
    { allowed: "true is required in prod" },
  ),
  storageGiB: storageGiB(20, 10),
  size,
  plugins: doc(z.array(z.enum(["apoc"])).default([]), "Procedures that queries may call: APOC Core, from the image."),
  graphs: doc(z.array(Graph).default([]), "Users to create."),
  gatewayPort: gatewayPort(
    "Port of the gateway at which drivers outside reach Bolt. They trust the internal authority's certificate.",
  ),
  boltHost: host("web pages, such as Neo4j Browser, reach Bolt over WebSocket"),
  browser: console(
    "Neo4j Browser, a web page for queries; needs boltHost. It asks for a user of Neo4j's own after the sign-in.",
  ),
  backup: backup("Export every database, while the server runs.", "30 2 * * *"),
  deleteData,
});
