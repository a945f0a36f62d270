import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attributes,
  block,
  concatenated,
  environment,
  reference,
  render,
} from "../../../../../components/observability/alloy/syntax";

const one = (values: Parameters<typeof attributes>[0]) => render([block("a", undefined, [attributes(values)])]);

describe("Alloy's language", () => {
  it("writes blocks with labels, blocks in blocks, and empty ones", () => {
    const text = render([
      block("loki.process", "pods", [
        attributes({ forward_to: [reference("loki.write.loki.receiver")] }),
        block("stage.cri", undefined, []),
      ]),
      block("loki.echo", "all", []),
    ]);
    expect(text).toBe(
      'loki.process "pods" {\n  forward_to = [loki.write.loki.receiver]\n  stage.cri { }\n}\n\nloki.echo "all" { }\n',
    );
  });

  it.each([
    ["a text", { a: 'say "hello"\n' }, 'a = "say \\"hello\\"\\n"'],
    ["a backslash", { a: "\\d+" }, 'a = "\\\\d+"'],
    ["a control character", { a: "\u0001" }, 'a = "\\u0001"'],
    ["a number", { a: -1.5 }, "a = -1.5"],
    ["a boolean", { a: true }, "a = true"],
    ["a list", { a: ["x", 1] }, 'a = ["x", 1]'],
    ["an empty list", { a: [] }, "a = []"],
    ["an empty object", { a: {} }, "a = {}"],
    ["a variable", { a: environment("NODE") }, 'a = sys.env("NODE")'],
    ["texts in a row", { a: concatenated("x=", environment("NODE")) }, 'a = "x=" + sys.env("NODE")'],
    ["an object", { a: { b: "c", "d-e": 1, true: 2 } }, 'a = {\n    b = "c",\n    "d-e" = 1,\n    "true" = 2,\n  }'],
    ["a list of objects", { a: [{ b: [] }] }, "a = [\n    {\n      b = [],\n    },\n  ]"],
  ])("writes %s", (_what, values, expected) => {
    expect(one(values)).toBe(`a {\n  ${expected}\n}\n`);
  });

  it("reads back as it was written, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const written = one({ a: text });
        expect(written.split("\n")).toHaveLength(4);
        expect(JSON.parse(/ = (".*")$/m.exec(written)![1]!)).toBe(text);
      }),
    );
  });

  it.each([
    ["a block", () => block("loki process", undefined, [])],
    ["a label", () => block("loki.write", "two words", [])],
    ["an attribute", () => one({ "a-b": 1 })],
    ["a reference", () => reference("loki")],
    ["a reference with more in it", () => reference('a.b" + "')],
  ])("refuses %s that is none", (_what, write) => {
    expect(write).toThrow(/no (block|label|attribute|reference) of Alloy/);
  });

  it("refuses what has no form in it", () => {
    expect(() => one({ a: Number.NaN })).toThrow("NaN");
    expect(() => one({ a: "\ud800" })).toThrow("half a character");
    expect(() => one({ a: { 'say "hello"': 1 } })).toThrow("no escapes");
  });
});
