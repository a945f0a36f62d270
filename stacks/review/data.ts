import { ONLY_GROWS_KINDS } from "../../components/platform/storage/only-grows-expressions";

/** What a preview says of data: what it leaves in the cluster, and what it deletes for good. */
export interface DataChanges {
  /** Objects that leave the program and stay in the cluster. */
  stay: string[];
  /** Databases that go; their volumes stay. */
  go: string[];
  /** Services whose data is deleted. */
  deleted: string[];
}

/** ` -  kubernetes:core/v1:Namespace vec delete[retain]`: sign, type, name, what is done. */
const line = /^\s*(\S{1,2})\s+(\S+:\S+:\S+)\s+(\S+)\s+(.*)$/;

const retained = /\[retain\]/;
const removal = "orrery:platform:DataRemoval";
const removalPrefix = "delete-all-data-of-";

/** Custom resources of which an operator makes volumes, in any version. */
function isDatabase(type: string): boolean {
  const [, group, kind] = /^kubernetes:([^/]+)\/[^:]+:(\w+)$/.exec(type) ?? [];
  return ONLY_GROWS_KINDS.some((each) => each.group === group && each.kind === kind);
}

/** @param changes the preview's text, a line for each resource */
export function dataChanges(changes: string): DataChanges {
  const found: DataChanges = { stay: [], go: [], deleted: [] };
  for (const text of changes.split("\n")) {
    const [, sign, type = "", name = "", done = ""] = line.exec(text) ?? [];
    const kind = type.split(":").at(-1);
    if (sign === "-" && retained.test(done)) add(found.stay, `${kind} ${name}`);
    else if (sign === "-" && isDatabase(type)) add(found.go, `${kind} ${name}`);
    else if (sign === "+" && type === removal) add(found.deleted, name.replace(removalPrefix, ""));
  }
  return found;
}

/** A line may stand twice: when the engine begins with a resource, and when it is done. */
function add(list: string[], entry: string): void {
  if (!list.includes(entry)) list.push(entry);
}

/** Markdown; undefined where no data is touched. */
export function renderData({ stay, go, deleted }: DataChanges): string | undefined {
  const parts = [
    ...(deleted.length === 0
      ? []
      : [
          `**Data that is DELETED, for good:**\n\n${bullets(
            deleted.map((name) => `all data of ${name}: every claim and volume that it has`),
          )}`,
        ]),
    ...(stay.length + go.length === 0
      ? []
      : [
          `**Data that stays** and costs money (docs/data.md says how to bring it back, and how to delete it):\n\n${bullets(
            [
              ...stay.map((what) => `${what} is let go and stays in the cluster`),
              ...go.map((what) => `${what} goes; its volumes stay`),
            ],
          )}`,
        ]),
  ];
  return parts.length === 0 ? undefined : parts.join("\n\n");
}

function bullets(lines: readonly string[]): string {
  return lines.map((each) => `- ${each}`).join("\n");
}
