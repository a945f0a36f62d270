import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(__dirname, "../../..");
const page = readFileSync(join(root, "docs/adding-a-service.md"), "utf8");

it("the contributor's page shows the real service as it is", () => {
  expect(page).toContain(`\`\`\`ts\n${readFileSync(join(root, "components/apps/n8n.ts"), "utf8")}\`\`\``);
});

it("every capability of the page is there under that name", () => {
  const sources = [
    "components/data/postgres/postgres.ts",
    "components/data/valkey/valkey.ts",
    "components/data/kafka/kafka.ts",
    "components/data/nats/nats.ts",
    "components/data/elasticsearch/elasticsearch.ts",
    "components/data/clickhouse/clickhouse.ts",
    "components/data/neo4j/neo4j.ts",
    "components/data/qdrant/qdrant.ts",
    "components/data/milvus/milvus.ts",
    "components/kit/bucket.ts",
  ]
    .concat(["components/kit/route.ts", "components/kit/sign-in.ts", "components/kit/certificates.ts"])
    .concat(["components/kit/secret-source.ts", "components/kit/service.ts"])
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
  const names = [...page.matchAll(/^\| `\w+\.(\w+)\(/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(7);
  for (const name of names) expect(sources).toMatch(new RegExp(`^ {2}${name}\\(`, "m"));
});
