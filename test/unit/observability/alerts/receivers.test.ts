import { describe, expect, it } from "vitest";
import { objectiveExpression } from "../../../../components/observability/rules/gateway";
import { renderSettingsMarkdown } from "../../../../stacks/docs/settings-md";
import { parseSettings, SettingsError } from "../../../../stacks/settings";
import { neededSecrets } from "../../../../stacks/settings/secrets";

const receivers = [
  { name: "team", type: "slack", channel: "#alerts", urlSecret: "slack-url" },
  { name: "pager", type: "pagerduty", routingKeySecret: "pager-key" },
];
const input = (observability: object, secrets: object = {}) => ({
  environment: "dev",
  cluster: { name: "demo", domain: "demo.example.com" },
  access: { adminCidrs: ["203.0.113.7/32"] },
  pools: [{ name: "general", count: 2, serverType: "cpx42", locations: ["fsn1"] }],
  observability,
  secrets,
});
const values = { "slack-url": "a", "pager-key": "b" };
const alerts = { receivers, routes: { critical: ["pager"], warning: ["team"] } };

function problems(settings: object) {
  try {
    parseSettings(settings);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(({ rule, path }) => `${rule} ${path}`);
    throw error;
  }
}

describe("receivers of alerts", () => {
  it("ask for their secrets by the names that the settings give them", () => {
    const settings = parseSettings(input({ enabled: true, alerts }, { values }));
    expect(neededSecrets(settings)).toEqual([
      {
        name: "slack-url",
        what: 'webhook address of Slack of the receiver "team"',
        setting: "observability.alerts.receivers[0]",
      },
      {
        name: "pager-key",
        what: 'routing key of PagerDuty of the receiver "pager"',
        setting: "observability.alerts.receivers[1]",
      },
    ]);
  });

  it("each missing secret is said; while the layer is off none is needed", () => {
    expect(problems(input({ enabled: true, alerts }))).toEqual([
      'secret-missing secrets.values["slack-url"]',
      'secret-missing secrets.values["pager-key"]',
    ]);
    expect(problems(input({ enabled: false, alerts }))).toEqual([]);
  });

  it("a receiver without its field for the secret is refused by its shape", () => {
    const { urlSecret: _, ...without } = receivers[0]!;
    expect(problems(input({ enabled: true, alerts: { ...alerts, receivers: [without] } }))).toContain(
      "required observability.alerts.receivers[0].urlSecret",
    );
  });

  it("docs/settings.md has every field of every kind, and says whose it is", () => {
    const rows = renderSettingsMarkdown().split("\n");
    const row = (field: string) => rows.find((line) => line.includes(`\`observability.alerts.receivers[].${field}\``));
    expect(row("type")).toContain("one of slack, webhook, pagerduty, email");
    expect(row("urlSecret")).toContain("Of slack and webhook:");
    expect(row("smarthost")).toContain("Of email:");
    expect(row("name")).not.toContain("Of ");
  });
});

describe("the objective of routes", () => {
  it.each([
    [99.9, "vector(0.999)"],
    [99.99, "vector(0.9999)"],
    [99.999, "vector(0.99999)"],
    [90, "vector(0.9)"],
  ])("%s", (percent, expression) => {
    expect(objectiveExpression(percent)).toBe(expression);
  });
});
