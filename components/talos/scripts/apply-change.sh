# A changed config (stdin): applies it, and waits until the machine is back if it had to reboot.
. "$(dirname "$0")/library.sh"
read_config
apply_config
wait_for_reboot
done_with_config
