import { JSON_FIELDS, LEVEL_NAMES } from "../agents/fields";
import { LOKI_INDEX_LABELS, LOKI_METADATA } from "../labels";
import { attributes, type Block, block } from "./syntax";

/** The same in logfmt, which has no "or": the one that nearly all programs write. */
const LOGFMT_FIELDS = { level: "level", trace_id: "trace_id", span_id: "span_id" } as const;

/** What a line says about itself, in JSON, logfmt or Kubernetes' own form, becomes structured metadata. */
export function fieldStages(): Block[] {
  return [
    stage("json", {
      expressions: Object.fromEntries(Object.entries(JSON_FIELDS).map(([field, names]) => [field, anyOf(names)])),
    }),
    block("stage.match", undefined, [
      attributes({ selector: '{namespace=~".+"} |~ "^[a-z_]+=.*\\\\blevel=|^level="', pipeline_name: "logfmt" }),
      stage("logfmt", { mapping: LOGFMT_FIELDS }),
    ]),
    block("stage.match", undefined, [
      attributes({ selector: '{namespace=~".+"} |~ "^[IWEF][0-9]{4} [0-9:.]+ "', pipeline_name: "klog" }),
      stage("regex", { expression: "^(?P<level>[IWEF])" }),
    ]),
    stage("template", { source: "level", template: levelTemplate() }),
    stage("structured_metadata", {
      values: Object.fromEntries(LOKI_METADATA.map((name) => [name, ""])),
    }),
    stage("label_keep", { values: [...LOKI_INDEX_LABELS] }),
  ];
}

/** JMESPath: the first one that is there. A name that is more than letters stands in quotation marks. */
function anyOf(names: readonly string[]): string {
  return names.map((name) => (/^\w+$/.test(name) ? name : `"${name}"`)).join(" || ");
}

function levelTemplate(): string {
  const cases = Object.entries(LEVEL_NAMES).map(([from, to]) => `if eq $level "${from}" }}${to}{{ else `);
  return `{{ $level := ToLower .Value }}{{ ${cases.join("")}}}{{ $level }}{{ end }}`;
}

/** A stage of a pipeline. */
export function stage(name: string, values: Parameters<typeof attributes>[0] = {}): Block {
  return block(`stage.${name}`, undefined, Object.keys(values).length === 0 ? [] : [attributes(values)]);
}

/** Lines that go on with the one before, beside those that begin with a space: the causes in Java's stack traces. */
const CONTINUATIONS = ["Caused by:", "}", "]", ")"];

/** Stack traces and whatever else is indented stay one entry with the line that they belong to. */
export function multilineStage(): Block {
  return stage("multiline", { firstline: firstLine(CONTINUATIONS), max_wait_time: "1s", max_lines: 500 });
}

/**
 * Matches a line that begins with neither white space nor one of the texts. Go's expressions cannot say "not followed
 * by", so it says each way to differ from the texts: as soon as possible, letter by letter.
 */
export function firstLine(texts: readonly string[]): string {
  const visible = texts.filter((text) => /^\S/.test(text));
  return `^(?:${differing(visible, "\\s").join("|")})`;
}

function differing(texts: readonly string[], also = ""): string[] {
  const starts = [...new Set(texts.map((text) => text.charAt(0)))];
  const other = `[^${also}${starts.map(inClass).join("")}]`;
  const further = starts.flatMap((start) => {
    const rests = texts.filter((text) => text.startsWith(start)).map((text) => text.slice(1));
    // The whole text is there: the line goes on with the one before.
    if (rests.includes("")) return [];
    return [`${literal(start)}(?:${[...differing(rests), "$"].join("|")})`];
  });
  return [other, ...further];
}

function inClass(letter: string): string {
  return /[\\\]^-]/.test(letter) ? `\\${letter}` : letter;
}

function literal(letter: string): string {
  return /[\\^$.*+?()[\]{}|]/.test(letter) ? `\\${letter}` : letter;
}
