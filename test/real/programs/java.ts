import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { cached, run } from "./cache";

/** By its coordinates a plugin is the same one everywhere, whatever Maven's own default is. */
const DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/** What is missing on this machine to run Java programs of Maven Central, in one sentence; undefined when nothing is. */
export function javaMissing(leastVersion = 17): string | undefined {
  const version = javaVersion();
  if (version === undefined) return "no Java on this machine";
  if (version < leastVersion) return `Java ${version} on this machine, ${leastVersion} is needed`;
  return spawnSync("mvn", ["--version"], { stdio: "ignore" }).status === 0 ? undefined : "no Maven on this machine";
}

/** The `java` to run: of JAVA_HOME, or of PATH. */
export function java(): string {
  const home = process.env.JAVA_HOME;
  return home === undefined || home === "" ? "java" : path.join(home, "bin", "java");
}

/** The first number of its version; undefined where there is none. */
function javaVersion(): number | undefined {
  // It answers on stderr.
  const { status, stderr } = spawnSync(java(), ["-version"], { encoding: "utf8" });
  const found = status === 0 ? /version "(?:1\.)?(\d+)/.exec(stderr) : null;
  return found === null ? undefined : Number(found[1]);
}

/**
 * The jars of `group:artifact:version[:classifier]`s and of all that they need at run time. Maven checks what it
 * downloads; the second time nothing is.
 */
export async function mavenClasspath(coordinates: readonly string[]): Promise<string[]> {
  const pom = projectObjectModel(coordinates);
  const name = `maven-${createHash("sha256").update(pom).digest("hex").slice(0, 16)}`;
  const folder = await cached(name, async (root, scratch) => {
    await writeFile(path.join(scratch, "pom.xml"), pom);
    const goal = `${DEPENDENCY_PLUGIN}:copy-dependencies`;
    const options = ["-DincludeScope=runtime", `-DoutputDirectory=${root}`];
    await run("mvn", ["--batch-mode", "--quiet", "--strict-checksums", goal, ...options], { cwd: scratch });
  });
  const files = await readdir(folder);
  return files.filter((file) => file.endsWith(".jar")).map((file) => path.join(folder, file));
}

function projectObjectModel(coordinates: readonly string[]): string {
  const dependencies = coordinates.map((each) => {
    const [group, artifact, version, classifier] = each.split(":");
    if (group === undefined || artifact === undefined || version === undefined) {
      throw new Error(
        `Maven coordinates "${each}": allowed is group:artifact:version or group:artifact:version:classifier.`,
      );
    }
    const parts = {
      groupId: group,
      artifactId: artifact,
      version,
      ...(classifier === undefined ? {} : { classifier }),
    };
    return `<dependency>${elements(parts)}</dependency>`;
  });
  const project = { modelVersion: "4.0.0", groupId: "orrery", artifactId: "classpath", version: "1", packaging: "pom" };
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0">',
    elements(project),
    `<dependencies>${dependencies.join("")}</dependencies>`,
    "</project>",
    "",
  ].join("\n");
}

function elements(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join("");
}
