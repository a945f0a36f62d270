import { enableCompileCache } from "node:module";
import path from "node:path";
import { sandboxRoot } from "../paths";

/**
 * Compiled code of every file that is loaded is kept, here and in everything that is started from here: the providers,
 * the daemon, the policy pack. Nearly half of the time before the first resource is spent on reading JavaScript.
 */
const directory = path.join(sandboxRoot, "cache", "compiled");
process.env.NODE_COMPILE_CACHE ??= directory;
enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
