import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemImages } from "./catalog-images";
import type { Sandbox, Tables } from "./records";

const tableNames = [
  "networks",
  "firewalls",
  "placement_groups",
  "primary_ips",
  "ssh_keys",
  "images",
  "volumes",
  "servers",
  "load_balancers",
  "actions",
] as const satisfies (keyof Tables)[];

type AllTables = { [K in keyof Tables]: Map<number, Tables[K]> };

interface File {
  version: 1;
  nextId: number;
  addressCursor: number;
  sandbox: Sandbox;
  tables: { [K in keyof Tables]: Tables[K][] };
}

/** Finished actions that are kept for who still asks; the older ones are forgotten. */
const keptActions = 500;

/**
 * The account's state: in memory, and after each change in one JSON file that is replaced as a whole, so that whoever
 * is killed at any moment finds the state before or after a change, never half of it.
 */
export class Store {
  readonly tables: AllTables;
  sandbox: Sandbox;
  /** Where the search for a free public address goes on: a released address is not handed out again at once. */
  addressCursor: number;
  private nextId: number;
  private dirty = false;
  private readonly path: string;

  constructor(dir: string) {
    mkdirSync(dir, { recursive: true });
    this.path = join(dir, "hetzner.json");
    const file = read(this.path);
    this.nextId = file?.nextId ?? 1_000_001;
    this.addressCursor = file?.addressCursor ?? 0;
    this.sandbox = file?.sandbox ?? { faults: [], soldOut: [], neverBoots: [], schematics: [] };
    this.tables = load(file);
    for (const image of systemImages()) {
      this.tables.images.set(image.id, image);
    }
  }

  newId(): number {
    this.touch();
    return this.nextId++;
  }

  all<K extends keyof Tables>(table: K): Tables[K][] {
    return [...this.tables[table].values()] as Tables[K][];
  }

  get<K extends keyof Tables>(table: K, id: number): Tables[K] | undefined {
    return this.tables[table].get(id) as Tables[K] | undefined;
  }

  put<K extends keyof Tables>(table: K, record: Tables[K]): Tables[K] {
    (this.tables[table] as Map<number, Tables[K]>).set(record.id, record);
    this.touch();
    return record;
  }

  remove(table: keyof Tables, id: number): void {
    this.tables[table].delete(id);
    this.touch();
  }

  /** To be called after a record was changed in place. The write itself is done once for all changes of this turn. */
  touch(): void {
    if (this.dirty) {
      return;
    }
    this.dirty = true;
    setImmediate(() => this.flush());
  }

  /** Writes what has changed; the API calls it before it answers, so that nothing that was promised gets lost. */
  flush(): void {
    if (!this.dirty) {
      return;
    }
    this.dirty = false;
    this.forgetOldActions();
    const file: File = {
      version: 1,
      nextId: this.nextId,
      addressCursor: this.addressCursor,
      sandbox: this.sandbox,
      tables: Object.fromEntries(tableNames.map((name) => [name, this.all(name)])) as File["tables"],
    };
    const next = `${this.path}.next`;
    // User data and rescue passwords are in it: nobody else's business.
    writeFileSync(next, JSON.stringify(file), { mode: 0o600 });
    renameSync(next, this.path);
  }

  private forgetOldActions(): void {
    const finished = this.all("actions").filter((action) => action.status !== "running");
    for (const action of finished.slice(0, Math.max(0, finished.length - keptActions))) {
      this.tables.actions.delete(action.id);
    }
  }
}

function read(path: string): File | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
  try {
    return JSON.parse(text) as File;
  } catch {
    throw new Error(
      `The simulated Hetzner's state ${path} is not valid JSON. It is only ever replaced as a whole, so something else ` +
        "wrote to it: restore it, or delete it to start with an empty account.",
    );
  }
}

function load(file: File | undefined): AllTables {
  const entries = tableNames.map((name) => {
    const rows: { id: number }[] = file?.tables[name] ?? [];
    return [name, new Map(rows.map((row) => [row.id, row]))];
  });
  return Object.fromEntries(entries) as AllTables;
}
