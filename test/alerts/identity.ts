import type { AreaCases } from "./case";

const up = (pod: string) => `up{namespace="auth",service="keycloak",pod="${pod}"}`;
const answers = (outcome: string) =>
  `http_server_requests_seconds_count{namespace="auth",pod="k",outcome="${outcome}"}`;

export const identityCases: AreaCases = {
  area: "identity",
  alerts: [
    {
      alert: "IdentityDown",
      fires: { series: { [up("a")]: "0x10", [up("b")]: "0x10" }, minute: 8, labels: {} },
      quiet: { series: { [up("a")]: "0x10", [up("b")]: "1x10" }, minute: 8 },
    },
    {
      alert: "IdentityErrors",
      fires: {
        series: { [answers("SUCCESS")]: "0+90x20", [answers("SERVER_ERROR")]: "0+10x20" },
        minute: 18,
        labels: {},
      },
      quiet: { series: { [answers("SUCCESS")]: "0+90x20", [answers("CLIENT_ERROR")]: "0+50x20" }, minute: 18 },
    },
    {
      alert: "IdentityWaitsForDatabase",
      fires: {
        series: { 'agroal_awaiting_count{namespace="auth",pod="k",datasource="default"}': "3x15" },
        minute: 12,
        labels: { pod: "k" },
      },
      quiet: {
        series: { 'agroal_awaiting_count{namespace="auth",pod="k",datasource="default"}': "3 0 3 0x15" },
        minute: 12,
      },
    },
  ],
};
