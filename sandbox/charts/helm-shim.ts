import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { quoted } from "../shell";
import { linksFolder } from "./links";

export interface ShimPlaces {
  /** Folder for the shim and its links; before the real helm on PATH. */
  bin: string;
  /** The real helm. */
  helm: string;
}

/** The program that finds a chart that no link is there for. */
const locate = join(__dirname, "locate.ts");

/** Flags of helm whose value is a word of its own. */
const flagsWithValue = [
  ...["-f", "--values", "--set", "--set-string", "--set-file", "--set-json", "--set-literal"],
  ...["-n", "--namespace", "-a", "--api-versions", "--kube-version", "--name-template", "-s", "--show-only"],
  ...["--output-dir", "--post-renderer", "--post-renderer-args", "--timeout", "--description", "-l", "--labels"],
  ...["--username", "--password", "--ca-file", "--cert-file", "--key-file", "--keyring", "--jsonpath"],
  ...["--kubeconfig", "--kube-context", "--registry-config", "--repository-cache", "--repository-config"],
];

/**
 * The sandbox's helm: `template`, `show` and `pull` of a chart in a repository or registry take the chart that the
 * kubernetes provider installs, be it from the mirror, the repository or its recorded shape. All else is helm's own.
 * A shell script, because it runs once for each chart, and starting anything larger would take longer than Helm does.
 */
export function shimScript({ bin, helm }: ShimPlaces): string {
  return `#!/bin/sh
helm=${quoted(helm)}
case "\${1-}" in
  template | show | inspect | pull | fetch) command=$1 ;;
  *) exec "$helm" "$@" ;;
esac

# The chart is the last word that is no flag.
chart= version= repo= destination=. at=0 count=0 expected=
for word do
  count=$((count + 1))
  case "$expected" in
    "") ;;
    *) eval "$expected=\\$word"; expected=; continue ;;
  esac
  case "$word" in
    --version) expected=version ;;
    --repo) expected=repo ;;
    -d | --destination) expected=destination ;;
    --version=*) version=\${word#*=} ;;
    --repo=*) repo=\${word#*=} ;;
    --destination=*) destination=\${word#*=} ;;
    ${flagsWithValue.join(" | ")}) expected=other ;;
    -*) ;;
    *) chart=$word at=$count ;;
  esac
done
case "$chart" in
  "$command" | . | .. | ./* | ../* | /* | *.tgz) exec "$helm" "$@" ;;
esac

name=$(printf '%s' "$repo $chart $version" | LC_ALL=C tr -c 'A-Za-z0-9._-' _)
path=$(readlink ${quoted(linksFolder(bin))}/"$name") && [ -e "$path" ] ||
  path=$(${quoted(process.execPath)} --require ${quoted(require.resolve("tsx/cjs"))} ${quoted(locate)} "$chart" "$version" "$repo") || exit 1

if [ "$command" = pull ] || [ "$command" = fetch ]; then
  [ -d "$path" ] || exec cp "$path" "$destination/"
  exec "$helm" package "$path" --destination "$destination" >/dev/null
fi
# The same words with the chart's place, and without those that say where else it is.
count=0 expected=
for word do
  count=$((count + 1))
  [ $count -eq 1 ] && set --
  [ -n "$expected" ] && { expected=; continue; }
  case "$word" in
    --version | --repo) expected=dropped; continue ;;
    --version=* | --repo=*) continue ;;
  esac
  [ $count -eq $at ] && word=$path
  set -- "$@" "$word"
done
exec "$helm" "$@"
`;
}

/** Writes the shim where it is not there as it should be; its time of change stays otherwise. */
export async function ensureHelmShim(places: ShimPlaces): Promise<void> {
  const file = join(places.bin, "helm");
  const script = shimScript(places);
  if ((await readFile(file, "utf8").catch(() => undefined)) === script) return;
  await mkdir(linksFolder(places.bin), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, script);
  await chmod(temporary, 0o755);
  await rename(temporary, file);
}
