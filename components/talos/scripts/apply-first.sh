# First contact after the machine was made: waits for its API, then makes sure that it has this config (stdin).
. "$(dirname "$0")/library.sh"
read_config
apply_config
done_with_config
