import { text } from "node:stream/consumers";
import { ImageBuildRequest } from "./build-request";
import { ImageBuilder } from "./builder";

/**
 * Run by TalosImage's command: `build.ts create` finds or makes the snapshot and prints `{"imageId": <id>}`, `build.ts
 * delete` removes it. The request comes on stdin, progress goes to stderr.
 */
async function main(mode: string | undefined): Promise<void> {
  const request = ImageBuildRequest.parse(JSON.parse(await text(process.stdin)));
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  const report = (line: string) => console.error(`Talos ${request.version} ${request.architecture} image: ${line}`);
  const builder = new ImageBuilder(request, report, interrupted.signal);
  if (mode === "create") {
    console.log(JSON.stringify({ imageId: await builder.findOrBuild() }));
  } else if (mode === "delete") {
    await builder.remove();
  } else {
    throw new Error(`build.ts: "${mode}" is not a mode; use create or delete.`);
  }
}

main(process.argv[2]).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
