import { type Rule, rule } from "./rule";

function mirrorIsWellFormed(mirror: string): boolean {
  if (/^(https?|oci):\/\/[^\s/]+(\/\S*)?$/.test(mirror)) return URL.canParse(mirror);
  return /^(\/|\.\.?(\/|$))\S*$/.test(mirror);
}

export const chartRules: Rule[] = [
  rule("chart-mirror", ({ charts: { mirror } }) =>
    mirror === undefined || mirrorIsWellFormed(mirror)
      ? []
      : [
          {
            path: "charts.mirror",
            value: mirror,
            message: "This is neither an address nor a directory.",
            allowed: "https://, http:// or oci:// and a host; or a directory that begins with / or ./ or ../",
            fix: "Write e.g. https://charts.example.com or ./charts.",
          },
        ],
  ),
];
