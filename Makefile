# Two commands: `make sandbox` brings the dev stack up on this machine, `make test` runs everything that CI runs.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: sandbox test lint bench clean

sandbox: node_modules/.package-lock.json
	@node --require tsx/cjs sandbox/cli/main.ts up

test: node_modules/.package-lock.json
	@node --require tsx/cjs test/run.ts

lint: node_modules/.package-lock.json
	@biome check --error-on-warnings .
	@tsc --noEmit

bench: node_modules/.package-lock.json
	@node --require tsx/cjs sandbox/bench/main.ts

# npm touches this file at the end of every install.
node_modules/.package-lock.json: package.json package-lock.json policy/package.json
	@echo "installing the pinned Node packages (once, about a minute)"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

clean:
	@for stack in .sandbox/*/daemon.json; do \
	  [ -e "$$stack" ] && node --require tsx/cjs sandbox/cli/main.ts stop --stack "$$(basename "$$(dirname "$$stack")")"; \
	done; true
	@rm -rf .sandbox
