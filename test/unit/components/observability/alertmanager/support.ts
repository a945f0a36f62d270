import * as pulumi from "@pulumi/pulumi";
import { consumerOf } from "../../../../../components/kit/service";
import { Alertmanager, type AlertmanagerArgs } from "../../../../../components/observability/alertmanager";
import { fakeSecrets, namespaces } from "../../platform/objects/capabilities";
import { type Recorder, record } from "../../recorder";

class Stub extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Stub", name);
  }
}

export type Asked = ReturnType<typeof fakeSecrets>["asked"];

/** An Alertmanager of an environment of three servers or one, with somebody who sends it alerts. */
export async function renderAlertmanager(
  args: Pick<AlertmanagerArgs, "receivers" | "routes"> & Partial<AlertmanagerArgs>,
  asked: Asked = [],
): Promise<Recorder> {
  return record(() => {
    const all = namespaces((args.replicas ?? 1) > 1 ? "prod" : "dev");
    const source = fakeSecrets();
    const alertmanager = new Alertmanager("alertmanager", {
      namespaces: all,
      operator: new Stub("operator"),
      secrets: source.secrets,
      ...args,
    });
    asked.push(...source.asked);
    const about = { software: "prometheus", component: "metrics", namespace: all.get("observability") };
    alertmanager.openAlerts(consumerOf("prometheus", about), alertmanager);
  });
}
