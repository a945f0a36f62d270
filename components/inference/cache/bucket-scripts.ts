/** Steps of a Job that uses the bucket, for MinIO's client: HERE and THERE are the model's places. Each may run again. */

const MANIFEST = ".orrery.json";

/** The manifest comes last when a model goes in: where it is, everything is. */
export function lookScript(mustBeThere: boolean): string {
  return [
    `if [ -e "$HERE/${MANIFEST}" ]; then echo "$HERE is there already"; exit 0; fi`,
    `found=$(mcli ls "$THERE/${MANIFEST}")`,
    'if [ -z "$found" ]; then',
    mustBeThere
      ? '  echo "error: $THERE is not in the bucket: the Job that fetches it for another machine has not put it there" >&2; exit 1'
      : '  echo "$THERE is not in the bucket yet"; exit 0',
    "fi",
    'mkdir -p "$HERE.partial/files"',
    `mcli cp --quiet "$THERE/${MANIFEST}" "$HERE.partial/files/${MANIFEST}"`,
  ].join("\n");
}

/** What is there in the same size stays; it is verified afterwards. */
export const copyScript = [
  `if [ ! -e "$HERE.partial/files/${MANIFEST}" ]; then exit 0; fi`,
  'mcli mirror --quiet --overwrite "$THERE/" "$HERE.partial/files/"',
].join("\n");

export const uploadScript = [
  `mcli mirror --quiet --overwrite --exclude "${MANIFEST}" "$HERE/" "$THERE/"`,
  `mcli cp --quiet "$HERE/${MANIFEST}" "$THERE/${MANIFEST}"`,
].join("\n");
