import { createRequire } from "node:module";
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { expect, it } from "vitest";
import { readPropertiesOnce } from "../../../policy/framework/sdk";

type Answer = (error: unknown, response: unknown) => void;
type Rpc = (call: { request: object }, answer: Answer) => void;
interface Server {
  makeAnalyzeRpcFun(pack: string, version: string, level: string, policies: ResourceValidationPolicy[]): Rpc;
  makeAnalyzeStackRpcFun(pack: string, version: string, level: string, policies: StackValidationPolicy[]): Rpc;
}

// The SDK's own server, and the engine's own messages.
const load = createRequire(__filename);
const server = load("@pulumi/policy/server") as Server;
const messages = load("@pulumi/pulumi/proto/analyzer_pb");

const ask = (rpc: Rpc, request: object) =>
  new Promise((resolve, reject) => rpc({ request }, (error, response) => (error ? reject(error) : resolve(response))));

const seen: object[] = [];
const about = { description: "", enforcementLevel: "mandatory" } as const;
const one = (name: string): ResourceValidationPolicy => ({
  ...about,
  name,
  validateResource: ({ props }) => {
    seen.push(props);
  },
});
const whole = (name: string): StackValidationPolicy => ({
  ...about,
  name,
  validateStack: ({ resources }) => {
    seen.push(...resources.map(({ props }) => props));
  },
});
interface Message {
  setType(type: string): void;
  setProperties(properties: Struct): void;
  setOptions(options: object): void;
}
const fill = <T extends Message>(message: T): T => {
  message.setType("test:index:Thing");
  message.setProperties(Struct.fromJavaScript({ a: { b: 1 } }));
  const options = new messages.AnalyzerResourceOptions();
  options.setCustomtimeouts(new messages.AnalyzerResourceOptions.CustomTimeouts());
  message.setOptions(options);
  return message;
};

it("gives every policy the same properties, and another resource others", async () => {
  const analyze = server.makeAnalyzeRpcFun("pack", "1", "mandatory", [one("a"), one("b")]);
  const request = () => fill(new messages.AnalyzeRequest());
  await ask(analyze, request());
  expect(seen[0]).not.toBe(seen[1]);

  readPropertiesOnce(load);
  seen.length = 0;
  await ask(analyze, request());
  await ask(analyze, request());
  expect(seen).toEqual(Array(4).fill({ a: { b: 1 } }));
  expect(seen[0]).toBe(seen[1]);
  expect(seen[1]).not.toBe(seen[2]);

  seen.length = 0;
  const stack = new messages.AnalyzeStackRequest();
  stack.addResources(fill(new messages.AnalyzerResource()));
  await ask(server.makeAnalyzeStackRpcFun("pack", "1", "mandatory", [whole("a"), whole("b")]), stack);
  expect(seen).toHaveLength(2);
  expect(seen[0]).toBe(seen[1]);
});

it("still tells what is not known", async () => {
  readPropertiesOnce(load);
  const { unknownCheckingProxy, unknownStringValue } = load("@pulumi/policy/proxy") as {
    unknownCheckingProxy(value: object): { a: string };
    unknownStringValue: string;
  };
  const properties = { a: unknownStringValue };
  for (const _ of [1, 2]) expect(() => unknownCheckingProxy(properties).a).toThrow("can't be known during preview");
});

it("does without functions that an SDK does not have", () => {
  expect(() => readPropertiesOnce(() => ({}))).not.toThrow();
});
