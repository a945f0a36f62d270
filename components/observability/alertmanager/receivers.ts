/** Who is told, and how. Values that nobody may read are named by their secret. */
export type AlertmanagerReceiver = SlackReceiver | WebhookReceiver | PagerDutyReceiver | EmailReceiver;

export interface SlackReceiver {
  readonly name: string;
  readonly type: "slack";
  readonly channel: string;
  readonly urlSecret: string;
}

export interface WebhookReceiver {
  readonly name: string;
  readonly type: "webhook";
  readonly urlSecret: string;
}

export interface PagerDutyReceiver {
  readonly name: string;
  readonly type: "pagerduty";
  readonly routingKeySecret: string;
}

export interface EmailReceiver {
  readonly name: string;
  readonly type: "email";
  readonly to: string;
  readonly from: string;
  /** `host:port`. */
  readonly smarthost: string;
  readonly username: string;
  readonly passwordSecret: string;
}

/** The receiver that tells nobody: where an alert ends that has no other. */
export const NOBODY = "nobody";

/** The secret that a receiver needs, by its name in the settings. */
export function secretOf(receiver: AlertmanagerReceiver): string {
  switch (receiver.type) {
    case "slack":
    case "webhook":
      return receiver.urlSecret;
    case "pagerduty":
      return receiver.routingKeySecret;
    case "email":
      return receiver.passwordSecret;
  }
}

const HTTPS_PORT = 443;

/** Where outside a receiver is reached. */
export function portOf(receiver: AlertmanagerReceiver): number {
  return receiver.type === "email"
    ? Number(receiver.smarthost.slice(receiver.smarthost.lastIndexOf(":") + 1))
    : HTTPS_PORT;
}

/** As Alertmanager's configuration has it; secrets are read from files in `directory`. */
export function receiverConfig(receiver: AlertmanagerReceiver, directory: string): Record<string, unknown> {
  const file = `${directory}/${secretOf(receiver)}`;
  const common = { send_resolved: true };
  switch (receiver.type) {
    case "slack":
      return {
        name: receiver.name,
        slack_configs: [
          {
            ...common,
            api_url_file: file,
            channel: receiver.channel,
            title: SLACK_TITLE,
            text: SLACK_TEXT,
            color:
              '{{ if eq .Status "resolved" }}good{{ else if eq .CommonLabels.severity "critical" }}danger{{ else }}warning{{ end }}',
          },
        ],
      };
    case "webhook":
      return { name: receiver.name, webhook_configs: [{ ...common, url_file: file, max_alerts: MOST_ALERTS }] };
    case "pagerduty":
      return {
        name: receiver.name,
        pagerduty_configs: [
          { ...common, routing_key_file: file, severity: "{{ .CommonLabels.severity }}", description: PAGER_TEXT },
        ],
      };
    case "email":
      return {
        name: receiver.name,
        email_configs: [
          {
            ...common,
            to: receiver.to,
            from: receiver.from,
            smarthost: receiver.smarthost,
            auth_username: receiver.username,
            auth_password_file: file,
            require_tls: true,
          },
        ],
      };
  }
}

/** Of one notification by webhook: a node that goes takes hundreds of pods with it. */
const MOST_ALERTS = 50;

const SLACK_TITLE =
  '{{ if eq .Status "resolved" }}Resolved{{ else }}{{ .CommonLabels.severity }}{{ end }}: {{ .GroupLabels.alertname }} ({{ .CommonLabels.cluster }}, {{ len .Alerts }})';

/** What all have in common is said once; each then says what is its own. */
const SLACK_TEXT =
  "{{ with index .Alerts 0 }}{{ .Annotations.summary }}\n<{{ .Annotations.runbook_url }}|Runbook>{{ end }}{{ range .Alerts }}\n• {{ range (.Labels.Remove $.GroupLabels.Names).SortedPairs }}{{ .Name }} {{ .Value }}, {{ end }}{{ .Annotations.description }}{{ end }}";

const PAGER_TEXT = "{{ .GroupLabels.alertname }}: {{ (index .Alerts 0).Annotations.summary }}";
