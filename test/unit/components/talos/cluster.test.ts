import { expect, test } from "vitest";
import { environment, stackSettings } from "./environment";

test("smoke", async () => {
  const { recording, cluster } = await environment(stackSettings("prod"), true);
  for (const r of recording.resources.filter((r) => /Server$|Command|kubernetes$|RandomString/.test(r.type)))
    console.log(JSON.stringify({ ...r, inputs: Object.keys(r.inputs) }));
  console.log(JSON.stringify([...recording.outputs]).slice(0, 3000));
  expect(cluster.nodes.length).toBe(7);
});
