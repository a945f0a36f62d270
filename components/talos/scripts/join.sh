# A dedicated machine's first config (stdin). It waits in maintenance mode, where everybody may talk to it; FINGERPRINT,
# if set, makes sure that it is the right one. The authenticated API is tried first each time: that tells when it has
# joined, and after an interruption it finds a machine that is configured already. (Towards a machine in maintenance
# mode that ends in the TLS handshake, before anything is sent.)
. "$(dirname "$0")/library.sh"
read_config
[ -n "${FINGERPRINT:-}" ] || say "no certificateFingerprint is set: whoever answers at $NODE gets the secrets of a worker"

hand_over() {
  talosctl apply-config --insecure --nodes "$NODE" ${FINGERPRINT:+--cert-fingerprint "$FINGERPRINT"} \
    --file "$work/machine.yaml" 2>&1
}

handed_over=
until out=$(talos apply-config --mode auto --file "$work/machine.yaml" 2>&1); do
  authenticated=$out
  if [ -z "$handed_over" ] && out=$(hand_over); then
    handed_over=yes
    say "config accepted in maintenance mode; waiting for it to join"
  fi
  case $out in
    *"match the provided fingerprints"*)
      fail "the machine at $NODE shows another certificate than certificateFingerprint says. Do not go on before you know why: read the fingerprint on its console, then correct the setting. $out"
      ;;
    *"certificate required"*)
      case $authenticated in
        *x509*) fail "the machine at $NODE is configured by another cluster. Reset it there, or boot it into maintenance mode again. $out" ;;
      esac
      ;;
    *InvalidArgument*) fail "the machine refused its config: $out" ;;
  esac
  pause "It should wait in Talos maintenance mode at $NODE, port 50000, and reach the control planes over UDP 51820."
done
say "joined"
done_with_config
