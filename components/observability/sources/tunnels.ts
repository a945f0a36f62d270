import type { MetricsSource } from "../../kit/signals";

/** Cloudflare's tunnel. */
export const cloudflaredSource: MetricsSource = {
  source: "cloudflared",
  known: "source of github.com/cloudflare/cloudflared: connection/metrics.go, proxy/metrics.go, supervisor/metrics.go",
  metrics: [
    "cloudflared_tunnel_ha_connections",
    "cloudflared_tunnel_total_requests",
    "cloudflared_tunnel_request_errors",
    "cloudflared_tunnel_response_by_code",
    "cloudflared_tunnel_concurrent_requests_per_tunnel",
    "cloudflared_tunnel_tunnel_register_success",
    "cloudflared_tunnel_server_locations",
  ],
};

/** Tailscale's proxies. */
export const tailscaleSource: MetricsSource = {
  source: "Tailscale 1.102.3",
  known: "source of tailscale.com 1.102.3: metrics of tailscaled",
  metrics: [
    "tailscaled_health_messages",
    "tailscaled_inbound_bytes_total",
    "tailscaled_outbound_bytes_total",
    "tailscaled_inbound_packets_total",
    "tailscaled_outbound_packets_total",
    "tailscaled_inbound_dropped_packets_total",
    "tailscaled_outbound_dropped_packets_total",
    "tailscaled_advertised_routes",
    "tailscaled_approved_routes",
  ],
};
