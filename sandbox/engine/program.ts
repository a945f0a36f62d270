import path from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { repository } from "../paths";

/** The project's own program, with the time that its code takes. */
export interface Program {
  /** Reads the program's files; the engine's first question then finds them in memory. */
  load(): void;
  run: PulumiFn;
  /** Milliseconds since the last call of this function in which the program was read or ran. */
  elapsed(): number;
}

type Require = (file: string) => unknown;

/** `index.ts`, run in this process when the engine asks for it. `read` and `now` are there for tests. */
export function projectProgram(read: Require = require, now: () => number = () => performance.now()): Program {
  let milliseconds = 0;
  let main: PulumiFn | undefined;
  const load = (): PulumiFn => {
    if (main) return main;
    const started = now();
    main = read(path.join(repository, "index")) as PulumiFn;
    milliseconds += now() - started;
    return main;
  };
  return {
    load,
    run: async () => {
      const loaded = load();
      const started = now();
      try {
        return await loaded();
      } finally {
        milliseconds += now() - started;
      }
    },
    elapsed: () => {
      const result = milliseconds;
      milliseconds = 0;
      return result;
    },
  };
}
