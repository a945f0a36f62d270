import { expect, it } from "vitest";
import { listenFacts, plannedTcpRoutes } from "../../../stacks/settings/routes";
import { testSettings } from "../components/environment";

const setting = "services.kafka.gatewayPort";

it.each([
  ["a port for each broker", { enabled: true, brokers: 3, gatewayPort: 9094 }, [9094, 9095, 9096]],
  ["none without a first one", { enabled: true, brokers: 3 }, []],
  ["none while it is off", { enabled: false, brokers: 3, gatewayPort: 9094 }, []],
])("Kafka asks the gateway for %s", (_, kafka, ports) => {
  const settings = testSettings("dev", { kafka });
  expect(plannedTcpRoutes(settings)).toEqual(ports.map((port) => ({ port, setting })));
  expect(listenFacts(settings).tcpPorts).toEqual(ports);
});
