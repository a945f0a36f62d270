import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldStages, firstLine } from "../../../../../components/observability/alloy/stages";
import { render } from "../../../../../components/observability/alloy/syntax";
import { LOKI_INDEX_LABELS, LOKI_METADATA } from "../../../../../components/observability/labels";

describe("where an entry of several lines begins", () => {
  const begins = new RegExp(firstLine(["Caused by:", "}", "]", ")"]), "u");

  it.each([
    "2026-01-01 error",
    "{",
    '{"a":1}',
    "Exception in thread",
    "Caused",
    "Caused by",
    "Cat",
    "C",
    "[x]",
    "^",
    "-",
  ])("%j begins one", (line) => {
    expect(line).toMatch(begins);
  });

  it.each(["", " at a.b(C.java:1)", "\tat x", "Caused by: java.lang.Error", "}", "})", "]", ") more"])(
    "%j goes on with the one before",
    (line) => {
      expect(line).not.toMatch(begins);
    },
  );

  it("is exactly: neither white space nor one of the texts", () => {
    const letters = fc.constantFrom("a", "b", "]", "^", "-", "\\", " ", ".");
    const text = fc.string({ unit: letters, minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.string({ unit: letters, maxLength: 5 }),
        (texts, line) => {
          const expected = line !== "" && !/^\s/.test(line) && !texts.some((each) => line.startsWith(each));
          expect(new RegExp(firstLine(texts)).test(line)).toBe(expected);
        },
      ),
    );
  });

  it("says it without what Go's expressions do not know", () => {
    expect(firstLine(["Caused by:"])).not.toMatch(/\(\?[!=<]/);
  });
});

describe("the fields of a line", () => {
  const text = render(fieldStages());

  it("end as our labels and metadata, and nothing else", () => {
    expect(text).toContain(`values = [${LOKI_INDEX_LABELS.map((label) => `"${label}"`).join(", ")}]`);
    const metadata = /stage\.structured_metadata \{\n {2}values = \{\n([^}]*)\}/.exec(text)![1]!;
    expect([...metadata.matchAll(/(\w+) = ""/g)].map(([, name]) => name)).toEqual(LOKI_METADATA);
  });

  it("quotes names with a dot for JMESPath", () => {
    expect(text).toContain('trace_id || traceId || traceID || \\"trace.id\\"');
  });

  it("gives levels one name each", () => {
    expect(text).toContain('{{ if eq $level \\"10\\" }}trace{{ else if eq $level \\"20\\" }}debug');
    expect(text).toContain("{{ else }}{{ $level }}{{ end }}");
  });
});
